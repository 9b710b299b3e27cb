//! Pace and rest: no destination gets more than it bears, and a campaign that too many refuse stops by itself.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::id::MemberId;
use gaung::domain::outbox::MailState;
use gaung::service::campaign::Stuck;
use gaung::service::{campaign, delivery};
use gaung::store::mail_health;
use gaung::store::schema::members;

use super::{replica, seconds, settled_tick, smtp_world, tick};
use crate::support::campaigns::{Crowd, campaign_state, mail_of, mail_states, mails, now, opened};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::smtp_server::{Act, At, Fault, Script, SmtpServer};
use crate::support::world::World;

/// Moves a member's mailbox to another destination.
fn readdress(world: &World, member: MemberId, email: &str) {
    let set = (members::email.eq(email), members::email_norm.eq(email));
    world.change(|tx| Ok(diesel::update(members::table.find(member)).set(set).execute(tx.conn)?));
}

fn rested(world: &World) -> i64 {
    world.entries(EventKind::DestinationRested)
}

/// When each mail that waits may leave, in seconds from now.
fn waits(world: &World, crowd: &Crowd) -> Vec<i64> {
    let mut found: Vec<i64> = mails(world.app(), crowd.wave_id)
        .iter()
        .filter(|m| m.state == MailState::Pending)
        .map(|m| (m.next_attempt_at.0 - now(world)).num_seconds())
        .collect();
    found.sort_unstable();
    found
}

async fn a_paced_destination_gets_its_mails_one_after_the_other(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let env = [("GAUNG__MAIL__PACE__DESTINATIONS", "kemencontoh.example 6 0"), ("GAUNG__MAIL__BATCH_SIZE", "2")];
    let world = smtp_world(engine, &server, &env);
    let crowd = opened(&world, "a", 6).await;
    readdress(&world, crowd.people[5].0, "orang@lain.example");
    settled_tick(&world).await;
    assert_eq!(mail_of(world.app(), crowd.wave_id, crowd.people[5].0).state, MailState::Sent, "another destination has no limit");
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Pending, 4), (MailState::Sent, 2)]);
    assert_eq!(waits(&world, &crowd), [10, 20, 30, 40]);
    // A second worker finds the same places taken.
    let other = replica(&world);
    world.test.advance(seconds(10));
    gaung::jobs::tick(&other).await;
    assert_eq!(waits(&world, &crowd), [10, 20, 30]);
    world.test.advance(seconds(30));
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 6)]);
    assert!(server.message_ids().values().all(|n| *n == 1));
    // The next campaign's mails come after the last of this one, never before.
    let next = opened(&world, "b", 2).await;
    settled_tick(&world).await;
    assert!(waits(&world, &next).iter().all(|s| *s > 0), "{:?}", waits(&world, &next));
}

async fn a_new_sender_starts_slowly(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__PACE__WARM_UP", "1440")]);
    let crowd = opened(&world, "a", 3).await;
    settled_tick(&world).await;
    assert_eq!(waits(&world, &crowd), [60, 120], "1440 a day are one a minute");
    world.test.advance(seconds(120));
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 3)]);
    // The ramp is over.
    world.test.advance(TimeDelta::days(2));
    let next = opened(&world, "b", 5).await;
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), next.wave_id), [(MailState::Sent, 5)]);
}

async fn a_destination_takes_only_so_many_at_once(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__PACE__AT_ONCE", "1"), ("GAUNG__MAIL__SMTP__CONNECTIONS", "4")]);
    let crowd = opened(&world, "a", 8).await;
    for (member, n) in crowd.people[..4].iter().map(|(member, _)| *member).zip(0..) {
        readdress(&world, member, &format!("orang{n}@lambat.example"));
    }
    // The slow destination answers nobody; the other one must not wait for it.
    server.set_faults((0..4).map(|n| Fault::for_recipient(&format!("orang{n}@lambat.example"), At::Dot, Act::Stall)));
    let app = world.app().clone();
    let worker = tokio::spawn(async move { delivery::deliver_due_mail(&app).await });
    while server.message_count() < 4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let asked = server.commands().iter().filter(|c| c.starts_with("RCPT") && c.contains("@lambat.example")).count();
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    assert_eq!(asked, 1, "one at a time, though three connections were free");
}

async fn a_destination_that_puts_off_too_much_rests_and_the_others_go_on(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let env = [("GAUNG__MAIL__BREAKER__DESTINATION_LEAST", "4"), ("GAUNG__MAIL__BATCH_SIZE", "4")];
    let world = smtp_world(engine, &server, &env);
    let crowd = opened(&world, "a", 200).await;
    let bad: Vec<MemberId> = crowd.people[..196].iter().map(|(member, _)| *member).collect();
    for (member, n) in bad.iter().zip(0..) {
        readdress(&world, *member, &format!("orang{n}@lambat.example"));
    }
    server.set_faults((0..196).map(|n| {
        Fault::for_recipient(&format!("orang{n}@lambat.example"), At::Rcpt, Act::Say("451 4.7.1 too much mail from you"))
    }));
    settled_tick(&world).await;
    let states = mail_states(world.app(), crowd.wave_id);
    let count = |state| states.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n);
    assert_eq!(count(MailState::Sent), 4, "the others got theirs: {states:?}");
    assert!(count(MailState::Deferred) <= 100, "not every mail was burnt on it: {states:?}");
    assert_eq!(count(MailState::Deferred) + count(MailState::Pending), 196, "{states:?}");
    assert_eq!(rested(&world), 1);
    let resting = world.app().db.read_blocking(|conn| mail_health::resting(conn, now(&world), 10)).unwrap();
    assert_eq!(resting.len(), 1);
    assert_eq!(resting[0].domain, "lambat.example");
    let (until, why) = resting[0].resting(now(&world)).unwrap();
    assert_eq!((until - now(&world)).num_minutes(), 15);
    assert!(why.contains("put off"), "{why}");
    // It is still bad: the second rest is longer, and few mails find out.
    world.test.clock.set(until + TimeDelta::minutes(2));
    settled_tick(&world).await;
    assert_eq!(rested(&world), 2);
    let resting = world.app().db.read_blocking(|conn| mail_health::resting(conn, now(&world), 10)).unwrap();
    let (until, _) = resting[0].resting(now(&world)).unwrap();
    assert_eq!((until - now(&world)).num_minutes(), 30);
    // It takes mail again: everything leaves, and it is forgiven.
    server.set_faults([]);
    world.test.clock.set(until + TimeDelta::hours(1));
    settled_tick(&world).await;
    world.test.advance(TimeDelta::hours(7));
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 200)]);
    let known = world.app().db.read_blocking(|conn| mail_health::destinations(conn, &["lambat.example".into()])).unwrap();
    assert_eq!((known[0].rests, known[0].resting_until), (0, None));
    assert_eq!((server.message_count(), server.message_ids().len()), (200, 200));
}

async fn a_campaign_that_too_many_refuse_is_paused_with_its_reason(engine: Engine) {
    let server = SmtpServer::start(Script::with([Fault::always(At::Rcpt, Act::Say("550 5.1.1 no such user"))]));
    let env = [
        ("GAUNG__MAIL__BREAKER__CAMPAIGN_LEAST", "5"),
        ("GAUNG__MAIL__BREAKER__DESTINATION_LEAST", "1000"),
        ("GAUNG__MAIL__BATCH_SIZE", "5"),
    ];
    let world = smtp_world(engine, &server, &env);
    let other = opened(&world, "a", 1).await;
    let crowd = opened(&world, "b", 200).await;
    gaung::jobs::tick(world.app()).await;
    invariants::check(world.app());
    assert_eq!(campaign_state(world.app(), crowd.campaign_id), CampaignState::Paused);
    assert_ne!(campaign_state(world.app(), other.campaign_id), CampaignState::Paused, "one refusal is not too many");
    let rows = mails(world.app(), crowd.wave_id);
    let failed = rows.iter().filter(|m| m.state == MailState::Failed).count();
    assert!((5..=100).contains(&failed), "few were burnt: {failed}");
    assert!(rows.iter().filter(|m| m.state == MailState::Pending).all(|m| m.held), "what was not sent stays back");
    let seen = campaign::dashboard(world.app(), &world.lead, crowd.campaign_id).await.unwrap();
    let why = seen.stuck.iter().find_map(|s| if let Stuck::PausedForMail(why) = s { Some(*why) } else { None });
    let why = why.expect("the page says why");
    assert!(why.refused >= 5 && why.of >= why.refused, "{why:?}");
    tick(&world).await;
    assert_eq!(mails(world.app(), crowd.wave_id).iter().filter(|m| m.state == MailState::Failed).count(), failed, "it stays so");
    // Somebody mended the list and lets it go on.
    server.set_faults([]);
    campaign::resume(world.app(), &world.lead, crowd.campaign_id).await.unwrap();
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 200 - failed), (MailState::Failed, failed)]);
    assert!(
        campaign::dashboard(world.app(), &world.lead, crowd.campaign_id)
            .await
            .unwrap()
            .stuck
            .iter()
            .all(|s| !matches!(s, Stuck::PausedForMail(_)))
    );
    assert_eq!(delivery::deliver_due_mail(world.app()).await.unwrap().done, 0);
}

on_both!(
    a_paced_destination_gets_its_mails_one_after_the_other,
    a_new_sender_starts_slowly,
    a_destination_takes_only_so_many_at_once,
    a_destination_that_puts_off_too_much_rests_and_the_others_go_on,
    a_campaign_that_too_many_refuse_is_paused_with_its_reason,
);
