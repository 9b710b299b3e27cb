//! Campaigns, releases, plans and schedules in the store: guarded saves, unique rules, and what is in use.

use diesel::prelude::*;
use gaung::domain::campaign::CampaignState;
use gaung::domain::id::{CampaignId, ReleaseId, TaskId, VariantId, WaveId};
use gaung::domain::wave::WaveState;
use gaung::service::campaign::CampaignView;
use gaung::store::reference::{PartIds, parts_are_taken};
use gaung::store::release::{self, ReleaseRow};
use gaung::store::schedule::{self, OccurrenceOutcome, OccurrenceRow};
use gaung::store::schema::waves;
use gaung::store::types::At;
use gaung::store::{StoreError, Tx, Unique, campaign, plan};

use crate::support::app::monday_morning;
use crate::support::campaign::{at, draft, four_layers, id_of, released, waves_of};
use crate::support::database::Engine;
use crate::support::world::World;

/// A write whose failure is what the test looks at.
fn attempt<T>(world: &World, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
    world.app().db.write_blocking(gaung::domain::actor::Actor::Operator, |tx| {
        tx.without_entry("a test of the store");
        f(tx)
    })
}

async fn a_campaign_is_saved_by_its_version(engine: Engine) {
    let world = World::new(engine);
    let id = draft(&world, four_layers()).await.id;
    let mut first = world.app().db.read_blocking(|conn| campaign::get(conn, id)).unwrap();
    let mut second = first.clone();
    first.note = "satu".into();
    first.state = CampaignState::Submitted;
    let first = attempt(&world, |tx| campaign::save(tx, &mut first).map(|()| first)).unwrap();
    assert_eq!((first.version, first.updated_at), (2, At(monday_morning())));
    let late = attempt(&world, |tx| campaign::save(tx, &mut second));
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    let stored = world.app().db.read_blocking(|conn| campaign::get(conn, id)).unwrap();
    assert_eq!((&stored.note, stored.state, &stored.content), (&first.note, first.state, &first.content));
    let missing = world.app().db.read_blocking(|conn| campaign::get(conn, CampaignId::new()));
    assert!(matches!(missing, Err(StoreError::Missing(_))));
    let mut twin = first;
    twin.id = CampaignId::new();
    let taken = attempt(&world, |tx| campaign::insert(tx, &twin));
    assert!(matches!(taken, Err(StoreError::Taken(Unique::CampaignSlug))), "{taken:?}");
}

async fn a_campaign_has_one_release_in_force(engine: Engine) {
    let world = World::new(engine);
    let made = released(&world, four_layers()).await;
    let again = ReleaseRow {
        id: ReleaseId::new(),
        campaign_id: made.id,
        content_hash: made.content_hash.clone(),
        released_by: id_of(&world.approver),
        released_at: At(monday_morning()),
        voided_at: None,
        content: Some(gaung::store::types::Doc(made.content.clone())),
    };
    let last = world.app().db.read_blocking(|conn| release::find_last(conn, made.id)).unwrap().unwrap();
    assert_eq!(last.content.map(|content| content.0), Some(made.content.clone()));
    let taken = attempt(&world, |tx| release::insert(tx, &again));
    assert!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
    attempt(&world, |tx| release::void_current(tx, made.id)).unwrap().unwrap();
    assert!(attempt(&world, |tx| release::void_current(tx, made.id)).unwrap().is_none());
    attempt(&world, |tx| release::insert(tx, &again)).unwrap();
}

async fn ids_in_use_are_found_in_any_chunk(engine: Engine) {
    let world = World::new(engine);
    let made = released(&world, four_layers()).await;
    let taken = |by: CampaignId, ids: PartIds| world.app().db.read_blocking(|conn| parts_are_taken(conn, by, &ids)).unwrap();
    let other = CampaignId::new();
    let task = &made.content.waves[3].tasks[0];
    let many = || PartIds {
        waves: (0..700).map(|_| WaveId::new()).collect(),
        tasks: (0..700).map(|_| TaskId::new()).collect(),
        variants: (0..700).map(|_| VariantId::new()).collect(),
    };
    assert!(!taken(other, many()));
    let mut ids = many();
    ids.waves.push(made.content.waves[2].id);
    assert!(!taken(made.id, ids.clone()));
    assert!(taken(other, ids));
    let mut ids = many();
    ids.tasks.push(task.id);
    assert!(taken(other, ids));
    let mut ids = many();
    ids.variants.push(task.variants[1].id);
    assert!(!taken(made.id, ids.clone()));
    assert!(taken(other, ids));
}

fn put(world: &World, made: &CampaignView, state: WaveState) {
    world.change(|tx| {
        diesel::update(waves::table.filter(waves::campaign_id.eq(made.id))).set(waves::state.eq(state)).execute(tx.conn)?;
        Ok(())
    });
}

async fn waves_move_only_from_where_they_stand(engine: Engine) {
    use WaveState::{Cancelled, Closed, Held, Open, Opening, Planned, Skipped};
    let world = World::new(engine);
    let made = released(&world, four_layers()).await;
    let id = made.content.waves[0].id;
    for state in [Planned, Held, Skipped, Opening, Open, Closed, Cancelled] {
        put(&world, &made, state);
        let skipped = attempt(&world, |tx| plan::skip_wave(tx, id));
        assert_eq!(skipped.is_ok(), matches!(state, Planned | Held), "skip {state}");
        put(&world, &made, state);
        let due = attempt(&world, |tx| plan::plan_held_wave_now(tx, id));
        assert_eq!(due.is_ok(), state == Held, "make due {state}");
        put(&world, &made, state);
        let ends = matches!(state, Planned | Held | Opening | Open);
        let cancelled = attempt(&world, |tx| plan::cancel_waves(tx, made.id)).unwrap();
        assert_eq!(cancelled, if ends { 4 } else { 0 }, "cancel {state}");
        assert!(waves_of(&world, &made).iter().all(|w| w.state == if ends { Cancelled } else { state }));
    }
}

async fn an_occurrence_is_kept_once_and_a_schedule_saved_by_its_version(engine: Engine) {
    use gaung::domain::recurrence::MissedPolicy;
    use gaung::service::schedule::NewSchedule;
    let world = World::new(engine);
    let made = released(&world, four_layers()).await;
    let new = NewSchedule {
        pattern: "0 9 * * 5".into(),
        zone: "Asia/Jakarta".into(),
        policy: MissedPolicy::All,
        grace_s: 60,
        ends_at: None,
    };
    let id = gaung::service::schedule::add(world.app(), &world.lead, made.id, new).await.unwrap().id;
    let mut row = world.app().db.read_blocking(|conn| schedule::get(conn, id)).unwrap();
    assert_eq!(row.policy, MissedPolicy::All);
    let mut late = row.clone();
    attempt(&world, |tx| schedule::save(tx, &mut row)).unwrap();
    let stale = attempt(&world, |tx| schedule::save(tx, &mut late));
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let occurrence = |planned_at: &str| OccurrenceRow {
        schedule_id: id,
        planned_at: At(at(planned_at)),
        campaign_id: None,
        outcome: OccurrenceOutcome::Held,
        created_at: At(monday_morning()),
    };
    let rows = [occurrence("2026-12-04T02:00:00Z"), occurrence("2026-12-11T02:00:00Z")];
    attempt(&world, |tx| schedule::insert_occurrences(tx, &rows)).unwrap();
    let twice = attempt(&world, |tx| schedule::insert_occurrences(tx, &rows[1..]));
    assert!(matches!(twice, Err(StoreError::Taken(_))), "{twice:?}");
    let due = |now: &str| {
        let now = at(now);
        world.app().db.read_blocking(|conn| schedule::list_due(conn, now, 10)).unwrap().len()
    };
    assert_eq!((due("2026-12-04T01:59:59Z"), due("2026-12-04T02:00:00Z")), (0, 1));
}

on_both!(
    a_campaign_is_saved_by_its_version,
    a_campaign_has_one_release_in_force,
    ids_in_use_are_found_in_any_chunk,
    waves_move_only_from_where_they_stand,
    an_occurrence_is_kept_once_and_a_schedule_saved_by_its_version,
);
