//! Signing in and out: good, bad, too often; sessions end; the log says so.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::event::EventKind;
use gaung::service::Caller;
use gaung::service::user::{self, NewUser};
use gaung::store::StoreError;
use gaung::store::schema::ledger_entries;
use reqwest::{Method, StatusCode};

use crate::support::app::TestApp;
use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::world::World;

const PASSWORD: &str = "tiga belas kata";

async fn a_user(test: &TestApp) {
    let new = NewUser {
        name: "Ratna Dewi".into(),
        email: "Ratna@kemencontoh.example".into(),
        password: PASSWORD.into(),
        locale: None,
        zone: None,
        roles: vec![],
    };
    user::add(&test.app, &Caller::Operator, new).await.unwrap();
}

fn entries(test: &TestApp, kind: EventKind) -> i64 {
    let count = |conn: &mut gaung::store::Conn| {
        Ok::<i64, StoreError>(ledger_entries::table.filter(ledger_entries::kind.eq(kind)).count().get_result(conn)?)
    };
    test.app.db.read_blocking(count).unwrap()
}

async fn signing_in_opens_a_session_and_signing_out_ends_it(engine: Engine) {
    let test = TestApp::new(engine);
    a_user(&test).await;
    let served = Served::start(&test.app);
    let browser = served.anonymous();
    let asked = browser.get("/log?kind=mail.sent").await;
    assert_eq!(asked.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&asked), "/sign-in?next=%2Flog%3Fkind%3Dmail.sent");
    let fields = [("email", "ratna@KEMENCONTOH.example "), ("password", PASSWORD), ("next", "/log?kind=mail.sent")];
    let signed = browser.post("/sign-in", &fields).await;
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&signed), "/log?kind=mail.sent");
    let cookie = signed.headers().get("set-cookie").unwrap().to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let pair = cookie.split(';').next().unwrap().to_owned();
    let with = |path: &'static str| browser.request(Method::GET, path).header("cookie", pair.clone()).send();
    assert_eq!(location(&with("/").await.unwrap()), "/campaigns");
    assert_eq!(entries(&test, EventKind::UserSignedIn), 1);
    let out = browser.request(Method::POST, "/sign-out").header("cookie", pair.clone()).header("sec-fetch-site", "same-origin");
    assert_eq!(location(&out.send().await.unwrap()), "/sign-in");
    assert_eq!(location(&with("/").await.unwrap()), "/sign-in");
    assert_eq!(entries(&test, EventKind::UserSignedOut), 1);
}

async fn sessions_end_by_themselves(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let (idle, busy) = (served.browser(&world.auditor), served.browser(&world.auditor));
    for _ in 0..13 {
        world.test.advance(TimeDelta::minutes(55));
        text(busy.get("/log").await, StatusCode::OK).await;
    }
    // An hour without a request ends one; twelve hours end the other in any case.
    assert_eq!(idle.get("/log").await.status(), StatusCode::SEE_OTHER);
    world.test.advance(TimeDelta::minutes(5));
    assert_eq!(busy.get("/log").await.status(), StatusCode::SEE_OTHER);
}

async fn a_wrong_password_and_an_unknown_address_get_the_same_answer_and_the_eleventh_attempt_waits(engine: Engine) {
    let test = TestApp::new(engine);
    a_user(&test).await;
    let served = Served::start(&test.app);
    let browser = served.anonymous();
    let attempt = |email: &'static str| {
        let browser = browser.clone();
        async move { browser.post("/sign-in", &[("email", email), ("password", "something else")]).await }
    };
    let known = text(attempt("ratna@kemencontoh.example").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let unknown = text(attempt("nobody@kemencontoh.example").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(known.replace("ratna@", "nobody@"), unknown);
    assert!(!known.contains("something else"), "the password is not repeated");
    for _ in 0..9 {
        attempt("ratna@kemencontoh.example").await;
    }
    let limited = browser.post("/sign-in", &[("email", "ratna@kemencontoh.example"), ("password", PASSWORD)]).await;
    assert!(limited.headers().contains_key("retry-after"));
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(entries(&test, EventKind::UserSignedIn), 0);
}

async fn the_sign_in_leads_to_no_other_site(engine: Engine) {
    let test = TestApp::new(engine);
    a_user(&test).await;
    let served = Served::start(&test.app);
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let fields = [("email", "ratna@kemencontoh.example"), ("password", PASSWORD), ("next", next)];
        assert_eq!(location(&served.anonymous().post("/sign-in", &fields).await), "/");
    }
}

async fn a_new_password_ends_every_session(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let browser = served.browser(&world.auditor);
    text(browser.get("/log").await, StatusCode::OK).await;
    let id = world.auditor.user_id().unwrap();
    user::set_password(world.app(), &world.admin, id, "another long one".into()).await.unwrap();
    assert_eq!(browser.get("/log").await.status(), StatusCode::SEE_OTHER);
}

on_both!(
    signing_in_opens_a_session_and_signing_out_ends_it,
    sessions_end_by_themselves,
    a_wrong_password_and_an_unknown_address_get_the_same_answer_and_the_eleventh_attempt_waits,
    the_sign_in_leads_to_no_other_site,
    a_new_password_ends_every_session,
);
