//! How much of the completions on file a batch of new ones, and a task's page, read: PostgreSQL plans by figures from before the campaign,
//! and must not go through all that came since.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use gaung::domain::actor::Actor;
use gaung::domain::assignment::EvidenceLevel;
use gaung::domain::id::{AssignmentId, CompletionId};
use gaung::store::completion::{self, CompletionRow};
use gaung::store::types::At;
use gaung::store::{Conn, Manner, StoreError, Tx, task_sheet};

use crate::support::campaigns::{assigned, now, opened};
use crate::support::database::Engine;
use crate::support::world::World;

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Rows and entries of completions that this transaction has read.
fn read(tx: &mut Tx<'_>) -> i64 {
    let sql = "SELECT (pg_stat_get_xact_tuples_returned('completions'::regclass) + (SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) \
               FROM pg_index WHERE indrelid = 'completions'::regclass))::bigint AS n";
    diesel::sql_query(sql).get_result::<Read>(tx.conn).unwrap().n
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_completions_do_not_go_through_those_on_file() {
    let world = World::new(Engine::Postgres);
    let crowd = opened(&world, "a", 1_010).await;
    let all = assigned(world.app(), crowd.wave_id);
    let ids: Vec<AssignmentId> = all.iter().map(|row| row.id).collect();
    let (done, open) = ids.split_at(1_000);
    let now = At(now(&world));
    let rows: Vec<CompletionRow> = all[..1_000]
        .iter()
        .map(|row| CompletionRow {
            id: CompletionId::new(),
            assignment_id: row.id,
            account_id: row.account_id,
            wave_id: row.wave_id,
            level: EvidenceLevel::Declared,
            url: None,
            url_key: None,
            own_words: false,
            suspected: false,
            completed_at: now,
            checked_at: None,
            checked_by: None,
            undone_at: None,
        })
        .collect();
    let change = |manner, f: &dyn Fn(&mut Tx<'_>)| {
        world.app().db.write_blocking_in(manner, Actor::Operator, |tx| {
            tx.without_entry("a test of the store");
            f(tx);
            Ok::<_, StoreError>(())
        })
    };
    // The figures are from when there was none, and the plans are made by them.
    change(Manner::default(), &|tx| {
        let Conn::Pg(conn) = &mut *tx.conn else { unreachable!("PostgreSQL") };
        conn.batch_execute("ANALYZE completions").unwrap();
    })
    .unwrap();
    change(Manner::default(), &|tx| {
        for _ in 0..6 {
            assert_eq!(task_sheet::lock_open(tx, open).unwrap().len(), 10);
        }
        completion::insert_all(tx, &rows).unwrap();
        let before = read(tx);
        assert_eq!(task_sheet::lock_open(tx, open).unwrap().len(), 10);
        assert_eq!(task_sheet::lock_open(tx, &done[..10]).unwrap().len(), 0);
        let read = read(tx) - before;
        assert!((10..100).contains(&read), "{read} rows and entries were read for twenty assignments");
        completion::undo(tx, rows[0].id).unwrap();
        assert_eq!(task_sheet::lock_open(tx, &done[..10]).unwrap().len(), 1, "one was taken back");
    })
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_asks_an_index_for_its_completion() {
    let world = World::new(Engine::Postgres);
    let crowd = opened(&world, "a", 2).await;
    let asked = assigned(world.app(), crowd.wave_id)[0].id;
    let scans = |manner| {
        let found = world.app().db.write_blocking_in(manner, Actor::Operator, |tx| {
            tx.without_entry("a test of the store");
            let Conn::Pg(conn) = &mut *tx.conn else { unreachable!("PostgreSQL") };
            conn.batch_execute("ANALYZE completions")?;
            assert_eq!(completion::find_current(tx.conn, asked)?, None);
            let sql = "SELECT pg_stat_get_xact_numscans('completions'::regclass) AS n";
            Ok::<_, StoreError>(diesel::sql_query(sql).get_result::<Read>(tx.conn)?.n)
        });
        found.unwrap()
    };
    assert_eq!(scans(Manner::by_index()), 0, "it went through the table");
    assert_eq!(scans(Manner::default()), 1, "this test would not see it");
}
