//! The claims desk's pages: nothing typed is lost, an old page is told what stands now, and the API says the same.

use gaung::domain::claim::ClaimState;
use gaung::domain::content::TargetPlan;
use gaung::domain::event::EventKind;
use gaung::domain::kind::AccountKind;
use gaung::service::claim;
use gaung::service::{PageRequest, campaign};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::database::Engine;
use crate::support::http::{Served, json as read_json, location, text};
use crate::support::world::World;

async fn what_was_typed_is_kept_and_an_old_page_is_told(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.north_lead);
    let unit = world.north.unit.to_string();
    let wrong = [
        ("unit_id", unit.as_str()),
        ("claim", "Gaji dipotong <b>separuh</b>."),
        ("seen_url", "javascript:alert(1)"),
        ("seen_at", "2999-01-01T10:00"),
        ("fact", "Tidak dipotong."),
        ("source_url", ""),
    ];
    let page = text(lead.post("/claims/new", &wrong).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    for kept in ["Gaji dipotong &#60;b&#62;separuh", "javascript:alert(1)", "2999-01-01T10:00", "Tidak dipotong."] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    for at in ["href=\"#seen_url\"", "href=\"#source_url\"", "href=\"#seen_at\""] {
        assert!(page.contains(at), "{at}: {page}");
    }
    assert!(!page.contains('⟦') && world.all_entries() == 0, "{page}");
    let right = [
        ("unit_id", unit.as_str()),
        ("claim", "Gaji dipotong separuh."),
        ("seen_url", "https://x.com/hoaks/status/1234567890"),
        ("seen_at", "2026-11-20T10:00"),
        ("fact", ""),
        ("source_url", ""),
    ];
    let filed = location(&lead.post("/claims/new", &right).await);
    let path = filed.split('?').next().unwrap().to_owned();
    let shown = text(lead.get(&filed).await, StatusCode::OK).await;
    assert!(shown.contains("Klaim tercatat.") && shown.contains("Perlu fakta") && !shown.contains('⟦'), "{shown}");
    // Two write at once: the second keeps their words, sees the first one's, and decides.
    let change = |fact: &'static str, version: &'static str| {
        let mut fields = right.to_vec();
        fields.retain(|(name, _)| !["fact", "source_url"].contains(name));
        fields.extend([("fact", fact), ("source_url", "https://kemencontoh.example/gaji"), ("version", version)]);
        fields
    };
    let edit = format!("{path}/edit");
    assert_eq!(location(&lead.post(&edit, &change("Tidak dipotong.", "1")).await), format!("{path}?done=saved"));
    let stale = text(lead.post(&edit, &change("Naik.", "1")).await, StatusCode::CONFLICT).await;
    assert!(
        stale.contains("Naik.") && stale.contains("Tidak dipotong.") && stale.contains("name=\"version\" value=\"2\""),
        "{stale}"
    );
    assert_eq!(world.entries(EventKind::ClaimChanged), 1);
    // The time seen stays what it was: the control shows no seconds and changes none.
    let id = path.trim_start_matches("/claims/").parse().unwrap();
    let now = claim::get(world.app(), &world.lead, id).await.unwrap();
    assert_eq!((now.state, now.seen_at.unwrap().to_rfc3339()), (ClaimState::Checking, "2026-11-20T03:00:00+00:00".to_owned()));
    let own = text(lead.post(&path, &[("act", "confirm"), ("version", "2")]).await, StatusCode::CONFLICT).await;
    assert!(own.contains("Penulis fakta"), "{own}");
    let approver = served.browser(&world.approver);
    assert_eq!(location(&approver.post(&path, &[("act", "confirm"), ("version", "2")]).await), format!("{path}?done=confirm"));
    for (query, found) in
        [("", true), ("?q=GAJI", true), ("?q=100%25", false), ("?state=ready", true), ("?state=withdrawn", false)]
    {
        let list = text(lead.get(&format!("/claims{query}")).await, StatusCode::OK).await;
        assert_eq!(list.contains(&path), found, "{query}");
    }
    // A page that says nothing, and one that shows what names somebody, are asked again.
    assert_eq!(lead.post(&path, &[("version", "3")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(lead.post(&path, &[("act", "publish"), ("version", "3")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        lead.post(&path, &[("act", "withdraw"), ("version", "3"), ("reason", "")]).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

async fn one_button_starts_the_campaign_that_answers(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.north_lead);
    let id = crate::support::campaign::claim(
        &world,
        world.north.unit,
        Some("https://www.tiktok.com/@hoaks/video/7312345678901234567"),
    );
    let to = location(&lead.post(&format!("/claims/{id}/campaign"), &[]).await);
    assert!(to.starts_with("/campaigns/") && to.ends_with("/edit"), "{to}");
    let page = text(lead.get(&to).await, StatusCode::OK).await;
    assert!(page.contains(&format!("value=\"claim:{id}\" selected")) && page.contains("value=\"tiktok\" selected"), "{page}");
    let made = campaign::list(world.app(), &world.lead, campaign::ListCampaigns { state: None, page: PageRequest::first(1) })
        .await
        .unwrap();
    let view = campaign::get(world.app(), &world.lead, made.items[0].id).await.unwrap();
    assert_eq!((view.content.message.as_str(), view.content.facts.len()), ("Kelasnya gratis", 1));
    assert!(matches!(&view.content.waves[0].tasks[0].target, TargetPlan::Claim { words: Some(_), .. }), "{view:?}");
    let only = served.browser(&world.auditor);
    assert_eq!(only.post(&format!("/claims/{id}/campaign"), &[]).await.status(), StatusCode::FORBIDDEN);
    let seen = text(only.get(&format!("/claims/{id}")).await, StatusCode::OK).await;
    for button in ["value=\"answer\"", "value=\"withdraw\"", "value=\"confirm\"", "/campaign\""] {
        assert!(!seen.contains(button), "{button}: an auditor only reads: {seen}");
    }
}

async fn the_api_goes_the_same_way_and_the_register_says_it(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let (lead, approver) = (served.api(&world.lead), served.api(&world.approver));
    let form = json!({ "unit_id": world.north.unit, "claim": "Gaji dipotong.", "fact": "Tidak.", "source_url": "https://kemencontoh.example/g" });
    let made =
        read_json(lead.request(Method::POST, "/api/v1/claims").json(&form).send().await.unwrap(), StatusCode::CREATED).await;
    let path = format!("/api/v1/claims/{}", made["id"].as_str().unwrap());
    let post = |by: &crate::support::http::Client, tail: &str, body: serde_json::Value| {
        let request = by.request(Method::POST, &format!("{path}/{tail}")).json(&body);
        async move { request.send().await.unwrap() }
    };
    assert_eq!(made["state"], "checking");
    let own = read_json(post(&lead, "confirm", json!({ "version": 1 })).await, StatusCode::CONFLICT).await;
    assert_eq!(own["code"], "claim.own_fact");
    let ready = read_json(post(&approver, "confirm", json!({ "version": 1 })).await, StatusCode::OK).await;
    assert_eq!((ready["state"].as_str(), ready["version"].as_i64()), (Some("ready"), Some(2)));
    let register = || async { read_json(served.anonymous().get("/register.json").await, StatusCode::OK).await["claims"].clone() };
    let shown = read_json(post(&lead, "publish", json!({ "version": 2, "public": true })).await, StatusCode::OK).await;
    assert_eq!((shown["public"].as_bool(), register().await), (Some(true), json!([])));
    let handle = world.account_row(world.north.account(AccountKind::Official)).handle;
    let url = format!("https://x.com/{handle}/status/1790000000000000001");
    read_json(post(&lead, "answers", json!({ "url": url })).await, StatusCode::CREATED).await;
    let listed = register().await;
    assert_eq!(
        (listed[0]["claim"].as_str(), listed[0]["answers"][0]["url"].as_str()),
        (Some("Gaji dipotong."), Some(url.as_str()))
    );
    assert!(listed[0]["answers"][0]["statement"].is_string(), "{listed}");
    let html = text(served.anonymous().get("/register/claims").await, StatusCode::OK).await;
    assert!(html.contains("Gaji dipotong.") && html.contains(&url) && !html.contains('⟦'), "{html}");
    let answers = read_json(lead.get(&format!("{path}/answers")).await, StatusCode::OK).await;
    assert_eq!(answers["items"].as_array().map(Vec::len), Some(1));
    read_json(post(&lead, "close", json!({ "version": 3 })).await, StatusCode::OK).await;
    let filtered = read_json(lead.get("/api/v1/claims?state=answered").await, StatusCode::OK).await;
    assert_eq!(filtered["items"].as_array().map(Vec::len), Some(1));
    let stale = lead.request(Method::PUT, &path).header("if-match", "\"1\"").json(&form).send().await.unwrap();
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    read_json(post(&lead, "reopen", json!({ "version": 4 })).await, StatusCode::OK).await;
    let gone =
        read_json(post(&lead, "withdraw", json!({ "version": 5, "reason": "Ternyata benar." })).await, StatusCode::OK).await;
    assert_eq!((gone["state"].as_str(), gone["public"].as_bool(), register().await), (Some("withdrawn"), Some(false), json!([])));
}

on_both!(
    what_was_typed_is_kept_and_an_old_page_is_told,
    one_button_starts_the_campaign_that_answers,
    the_api_goes_the_same_way_and_the_register_says_it,
);
