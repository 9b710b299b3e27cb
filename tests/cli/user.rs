//! `gaung user add`: the first admin, a password that is shown once or never, and what is refused.

use serde_json::json;

use super::run::Site;
use crate::support::database::Engine;

const SITI: [&str; 6] = ["user", "add", "--email", "siti@kemencontoh.example", "--name", "Siti Rahma"];

fn add<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SITI[..], more].concat()
}

async fn the_first_admin_of_an_empty_installation(engine: Engine) {
    let site = Site::new(engine);
    site.run(&add(&["--role", "admin"])).ends(1).complains("gaung import units").complains("--create-root-unit NAME");
    let arguments = add(&["--role", "admin", "auditor", "--create-root-unit", "Kementerian Contoh", "--format", "json"]);
    let added = site.run(&arguments).ends(0).json();
    assert_eq!(added["email"], "siti@kemencontoh.example");
    assert_eq!(added["roles"], json!([{ "role": "admin", "unit": "KEMENCONTOH" }, { "role": "auditor", "unit": "KEMENCONTOH" }]));
    assert_eq!(added["password"].as_str().unwrap().len(), 23);
    site.run(&add(&["--role", "admin"])).ends(1).complains("exists already");
    let again = ["user", "add", "--email", "b@c.example", "--name", "B", "--role", "lead", "--create-root-unit", "X"];
    site.run(&again).ends(1).complains("KEMENCONTOH at the root");
}

async fn a_given_password_is_never_shown(engine: Engine) {
    let site = Site::new(engine);
    let password = "kuda baterai staples benar";
    let path = site.file("password", &format!("{password}\nsecond line\n"));
    let root =
        ["--role", "lead@pusat", "--create-root-unit", "Pusat", "--password-file", path.to_str().unwrap(), "--format", "json"];
    let ran = site.run(&add(&root)).ends(0);
    assert_eq!(ran.json()["roles"], json!([{ "role": "lead", "unit": "pusat" }]));
    assert!(ran.json()["password"].is_null());
    assert!(!ran.out.contains(password) && !ran.err.contains(password));
    let budi =
        ["user", "add", "--email", "budi@kemencontoh.example", "--name", "Budi", "--role", "approver@PUSAT", "--password-stdin"];
    site.run_with_input(&budi, "pendek\n").ends(1).complains("password: a password needs at least 12 characters");
    let ran = site.run_with_input(&budi, &format!("{password}\n")).ends(0);
    assert!(ran.out.contains("approver at pusat") && !ran.out.contains(password), "{ran:?}");
}

async fn what_cannot_be_is_refused_and_nothing_is_added(engine: Engine) {
    let site = Site::new(engine);
    site.run(&add(&["--role", "admin", "--create-root-unit", "Pusat"])).ends(0);
    let user = |email: &'static str, role: &'static str| {
        let ran = site.run(&["user", "add", "--email", email, "--name", "Budi", "--role", role]);
        (ran.code, ran.err)
    };
    let (code, said) = user("bukan alamat", "lead");
    assert!(code == Some(1) && said.contains("email:"), "{said}");
    let (code, said) = user("budi@kemencontoh.example", "lead@TIDAK-ADA");
    assert!(code == Some(1) && said.contains("there is no unit TIDAK-ADA"), "{said}");
    let (code, said) = user("budi@kemencontoh.example", "boss");
    assert!(code == Some(2) && said.contains("admin, lead, approver, coordinator, auditor"), "{said}");
    let ran =
        site.run(&["user", "add", "--email", "budi@kemencontoh.example", "--name", "Budi", "--role", "lead", "--zone", "Mars"]);
    ran.ends(1).complains("zone:");
    assert_eq!(user("budi@kemencontoh.example", "lead").0, Some(0), "it was not added before");
}

on_both!(
    the_first_admin_of_an_empty_installation,
    a_given_password_is_never_shown,
    what_cannot_be_is_refused_and_nothing_is_added
);
