//! Connections are kept, renewed and thrown away without any message paying for it.

use std::sync::Arc;
use std::time::Duration;

use gaung::mail::outcome::Outcome;
use gaung::mail::smtp::{Pool, SmtpConfig, Timeouts};

use super::{config, mail, pool, to};
use crate::support::smtp_server::{Act, At, Fault, Script, SmtpServer};

/// A server that wants each command by itself.
fn one_by_one() -> Script {
    Script { extensions: vec!["8BITMIME", "SMTPUTF8", "SIZE 10485760"], ..Script::default() }
}

fn is_delivered(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Delivered { .. })
}

#[tokio::test]
async fn a_connection_is_kept_and_renewed_after_its_hundred() {
    let server = SmtpServer::start(Script::default());
    let pool = pool(&server);
    for n in 0..201 {
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail(&n.to_string())).await));
    }
    let by_connection = |k| server.messages().iter().filter(|m| m.connection == k).count();
    assert_eq!([1, 2, 3].map(by_connection), [100, 100, 1]);
}

#[tokio::test]
async fn a_server_that_hangs_up_on_an_idle_connection_costs_nothing() {
    let server = SmtpServer::start(Script::default());
    let pool = pool(&server);
    for farewell in [None, Some("421 4.4.2 idle for too long")] {
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("a")).await));
        server.hang_up(farewell);
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("b")).await), "{farewell:?}");
        server.hang_up(None);
    }
    assert_eq!(server.message_count(), 4);
}

#[tokio::test]
async fn a_server_that_closes_silently_at_its_own_limit_costs_nothing() {
    let server = SmtpServer::start(Script { messages_per_connection: Some(3), ..Script::default() });
    let pool = pool(&server);
    for n in 0..20 {
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail(&n.to_string())).await), "{n}");
    }
    assert_eq!(server.message_ids().len(), 20);
    assert!(server.message_ids().values().all(|count| *count == 1));
}

#[tokio::test]
async fn a_kept_connection_that_fails_before_the_dot_is_tried_anew_once_and_after_it_never() {
    for at in [At::Mail, At::Rcpt, At::Data] {
        let server = SmtpServer::start(Script::default());
        let pool = pool(&server);
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("a")).await));
        server.set_faults([Fault::once(at, Act::Close)]);
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("b")).await), "{at:?}");
        server.set_faults([Fault::always(at, Act::Close)]);
        let outcome = pool.send(&to("sari@example.org"), &mail("c")).await;
        assert!(matches!(outcome, Outcome::NotSent { .. }), "{at:?}: {outcome:?}");
        assert_eq!(server.message_count(), 2);
    }
    let server = SmtpServer::start(Script::default());
    let pool = pool(&server);
    assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("a")).await));
    server.set_faults([Fault::once(At::Dot, Act::AcceptAndClose)]);
    let outcome = pool.send(&to("sari@example.org"), &mail("b")).await;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(server.message_ids()["<b@example.org>"], 1);
}

#[tokio::test]
async fn a_rejected_recipient_is_reset_and_the_next_is_not_confused() {
    let server =
        SmtpServer::start(Script::with([Fault::for_recipient("gone@example.org", At::Rcpt, Act::Say("550 5.1.1 unknown"))]));
    let pool = pool(&server);
    for n in 0..3 {
        let outcome = pool.send(&to("gone@example.org"), &mail("x")).await;
        assert_eq!(outcome, Outcome::PermFail { code: 550, text: "5.1.1 unknown".to_owned() });
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail(&n.to_string())).await));
    }
    assert_eq!(server.connections(), 1);
    assert!(server.messages().iter().all(|m| m.recipients == ["sari@example.org"]));
}

#[tokio::test]
async fn a_server_that_refuses_rset_loses_the_connection_not_the_message() {
    let server = SmtpServer::start(Script::with([
        Fault::for_recipient("gone@example.org", At::Rcpt, Act::Say("550 5.1.1 unknown")),
        Fault::always(At::Rset, Act::Say("500 5.5.1 what?")),
    ]));
    let pool = pool(&server);
    assert!(matches!(pool.send(&to("gone@example.org"), &mail("x")).await, Outcome::PermFail { .. }));
    assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("a")).await));
    assert_eq!(server.connections(), 2);
}

/// The fault that made a general-purpose client report a rejected mail as accepted: a send is dropped while its answer is on the way.
#[tokio::test]
async fn a_dropped_send_leaves_no_answer_for_the_next_message() {
    for at in [At::Mail, At::Rcpt, At::Data, At::Dot] {
        let server = SmtpServer::start(Script::default());
        let pool = pool(&server);
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("first")).await));
        server.set_faults([Fault::once(at, Act::Late(Duration::from_millis(100)))]);
        let dropped = tokio::time::timeout(Duration::from_millis(20), pool.send(&to("sari@example.org"), &mail("dropped"))).await;
        assert!(dropped.is_err());
        server.set_faults([Fault::always(At::Dot, Act::Say("554 5.6.0 rejected"))]);
        let outcome = pool.send(&to("sari@example.org"), &mail("rejected")).await;
        assert_eq!(outcome, Outcome::PermFail { code: 554, text: "5.6.0 rejected".to_owned() }, "{at:?}");
        assert!(!server.message_ids().contains_key("<rejected@example.org>"));
    }
}

#[tokio::test]
async fn bytes_that_nothing_asked_for_end_the_connection() {
    for at in [At::Mail, At::Rcpt, At::Data] {
        let server = SmtpServer::start(Script::with([Fault::always(at, Act::Trail("250 2.0.0 ok"))]));
        let outcome = pool(&server).send(&to("sari@example.org"), &mail("a")).await;
        // Behind a group of commands it counts as the next one's answer, which then makes no sense.
        let seen = |why: &str| why.contains("asked for") || why.contains("unexpected answer");
        assert!(matches!(&outcome, Outcome::NotSent { why } if seen(why)), "{at:?}: {outcome:?}");
        assert_eq!(server.message_count(), 0);
        let server = SmtpServer::start(Script { faults: vec![Fault::always(at, Act::Trail("250 2.0.0 ok"))], ..one_by_one() });
        let outcome = pool(&server).send(&to("sari@example.org"), &mail("a")).await;
        assert!(matches!(&outcome, Outcome::NotSent { why } if why.contains("asked for")), "{at:?}: {outcome:?}");
    }
    // After the dot the first answer counts; the next message gets a connection of its own.
    let server = SmtpServer::start(Script::with([Fault::once(At::Dot, Act::Trail("250 2.0.0 ok"))]));
    let pool = pool(&server);
    assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("a")).await));
    server.set_faults([Fault::always(At::Dot, Act::Say("554 5.6.0 rejected"))]);
    assert!(matches!(pool.send(&to("sari@example.org"), &mail("b")).await, Outcome::PermFail { .. }));
    assert_eq!(server.connections(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_with_one_poisonous_recipient_lose_nobody_else() {
    let faults = [
        Fault::for_recipient("p7@example.org", At::Rcpt, Act::Say("550 5.1.1 poison")),
        Fault::for_recipient("p8@example.org", At::Dot, Act::AcceptAndClose),
        Fault::for_recipient("p9@example.org", At::Data, Act::Close),
    ];
    let server = SmtpServer::start(Script::with(faults));
    let pool = Arc::new(pool(&server));
    let tasks: Vec<_> = (0..3_000)
        .map(|n| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.send(&to(&format!("p{n}@example.org")), &mail(&n.to_string())).await })
        })
        .collect();
    let mut others = Vec::new();
    for (n, task) in tasks.into_iter().enumerate() {
        let outcome = task.await.unwrap();
        if !is_delivered(&outcome) {
            others.push((n, outcome));
        }
    }
    assert_eq!(others.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [7, 8, 9], "{others:?}");
    assert!(matches!(others[0].1, Outcome::PermFail { code: 550, .. }));
    assert!(matches!(others[1].1, Outcome::Unknown { .. }));
    assert!(matches!(others[2].1, Outcome::NotSent { .. }));
    let counts = server.message_ids();
    assert_eq!(counts.len(), 2_998);
    assert!(counts.values().all(|count| *count == 1));
    assert!(server.most_connections_at_once() <= 4, "{}", server.most_connections_at_once());
}

#[tokio::test]
async fn a_slow_message_holds_one_slot_and_the_others_go_on() {
    let server = SmtpServer::start(Script::with([Fault::for_recipient("slow@example.org", At::Rcpt, Act::Stall)]));
    let timeouts = Timeouts { rcpt: Duration::from_secs(1), ..config(&server).timeouts };
    let pool = Arc::new(Pool::new(SmtpConfig { connections: 2, timeouts, ..config(&server) }).unwrap());
    let slow = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pool.send(&to("slow@example.org"), &mail("slow")).await }
    });
    for n in 0..50 {
        assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail(&n.to_string())).await));
    }
    assert!(matches!(slow.await.unwrap(), Outcome::NotSent { .. }));
}

#[tokio::test]
async fn the_send_limit_ends_every_phase_and_says_which_side_of_the_dot() {
    let limited = |server: &SmtpServer| {
        let send_limit = Some(Duration::from_millis(500));
        Pool::new(SmtpConfig { send_limit, connections: 1, ..config(server) }).unwrap()
    };
    for at in [At::Greeting, At::Mail, At::Rcpt, At::Data] {
        let server = SmtpServer::start(Script::with([Fault::always(at, Act::Stall)]));
        let outcome = limited(&server).send(&to("sari@example.org"), &mail("a")).await;
        assert!(matches!(outcome, Outcome::NotSent { .. }), "{at:?}: {outcome:?}");
    }
    let server = SmtpServer::start(Script::with([Fault::always(At::Dot, Act::Stall)]));
    let pool = limited(&server);
    let (envelope, a, b) = (to("sari@example.org"), mail("a"), mail("b"));
    let (first, second) = tokio::join!(pool.send(&envelope, &a), pool.send(&envelope, &b));
    assert!(matches!(first, Outcome::Unknown { .. }), "{first:?}");
    assert!(matches!(second, Outcome::NotSent { .. }), "it waited for the only connection: {second:?}");
}

#[tokio::test]
async fn closing_waits_says_goodbye_and_takes_no_more() {
    let server = SmtpServer::start(Script::default());
    let pool = pool(&server);
    assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("a")).await));
    pool.close().await;
    assert_eq!(server.commands().last().map(String::as_str), Some("QUIT"));
    assert!(matches!(pool.send(&to("sari@example.org"), &mail("b")).await, Outcome::NotSent { .. }));
}

#[tokio::test]
async fn a_relay_that_comes_back_is_used_again() {
    let server = SmtpServer::start(Script::default());
    let (addr, pool) = (server.addr, pool(&server));
    assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("a")).await));
    drop(server);
    assert!(matches!(pool.send(&to("sari@example.org"), &mail("b")).await, Outcome::NotSent { .. }));
    let server = SmtpServer::start_at(addr, Script::default());
    assert!(is_delivered(&pool.send(&to("sari@example.org"), &mail("b")).await));
    assert_eq!(server.message_count(), 1);
}
