//! `gaung config check`, and what a wrong flag, key or URL leads to.

use super::run::Site;
use crate::support::database::Engine;

#[test]
fn the_settings_in_force_are_shown_and_no_secret_is() {
    let site = Site::empty(Engine::Sqlite);
    let secret = "geheim".repeat(6);
    site.file("gaung.toml", &format!("[server]\nport = 9001\n[secrets]\nkey = \"{secret}\"\n"));
    let arguments = ["config", "check", "--config", "gaung.toml", "--database", "postgres://g:geheim@db/g", "--format", "json"];
    let ran = site.run_bare(&arguments).ends(0);
    assert_eq!(ran.json()["server"]["port"], 9001);
    assert_eq!(ran.json()["database"]["url"], "postgres://g:***@db/g");
    assert!(!ran.out.contains("geheim") && !ran.err.contains("geheim"));
    // As TOML it is a configuration file again.
    let ran = site.run_bare(&["config", "check"]).ends(0);
    site.file("again.toml", &ran.out);
    assert_eq!(site.run_bare(&["config", "check", "--config", "again.toml"]).ends(0).out, ran.out);
    assert_eq!(site.names(), ["again.toml", "gaung.toml"], "a check makes nothing");
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let site = Site::empty(Engine::Sqlite);
    site.file("gaung.toml", "[server]\nprot = 9001\n");
    site.run_bare(&["migrate", "--config", "gaung.toml"]).ends(3).complains("there is no setting server.prot");
    let mut command = site.bare_command(&["config", "check"]);
    let output = command.env("GAUNG__SERVER__PROT", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    site.run_bare(&["migrate", "--config", "none.toml"]).ends(3).complains("can't read the configuration file none.toml");
    site.file("log.toml", "[log]\nfilter = \"gaung=lots\"\n");
    site.run_bare(&["config", "check", "--config", "log.toml"]).ends(3).complains("log.filter");
    assert_eq!(site.names(), ["gaung.toml", "log.toml"]);
}

#[test]
fn a_mistyped_database_creates_no_file_and_shows_no_password() {
    let site = Site::empty(Engine::Sqlite);
    for url in ["postgress://g:geheim@db/g", "postgres:g:geheim@db", "gaung.db", "sqlite:"] {
        for command in [&["migrate"][..], &["serve", "--port", "0"], &["worker"], &["doctor"]] {
            let ran = site.run_bare(&[command, &["--database", url]].concat());
            let (code, said) = if command == ["doctor"] { (1, ran.out.clone()) } else { (3, ran.err.clone()) };
            assert!(said.contains("database.url"), "{ran:?}");
            assert!(!said.contains("geheim") || !url.contains("//"), "{ran:?}");
            ran.ends(code);
        }
    }
    assert_eq!(site.names(), Vec::<String>::new());
}

#[test]
fn a_wrong_flag_is_a_fault_of_usage() {
    let site = Site::empty(Engine::Sqlite);
    for arguments in [&["serve", "--prot", "1"][..], &["sreve"], &["user", "add"], &["serve", "--port", "70000"], &[]] {
        site.run_bare(arguments).ends(2).complains("--help");
    }
    site.run_bare(&["--version"]).ends(0);
}
