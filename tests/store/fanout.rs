//! Making a wave's assignments: each once with its mail, in chunks, and the waves that wait for others.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::content::TargetPlan;
use gaung::domain::event::EventKind;
use gaung::domain::id::{AssignmentId, MemberId};
use gaung::domain::kind::{Action, Layer};
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::platform::Platform;
use gaung::domain::wave::Timing;
use gaung::store::audience::Scope;
use gaung::store::fanout::{self, Chunk};
use gaung::store::schema::ledger_entries;
use gaung::store::types::Doc;
use gaung::store::{StoreError, fanout::chunk_end};

use crate::support::campaigns::{assigned, counts, due, mails, now, opened, publish_wave, released, task, wave, wave_row};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

async fn an_assignment_and_its_mail_are_made_once(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 5).await;
    let app = world.app();
    let (people, letters) = (assigned(app, crowd.wave_id), mails(app, crowd.wave_id));
    assert_eq!(people.iter().map(|a| a.account_id).collect::<BTreeSet<_>>(), crowd.people.iter().map(|p| p.1).collect());
    for person in &people {
        assert_eq!((person.planned_at.0, person.expires_at.0), (now(&world), now(&world) + TimeDelta::hours(24)));
        assert_eq!(person.remind_at.map(|at| at.0), Some(now(&world) + TimeDelta::hours(23)));
        let own: Vec<_> = letters.iter().filter(|m| m.assignment_id == Some(person.id)).collect();
        assert_eq!((own.len(), own[0].kind, own[0].member_id), (1, MailKind::Task, Some(person.member_id)));
        assert_eq!((own[0].state, own[0].held, own[0].attempt), (MailState::Pending, false, 0));
        assert_eq!(own[0].next_attempt_at.0, now(&world));
    }
    // Texts are spread evenly: every person begins with the next one.
    assert_eq!(people.iter().map(|a| a.variant_no).collect::<BTreeSet<_>>(), (1..=5).collect());

    // The log names a range of ids that holds exactly these assignments.
    let query = ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::WaveAssigned)).select(ledger_entries::payload);
    let payload: Doc<serde_json::Value> = app.db.read_blocking(|conn| Ok::<_, StoreError>(query.first(conn)?)).unwrap();
    let id = |key: &str| payload.0[key].as_str().unwrap().parse::<AssignmentId>().unwrap();
    assert_eq!(payload.0["count"], 5);
    assert!(people.iter().all(|a| id("first_id") <= a.id && a.id <= id("last_id")));

    let row = wave_row(app, crowd.wave_id);
    let before = invariants::dump(app);
    let made = world.change(|tx| {
        let chunk = Chunk {
            scope: Scope {
                campaign_id: crowd.campaign_id,
                campaign_unit: world.root,
                wave_id: crowd.wave_id,
                layer: Layer::Opinion,
                platforms: &[Platform::X],
                rule: &row.audience.0,
                participate_version: "1",
                operate_version: "1",
                weekly_cap: Some(3),
                now: tx.now,
                members: (None, None),
            },
            campaign_id: crowd.campaign_id,
            expires_at: tx.now,
            remind_at: None,
        };
        fanout::assign(tx, &chunk)
    });
    assert_eq!(made, 0);
    assert_eq!(invariants::dump(app), before, "again makes nothing new");
    invariants::check(app);
}

async fn chunks_cut_the_members_without_gap_or_overlap(engine: Engine) {
    let world = World::new(engine);
    let crowd = due(&world, "a", 9).await;
    // The world's own twelve members come first: they were made before.
    let (mut after, mut sizes) = (None::<MemberId>, Vec::new());
    let all = world.app().db.read_blocking(|conn| {
        use gaung::store::schema::members;
        Ok::<_, StoreError>(members::table.order(members::id.asc()).select(members::id).load::<MemberId>(conn)?)
    });
    let all = all.unwrap();
    assert_eq!((all.len(), all.last()), (21, crowd.people.last().map(|p| &p.0)));
    loop {
        let end = world.change(|tx| chunk_end(tx, after, 6));
        sizes.push(all.iter().filter(|id| after.is_none_or(|a| **id > a) && end.is_none_or(|e| **id <= e)).count());
        if end.is_none() {
            break;
        }
        after = end;
    }
    assert_eq!(sizes, [6, 6, 6, 3]);
    assert_eq!(world.change(|tx| chunk_end(tx, None, 21)), all.last().copied(), "a full chunk is followed by an empty one");
    assert_eq!(world.change(|tx| chunk_end(tx, None, 22)), None);
    assert_eq!(world.change(|tx| chunk_end(tx, None, 0)), all.first().copied(), "at least one");
}

async fn withdrawing_ends_what_is_open_and_counts_it(engine: Engine) {
    let world = World::new(engine);
    let (crowd, other) = (opened(&world, "a", 3).await, opened(&world, "b", 2).await);
    assert_eq!(world.change(|tx| fanout::withdraw_campaign(tx, crowd.campaign_id)), 3);
    assert_eq!(world.change(|tx| fanout::withdraw_campaign(tx, crowd.campaign_id)), 0);
    assert_eq!((counts(world.app(), crowd.wave_id).withdrawn, counts(world.app(), other.wave_id).withdrawn), (3, 0));
    assert_eq!(world.entries(EventKind::AssignmentsWithdrawn), 1);
    assert!(assigned(world.app(), crowd.wave_id).iter().all(|a| a.settled_at.is_some() && a.remind_at.is_none()));
    invariants::check(world.app());
}

async fn waves_that_wait_are_woken_once_by_what_they_wait_for(engine: Engine) {
    let world = World::new(engine);
    let at = now(&world);
    let first = publish_wave(at + TimeDelta::hours(1));
    let ask = || vec![task(Platform::X, Action::Create, TargetPlan::PostOf { wave_id: first.id })];
    let follower = wave(Layer::Opinion, Timing::After { wave_id: first.id, minutes: 90 }, ask());
    let cascade = wave(Layer::Opinion, Timing::Cascade { wave_id: first.id, minutes: 30 }, ask());
    let (source, follower_id, cascade_id) = (first.id, follower.id, cascade.id);
    released(&world, vec![first, follower, cascade]).await;
    let opens = |id| wave_row(world.app(), id).opens_at.map(|at| at.0);
    assert_eq!((opens(follower_id), opens(cascade_id)), (None, None));
    assert_eq!(world.change(|tx| fanout::wake_followers(tx, source, at)), 1);
    assert_eq!((opens(follower_id), opens(cascade_id)), (Some(at + TimeDelta::minutes(90)), None));
    assert_eq!(world.change(|tx| fanout::wake_cascades(tx, source, at)), 1);
    assert_eq!(opens(cascade_id), Some(at + TimeDelta::minutes(30)));
    // The first one decides.
    let later = at + TimeDelta::hours(5);
    assert_eq!(world.change(|tx| fanout::wake_cascades(tx, source, later)), 0);
    assert_eq!(world.change(|tx| fanout::wake_followers(tx, source, later)), 0);
    assert_eq!(opens(cascade_id), Some(at + TimeDelta::minutes(30)));
}

on_both!(
    an_assignment_and_its_mail_are_made_once,
    chunks_cut_the_members_without_gap_or_overlap,
    withdrawing_ends_what_is_open_and_counts_it,
    waves_that_wait_are_woken_once_by_what_they_wait_for,
);
