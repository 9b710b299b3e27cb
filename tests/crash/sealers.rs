//! Two that seal one log at once, killed again and again at any moment and at every step of sealing, while others write: whatever
//! anybody was shown, by the service or by the record beside the database, is of the one history that is left in the end.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gaung::app::App;
use gaung::domain::actor::Actor;
use gaung::domain::event::EventKind;
use gaung::ledger::checkpoint::Checkpoint;
use gaung::service::seal::{key, sweep};
use gaung::store::StoreError;
use gaung::store::tx::NewEntry;

use super::checker::{Report, nobody_panicked};
use super::ground::{Case, Dice, Ground};
use super::people::client;
use crate::support::database::Engine;
use crate::support::process::gaung::{Process, Start};

/// Where a process may be told to die, and after how often it came there at most.
const STEPS: [(&str, u64); 6] = [
    ("seal.before_number", 6),
    ("seal.numbered", 4),
    ("seal.before_sign", 6),
    ("seal.signed", 4),
    ("seal.committed", 4),
    ("store.commit.after", 20),
];

/// What was ever seen, by the text that was signed.
type Seen = BTreeMap<String, Vec<u8>>;

/// Two processes on PostgreSQL; on SQLite, whose file one process serves, that one and this test's own.
pub async fn two(case: Case) -> Report {
    let ground = Ground::new(case.engine, 5, &[]).await;
    let mut dice = case.dice();
    let app = ground.site.world.app();
    let stop = Arc::new(AtomicBool::new(false));
    let mut hands = vec![write(app, dice.next(), &stop), write(app, dice.next(), &stop)];
    if case.engine == Engine::Sqlite {
        hands.push(seal(app, dice.next(), &stop));
    }
    let processes = if case.engine == Engine::Postgres { 2 } else { 1 };
    let mut running: Vec<Option<Process>> = (0..processes).map(|_| None).collect();
    let (client, mut seen, mut struck) = (client(), Seen::new(), 0);
    let began = Instant::now();
    let (least_time, least_seen) = (case.size(Duration::from_millis(4_500), Duration::from_secs(40)), case.size(4, 20));
    // A machine that is busy with something else starts a process in seconds: it takes as long as it takes to have seen something.
    while began.elapsed() < least_time || (struck < 2 || seen.len() < least_seen) && began.elapsed() < least_time * 10 {
        for place in &mut running {
            // It came to the step that it was to die at, or never was.
            if place.as_mut().is_none_or(|process| !process.is_running()) {
                struck += u64::from(place.is_some());
                *place = start(&ground.start(), &mut dice);
            }
        }
        tokio::time::sleep(dice.millis(20, 250)).await;
        for process in running.iter().flatten() {
            if let Ok(shown) = client.get(format!("{}/ledger/checkpoint", process.base())).send().await
                && shown.status() == 200
                && let Ok(note) = shown.bytes().await
            {
                keep(&mut seen, note.to_vec());
            }
        }
        // The record is written before anybody sees what it names.
        keep(&mut seen, std::fs::read(app.config.ledger_record_file()).unwrap_or_default());
        if dice.between(0, 5) == 0 {
            let victim = dice.below(running.len());
            if let Some(process) = running[victim].take() {
                process.kill();
                struck += 1;
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    for hand in hands {
        tokio::task::spawn_blocking(move || hand.join().expect("nobody who writes or seals panics")).await.expect("it ends");
    }
    running.into_iter().flatten().for_each(|process| drop(process.kill()));
    let began = Instant::now();
    while sweep(app).await.expect("the last sweep").done > 0 {}
    assert_eq!(app.sealing.stop(), None, "sealing goes on after all of this");
    let recovered = began.elapsed();
    keep(&mut seen, std::fs::read(app.config.ledger_record_file()).expect("the record"));
    let log = gaung::service::seal::reconcile::reconcile(app, |_, _| ControlFlow::Continue(())).expect("the log is read");
    assert_eq!(log.finding, None);
    assert!(struck >= 2, "nothing was struck");
    assert!(seen.len() >= least_seen, "too little was seen: {}", seen.len());
    one_history(&ground, &seen);
    nobody_panicked(&ground);
    Report { struck, recovered, acknowledged: seen.len() as u64, ..Report::default() }
}

/// A process, which may be told to die at one of the steps.
fn start(start: &Start, dice: &mut Dice) -> Option<Process> {
    let (step, most) = STEPS[dice.below(STEPS.len())];
    let faults = match dice.between(0, 2) {
        0 => String::new(),
        _ => format!("{step}=abort@{}", dice.between(1, most)),
    };
    start.clone().env("GAUNG_FAULTS", &faults).try_spawn(&["serve", "--port", "0"]).ok()
}

fn keep(seen: &mut Seen, note: Vec<u8>) {
    if let Ok((checkpoint, _)) = Checkpoint::parse(&note) {
        seen.insert(checkpoint.text(), note);
    }
}

/// Somebody who writes: bursts of entries, by chance.
fn write(app: &App, seed: u64, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let (app, stop, mut dice) = (app.clone(), Arc::clone(stop), Dice::new(seed, b"write", 0));
    std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            let count = if dice.between(0, 9) == 0 { dice.between(100, 400) } else { dice.between(1, 12) };
            let written = app.db.write_blocking(Actor::System, |tx| {
                (0..count).for_each(|_| tx.record(NewEntry::new(EventKind::UserSignedIn)));
                Ok::<_, StoreError>(())
            });
            // SQLite's one writer may be busy for longer than anybody waits.
            assert!(matches!(written, Ok(()) | Err(StoreError::Busy)), "{written:?}");
            std::thread::sleep(dice.millis(1, 60));
        }
    })
}

/// Somebody else who seals, in this process.
fn seal(app: &App, seed: u64, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let (app, stop, mut dice) = (app.clone(), Arc::clone(stop), Dice::new(seed, b"seal", 0));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        while !stop.load(Ordering::Relaxed) {
            let swept = runtime.block_on(sweep(&app));
            assert!(swept.is_ok(), "{swept:?}");
            std::thread::sleep(dice.millis(1, 300));
        }
    })
}

/// The auditor's own command over an export, with everything that was ever seen.
#[track_caller]
fn one_history(ground: &Ground, seen: &Seen) {
    let dir = tempfile::tempdir().expect("a directory");
    let export = dir.path().join("export").display().to_string();
    let (code, said) = ground.start().run(&["ledger", "export", &export]);
    assert_eq!(code, Some(0), "{said}");
    let app = ground.site.world.app();
    let mut arguments = vec!["ledger".to_owned(), "verify".into(), export];
    for key in app.db.read_blocking(key::known).expect("the keys") {
        arguments.extend(["--vkey".into(), key.vkey]);
    }
    for (n, note) in seen.values().enumerate() {
        let path = dir.path().join(format!("kept-{n}"));
        std::fs::write(&path, note).expect("a file");
        arguments.extend(["--checkpoint".into(), path.display().to_string()]);
    }
    let verify = std::process::Command::new(env!("CARGO_BIN_EXE_gaung")).args(&arguments).env_clear().output().expect("it runs");
    let said = String::from_utf8_lossy(&[verify.stdout, verify.stderr].concat()).into_owned();
    assert_eq!(verify.status.code(), Some(0), "{said}");
    assert_eq!(said.matches(" fits: ").count(), seen.len(), "{said}");
}
