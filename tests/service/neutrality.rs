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

on_both!(a_blocked_account_is_known_by_its_compared_handle, a_freeze_is_found_by_any_time_that_touches_it);
