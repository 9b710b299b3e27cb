//! Death at each step of an erasure: afterwards the person is either there as a whole or found nowhere, and in the end nowhere; the
//! list outside of the database names them; every proof still holds.

use std::ops::ControlFlow;
use std::time::Instant;

use diesel::prelude::*;
use gaung::cli::Directory;
use gaung::domain::member::MemberState;
use gaung::ledger::verify::{Given, InTurn, Verdict, verify};
use gaung::service::seal::export::export;
use gaung::store::schema::accounts;

use super::checker::Report;
use super::ground::Case;
use crate::support::process::site::Site;
use crate::support::traces::{in_files, in_rows};

const TRACES: [&str; 3] = ["quaggaworth", "vanity-quagga", "quaggahandle"];

/// The steps in their order; the first two are of the transaction, the others of the sweep after it.
const STEPS: [&str; 6] =
    ["erase.before_commit", "erase.committed", "erase.before_list", "erase.listed", "erase.before_sweep", "erase.swept"];

pub async fn steps(case: Case) -> Report {
    let site = Site::fresh(case.engine, &[]);
    let crowd = site.opened("b", 6).await;
    let world = &site.world;
    let app = world.app();
    let (id, account) = crowd.people[0];
    world.change(|tx| {
        let mut row = gaung::store::member::get(tx.conn, id)?;
        row.name = "Quintus Quaggaworth".into();
        row.email = "Quintus@vanity-quagga.example".into();
        row.email_norm = row.email.to_lowercase();
        gaung::store::member::save(tx, &row)?;
        let handle = accounts::handle.eq("quaggahandle");
        Ok(diesel::update(accounts::table.find(account)).set(handle).execute(tx.conn)?)
    });
    crate::service::seal::seal(app).await;
    let kept = app.db.read_blocking(|conn| gaung::store::seal::latest(conn, 1)).expect("a read").expect("a checkpoint").note;
    assert!(!in_rows(world, &TRACES).is_empty());
    let list = world.test.dir.path().join("again.list");
    std::fs::write(&list, format!("{id} 2026-11-24T00:00:00Z\n")).expect("a list");
    let start = site.start();
    let again = ["erase", "--again", list.to_str().expect("a path")];
    let mut struck = 0;
    for step in STEPS {
        // On PostgreSQL the file is not ours to write anew; the step is passed all the same.
        let (code, said) = start.clone().env("GAUNG_FAULTS", &format!("{step}=abort")).run(&again);
        assert!(code.is_none() && said.contains("fault point"), "{step}: {code:?} {said}");
        struck += 1;
        let erased = world.member_row(id).state == MemberState::Erased;
        assert_eq!(erased, step != "erase.before_commit", "{step}");
        assert_eq!(in_rows(world, &TRACES).is_empty(), erased, "{step}: half of an erasure");
    }
    let began = Instant::now();
    let (code, said) = start.run(&["erase", "--sweep"]);
    assert_eq!((code, said.contains("finished: 1")), (Some(0), true), "{said}");
    let recovered = began.elapsed();
    std::fs::remove_file(&list).expect("the list");
    assert_eq!(in_files(world, &TRACES), Vec::<String>::new());
    let outside = std::fs::read(gaung::service::erase::list_path(app)).expect("the list outside");
    assert_eq!(gaung::service::erase::read_list(outside.as_slice()).expect("a list"), [id]);
    crate::service::seal::seal(app).await;
    let dir = tempfile::tempdir().expect("a directory");
    let place = Directory::create(dir.path()).expect("a place");
    export(app, &place, None, |_, _| ControlFlow::Continue(())).expect("an export");
    let given = Given { checkpoints: vec![("kept".into(), kept.into_bytes())], ..Given::default() };
    let report = verify(&place, &given, &InTurn, &|_| ()).expect("it is read");
    assert_eq!((report.verdict(), report.checkpoints.len()), (Verdict::Valid, 1), "{report:?}");
    Report { struck, recovered, ..Report::default() }
}
