//! The same behind PgBouncer in transaction mode, where a connection's transactions go to whatever server is free.

use gaung::clock::SteadyClock;
use gaung::domain::actor::Actor;
use gaung::store::db::{Place, PoolOptions};
use gaung::store::schema::users;
use gaung::store::{Db, StoreError, migrate};

use super::many::carry;
use crate::support::database::{Engine, TestDatabase};
use crate::support::process::pooler::Pooler;
use crate::support::process::site::Site;

/// Fewer servers than clients, so that these share them.
const SERVERS: u32 = 3;

fn pooler() -> Pooler {
    let url = std::env::var("GAUNG_TEST_POSTGRES").expect("GAUNG_TEST_POSTGRES is set");
    Pooler::start(&url.parse().expect("a URL"), SERVERS)
}

/// Eight threads, each with its own connection, ask different things by the same few servers; the first failure.
fn crowd(url: &str, prepared: Option<bool>) -> Result<(), StoreError> {
    use diesel::prelude::*;
    let options = PoolOptions { size: 8, prepared, ..PoolOptions::default() };
    let db = Db::open(Place::Postgres(url.to_owned()), options, SteadyClock::shared())?;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let db = &db;
                scope.spawn(move || {
                    for round in 0..40 {
                        db.read_blocking(|conn| match (n + round) % 4 {
                            0 => Ok::<_, StoreError>(users::table.count().get_result(conn)?),
                            1 => Ok(users::table.filter(users::active.eq(true)).count().get_result(conn)?),
                            2 => Ok(users::table.filter(users::email.eq("a@b.example")).count().get_result(conn)?),
                            _ => Ok(diesel::sql_query("SELECT 1").execute(conn).map(|n| n as i64)?),
                        })?;
                        db.write_blocking(Actor::System, |tx| {
                            tx.without_entry("a test changes nothing");
                            Ok::<_, StoreError>(
                                diesel::update(users::table.filter(users::name.eq("nobody")))
                                    .set(users::active.eq(false))
                                    .execute(tx.conn)?,
                            )
                        })?;
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread"))
    })
}

#[test]
fn a_pooler_is_found_and_no_statement_is_kept_behind_it() {
    let pooler = pooler();
    let database = TestDatabase::fresh(Engine::Postgres);
    let url = pooler.url(&database.url());
    crowd(&url, None).expect("a pooler that is found");
    // What would have happened otherwise.
    let error = crowd(&url, Some(true)).expect_err("statements that are kept go astray behind it");
    assert!(error.to_string().contains("prepared statement"), "{error}");
    // Nothing is given away where nobody stands between.
    crowd(&database.url(), None).expect("a direct connection");
}

#[test]
fn six_starters_migrate_through_it_once() {
    let pooler = pooler();
    let database = TestDatabase::empty(Engine::Postgres);
    let url = pooler.url(&database.url());
    let applied: Vec<usize> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let place = Place::Postgres(url.clone());
                    let db = Db::open(place, PoolOptions { size: 2, ..PoolOptions::default() }, SteadyClock::shared());
                    migrate::up(&db.expect("a pool")).expect("the migrations").len()
                })
            })
            .collect();
        starters.into_iter().map(|starter| starter.join().expect("a starter")).collect()
    });
    assert_eq!(applied.iter().filter(|n| **n > 0).count(), 1, "{applied:?}");
    let db = database.open(SteadyClock::shared());
    assert_eq!((migrate::pending(&db).unwrap(), migrate::applied(&db).unwrap()), (0, applied.iter().sum()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_carry_a_dispatch_through_it() {
    let pooler = pooler();
    let small = [("GAUNG__CAMPAIGN__CHUNK_SIZE", "50"), ("GAUNG__MAIL__BATCH_SIZE", "20"), ("GAUNG__SERVER__DRAIN_S", "0")];
    let site = Site::fresh(Engine::Postgres, &small);
    let start = site.start().on(&pooler.url(site.url()));
    carry(&site, &start).await;
}
