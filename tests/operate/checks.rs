//! `/readyz`: red for each thing that is wrong, and silent about what before strangers.

use chrono::TimeDelta;
use gaung::service::health::{Readiness, readiness};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::sync::atomic::AtomicBool;

use super::figures::TOKEN;
use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::http::{Served, json};
use crate::support::world::World;

async fn look(world: &World) -> Readiness {
    readiness(world.app(), &AtomicBool::new(false)).await
}

async fn each_check_turns_red_by_itself(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__HEALTH__QUEUE_LAG_S", "600")]);
    assert_eq!(look(&world).await.of("scheduler"), Some(false), "nothing has ticked");
    gaung::jobs::tick(world.app()).await;
    let well = look(&world).await;
    assert!(well.ready, "{well:?}");
    world.test.advance(TimeDelta::seconds(15));
    assert!(look(&world).await.ready);
    world.test.advance(TimeDelta::seconds(1));
    let late = look(&world).await;
    assert_eq!((late.ready, late.of("scheduler"), late.of("database")), (false, Some(false), Some(true)));
    // Mails are due and nothing takes them.
    opened(&world, "a", 2).await;
    world.test.advance(TimeDelta::seconds(600));
    assert_eq!(look(&world).await.of("queue"), Some(true), "not longer than what is asked for");
    world.test.advance(TimeDelta::seconds(1));
    let lags = look(&world).await;
    assert_eq!((lags.ready, lags.of("queue")), (false, Some(false)), "{lags:?}");
    assert_eq!(lags.of("disk"), (engine == Engine::Sqlite).then_some(true));
}

async fn a_mail_that_somebody_waits_for_does_not_look_a_day_old(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__HEALTH__QUEUE_LAG_S", "600")]);
    gaung::jobs::tick(world.app()).await;
    let user_id = world.lead.user_id().ok();
    world.change(|tx| {
        let mail = gaung::store::outbox::NewMail {
            user_id,
            ..gaung::store::outbox::NewMail::new(gaung::domain::outbox::MailKind::SignIn)
        };
        tx.without_entry("a test");
        gaung::store::outbox::enqueue(tx, &[mail])
    });
    let found = look(&world).await;
    assert!(found.ready, "it is dated back a day to go first: {found:?}");
}

on_both!(each_check_turns_red_by_itself, a_mail_that_somebody_waits_for_does_not_look_a_day_old);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_before_it_is_full() {
    let world = World::with_env(Engine::Sqlite, &[("GAUNG__HEALTH__LEAST_FREE_MIB", "4000000000")]);
    gaung::jobs::tick(world.app()).await;
    let found = look(&world).await;
    assert_eq!((found.ready, found.of("disk")), (false, Some(false)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_learn_whether_and_nothing_else() {
    let world = World::with_env(Engine::Sqlite, &[("GAUNG__METRICS__TOKEN", TOKEN)]);
    let served = Served::start(world.app());
    // Through a proxy, whoever it stands for.
    for header in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
        let asked = served.anonymous().request(Method::GET, "/readyz").header(header, "203.0.113.9");
        let told = json(asked.send().await.unwrap(), StatusCode::SERVICE_UNAVAILABLE).await;
        assert_eq!(told, json!({ "ready": false }), "{header}");
    }
    let asked = served.anonymous().request(Method::GET, "/readyz").header("via", "1.1 proxy").bearer_auth(TOKEN);
    let told = json(asked.send().await.unwrap(), StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(told["checks"][2]["name"], "scheduler", "{told}");
    let near = json(served.anonymous().get("/readyz").await, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(near["checks"].as_array().map(Vec::len), told["checks"].as_array().map(Vec::len), "from this machine");
}
