//! TLS and AUTH: nothing leaves in clear that should not, and a refusal pauses the relay instead of burning people.

use gaung::mail::outcome::Outcome;
use gaung::mail::smtp::{Password, Pool, SmtpConfig, SmtpConfigError, TlsMode};

use super::{config, mail, pool, to};
use crate::support::smtp_server::{Act, At, Certificate, Encryption, Fault, Login, Script, SmtpServer};

fn encrypted(encryption: Encryption) -> SmtpServer {
    SmtpServer::start(Script { encryption, ..Script::default() })
}

fn trusting(server: &SmtpServer, tls: TlsMode) -> SmtpConfig {
    SmtpConfig { tls, ca_file: Some(server.ca_file()), ..config(server) }
}

async fn send(config: SmtpConfig) -> Outcome {
    Pool::new(config).unwrap().send(&to("sari@example.org"), &mail("a")).await
}

#[tokio::test]
async fn each_mode_encrypts_with_a_certificate_that_verifies() {
    for (mode, encryption) in [
        (TlsMode::Required, Encryption::StartTls(Certificate::Good)),
        (TlsMode::Opportunistic, Encryption::StartTls(Certificate::Good)),
        (TlsMode::Implicit, Encryption::Implicit(Certificate::Good)),
    ] {
        let server = encrypted(encryption);
        let pool = Pool::new(trusting(&server, mode)).unwrap();
        for id in ["a", "b"] {
            let outcome = pool.send(&to("sari@example.org"), &mail(id)).await;
            assert!(matches!(outcome, Outcome::Delivered { .. }), "{mode}: {outcome:?}");
        }
        assert!(server.messages().iter().all(|m| m.encrypted), "{mode}");
        assert_eq!(server.connections(), 1, "{mode}");
        assert!(pool.probe().await.unwrap().encrypted);
        // The host may be named as well.
        let named = SmtpConfig { host: "localhost".to_owned(), ..trusting(&server, mode) };
        assert!(matches!(send(named).await, Outcome::Delivered { .. }), "{mode}");
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_verify_sends_nothing_where_tls_is_required() {
    for certificate in [Certificate::OtherName, Certificate::SelfSigned] {
        for (mode, encryption) in
            [(TlsMode::Required, Encryption::StartTls(certificate)), (TlsMode::Implicit, Encryption::Implicit(certificate))]
        {
            let server = encrypted(encryption);
            let outcome = send(trusting(&server, mode)).await;
            assert!(
                matches!(&outcome, Outcome::RelayRefused { why } if why.contains("certificate")),
                "{mode} {certificate:?}: {outcome:?}"
            );
            assert_eq!(server.message_count(), 0);
        }
        // Opportunistic encryption is better than none, whoever answers.
        let server = encrypted(Encryption::StartTls(certificate));
        assert!(matches!(send(trusting(&server, TlsMode::Opportunistic)).await, Outcome::Delivered { .. }), "{certificate:?}");
        assert!(server.messages()[0].encrypted);
    }
    // Good, but from an authority that nobody told the client about.
    let server = encrypted(Encryption::StartTls(Certificate::Good));
    let other = encrypted(Encryption::StartTls(Certificate::Good));
    let outcome = send(SmtpConfig { ca_file: Some(other.ca_file()), ..trusting(&server, TlsMode::Required) }).await;
    assert!(matches!(outcome, Outcome::RelayRefused { .. }), "{outcome:?}");
}

#[tokio::test]
async fn starttls_that_is_missing_or_refused_stops_where_it_is_required() {
    let plain = SmtpServer::start(Script::default());
    let authority = encrypted(Encryption::StartTls(Certificate::Good));
    let with_ca = |tls| SmtpConfig { tls, ca_file: Some(authority.ca_file()), ..config(&plain) };
    assert!(matches!(send(with_ca(TlsMode::Required)).await, Outcome::RelayRefused { .. }));
    assert!(matches!(send(with_ca(TlsMode::Opportunistic)).await, Outcome::Delivered { .. }));
    let refusing = SmtpServer::start(Script {
        encryption: Encryption::StartTls(Certificate::Good),
        ..Script::with([Fault::always(At::StartTls, Act::Say("454 4.7.0 TLS not available"))])
    });
    let outcome = send(trusting(&refusing, TlsMode::Required)).await;
    assert!(matches!(&outcome, Outcome::RelayRefused { why } if why.contains("454")), "{outcome:?}");
}

#[tokio::test]
async fn an_answer_slipped_in_before_tls_is_not_read_after_it() {
    let server = SmtpServer::start(Script {
        encryption: Encryption::StartTls(Certificate::Good),
        ..Script::with([Fault::always(At::StartTls, Act::Trail("250 injected"))])
    });
    let outcome = send(trusting(&server, TlsMode::Required)).await;
    assert!(matches!(&outcome, Outcome::RelayRefused { why } if why.contains("tampering")), "{outcome:?}");
    assert_eq!(server.message_count(), 0);
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_on_a_tls_port_is_refused() {
    let plain = SmtpServer::start(Script::default());
    let authority = encrypted(Encryption::Implicit(Certificate::Good));
    let outcome = send(SmtpConfig { tls: TlsMode::Implicit, ca_file: Some(authority.ca_file()), ..config(&plain) }).await;
    assert!(matches!(outcome, Outcome::RelayRefused { .. }), "{outcome:?}");
}

fn with_login(mechanisms: &'static str) -> SmtpServer {
    let login = Login { mechanisms, username: "gaung", password: "sécret pass" };
    SmtpServer::start(Script { encryption: Encryption::StartTls(Certificate::Good), login: Some(login), ..Script::default() })
}

fn as_user(server: &SmtpServer, password: &str) -> SmtpConfig {
    let password = Some(Password::new(password.to_owned()));
    SmtpConfig { username: Some("gaung".to_owned()), password, ..trusting(server, TlsMode::Required) }
}

#[tokio::test]
async fn auth_plain_and_login_let_the_message_through() {
    for (mechanisms, used) in [("PLAIN LOGIN", "AUTH PLAIN "), ("LOGIN", "AUTH LOGIN")] {
        let server = with_login(mechanisms);
        let outcome = send(as_user(&server, "sécret pass")).await;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{mechanisms}: {outcome:?}");
        assert_eq!(server.messages()[0].user.as_deref(), Some("gaung"));
        assert!(server.commands().iter().any(|c| c.starts_with(used)), "{mechanisms}");
    }
}

#[tokio::test]
async fn a_refused_or_impossible_login_is_the_relays_refusal() {
    for server in [with_login("PLAIN"), with_login("LOGIN")] {
        let outcome = send(as_user(&server, "hunter2")).await;
        assert!(
            matches!(&outcome, Outcome::RelayRefused { why } if why.contains("535") && !why.contains("hunter2")),
            "{outcome:?}"
        );
        assert_eq!(server.message_count(), 0);
    }
    let other = with_login("CRAM-MD5");
    assert!(matches!(send(as_user(&other, "sécret pass")).await, Outcome::RelayRefused { .. }));
    // No login configured where the relay wants one: 530 at MAIL.
    let strict = with_login("PLAIN");
    let outcome = send(trusting(&strict, TlsMode::Required)).await;
    assert!(matches!(&outcome, Outcome::RelayRefused { why } if why.contains("530")), "{outcome:?}");
    // Not now is not never.
    let busy = with_login("PLAIN");
    busy.set_faults([Fault::always(At::Auth, Act::Say("454 4.7.0 directory is away"))]);
    assert!(matches!(send(as_user(&busy, "sécret pass")).await, Outcome::NotSent { .. }));
}

#[tokio::test]
async fn a_probe_says_what_a_send_would_meet_and_leaves_no_message() {
    let server = with_login("PLAIN");
    let facts = Pool::new(as_user(&server, "sécret pass")).unwrap().probe().await.unwrap();
    assert!(facts.encrypted && facts.authenticated && facts.extensions.smtputf8);
    assert_eq!(
        facts.certificate_ends.map(|at| at.format("%Y").to_string()).as_deref(),
        Some("4096"),
        "as the test's authority issues"
    );
    assert!(facts.greeting.contains("scripted.example.org"));
    assert!(Pool::new(as_user(&server, "wrong")).unwrap().probe().await.is_err());
    assert_eq!(server.message_count(), 0);
    let gone = pool(&server);
    drop(server);
    assert!(matches!(gone.probe().await, Err(Outcome::NotSent { .. })));
}

#[test]
fn a_file_of_authorities_that_cannot_be_used_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty.pem");
    std::fs::write(&empty, "no certificate here").unwrap();
    for path in [empty, directory.path().join("missing.pem")] {
        let config = SmtpConfig {
            ca_file: Some(path.clone()),
            ..SmtpConfig::new("mail.example.org", 587, TlsMode::Required, "x.example.org")
        };
        match Pool::new(config) {
            Err(SmtpConfigError::CaFile { path: named, .. }) => assert_eq!(named, path),
            other => panic!("{:?}", other.err()),
        }
    }
}
