//! Reading the log: filters, pages, scope, and an export that is the same as the pages.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use gaung::domain::event::EventKind;
use gaung::domain::id::EntryId;
use gaung::domain::role::{Grant, Role};
use gaung::service::log::{self, LogEntry, LogFilter};
use gaung::service::{Caller, PageRequest, ServiceError};
use gaung::store::tx::NewEntry;
use serde_json::json;

use crate::support::database::Engine;
use crate::support::world::World;

/// Entries of three times: about the north, the south and no unit, one each second.
fn fill(world: &World) {
    for (i, unit) in
        [Some(world.north.unit), Some(world.south.unit), None, Some(world.north.office)].into_iter().cycle().take(24).enumerate()
    {
        world.test.advance(TimeDelta::seconds(1));
        let actor = world.lead.actor();
        let written = world.app().db.write_blocking(actor, |tx| {
            let mut entry = NewEntry::new(if i % 2 == 0 { EventKind::UnitChanged } else { EventKind::MemberChanged });
            entry.unit_id = unit;
            tx.record(
                entry.subject(format!("subject-{}", i % 3)).payload(json!({ "i": i })).detail(json!({ "name": "=rahasia" })),
            );
            // A twin at the very same instant: the order goes on by id.
            tx.record(NewEntry::new(EventKind::UserSignedIn));
            Ok::<_, gaung::store::StoreError>(())
        });
        written.unwrap();
    }
}

async fn all(world: &World, caller: &Caller, filter: LogFilter) -> Vec<LogEntry> {
    let (mut found, mut page) = (Vec::new(), PageRequest::first(5));
    loop {
        let read = log::list(world.app(), caller, filter.clone(), page).await.unwrap();
        found.extend(read.items);
        match read.next {
            Some(next) => page = PageRequest::first(5).after(next),
            None => return found,
        }
    }
}

async fn pages_meet_newest_first_and_filters_cut(engine: Engine) {
    let world = World::new(engine);
    fill(&world);
    let every = all(&world, &world.auditor, LogFilter::default()).await;
    assert_eq!(every.len(), every.iter().map(|entry| entry.id).collect::<BTreeSet<EntryId>>().len());
    assert!(every.len() >= 48);
    assert!(every.windows(2).all(|pair| (pair[0].at, pair[0].id) > (pair[1].at, pair[1].id)), "newest first");
    let of = |filter: LogFilter| all(&world, &world.auditor, filter);
    let changed = of(LogFilter { kind: Some(EventKind::UnitChanged), ..LogFilter::default() }).await;
    assert_eq!(changed.len(), 12);
    let subject = of(LogFilter { subject: Some("subject-1".into()), ..LogFilter::default() }).await;
    assert_eq!(subject.len(), 8);
    assert!(subject.iter().all(|entry| entry.subject.as_deref() == Some("subject-1")));
    let north = of(LogFilter { unit: Some(world.north.unit), ..LogFilter::default() }).await;
    assert!(north.iter().any(|entry| entry.unit_id == Some(world.north.office)), "a unit means its subtree");
    assert!(north.iter().all(|entry| entry.unit_id != Some(world.south.unit)));
    let (from, to) = (every[10].at, every[4].at);
    let between = of(LogFilter { from: Some(from), to: Some(to), ..LogFilter::default() }).await;
    assert!(!between.is_empty() && between.iter().all(|entry| entry.at >= from && entry.at < to));
    let gaung::domain::actor::Actor::User { subject_ref, .. } = world.lead.actor() else { unreachable!() };
    let by_lead = of(LogFilter { actor: Some(subject_ref), ..LogFilter::default() }).await;
    assert_eq!(by_lead.len(), 48);
}

async fn nothing_personal_is_shown(engine: Engine) {
    let world = World::new(engine);
    fill(&world);
    for entry in all(&world, &world.auditor, LogFilter::default()).await {
        let shown = serde_json::to_string(&entry).unwrap();
        assert!(!shown.contains("rahasia"), "{shown}");
    }
    let (csv, _) = log::export(world.app(), &world.auditor, LogFilter::default(), None).await.unwrap();
    assert!(!String::from_utf8(csv).unwrap().contains("rahasia"));
}

async fn an_auditor_of_a_subtree_reads_that_subtree(engine: Engine) {
    let world = World::new(engine);
    fill(&world);
    let unit_id = world.north.unit;
    let auditor = world.user("north-auditor", &[Grant { role: Role::Auditor, unit_id }]);
    let seen = all(&world, &auditor, LogFilter::default()).await;
    assert_eq!(seen.iter().filter(|entry| entry.kind != EventKind::UserSignedIn).count(), seen.len(), "nothing without a unit");
    assert!(seen.len() >= 12 && seen.iter().all(|entry| [Some(unit_id), Some(world.north.office)].contains(&entry.unit_id)));
    let south = LogFilter { unit: Some(world.south.unit), ..LogFilter::default() };
    let refused = log::list(world.app(), &auditor, south, PageRequest::default()).await;
    assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{refused:?}");
    let every = all(&world, &world.auditor, LogFilter::default()).await;
    let hidden = every.iter().find(|entry| entry.unit_id == Some(world.south.unit)).unwrap();
    assert!(matches!(log::get(world.app(), &auditor, hidden.id).await, Err(ServiceError::NotFound(_))));
    assert_eq!(log::get(world.app(), &world.auditor, hidden.id).await.unwrap().id, hidden.id);
    for caller in [&world.lead, &world.approver, &world.coordinator] {
        let refused = log::list(world.app(), caller, LogFilter::default(), PageRequest::default()).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden)), "{refused:?}");
    }
}

async fn an_export_is_the_pages_in_one(engine: Engine) {
    let world = World::new(engine);
    fill(&world);
    let (csv, next) = log::export(world.app(), &world.auditor, LogFilter::default(), None).await.unwrap();
    assert_eq!(next, None, "fewer than one piece");
    let mut table = csv::Reader::from_reader(csv.as_slice());
    let ids: Vec<String> = table.records().map(|row| row.unwrap().get(0).unwrap().to_owned()).collect();
    let every = all(&world, &world.auditor, LogFilter::default()).await;
    assert_eq!(ids, every.iter().map(|entry| entry.id.to_string()).collect::<Vec<_>>());
    for bad in ["", "x", "1_x", "99999999999999999999_0"] {
        let page = PageRequest::default().after(bad);
        let refused = log::list(world.app(), &world.auditor, LogFilter::default(), page).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{bad}: {refused:?}");
    }
}

on_both!(
    pages_meet_newest_first_and_filters_cut,
    nothing_personal_is_shown,
    an_auditor_of_a_subtree_reads_that_subtree,
    an_export_is_the_pages_in_one,
);
