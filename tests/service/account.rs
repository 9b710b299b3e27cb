//! Accounts: the rules of "open by design" that hold where they are added and changed.

use gaung::domain::account::{AccountState, Engagement};
use gaung::domain::event::EventKind;
use gaung::domain::id::{AccountId, MemberId};
use gaung::domain::kind::{AccountKind, Layer};
use gaung::domain::platform::Platform;
use gaung::service::account::{self, AccountForm};
use gaung::service::{PageRequest, ServiceError, disclosure};

use super::{codes, refusal};
use crate::support::database::Engine;
use crate::support::world::World;

fn form(member_id: MemberId, kind: AccountKind, handle: &str) -> AccountForm {
    AccountForm {
        member_id,
        unit_id: None,
        kind,
        platform: Platform::Instagram,
        handle: handle.into(),
        display_name: String::new(),
        language: String::new(),
        followers: 10,
        topics: vec!["Pajak".into(), "bea".into(), " pajak ".into()],
        engagement: None,
        public_name: false,
        operators: vec![],
    }
}

async fn a_new_account_takes_no_tasks_until_it_is_disclosed(engine: Engine) {
    let world = World::new(engine);
    let person = world.north.member(AccountKind::Official);
    let helper = world.north.member(AccountKind::Interactive);
    let mut wanted = form(person, AccountKind::WhiteLabel, "@Pajak.Kita");
    assert_eq!(
        refusal(&account::add(world.app(), &world.north_coordinator, wanted.clone()).await.unwrap_err()),
        "account.operating_unit_missing"
    );
    wanted.unit_id = Some(world.north.office);
    wanted.operators = vec![helper, person, helper];
    let added = account::add(world.app(), &world.north_coordinator, wanted).await.unwrap();
    assert_eq!((added.layer, added.unit_id, added.disclosed_until), (Layer::Conversation, world.north.office, None));
    assert_eq!((added.handle.as_str(), added.display_name.as_str(), added.language.as_str()), ("Pajak.Kita", "Pajak.Kita", "id"));
    assert_eq!((added.topics, added.operators), (vec!["bea".to_owned(), "pajak".into()], vec![helper]));
    assert_eq!(world.entries(EventKind::AccountAdded), 1);
    let filed = disclosure::file(
        world.app(),
        &world.north_coordinator,
        added.id,
        "Dikelola Unit UTR".into(),
        "https://instagram.com/pajak.kita".into(),
    )
    .await
    .unwrap();
    assert_eq!(world.account_row(added.id).disclosed_until, None);
    disclosure::confirm(world.app(), &world.approver, filed.id).await.unwrap();
    assert!(world.account_row(added.id).disclosed_until.is_some());
}

async fn the_kind_decides_what_goes_with_it(engine: Engine) {
    let world = World::new(engine);
    let person = world.north.member(AccountKind::Advocate);
    let add = |form| account::add(world.app(), &world.north_coordinator, form);
    let external = form(person, AccountKind::KolExternal, "satu");
    assert_eq!(refusal(&add(external.clone()).await.unwrap_err()), "account.engagement_missing");
    let paid = |kind| AccountForm { engagement: Some(Engagement::Paid), ..form(person, kind, "satu") };
    assert_eq!(refusal(&add(paid(AccountKind::Advocate)).await.unwrap_err()), "account.engagement_not_external");
    let helped =
        AccountForm { operators: vec![world.north.member(AccountKind::Official)], ..form(person, AccountKind::Advocate, "satu") };
    assert_eq!(refusal(&add(helped).await.unwrap_err()), "account.operators_not_institution");
    assert_eq!(world.all_entries(), 0);
    assert_eq!(add(paid(AccountKind::KolExternal)).await.unwrap().engagement, Some(Engagement::Paid));
}

async fn one_person_has_one_account_a_platform_until_it_is_retired(engine: Engine) {
    let world = World::new(engine);
    let person = world.north.member(AccountKind::Advocate);
    let add = |form| account::add(world.app(), &world.north_coordinator, form);
    let first = add(form(person, AccountKind::Advocate, "satu")).await.unwrap();
    assert_eq!(refusal(&add(form(person, AccountKind::Advocate, "dua")).await.unwrap_err()), "account.second_on_platform");
    let other = world.north.member(AccountKind::KolInternal);
    assert_eq!(codes(&add(form(other, AccountKind::Advocate, "SATU")).await.unwrap_err()), ["handle account.handle_taken"]);
    // An institution's accounts are no natural person's own: their operator may look after several.
    add(form(person, AccountKind::Interactive, "tanya.pajak")).await.unwrap();
    account::retire(world.app(), &world.north_coordinator, first.id).await.unwrap();
    add(form(person, AccountKind::Advocate, "dua")).await.unwrap();
}

async fn states_follow_their_order(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.account(AccountKind::Official);
    let caller = &world.north_coordinator;
    assert_eq!(account::suspend(world.app(), caller, id).await.unwrap().state, AccountState::Suspended);
    account::suspend(world.app(), caller, id).await.unwrap();
    assert_eq!(world.entries(EventKind::AccountChanged), 1);
    assert_eq!(account::resume(world.app(), caller, id).await.unwrap().state, AccountState::Active);
    assert_eq!(account::retire(world.app(), caller, id).await.unwrap().version, 4);
    for error in [
        account::resume(world.app(), caller, id).await.unwrap_err(),
        account::suspend(world.app(), caller, id).await.unwrap_err(),
        account::change(world.app(), caller, id, 4, form(world.north.member(AccountKind::Official), AccountKind::Official, "x"))
            .await
            .unwrap_err(),
        disclosure::file(world.app(), caller, id, "x".into(), "https://contoh.example/".into()).await.unwrap_err(),
    ] {
        assert_eq!(refusal(&error), "account.retired");
    }
}

async fn another_handle_kind_or_person_ends_the_disclosure(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.account(AccountKind::Advocate);
    let row = world.account_row(id);
    let same =
        AccountForm { platform: row.platform, display_name: "Nama Baru".into(), ..form(row.member_id, row.kind, &row.handle) };
    let change = |version, form| account::change(world.app(), &world.north_coordinator, id, version, form);
    let renamed = change(1, same.clone()).await.unwrap();
    assert_eq!(renamed.disclosed_until, row.disclosed_until.map(|at| at.0), "another name shown is no other account");
    change(2, same.clone()).await.unwrap();
    assert_eq!(world.entries(EventKind::AccountChanged), 1, "what changes nothing is not recorded");
    let moved = change(2, AccountForm { handle: "lain".into(), ..same.clone() }).await.unwrap();
    assert_eq!(moved.disclosed_until, None);
    let states: Vec<_> = disclosure::list_by_account(world.app(), &world.auditor, id)
        .await
        .unwrap()
        .into_iter()
        .map(|d| d.state.to_string())
        .collect();
    assert_eq!(states, ["replaced"]);
    let stale = change(2, same).await;
    assert!(matches!(stale, Err(ServiceError::Conflict(_))), "{stale:?}");
}

async fn another_units_accounts_and_people_look_as_if_they_were_not_there(engine: Engine) {
    let world = World::new(engine);
    let (ours, theirs) = (world.north.member(AccountKind::Official), world.south.member(AccountKind::Official));
    let id = world.south.account(AccountKind::Official);
    let caller = &world.north_coordinator;
    let good = form(ours, AccountKind::Official, "baru");
    for error in [
        account::get(world.app(), caller, id).await.unwrap_err(),
        account::get(world.app(), caller, AccountId::new()).await.unwrap_err(),
        account::suspend(world.app(), caller, id).await.unwrap_err(),
        account::change(world.app(), caller, id, 1, good.clone()).await.unwrap_err(),
        account::add(world.app(), caller, form(theirs, AccountKind::Official, "baru")).await.unwrap_err(),
        account::add(world.app(), caller, AccountForm { unit_id: Some(world.south.unit), ..good.clone() }).await.unwrap_err(),
        account::add(world.app(), caller, AccountForm { operators: vec![theirs], ..good.clone() }).await.unwrap_err(),
        account::add(world.app(), caller, AccountForm { operators: vec![MemberId::new()], ..good.clone() }).await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "it was not found");
    }
    for caller in [&world.lead, &world.approver, &world.auditor] {
        assert!(matches!(account::add(world.app(), caller, good.clone()).await, Err(ServiceError::Forbidden)));
    }
    assert_eq!(account::list(world.app(), caller, None, PageRequest::default()).await.unwrap().items.len(), 6);
    let bad = AccountForm { handle: "https://x.com/a".into(), language: "bahasa!".into(), followers: u32::MAX, ..good };
    assert_eq!(
        codes(&account::add(world.app(), caller, bad).await.unwrap_err()),
        ["handle handle.address", "language account.language", "followers account.followers"]
    );
}

on_both!(
    a_new_account_takes_no_tasks_until_it_is_disclosed,
    the_kind_decides_what_goes_with_it,
    one_person_has_one_account_a_platform_until_it_is_retired,
    states_follow_their_order,
    another_handle_kind_or_person_ends_the_disclosure,
    another_units_accounts_and_people_look_as_if_they_were_not_there,
);
