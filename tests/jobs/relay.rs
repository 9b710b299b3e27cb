//! Delivery through a relay that misbehaves: nothing is lost, nothing goes out twice by itself, and one bad address stops nobody.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use gaung::domain::actor::Actor;
use gaung::domain::event::EventKind;
use gaung::domain::outbox::MailState;
use gaung::service::delivery;
use gaung::store::outbox;

use super::{replica, seconds, settled_tick, smtp_world, tick};
use crate::support::campaigns::{counts, mail_of, mail_states, mails, now, opened};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::smtp_server::{Act, At, Fault, Login, Script, SmtpServer};
use crate::support::world::World;

fn address(world: &World, member: gaung::domain::id::MemberId) -> String {
    world.member_row(member).email_norm
}

async fn what_is_put_off_comes_back_after_its_wait(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__BACKOFF_FIRST_S", "60")]);
    let crowd = opened(&world, "a", 4).await;
    let (at_rcpt, after_dot) = (crowd.people[0].0, crowd.people[1].0);
    server.set_faults([
        Fault::for_recipient(&address(&world, at_rcpt), At::Rcpt, Act::Say("450 4.2.1 mailbox busy")),
        Fault::for_recipient(&address(&world, after_dot), At::Dot, Act::Say("452 4.3.1 out of space")),
    ]);
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 2), (MailState::Deferred, 2)]);
    for (member, reply) in [(at_rcpt, "450"), (after_dot, "452")] {
        let mail = mail_of(world.app(), crowd.wave_id, member);
        assert_eq!((mail.deferrals, mail.last_error.as_deref().map(|e| &e[..3])), (1, Some(reply)));
        let wait = mail.next_attempt_at.0 - now(&world);
        assert!(wait >= seconds(60) && wait <= seconds(75), "{wait}");
    }
    world.test.advance(seconds(59));
    settled_tick(&world).await;
    assert_eq!(mail_of(world.app(), crowd.wave_id, at_rcpt).attempt, 1, "not before its time");
    world.test.advance(seconds(16));
    settled_tick(&world).await;
    let second = mail_of(world.app(), crowd.wave_id, at_rcpt);
    let wait = second.next_attempt_at.0 - now(&world);
    assert_eq!((second.attempt, second.deferrals), (2, 2));
    assert!(wait >= seconds(120) && wait <= seconds(150), "the wait doubles: {wait}");
    server.set_faults([]);
    world.test.advance(seconds(150));
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 4)]);
    assert_eq!((server.message_count(), server.message_ids().len()), (4, 4));
    assert!(mails(world.app(), crowd.wave_id).iter().all(|m| m.last_error.is_none()));
}

async fn a_mail_that_is_put_off_for_ever_fails_in_the_end(engine: Engine) {
    let server = SmtpServer::start(Script::with([Fault::always(At::Rcpt, Act::Say("451 4.7.1 greylisted"))]));
    let env = [("GAUNG__MAIL__MAX_ATTEMPTS", "3"), ("GAUNG__MAIL__BACKOFF_FIRST_S", "10"), ("GAUNG__MAIL__BACKOFF_MAX_S", "15")];
    let world = smtp_world(engine, &server, &env);
    let crowd = opened(&world, "a", 1).await;
    let mail = || mail_of(world.app(), crowd.wave_id, crowd.people[0].0);
    for attempt in 1..=2 {
        settled_tick(&world).await;
        assert_eq!((mail().state, mail().deferrals), (MailState::Deferred, attempt));
        world.test.advance(seconds(20));
    }
    assert_eq!(gaung::jobs::tick(world.app()).await.failed, 1);
    assert_eq!(mail().state, MailState::Failed);
    assert_eq!(mail().last_error.as_deref(), Some("given up after 3 attempts: 451 4.7.1 greylisted"));
    invariants::check(world.app());
}

async fn a_refused_recipient_fails_alone(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[]);
    let crowd = opened(&world, "a", 12).await;
    let (at_rcpt, after_dot) = (crowd.people[3].0, crowd.people[7].0);
    server.set_faults([
        Fault::for_recipient(&address(&world, at_rcpt), At::Rcpt, Act::Say("550 5.1.1 no such user")),
        Fault::for_recipient(&address(&world, after_dot), At::Dot, Act::Say("554 5.7.1 looks like spam")),
    ]);
    assert_eq!(gaung::jobs::tick(world.app()).await.failed, 2);
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 10), (MailState::Failed, 2)]);
    let why = |member| mail_of(world.app(), crowd.wave_id, member).last_error.unwrap();
    assert!(why(at_rcpt).contains("5.1.1 no such user") && why(after_dot).contains("5.7.1 looks like spam"));
    let reached: BTreeSet<String> = server.messages().into_iter().flat_map(|m| m.recipients).collect();
    assert_eq!((reached.len(), server.message_count()), (10, 10));
    assert!(!reached.contains(&address(&world, at_rcpt)));
    world.test.advance(TimeDelta::hours(3));
    settled_tick(&world).await;
    assert_eq!((server.message_count(), counts(world.app(), crowd.wave_id).mail_failed), (10, 2), "never tried again by itself");
}

async fn doubt_after_the_final_dot_is_left_to_a_person(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[]);
    let crowd = opened(&world, "a", 6).await;
    let (kept, lost) = (crowd.people[1].0, crowd.people[4].0);
    server.set_faults([
        Fault::for_recipient(&address(&world, kept), At::Dot, Act::AcceptAndClose),
        Fault::for_recipient(&address(&world, lost), At::Dot, Act::Close),
    ]);
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 4), (MailState::Unknown, 2)]);
    server.set_faults([]);
    world.test.advance(TimeDelta::hours(5));
    settled_tick(&world).await;
    assert_eq!(server.message_count(), 5, "nothing in doubt is sent again by itself");
    assert_eq!(world.entries(EventKind::MailUnknown), 2);
    // A person decides: the same Message-ID again, so that a receiver may fold the two.
    for member in [kept, lost] {
        let id = mail_of(world.app(), crowd.wave_id, member).id;
        world.app().db.write_blocking(Actor::Operator, |tx| outbox::retry(tx, id)).unwrap();
    }
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 6)]);
    let ids = server.message_ids();
    assert_eq!((server.message_count(), ids.len()), (7, 6));
    let twice: Vec<_> = ids.iter().filter(|(_, n)| **n == 2).map(|(id, _)| id.clone()).collect();
    assert_eq!(twice, [format!("<{}@kemencontoh.example>", mail_of(world.app(), crowd.wave_id, kept).id)]);
}

async fn a_relay_that_is_down_burns_no_mail(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__BATCH_SIZE", "10")]);
    let (app, addr) = (world.app(), server.addr);
    let crowd = opened(&world, "a", 25).await;
    drop(server);
    settled_tick(&world).await;
    assert_eq!(mail_states(app, crowd.wave_id), [(MailState::Pending, 25)]);
    let (until, why) = app.relay.resting(now(&world)).expect("the relay rests");
    assert!(why.contains("connect") || why.contains("refused"), "{why}");
    let tried = || mails(app, crowd.wave_id).into_iter().filter(|m| m.attempt > 0).count();
    assert!(tried() <= 25, "{}", tried());
    // Down for a long while: it is tried now and then, more rarely each time.
    let mut rests = vec![until - now(&world)];
    for _ in 0..6 {
        world.test.clock.set(app.relay.resting(now(&world)).unwrap().0);
        settled_tick(&world).await;
        rests.push(app.relay.resting(now(&world)).unwrap().0 - now(&world));
    }
    assert!(rests.is_sorted() && rests[6] > rests[0] * 10, "{rests:?}");
    let rows = mails(app, crowd.wave_id);
    assert!(rows.iter().all(|m| m.state == MailState::Pending && m.deferrals == 0), "an outage costs nobody an attempt");

    let server = SmtpServer::start_at(addr, Script::default());
    settled_tick(&world).await;
    assert_eq!(server.message_count(), 0, "it rests until its time");
    world.test.clock.set(app.relay.resting(now(&world)).unwrap().0);
    settled_tick(&world).await;
    assert_eq!(mail_states(app, crowd.wave_id), [(MailState::Sent, 25)]);
    assert_eq!((server.message_count(), server.message_ids().len()), (25, 25));
    assert_eq!(app.relay.resting(now(&world)), None);
}

async fn a_relay_that_refuses_the_service_is_given_a_rest(engine: Engine) {
    let login = Login { mechanisms: "PLAIN LOGIN", username: "gaung", password: "benar" };
    let server = SmtpServer::start(Script { login: Some(login.clone()), ..Script::default() });
    let env = [("GAUNG__MAIL__SMTP__USERNAME", "gaung"), ("GAUNG__MAIL__SMTP__PASSWORD", "salah")];
    let world = smtp_world(engine, &server, &env);
    let crowd = opened(&world, "a", 8).await;
    settled_tick(&world).await;
    let (until, why) = world.app().relay.resting(now(&world)).expect("the relay rests");
    assert!(why.contains("535"), "{why}");
    let connections = server.connections();
    assert!(connections <= 4, "one round of connections, not one a mail: {connections}");
    settled_tick(&world).await;
    assert_eq!(server.connections(), connections, "while it rests, it is left alone");
    let rows = mails(world.app(), crowd.wave_id);
    assert!(rows.iter().all(|m| m.state == MailState::Pending && m.deferrals == 0));
    // The operator mends the account at the relay; the service goes on by itself.
    let port = server.addr;
    drop(server);
    let server = SmtpServer::start_at(port, Script { login: Some(Login { password: "salah", ..login }), ..Script::default() });
    world.test.clock.set(until);
    settled_tick(&world).await;
    assert_eq!((server.message_count(), mail_states(world.app(), crowd.wave_id)), (8, vec![(MailState::Sent, 8)]));
}

async fn one_address_that_breaks_connections_does_not_hold_up_the_rest(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__BATCH_SIZE", "10")]);
    let crowd = opened(&world, "a", 30).await;
    let bad = crowd.people[2].0;
    server.set_faults([Fault::for_recipient(&address(&world, bad), At::Rcpt, Act::Close)]);
    tick(&world).await;
    let sent = counts(world.app(), crowd.wave_id).mail_sent;
    assert_eq!(sent, 29, "the others do not wait for it");
    let row = mail_of(world.app(), crowd.wave_id, bad);
    assert_eq!((row.state, row.deferrals), (MailState::Pending, 0));
    assert!(row.next_attempt_at.0 > now(&world), "no hot loop");
    server.set_faults([]);
    world.test.advance(seconds(60));
    settled_tick(&world).await;
    assert_eq!((server.message_count(), server.message_ids().len()), (30, 30));
}

async fn a_slow_relay_is_waited_for_on_a_few_connections(engine: Engine) {
    let server = SmtpServer::start(Script::with([Fault::always(At::Dot, Act::Late(Duration::from_millis(40)))]));
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__SMTP__CONNECTIONS", "3")]);
    let crowd = opened(&world, "a", 12).await;
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 12)]);
    assert!(server.most_connections_at_once() <= 3, "{}", server.most_connections_at_once());
}

async fn a_worker_that_is_too_slow_claims_less(engine: Engine) {
    // Twenty a second, and a lease that leaves 0.8 s to begin: of three batches of forty, most would be put back, again and again (some
    // 500 times in all).
    let server = SmtpServer::start(Script::with([Fault::always(At::Dot, Act::Late(Duration::from_millis(50)))]));
    let settings = [
        ("GAUNG__MAIL__SMTP__CONNECTIONS", "1"),
        ("GAUNG__MAIL__SMTP__TIMEOUT_S", "2"),
        ("GAUNG__MAIL__BATCH_SIZE", "40"),
        ("GAUNG__MAIL__LEASE_S", "4"),
    ];
    let world = smtp_world(engine, &server, &settings);
    let crowd = opened(&world, "a", 160).await;
    let mut settled = 0;
    while mail_states(world.app(), crowd.wave_id) != [(MailState::Sent, 160)] {
        settled += delivery::deliver_due_mail(world.app()).await.unwrap().done;
    }
    assert_eq!((server.message_count(), server.message_ids().len()), (160, 160));
    assert!(settled - 160 < 300, "{} were put back", settled - 160);
    invariants::check(world.app());
}

async fn a_stop_puts_back_what_was_not_begun(engine: Engine) {
    let server = SmtpServer::start(Script::with([Fault::always(At::Dot, Act::Late(Duration::from_millis(100)))]));
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__SMTP__CONNECTIONS", "2")]);
    let crowd = opened(&world, "a", 30).await;
    let next = replica(&world);
    let app = world.app().clone();
    let worker = tokio::spawn(async move { delivery::deliver_due_mail(&app).await });
    while server.message_count() == 0 {
        tokio::task::yield_now().await;
    }
    world.app().stop();
    worker.await.unwrap().unwrap();
    let sent = server.message_count();
    assert!(sent < 30, "it stopped before the end");
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Pending, 30 - sent), (MailState::Sent, sent)]);
    assert_eq!(delivery::deliver_due_mail(world.app()).await.unwrap().done, 0, "a stopped service takes nothing on");
    invariants::check(world.app());
    server.set_faults([]);
    assert_eq!(gaung::jobs::tick(&next).await.failed, 0);
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 30)]);
    assert_eq!((server.message_count(), server.message_ids().len()), (30, 30), "the next one goes on, and nothing twice");
    invariants::check(world.app());
}

async fn a_worker_that_died_leaves_doubt_and_nothing_else(engine: Engine) {
    let server = SmtpServer::start(Script::with([Fault::always(At::Dot, Act::Stall)]));
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__SMTP__CONNECTIONS", "2"), ("GAUNG__MAIL__BATCH_SIZE", "5")]);
    let crowd = opened(&world, "a", 12).await;
    let app = world.app().clone();
    let worker = tokio::spawn(async move { delivery::deliver_due_mail(&app).await });
    let at_the_dot = || server.commands().iter().filter(|c| c.starts_with("DATA")).count();
    while at_the_dot() < 2 {
        tokio::task::yield_now().await;
    }
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    server.set_faults([]);
    // Its claims keep their lease; the rest goes on at once with another worker.
    let next = replica(&world);
    gaung::jobs::tick(&next).await;
    let states = mail_states(&next, crowd.wave_id);
    let claimed = states.iter().find(|(state, _)| *state == MailState::Sending).map_or(0, |(_, n)| *n);
    // Three batches in hand, as far as they had come.
    assert!(claimed == 5 || claimed >= 10, "{states:?}");
    let but_none = |states: [(MailState, usize); 2]| states.into_iter().filter(|(_, n)| *n > 0).collect::<Vec<_>>();
    assert_eq!(states, but_none([(MailState::Sending, claimed), (MailState::Sent, 12 - claimed)]));
    world.test.advance(seconds(300));
    gaung::jobs::tick(&next).await;
    let states = mail_states(&next, crowd.wave_id);
    let unknown = states.iter().find(|(state, _)| *state == MailState::Unknown).map_or(0, |(_, n)| *n);
    assert!(unknown >= 2 && unknown <= claimed, "{states:?}");
    assert_eq!(states, but_none([(MailState::Sent, 12 - unknown), (MailState::Unknown, unknown)]));
    assert!(server.message_ids().values().all(|n| *n == 1));
    invariants::check(&next);
}

on_both!(
    what_is_put_off_comes_back_after_its_wait,
    a_mail_that_is_put_off_for_ever_fails_in_the_end,
    a_refused_recipient_fails_alone,
    doubt_after_the_final_dot_is_left_to_a_person,
    a_relay_that_is_down_burns_no_mail,
    a_relay_that_refuses_the_service_is_given_a_rest,
    one_address_that_breaks_connections_does_not_hold_up_the_rest,
    a_slow_relay_is_waited_for_on_a_few_connections,
    a_worker_that_is_too_slow_claims_less,
    a_stop_puts_back_what_was_not_begun,
    a_worker_that_died_leaves_doubt_and_nothing_else,
);
