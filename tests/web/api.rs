//! The API's manners: tokens, problem documents, pages of lists, versions, limits, and a description that matches the routes.

use std::collections::BTreeSet;

use gaung::web::routes;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::http::{Served, json, text};
use crate::support::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_the_api_is_described_and_nothing_else() {
    let world = World::new(Engine::Sqlite);
    let served = Served::start(world.app());
    let document = json(served.anonymous().get("/api/v1/openapi.json").await, StatusCode::OK).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["responses"]["default"].is_object(), "{method} {path} names no problem document");
            assert!(operation["summary"].is_string(), "{method} {path} says nothing");
            let open = ["/api/v1/tokens", "/api/v1/openapi.json"].contains(&path.as_str());
            assert_eq!(operation["security"][0]["bearer"].is_array(), !open, "{method} {path}");
            described.insert((method.clone(), path.clone()));
        }
    }
    let routed: BTreeSet<(String, String)> = routes::TABLE
        .iter()
        .filter(|(_, path)| path.starts_with("/api/"))
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(described, routed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reference_in_the_description_leads_somewhere() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (name.as_str(), value) {
                        ("$ref", Value::String(to)) => drop(found.insert(to.clone())),
                        _ => references(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let world = World::new(Engine::Sqlite);
    let served = Served::start(world.app());
    let document = json(served.anonymous().get("/api/v1/openapi.json").await, StatusCode::OK).await;
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 40, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_valid_token_every_route_says_so() {
    let world = World::new(Engine::Sqlite);
    let served = Served::start(world.app());
    let id = world.root.to_string();
    for (method, path) in routes::TABLE.iter().filter(|(_, path)| path.starts_with("/api/")) {
        if ["/api/v1/tokens", "/api/v1/openapi.json"].contains(path) {
            continue;
        }
        let path = path.replace("{id}", &id).replace("{unit_id}", &id).replace("{role}", "lead").replace("{kind}", "units");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        for token in [None, Some("Bearer nonsense"), Some("Basic YTpi")] {
            let mut request = served.anonymous().request(method.clone(), &path).header("if-match", "\"1\"");
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            let request = if method == Method::GET { request } else { request.json(&json!({})) };
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path} {token:?}");
            assert_eq!(answer.headers().get("www-authenticate").unwrap(), "Bearer realm=\"gaung\"");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_and_dies_with_its_user() {
    let world = World::new(Engine::Sqlite);
    let served = Served::start(world.app());
    let client = served.api(&world.lead);
    let me = json(client.get("/api/v1/me").await, StatusCode::OK).await;
    assert_eq!(me["roles"][0]["role"], "lead");
    world.test.advance(chrono::TimeDelta::minutes(61));
    text(client.get("/api/v1/me").await, StatusCode::UNAUTHORIZED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_named_and_never_our_fault() {
    let world = World::new(Engine::Sqlite);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    let post =
        |body: String| client.request(Method::POST, "/api/v1/units").header("content-type", "application/json").body(body).send();
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let unknown = r#"{"code":"A","name":"A","zone":"Asia/Jakarta","colour":"red"}"#.to_owned();
    let twice = r#"{"code":"A","code":"B","name":"A","zone":"Asia/Jakarta"}"#.to_owned();
    let huge = format!("{{\"code\":\"{}\"}}", "x".repeat(1024 * 1024));
    for (body, status, code) in [
        ("{".to_owned(), StatusCode::BAD_REQUEST, "json.syntax"),
        (nested, StatusCode::UNPROCESSABLE_ENTITY, "json.shape"),
        ("[]".to_owned(), StatusCode::UNPROCESSABLE_ENTITY, "json.shape"),
        (unknown, StatusCode::UNPROCESSABLE_ENTITY, "json.shape"),
        (twice, StatusCode::UNPROCESSABLE_ENTITY, "json.shape"),
        (huge, StatusCode::PAYLOAD_TOO_LARGE, "request.too_large"),
    ] {
        let shown: String = body.chars().take(60).collect();
        let problem = json(post(body).await.unwrap(), status).await;
        let found = if problem["code"] == "invalid" { &problem["errors"][0]["code"] } else { &problem["code"] };
        assert_eq!(found, code, "{shown}");
    }
    let untyped = client.request(Method::POST, "/api/v1/units").body("{}").send().await.unwrap();
    assert_eq!(json(untyped, StatusCode::UNSUPPORTED_MEDIA_TYPE).await["code"], "request.media_type");
    for path in [
        "/api/v1/members?colour=red",
        "/api/v1/members?limit=many",
        "/api/v1/members?after=nonsense",
        "/api/v1/members?unit_id=x",
    ] {
        text(client.get(path).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    text(client.get("/api/v1/units/nonsense").await, StatusCode::NOT_FOUND).await;
    let number = json!({ "code": "A", "name": "A", "zone": "Asia/Jakarta", "parent_id": 1e300 });
    text(client.json(Method::POST, "/api/v1/units", &number).await, StatusCode::UNPROCESSABLE_ENTITY).await;
}

async fn lists_come_in_pages_that_meet(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    let all = json(client.get("/api/v1/members?limit=200").await, StatusCode::OK).await;
    let all: Vec<Value> = all["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 12);
    let (mut path, mut seen) = (format!("/api/v1/members?limit=5&unit_id={}", world.root), Vec::new());
    loop {
        let answer = client.get(&path).await;
        let link = answer.headers().get("link").map(|value| value.to_str().unwrap().to_owned());
        seen.extend(json(answer, StatusCode::OK).await["items"].as_array().unwrap().clone());
        match link {
            None => break,
            Some(link) => path = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned(),
        }
    }
    assert_eq!(seen, all);
}

async fn an_edit_names_its_version(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.api(&world.admin);
    let path = format!("/api/v1/units/{}", world.north.unit);
    let answer = client.get(&path).await;
    let tag = answer.headers().get("etag").unwrap().to_str().unwrap().to_owned();
    let unit = json(answer, StatusCode::OK).await;
    let body = json!({ "code": unit["code"], "name": "Kantor Utara Baru", "zone": unit["zone"], "parent_id": unit["parent_id"] });
    let bare = client.json(Method::PUT, &path, &body).await;
    assert_eq!(json(bare, StatusCode::PRECONDITION_REQUIRED).await["code"], "request.version_needed");
    let put = |tag: String| client.request(Method::PUT, &path).header("if-match", tag).json(&body).send();
    let saved = put(tag.clone()).await.unwrap();
    assert_ne!(saved.headers().get("etag").unwrap(), tag.as_str());
    assert_eq!(json(saved, StatusCode::OK).await["name"], "Kantor Utara Baru");
    let late = json(put(tag).await.unwrap(), StatusCode::CONFLICT).await;
    assert_eq!(late["code"], "conflict");
}

on_both!(lists_come_in_pages_that_meet, an_edit_names_its_version);
