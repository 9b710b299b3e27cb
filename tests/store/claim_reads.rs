//! How much of what waits, or is being sent, a claim, a mark and a settle read: PostgreSQL plans by figures from when the queue was
//! short, and must not go through all of it.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::store::outbox::{self, NewMail, Settlement, Verdict};
use gaung::store::{Conn, StoreError, Tx};

use crate::support::database::Engine;
use crate::support::world::World;

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[tokio::test]
async fn a_claim_does_not_go_through_all_that_waits() {
    let world = World::new(Engine::Postgres);
    let (few, many) = (world.member(world.north.unit, "P1"), world.member(world.north.unit, "P2"));
    let to = |member_id, n: usize| vec![NewMail { member_id: Some(member_id), ..NewMail::new(MailKind::Task) }; n];
    analyze(&world);
    world.change(|tx| outbox::enqueue(tx, &to(few, 10)));
    world.test.advance(TimeDelta::seconds(1));
    for _ in 0..3 {
        world.change(|tx| outbox::enqueue(tx, &to(many, 1_000)));
    }
    let (read, claimed) = read_of(&world, |tx| outbox::claim(tx, 10, tx.now + TimeDelta::seconds(300)));
    assert_eq!(claimed.len(), 10);
    assert!((10..200).contains(&read), "{read} rows and entries were read for ten mails");
}

#[tokio::test]
async fn a_mark_and_a_settle_do_not_go_through_all_that_is_being_sent() {
    let world = World::new(Engine::Postgres);
    let member = world.member(world.north.unit, "P1");
    let mails = |n: usize| vec![NewMail { member_id: Some(member), ..NewMail::new(MailKind::Notice) }; n];
    let claim = |n| world.change(|tx| outbox::claim(tx, n, tx.now + TimeDelta::seconds(300)));
    // The figures are from when one was being sent.
    world.change(|tx| outbox::enqueue(tx, &mails(1)));
    claim(1);
    analyze(&world);
    for _ in 0..3 {
        world.change(|tx| outbox::enqueue(tx, &mails(1_000)));
    }
    let ten = claim(3_000).split_off(2_990);
    let (read, ours) = read_of(&world, |tx| outbox::begin(tx, &ten));
    assert_eq!(ours.len(), 10);
    assert!((10..200).contains(&read), "{read} rows and entries were read to mark ten mails");
    let sent = Verdict { state: MailState::Sent, retry_at: None, why: None };
    let results: Vec<Settlement> = ten.iter().map(|mail| Settlement::new(mail.clone(), sent.clone())).collect();
    let (read, _) = read_of(&world, |tx| outbox::settle(tx, &results));
    assert!((10..200).contains(&read), "{read} rows and entries were read to settle ten mails");
}

fn analyze(world: &World) {
    world.change(|tx| {
        let Conn::Pg(conn) = &mut *tx.conn else { unreachable!("PostgreSQL") };
        Ok(conn.batch_execute("ANALYZE outbox; ANALYZE outbox_waiting; ANALYZE outbox_leases")?)
    });
}

/// How many rows and index entries of the outbox and of what stands beside it a transaction reads, and what it gives. The server's count holds what its connection read a
/// moment ago, too.
fn read_of<T>(world: &World, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> (i64, T) {
    let count = |tx: &mut Tx<'_>| {
        let sql = "SELECT ((SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_index WHERE indrelid = ANY(t)) \
             + (SELECT sum(pg_stat_get_xact_tuples_returned(oid)) FROM unnest(t) AS oid))::bigint AS n \
             FROM (SELECT ARRAY['outbox'::regclass, 'outbox_waiting'::regclass, 'outbox_leases'::regclass]::oid[] AS t) tables";
        Ok::<_, StoreError>(diesel::sql_query(sql).get_result::<Read>(tx.conn)?.n)
    };
    world.change(|tx| {
        let before = count(tx)?;
        let found = f(tx)?;
        Ok((count(tx)? - before, found))
    })
}
