//! The mark between claiming and handing over: what a dead worker had not begun is in no doubt.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::outbox::MailState;
use gaung::store::outbox::{self, Claimed, Lost, Settlement, Verdict};
use gaung::store::schema::outbox as mail_table;

use crate::support::campaigns::{mail_states, mails, now, opened};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

const LEASE: TimeDelta = TimeDelta::seconds(300);

fn claim(world: &World, limit: u32) -> Vec<Claimed> {
    let until = now(world) + LEASE;
    world.change(|tx| outbox::claim(tx, &outbox::Front::default(), limit, until))
}

fn finish(world: &World, claimed: &[Claimed], state: MailState) {
    let verdict = Verdict { state, retry_at: None, why: None };
    let settlements: Vec<_> = claimed.iter().map(|c| Settlement::new(c.clone(), verdict.clone())).collect();
    assert_eq!(world.change(|tx| outbox::settle(tx, &settlements)), claimed.len());
}

async fn what_a_dead_worker_had_not_begun_waits_again(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 4).await;
    let lost = claim(&world, 4);
    // One had been put on its way; one was claimed by a version that does not mark.
    assert_eq!(world.change(|tx| outbox::begin(tx, &lost[..1])), [lost[0].id].into());
    let unmarked = mail_table::table.find(lost[1].id);
    world.change(|tx| Ok(diesel::update(unmarked).set(mail_table::begun.eq(None::<i32>)).execute(tx.conn)?));
    world.test.advance(LEASE);
    assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::Unknown)), 4);
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Pending, 2), (MailState::Unknown, 2)]);
    assert!(world.change(|tx| outbox::begin(tx, &lost)).is_empty(), "a late worker may begin nothing");
    let again = claim(&world, 10);
    let mut ids: Vec<_> = again.iter().map(|mail| (mail.id, mail.attempt)).collect();
    ids.sort();
    assert_eq!(ids, [(lost[2].id, 2), (lost[3].id, 2)]);
    // What a mark of an earlier attempt says counts for that attempt only.
    assert_eq!(world.change(|tx| outbox::begin(tx, &again[..1])).len(), 1);
    finish(&world, &again[..1], MailState::Pending);
    let third = claim(&world, 10);
    assert_eq!((third.len(), third[0].attempt), (1, 3));
    world.test.advance(LEASE);
    assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::Unknown)), 2);
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Pending, 2), (MailState::Unknown, 2)]);
    invariants::check(world.app());
}

async fn a_mail_that_workers_die_with_is_given_up_in_the_end(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 1).await;
    for death in 1..=8 {
        assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Pending, 1)]);
        assert_eq!(claim(&world, 1)[0].attempt, death);
        world.test.advance(LEASE);
        assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::Unknown)), 1);
    }
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Failed, 1)]);
    assert!(mails(world.app(), crowd.wave_id)[0].last_error.as_ref().unwrap().contains("died"));
    invariants::check(world.app());
}

on_both!(what_a_dead_worker_had_not_begun_waits_again, a_mail_that_workers_die_with_is_given_up_in_the_end,);
