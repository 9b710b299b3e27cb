//! Units: who may place them where, and what the tree does not allow.

use gaung::domain::event::EventKind;
use gaung::domain::id::UnitId;
use gaung::domain::role::{Grant, Role};
use gaung::service::unit::{self, UnitForm};
use gaung::service::{Caller, ServiceError};

use super::{codes, refusal};
use crate::support::database::Engine;
use crate::support::world::World;

fn form(code: &str, parent_id: Option<UnitId>) -> UnitForm {
    UnitForm { code: code.into(), name: format!("Kantor {code}"), parent_id, zone: String::new() }
}

async fn an_admin_adds_below_their_unit_and_only_the_operator_adds_a_root(engine: Engine) {
    let world = World::new(engine);
    let added = unit::add(world.app(), &world.admin, form("kpp-01", Some(world.north.office))).await.unwrap();
    assert_eq!((added.code.as_str(), added.zone.as_str()), ("kpp-01", "Asia/Jakarta"));
    assert_eq!(world.entries(EventKind::UnitAdded), 1);
    let north = world.user("north-admin", &[Grant { role: Role::Admin, unit_id: world.north.unit }]);
    let outside = unit::add(world.app(), &north, form("X", Some(world.south.unit))).await;
    assert!(matches!(outside, Err(ServiceError::NotFound(_))), "{outside:?}");
    for caller in [&world.admin, &north, &world.coordinator] {
        let root = unit::add(world.app(), caller, form("ROOT2", None)).await;
        assert!(matches!(root, Err(ServiceError::Forbidden)), "{root:?}");
    }
    unit::add(world.app(), &Caller::Operator, form("ROOT2", None)).await.unwrap();
    assert_eq!(world.entries(EventKind::UnitAdded), 2);
}

async fn faults_are_named_all_at_once_and_codes_are_used_once(engine: Engine) {
    let world = World::new(engine);
    let bad = UnitForm { code: "a b".into(), name: " ".into(), parent_id: Some(world.root), zone: "Asia/Jakrta".into() };
    let error = unit::add(world.app(), &world.admin, bad).await.unwrap_err();
    assert_eq!(codes(&error), ["code unit_code.character", "name text.empty", "zone zone.unknown"]);
    let error = unit::add(world.app(), &world.admin, form("utr", Some(world.root))).await.unwrap_err();
    assert_eq!(codes(&error), ["code unit.code_taken"]);
    assert_eq!(world.all_entries(), 0);
}

async fn a_unit_moves_with_what_is_below_it_but_never_below_itself(engine: Engine) {
    let world = World::new(engine);
    let move_to = |id: UnitId, code: &'static str, parent: Option<UnitId>, version: i32| {
        unit::change(world.app(), &world.admin, id, version, UnitForm { code: code.into(), ..form(code, parent) })
    };
    let moved = move_to(world.north.unit, "UTR", Some(world.south.office), 1).await.unwrap();
    assert_eq!((moved.version, moved.parent_id), (2, Some(world.south.office)));
    let south = unit::list(world.app(), &world.south_coordinator).await.unwrap();
    let seen: Vec<_> = south.iter().map(|u| (u.code.as_str(), u.depth)).collect();
    assert_eq!(seen, [("SLT", 0), ("SLT-1", 1), ("UTR", 2), ("UTR-1", 3)]);
    for parent in [world.south.unit, world.south.office, world.north.office] {
        let cycle = move_to(world.south.unit, "SLT", Some(parent), 1).await.unwrap_err();
        assert_eq!(refusal(&cycle), "unit.cycle");
    }
    let stale = move_to(world.north.unit, "UTR", Some(world.root), 1).await;
    assert!(matches!(stale, Err(ServiceError::Conflict(_))), "{stale:?}");
    let to_root = move_to(world.north.unit, "UTR", None, 2).await;
    assert!(matches!(to_root, Err(ServiceError::Forbidden)), "{to_root:?}");
    assert_eq!(world.entries(EventKind::UnitChanged), 1);
    move_to(world.north.unit, "UTR", Some(world.south.office), 2).await.unwrap();
    assert_eq!(world.entries(EventKind::UnitChanged), 1, "what changes nothing is not recorded");
}

async fn everybody_sees_their_own_part_of_the_tree(engine: Engine) {
    let world = World::new(engine);
    let codes = |units: Vec<unit::Unit>| {
        units.into_iter().map(|u| format!("{}{}", "-".repeat(u.depth as usize), u.code)).collect::<Vec<_>>()
    };
    let all = codes(unit::list(world.app(), &world.auditor).await.unwrap());
    assert_eq!(all, ["KEMENCONTOH", "-SLT", "--SLT-1", "-UTR", "--UTR-1"]);
    assert_eq!(codes(unit::list(world.app(), &world.north_lead).await.unwrap()), ["UTR", "-UTR-1"]);
    let both = world.user(
        "both",
        &[
            Grant { role: Role::Lead, unit_id: world.north.office },
            Grant { role: Role::Auditor, unit_id: world.north.unit },
            Grant { role: Role::Lead, unit_id: world.south.office },
        ],
    );
    assert_eq!(codes(unit::list(world.app(), &both).await.unwrap()), ["SLT-1", "UTR", "-UTR-1"]);
    let hidden = unit::get(world.app(), &world.north_lead, world.south.unit).await.unwrap_err();
    let absent = unit::get(world.app(), &world.north_lead, UnitId::new()).await.unwrap_err();
    assert_eq!(hidden.to_string(), absent.to_string());
    let nobody = unit::list(world.app(), &world.user("nobody", &[])).await;
    assert!(matches!(nobody, Err(ServiceError::Forbidden)), "{nobody:?}");
}

on_both!(
    an_admin_adds_below_their_unit_and_only_the_operator_adds_a_root,
    faults_are_named_all_at_once_and_codes_are_used_once,
    a_unit_moves_with_what_is_below_it_but_never_below_itself,
    everybody_sees_their_own_part_of_the_tree,
);
