//! A POST with an Idempotency-Key is done once: the same answer again, another body refused, a failure of ours free to repeat.

use diesel::prelude::*;
use gaung::domain::event::EventKind;
use gaung::store::StoreError;
use gaung::store::schema::{idempotency_keys, ledger_entries};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::http::{Client, Served, json};
use crate::support::world::World;

fn unit(code: &str, world: &World) -> Value {
    json!({ "code": code, "name": format!("Kantor {code}"), "zone": "Asia/Jakarta", "parent_id": world.root })
}

async fn post(client: &Client, key: &str, body: &Value) -> reqwest::Response {
    client.request(Method::POST, "/api/v1/units").header("idempotency-key", key).json(body).send().await.unwrap()
}

fn added(world: &World) -> i64 {
    let count = |conn: &mut gaung::store::Conn| {
        let entries = ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::UnitAdded));
        Ok::<i64, StoreError>(entries.count().get_result(conn)?)
    };
    world.app().db.read_blocking(count).unwrap()
}

async fn the_same_request_gets_the_same_answer(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    let before = added(&world);
    let first = post(&client, "k-1", &unit("BRT", &world)).await;
    let place = first.headers().get("location").unwrap().to_owned();
    let first = json(first, StatusCode::CREATED).await;
    let again = post(&client, "k-1", &unit("BRT", &world)).await;
    assert_eq!(again.headers().get("idempotent-replayed").unwrap(), "true");
    assert_eq!(again.headers().get("location").unwrap(), &place);
    assert_eq!(json(again, StatusCode::CREATED).await, first);
    assert_eq!(added(&world), before + 1);
    // Without a key the second one is a conflict.
    let bare = client.json(Method::POST, "/api/v1/units", &unit("BRT", &world)).await;
    assert!(bare.status().is_client_error());
}

async fn a_key_belongs_to_one_request_of_one_user(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    json(post(&client, "k-1", &unit("BRT", &world)).await, StatusCode::CREATED).await;
    let other = json(post(&client, "k-1", &unit("TMR", &world)).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(other["errors"][0]["code"], "idempotency.key_reused");
    let elsewhere = client.request(Method::POST, "/api/v1/members").header("idempotency-key", "k-1").json(&unit("BRT", &world));
    let elsewhere = json(elsewhere.send().await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(elsewhere["errors"][0]["code"], "idempotency.key_reused");
    // Another user's same key is another key: here the refusal is the use case's own.
    let lead = post(&served.api(&world.lead), "k-1", &unit("BRT", &world)).await;
    assert_eq!(lead.status(), StatusCode::FORBIDDEN);
    for key in ["", " ", "a key", &"k".repeat(201)] {
        let refused = json(post(&client, key, &unit("X", &world)).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(refused["errors"][0]["code"], "idempotency.key_invalid", "{key:?}");
    }
}

async fn a_refusal_is_kept_too(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    let bad = json!({ "code": "", "name": "", "zone": "Asia/Jakarta", "parent_id": world.root });
    let first = json(post(&client, "k-1", &bad).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let again = post(&client, "k-1", &bad).await;
    assert_eq!(again.headers().get("content-type").unwrap(), "application/problem+json");
    assert_eq!(json(again, StatusCode::UNPROCESSABLE_ENTITY).await, first);
}

async fn parallel_requests_with_one_key_are_done_once(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    let before = added(&world);
    let body = unit("BRT", &world);
    let answers = futures_util::future::join_all((0..10).map(|_| post(&client, "k-1", &body))).await;
    assert_eq!(added(&world), before + 1);
    for answer in answers {
        // Those that came while it was under way are told so.
        assert!([StatusCode::CREATED, StatusCode::CONFLICT].contains(&answer.status()), "{}", answer.status());
    }
    json(post(&client, "k-1", &body).await, StatusCode::CREATED).await;
}

async fn a_request_that_never_ended_is_not_repeated_in_the_dark(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    json(post(&client, "k-1", &unit("BRT", &world)).await, StatusCode::CREATED).await;
    world.change(|tx| {
        diesel::update(idempotency_keys::table).set(idempotency_keys::status.eq(0)).execute(tx.conn)?;
        Ok(())
    });
    let busy = json(post(&client, "k-1", &unit("BRT", &world)).await, StatusCode::CONFLICT).await;
    assert_eq!(busy["code"], "idempotency.under_way");
    world.test.advance(chrono::TimeDelta::minutes(6));
    let lost = json(post(&client, "k-1", &unit("BRT", &world)).await, StatusCode::CONFLICT).await;
    assert_eq!(lost["code"], "idempotency.outcome_unknown");
}

on_both!(
    the_same_request_gets_the_same_answer,
    a_key_belongs_to_one_request_of_one_user,
    a_refusal_is_kept_too,
    parallel_requests_with_one_key_are_done_once,
    a_request_that_never_ended_is_not_repeated_in_the_dark,
);
