//! The measurements, small: that each runs through, says what it promises to say, and refuses what is not its own.

use crate::support::database::Engine;

use super::run::Site;

/// Runs one; gives what it found.
fn bench(engine: Engine, arguments: &[&str]) -> serde_json::Value {
    let site = Site::empty(engine);
    let mut command = vec!["bench"];
    command.extend(arguments);
    command.push("--json");
    site.run(&command).ends(0).json()
}

async fn a_wave_opens_beside_the_bare_statements(engine: Engine) {
    let found = bench(engine, &["open-wave", "--rows", "2000", "--rounds", "1"]);
    assert_eq!(found["rows"], 2000);
    for figure in ["seconds", "bare_sql_seconds", "ratio", "peak_rss_mib"] {
        assert!(found[figure].as_f64().unwrap() > 0.0, "{figure}: {found}");
    }
}

async fn mails_are_claimed_and_settled_before_a_backlog(engine: Engine) {
    let found = bench(engine, &["outbox", "--rows", "1000", "--backlog", "500"]);
    assert_eq!((found["rows"].as_u64(), found["backlog"].as_u64()), (Some(1000), Some(500)));
    assert!(found["claim"]["p99_ms"].as_f64().unwrap() > 0.0 && found["settle"]["p99_ms"].as_f64().unwrap() > 0.0, "{found}");
}

async fn pages_and_completions_are_answered_without_an_error(engine: Engine) {
    let found = bench(engine, &["http", "--rows", "300", "--fan-out", "2000"]);
    for (load, requests) in [("page", 300), ("done", 150), ("done_in_fan_out", 150)] {
        assert_eq!(
            (found[load]["requests"].as_u64(), found[load]["errors"].as_u64()),
            (Some(requests), Some(0)),
            "{load}: {found}"
        );
    }
    assert!(found["page_bytes_plain"].as_u64().unwrap() <= 30_000, "{found}");
    assert!(found["ratio"].as_f64().unwrap() > 0.0, "{found}");
}

async fn a_file_is_taken_in(engine: Engine) {
    let found = bench(engine, &["import", "--rows", "3000"]);
    assert!(found["new_seconds"].as_f64().unwrap() > 0.0, "{found}");
}

async fn the_service_comes_up_before_a_backlog(engine: Engine) {
    let found = bench(engine, &["cold-start", "--schedules", "20", "--backlog", "500", "--rounds", "1"]);
    assert!(found["ready_seconds"].as_f64().unwrap() > 0.0, "{found}");
}

async fn the_log_is_sealed_behind_its_events(engine: Engine) {
    let found = bench(engine, &["seal", "--rate", "100", "--seconds", "2"]);
    assert_eq!(found["events"], 200, "{found}");
    for figure in ["reached_per_s", "bare_insert_per_s", "sealed_backlog_per_s", "seal_to_insert"] {
        assert!(found[figure].as_f64().unwrap() > 0.0, "{figure}: {found}");
    }
    assert!(found["lag"]["p99_ms"].as_f64().unwrap() > 0.0 && found["checkpoints"].as_u64().unwrap() > 1, "{found}");
}

async fn a_database_that_holds_something_is_left_alone(engine: Engine) {
    let site = Site::new(engine);
    let units = site.file("units.csv", "code,name,parent_code\nPUSAT,Kantor Pusat,\n");
    site.run(&["import", "units", &units.to_string_lossy()]).ends(0);
    for what in ["open-wave", "outbox", "http", "import", "cold-start", "seal"] {
        site.run(&["bench", what, "--json"]).ends(3).complains("is not empty");
    }
}

on_both!(
    the_log_is_sealed_behind_its_events,
    a_wave_opens_beside_the_bare_statements,
    mails_are_claimed_and_settled_before_a_backlog,
    pages_and_completions_are_answered_without_an_error,
    a_file_is_taken_in,
    the_service_comes_up_before_a_backlog,
    a_database_that_holds_something_is_left_alone,
);
