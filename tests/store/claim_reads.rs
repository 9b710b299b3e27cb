//! How much of what waits a claim reads: PostgreSQL plans by figures from when the queue was short, and must not go through all of it.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use gaung::domain::outbox::MailKind;
use gaung::store::Conn;
use gaung::store::outbox::{self, NewMail};

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
    world.change(|tx| {
        let Conn::Pg(conn) = &mut *tx.conn else { unreachable!("PostgreSQL") };
        Ok(conn.batch_execute("ANALYZE outbox")?)
    });
    world.change(|tx| outbox::enqueue(tx, &to(few, 10)));
    world.test.advance(TimeDelta::seconds(1));
    for _ in 0..3 {
        world.change(|tx| outbox::enqueue(tx, &to(many, 1_000)));
    }
    let read = world.change(|tx| {
        let until = tx.now + TimeDelta::seconds(300);
        assert_eq!(outbox::claim(tx, 10, until)?.len(), 10);
        let sql = "SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid))::bigint AS n FROM pg_index WHERE indrelid = 'outbox'::regclass";
        let read: Read = diesel::sql_query(sql).get_result(tx.conn)?;
        Ok(read.n)
    });
    assert!((10..200).contains(&read), "{read} entries of its indexes were read for ten mails");
}
