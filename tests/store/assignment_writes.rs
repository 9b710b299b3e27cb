//! What moves many assignments at once: telling their members touches no index, closing reads only what is left, reminders keep to live
//! campaigns, and the counters of many completions go up together.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use gaung::domain::id::{UnitId, WaveId};
use gaung::domain::outbox::MailState;
use gaung::service::{campaign, delivery};
use gaung::store::done_counts::{self, DoneCounts, Moved};
use gaung::store::outbox::{self, Settlement, Verdict};
use gaung::store::{StoreError, Tx, due};

use crate::support::campaigns::{assigned, counts, now, opened};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn number(tx: &mut Tx<'_>, sql: &str) -> Result<i64, StoreError> {
    Ok(diesel::sql_query(sql).get_result::<Count>(tx.conn)?.n)
}

/// By how much the number that `sql` gives grows within `f`'s transaction.
fn grows<T>(world: &World, sql: &str, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> (i64, T) {
    world.change(|tx| {
        let before = number(tx, sql)?;
        let found = f(tx)?;
        Ok((number(tx, sql)? - before, found))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn being_told_changes_a_row_and_no_index() {
    let world = World::new(Engine::Postgres);
    opened(&world, "a", 120).await;
    let claimed = world.change(|tx| outbox::claim(tx, &outbox::Front::default(), 200, tx.now + TimeDelta::seconds(300)));
    let sent = Verdict { state: MailState::Sent, retry_at: None, why: None };
    let results: Vec<Settlement> = claimed.into_iter().map(|mail| Settlement::new(mail, sent.clone())).collect();
    let in_place = "SELECT n_tup_hot_upd AS n FROM pg_stat_xact_user_tables WHERE relname = 'assignments'";
    let (in_place, settled) = grows(&world, in_place, |tx| outbox::settle(tx, &results));
    assert_eq!(settled, 120);
    assert_eq!(in_place, 120, "each beside its older version, its indexes as they were");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_of_a_closing_wave_reads_what_it_takes() {
    let world = World::new(Engine::Postgres);
    let crowd = opened(&world, "a", 400).await;
    let over = assigned(world.app(), crowd.wave_id)[0].expires_at.0;
    world.test.advance(over - now(&world));
    let read = "SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid))::bigint AS n FROM pg_index WHERE indrelid = 'assignments'::regclass";
    for _ in 0..4 {
        let (read, expired) = grows(&world, read, |tx| due::expire(tx, crowd.wave_id, crowd.campaign_id, 10));
        assert_eq!(expired, 10);
        // Each by the wave's order, then by its id.
        assert!((20..100).contains(&read), "{read} entries of its indexes were read for ten");
    }
}

async fn reminders_go_out_campaign_by_campaign(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (north, south, idle) = (opened(&world, "a", 3).await, opened(&world, "b", 2).await, opened(&world, "c", 2).await);
    delivery::deliver_due_mail(app).await.unwrap();
    let list = |at| app.db.read_blocking(|conn| due::list_to_remind(conn, at)).unwrap();
    assert!(list(now(&world)).is_empty());
    campaign::pause(app, &world.lead, idle.campaign_id, "sebentar").await.unwrap();
    world.test.advance(TimeDelta::hours(23));
    let found = list(now(&world));
    assert_eq!(found, [north.campaign_id, south.campaign_id], "not the paused one");
    assert_eq!(world.change(|tx| due::remind(tx, idle.campaign_id, 10)), 0);
    assert_eq!(world.change(|tx| due::remind(tx, north.campaign_id, 2)), 2);
    assert_eq!(list(now(&world)), found, "one of it is left");
    assert_eq!(world.change(|tx| due::remind(tx, north.campaign_id, 2)), 1);
    assert_eq!(list(now(&world)), [south.campaign_id]);
    assert_eq!(gaung::service::dispatch::plan_reminders(app).await.unwrap().done, 2);
    assert!(list(now(&world)).is_empty());
    campaign::resume(app, &world.lead, idle.campaign_id).await.unwrap();
    assert_eq!(list(now(&world)), [idle.campaign_id]);
    invariants::check(app);
}

async fn the_counters_of_many_completions_go_up_together(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (a, b) = (opened(&world, "a", 2).await, opened(&world, "b", 2).await);
    let unit = |wave: WaveId| -> UnitId { assigned(app, wave)[0].unit_id };
    let moved = |done, linked, mail_cancelled| Moved { done, linked, mail_cancelled };
    let all = DoneCounts {
        waves: [(a.wave_id, moved(2, 1, 1)), (b.wave_id, moved(1, 0, 0))].into(),
        units: [((a.wave_id, unit(a.wave_id)), 2), ((b.wave_id, unit(b.wave_id)), 1)].into(),
    };
    world.change(|tx| done_counts::add(tx, &all));
    world.change(|tx| done_counts::add(tx, &all));
    world.change(|tx| done_counts::add(tx, &DoneCounts::default()));
    let of = |id| counts(app, id);
    assert_eq!(
        (of(a.wave_id).done, of(a.wave_id).mail_cancelled, of(b.wave_id).done, of(b.wave_id).mail_cancelled),
        (4, 2, 2, 0)
    );
    let by_unit = "SELECT sum(done) AS n FROM wave_unit_counts";
    let by_unit = if app.db.is_sqlite() { by_unit.to_owned() } else { by_unit.replace("sum(done)", "sum(done)::bigint") };
    assert_eq!(world.change(|tx| number(tx, &by_unit)), 6);
    let pace = |id| app.db.read_blocking(|conn| gaung::store::pace::list(conn, id)).unwrap();
    let of_a = pace(a.campaign_id);
    assert_eq!((of_a.len(), of_a[0].done, of_a[0].linked, of_a[0].checked), (1, 4, 2, 0));
    assert_eq!(pace(b.campaign_id).iter().map(|row| (row.done, row.linked)).collect::<Vec<_>>(), [(2, 0)]);
}

on_both!(reminders_go_out_campaign_by_campaign, the_counters_of_many_completions_go_up_together);
