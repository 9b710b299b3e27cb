//! How a transaction is to be run is told to PostgreSQL for that transaction, and for no other; SQLite is told nothing.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use gaung::domain::actor::Actor;
use gaung::store::outbox::{self, Front};
use gaung::store::{Conn, Manner, StoreError, Tx};

use crate::support::app::monday_morning;
use crate::support::database::{Engine, TestDatabase};

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Which of these settings a manner has changed.
fn told(conn: &mut Conn) -> Result<Vec<&'static str>, StoreError> {
    let mut changed = Vec::new();
    let asked = [
        ("enable_nestloop", "off"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_sort", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("synchronous_commit", "off"),
    ];
    for (name, value) in asked {
        let sql = format!("SELECT current_setting('{name}') AS value");
        if diesel::sql_query(sql).get_result::<Setting>(conn)?.value == value {
            changed.push(name);
        }
    }
    Ok(changed)
}

fn written(tx: &mut Tx<'_>) -> Result<Vec<&'static str>, StoreError> {
    tx.without_entry("a test of the store");
    told(tx.conn)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manner_ends_with_its_transaction() {
    let database = TestDatabase::fresh(Engine::Postgres);
    let open = || database.open(gaung::clock::ManualClock::at(monday_morning()).shared());
    // The tests' own cluster does not wait for the disk; sessions from now on do.
    let waits = |tx: &mut Tx<'_>| {
        tx.without_entry("a test of the store");
        let Conn::Pg(conn) = &mut *tx.conn else { unreachable!("PostgreSQL") };
        Ok::<_, StoreError>(conn.batch_execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END $$",
        )?)
    };
    open().write(Actor::Operator, waits).await.unwrap();
    let db = open();
    let by_index = vec!["enable_seqscan", "enable_hashjoin"];
    let in_order = vec!["enable_seqscan", "enable_hashjoin", "enable_sort", "plan_cache_mode"];
    for _ in 0..3 {
        assert_eq!(db.read_in(Manner::whole_tables(), told).await.unwrap(), ["enable_nestloop", "enable_seqscan"]);
        assert_eq!(db.write_in(Manner::by_index(), Actor::Operator, written).await.unwrap(), by_index);
        assert_eq!(db.write_in(Manner::in_order(), Actor::Operator, written).await.unwrap(), in_order);
        let forgettable = db.write_in(Manner::default().may_be_forgotten(), Actor::Operator, written).await.unwrap();
        assert_eq!(forgettable, ["synchronous_commit"]);
        assert_eq!(db.read(told).await.unwrap(), Vec::<&str>::new());
        assert_eq!(db.write(Actor::Operator, written).await.unwrap(), Vec::<&str>::new());
    }
    // A claim sees to it by itself where its transaction was begun in another manner.
    let claiming = |tx: &mut Tx<'_>| {
        outbox::claim(tx, &Front::default(), 10, tx.now)?;
        written(tx)
    };
    assert_eq!(db.write(Actor::Operator, claiming).await.unwrap(), in_order);
    assert_eq!(db.write_in(Manner::by_index(), Actor::Operator, claiming).await.unwrap(), in_order);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_runs_in_any_manner() {
    let database = TestDatabase::fresh(Engine::Sqlite);
    let db = database.open(gaung::clock::ManualClock::at(monday_morning()).shared());
    for manner in [Manner::default(), Manner::by_index(), Manner::in_order().may_be_forgotten(), Manner::whole_tables()] {
        let claimed = db.write_in(manner, Actor::Operator, |tx| outbox::claim(tx, &Front::default(), 10, tx.now)).await.unwrap();
        assert_eq!(claimed.len(), 0);
    }
}
