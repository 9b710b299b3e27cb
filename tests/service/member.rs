//! Members as coordinators keep them.

use gaung::domain::event::EventKind;
use gaung::domain::id::{MemberId, UnitId};
use gaung::domain::kind::AccountKind;
use gaung::domain::member::MemberState;
use gaung::service::member::{self, MemberForm};
use gaung::service::{PageRequest, ServiceError};

use super::codes;
use crate::support::database::Engine;
use crate::support::world::World;

fn form(unit_id: UnitId, no: &str, email: &str) -> MemberForm {
    MemberForm {
        unit_id,
        employee_no: no.into(),
        name: "Siti Rahma".into(),
        email: email.into(),
        locale: String::new(),
        zone: String::new(),
    }
}

async fn a_coordinator_adds_and_changes_members_of_their_units(engine: Engine) {
    let world = World::new(engine);
    let added = member::add(world.app(), &world.north_coordinator, form(world.north.office, "1987.01-2", "Siti@Contoh.example"))
        .await
        .unwrap();
    let row = world.member_row(added.id);
    assert_eq!((row.employee_no_norm.as_str(), row.email_norm.as_str()), ("1987012", "siti@contoh.example"));
    assert_eq!((row.participate_version, row.operate_version, row.state), (None, None, MemberState::Active));
    assert_eq!(world.entries(EventKind::MemberAdded), 1);
    let new = MemberForm { zone: "Asia/Jayapura".into(), ..form(world.north.unit, "1987.01-2", "siti.rahma@contoh.example") };
    let changed = member::change(world.app(), &world.north_coordinator, added.id, 1, new.clone()).await.unwrap();
    assert_eq!((changed.version, changed.zone.as_str(), changed.unit_id), (2, "Asia/Jayapura", world.north.unit));
    assert_eq!(world.member_row(added.id).link_version, 2, "another address revokes the links sent to the old one");
    assert_eq!(world.entries(EventKind::MemberChanged), 1);
    let stale = member::change(world.app(), &world.north_coordinator, added.id, 1, new.clone()).await;
    assert!(matches!(stale, Err(ServiceError::Conflict(_))), "{stale:?}");
    member::change(world.app(), &world.north_coordinator, added.id, 2, new).await.unwrap();
    assert_eq!(world.entries(EventKind::MemberChanged), 1, "what changes nothing is not recorded");
}

async fn numbers_and_addresses_are_used_once_and_faults_are_named(engine: Engine) {
    let world = World::new(engine);
    let taken = world.member_row(world.north.member(AccountKind::Advocate));
    let add = |form| member::add(world.app(), &world.coordinator, form);
    let error = add(form(world.root, &taken.employee_no.to_lowercase(), "x@contoh.example")).await.unwrap_err();
    assert_eq!(codes(&error), ["employee_no member.employee_no_taken"]);
    let error = add(form(world.root, "N1", &taken.email.to_uppercase())).await.unwrap_err();
    assert_eq!(codes(&error), ["email member.email_taken"]);
    let bad =
        MemberForm { name: "Si\rti".into(), locale: "xx".into(), zone: "WIB".into(), ..form(world.root, "1,9E+17", "siti@") };
    let error = add(bad).await.unwrap_err();
    let fields: Vec<_> = codes(&error).iter().map(|c| c.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(fields, ["employee_no", "name", "email", "locale", "zone"]);
    assert_eq!(world.all_entries(), 0);
}

async fn another_units_members_look_as_if_they_were_not_there(engine: Engine) {
    let world = World::new(engine);
    let theirs = world.south.member(AccountKind::Advocate);
    let new = || form(world.north.unit, "N1", "n1@contoh.example");
    let south = form(world.south.unit, "N1", "n1@contoh.example");
    for error in [
        member::get(world.app(), &world.north_coordinator, theirs).await.unwrap_err(),
        member::get(world.app(), &world.north_coordinator, MemberId::new()).await.unwrap_err(),
        member::change(world.app(), &world.north_coordinator, theirs, 1, new()).await.unwrap_err(),
        member::add(world.app(), &world.north_coordinator, south.clone()).await.unwrap_err(),
        member::leave(world.app(), &world.north_coordinator, theirs).await.unwrap_err(),
        member::take_back(world.app(), &world.north_coordinator, theirs).await.unwrap_err(),
        member::change(world.app(), &world.north_coordinator, world.north.member(AccountKind::Advocate), 1, south)
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "it was not found");
    }
    for caller in [&world.lead, &world.approver, &world.auditor] {
        let result = member::add(world.app(), caller, new()).await;
        assert!(matches!(result, Err(ServiceError::Forbidden)), "{result:?}");
    }
    let north = world.user("outsider", &[]);
    let result = member::list(world.app(), &north, None, PageRequest::default()).await;
    assert!(matches!(result, Err(ServiceError::Forbidden)), "{result:?}");
}

async fn lists_walk_page_by_page_through_the_reach(engine: Engine) {
    let world = World::new(engine);
    let mut seen = Vec::new();
    let mut request = PageRequest::first(4);
    loop {
        let page = member::list(world.app(), &world.north_coordinator, None, request.clone()).await.unwrap();
        seen.extend(page.items.iter().map(|m| m.id));
        let Some(next) = page.next else { break };
        request = request.after(next);
    }
    assert_eq!(seen, world.north.accounts.iter().map(|(_, _, member)| *member).collect::<Vec<_>>());
    let one = member::list(world.app(), &world.coordinator, Some(world.south.office), PageRequest::default()).await.unwrap();
    assert!(one.items.is_empty() && one.next.is_none());
    let hidden = member::list(world.app(), &world.north_coordinator, Some(world.south.unit), PageRequest::default()).await;
    assert!(matches!(hidden, Err(ServiceError::NotFound(_))), "{hidden:?}");
    let odd = member::list(world.app(), &world.coordinator, None, PageRequest::default().after("x")).await.unwrap_err();
    assert_eq!(codes(&odd), ["after page.cursor"]);
}

async fn whoever_left_is_taken_back_without_consent(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    for _ in 0..2 {
        member::leave(world.app(), &world.north_coordinator, id).await.unwrap();
    }
    let row = world.member_row(id);
    assert_eq!((row.state, row.participate_version, row.operate_version, row.link_version), (MemberState::Left, None, None, 2));
    assert_eq!((world.entries(EventKind::MemberLeft), world.entries(EventKind::ConsentWithdrawn)), (1, 2));
    for _ in 0..2 {
        member::take_back(world.app(), &world.north_coordinator, id).await.unwrap();
    }
    let row = world.member_row(id);
    assert_eq!((row.state, row.participate_version), (MemberState::Active, None));
    assert_eq!(world.entries(EventKind::MemberResumed), 1);
}

async fn who_paused_is_not_shown_and_not_brought_back_by_others(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    let before = member::get(world.app(), &world.north_coordinator, id).await.unwrap();
    world.change(|tx| {
        let row =
            gaung::store::member::MemberRow { state: MemberState::Paused, version: 0, ..gaung::store::member::get(tx.conn, id)? };
        gaung::store::member::save(tx, &gaung::store::member::MemberRow { version: 1, ..row })
    });
    member::take_back(world.app(), &world.north_coordinator, id).await.unwrap();
    assert_eq!(world.member_row(id).state, MemberState::Paused);
    let after = member::get(world.app(), &world.north_coordinator, id).await.unwrap();
    assert_eq!(serde_json::to_value(member::Member { version: 1, ..after }).unwrap(), serde_json::to_value(before).unwrap());
}

on_both!(
    a_coordinator_adds_and_changes_members_of_their_units,
    numbers_and_addresses_are_used_once_and_faults_are_named,
    another_units_members_look_as_if_they_were_not_there,
    lists_walk_page_by_page_through_the_reach,
    whoever_left_is_taken_back_without_consent,
    who_paused_is_not_shown_and_not_brought_back_by_others,
);
