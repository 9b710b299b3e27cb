//! The name of a request: in its answer, on its error page, in each line that it logs.

use reqwest::{Method, StatusCode};

use crate::support::app::TestApp;
use crate::support::database::Engine;
use crate::support::http::{Served, text};

async fn name_of(env: &[(&str, &str)], given: &str) -> String {
    let test = TestApp::with_env(Engine::Sqlite, env);
    let served = Served::start(&test.app);
    let asked = served.anonymous().request(Method::GET, "/nowhere").header("x-request-id", given).send().await.unwrap();
    let name = asked.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let page = text(asked, StatusCode::NOT_FOUND).await;
    assert!(page.contains(&name), "the page that says what went wrong names the request: {page}");
    name
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_taken_over_from_a_proxy_of_ours_only() {
    let given = "edge-7f3a9c21.0042";
    let trusted = [("GAUNG__SERVER__TRUSTED_PROXIES", "127.0.0.1")];
    assert_eq!(name_of(&trusted, given).await, given);
    let own = name_of(&[], given).await;
    assert!(own != given && own.len() == 36, "{own}");
    for bad in ["<script>", "ab", "a b c d e f g h", &"x".repeat(100)] {
        assert_ne!(name_of(&trusted, bad).await, bad);
    }
}
