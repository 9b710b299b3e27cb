//! Finding log entries by any mix of filters: the same as reading everything and leaving out what does not match, and in bounded steps.

use chrono::{DateTime, TimeDelta, Utc};
use gaung::domain::actor::Actor;
use gaung::domain::event::EventKind;
use gaung::domain::id::{CampaignId, EntryId, UnitId};
use gaung::store::StoreError;
use gaung::store::log::{self, EntryRow, LogQuery};
use gaung::store::tx::NewEntry;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::support::database::Engine;
use crate::support::world::World;

/// Entries that are looked at in one search: a single window, so that searches stop and go on.
const MOST: i64 = 1;
/// Entries of a page: so many that a window of few matches does not fill it.
const PAGE: usize = 1_500;

struct Ground {
    world: World,
    campaigns: [CampaignId; 2],
    all: Vec<EntryRow>,
}

/// Thousands of entries, most of them of one kind, campaign and actor; a few of the others here and there.
fn ground(engine: Engine, dice: &mut StdRng) -> Ground {
    let world = World::new(engine);
    let campaigns = [CampaignId::new(), CampaignId::new()];
    let units = [None, Some(world.north.unit), Some(world.north.office), Some(world.south.unit)];
    for _ in 0..90 {
        world.test.advance(TimeDelta::seconds(dice.random_range(0..3)));
        let actor = if dice.random_ratio(1, 12) { Actor::Operator } else { Actor::System };
        let entries: Vec<NewEntry> = (0..80)
            .map(|_| {
                let kind = match dice.random_range(0..200) {
                    0 => EventKind::TargetBlocked,
                    1..20 => EventKind::UnitChanged,
                    _ => EventKind::MemberChanged,
                };
                let mut entry = NewEntry::new(kind);
                entry.unit_id = units[if dice.random_ratio(1, 60) { 3 } else { dice.random_range(0..3) }];
                entry.campaign_id = [None, Some(campaigns[0]), Some(campaigns[1])]
                    [if dice.random_ratio(1, 100) { 2 } else { dice.random_range(0..2) }];
                entry.subject(format!("subject-{}", dice.random_range(0..40)))
            })
            .collect();
        let written = world.app().db.write_blocking(actor, |tx| {
            entries.into_iter().for_each(|entry| tx.record(entry));
            Ok::<_, StoreError>(())
        });
        written.unwrap();
    }
    let all = world.app().db.read_blocking(|conn| log::list(conn, &LogQuery::default(), 100_000)).unwrap();
    Ground { world, campaigns, all }
}

fn some<T: Clone>(dice: &mut StdRng, of: &[T]) -> Option<T> {
    dice.random_ratio(1, 3).then(|| of[dice.random_range(0..of.len())].clone())
}

fn query(ground: &Ground, dice: &mut StdRng) -> LogQuery {
    let kinds = [EventKind::TargetBlocked, EventKind::UnitChanged, EventKind::MemberChanged, EventKind::CampaignFinished];
    let many = vec![EventKind::TargetBlocked, EventKind::UnitChanged, EventKind::CampaignFinished];
    let time = |dice: &mut StdRng| some(dice, &ground.all).map(|row| row.at.0);
    let world = &ground.world;
    let reach = some(dice, &[vec![world.north.unit], vec![world.south.unit], vec![world.root]]);
    LogQuery {
        from: time(dice).filter(|_| dice.random_ratio(1, 3)),
        to: time(dice).filter(|_| dice.random_ratio(1, 3)),
        kinds: some(dice, &[many, vec![kinds[0]], vec![kinds[1]], vec![kinds[2]], vec![kinds[3]]]).unwrap_or_default(),
        actor_ref: some(dice, &["system".to_owned(), "operator".to_owned()]),
        campaign_id: some(dice, &ground.campaigns),
        unit_id: if reach.is_none() { some(dice, &[world.north.unit, world.south.unit, world.root]) } else { None },
        subject_ref: some(dice, &["subject-7".to_owned(), "nobody".to_owned()]).filter(|_| dice.random_ratio(1, 2)),
        without_unit: dice.random_ratio(1, 2),
        reach,
        ..LogQuery::default()
    }
}

fn below(world: &World, roots: &[UnitId], unit: Option<UnitId>) -> bool {
    let Some(unit) = unit else { return false };
    let above: &[UnitId] = if unit == world.north.office {
        &[world.north.office, world.north.unit, world.root]
    } else if unit == world.north.unit {
        &[world.north.unit, world.root]
    } else {
        &[world.south.unit, world.root]
    };
    roots.iter().any(|root| above.contains(root))
}

fn matches(world: &World, wanted: &LogQuery, row: &EntryRow) -> bool {
    wanted.from.is_none_or(|from| row.at.0 >= from)
        && wanted.to.is_none_or(|to| row.at.0 < to)
        && (wanted.kinds.is_empty() || wanted.kinds.contains(&row.kind))
        && wanted.actor_ref.as_ref().is_none_or(|actor| *actor == row.actor_ref)
        && wanted.campaign_id.is_none_or(|id| row.campaign_id == Some(id))
        && wanted.subject_ref.as_ref().is_none_or(|subject| row.subject_ref.as_ref() == Some(subject))
        && wanted.unit_id.is_none_or(|id| below(world, &[id], row.unit_id))
        && wanted
            .reach
            .as_ref()
            .is_none_or(|roots| below(world, roots, row.unit_id) || (wanted.without_unit && row.unit_id.is_none()))
}

fn places(rows: &[EntryRow]) -> Vec<(DateTime<Utc>, EntryId)> {
    rows.iter().map(|row| (row.at.0, row.id)).collect()
}

async fn every_mix_of_filters_finds_what_matches(engine: Engine) {
    let seed = rand::random();
    let mut dice = StdRng::seed_from_u64(seed);
    let ground = ground(engine, &mut dice);
    assert!(ground.all.len() > 7_000);
    let db = &ground.world.app().db;
    let (mut stops, mut found_some) = (0, 0);
    // Two that both match a lot: no window fills a page.
    let often =
        LogQuery { campaign_id: Some(ground.campaigns[0]), unit_id: Some(ground.world.north.unit), ..LogQuery::default() };
    for i in 0..120 {
        let wanted = if i == 0 { often.clone() } else { query(&ground, &mut dice) };
        let expected: Vec<EntryRow> = ground.all.iter().filter(|row| matches(&ground.world, &wanted, row)).cloned().collect();
        let expected = places(&expected);
        let told = format!("seed {seed}, {wanted:?}");
        assert_eq!(
            places(&db.read_blocking(|conn| log::list(conn, &wanted, 30)).unwrap()),
            expected[..expected.len().min(30)],
            "{told}"
        );
        // Page by page, backward and forward, each search as far as it goes.
        for forward in [false, true] {
            let mut pages: Vec<(DateTime<Utc>, EntryId)> = Vec::new();
            let mut from = forward.then(|| (DateTime::UNIX_EPOCH, EntryId::from_uuid(uuid::Uuid::nil())));
            for _ in 0..40 {
                let next = if forward {
                    LogQuery { after: from, ..wanted.clone() }
                } else {
                    LogQuery { before: from, ..wanted.clone() }
                };
                let found = db.read_blocking(|conn| log::search(conn, &next, PAGE as i64, MOST)).unwrap();
                let page = places(&found.rows);
                stops += usize::from(found.stopped.is_some());
                let last = if forward { page.first() } else { page.last() };
                let full = page.len() == PAGE;
                from = if full { last.copied() } else { found.stopped };
                if forward {
                    pages.splice(0..0, page);
                } else {
                    pages.extend(page);
                }
                if from.is_none() {
                    break;
                }
            }
            found_some += usize::from(!pages.is_empty());
            assert_eq!(pages, expected, "forward: {forward}, {told}");
        }
    }
    assert!(stops > 0 && found_some > 60, "the searches stopped {stops} times, {found_some} found something: seed {seed}");
}

on_both!(every_mix_of_filters_finds_what_matches);
