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

/// The text of the newest mail that lies in the built-in mailbox, and how many lie there.
fn newest_mail(test: &TestApp) -> (usize, String) {
    let kept = test.app.db.read_blocking(|conn| gaung::store::delivery::kept(conn, None, None, 50)).unwrap();
    let text = kept.first().map(|mail| String::from_utf8_lossy(&mail.raw).replace("=\r\n", "").replace("=3D", "="));
    (kept.len(), text.unwrap_or_default())
}

/// The link in it.
fn link_in(mail: &str) -> String {
    let start = mail.find("/sign-in/link/").unwrap_or_else(|| panic!("no link: {mail}"));
    let rest = &mail[start..];
    rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/-_".contains(c))).unwrap_or(rest.len())].to_owned()
}

async fn a_mailed_link_signs_in_once(engine: Engine) {
    let test = TestApp::new(engine);
    a_user(&test).await;
    let served = Served::start(&test.app);
    let browser = served.anonymous();
    let ask = |email: &'static str| {
        let browser = browser.clone();
        async move { browser.post("/sign-in/link", &[("email", email)]).await }
    };
    // Known or not: the same answer; only one mail.
    assert_eq!(location(&ask("nobody@kemencontoh.example").await), "/sign-in/link?sent=1");
    assert_eq!(location(&ask(" RATNA@kemencontoh.example").await), "/sign-in/link?sent=1");
    text(browser.get("/sign-in/link?sent=1").await, StatusCode::OK).await;
    let typed = text(ask("not an address").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(typed.contains("value=\"not an address\"") && typed.contains("href=\"#email\""), "{typed}");
    gaung::service::delivery::deliver_due_mail(&test.app).await.unwrap();
    let (mails, mail) = newest_mail(&test);
    assert_eq!(mails, 1);
    let link = link_in(&mail);
    // A scanner opens it, twice; nobody is signed in and nothing is used.
    for _ in 0..2 {
        let page = text(browser.get(&link).await, StatusCode::OK).await;
        assert!(page.contains("Masuk sebagai Ratna Dewi?") && page.contains("<form method=\"post\">"), "{page}");
    }
    assert_eq!(entries(&test, EventKind::UserSignedIn), 0);
    let signed = browser.post(&link, &[]).await;
    assert_eq!(location(&signed), "/");
    let pair = signed.headers().get("set-cookie").unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
    let home = browser.request(Method::GET, "/").header("cookie", pair).send().await.unwrap();
    assert_ne!(location(&home), "/sign-in");
    assert_eq!(entries(&test, EventKind::UserSignedIn), 1);
    let again = text(browser.post(&link, &[]).await, StatusCode::GONE).await;
    assert!(again.contains("sudah dipakai") && again.contains("/sign-in/link\""), "{again}");
    assert_eq!(browser.get(&link).await.status(), StatusCode::GONE);
    assert_eq!(entries(&test, EventKind::UserSignedIn), 1);
    // What was mangled is nobody's.
    assert_eq!(browser.get(&link[..link.len() - 3]).await.status(), StatusCode::NOT_FOUND);
}

async fn a_mailed_link_ends_after_ten_minutes_and_with_a_new_password(engine: Engine) {
    let test = TestApp::new(engine);
    a_user(&test).await;
    let served = Served::start(&test.app);
    let browser = served.anonymous();
    let link = || async {
        browser.post("/sign-in/link", &[("email", "ratna@kemencontoh.example")]).await;
        gaung::service::delivery::deliver_due_mail(&test.app).await.unwrap();
        link_in(&newest_mail(&test).1)
    };
    let first = link().await;
    test.advance(TimeDelta::minutes(9));
    assert_eq!(browser.get(&first).await.status(), StatusCode::OK);
    test.advance(TimeDelta::minutes(1));
    assert_eq!(browser.post(&first, &[]).await.status(), StatusCode::GONE);
    let second = link().await;
    let id = user::list(&test.app, &Caller::Operator, gaung::service::page::PageRequest::default()).await.unwrap().items[0].id;
    user::set_password(&test.app, &Caller::Operator, id, "another long one".into()).await.unwrap();
    assert_eq!(browser.post(&second, &[]).await.status(), StatusCode::GONE);
    assert_eq!(entries(&test, EventKind::UserSignedIn), 0);
    // A mail that comes too late is not sent at all.
    browser.post("/sign-in/link", &[("email", "ratna@kemencontoh.example")]).await;
    test.advance(TimeDelta::minutes(11));
    let before = newest_mail(&test).0;
    gaung::service::delivery::deliver_due_mail(&test.app).await.unwrap();
    assert_eq!(newest_mail(&test).0, before);
    // Too often is said, and to everybody alike.
    for email in ["ratna@kemencontoh.example", "nobody@kemencontoh.example"] {
        let mut last = StatusCode::SEE_OTHER;
        for _ in 0..12 {
            last = browser.post("/sign-in/link", &[("email", email)]).await.status();
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "{email}");
    }
}

on_both!(
    a_mailed_link_signs_in_once,
    a_mailed_link_ends_after_ten_minutes_and_with_a_new_password,
    signing_in_opens_a_session_and_signing_out_ends_it,
    sessions_end_by_themselves,
    a_wrong_password_and_an_unknown_address_get_the_same_answer_and_the_eleventh_attempt_waits,
    the_sign_in_leads_to_no_other_site,
    a_new_password_ends_every_session,
);
