//! `/metrics`: who gets it, and whether each figure is there and says what is so.

use gaung::meter::CATALOGUE;
use reqwest::{Method, StatusCode};

use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::http::{Client, Served, text};
use crate::support::world::World;

pub const TOKEN: &str = "a-token-for-prometheus-0123456789";

/// A world whose figures the bearer of [`TOKEN`] may read.
pub fn measured(engine: Engine) -> World {
    World::with_env(engine, &[("GAUNG__METRICS__TOKEN", TOKEN)])
}

/// One reading.
pub async fn scrape(client: &Client) -> String {
    let asked = client.request(Method::GET, "/metrics").bearer_auth(TOKEN);
    text(asked.send().await.unwrap(), StatusCode::OK).await
}

/// The value of one series, by its name with its labels as they are written.
pub fn value(figures: &str, series: &str) -> Option<f64> {
    let line = figures.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// The names of what was told.
pub fn names(figures: &str) -> std::collections::BTreeSet<String> {
    let types = figures.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    types.map(str::to_owned).collect()
}

async fn each_figure_is_told_and_says_what_is_so(engine: Engine) {
    let world = measured(engine);
    let served = Served::start(world.app());
    let crowd = opened(&world, "a", 7).await;
    assert!(crowd.people.len() == 7);
    let client = served.anonymous();
    let before = scrape(&client).await;
    assert_eq!(value(&before, r#"gaung_queue_mails{state="due"}"#), Some(7.0), "{before}");
    assert_eq!(value(&before, r#"gaung_waves{state="open"}"#), Some(1.0));
    assert_eq!(value(&before, r#"gaung_wave_mails{state="still_open"}"#), Some(7.0));
    let entries = value(&before, "gaung_log_entries_total").unwrap();
    gaung::jobs::tick(world.app()).await;
    let after = scrape(&client).await;
    let sent: f64 = after
        .lines()
        .filter(|l| l.starts_with("gaung_mails_total") && l.contains(r#"outcome="sent""#))
        .filter_map(|l| l.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum();
    assert_eq!(sent, 7.0, "{after}");
    assert!(value(&after, "gaung_log_entries_total").unwrap() >= entries + 7.0, "each mail has its entry");
    assert_eq!(value(&after, r#"gaung_sweep_seconds_count{sweep="deliver mail"}"#), Some(1.0), "{after}");
    assert!(value(&after, r#"gaung_http_requests_total{route="/metrics",method="GET",status="200"}"#).unwrap() >= 1.0, "{after}");
    assert!(!after.contains("gaung_lane_round"), "this process runs no jobs yet: {after}");
    let heart = gaung::jobs::heartbeat::start(world.app().clone()).await.unwrap();
    let after = scrape(&client).await;
    heart.stop().await;
    for lane in gaung::jobs::schedule::LANES {
        let round = format!(r#"gaung_lane_round_timestamp_seconds{{lane="{}"}}"#, lane.name());
        let at = value(&after, &round).unwrap_or_else(|| panic!("{round}: {after}"));
        assert!(at <= crate::support::campaigns::now(&world).timestamp() as f64 && at > 1.0e9, "{round} {at}");
    }
    let told = names(&after);
    let missing: Vec<&str> = CATALOGUE.iter().map(|metric| metric.name).filter(|name| !told.contains(*name)).collect();
    let expected: &[&str] = if engine == Engine::Sqlite { &[] } else { &["gaung_disk_free_bytes"] };
    assert_eq!(missing, expected, "{after}");
    let strangers: Vec<&String> = told.iter().filter(|name| CATALOGUE.iter().all(|metric| metric.name != **name)).collect();
    assert!(strangers.is_empty(), "not in the catalogue: {strangers:?}");
}

async fn the_database_is_asked_once_in_a_while_however_many_ask(engine: Engine) {
    let world = measured(engine);
    let served = Served::start(world.app());
    let client = served.anonymous();
    let first = scrape(&client).await;
    assert_eq!(value(&first, r#"gaung_queue_mails{state="due"}"#), Some(0.0));
    opened(&world, "a", 3).await;
    let again = scrape(&client).await;
    assert_eq!(value(&again, r#"gaung_queue_mails{state="due"}"#), Some(0.0), "from the last look, a moment ago");
}

async fn who_does_not_bear_the_token_finds_no_such_page(engine: Engine) {
    let world = measured(engine);
    let served = Served::start(world.app());
    for client in [served.anonymous(), served.browser(&world.admin), served.api(&world.admin)] {
        text(client.get("/metrics").await, StatusCode::NOT_FOUND).await;
    }
    for token in ["", "a-token", "a-token-for-prometheus-0123456780", "a-token-for-prometheus-01234567890"] {
        let asked = served.anonymous().request(Method::GET, "/metrics").bearer_auth(token);
        assert_eq!(asked.send().await.unwrap().status(), StatusCode::NOT_FOUND, "{token:?}");
    }
    let without = World::new(engine);
    let served = Served::start(without.app());
    let asked = served.anonymous().request(Method::GET, "/metrics").bearer_auth("");
    assert_eq!(asked.send().await.unwrap().status(), StatusCode::NOT_FOUND, "no token is set, so none is right");
}

async fn no_label_holds_anything_of_a_person(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__METRICS__TOKEN", TOKEN)]);
    let served = Served::start(world.app());
    let crowd = opened(&world, "rahasia", 60).await;
    gaung::jobs::tick(world.app()).await;
    let figures = scrape(&served.anonymous()).await;
    for (member, _) in crowd.people.iter().take(5) {
        let row = world.member_row(*member);
        for secret in [row.email.as_str(), row.email_norm.as_str(), row.name.as_str(), row.employee_no.as_str()] {
            assert!(!figures.contains(secret), "{secret}");
        }
    }
    assert!(!figures.contains('@'));
}

on_both!(
    each_figure_is_told_and_says_what_is_so,
    the_database_is_asked_once_in_a_while_however_many_ask,
    who_does_not_bear_the_token_finds_no_such_page,
    no_label_holds_anything_of_a_person,
);
