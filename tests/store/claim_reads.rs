//! How much of what waits, or is being sent, a claim, a mark and a settle read: PostgreSQL plans by figures from when the queue was
//! short, and must not go through all of it.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use gaung::clock::Clock as _;
use gaung::domain::id::MailId;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::store::outbox::{self, Front, NewMail, Settlement, Verdict};
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
    let (read, claimed) = read_of(&world, |tx| outbox::claim(tx, &Front::default(), 10, tx.now + TimeDelta::seconds(300)));
    assert_eq!(claimed.len(), 10);
    assert!((10..200).contains(&read), "{read} rows and entries were read for ten mails");
}

#[tokio::test]
async fn a_mark_and_a_settle_do_not_go_through_all_that_is_being_sent() {
    let world = World::new(Engine::Postgres);
    let member = world.member(world.north.unit, "P1");
    let mails = |n: usize| vec![NewMail { member_id: Some(member), ..NewMail::new(MailKind::Notice) }; n];
    let claim = |n| world.change(|tx| outbox::claim(tx, &Front::default(), n, tx.now + TimeDelta::seconds(300)));
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

#[tokio::test]
async fn a_claim_does_not_go_through_what_went_out_before_it() {
    let world = World::new(Engine::Postgres);
    let member = world.member(world.north.unit, "P1");
    for _ in 0..4 {
        world.change(|tx| {
            outbox::enqueue(tx, &vec![NewMail { member_id: Some(member), ..NewMail::new(MailKind::Notice) }; 1_000])
        });
    }
    // Nobody cleans up meanwhile.
    execute(&world, "ALTER TABLE outbox_waiting SET (autovacuum_enabled = off)");
    let front = Front::looking_back_every(Duration::from_secs(3_600));
    let ten = |front: &Front| read_of(&world, |tx| outbox::claim(tx, front, 10, tx.now + TimeDelta::seconds(300)));
    world.change(|tx| outbox::claim(tx, &front, 3_000, tx.now + TimeDelta::seconds(300)));
    let (read, claimed) = ten(&front);
    assert_eq!(claimed.len(), 10);
    assert!((10..200).contains(&read), "{read} rows and entries were read for ten mails");
    // Who does not know how far the others came begins with all of them.
    let (read, claimed) = ten(&Front::default());
    assert_eq!(claimed.len(), 10);
    assert!(read > 3_000, "only {read} were read: this test would not see it");
}

#[tokio::test]
async fn what_falls_due_behind_the_front_is_found() {
    let world = World::new(Engine::Postgres);
    let member = world.member(world.north.unit, "P1");
    // So many mails that fell due so long ago.
    let put_in = |n: usize, ago: TimeDelta| -> Vec<MailId> {
        let now = world.test.clock.now();
        world.test.clock.set(now - ago);
        let new = |_| NewMail { id: Some(MailId::new()), member_id: Some(member), ..NewMail::new(MailKind::Notice) };
        let mails: Vec<NewMail> = (0..n).map(new).collect();
        world.change(|tx| outbox::enqueue(tx, &mails));
        world.test.clock.set(now);
        mails.into_iter().filter_map(|mail| mail.id).collect()
    };
    let (now, before) = (TimeDelta::zero(), TimeDelta::hours(1));
    let claim = |front: &Front, n| {
        let claimed = world.change(|tx| outbox::claim(tx, front, n, tx.now + TimeDelta::seconds(300)));
        claimed.into_iter().map(|mail| mail.id).collect::<Vec<_>>()
    };
    let patient = Front::looking_back_every(Duration::from_secs(3_600));
    put_in(9, now);
    assert_eq!(claim(&patient, 4).len(), 4);
    // Of a campaign that goes on, for instance: it fell due before all others.
    let behind = put_in(2, before);
    let next = claim(&patient, 4);
    assert!(next.len() == 4 && next.iter().all(|id| !behind.contains(id)), "first what is before it");
    let rest = claim(&patient, 4);
    assert_eq!(rest.len(), 3, "and where that is not enough, what is behind");
    assert!(behind.iter().all(|id| rest.contains(id)));
    // Where it is time for a look from the beginning, that comes first.
    let restless = Front::looking_back_every(Duration::ZERO);
    put_in(9, now);
    assert_eq!(claim(&restless, 4).len(), 4);
    let behind = put_in(1, before);
    assert_eq!(claim(&restless, 1), behind);
}

fn analyze(world: &World) {
    execute(world, "ANALYZE outbox; ANALYZE outbox_waiting; ANALYZE outbox_leases");
}

fn execute(world: &World, sql: &str) {
    world.change(|tx| {
        let Conn::Pg(conn) = &mut *tx.conn else { unreachable!("PostgreSQL") };
        Ok(conn.batch_execute(sql)?)
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
