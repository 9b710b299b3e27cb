//! Connections, transactions, column types and migrations behave the same on both databases.

use diesel::prelude::*;
use gaung::domain::actor::Actor;
use gaung::domain::event::EventKind;
use gaung::domain::id::UnitId;
use gaung::store::schema::{ledger_entries, ledger_secrets, units};
use gaung::store::tx::NewEntry;
use gaung::store::types::At;
use gaung::store::unit::{self, UnitRow};
use gaung::store::{Db, StoreError, Tx, Unique, migrate};

use crate::support::app::monday_morning;
use crate::support::database::{Engine, TestDatabase};

fn open(engine: Engine) -> (TestDatabase, Db) {
    let database = TestDatabase::fresh(engine);
    let db = database.open(gaung::clock::ManualClock::at(monday_morning()).shared());
    (database, db)
}

fn row(code: &str, parent_id: Option<UnitId>) -> UnitRow {
    let at = At(monday_morning());
    UnitRow {
        id: UnitId::new(),
        parent_id,
        code: code.into(),
        code_norm: code.to_uppercase(),
        name: format!("Unit {code}"),
        zone: "Asia/Jakarta".into(),
        created_at: at,
        updated_at: at,
        version: 1,
    }
}

fn add(tx: &mut Tx<'_>, unit: &UnitRow) -> Result<(), StoreError> {
    unit::insert(tx, unit)?;
    tx.record(NewEntry::new(EventKind::UnitAdded).unit(unit.id).detail(serde_json::json!({ "name": unit.name })));
    Ok(())
}

async fn a_write_carries_its_entry_and_salted_secret(engine: Engine) {
    let (_keep, db) = open(engine);
    let unit = row("HQ", None);
    let id = unit.id;
    db.write(Actor::Operator, move |tx| add(tx, &unit)).await.unwrap();
    db.read(move |conn| {
        let stored = unit::get(conn, id)?;
        assert_eq!(stored.created_at.0, monday_morning());
        let (kind, commitment) = ledger_entries::table
            .select((ledger_entries::kind, ledger_entries::commitment))
            .first::<(EventKind, Option<Vec<u8>>)>(conn)
            .map_err(StoreError::from)?;
        assert_eq!(kind, EventKind::UnitAdded);
        assert_eq!(commitment.map(|c| c.len()), Some(32));
        let salt = ledger_secrets::table.select(ledger_secrets::salt).first::<Vec<u8>>(conn).map_err(StoreError::from)?;
        assert_eq!(salt.len(), 32);
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

async fn a_write_without_an_entry_is_refused_and_changes_nothing(engine: Engine) {
    let (_keep, db) = open(engine);
    let unit = row("HQ", None);
    let id = unit.id;
    let result = db.write(Actor::Operator, move |tx| unit::insert(tx, &unit)).await;
    assert!(matches!(result, Err(StoreError::Inconsistent(_))), "{result:?}");
    assert!(db.read(move |conn| unit::find(conn, id)).await.unwrap().is_none());
}

async fn a_failed_write_leaves_no_trace(engine: Engine) {
    let (_keep, db) = open(engine);
    let (first, twin) = (row("HQ", None), row("hq", None));
    db.write(Actor::Operator, move |tx| add(tx, &first)).await.unwrap();
    let result = db.write(Actor::Operator, move |tx| add(tx, &twin)).await;
    assert!(matches!(result, Err(StoreError::Taken(Unique::UnitCode))), "{result:?}");
    let entries = db.read(|conn| Ok::<_, StoreError>(ledger_entries::table.count().get_result::<i64>(conn)?)).await.unwrap();
    assert_eq!(entries, 1);
}

async fn a_read_cannot_write(engine: Engine) {
    let (_keep, db) = open(engine);
    let result = db
        .read(|conn| {
            diesel::delete(units::table).execute(conn)?;
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(result.is_err());
}

async fn a_panic_inside_a_write_rolls_back_and_leaves_the_pool_usable(engine: Engine) {
    let (_keep, db) = open(engine);
    let unit = row("HQ", None);
    let id = unit.id;
    let copy = unit.clone();
    let result: Result<(), StoreError> = db
        .write(Actor::Operator, move |tx| {
            add(tx, &copy)?;
            panic!("on purpose");
        })
        .await;
    assert!(result.is_err());
    assert!(db.read(move |conn| unit::find(conn, id)).await.unwrap().is_none());
    db.write(Actor::Operator, move |tx| add(tx, &unit)).await.unwrap();
}

async fn moving_a_unit_moves_its_subtree(engine: Engine) {
    let (_keep, db) = open(engine);
    let root = row("ROOT", None);
    let (a, b) = (row("A", Some(root.id)), row("B", Some(root.id)));
    let leaf = row("LEAF", Some(a.id));
    let (root_id, a_id, b_id, leaf_id) = (root.id, a.id, b.id, leaf.id);
    let reader = db.clone();
    let within = move |id, roots: Vec<UnitId>| {
        let db = reader.clone();
        async move { db.read(move |conn| unit::is_within(conn, id, &roots)).await.unwrap() }
    };
    db.write(Actor::Operator, move |tx| {
        for unit in [&root, &a, &b, &leaf] {
            add(tx, unit)?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
    assert!(within(leaf_id, vec![root_id]).await && within(leaf_id, vec![a_id]).await && !within(leaf_id, vec![b_id]).await);
    db.write(Actor::Operator, move |tx| {
        let mut unit = unit::get(tx.conn, a_id)?;
        unit.parent_id = Some(b_id);
        unit::save(tx, &unit)?;
        tx.record(NewEntry::new(EventKind::UnitChanged).unit(a_id));
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
    assert!(within(leaf_id, vec![b_id]).await && within(leaf_id, vec![root_id]).await);
    let cycle = db
        .write(Actor::Operator, move |tx| {
            let mut unit = unit::get(tx.conn, b_id)?;
            unit.parent_id = Some(leaf_id);
            unit::save(tx, &unit)
        })
        .await;
    assert!(matches!(cycle, Err(StoreError::Inconsistent(_))), "{cycle:?}");
    let stale = db
        .write(Actor::Operator, move |tx| {
            let mut unit = unit::get(tx.conn, a_id)?;
            unit.version -= 1;
            unit::save(tx, &unit)
        })
        .await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
}

async fn migrations_go_up_down_and_up_again(engine: Engine) {
    let (_keep, db) = open(engine);
    tokio::task::spawn_blocking(move || {
        assert_eq!(migrate::pending(&db).unwrap(), 0);
        migrate::down(&db).unwrap();
        assert!(migrate::pending(&db).unwrap() > 0);
        assert!(!migrate::up(&db).unwrap().is_empty());
        assert!(migrate::up(&db).unwrap().is_empty());
    })
    .await
    .unwrap();
}

on_both!(
    a_write_carries_its_entry_and_salted_secret,
    a_write_without_an_entry_is_refused_and_changes_nothing,
    a_failed_write_leaves_no_trace,
    a_read_cannot_write,
    a_panic_inside_a_write_rolls_back_and_leaves_the_pool_usable,
    moving_a_unit_moves_its_subtree,
    migrations_go_up_down_and_up_again,
);
