//! The service on a real port, and people and programs that talk to it: a browser with a cookie, an API client with a token.

use std::net::TcpListener;

use gaung::app::App;
use gaung::auth::session::SessionToken;
use gaung::domain::actor::Actor;
use gaung::service::Caller;
use gaung::store::StoreError;
use gaung::store::session::{self, SessionRow};
use gaung::store::types::At;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tokio::sync::oneshot;

/// A running server; it stops when it goes away.
pub struct Served {
    pub base: String,
    app: App,
    stop: Option<oneshot::Sender<()>>,
}

impl Served {
    /// Serves the application on any free port.
    pub fn start(app: &App) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a free port"), app)
    }
    /// Serves it on a port that was taken already.
    pub fn on(listener: TcpListener, app: &App) -> Self {
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = gaung::web::server::serve(app.clone(), listener, async move {
            let _ = stopped.await;
        });
        tokio::spawn(serving);
        Self { base, app: app.clone(), stop: Some(stop) }
    }
    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base, HeaderMap::new())
    }
    /// A browser in which this user is signed in.
    pub fn browser(&self, caller: &Caller) -> Client {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(&format!("gaung={}", self.session(caller))).expect("a header"));
        Client::new(&self.base, headers)
    }
    /// The token of a session of this user.
    pub fn session(&self, caller: &Caller) -> String {
        let token = SessionToken::generate();
        let (user_id, hash) = (caller.user_id().expect("a user"), token.hash().to_vec());
        let opened = self.app.db.write_blocking(Actor::System, |tx| {
            tx.without_entry("a test signs somebody in");
            let (now, ends) = (At(tx.now), At(tx.now + chrono::TimeDelta::hours(12)));
            let row = SessionRow { token_hash: hash, user_id, created_at: now, last_seen_at: now, expires_at: ends };
            session::insert(tx, &row)
        });
        opened.map_err(|e: StoreError| e).expect("a session");
        token.as_str().to_owned()
    }
    /// A program that calls the API for this user.
    pub fn api(&self, caller: &Caller) -> Client {
        let id = caller.user_id().expect("a user");
        let token = self.app.api_tokens.issue(id.uuid(), self.app.clock.now()).expect("a token").token;
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).expect("a header"));
        Client::new(&self.base, headers)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// A client that follows no redirect.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
}

impl Client {
    fn new(base: &str, headers: HeaderMap) -> Self {
        let http = reqwest::Client::builder().default_headers(headers).redirect(reqwest::redirect::Policy::none());
        Self { base: base.to_owned(), http: http.build().expect("a client") }
    }
    /// A request to be added to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }
    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("an answer")
    }
    /// Sends a form as a page of ours would.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.request(Method::POST, path).header("sec-fetch-site", "same-origin");
        request.form(fields).send().await.expect("an answer")
    }
    /// Sends JSON.
    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Response {
        self.request(method, path).json(body).send().await.expect("an answer")
    }
}

/// The body, after checking the status.
pub async fn text(response: Response, status: StatusCode) -> String {
    let (url, found) = (response.url().clone(), response.status());
    let text = response.text().await.expect("a body");
    assert_eq!(found, status, "{url}: {text}");
    text
}

/// The JSON body, after checking the status.
pub async fn json(response: Response, status: StatusCode) -> Value {
    let text = text(response, status).await;
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// Where an answer sends the browser.
pub fn location(response: &Response) -> String {
    let header = response.headers().get("location").map(|value| value.to_str().expect("text").to_owned());
    header.unwrap_or_else(|| panic!("{} sends nowhere: {}", response.url(), response.status()))
}
