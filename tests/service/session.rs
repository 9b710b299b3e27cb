//! Sessions: what opens one, what ends one, and what is left of it. How they look over HTTP is in `tests/web/sign_in.rs`.

use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use gaung::service::Caller;
use gaung::service::session::{self, SignInFailure};
use gaung::service::user::{self, NewUser};

use crate::support::app::TestApp;
use crate::support::database::Engine;

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
const EMAIL: &str = "dewi@kemencontoh.example";
const PASSWORD: &str = "tiga belas kata";

async fn with_dewi(engine: Engine) -> TestApp {
    let test = TestApp::new(engine);
    let new = NewUser {
        name: "Dewi Lestari".into(),
        email: EMAIL.into(),
        password: PASSWORD.into(),
        locale: None,
        zone: None,
        roles: vec![],
    };
    user::add(&test.app, &Caller::Operator, new).await.unwrap();
    test
}

async fn a_session_is_found_by_its_token_alone(engine: Engine) {
    let test = with_dewi(engine).await;
    let opened = session::sign_in(&test.app, " Dewi@KEMENCONTOH.example ", PASSWORD.into(), CLIENT).await.unwrap();
    let (user, caller) = session::resume(&test.app, &opened.token).await.unwrap().unwrap();
    assert_eq!((user.email.as_str(), caller.user_id().unwrap()), (EMAIL, opened.user.id));
    let other = session::sign_in(&test.app, EMAIL, PASSWORD.into(), CLIENT).await.unwrap();
    assert_ne!(other.token, opened.token);
    for wrong in ["", "x", &opened.token[1..], &format!("{}A", opened.token)] {
        assert!(session::resume(&test.app, wrong).await.unwrap().is_none(), "{wrong}");
    }
    session::sign_out(&test.app, &opened.token).await.unwrap();
    session::sign_out(&test.app, &opened.token).await.unwrap();
    assert!(session::resume(&test.app, &opened.token).await.unwrap().is_none());
    assert!(session::resume(&test.app, &other.token).await.unwrap().is_some(), "each session ends by itself");
}

async fn what_is_over_is_pruned(engine: Engine) {
    let test = with_dewi(engine).await;
    let opened = session::sign_in(&test.app, EMAIL, PASSWORD.into(), CLIENT).await.unwrap();
    assert_eq!(session::prune(&test.app).await.unwrap().done, 0);
    test.advance(TimeDelta::hours(13));
    assert!(session::resume(&test.app, &opened.token).await.unwrap().is_none());
    assert_eq!(session::prune(&test.app).await.unwrap().done, 1);
}

async fn guessing_is_slowed_down_for_the_address_and_its_owner_gets_in_again(engine: Engine) {
    let test = with_dewi(engine).await;
    let guess = |password: &'static str| session::sign_in(&test.app, EMAIL, password.into(), CLIENT);
    for _ in 0..10 {
        assert!(matches!(guess("wrong password").await, Err(SignInFailure::Wrong)));
    }
    let limited = guess(PASSWORD).await;
    assert!(matches!(limited, Err(SignInFailure::Limited { retry_after_s: 1.. })), "{limited:?}");
    let token = session::issue_token(&test.app, EMAIL, PASSWORD.into(), CLIENT).await;
    assert!(matches!(token, Err(SignInFailure::Limited { .. })), "the API is no way round");
    test.advance(TimeDelta::minutes(2));
    guess(PASSWORD).await.unwrap();
}

on_both!(
    a_session_is_found_by_its_token_alone,
    what_is_over_is_pruned,
    guessing_is_slowed_down_for_the_address_and_its_owner_gets_in_again,
);
