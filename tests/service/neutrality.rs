//! The list of blocked targets and the election calendar.

use chrono::TimeDelta;
use gaung::domain::event::EventKind;
use gaung::domain::platform::Platform;
use gaung::domain::role::{Grant, Role};
use gaung::service::{Caller, ServiceError, neutrality};

use super::codes;
use crate::support::app::monday_morning;
use crate::support::database::Engine;
use crate::support::world::World;

async fn a_blocked_account_is_known_by_its_compared_handle(engine: Engine) {
    let world = World::new(engine);
    let block = |caller: &Caller, handle: &str| {
        let (caller, handle) = (caller.clone(), handle.to_owned());
        let world = &world;
        async move { neutrality::block(world.app(), &caller, Platform::Facebook, handle, "Partai Contoh".into()).await }
    };
    let blocked = |handle: &'static str, platform| {
        world.app().db.read_blocking(|conn| neutrality::is_blocked(conn, platform, handle)).unwrap()
    };
    let added = block(&world.admin, "Partai.Contoh").await.unwrap();
    assert!(blocked("partaicontoh", Platform::Facebook) && !blocked("partaicontoh", Platform::X));
    assert_eq!(codes(&block(&world.admin, "@partaicontoh").await.unwrap_err()), ["handle neutrality.blocked_already"]);
    assert_eq!(codes(&block(&world.admin, "a b").await.unwrap_err()), ["handle handle.character"]);
    let part = world.user("north-admin", &[Grant { role: Role::Admin, unit_id: world.north.unit }]);
    for caller in [&part, &world.lead, &world.coordinator, &world.auditor] {
        assert!(matches!(block(caller, "lain").await, Err(ServiceError::Forbidden)));
        assert!(matches!(neutrality::unblock(world.app(), caller, added.id).await, Err(ServiceError::Forbidden)));
    }
    assert_eq!(neutrality::list_blocked(world.app(), &world.north_lead).await.unwrap(), std::slice::from_ref(&added));
    neutrality::unblock(world.app(), &world.admin, added.id).await.unwrap();
    assert!(matches!(neutrality::unblock(world.app(), &world.admin, added.id).await, Err(ServiceError::NotFound(_))));
    assert!(!blocked("partaicontoh", Platform::Facebook));
    assert_eq!((world.entries(EventKind::TargetBlocked), world.entries(EventKind::TargetUnblocked)), (1, 1));
}

async fn a_freeze_is_found_by_any_time_that_touches_it(engine: Engine) {
    let world = World::new(engine);
    let at = |hours| monday_morning() + TimeDelta::hours(hours);
    let add = |caller: &Caller, from, to| {
        let caller = caller.clone();
        let world = &world;
        async move { neutrality::add_freeze(world.app(), &caller, "Masa tenang".into(), at(from), at(to)).await }
    };
    let freeze = add(&world.admin, 24, 96).await.unwrap();
    assert_eq!(codes(&add(&world.admin, 96, 96).await.unwrap_err()), ["ends_at freeze.ends_before_start"]);
    assert_eq!(codes(&add(&world.admin, 0, 24 * 367).await.unwrap_err()), ["ends_at freeze.too_long"]);
    assert!(matches!(add(&world.lead, 0, 1).await, Err(ServiceError::Forbidden)));
    let between = |from, to| world.app().db.read_blocking(|conn| neutrality::freeze_between(conn, at(from), at(to))).unwrap();
    assert_eq!(between(0, 24), None);
    assert_eq!(between(0, 25), Some(freeze.clone()));
    assert_eq!(between(96, 120), None);
    assert_eq!(neutrality::list_freezes(world.app(), &world.auditor).await.unwrap(), [freeze]);
    assert_eq!(world.entries(EventKind::FreezeAdded), 1);
}

async fn files_fill_the_list_and_the_calendar(engine: Engine) {
    use gaung::service::import::{self, ImportKind, ImportOptions};
    let world = World::new(engine);
    let app = world.app();
    let load = async |by: &gaung::service::Caller, kind, csv: &str, dry_run| {
        let source = std::io::Cursor::new(csv.as_bytes().to_vec());
        import::import(app, by, kind, source, ImportOptions { dry_run, ..ImportOptions::default() }).await
    };
    let targets = "platform,handle,label\nx,@CalonSatu,Calon Satu\ninstagram,partaicontoh,Partai Contoh\n";
    let looked = load(&world.admin, ImportKind::BlockedTargets, targets, true).await.unwrap();
    assert_eq!((looked.new, looked.applied, neutrality::list_blocked(app, &world.lead).await.unwrap().len()), (2, false, 0));
    assert!(load(&world.admin, ImportKind::BlockedTargets, targets, false).await.unwrap().applied);
    let again = targets.replace("Calon Satu\n", "Calon Satu, wali kota\n").replace("Satu, wali kota", "Satu wali kota");
    let again = load(&world.admin, ImportKind::BlockedTargets, &again, false).await.unwrap();
    assert_eq!((again.new, again.changed, again.unchanged), (0, 1, 1));
    let bad = "platform,handle,label\nx,ok,A\nmyspace,b,B\nx,OK,C\nx,bad handle!,D\n";
    let bad = load(&world.admin, ImportKind::BlockedTargets, bad, false).await.unwrap();
    let said: Vec<_> = bad.errors.iter().map(|e| (e.line, e.column.clone().unwrap_or_default(), e.code)).collect();
    assert_eq!(said[0], (3, "platform".to_owned(), "platform.unknown"));
    assert_eq!((said[1].0, said[1].2, said[2].0, said[2].1.as_str()), (4, "import.listed_twice", 5, "handle"));
    assert!(!bad.applied);
    let freezes = "label,starts_at,ends_at,zone\nMasa tenang,2027-02-11,2027-02-13,\nLain,2027-03-01,2027-02-01,\nRusak,besok,2027-02-13,\n";
    let bad = load(&world.admin, ImportKind::Freezes, freezes, false).await.unwrap();
    let said: Vec<_> = bad.errors.iter().map(|e| (e.line, e.code)).collect();
    assert_eq!(said, [(3, "freeze.ends_before_start"), (4, "freeze.time")]);
    let good = freezes.lines().take(2).collect::<Vec<_>>().join("\n");
    assert!(load(&world.admin, ImportKind::Freezes, &good, false).await.unwrap().applied);
    assert_eq!(load(&world.admin, ImportKind::Freezes, &good, false).await.unwrap().unchanged, 1);
    let calendar = neutrality::list_freezes(app, &world.lead).await.unwrap();
    assert_eq!(
        calendar[0].ends_at.to_rfc3339(),
        "2027-02-13T17:00:00+00:00",
        "a day alone counts to its end, in the institution's zone"
    );
    let part = world.user("north-admin", &[Grant { role: Role::Admin, unit_id: world.north.unit }]);
    assert!(matches!(load(&part, ImportKind::Freezes, &good, true).await, Err(ServiceError::Forbidden)));
}

on_both!(
    files_fill_the_list_and_the_calendar,
    a_blocked_account_is_known_by_its_compared_handle,
    a_freeze_is_found_by_any_time_that_touches_it
);
