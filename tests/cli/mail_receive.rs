//! `gaung mail receive`: what a mail server pipes in, and the exit codes that tell it what to do with the message.

use std::io::Write as _;
use std::process::Stdio;

use super::run::Site;
use crate::support::database::Engine;

const MESSAGE: &str =
    "From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nHi. This is the qmail-send program at x.example.\n";

async fn a_mail_server_learns_what_to_do_with_the_message(engine: Engine) {
    let site = Site::new(engine);
    let receive = ["mail", "receive", "--recipient", "gaung+abc@x.example"];
    let taken = site.run_with_input(&receive, MESSAGE).ends(0);
    assert_eq!(taken.out, "", "a mail server mails what is printed");
    site.run_with_input(&receive, MESSAGE).ends(0);
    site.run_with_input(&receive, "  \n\n").ends(65).complains("empty");
    // Whatever is wrong with the service: the mail server keeps the message.
    for wrong in [["--database", "postgres://nobody@127.0.0.1:1/nowhere"], ["--config", "/nowhere/gaung.toml"]] {
        let arguments = [&wrong[..], &["mail", "receive"][..]].concat();
        let mut child = site.bare_command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(MESSAGE.as_bytes()).unwrap();
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(75), "{wrong:?}");
    }
}

async fn a_database_of_another_version_is_left_alone(engine: Engine) {
    let site = Site::empty(engine);
    site.run_with_input(&["mail", "receive"], MESSAGE).ends(75).complains("gaung migrate");
}

on_both!(a_mail_server_learns_what_to_do_with_the_message, a_database_of_another_version_is_left_alone);
