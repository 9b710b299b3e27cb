//! The outbox: taken by one worker at a time, settled once, never sent again in doubt, counted at every step.

use std::collections::HashSet;
use std::sync::{Barrier, mpsc};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use gaung::domain::actor::Actor;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::event::EventKind;
use gaung::domain::id::MailId;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::store::outbox::{self, Claimed, Lost, NewMail, Settlement, Verdict};
use gaung::store::schema::outbox as mail_table;
use gaung::store::{StoreError, fanout};

use crate::support::campaigns::{Mail, assigned, complete, counts, mail_of, mail_states, mails, now, opened};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

const LEASE: TimeDelta = TimeDelta::seconds(300);

fn claim(world: &World, limit: u32) -> Vec<Claimed> {
    world.change(|tx| {
        let until = tx.now + LEASE;
        outbox::claim(tx, &outbox::Front::default(), limit, until)
    })
}

fn verdict(state: MailState, retry_at: Option<DateTime<Utc>>, why: Option<&str>) -> Verdict {
    Verdict { state, retry_at, why: why.map(str::to_owned) }
}

/// Settles claims alike; returns how many were.
fn settle(world: &World, claimed: &[Claimed], verdict: &Verdict) -> usize {
    let settlements: Vec<_> = claimed.iter().map(|c| Settlement::new(c.clone(), verdict.clone())).collect();
    world.change(|tx| outbox::settle(tx, &settlements))
}

fn finish(world: &World, claimed: &[Claimed], state: MailState) {
    let why = (state != MailState::Sent).then_some("450 4.2.1 try later");
    assert_eq!(settle(world, claimed, &verdict(state, None, why)), claimed.len());
}

fn mail(world: &World, id: MailId) -> Mail {
    world
        .app()
        .db
        .read_blocking(|conn| Ok::<_, StoreError>(mail_table::table.find(id).select(Mail::as_select()).first(conn)?))
        .unwrap()
}

type Act = fn(&mut gaung::store::Tx<'_>, MailId) -> Result<(), StoreError>;

fn mail_act(world: &World, act: Act, id: MailId) -> Result<(), StoreError> {
    world.app().db.write_blocking(Actor::Operator, |tx| act(tx, id))
}

async fn claims_are_disjoint_and_keep_to_their_limit(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 30).await;
    // On PostgreSQL all four hold their rows at the same time; SQLite has one writer.
    let together = (engine == Engine::Postgres).then(|| Barrier::new(4));
    let claims: Vec<Vec<Claimed>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    world.change(|tx| {
                        let until = tx.now + LEASE;
                        let claimed = outbox::claim(tx, &outbox::Front::default(), 7, until)?;
                        if let Some(barrier) = &together {
                            barrier.wait();
                        }
                        Ok(claimed)
                    })
                })
            })
            .collect();
        workers.into_iter().map(|w| w.join().unwrap()).collect()
    });
    assert_eq!(claims.iter().map(Vec::len).collect::<Vec<_>>(), [7; 4]);
    let ids: HashSet<MailId> = claims.iter().flatten().map(|c| c.id).collect();
    assert_eq!(ids.len(), 28, "nobody has another's mail");
    for row in mails(world.app(), crowd.wave_id).iter().filter(|m| ids.contains(&m.id)) {
        assert_eq!((row.state, row.attempt, row.lease_until.map(|at| at.0)), (MailState::Sending, 1, Some(now(&world) + LEASE)));
    }
    let rest = claim(&world, 100);
    assert_eq!((rest.len(), claim(&world, 100).len()), (2, 0));
    assert!(rest.iter().all(|c| !ids.contains(&c.id)));
    invariants::check(world.app());
}

async fn a_settle_counts_only_for_its_own_attempt_and_only_once(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 1).await;
    let first = claim(&world, 10);
    let later = now(&world) + TimeDelta::seconds(5);
    assert_eq!(settle(&world, &first, &verdict(MailState::Pending, Some(later), None)), 1);
    assert!(claim(&world, 10).is_empty(), "put back until later");
    world.test.advance(TimeDelta::seconds(5));
    let second = claim(&world, 10);
    assert_eq!((second[0].id, second[0].attempt, second[0].deferrals), (first[0].id, 2, 0), "putting back costs no deferral");
    for state in [MailState::Sent, MailState::Failed, MailState::Unknown] {
        assert_eq!(settle(&world, &first, &verdict(state, None, None)), 0, "a late worker changes nothing");
    }
    assert_eq!(mail(&world, first[0].id).state, MailState::Sending);
    assert_eq!(counts(world.app(), crowd.wave_id).mail_sent, 0);
    finish(&world, &second, MailState::Sent);
    assert_eq!(settle(&world, &second, &verdict(MailState::Failed, None, None)), 0, "what is settled stays");
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 1)]);
    let told = assigned(world.app(), crowd.wave_id).remove(0);
    assert_eq!((told.state, told.notified_at.map(|at| at.0)), (AssignmentState::Notified, Some(now(&world))));
    assert_eq!((world.entries(EventKind::MailSent), world.entries(EventKind::MailFailed)), (1, 0));
    invariants::check(world.app());
}

async fn a_lease_that_ran_out_makes_unknown_and_nothing_sends_it_again(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 5).await;
    let lost = claim(&world, 3);
    assert_eq!(world.change(|tx| outbox::begin(tx, &lost)).len(), 3);
    world.test.advance(LEASE - TimeDelta::microseconds(1));
    assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::Unknown)), 0, "the lease still holds");
    let alive = claim(&world, 1);
    world.test.advance(TimeDelta::microseconds(1));
    assert_eq!(world.change(|tx| outbox::rescue(tx, 2, Lost::Unknown)), 2, "a rescue keeps to its limit");
    assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::Unknown)), 1);
    assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::Unknown)), 0);
    assert_eq!(
        mail_states(world.app(), crowd.wave_id),
        [(MailState::Pending, 1), (MailState::Sending, 1), (MailState::Unknown, 3)]
    );
    assert!(mail(&world, lost[0].id).last_error.unwrap().contains("lease"));
    assert_eq!(settle(&world, &lost, &verdict(MailState::Sent, None, None)), 0, "the late worker's word comes too late");
    finish(&world, &alive, MailState::Sent);
    world.test.advance(TimeDelta::days(1));
    let next = claim(&world, 100);
    assert_eq!(next.len(), 1, "only the one that was never tried");
    assert!(lost.iter().all(|l| l.id != next[0].id));
    assert_eq!((world.entries(EventKind::MailUnknown), counts(world.app(), crowd.wave_id).mail_unknown), (3, 3));
    invariants::check(world.app());
}

async fn a_lost_claim_of_the_mailbox_waits_again_because_nothing_left(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 2).await;
    let lost = claim(&world, 2);
    world.test.advance(LEASE);
    assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::NotHandedOver)), 2);
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Pending, 2)]);
    assert_eq!(settle(&world, &lost, &verdict(MailState::Sent, None, None)), 0, "the late worker's word comes too late");
    assert_eq!(claim(&world, 10).len(), 2, "they are sent at once");
    invariants::check(world.app());
}

async fn what_was_put_off_comes_back_at_its_time_and_after_what_is_new(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 3).await;
    let first = claim(&world, 2);
    let at = now(&world) + TimeDelta::seconds(60);
    assert_eq!(settle(&world, &first, &verdict(MailState::Deferred, Some(at), Some("451 4.7.1 greylisted"))), 2);
    let row = mail(&world, first[0].id);
    assert_eq!((row.state, row.deferrals, row.next_attempt_at.0), (MailState::Deferred, 1, at));
    assert_eq!(row.last_error.as_deref(), Some("451 4.7.1 greylisted"));
    let due_at = || world.app().db.read_blocking(|conn| outbox::find_next_at(conn, crowd.campaign_id)).unwrap();
    assert_eq!(due_at(), Some(now(&world)), "one waits that was never tried");
    world.test.advance(TimeDelta::seconds(60) - TimeDelta::microseconds(1));
    let new = claim(&world, 10);
    assert_eq!(new.len(), 1, "the others are not due");
    assert_eq!(due_at(), Some(at));
    assert_eq!(settle(&world, &new, &verdict(MailState::Pending, Some(at), None)), 1);
    world.test.advance(TimeDelta::microseconds(1));
    assert_eq!(claim(&world, 1)[0].id, new[0].id, "one that never failed goes first");
    let again = claim(&world, 10);
    assert_eq!(again.iter().map(|c| (c.attempt, c.deferrals)).collect::<Vec<_>>(), [(2, 1), (2, 1)]);
    assert_eq!((world.entries(EventKind::MailSent), due_at()), (0, None));
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sending, 3)]);
    invariants::check(world.app());
}

async fn a_paused_campaigns_mail_stays_back_whatever_was_under_way(engine: Engine) {
    let world = World::new(engine);
    let (paused, other) = (opened(&world, "a", 4).await, opened(&world, "b", 1).await);
    let under_way: Vec<Claimed> = claim(&world, 2);
    assert!(under_way.iter().all(|c| c.campaign_id == Some(paused.campaign_id)));
    let app = world.app();
    gaung::service::campaign::pause(app, &world.lead, paused.campaign_id, "Menunggu klarifikasi").await.unwrap();
    assert_eq!(claim(&world, 10).iter().map(|c| c.wave_id).collect::<Vec<_>>(), [Some(other.wave_id)], "the other goes on");
    // What was being sent when the pause came may be put off or put back: it stays back too.
    let at = now(&world);
    settle(&world, &under_way[..1], &verdict(MailState::Deferred, Some(at), Some("450 busy")));
    settle(&world, &under_way[1..], &verdict(MailState::Pending, Some(at), None));
    assert!(claim(&world, 10).is_empty(), "nothing of a paused campaign leaves");
    gaung::service::campaign::resume(app, &world.lead, paused.campaign_id).await.unwrap();
    assert_eq!(claim(&world, 10).len(), 4, "all of it goes on where it was");
    invariants::check(app);
}

async fn the_same_mail_is_put_in_once(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 1).await;
    let told = assigned(world.app(), crowd.wave_id).remove(0);
    let user = world.admin.user_id().unwrap();
    let keyed = |key: &str| NewMail {
        user_id: Some(user),
        campaign_id: Some(crowd.campaign_id),
        dedupe: Some(key.to_owned()),
        ..NewMail::new(MailKind::ReleaseRequest)
    };
    let total = || {
        let count = |conn: &mut gaung::store::Conn| Ok::<_, StoreError>(mail_table::table.count().get_result::<i64>(conn)?);
        world.app().db.read_blocking(count).unwrap()
    };
    let before = total();
    world.change(|tx| outbox::enqueue(tx, &[keyed("k1"), keyed("k2"), keyed("k1")]));
    world.change(|tx| outbox::enqueue(tx, &[keyed("k2")]));
    assert_eq!(total() - before, 2);
    let unkeyed = NewMail { user_id: Some(user), ..NewMail::new(MailKind::ReleaseRequest) };
    world.change(|tx| outbox::enqueue(tx, &[unkeyed.clone(), unkeyed]));
    assert_eq!(total() - before, 4, "without a key each is its own");
    let about = |kind| NewMail { assignment_id: Some(told.id), member_id: Some(told.member_id), ..NewMail::new(kind) };
    world.change(|tx| outbox::enqueue(tx, &[about(MailKind::Task), about(MailKind::Reminder), about(MailKind::Reminder)]));
    assert_eq!(total() - before, 5, "an assignment has one mail of a kind");
    world.change(|tx| outbox::enqueue(tx, &[]));
}

async fn a_person_decides_about_what_failed_or_is_unknown(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 4).await;
    let claimed = claim(&world, 3);
    finish(&world, &claimed[..1], MailState::Failed);
    finish(&world, &claimed[1..], MailState::Unknown);
    let [failed, doubtful, accepted] = [claimed[0].id, claimed[1].id, claimed[2].id];
    let waiting = mails(world.app(), crowd.wave_id).into_iter().find(|m| m.state == MailState::Pending).unwrap().id;
    let never: [(Act, MailId); 3] =
        [(outbox::retry, waiting), (outbox::accept_unknown, failed), (outbox::accept_unknown, waiting)];
    for (act, id) in never {
        assert!(matches!(mail_act(&world, act, id), Err(StoreError::Stale)));
    }
    assert!(matches!(mail_act(&world, outbox::retry, MailId::new()), Err(StoreError::Missing(_))));
    mail_act(&world, outbox::accept_unknown, accepted).unwrap();
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.mail_sent, row.mail_unknown, row.mail_failed), (1, 1, 1));
    let told = assigned(world.app(), crowd.wave_id).into_iter().find(|a| Some(a.id) == claimed[2].assignment_id).unwrap();
    assert_eq!(told.state, AssignmentState::Notified);
    mail_act(&world, outbox::retry, failed).unwrap();
    mail_act(&world, outbox::retry, doubtful).unwrap();
    assert!(matches!(mail_act(&world, outbox::retry, doubtful), Err(StoreError::Stale)), "it waits already");
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.mail_sent, row.mail_unknown, row.mail_failed), (1, 0, 0));
    invariants::check(world.app());
    let again = claim(&world, 10);
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|c| c.attempt == if c.id == waiting { 1 } else { 2 }));
    finish(&world, &again, MailState::Sent);
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 4)]);
    assert_eq!((world.entries(EventKind::MailRetried), world.entries(EventKind::MailAccepted)), (2, 1));
    invariants::check(world.app());
}

async fn a_retried_mail_starts_afresh_and_waits_for_a_paused_campaign(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 1).await;
    let at = now(&world);
    for _ in 0..7 {
        let claimed = claim(&world, 1);
        settle(&world, &claimed, &verdict(MailState::Deferred, Some(at), Some("450 busy")));
    }
    let claimed = claim(&world, 1);
    finish(&world, &claimed, MailState::Failed);
    gaung::service::campaign::pause(world.app(), &world.lead, crowd.campaign_id, "Tunggu").await.unwrap();
    mail_act(&world, outbox::retry, claimed[0].id).unwrap();
    assert!(claim(&world, 1).is_empty(), "nothing of a paused campaign leaves");
    gaung::service::campaign::resume(world.app(), &world.lead, crowd.campaign_id).await.unwrap();
    assert_eq!(claim(&world, 1).iter().map(|c| (c.attempt, c.deferrals)).collect::<Vec<_>>(), [(9, 0)]);
    invariants::check(world.app());
}

async fn what_is_no_longer_wanted_is_counted_out(engine: Engine) {
    let world = World::new(engine);
    let (crowd, other) = (opened(&world, "a", 6).await, opened(&world, "b", 2).await);
    let (leaving, leaving_account) = crowd.people[0];
    let opt_in = NewMail { member_id: Some(leaving), dedupe: Some("opt-in".into()), ..NewMail::new(MailKind::OptIn) };
    world.change(|tx| outbox::enqueue(tx, &[opt_in]));
    assert_eq!(world.change(|tx| outbox::suppress_for_member(tx, leaving)), 1, "the request to confirm is another matter");
    let row = mail_of(world.app(), crowd.wave_id, leaving);
    assert_eq!((row.state, row.settled_at.map(|at| at.0)), (MailState::Suppressed, Some(now(&world))));

    let done = assigned(world.app(), crowd.wave_id).into_iter().find(|a| a.account_id != leaving_account).unwrap();
    assert_eq!(world.change(|tx| outbox::cancel_for_assignment(tx, done.id)), 1);
    assert_eq!(world.change(|tx| outbox::cancel_for_assignment(tx, done.id)), 0);

    let claimed = claim(&world, 2);
    let at = now(&world) + TimeDelta::hours(1);
    settle(&world, &claimed[..1], &verdict(MailState::Deferred, Some(at), Some("450 busy")));
    assert_eq!(world.change(|tx| outbox::cancel_campaign(tx, crowd.campaign_id)), 3, "two pending, one deferred");
    let states = [(MailState::Sending, 1), (MailState::Suppressed, 1), (MailState::Cancelled, 4)];
    assert_eq!(mail_states(world.app(), crowd.wave_id), states);
    finish(&world, &claimed[1..], MailState::Sent);
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.mail_sent, row.mail_suppressed, row.mail_cancelled), (1, 1, 4));
    invariants::check(world.app());
    assert_eq!(mail_states(world.app(), other.wave_id), [(MailState::Pending, 2)]);
    assert_eq!(world.change(|tx| outbox::cancel_for_wave(tx, other.wave_id)), 2);
    assert_eq!(counts(world.app(), other.wave_id).mail_cancelled, 2);
    invariants::check(world.app());
}

/// A claim, or a *Done*, that commits between a cancellation's count and its change must not be counted as cancelled.
async fn a_cancellation_counts_what_it_changed_and_nothing_else(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 4).await;
    let told = assigned(world.app(), crowd.wave_id);
    let (started, start) = mpsc::channel();
    std::thread::scope(|scope| {
        let world = &world;
        let (campaign_id, done) = (crowd.campaign_id, told[0].clone());
        scope.spawn(move || {
            world.change(|tx| {
                let until = tx.now + LEASE;
                let claimed = outbox::claim(tx, &outbox::Front::default(), 1, until)?;
                assert_eq!(claimed.len(), 1);
                complete(tx, &done)?;
                started.send(()).unwrap();
                // Long enough for the other to meet the locked rows; on SQLite it waits to begin.
                std::thread::sleep(Duration::from_millis(300));
                Ok(())
            });
        });
        start.recv().unwrap();
        world.change(|tx| {
            fanout::withdraw_campaign(tx, campaign_id)?;
            outbox::cancel_campaign(tx, campaign_id)
        });
    });
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sending, 1), (MailState::Cancelled, 3)]);
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.done, row.withdrawn, row.mail_cancelled), (1, 3, 3));
    invariants::check(world.app());
}

async fn a_reply_is_kept_short_and_a_servers_words_stay_out_of_the_log(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 2).await;
    let claimed = claim(&world, 2);
    let reply = format!("550 no such user <orang@kemencontoh.example> {}", "é".repeat(600));
    settle(&world, &claimed[..1], &verdict(MailState::Failed, None, Some(&reply)));
    settle(&world, &claimed[1..], &verdict(MailState::Sent, None, Some("250 queued as 1234")));
    let failed = mail(&world, claimed[0].id);
    assert_eq!(failed.last_error.map(|e| e.chars().count()), Some(500));
    assert_eq!(mail(&world, claimed[1].id).last_error, None);
    let payloads: Vec<String> = invariants::dump(world.app()).into_iter().filter(|l| l.starts_with("ledger_entries:")).collect();
    assert!(payloads.iter().any(|l| l.contains("mail.failed")) && !payloads.iter().any(|l| l.contains("orang@kemencontoh")));
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 1), (MailState::Failed, 1)]);
    invariants::check(world.app());
}

on_both!(
    claims_are_disjoint_and_keep_to_their_limit,
    a_settle_counts_only_for_its_own_attempt_and_only_once,
    a_lease_that_ran_out_makes_unknown_and_nothing_sends_it_again,
    a_lost_claim_of_the_mailbox_waits_again_because_nothing_left,
    what_was_put_off_comes_back_at_its_time_and_after_what_is_new,
    a_paused_campaigns_mail_stays_back_whatever_was_under_way,
    the_same_mail_is_put_in_once,
    a_person_decides_about_what_failed_or_is_unknown,
    a_retried_mail_starts_afresh_and_waits_for_a_paused_campaign,
    what_is_no_longer_wanted_is_counted_out,
    a_cancellation_counts_what_it_changed_and_nothing_else,
    a_reply_is_kept_short_and_a_servers_words_stay_out_of_the_log,
);
