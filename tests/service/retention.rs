//! What is older than it is kept goes in small batches: no number changes, no promise breaks, and the log says what went.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::app::App;
use gaung::domain::event::EventKind;
use gaung::service::log::{self, LogFilter};
use gaung::service::{PageRequest, delivery, dispatch, mail, retention};
use gaung::store::StoreError;
use gaung::store::retention as store;
use gaung::store::schema::outbox;
use gaung::store::sql_text::{Count, SqlText};
use gaung::store::tx::NewEntry;

use serde_json::json;

use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

fn count(app: &App, sql: &'static str) -> i64 {
    let read = app.db.read_blocking(|conn| {
        let mut text = SqlText::new();
        text.push(sql);
        Ok::<_, StoreError>(text.query().get_result::<Count>(conn)?.n)
    });
    read.unwrap()
}

/// Mails are kept for a hundred days.
const A_HUNDRED: &[(&str, &str)] = &[("GAUNG__RETENTION__OUTBOX_DAYS", "100")];

async fn prune_all(app: &App) -> u64 {
    let mut done = 0;
    for _ in 0..50 {
        let progress = retention::prune(app).await.unwrap();
        assert_eq!(progress.failed, 0);
        if progress.is_idle() {
            return done;
        }
        done += progress.done;
    }
    panic!("it never ends");
}

async fn mails_of_what_is_long_over_become_numbers(engine: Engine) {
    let world = World::with_env(engine, A_HUNDRED);
    let app = world.app().clone();
    let over = opened(&world, "over", 9).await;
    delivery::deliver_due_mail(&app).await.unwrap();
    world.test.advance(TimeDelta::days(60));
    dispatch::close_due_waves(&app).await.unwrap();
    dispatch::finish_campaigns(&app).await.unwrap();
    let before = mail::delivery(&app, &world.lead, over.campaign_id).await.unwrap();
    assert!(before.total.sent >= 9 && !before.kinds.is_empty(), "{before:?}");
    assert_eq!(prune_all(&app).await, 0, "nothing is old enough");
    world.test.advance(TimeDelta::days(110));
    let running = opened(&world, "running", 7).await;
    let kept = count(&app, "SELECT count(*) AS n FROM outbox WHERE state = 'pending'");
    assert!(kept >= 7);
    assert!(prune_all(&app).await >= 9);
    assert_eq!(prune_all(&app).await, 0, "what has gone does not go again");
    let after = mail::delivery(&app, &world.lead, over.campaign_id).await.unwrap();
    assert_eq!(after, before, "the campaign's page says what it said");
    let left = app.db.read_blocking(|conn| {
        let of = |id| outbox::table.filter(outbox::campaign_id.eq(id)).count();
        Ok::<_, StoreError>((of(over.campaign_id).get_result::<i64>(conn)?, of(running.campaign_id).get_result::<i64>(conn)?))
    });
    let left = left.unwrap();
    assert!(left.0 == 0 && left.1 >= 7, "{left:?}");
    invariants::check(world.app());
    let of_kind = LogFilter { kind: Some(EventKind::RetentionPruned), ..LogFilter::default() };
    let told = log::list(&app, &world.auditor, of_kind, PageRequest::default()).await.unwrap().items;
    let rows: u64 =
        told.iter().filter(|e| e.campaign_id == Some(over.campaign_id)).filter_map(|e| e.payload["rows"].as_u64()).sum();
    assert!(rows >= 9 && told.iter().all(|e| e.payload["what"].is_string() && e.payload["first"].is_string()), "{told:?}");
}

async fn a_campaign_that_goes_in_several_batches_keeps_its_numbers(engine: Engine) {
    let world = World::with_env(engine, A_HUNDRED);
    let app = world.app().clone();
    let over = opened(&world, "over", 9).await;
    delivery::deliver_due_mail(&app).await.unwrap();
    world.test.advance(TimeDelta::days(60));
    dispatch::close_due_waves(&app).await.unwrap();
    dispatch::finish_campaigns(&app).await.unwrap();
    let before = mail::delivery(&app, &world.lead, over.campaign_id).await.unwrap();
    let mut batches = 0;
    while let Some(gone) = world.change(|tx| store::prune_campaign(tx, over.campaign_id, 2)) {
        assert!(gone.rows <= 2, "{gone:?}");
        batches += 1;
        // After each batch what is kept and what has gone add up.
        invariants::check(&app);
    }
    assert!(batches >= 5, "{batches}");
    world.change(|tx| store::finish_campaign(tx, over.campaign_id));
    let after = mail::delivery(&app, &world.lead, over.campaign_id).await.unwrap();
    assert_eq!(after, before, "the campaign's page says what it said");
    invariants::check(&app);
}

async fn a_dispatch_goes_on_while_old_mails_go(engine: Engine) {
    let world = World::with_env(engine, A_HUNDRED);
    let app = world.app().clone();
    opened(&world, "old", 40).await;
    delivery::deliver_due_mail(&app).await.unwrap();
    world.test.advance(TimeDelta::days(130));
    dispatch::close_due_waves(&app).await.unwrap();
    dispatch::finish_campaigns(&app).await.unwrap();
    world.test.advance(TimeDelta::days(130));
    let new = opened(&world, "new", 40).await;
    // Two replicas prune while two deliver.
    let (a, b) = (app.clone(), app.clone());
    let (c, d) = (app.clone(), app.clone());
    let pruned = tokio::join!(
        tokio::spawn(async move { prune_all(&a).await }),
        tokio::spawn(async move { prune_all(&b).await }),
        tokio::spawn(async move { delivery::deliver_due_mail(&c).await.unwrap().done }),
        tokio::spawn(async move { delivery::deliver_due_mail(&d).await.unwrap().done }),
    );
    assert!(pruned.0.unwrap() + pruned.1.unwrap() >= 40);
    assert!(pruned.2.unwrap() + pruned.3.unwrap() >= 40);
    while delivery::deliver_due_mail(&app).await.unwrap().done > 0 {}
    let sent = mail::delivery(&app, &world.lead, new.campaign_id).await.unwrap().total;
    assert_eq!((sent.open, sent.planned), (0, sent.sent), "{sent:?}");
    invariants::check(world.app());
}

/// Details, and entries.
fn kept(app: &App) -> (i64, i64) {
    let details = count(app, "SELECT count(*) AS n FROM ledger_secrets");
    (details, count(app, "SELECT count(*) AS n FROM ledger_entries WHERE kind <> 'retention.pruned'"))
}

async fn details_go_only_where_a_limit_is_set_and_entries_stay(engine: Engine) {
    let limit: &[(&str, &str)] = &[("GAUNG__RETENTION__ENTRY_DETAIL_DAYS", "100")];
    for (env, goes) in [(&[] as &[(&str, &str)], false), (limit, true)] {
        let world = World::with_env(engine, env);
        opened(&world, "d", 5).await;
        let written = world.app().db.write_blocking(world.lead.actor(), |tx| {
            (0..5).for_each(|i| tx.record(NewEntry::new(EventKind::MemberChanged).detail(json!({ "name": i }))));
            Ok::<_, StoreError>(())
        });
        written.unwrap();
        let before = kept(world.app());
        assert!(before.0 > 0);
        world.test.advance(TimeDelta::days(800));
        prune_all(world.app()).await;
        assert_eq!(kept(world.app()), (if goes { 0 } else { before.0 }, before.1), "entries stay in any case");
        invariants::check(world.app());
    }
}

on_both!(
    mails_of_what_is_long_over_become_numbers,
    a_campaign_that_goes_in_several_batches_keeps_its_numbers,
    a_dispatch_goes_on_while_old_mails_go,
    details_go_only_where_a_limit_is_set_and_entries_stay,
);
