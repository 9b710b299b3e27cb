//! The rules for Prometheus that are shipped: each figure they name is told by a real process, each alert has its run-book, and promtool,
//! where it is installed, takes them.

use std::collections::BTreeSet;
use std::process::Command;

use gaung::domain::text_enum::TextEnum as _;

use super::figures::{measured, names, scrape};
use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::http::Served;

const RULES: &str = include_str!("../../docs/operating/alerts.yml");
const BOOK: &str = include_str!("../../docs/operating.md");

/// The figures that expressions name: words that begin as ours do, without a histogram's endings.
fn named(rules: &str) -> BTreeSet<String> {
    let words = rules.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = words.filter(|word| (word.starts_with("gaung_") || word.starts_with("process_")) && word.len() > 8);
    ours.map(|word| ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_figure_that_a_rule_names_is_told() {
    let world = measured(Engine::Sqlite);
    let served = Served::start(world.app());
    let client = served.anonymous();
    opened(&world, "a", 1).await;
    gaung::jobs::tick(world.app()).await;
    let heart = gaung::jobs::heartbeat::start(world.app().clone()).await.unwrap();
    scrape(&client).await;
    let told = names(&scrape(&client).await);
    heart.stop().await;
    let asked = named(RULES);
    assert!(asked.len() > 10, "{asked:?}");
    let missing: Vec<_> = asked.difference(&told).collect();
    assert!(missing.is_empty(), "no process tells {missing:?}");
    // The labels that rules choose by.
    let words: Vec<&str> = gaung::domain::outbox::MailState::ALL.iter().map(|state| state.as_str()).collect();
    for rule in RULES.lines().filter(|line| line.contains("outcome=")) {
        let outcome = rule.split("outcome=").nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap_or_default();
        assert!(outcome.split('|').all(|word| words.contains(&word)), "{rule}");
    }
}

#[test]
fn each_alert_says_what_to_do_in_a_section_that_is_there() {
    let alerts: Vec<&str> = RULES.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() >= 10, "{alerts:?}");
    for alert in &alerts {
        assert!(BOOK.contains(&format!("### {alert}")), "docs/operating.md has no run-book for {alert}");
    }
    let books = BOOK.lines().filter_map(|line| line.strip_prefix("### Gaung")).count();
    assert_eq!(books, alerts.len(), "a run-book without an alert");
    for needed in ["expr:", "severity:", "summary:", "runbook:"] {
        assert_eq!(RULES.matches(needed).count(), alerts.len(), "{needed}");
    }
}

#[test]
fn promtool_takes_the_rules() {
    let checked = Command::new("promtool").args(["check", "rules", "docs/operating/alerts.yml"]).output();
    match checked {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        // Prometheus is not needed to build or to test; where it is there it is asked.
        Err(error) => eprintln!("promtool is not installed ({error}); the rules' names were checked, their grammar was not"),
    }
}
