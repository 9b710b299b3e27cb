//! What every answer has: headers, languages, problem documents, the guard against other sites' pages, limits.

use gaung::web::routes;
use reqwest::{Method, StatusCode};

use crate::support::app::TestApp;
use crate::support::database::Engine;
use crate::support::http::{Served, json, text};
use crate::support::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_comes_with_its_headers_and_in_the_language_asked_for() {
    let test = TestApp::new(Engine::Sqlite);
    let served = Served::start(&test.app);
    let answer = served.anonymous().get("/sign-in").await;
    let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'self'; script-src 'self';"));
    assert!(!header("content-security-policy").contains("unsafe"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("strict-transport-security"), "", "plain http during development");
    assert_eq!(header("x-request-id").len(), 36);
    let page = text(answer, StatusCode::OK).await;
    assert!(page.contains("<html lang=\"id\">") && page.contains("Kata sandi"), "{page}");
    let asked = served.anonymous().request(Method::GET, "/sign-in").header("accept-language", "en-GB,id;q=0.5");
    let page = text(asked.send().await.unwrap(), StatusCode::OK).await;
    assert!(page.contains("<html lang=\"en\">") && page.contains("Password"), "{page}");
    let chosen = served.anonymous().get("/sign-in?lang=en").await;
    assert!(chosen.headers().get("set-cookie").unwrap().to_str().unwrap().starts_with("lang=en"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_https_the_cookie_is_bound_to_the_host() {
    let test = TestApp::with_env(Engine::Sqlite, &[("GAUNG__INSTITUTION__BASE_URL", "https://gaung.example")]);
    let served = Served::start(&test.app);
    let answer = served.anonymous().post("/sign-out", &[]).await;
    let cookie = answer.headers().get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.starts_with("__Host-gaung=") && cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_sites_page_changes_nothing() {
    let world = World::new(Engine::Sqlite);
    let served = Served::start(world.app());
    let browser = served.browser(&world.lead);
    let send = |name: &'static str, value: &'static str| browser.request(Method::POST, "/sign-out").header(name, value).send();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")] {
        assert_eq!(send(name, value).await.unwrap().status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let bare = browser.request(Method::POST, "/sign-out").send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/").await.headers().get("location").unwrap(), "/campaigns", "still signed in");
    let base_url = "http://127.0.0.1:8080";
    assert_eq!(send("origin", base_url).await.unwrap().status(), StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_said_as_page_and_as_problem() {
    let test = TestApp::new(Engine::Sqlite);
    let served = Served::start(&test.app);
    let page = text(served.anonymous().get("/no-such-page").await, StatusCode::NOT_FOUND).await;
    assert!(page.contains("Halaman ini tidak ditemukan"), "{page}");
    let answer = served.anonymous().get("/api/v1/no-such-thing").await;
    assert_eq!(answer.headers().get("content-type").unwrap(), "application/problem+json");
    let id = answer.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let mut problem = json(answer, StatusCode::NOT_FOUND).await;
    assert_eq!(problem["request_id"], id);
    problem["request_id"] = "…".into();
    let expected = serde_json::json!({
        "type": "about:blank", "title": "Not Found", "status": 404, "code": "request.no_route",
        "detail": "there is no such page", "request_id": "…",
    });
    assert_eq!(problem, expected);
    let other = served.anonymous().request(Method::DELETE, "/sign-in").header("sec-fetch-site", "none").send().await.unwrap();
    assert_eq!(other.headers().get("allow").unwrap(), "GET, HEAD, POST");
    assert_eq!(other.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_have_limits() {
    let test = TestApp::new(Engine::Sqlite);
    let served = Served::start(&test.app);
    let large = "x".repeat(300 * 1024);
    let answer = served.anonymous().post("/sign-in", &[("email", &large)]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let typed = served.anonymous().request(Method::POST, "/sign-in").header("sec-fetch-site", "none").body("{}");
    assert_eq!(typed.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_lives_and_readiness_names_what_is_missing() {
    let test = TestApp::new(Engine::Sqlite);
    let served = Served::start(&test.app);
    assert_eq!(text(served.anonymous().get("/healthz").await, StatusCode::OK).await, "ok\n");
    let found = json(served.anonymous().get("/readyz").await, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(found["ready"], false);
    let red: Vec<_> =
        found["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).map(|c| &c["name"]).collect();
    assert_eq!(red, ["scheduler"], "{found}");
}

#[test]
fn the_route_table_has_no_path_twice() {
    let mut seen = std::collections::BTreeSet::new();
    assert!(routes::TABLE.iter().all(|route| seen.insert(route)), "a route is registered twice");
    assert!(routes::TABLE.len() > 5);
}
