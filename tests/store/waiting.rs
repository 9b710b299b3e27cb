//! PostgreSQL: what stands beside the outbox. Mails change in their place on their way out, what waits and what is under a lease stay in
//! step with the rows whoever writes them, and what a claim meets half-way is left in order.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use gaung::domain::id::MailId;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::service::campaign;
use gaung::store::outbox::{self, Claimed, Lost, NewMail, Settlement, Verdict};
use gaung::store::{Conn, StoreError, Tx, promises};

use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

const LEASE: TimeDelta = TimeDelta::seconds(300);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn number(world: &World, sql: &str) -> i64 {
    let read = |conn: &mut Conn| Ok::<_, StoreError>(diesel::sql_query(sql).get_result::<Count>(conn)?.n);
    world.app().db.read_blocking(read).unwrap()
}

fn run(world: &World, sql: &str) {
    world.change(|tx| {
        let Conn::Pg(conn) = &mut *tx.conn else { unreachable!("PostgreSQL") };
        Ok(conn.batch_execute(sql)?)
    });
}

fn claim(world: &World, limit: u32) -> Vec<Claimed> {
    world.change(|tx| outbox::claim(tx, &outbox::Front::default(), limit, tx.now + LEASE))
}

fn settle(world: &World, claimed: &[Claimed], state: MailState) -> usize {
    let retry_at = state.is_open().then(|| world.app().clock.now());
    let verdict = Verdict { state, retry_at, why: None };
    let results: Vec<Settlement> = claimed.iter().map(|mail| Settlement::new(mail.clone(), verdict.clone())).collect();
    world.change(|tx| outbox::settle(tx, &results))
}

fn leases(world: &World) -> i64 {
    number(world, "SELECT count(*) AS n FROM outbox_leases")
}

fn ready(world: &World) -> i64 {
    number(world, "SELECT count(*) AS n FROM outbox_waiting WHERE ready")
}

/// How many rows of the outbox a transaction changes without any of its indexes.
fn in_place<T>(world: &World, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> i64 {
    let count = |tx: &mut Tx<'_>| {
        let sql = "SELECT n_tup_hot_upd AS n FROM pg_stat_xact_user_tables WHERE relname = 'outbox'";
        Ok::<_, StoreError>(diesel::sql_query(sql).get_result::<Count>(tx.conn)?.n)
    };
    world.change(|tx| {
        let before = count(tx)?;
        f(tx)?;
        Ok(count(tx)? - before)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_on_its_way_out_changes_no_index() {
    let world = World::new(Engine::Postgres);
    opened(&world, "a", 200).await;
    let mut claimed = Vec::new();
    let taken = in_place(&world, |tx| {
        claimed = outbox::claim(tx, &outbox::Front::default(), 200, tx.now + LEASE)?;
        Ok(())
    });
    assert_eq!((taken, claimed.len()), (200, 200));
    // A page has room for three versions. More need that the first were taken away, which waits for whatever else runs in the cluster.
    let marked = claimed.split_off(120);
    assert_eq!(in_place(&world, |tx| outbox::begin(tx, &marked)), 80);
    let sent = Verdict { state: MailState::Sent, retry_at: None, why: None };
    let results: Vec<Settlement> = claimed.into_iter().map(|mail| Settlement::new(mail, sent.clone())).collect();
    assert_eq!(in_place(&world, |tx| outbox::settle(tx, &results)), 120);
    invariants::check(world.app());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_goes_with_the_last_of_its_mails_or_with_its_time() {
    let world = World::new(Engine::Postgres);
    opened(&world, "a", 6).await;
    let claimed = claim(&world, 6);
    assert_eq!((leases(&world), ready(&world)), (1, 0));
    assert_eq!(settle(&world, &claimed[..2], MailState::Sent), 2);
    assert_eq!(settle(&world, &claimed[2..3], MailState::Pending), 1);
    assert_eq!((leases(&world), ready(&world)), (1, 1), "three of them are still in hand");
    let again = claim(&world, 6);
    assert_eq!((again.len(), leases(&world)), (1, 2));
    assert_eq!(settle(&world, &claimed[2..3], MailState::Sent), 0, "by its first lease it is nobody's any more");
    assert_eq!(leases(&world), 2, "what changes nothing ends no lease");
    assert_eq!(settle(&world, &again, MailState::Sent), 1);
    assert_eq!(leases(&world), 1);
    invariants::check(world.app());
    world.test.advance(LEASE);
    assert_eq!(world.change(|tx| outbox::rescue(tx, 2, Lost::NotHandedOver)), 2);
    assert_eq!(leases(&world), 1, "one is still to be looked at");
    assert_eq!(world.change(|tx| outbox::rescue(tx, 2, Lost::NotHandedOver)), 1);
    assert_eq!((leases(&world), ready(&world)), (0, 3));
    assert_eq!(world.change(|tx| outbox::rescue(tx, 2, Lost::NotHandedOver)), 0);
    invariants::check(world.app());
}

/// As the version before wrote it: it knows nothing of what stands beside.
const OLDER_CLAIM: &str = "UPDATE outbox SET state = 'sending', attempt = attempt + 1, begun = -(attempt + 1), lease_until = now() + interval '1 hour' \
    WHERE id = ANY(ARRAY(SELECT id FROM outbox WHERE state = 'pending' AND NOT held AND digest_id IS NULL \
    ORDER BY next_attempt_at, id LIMIT 2 FOR UPDATE SKIP LOCKED))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_version_claims_and_settles_is_kept_in_step() {
    let world = World::new(Engine::Postgres);
    opened(&world, "a", 5).await;
    run(&world, OLDER_CLAIM);
    assert_eq!((leases(&world), ready(&world)), (2, 3), "taken, and known to be in somebody's hands");
    invariants::check(world.app());
    assert_eq!(claim(&world, 10).len(), 3, "not what the other has");
    // It settles one; of the other its worker dies.
    run(
        &world,
        "UPDATE outbox SET state = 'pending', lease_until = NULL WHERE id = (SELECT min(id::text)::uuid FROM outbox WHERE lease_id IS NULL AND state = 'sending')",
    );
    assert_eq!(ready(&world), 1);
    let again = claim(&world, 10);
    assert_eq!((again.len(), again[0].attempt), (1, 2));
    invariants::check(world.app());
    assert_eq!(settle(&world, &again, MailState::Pending), 1);
    run(&world, OLDER_CLAIM);
    assert_eq!(ready(&world), 0, "a mail that both versions had in turn");
    invariants::check(world.app());
    run(
        &world,
        "UPDATE outbox SET lease_until = lease_until - interval '20 years'; UPDATE outbox_leases SET lease_until = lease_until - interval '20 years'",
    );
    assert_eq!(world.change(|tx| outbox::rescue(tx, 100, Lost::NotHandedOver)), 5);
    assert_eq!((leases(&world), ready(&world)), (0, 5));
    invariants::check(world.app());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pausing_deferring_cancelling_and_deleting_keep_it_in_step() {
    let world = World::new(Engine::Postgres);
    let (first, second) = (opened(&world, "a", 4).await, opened(&world, "b", 3).await);
    let all = "SELECT count(*) AS n FROM outbox_waiting";
    campaign::pause(world.app(), &world.lead, first.campaign_id, "sebentar").await.unwrap();
    assert_eq!((ready(&world), number(&world, all)), (3, 7));
    let claimed = claim(&world, 10);
    assert_eq!(claimed.len(), 3, "nothing of the paused one");
    assert_eq!(settle(&world, &claimed, MailState::Deferred), 3);
    assert_eq!(number(&world, "SELECT count(*) AS n FROM outbox_waiting WHERE deferred AND ready"), 3);
    campaign::resume(world.app(), &world.lead, first.campaign_id).await.unwrap();
    assert_eq!(ready(&world), 7);
    invariants::check(world.app());
    assert_eq!(claim(&world, 5).len(), 5, "four that never failed and one that did");
    assert_eq!(world.change(|tx| outbox::cancel_campaign(tx, second.campaign_id)), 2);
    assert_eq!(number(&world, all), 0);
    invariants::check(world.app());
    let member = world.member(world.north.unit, "P9");
    world.change(|tx| outbox::enqueue(tx, &[NewMail { member_id: Some(member), ..NewMail::new(MailKind::Notice) }]));
    assert_eq!(number(&world, all), 1);
    run(&world, "DELETE FROM outbox WHERE kind = 'notice'");
    assert_eq!(number(&world, all), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_beside_that_a_claim_could_not_see_goes_all_the_same() {
    let world = World::new(Engine::Postgres);
    opened(&world, "a", 3).await;
    // Stands for a mail that another worker claimed and put back while the statement ran: the row that it sees is gone, a newer one there.
    run(
        &world,
        "CREATE TABLE passed_by (n integer); CREATE FUNCTION pass_by() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF EXISTS (SELECT 1 FROM passed_by) THEN RETURN OLD; END IF; INSERT INTO passed_by VALUES (1); RETURN NULL; END $$; \
         CREATE TRIGGER pass_by BEFORE DELETE ON outbox_waiting FOR EACH ROW EXECUTE FUNCTION pass_by()",
    );
    assert_eq!(claim(&world, 10).len(), 3);
    assert_eq!(number(&world, "SELECT count(*) AS n FROM passed_by"), 1);
    assert_eq!(ready(&world), 0);
    invariants::check(world.app());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_the_server_forgot_binds_nobody() {
    let world = World::new(Engine::Postgres);
    opened(&world, "a", 3).await;
    run(&world, "CREATE TABLE before AS SELECT * FROM outbox; CREATE TABLE waited AS SELECT * FROM outbox_waiting");
    let forgotten = claim(&world, 10);
    // As it stands when the server comes back without the last commit: another worker then begins an attempt of the same number.
    run(
        &world,
        "DELETE FROM outbox_leases; INSERT INTO outbox_waiting SELECT * FROM waited; ALTER TABLE outbox DISABLE TRIGGER USER; \
         UPDATE outbox o SET state = b.state, attempt = b.attempt, begun = b.begun, lease_until = b.lease_until, lease_id = b.lease_id \
         FROM before b WHERE b.id = o.id; ALTER TABLE outbox ENABLE TRIGGER USER",
    );
    invariants::check(world.app());
    let claimed = claim(&world, 10);
    let attempts = |mails: &[Claimed]| mails.iter().map(|mail| mail.attempt).collect::<Vec<_>>();
    assert_eq!((attempts(&forgotten), attempts(&claimed)), (vec![1; 3], vec![1; 3]));
    assert_eq!(world.change(|tx| outbox::begin(tx, &forgotten)).len(), 0, "none of them may be handed over");
    assert_eq!(settle(&world, &forgotten, MailState::Sent), 0);
    assert_eq!(settle(&world, &forgotten, MailState::Pending), 0);
    assert_eq!(world.change(|tx| outbox::begin(tx, &claimed)).len(), 3);
    assert_eq!(settle(&world, &claimed, MailState::Sent), 3);
    invariants::check(world.app());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_promise_about_it_is_found() {
    let world = World::new(Engine::Postgres);
    opened(&world, "a", 3).await;
    let broken = || world.app().db.read_blocking(promises::check).unwrap();
    let first: MailId = claim(&world, 1)[0].id;
    assert_eq!(broken(), []);
    run(
        &world,
        "UPDATE outbox_waiting SET next_attempt_at = next_attempt_at + interval '1 second' WHERE mail_id = (SELECT min(mail_id::text)::uuid FROM outbox_waiting)",
    );
    assert_eq!(broken()[0].rows, 1);
    run(&world, "DELETE FROM outbox_waiting");
    assert_eq!(broken()[0].rows, 2);
    run(&world, "UPDATE outbox SET held = held, next_attempt_at = next_attempt_at + interval '1 second' WHERE state = 'pending'");
    assert_eq!(broken(), [], "whoever writes the rows mends it");
    run(&world, "UPDATE outbox_leases SET unsettled = 0");
    assert_eq!(broken()[0].rows, 1);
    run(&world, "DELETE FROM outbox_leases");
    assert_eq!(broken()[0].rows, 1, "{first} is in nobody's hands");
}
