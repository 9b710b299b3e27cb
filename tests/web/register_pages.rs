//! The public register over HTTP: pages, data, feed and badge; kept by caches, without cookies, and without anybody's name.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::kind::AccountKind;
use gaung::store::StoreError;
use gaung::store::schema::members;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::http::{Client, Served, json, text};
use crate::support::world::World;

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// Every address of the register, with one account and one campaign.
async fn addresses(client: &Client, world: &World) -> Vec<String> {
    let document = json(client.get("/register.json").await, StatusCode::OK).await;
    let slug = document["campaigns"][0]["slug"].as_str().unwrap();
    let id = world.north.account(AccountKind::WhiteLabel);
    let handle = world.account_row(world.north.account(AccountKind::Advocate)).handle;
    [
        "/register".into(),
        "/register.json".into(),
        "/register/accounts.csv".into(),
        format!("/register/accounts/{id}"),
        format!("/register/accounts/{id}/badge.svg"),
        "/register/campaigns".into(),
        "/register/campaigns.csv".into(),
        format!("/register/campaigns/{slug}"),
        "/register/check".into(),
        format!("/register/check?q={handle}"),
        "/register/feed.atom".into(),
    ]
    .to_vec()
}

async fn every_answer_may_be_kept_and_names_nobody(engine: Engine) {
    let world = World::new(engine);
    opened(&world, "few", 3).await;
    let served = Served::start(world.app());
    let client = served.anonymous();
    let people: Vec<(String, String, String, String)> = world
        .app()
        .db
        .read_blocking(|conn| {
            Ok::<_, StoreError>(
                members::table.select((members::name, members::email, members::employee_no, members::subject_ref)).load(conn)?,
            )
        })
        .unwrap();
    assert!(people.len() > 10);
    for path in addresses(&client, &world).await {
        for lang in ["", "lang=en"] {
            let path = format!("{path}{}{lang}", if path.contains('?') { "&" } else { "?" });
            let answer = client.get(&path).await;
            assert_eq!(header(&answer, "cache-control"), "public, max-age=300", "{path}");
            assert_eq!(header(&answer, "set-cookie"), "", "{path}");
            assert!(!header(&answer, "vary").to_lowercase().contains("cookie"), "{path}");
            let tag = header(&answer, "etag");
            let body = text(answer, StatusCode::OK).await;
            assert!(!body.contains("<script"), "{path}");
            assert!(!body.contains('⟦'), "{path}: {body}");
            for (name, email, number, reference) in &people {
                for personal in [name, email, number, reference] {
                    assert!(!body.contains(personal.as_str()), "{personal} in {path}: {body}");
                }
            }
            let again = client.request(Method::GET, &path).header("if-none-match", &tag).send().await.unwrap();
            assert_eq!((again.status(), header(&again, "etag")), (StatusCode::NOT_MODIFIED, tag), "{path}");
            let other = client.request(Method::GET, &path).header("if-none-match", "W/\"other\"").send().await.unwrap();
            assert_eq!(other.status(), StatusCode::OK, "{path}");
        }
    }
}

async fn the_formats_say_the_same(engine: Engine) {
    let world = World::new(engine);
    opened(&world, "few", 3).await;
    opened(&world, "many", 7).await;
    let served = Served::start(world.app());
    let client = served.anonymous();
    let document = json(client.get("/register.json").await, StatusCode::OK).await;
    let page = text(client.get("/register").await, StatusCode::OK).await;
    let accounts = document["accounts"].as_array().unwrap();
    let file = text(client.get("/register/accounts.csv").await, StatusCode::OK).await;
    let mut table = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    let ids: Vec<String> = table.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(ids, accounts.iter().map(|a| a["id"].as_str().unwrap()).collect::<Vec<_>>());
    for account in accounts {
        assert!(page.contains(account["name"].as_str().unwrap()) && account["layer"].as_i64().unwrap() < 3);
    }
    assert_eq!(document["employees_accounts"], Value::Null);
    let layers: Vec<&Value> = document["campaigns"].as_array().unwrap().iter().map(|c| &c["layers"][0]).collect();
    assert!(layers.iter().any(|l| l["withheld"] == true && l["asked"].is_null() && l["done"].is_null()), "{layers:?}");
    assert!(layers.iter().any(|l| l["withheld"] == false && l["asked"] == 7), "{layers:?}");
    let file = text(client.get("/register/campaigns.csv").await, StatusCode::OK).await;
    assert!(file.contains(",withheld,withheld,") && file.contains(",7,0,"), "{file}");
    let listed = text(client.get("/register/campaigns").await, StatusCode::OK).await;
    assert!(listed.contains("7 tugas diberikan") && listed.contains("terlalu sedikit orang"), "{listed}");
    assert!(!listed.contains("3 tugas"), "{listed}");
    let open = client.get("/register.json").await;
    assert_eq!(
        (header(&open, "access-control-allow-origin"), header(&open, "cross-origin-resource-policy")),
        ("*".into(), "cross-origin".into())
    );
}

async fn the_feed_is_atom(engine: Engine) {
    const ATOM: &str = "http://www.w3.org/2005/Atom";
    let world = World::new(engine);
    opened(&world, "few", 3).await;
    let served = Served::start(world.app());
    let answer = served.anonymous().get("/register/feed.atom").await;
    assert_eq!(header(&answer, "content-type"), "application/atom+xml; charset=utf-8");
    let feed = text(answer, StatusCode::OK).await;
    let document = roxmltree::Document::parse(&feed).unwrap_or_else(|e| panic!("{e}: {feed}"));
    let root = document.root_element();
    let of = |node: roxmltree::Node<'_, '_>, name: &str| node.children().filter(|n| n.has_tag_name((ATOM, name))).count();
    assert!(root.has_tag_name((ATOM, "feed")));
    for one in ["id", "title", "updated", "author"] {
        assert_eq!(of(root, one), 1, "RFC 4287 section 4.1.1: {one}");
    }
    let entries: Vec<_> = root.children().filter(|n| n.has_tag_name((ATOM, "entry"))).collect();
    assert!(entries.len() > 5);
    let mut ids = std::collections::BTreeSet::new();
    for entry in entries {
        for one in ["id", "title", "updated", "summary"] {
            assert_eq!(of(entry, one), 1, "RFC 4287 section 4.1.2: {one}");
        }
        let value =
            |name: &str| entry.children().find(|n| n.has_tag_name((ATOM, name))).and_then(|n| n.text()).unwrap_or_default();
        assert!(ids.insert(value("id").to_owned()) && value("id").starts_with("urn:uuid:"));
        assert!(chrono::DateTime::parse_from_rfc3339(value("updated")).is_ok());
    }
}

async fn an_account_has_a_page_and_a_badge(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.anonymous();
    let id = world.north.account(AccountKind::Official);
    let page = text(client.get(&format!("/register/accounts/{id}?lang=en")).await, StatusCode::OK).await;
    for part in ["Official account", "/badge.svg", "Unit UTR", "&lt;a href=", "/register/campaigns?lang=en"] {
        assert!(page.replace("&#60;", "&lt;").contains(part), "{part}: {page}");
    }
    let badge = client.get(&format!("/register/accounts/{id}/badge.svg")).await;
    assert_eq!(header(&badge, "content-type"), "image/svg+xml");
    assert_eq!(header(&badge, "cross-origin-resource-policy"), "cross-origin", "other sites may show it");
    let picture = text(badge, StatusCode::OK).await;
    assert!(roxmltree::Document::parse(&picture).is_ok() && picture.contains("Akun resmi"), "{picture}");
    world.test.advance(TimeDelta::days(400));
    let later = text(client.get(&format!("/register/accounts/{id}/badge.svg")).await, StatusCode::OK).await;
    assert!(later.contains("Tidak tercatat lagi"), "{later}");
    let employee = world.north.account(AccountKind::Advocate);
    for path in [
        format!("/register/accounts/{employee}"),
        format!("/register/accounts/{employee}/badge.svg"),
        "/register/accounts/x".into(),
    ] {
        assert_eq!(client.get(&path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

async fn the_look_up_keeps_what_was_typed(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let client = served.anonymous();
    let handle = world.account_row(world.north.account(AccountKind::Interactive)).handle;
    let yes = text(client.get(&format!("/register/check?q=https://x.com/{handle}")).await, StatusCode::OK).await;
    assert!(yes.contains("Ya, akun ini tercatat") && yes.contains(&format!("value=\"https://x.com/{handle}\"")), "{yes}");
    let no = text(client.get("/register/check?q=@tidakdikenal").await, StatusCode::OK).await;
    assert!(no.contains("Akun ini tidak ada dalam register"), "{no}");
    let short = text(client.get("/register/check?q=https://t.co/abc").await, StatusCode::OK).await;
    assert!(
        short.contains("Ini tautan pendek") && short.contains("aria-invalid=\"true\"") && short.contains("t.co/abc"),
        "{short}"
    );
}

on_both!(
    every_answer_may_be_kept_and_names_nobody,
    the_formats_say_the_same,
    the_feed_is_atom,
    an_account_has_a_page_and_a_badge,
    the_look_up_keeps_what_was_typed,
);
