//! Console users: added with their roles, within the admin's reach; passwords; who may do none of it.

use gaung::domain::event::EventKind;
use gaung::domain::role::{Grant, Role};
use gaung::service::log::{self, LogFilter};
use gaung::service::user::{self, NewUser};
use gaung::service::{Caller, PageRequest, ServiceError};

use crate::support::database::Engine;
use crate::support::world::World;

fn new(email: &str, roles: Vec<Grant>) -> NewUser {
    NewUser {
        name: "Dewi Lestari".into(),
        email: email.into(),
        password: "tiga belas kata".into(),
        locale: None,
        zone: None,
        roles,
    }
}

fn fields(result: Result<gaung::service::user::UserView, ServiceError>) -> Vec<String> {
    match result {
        Err(ServiceError::Invalid(faults)) => faults.into_iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect(),
        other => panic!("{other:?}"),
    }
}

async fn entries(world: &World, kind: EventKind) -> usize {
    let filter = LogFilter { kind: Some(kind), ..LogFilter::default() };
    log::list(world.app(), &world.auditor, filter, PageRequest::first(200)).await.unwrap().items.len()
}

async fn an_admin_adds_users_within_reach(engine: Engine) {
    let world = World::new(engine);
    let north = Grant { role: Role::Lead, unit_id: world.north.unit };
    let added = user::add(world.app(), &world.admin, new("dewi@kemencontoh.example", vec![north, north])).await.unwrap();
    assert_eq!(added.roles, [north]);
    assert_eq!((entries(&world, EventKind::UserAdded).await, entries(&world, EventKind::RoleGranted).await), (1, 1));
    let twin = user::add(world.app(), &world.admin, new("DEWI@kemencontoh.example", vec![north])).await;
    assert!(matches!(twin, Err(ServiceError::Conflict(_))), "{twin:?}");
    let south_admin = world.user("south-admin", &[Grant { role: Role::Admin, unit_id: world.south.unit }]);
    let beyond = user::add(world.app(), &south_admin, new("x@kemencontoh.example", vec![north])).await;
    assert!(matches!(beyond, Err(ServiceError::NotFound(_))), "{beyond:?}");
    for caller in [&world.lead, &world.coordinator, &world.auditor, &world.approver] {
        let refused = user::add(world.app(), caller, new("x@kemencontoh.example", vec![north])).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden)), "{refused:?}");
    }
    let listed = user::list(world.app(), &south_admin, PageRequest::first(200)).await.unwrap().items;
    assert!(listed.iter().all(|user| user.id != added.id), "the south's admin sees the south's users only");
    assert!(listed.iter().any(|user| user.roles.iter().any(|grant| grant.unit_id == world.south.unit)));
    let acting = user::caller_of(world.app(), added.id).await.unwrap();
    assert!(matches!(acting, Caller::User { grants, .. } if grants == [north]));
}

async fn every_fault_is_named_at_once(engine: Engine) {
    let world = World::new(engine);
    let bad = NewUser {
        name: "…".into(),
        email: "no address".into(),
        password: "short".into(),
        zone: Some("WIB".into()),
        ..new("", vec![])
    };
    let mut found = fields(user::add(world.app(), &world.admin, bad).await);
    found.sort();
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(
        found.contains(&"password password.short".to_owned()) && found.contains(&"roles user.no_role".to_owned()),
        "{found:?}"
    );
    let operator = user::add(world.app(), &Caller::Operator, new("first@kemencontoh.example", vec![])).await.unwrap();
    assert_eq!(operator.roles, []);
}

async fn roles_come_and_go_and_say_so_once(engine: Engine) {
    let world = World::new(engine);
    let id = world.north_lead.user_id().unwrap();
    let approver = Grant { role: Role::Approver, unit_id: world.north.unit };
    for _ in 0..2 {
        let now = user::grant(world.app(), &world.admin, id, approver).await.unwrap();
        assert!(now.roles.contains(&approver));
    }
    assert_eq!(entries(&world, EventKind::RoleGranted).await, 1);
    for _ in 0..2 {
        let now = user::revoke(world.app(), &world.admin, id, approver).await.unwrap();
        assert!(!now.roles.contains(&approver));
    }
    assert_eq!(entries(&world, EventKind::RoleRevoked).await, 1);
}

async fn no_small_units_admin_sets_the_password_of_somebody_greater(engine: Engine) {
    let world = World::new(engine);
    let south_admin = world.user("south-admin", &[Grant { role: Role::Admin, unit_id: world.south.unit }]);
    let both = world.user(
        "both",
        &[Grant { role: Role::Lead, unit_id: world.south.unit }, Grant { role: Role::Lead, unit_id: world.north.unit }],
    );
    for id in [world.admin.user_id().unwrap(), both.user_id().unwrap()] {
        let refused = user::set_password(world.app(), &south_admin, id, "another long one".into()).await;
        assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{refused:?}");
    }
    let south = world.south_lead.user_id().unwrap();
    user::set_password(world.app(), &south_admin, south, "another long one".into()).await.unwrap();
    assert_eq!(entries(&world, EventKind::UserPasswordSet).await, 1);
    let weak = user::set_password(world.app(), &south_admin, south, "aaaaaaaaaaaaaa".into()).await;
    assert!(matches!(weak, Err(ServiceError::Invalid(_))), "{weak:?}");
}

on_both!(
    an_admin_adds_users_within_reach,
    every_fault_is_named_at_once,
    roles_come_and_go_and_say_so_once,
    no_small_units_admin_sets_the_password_of_somebody_greater,
);
