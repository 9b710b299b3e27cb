//! A member's way through their pages, as a phone's browser goes it: look, do, take back, decline, pause; and what scanners can't do.

use chrono::TimeDelta;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::locale::Locale;
use gaung::domain::member::MemberState;
use gaung::service::task::pause_token;
use reqwest::{Method, StatusCode};

use crate::support::database::Engine;
use crate::support::http::{Client, Served, location, text};
use crate::support::stage::{Asked, Asking, Stage};

/// A comment asked of the north's employee, with two texts.
fn asked(stage: &Stage) -> Asked {
    let texts = vec![(Locale::Id, "Jalan desa kami diaspal dari pajak."), (Locale::En, "Taxes paved our road.")];
    let asking = Asking { texts, ..Asking::of(Action::Comment) };
    stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), &asking)
}

/// The value of the page's hidden nonce.
fn nonce(page: &str) -> String {
    let rest = page.split("name=\"nonce\" value=\"").nth(1).unwrap_or_else(|| panic!("no nonce: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

async fn page(client: &Client, path: &str) -> String {
    text(client.get(path).await, StatusCode::OK).await
}

async fn a_task_is_done_taken_back_and_declined(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let served = Served::start(stage.world.app());
    let phone = served.anonymous();
    let path = format!("/t/{}", stage.token(&asked));
    let shown = page(&phone, &path).await;
    for words in
        ["Pajak untuk jalan desa", "Jalan desa kami diaspal dari pajak.", "> Selesai</button>", "Tidak ikut", "sukarela", "WIB"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("Taxes paved our road."), "the texts are in the member's language");
    assert!(shown.len() < 30 * 1024, "{} bytes", shown.len());
    stage.world.test.advance(TimeDelta::seconds(40));

    // A fault keeps what was typed.
    let fields = [("nonce", nonce(&shown)), ("act", "done".into()), ("url", "https://x.com/somebodyelse/status/1".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let faulty = text(phone.post(&path, &fields).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(faulty.contains("value=\"https://x.com/somebodyelse/status/1\""), "{faulty}");
    assert!(
        faulty.contains("href=\"#url\"") && faulty.contains("href=\"#disclosure\"") && faulty.contains("milik akun lain"),
        "{faulty}"
    );
    assert_eq!(stage.row(&asked).state, AssignmentState::Notified);

    let handle = stage.world.account_row(asked.account_id).handle;
    let url = format!("https://x.com/{handle}/status/1234567890123456789");
    let done = [("nonce", nonce(&faulty)), ("act", "done".into()), ("url", url.clone()), ("disclosure", "yes".into())];
    let done: Vec<(&str, &str)> = done.iter().map(|(n, v)| (*n, v.as_str())).collect();
    stage.world.test.advance(TimeDelta::seconds(40));
    assert_eq!(location(&phone.post(&path, &done).await), path);
    assert_eq!(stage.row(&asked).state, AssignmentState::Done);
    // Pressing again changes nothing and leads to the same page.
    assert_eq!(location(&phone.post(&path, &done).await), path);
    let thanks = page(&phone, &path).await;
    assert!(thanks.contains("data-face=\"done\"") && thanks.contains("1234567890123456789"), "{thanks}");

    let undo = [("nonce", nonce(&thanks)), ("act", "undo".to_owned())];
    let undo: Vec<(&str, &str)> = undo.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(location(&phone.post(&path, &undo).await), path);
    assert_eq!(stage.row(&asked).state, AssignmentState::Notified);
    let open = page(&phone, &path).await;
    let decline = [("nonce", nonce(&open)), ("act", "decline".to_owned())];
    let decline: Vec<(&str, &str)> = decline.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(location(&phone.post(&path, &decline).await), path);
    assert!(page(&phone, &path).await.contains("data-face=\"declined\""));
    assert_eq!(stage.row(&asked).state, AssignmentState::Declined);
}

async fn what_comes_too_quickly_waits_for_a_person(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let served = Served::start(stage.world.app());
    let phone = served.anonymous();
    let path = format!("/t/{}", stage.token(&asked));
    let shown = page(&phone, &path).await;
    let nonce_of_page = nonce(&shown);
    let done = [("nonce", nonce_of_page.as_str()), ("act", "done"), ("disclosure", "yes")];
    assert_eq!(location(&phone.post(&path, &done).await), path);
    let doubt = page(&phone, &path).await;
    assert!(doubt.contains("data-face=\"confirm\""), "{doubt}");
    assert_eq!(stage.row(&asked).state, AssignmentState::Notified);
    stage.world.test.advance(TimeDelta::seconds(20));
    let nonce_of_doubt = nonce(&page(&phone, &path).await);
    assert_eq!(location(&phone.post(&path, &[("nonce", &nonce_of_doubt), ("act", "confirm")]).await), path);
    assert_eq!(stage.row(&asked).state, AssignmentState::Done);
}

async fn a_link_opens_only_what_it_is_for(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let served = Served::start(stage.world.app());
    let phone = served.anonymous();
    let token = stage.token(&asked);
    for wrong in [&token[..40], "nonsense", "x", &token.replace('A', "B").chars().rev().collect::<String>()] {
        assert_eq!(phone.get(&format!("/t/{wrong}")).await.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(phone.get(&format!("/o/{token}")).await.status(), StatusCode::NOT_FOUND);
    // A mail program glued a full stop to it.
    assert_eq!(phone.get(&format!("/t/{token}.")).await.status(), StatusCode::OK);
    let member = stage.world.member_row(asked.member_id);
    let own = pause_token(stage.world.app(), member.id, member.link_version);
    assert_eq!(phone.get(&format!("/t/{own}")).await.status(), StatusCode::NOT_FOUND);
    stage.world.test.advance(TimeDelta::days(40));
    assert_eq!(phone.get(&format!("/t/{token}")).await.status(), StatusCode::GONE);
    // A form without the page's nonce does nothing.
    let asked = super::member_pages::asked(&stage);
    let path = format!("/t/{}", stage.token(&asked));
    let bare = phone.post(&path, &[("act", "decline")]).await;
    assert_eq!(bare.status(), StatusCode::CONFLICT);
    assert_eq!(stage.row(&asked).state, AssignmentState::Notified);
}

async fn pausing_takes_one_press_and_coming_back_another(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let served = Served::start(stage.world.app());
    let phone = served.anonymous();
    let member = stage.world.member_row(asked.member_id);
    let own = pause_token(stage.world.app(), member.id, member.link_version);
    let state = || stage.world.member_row(asked.member_id).state;
    let path = format!("/p/{own}");
    assert!(page(&phone, &path).await.contains("Berhenti sementara"));
    assert_eq!(location(&phone.post(&path, &[("act", "pause")]).await), path);
    assert_eq!(state(), MemberState::Paused);
    assert!(page(&phone, &format!("/m/{own}")).await.contains("Pajak untuk jalan desa"));
    assert_eq!(location(&phone.post(&path, &[("act", "resume")]).await), path);
    assert_eq!(state(), MemberState::Active);
    // The mail program's button: a bare POST from anywhere, answered without a redirect.
    let one_click = phone.request(Method::POST, &format!("/u/{own}")).form(&[("List-Unsubscribe", "One-Click")]);
    let answer = text(one_click.send().await.unwrap(), StatusCode::OK).await;
    assert!(answer.contains("tidak menerima surel lagi"), "{answer}");
    assert_eq!(state(), MemberState::Paused);
    let leave = [("nonce", nonce(&page(&phone, &format!("{path}?ask=leave")).await)), ("act", "leave".to_owned())];
    let leave: Vec<(&str, &str)> = leave.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(location(&phone.post(&path, &leave).await), path);
    assert_eq!(state(), MemberState::Left);
}

async fn a_member_sees_takes_and_changes_what_is_theirs(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let served = Served::start(stage.world.app());
    let phone = served.anonymous();
    let member = stage.world.member_row(asked.member_id);
    let own = pause_token(stage.world.app(), member.id, member.link_version);
    let base = format!("/m/{own}");
    let mine = page(&phone, &base).await;
    assert!(mine.contains("Terbuka sekarang") && mine.contains("href=\"/t/") && mine.contains(&format!("{base}/data")), "{mine}");
    let data = page(&phone, &format!("{base}/data")).await;
    for shown in [&member.name, &member.email, &member.subject_ref, &member.employee_no] {
        assert!(data.contains(shown.as_str()), "{shown}");
    }
    assert!(data.len() < 30 * 1024 && !data.contains('⟦'), "{data}");
    let file = phone.get(&format!("{base}/data.json")).await;
    let disposition = file.headers().get("content-disposition").unwrap().to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename=\"gaung-data-"), "{disposition}");
    let json: serde_json::Value = file.json().await.unwrap();
    assert_eq!(json["profile"]["email"], member.email);
    // A task's link names the tasks and opens nothing else.
    let token = stage.token(&asked);
    let limited = page(&phone, &format!("/m/{token}")).await;
    assert!(!limited.contains("href=\"/t/") && limited.contains("Pajak untuk jalan desa"), "{limited}");
    for path in ["data", "data.json", "settings"] {
        assert_eq!(phone.get(&format!("/m/{token}/{path}")).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let path = format!("{base}/settings");
    let form = page(&phone, &path).await;
    let nonce = nonce(&form);
    let fields = |zone: &'static str| {
        let fixed = [("locale", "en"), ("hours", "own"), ("from", "9"), ("until", "12"), ("day", "0"), ("day", "6")];
        fixed.into_iter().chain([("zone", zone)]).collect::<Vec<_>>()
    };
    let mut wrong = fields("Asia/Jakrta");
    wrong.push(("nonce", &nonce));
    let faulty = text(phone.post(&path, &wrong).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(faulty.contains("value=\"Asia/Jakrta\"") && faulty.contains("href=\"#zone\""), "{faulty}");
    assert!(faulty.contains("value=\"6\" checked") && faulty.contains("value=\"9\" selected"), "{faulty}");
    let mut right = fields("Asia/Makassar");
    right.push(("nonce", &nonce));
    assert_eq!(location(&phone.post(&path, &right).await), format!("{path}?saved=1&lang=en"));
    assert_eq!(stage.world.member_row(member.id).zone, "Asia/Makassar");
    assert!(page(&phone, &format!("{base}/data?lang=en")).await.contains("09:00–12:00, Mon, Sun"));
}

async fn a_pause_has_an_end_and_leaving_is_looked_at_twice(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let served = Served::start(stage.world.app());
    let phone = served.anonymous();
    let member = stage.world.member_row(asked.member_id);
    let path = format!("/p/{}", pause_token(stage.world.app(), member.id, member.link_version));
    assert_eq!(location(&phone.post(&path, &[("act", "pause"), ("days", "14")]).await), path);
    let paused = page(&phone, &path).await;
    assert!(paused.contains("13 hari lagi") || paused.contains("14 hari lagi"), "{paused}");
    let check = page(&phone, &format!("{path}?ask=leave")).await;
    assert!(check.contains("Keluar untuk seterusnya?") && check.contains("value=\"leave\""), "{check}");
    assert_eq!(stage.world.member_row(member.id).state, MemberState::Paused, "looking changes nothing");
}

on_both!(
    a_member_sees_takes_and_changes_what_is_theirs,
    a_pause_has_an_end_and_leaving_is_looked_at_twice,
    a_task_is_done_taken_back_and_declined,
    what_comes_too_quickly_waits_for_a_person,
    a_link_opens_only_what_it_is_for,
    pausing_takes_one_press_and_coming_back_another,
);
