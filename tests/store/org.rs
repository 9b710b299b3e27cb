//! Members, accounts, disclosures, consents and subjects lie and are found the same on both databases.

use gaung::domain::account::DisclosureState;
use gaung::domain::id::{AccountId, DisclosureId, MemberId};
use gaung::domain::kind::{AccountKind, ConsentKind};
use gaung::domain::platform::Platform;
use gaung::store::subject::Holder;
use gaung::store::types::At;
use gaung::store::{StoreError, Unique, account, consent, disclosure, member, neutrality, subject};

use crate::support::database::Engine;
use crate::support::world::World;

async fn members_are_found_by_every_key_and_saved_under_guard(engine: Engine) {
    let world = World::new(engine);
    let id = world.member(world.north.office, "1999.01-A");
    let mut row = world.member_row(id);
    let db = &world.app().db;
    let found = db.read_blocking(|conn| member::find_by_employee_no(conn, "199901A")).unwrap().unwrap();
    assert_eq!(found, row);
    assert_eq!(db.read_blocking(|conn| member::find_by_email(conn, &row.email_norm)).unwrap().unwrap().id, id);
    assert_eq!(db.read_blocking(|conn| subject::find(conn, &row.subject_ref)).unwrap(), Some(Holder::Member(id)));
    row.set_consented(ConsentKind::Operate, None);
    world.change(|tx| member::save(tx, &row));
    let saved = world.member_row(id);
    assert_eq!((saved.version, saved.operate_version.clone(), saved.participate_version), (2, None, Some("1".into())));
    let stale = db.write_blocking(gaung::domain::actor::Actor::System, |tx| member::save(tx, &row));
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    world.change(|tx| subject::erase(tx, &row.subject_ref));
    assert_eq!(db.read_blocking(|conn| subject::find(conn, &row.subject_ref)).unwrap(), None);
}

async fn lists_are_cut_to_the_subtree_and_walk_by_id(engine: Engine) {
    let world = World::new(engine);
    let below = world.member(world.north.office, "B1");
    let db = &world.app().db;
    let north = [world.north.unit];
    let page = |after, limit| {
        let rows = db.read_blocking(|conn| member::list(conn, Some(&north), after, limit)).unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<MemberId>>()
    };
    let all = page(None, 100);
    let mut expected: Vec<MemberId> = world.north.accounts.iter().map(|(_, _, member)| *member).collect();
    expected.push(below);
    assert_eq!(all, expected);
    assert_eq!(page(Some(all[2]), 2), all[3..5]);
    let accounts = db.read_blocking(|conn| account::list(conn, Some(&[world.north.office]), None, 10)).unwrap();
    assert!(accounts.is_empty());
    assert_eq!(db.read_blocking(|conn| account::list(conn, None, None, 100)).unwrap().len(), 12);
}

async fn one_person_has_one_account_on_a_platform_and_a_handle_is_used_once(engine: Engine) {
    let world = World::new(engine);
    let first = world.account_row(world.north.account(AccountKind::Advocate));
    let insert = |row: &account::AccountRow| {
        world.app().db.write_blocking(gaung::domain::actor::Actor::System, |tx| account::insert(tx, row))
    };
    let mut second = account::AccountRow { id: AccountId::new(), handle_norm: "other".into(), ..first.clone() };
    assert!(matches!(insert(&second), Err(StoreError::Taken(Unique::AccountPerPerson))));
    second = account::AccountRow { id: AccountId::new(), member_id: world.member(world.root, "X1"), ..first };
    assert!(matches!(insert(&second), Err(StoreError::Taken(Unique::AccountHandle))));
    second.handle_norm = "another".into();
    second.personal = false;
    world.change(|tx| {
        account::insert(tx, &second)?;
        account::insert(tx, &account::AccountRow { id: AccountId::new(), handle_norm: "third".into(), ..second.clone() })?;
        account::set_topics(tx, second.id, &["pajak".into(), "bea".into()])?;
        account::set_topics(tx, second.id, &["cukai".into(), "bea".into()])?;
        account::set_operators(tx, second.id, &[world.north.member(AccountKind::Official)])
    });
    let db = &world.app().db;
    assert_eq!(db.read_blocking(|conn| account::topics(conn, second.id)).unwrap(), ["bea", "cukai"]);
    assert_eq!(
        db.read_blocking(|conn| account::operators(conn, second.id)).unwrap(),
        [world.north.member(AccountKind::Official)]
    );
    assert_eq!(
        db.read_blocking(|conn| account::find_by_handle(conn, Platform::X, "third")).unwrap().unwrap().handle_norm,
        "third"
    );
}

async fn a_newer_disclosure_replaces_the_older_one(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.account(AccountKind::WhiteLabel);
    let db = &world.app().db;
    let older = db.read_blocking(|conn| disclosure::list_by_account(conn, id)).unwrap().remove(0);
    let newer = disclosure::DisclosureRow {
        id: DisclosureId::new(),
        state: DisclosureState::Filed,
        checked_by: None,
        checked_at: None,
        expires_at: None,
        ..older.clone()
    };
    world.change(|tx| disclosure::insert_many(tx, std::slice::from_ref(&newer)));
    let waiting = |roots: &[_]| db.read_blocking(|conn| disclosure::list_waiting(conn, Some(roots), "nobody", None, 10)).unwrap();
    assert_eq!(waiting(&[world.north.unit]), std::slice::from_ref(&newer));
    assert!(waiting(&[world.south.unit]).is_empty());
    assert_eq!(world.change(|tx| disclosure::replace_all(tx, id, &[DisclosureState::Confirmed])), 1);
    let states: Vec<_> =
        db.read_blocking(|conn| disclosure::list_by_account(conn, id)).unwrap().into_iter().map(|row| row.state).collect();
    assert_eq!(states, [DisclosureState::Filed, DisclosureState::Replaced]);
    let settle = |row: &disclosure::DisclosureRow| {
        db.write_blocking(gaung::domain::actor::Actor::System, |tx| disclosure::save(tx, row, DisclosureState::Filed))
    };
    assert!(matches!(settle(&older), Err(StoreError::Stale)));
}

async fn a_kind_and_version_of_consent_is_open_once(engine: Engine) {
    let world = World::new(engine);
    let id = world.north.member(AccountKind::Advocate);
    let db = &world.app().db;
    let open = db.read_blocking(|conn| consent::list_open(conn, &[id])).unwrap();
    assert_eq!(open.len(), 2);
    let again = consent::ConsentRow { id: gaung::domain::id::ConsentId::new(), ..open[0].clone() };
    let twice =
        db.write_blocking(gaung::domain::actor::Actor::System, |tx| consent::insert_many(tx, std::slice::from_ref(&again)));
    assert!(matches!(twice, Err(StoreError::Taken(_))), "{twice:?}");
    let mut withdrawn = open[0].clone();
    withdrawn.withdrawn_at = Some(withdrawn.requested_at);
    world.change(|tx| {
        consent::save(tx, &withdrawn)?;
        consent::insert_many(tx, std::slice::from_ref(&again))
    });
    assert_eq!(db.read_blocking(|conn| consent::list_by_member(conn, id)).unwrap().len(), 3);
}

async fn freezes_are_found_by_what_they_touch(engine: Engine) {
    let world = World::new(engine);
    let at = |hour: i64| At(crate::support::app::monday_morning() + chrono::TimeDelta::hours(hour));
    let freeze = neutrality::FreezeRow {
        id: gaung::domain::id::FreezeId::new(),
        label: "Masa tenang".into(),
        starts_at: at(10),
        ends_at: at(20),
        added_at: at(0),
    };
    world.change(|tx| neutrality::insert_freeze(tx, &freeze));
    let touched = |from, to| {
        let found = world.app().db.read_blocking(|conn| neutrality::freezes_between(conn, at(from), at(to))).unwrap();
        found.len() == 1
    };
    for (from, to, expected) in [
        (0, 10, false),
        (0, 11, true),
        (10, 10, true),
        (15, 15, true),
        (12, 13, true),
        (19, 30, true),
        (20, 20, false),
        (20, 30, false),
    ] {
        assert_eq!(touched(from, to), expected, "{from} to {to}");
    }
}

on_both!(
    members_are_found_by_every_key_and_saved_under_guard,
    lists_are_cut_to_the_subtree_and_walk_by_id,
    one_person_has_one_account_on_a_platform_and_a_handle_is_used_once,
    a_newer_disclosure_replaces_the_older_one,
    a_kind_and_version_of_consent_is_open_once,
    freezes_are_found_by_what_they_touch,
);
