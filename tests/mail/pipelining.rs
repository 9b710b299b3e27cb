//! Messages one behind the other on one connection: one round trip each, and each with its own true end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use gaung::mail::outcome::Outcome;
use gaung::mail::smtp::{Pool, SmtpConfig};

use super::{config, mail, to};
use crate::support::smtp_server::{Act, At, Fault, Script, SmtpServer};

fn one_connection(server: &SmtpServer) -> Arc<Pool> {
    Arc::new(Pool::new(SmtpConfig { connections: 1, ..config(server) }).unwrap())
}

/// Sends `count` messages at once over the pool; `recipient` names who gets the n-th.
async fn burst(pool: &Arc<Pool>, count: usize, recipient: impl Fn(usize) -> String) -> Vec<Outcome> {
    let sends = (0..count).map(|n| {
        let (pool, envelope) = (Arc::clone(pool), to(&recipient(n)));
        async move { pool.send(&envelope, &mail(&n.to_string())).await }
    });
    join_all(sends).await
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered { .. } => "delivered",
        Outcome::TempFail { .. } => "temp",
        Outcome::PermFail { .. } => "perm",
        Outcome::NotSent { .. } => "not sent",
        Outcome::Unknown { .. } => "unknown",
        Outcome::RelayRefused { .. } => "refused",
    }
}

fn recipient(n: usize) -> String {
    format!("m{n}@example.org")
}

#[tokio::test]
async fn the_next_opening_travels_behind_the_dot() {
    let server = SmtpServer::start(Script::default());
    let pool = one_connection(&server);
    let outcomes = burst(&pool, 30, recipient).await;
    assert!(outcomes.iter().all(|o| word(o) == "delivered"), "{outcomes:?}");
    assert_eq!(server.connections(), 1);
    // Whom the server was told of and what it then got belong together.
    for message in server.messages() {
        let n = message.message_id().trim_matches(['<', '>']).split('@').next().unwrap().to_owned();
        assert_eq!(message.recipients, [format!("m{n}@example.org")]);
    }
}

#[tokio::test]
async fn one_refused_recipient_stands_alone_wherever_it_comes() {
    for place in [0, 1, 7, 19] {
        for (at, answer, expected) in
            [(At::Rcpt, "550 5.1.1 unknown", "perm"), (At::Rcpt, "450 4.2.1 busy", "temp"), (At::Dot, "554 5.6.0 no", "perm")]
        {
            let bad = recipient(place);
            let server = SmtpServer::start(Script::with([Fault::for_recipient(&bad, at, Act::Say(answer))]));
            let pool = one_connection(&server);
            let outcomes = burst(&pool, 20, recipient).await;
            for (n, outcome) in outcomes.iter().enumerate() {
                assert_eq!(word(outcome), if n == place { expected } else { "delivered" }, "{place} {answer}: {n}");
            }
            assert_eq!(server.message_count(), 19);
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_a_dot_leaves_one_in_doubt_and_sends_the_others_once() {
    for act in [Act::AcceptAndClose, Act::Close] {
        let server = SmtpServer::start(Script::with([Fault::once_for_recipient(&recipient(5), At::Dot, act)]));
        let pool = one_connection(&server);
        let outcomes = burst(&pool, 20, recipient).await;
        for (n, outcome) in outcomes.iter().enumerate() {
            assert_eq!(word(outcome), if n == 5 { "unknown" } else { "delivered" }, "{n}");
        }
        assert!(server.message_ids().values().all(|count| *count == 1));
        assert!(server.message_ids().len() >= 19);
    }
}

#[tokio::test]
async fn a_connection_lost_in_an_opening_costs_nobody_anything() {
    for at in [At::Mail, At::Rcpt, At::Data] {
        let server = SmtpServer::start(Script::with([Fault::once_for_recipient(&recipient(5), at, Act::Close)]));
        let pool = one_connection(&server);
        let outcomes = burst(&pool, 20, recipient).await;
        assert!(outcomes.iter().all(|o| word(o) == "delivered"), "{at:?}: {outcomes:?}");
        assert!(server.message_ids().values().all(|count| *count == 1));
        assert_eq!(server.message_ids().len(), 20);
    }
}

#[tokio::test]
async fn a_relay_that_takes_nobody_but_asks_for_the_message_gets_a_lone_dot() {
    // RFC 2920 3.1: the 354 came although RCPT was refused.
    let faults = vec![Fault::for_recipient(&recipient(3), At::Rcpt, Act::Say("550 5.1.1 unknown"))];
    let server = SmtpServer::start(Script { asks_anyway: true, faults, ..Script::default() });
    let pool = one_connection(&server);
    let outcomes = burst(&pool, 10, recipient).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        assert_eq!(word(outcome), if n == 3 { "perm" } else { "delivered" }, "{n}: {outcome:?}");
    }
    assert_eq!(server.message_ids().len(), 9, "nobody got the message of somebody else");
}

#[tokio::test]
async fn a_relay_that_goes_away_for_good_gives_everyone_an_answer() {
    let server = SmtpServer::start(Script::with([Fault::once_for_recipient(&recipient(2), At::Dot, Act::AcceptAndClose)]));
    let port = server.port();
    let pool = one_connection(&server);
    let first = burst(&pool, 3, recipient).await;
    assert_eq!(first.iter().map(word).collect::<Vec<_>>(), ["delivered", "delivered", "unknown"]);
    drop(server);
    let outcomes = burst(&pool, 10, recipient).await;
    assert!(outcomes.iter().all(|o| word(o) == "not sent"), "port {port}: {outcomes:?}");
}

#[tokio::test]
async fn a_burst_waits_for_lanes_and_the_limit_of_a_connection_holds() {
    let server = SmtpServer::start(Script::default());
    let pool = Arc::new(
        Pool::new(SmtpConfig {
            connections: 3,
            messages_per_connection: 10,
            send_limit: Some(Duration::from_secs(60)),
            ..config(&server)
        })
        .unwrap(),
    );
    let outcomes = burst(&pool, 200, recipient).await;
    assert!(outcomes.iter().all(|o| word(o) == "delivered"));
    assert_eq!(server.message_ids().len(), 200);
    let mut by_connection = std::collections::BTreeMap::<usize, usize>::new();
    for message in server.messages() {
        *by_connection.entry(message.connection).or_default() += 1;
    }
    assert!(by_connection.values().all(|n| *n <= 10), "{by_connection:?}");
    assert!(server.most_connections_at_once() <= 3, "{}", server.most_connections_at_once());
    pool.close().await;
    assert_eq!(word(&pool.send(&to("late@example.org"), &mail("late")).await), "not sent");
}
