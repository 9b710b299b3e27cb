//! What is logged, as a real process writes it at its most talkative: each line of a request under its name, and nothing of any person.

use std::time::Duration;

use chrono::TimeDelta;
use gaung::domain::kind::AccountKind;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::support::campaigns::{crowd, opinion_wave, released};
use crate::support::database::Engine;
use crate::support::process::site::Site;
use crate::support::process::wait_until;

const PASSWORD: &str = "kata-sandi-yang-sangat-rahasia-9381";

/// A browser that follows nothing and keeps its cookies.
fn browser() -> reqwest::Client {
    let mut headers = HeaderMap::new();
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    reqwest::Client::builder()
        .cookie_store(true)
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

async fn nothing_of_a_person_and_no_secret_is_logged(engine: Engine) {
    let site = Site::fresh(engine, &[]);
    let world = &site.world;
    let unit = world.unit("REGU", Some(world.north.office));
    let people = crowd(world, unit, "regu", AccountKind::KolInternal, 6);
    let mut wave = opinion_wave(site.now() + TimeDelta::seconds(1));
    wave.audience.units = vec![unit];
    let wave_id = wave.id;
    released(world, vec![wave]).await;
    let start = site.start().env("GAUNG__LOG__FORMAT", "json").env("GAUNG__LOG__FILTER", "debug,gaung=trace");
    let added = [
        "user",
        "add",
        "--email",
        "pengelola@rahasia.example",
        "--name",
        "Nyonya Rahasia",
        "--role",
        "lead@REGU",
        "--password-stdin",
    ];
    let mut child = start
        .command(&added)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
    let added = child.wait_with_output().unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let process = start.serve(&[]);
    wait_until(Duration::from_secs(30), "every mail is sent", || site.mails("sent") == 6);
    let base = process.base().to_owned();
    let client = browser();
    let post = async |path: &str, form: &[(&str, &str)]| client.post(format!("{base}{path}")).form(form).send().await.unwrap();
    for password in [PASSWORD, "falsch-falsch-falsch-4711"] {
        post("/sign-in", &[("email", "pengelola@rahasia.example"), ("password", password)]).await;
    }
    post("/sign-in/link", &[("email", "pengelola@rahasia.example")]).await;
    let paths = site.task_paths(wave_id);
    let mut tokens = Vec::new();
    for (_, path) in &paths {
        tokens.push(path.trim_start_matches("/t/").to_owned());
        let page = client.get(format!("{base}{path}")).send().await.unwrap();
        assert!(page.status().is_success(), "{}", page.status());
        let page = page.text().await.unwrap();
        let nonce =
            page.split("name=\"nonce\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
        post(
            path,
            &[
                ("act", "done"),
                ("nonce", &nonce),
                ("disclosure", "yes"),
                ("own_words", "yes"),
                ("url", "https://x.com/orang_rahasia/status/4242424242"),
            ],
        )
        .await;
        // Broken in every way: what is refused is logged, too.
        client.get(format!("{base}{path}xyz?email=orang@rahasia.example")).send().await.unwrap();
    }
    let bearer = client.get(format!("{base}/api/v1/me")).bearer_auth("eyJ-token-rahasia-5150").send().await.unwrap();
    assert_eq!(bearer.status(), 401);
    let cookie = client.get(format!("{base}/campaigns")).header("cookie", "gaung=kuki-rahasia-6160").send().await.unwrap();
    let named = cookie.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let log = process.terminate().log;
    assert!(log.contains(&named), "the request's name is in the log");
    let mut secrets = vec![
        PASSWORD.to_owned(),
        "falsch-falsch-falsch-4711".into(),
        "pengelola@rahasia.example".into(),
        "Nyonya Rahasia".into(),
        "orang_rahasia".into(),
        "4242424242".into(),
        "orang@rahasia.example".into(),
        "eyJ-token-rahasia-5150".into(),
        "kuki-rahasia-6160".into(),
    ];
    secrets.extend(tokens);
    for (member, _) in people {
        let row = world.member_row(member);
        secrets.extend([row.email, row.email_norm, row.name, row.employee_no]);
    }
    secrets.extend(std::fs::read_to_string(world.test.dir.path().join("secret.key")).map(|key| key.trim().to_owned()));
    for secret in secrets.iter().filter(|secret| secret.len() > 5) {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "{secret:?} is in: {}", line.unwrap_or_default());
    }
    each_line_of_a_request_names_it(&log);
}

/// Every line is JSON, and what was logged within a request carries its name, also from the threads where databases are asked.
fn each_line_of_a_request_names_it(log: &str) {
    let mut named = 0;
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        for span in line["spans"].as_array().into_iter().flatten().filter(|span| span["name"] == "request") {
            assert!(span["request_id"].as_str().is_some_and(|id| id.len() == 36), "{line}");
            named += 1;
        }
    }
    assert!(named > 10, "{named} lines of requests");
}

on_both!(nothing_of_a_person_and_no_secret_is_logged);
