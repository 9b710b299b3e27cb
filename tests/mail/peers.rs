//! The client against a server that others wrote, and its messages in the hands of a parser that others wrote: aiosmtpd and Python's
//! `email`. What a server can do wrong on purpose is in `outcomes`, `connections` and `encryption`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gaung::mail::message::{MailHeaders, build};
use gaung::mail::outcome::Outcome;
use gaung::mail::smtp::{Password, Pool, SmtpConfig, Timeouts, TlsMode};
use serde_json::{Value, json};

use super::message::{headers, party, texts};
use super::{mail, to};
use crate::support::smtp_peer::{Rules, SmtpPeer};
use crate::support::smtp_server::Certificate;

const LOGIN: (&str, &str) = ("gaung", "kata sandi \u{e9}");

fn config(peer: &SmtpPeer, tls: TlsMode, login: Option<(&str, &str)>) -> SmtpConfig {
    SmtpConfig {
        ca_file: Some(peer.ca_file()),
        username: login.map(|(user, _)| user.to_owned()),
        password: login.map(|(_, password)| Password::new(password.to_owned())),
        timeouts: Timeouts::all(std::time::Duration::from_secs(20)),
        ..SmtpConfig::new("localhost", peer.port, tls, "gaung.example.org")
    }
}

async fn send(config: SmtpConfig) -> Outcome {
    Pool::new(config).unwrap().send(&to("sari@example.org"), &mail("a")).await
}

#[tokio::test]
async fn tls_and_sign_in_let_messages_through_byte_for_byte() {
    for (mode, tls) in [(TlsMode::Required, "starttls"), (TlsMode::Implicit, "implicit")] {
        let peer = SmtpPeer::start(Rules { tls, login: Some(LOGIN), ..Rules::default() });
        let pool = Pool::new(config(&peer, mode, Some(LOGIN))).unwrap();
        for id in ["a", "b"] {
            let outcome = pool.send(&to("sari@example.org"), &mail(id)).await;
            assert!(matches!(outcome, Outcome::Delivered { .. }), "{mode}: {outcome:?}");
        }
        for (message, id) in peer.messages(2).iter().zip(["a", "b"]) {
            let data = STANDARD.decode(message["data"].as_str().unwrap()).unwrap();
            assert_eq!(String::from_utf8(data).unwrap(), String::from_utf8(mail(id)).unwrap(), "dots and all");
            assert_eq!((&message["encrypted"], &message["user"]), (&json!(true), &json!(LOGIN.0)));
            assert_eq!((&message["sender"], &message["recipients"]), (&json!("gaung@example.org"), &json!(["sari@example.org"])));
        }
        assert!(pool.probe().await.is_ok_and(|facts| facts.encrypted && facts.authenticated));
    }
}

#[tokio::test]
async fn a_bad_certificate_or_a_refused_sign_in_sends_nothing() {
    let refused = |outcome: Outcome, word: &str| {
        assert!(matches!(&outcome, Outcome::RelayRefused { why } if why.contains(word)), "{word}: {outcome:?}");
    };
    for certificate in [Certificate::OtherName, Certificate::SelfSigned] {
        for (mode, tls) in [(TlsMode::Required, "starttls"), (TlsMode::Implicit, "implicit")] {
            let peer = SmtpPeer::start(Rules { tls, certificate, ..Rules::default() });
            refused(send(config(&peer, mode, None)).await, "certificate");
            assert!(peer.messages(0).is_empty());
        }
    }
    let peer = SmtpPeer::start(Rules { tls: "starttls", login: Some(LOGIN), ..Rules::default() });
    refused(send(config(&peer, TlsMode::Required, Some((LOGIN.0, "salah")))).await, "535");
    refused(send(config(&peer, TlsMode::Required, None)).await, "530");
    refused(send(config(&peer, TlsMode::None, None)).await, "530");
    assert!(peer.messages(0).is_empty());
    let outcome = send(config(&peer, TlsMode::Required, Some(LOGIN))).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
}

#[tokio::test]
async fn addresses_and_bodies_beyond_ascii_go_where_they_may() {
    let peer = SmtpPeer::start(Rules::default());
    let pool = Pool::new(config(&peer, TlsMode::None, None)).unwrap();
    let head = MailHeaders { to: party("Δ Οκιμή", "δοκιμή@пример.example"), ..headers() };
    let outcome = pool.send(&to("δοκιμή@пример.example"), &build(&head, &texts()).unwrap()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    let outcome = pool.send(&to("sari@example.org"), "Subject: x\r\n\r\n8 bit: é\r\n".as_bytes()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    let taken = peer.messages(2);
    assert_eq!(taken[0]["recipients"], json!(["δοκιμή@xn--e1afmkfd.example"]));
    let options = |message: &Value| {
        message["options"].as_array().unwrap().iter().map(|o| o.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(options(&taken[0]).contains(&"SMTPUTF8".to_owned()), "{:?}", taken[0]["options"]);
    assert!(options(&taken[1]).contains(&"BODY=8BITMIME".to_owned()), "{:?}", taken[1]["options"]);

    let plain = SmtpPeer::start(Rules { utf8: false, ..Rules::default() });
    let pool = Pool::new(config(&plain, TlsMode::None, None)).unwrap();
    let outcome = pool.send(&to("δοκιμή@example.org"), &mail("a")).await;
    assert!(matches!(&outcome, Outcome::PermFail { text, .. } if text.contains("SMTPUTF8")), "{outcome:?}");
    assert!(matches!(pool.send(&to("sari@bücher.example"), &mail("b")).await, Outcome::Delivered { .. }));
    assert_eq!(plain.messages(1)[0]["recipients"], json!(["sari@xn--bcher-kva.example"]));
}

#[tokio::test]
async fn pythons_email_reads_every_header_and_part_without_a_defect() {
    let peer = SmtpPeer::start(Rules::default());
    let pool = Pool::new(config(&peer, TlsMode::None, None)).unwrap();
    let names = ["Dr. Siti \"Ani\" Rahmawati, M.Si.", "Łukasz Żółć", "王小明", "O'Neil (admin)", ""];
    for name in names {
        let head = MailHeaders {
            to: party(name, "sari@example.go.id"),
            feedback_id: Some("a:b:task:kemencontoh".to_owned()),
            ..headers()
        };
        let outcome = pool.send(&to("sari@example.go.id"), &build(&head, &texts()).unwrap()).await;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    }
    for (message, name) in peer.messages(names.len()).iter().zip(names) {
        let read = &message["read"];
        assert_eq!(read["defects"], json!([]), "{name}");
        assert_eq!(read["types"], json!(["multipart/alternative", "text/plain", "text/html"]));
        let all = read["headers"].as_array().unwrap();
        let header = |wanted: &str| {
            let found: Vec<&str> = all.iter().filter(|h| h[0] == wanted).map(|h| h[1].as_str().unwrap()).collect();
            assert_eq!(found.len(), 1, "{wanted} in {all:?}");
            found[0].to_owned()
        };
        assert_eq!(header("Subject"), texts().subject);
        assert!(header("To").contains("sari@example.go.id"));
        assert!(header("List-Unsubscribe").starts_with("<https://gaung.example.go.id/u/"));
        assert_eq!(header("Feedback-ID"), "a:b:task:kemencontoh");
        assert_eq!(header("Auto-Submitted"), "auto-generated");
        assert_eq!(read["texts"][0].as_str().unwrap().replace("\r\n", "\n").trim_end(), texts().text.trim_end());
    }
}
