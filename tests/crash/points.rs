//! Death at each named place, one after the other, on one database: what comes after must find nothing half done.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use gaung::store::StoreError;
use gaung::store::session::{self, SessionRow};
use gaung::store::types::At;

use super::checker::{Report, check, nobody_panicked};
use super::down::{hourly, outcomes};
use super::ground::{Case, Ground};
use super::people::{client, open, press, tasks};
use crate::support::database::TestDatabase;

/// The places that a running service passes, in the order in which there is something to pass them with, and how often it may pass
/// one before it dies there.
const PLACES: &[(&str, u64)] = &[
    ("schedule.fire.moved_on", 1),
    ("schedule.fire.made", 1),
    ("fanout.chunk.assigned", 2),
    ("fanout.cursor.moved", 2),
    ("store.commit.before", 6),
    ("store.commit.after", 6),
    ("seal.before_number", 1),
    ("seal.numbered", 1),
    ("seal.before_sign", 1),
    ("seal.signed", 1),
    ("seal.committed", 1),
    ("outbox.claim.committed", 2),
    ("delivery.prepare.before", 2),
    ("delivery.compose.before", 2),
    ("outbox.begin.before", 2),
    ("outbox.begin.committed", 2),
    ("smtp.data.accepted", 30),
    ("smtp.dot.written", 30),
    ("smtp.answer.read", 30),
    ("outbox.settle.before", 3),
    ("outbox.settle.after", 3),
    ("prune.before", 1),
    ("heartbeat.before", 1),
];

/// A service dies at each place in turn; then one without faults brings everything to its end.
pub async fn points(case: Case) -> Report {
    let ground = Ground::new(case.engine, case.size(2_000, 4_000), &[]).await;
    let schedule = hourly(&ground.site, gaung::domain::recurrence::MissedPolicy::All, TimeDelta::hours(5)).await;
    let (mut dice, mut struck) = (case.dice(), 0);
    for (place, most) in PLACES {
        if *place == "prune.before" {
            // Not earlier: those that came before it would have pruned it.
            old_session(&ground);
        }
        let faults = format!("{place}=abort@{}", dice.between(1, *most));
        let process = ground.start().env("GAUNG_FAULTS", &faults).try_spawn(&["serve", "--port", "0"]);
        died(process, &faults);
        struck += 1;
    }
    struck += intake(&ground);
    let told = answered(&ground).await;
    struck += 1;
    let running = ground.start().serve(&[]);
    let recovered = ground.settle(Duration::from_secs(120));
    crate::support::process::wait_until(Duration::from_secs(20), "the schedule fired", || {
        outcomes(&ground.site, schedule).len() >= 4
    });
    let fired = outcomes(&ground.site, schedule);
    let planned: BTreeSet<_> = fired.iter().map(|(at, _)| *at).collect();
    assert_eq!(planned.len(), fired.len(), "an occurrence happened twice: {fired:?}");
    assert_eq!(ground.site.number("SELECT count(*) AS n FROM sessions"), 0, "the old session was pruned");
    drop(running);
    let report = check(&ground, &told);
    nobody_panicked(&ground);
    assert!(report.unknown <= struck * 100, "{} unknown after {struck} deaths", report.unknown);
    Report { struck, recovered, ..report }
}

/// It came to the place and died there.
#[track_caller]
fn died(process: Result<crate::support::process::gaung::Process, String>, faults: &str) {
    let log = match process {
        // Before its first line.
        Err(log) => log,
        Ok(mut process) => {
            let began = Instant::now();
            while process.is_running() {
                assert!(began.elapsed() < Duration::from_secs(30), "it never came to {faults}: {}", process.log());
                std::thread::sleep(Duration::from_millis(20));
            }
            process.log()
        }
    };
    assert!(log.contains("fault point") && log.contains("Abort"), "{faults}: {log}");
}

/// A session that is over, for the pruning sweep to find.
fn old_session(ground: &Ground) {
    let world = &ground.site.world;
    let user_id = world.lead.user_id().expect("the lead is a user");
    world.change(|tx| {
        let (then, ended) = (At(tx.now - TimeDelta::days(3)), At(tx.now - TimeDelta::days(2)));
        let row = SessionRow { token_hash: vec![7; 32], user_id, created_at: then, last_seen_at: then, expires_at: ended };
        session::insert(tx, &row)
    });
}

/// A report that came back is taken in by a process that dies before it can say so: taken in again, it is known.
fn intake(ground: &Ground) -> u64 {
    let hand_in = |faults: &str| {
        let mut command = ground.start().env("GAUNG_FAULTS", faults).command(&["mail", "receive"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut input = child.stdin.take().expect("its input");
        input.write_all(b"From: someone@contoh.example\r\nSubject: halo\r\n\r\nhalo\r\n").expect("the message");
        drop(input);
        child.wait().expect("it ends").code()
    };
    assert_eq!(hand_in("mail_report.taken=abort"), None, "it died by a signal");
    assert_eq!(hand_in(""), Some(0));
    assert_eq!(ground.site.number("SELECT count(*) AS n FROM mail_reports"), 1, "taken in once");
    1
}

/// Somebody presses *Done*, the process dies after the commit and before the answer; pressing again gives the same completion.
async fn answered(ground: &Ground) -> BTreeSet<gaung::domain::id::AssignmentId> {
    let process = ground.start().env("GAUNG_FAULTS", "http.completion.committed=abort").serve(&["--no-jobs"]);
    let (client, mut tasks) = (client(), tasks(ground, 1));
    let (id, path) = tasks.remove(0);
    let nonce = open(&client, process.base(), &path).await.expect("the page");
    assert_eq!(press(&client, process.base(), &path, &nonce).await, super::people::Answer::None);
    died(Ok(process), "http.completion.committed");
    let completions = || ground.site.number("SELECT count(*) AS n FROM completions");
    assert_eq!(completions(), 1, "it was committed");
    let process = ground.start().serve(&["--no-jobs"]);
    assert_eq!(press(&client, process.base(), &path, &nonce).await, super::people::Answer::Done);
    assert_eq!(completions(), 1, "the same completion");
    BTreeSet::from([id])
}

/// Death while the database is brought to this version's form: the next start finds it as it was, or done.
pub async fn migrating(case: Case) -> Report {
    let database = TestDatabase::empty(case.engine);
    let dir = tempfile::tempdir().expect("a directory");
    let start = crate::support::process::gaung::Start::new(dir.path(), &database.url());
    let mut places = vec!["migrate.before"];
    if case.engine == crate::support::database::Engine::Postgres {
        places.push("migrate.locked");
    }
    for place in &places {
        let (code, said) = start.clone().env("GAUNG_FAULTS", &format!("{place}=abort")).run(&["migrate"]);
        assert_eq!(code, None, "{said}");
    }
    let began = Instant::now();
    let (code, said) = start.run(&["migrate"]);
    assert_eq!(code, Some(0), "{said}");
    let recovered = began.elapsed();
    let db = database.open(gaung::clock::SteadyClock::shared());
    assert_eq!(gaung::store::migrate::pending(&db).map_err(|e: StoreError| e.to_string()), Ok(0));
    Report { struck: places.len() as u64, recovered, ..Report::default() }
}
