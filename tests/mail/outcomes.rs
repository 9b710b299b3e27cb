//! Every fault of a server gives the outcome that says what may be done next, and no more.

use std::time::Duration;

use gaung::mail::outcome::Outcome;
use gaung::mail::smtp::{Pool, SmtpConfig, Timeouts, TlsMode};

use super::{config, mail, pool, to};
use crate::support::smtp_server::{Act, At, Fault, Script, SmtpServer};

/// The outcome of one message to a server with one fault, and whether the server kept it.
async fn outcome_of(at: At, act: Act) -> (Outcome, usize) {
    let waits = matches!(act, Act::Stall | Act::Drip(_));
    let limit = if waits { Duration::from_millis(500) } else { Duration::from_secs(20) };
    let server = SmtpServer::start(Script::with([Fault::always(at, act)]));
    let limited = SmtpConfig { timeouts: Timeouts::all(limit), ..config(&server) };
    let outcome = Pool::new(limited).unwrap().send(&to("sari@example.org"), &mail("a")).await;
    (outcome, server.message_count())
}

async fn word_of(at: At, act: Act) -> (&'static str, usize) {
    let (outcome, kept) = outcome_of(at, act).await;
    let word = match outcome {
        Outcome::Delivered { .. } => "delivered",
        Outcome::TempFail { .. } => "temp",
        Outcome::PermFail { .. } => "perm",
        Outcome::NotSent { .. } => "not sent",
        Outcome::Unknown { .. } => "unknown",
        Outcome::RelayRefused { .. } => "relay",
    };
    (word, kept)
}

#[tokio::test]
async fn an_honest_server_gets_the_message_byte_for_byte() {
    let server = SmtpServer::start(Script::default());
    let outcome = pool(&server).send(&to("sari@example.org"), &mail("a")).await;
    assert_eq!(outcome, Outcome::Delivered { reply: "250 2.0.0 ok: queued".to_owned() });
    let kept = server.messages();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].data, mail("a"));
    assert_eq!(
        (kept[0].sender.as_str(), kept[0].recipients.as_slice()),
        ("gaung@example.org", &["sari@example.org".to_owned()][..])
    );
}

#[tokio::test]
async fn four_hundreds_put_off_and_name_who_is_meant() {
    for at in [At::Mail, At::Rcpt, At::Data, At::Dot] {
        for reply in ["451 4.3.0 try later", "421 4.3.2 closing"] {
            assert_eq!(word_of(at, Act::Say(reply)).await, ("temp", 0), "{at:?} {reply}");
        }
    }
    // Before MAIL it is the relay that is not ready, not a message that was put off.
    for at in [At::Greeting, At::Ehlo] {
        assert_eq!(word_of(at, Act::Say("421 4.3.2 too busy")).await, ("not sent", 0), "{at:?}");
    }
    let (outcome, _) = outcome_of(At::Rcpt, Act::Say("450 4.2.1 greylisted")).await;
    assert_eq!(outcome, Outcome::TempFail { code: 450, text: "4.2.1 greylisted".to_owned() });
}

#[tokio::test]
async fn five_hundreds_burn_a_recipient_only_where_the_recipient_is_meant() {
    for at in [At::Rcpt, At::Data, At::Dot] {
        assert_eq!(word_of(at, Act::Say("554 5.7.1 no")).await, ("perm", 0), "{at:?}");
    }
    for at in [At::Greeting, At::Ehlo, At::Mail] {
        assert_eq!(word_of(at, Act::Say("554 5.7.1 no")).await, ("relay", 0), "{at:?}");
    }
    assert_eq!(word_of(At::Rcpt, Act::Say("530 5.7.0 authenticate first")).await, ("relay", 0));
}

#[tokio::test]
async fn a_connection_lost_before_the_final_dot_is_not_sent() {
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data] {
        for act in [Act::Close, Act::Stall] {
            let (outcome, kept) = outcome_of(at, act.clone()).await;
            assert!(matches!(outcome, Outcome::NotSent { .. }), "{at:?} {act:?}: {outcome:?}");
            assert!(outcome.may_repeat());
            assert_eq!(kept, 0);
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_final_dot_is_unknown_whether_or_not_it_was_kept() {
    assert_eq!(word_of(At::Dot, Act::Close).await, ("unknown", 0));
    assert_eq!(word_of(At::Dot, Act::AcceptAndClose).await, ("unknown", 1));
    assert_eq!(word_of(At::Dot, Act::Stall).await, ("unknown", 1));
    assert!(!outcome_of(At::Dot, Act::Close).await.0.may_repeat());
}

#[tokio::test]
async fn answers_that_are_none_are_never_taken_for_yes() {
    let oversized = vec![b'2'; 1 << 20];
    let endless = "250-more\r\n".repeat(10_000).into_bytes();
    for bytes in
        [b"HTTP/1.1 400 Bad Request\r\n".to_vec(), b"\0\xff\xfe\r\n".to_vec(), b"250-a\r\n550 b\r\n".to_vec(), oversized, endless]
    {
        for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data] {
            assert_eq!(word_of(at, Act::Raw(bytes.clone())).await, ("not sent", 0), "{at:?}");
        }
        assert_eq!(word_of(At::Dot, Act::Raw(bytes)).await, ("unknown", 0));
    }
    // Replies out of place: a yes where 354 is due, and a 354 where a yes is due.
    assert_eq!(word_of(At::Data, Act::Say("250 ok")).await, ("not sent", 0));
    assert_eq!(word_of(At::Rcpt, Act::Say("354 go on")).await, ("not sent", 0));
    assert_eq!(word_of(At::Dot, Act::Say("354 go on")).await, ("unknown", 0));
}

#[tokio::test]
async fn a_server_of_one_byte_at_a_time_cannot_stretch_a_phase() {
    let drip = || Act::Drip(Duration::from_millis(50));
    assert_eq!(word_of(At::Greeting, drip()).await, ("not sent", 0));
    assert_eq!(word_of(At::Rcpt, drip()).await, ("not sent", 0));
    assert_eq!(word_of(At::Dot, drip()).await, ("unknown", 1));
    // The same server is fine within the limit.
    let server = SmtpServer::start(Script::with([Fault::always(At::Dot, Act::Drip(Duration::from_millis(1)))]));
    let outcome = pool(&server).send(&to("sari@example.org"), &mail("a")).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
}

#[tokio::test]
async fn many_lines_are_one_reply() {
    let (outcome, _) = outcome_of(At::Rcpt, Act::Say("550-5.1.1 The account\r\n550-5.1.1 does not\r\n550 5.1.1 exist")).await;
    assert_eq!(outcome, Outcome::PermFail { code: 550, text: "5.1.1 The account 5.1.1 does not 5.1.1 exist".to_owned() });
    assert_eq!(word_of(At::Dot, Act::Say("250-2.0.0 queued\r\n250 2.0.0 as 7")).await, ("delivered", 1));
}

#[tokio::test]
async fn no_server_at_all_is_not_sent() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for host in ["127.0.0.1", "no-such-host.invalid"] {
        let pool = Pool::new(SmtpConfig::new(host, port, TlsMode::None, "gaung.example.org")).unwrap();
        let outcome = pool.send(&to("sari@example.org"), &mail("a")).await;
        assert!(matches!(&outcome, Outcome::NotSent { why } if why.contains(host)), "{outcome:?}");
        assert!(outcome.is_about_relay());
    }
}

#[tokio::test]
async fn a_server_from_before_extensions_is_spoken_to_with_helo() {
    let server = SmtpServer::start(Script::with([Fault::once(At::Ehlo, Act::Say("502 5.5.1 unknown"))]));
    let outcome = pool(&server).send(&to("sari@example.org"), &mail("a")).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    assert_eq!(server.commands()[1], "HELO gaung.example.org");
}

#[tokio::test]
async fn an_address_beyond_ascii_goes_only_where_smtputf8_is_announced() {
    let server = SmtpServer::start(Script::default());
    let outcome = pool(&server).send(&to("δοκιμή@пример.example"), "Subject: é\r\n\r\nx".as_bytes()).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    let kept = server.messages();
    assert_eq!(kept[0].recipients, ["δοκιμή@xn--e1afmkfd.example"]);
    assert_eq!(kept[0].parameters, "BODY=8BITMIME SMTPUTF8");

    let plain = SmtpServer::start(Script { extensions: vec![], ..Script::default() });
    let pool = pool(&plain);
    let outcome = pool.send(&to("δοκιμή@example.org"), &mail("a")).await;
    assert!(matches!(&outcome, Outcome::PermFail { text, .. } if text.contains("SMTPUTF8")), "{outcome:?}");
    // A domain beyond ASCII needs nothing of the server.
    let outcome = pool.send(&to("sari@bücher.example"), &mail("b")).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    assert_eq!(plain.messages()[0].recipients, ["sari@xn--bcher-kva.example"]);
}

#[tokio::test]
async fn a_message_that_the_server_said_is_too_large_is_not_even_begun() {
    let server = SmtpServer::start(Script { extensions: vec!["SIZE 20"], ..Script::default() });
    let outcome = pool(&server).send(&to("sari@example.org"), &mail("a")).await;
    assert!(matches!(&outcome, Outcome::PermFail { code: 552, .. }), "{outcome:?}");
    assert!(!server.commands().iter().any(|c| c.starts_with("MAIL")));
}
