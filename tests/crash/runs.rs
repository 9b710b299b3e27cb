//! The short run of the suite, and the long one that prints a table.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::checker::Report;
use super::ground::{Case, Dice};
use super::{away, clocks, cosigning, disk, doubt, down, erasing, frozen, kills, points, sealers, together};
use crate::support::database::Engine::{self, Postgres, Sqlite};

/// A fault, the database it is for, and whether the short run has it.
struct Fault {
    name: &'static str,
    engine: Engine,
    short: bool,
    run: fn(Case) -> Running,
}

type Running = std::pin::Pin<Box<dyn Future<Output = Report>>>;

macro_rules! faults {
    ($($name:literal $engine:ident $short:literal $run:path),+ $(,)?) => {
        &[$(Fault { name: $name, engine: $engine, short: $short, run: |case| Box::pin($run(case)) }),+]
    };
}

/// The longest first, so that the short run ends soon.
const FAULTS: &[Fault] = faults!(
    "abort at each point" Postgres true points::points,
    "abort at each point" Sqlite true points::points,
    "black hole before the database" Postgres true away::black_hole,
    "clock a day ahead, an hour behind" Sqlite true clocks::jumps,
    "SIGKILL at random" Postgres true kills::kills,
    "SIGKILL at random" Sqlite true kills::kills,
    "two that seal, killed" Postgres true sealers::two,
    "two that seal, killed" Sqlite true sealers::two,
    "panic in a worker" Sqlite true doubt::panics,
    "database stopped hard" Postgres true away::stopped,
    "frozen past the lease" Postgres true frozen::frozen,
    "clock a day ahead, an hour behind" Postgres false clocks::jumps,
    "frozen past the lease" Sqlite false frozen::frozen,
    "replicas with wrong clocks" Postgres true clocks::skew,
    "SIGKILL under write" Sqlite true kills::writes,
    "disk full" Sqlite true disk::full,
    "down over twelve due times" Postgres true down::down,
    "down over twelve due times" Sqlite false down::down,
    "relay closes after the dot" Postgres false doubt::closes_after_the_dot,
    "relay closes after the dot" Sqlite true doubt::closes_after_the_dot,
    "panic in a worker" Postgres false doubt::panics,
    "fifty presses at once" Postgres true together::fifty,
    "fifty presses at once" Sqlite true together::fifty,
    "abort while erasing" Postgres true erasing::steps,
    "abort while erasing" Sqlite true erasing::steps,
    "abort while cosigning" Sqlite true cosigning::witness,
    "abort while migrating" Postgres true points::migrating,
    "abort while migrating" Sqlite true points::migrating,
);

impl Fault {
    fn title(&self) -> String {
        format!("{} ({})", self.name, if self.engine == Postgres { "PostgreSQL" } else { "SQLite" })
    }
    /// Runs in a thread of its own; an error is what broke.
    fn run(&self, seed: u64, long: bool) -> Result<Report, String> {
        let (run, case) = (self.run, Case { engine: self.engine, seed, long });
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
            runtime.block_on(run(case))
        });
        thread.join().map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            text.unwrap_or("a panic without words").chars().take(2_000).collect()
        })
    }
}

/// Faults of the short run that go on side by side.
const AT_ONCE: usize = 6;

/// Every kind of fault once, side by side where they don't disturb one another.
#[test]
fn short() {
    let seed = seed().unwrap_or_else(|| u64::from(std::process::id()));
    println!("seed {seed}");
    let waiting = Mutex::new(FAULTS.iter().filter(|fault| fault.short).collect::<Vec<_>>().into_iter());
    let broken = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("the faults that wait").next();
                    let Some(fault) = next else { break };
                    let began = Instant::now();
                    let ended = fault.run(seed, false);
                    println!("{}: {:.1} s, {ended:?}", fault.title(), began.elapsed().as_secs_f32());
                    match ended {
                        Ok(report) if report.lost + report.doubled == 0 => {}
                        other => broken.lock().expect("what broke").push(format!("{}: {other:?}", fault.title())),
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().expect("what broke");
    assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn seed() -> Option<u64> {
    number("GAUNG_CRASH_SEED")
}

/// What the rounds of one fault came to.
#[derive(Default)]
struct Line {
    rounds: u64,
    sum: Report,
    broken: Vec<String>,
}

/// Fault after fault for the minutes in `GAUNG_CRASH_MINUTES`, each round with a seed of its own; `GAUNG_CRASH_ONLY` names one of them,
/// and with `GAUNG_CRASH_ROUND` exactly that round is run.
#[test]
#[ignore = "./scripts/crash runs it for as long as it is told to"]
fn long() {
    let minutes = number("GAUNG_CRASH_MINUTES").unwrap_or(10);
    let seed = seed().unwrap_or(1);
    let only = std::env::var("GAUNG_CRASH_ONLY").unwrap_or_default();
    let round = number("GAUNG_CRASH_ROUND");
    let until = Instant::now() + Duration::from_secs(minutes * 60);
    let faults: Vec<&Fault> = FAULTS.iter().filter(|fault| fault.title().contains(&only)).collect();
    assert!(!faults.is_empty(), "no fault is called {only:?}");
    let mut table: BTreeMap<usize, Line> = BTreeMap::new();
    let first = round.unwrap_or(0);
    for n in first.. {
        for (place, fault) in faults.iter().enumerate() {
            if Instant::now() >= until && (n > first || round.is_some() || place > 0) {
                break;
            }
            let began = Instant::now();
            let ended = fault.run(Dice::new(seed, fault.title().as_bytes(), n).next(), true);
            let line = table.entry(place).or_default();
            line.rounds += 1;
            let mut broken = None;
            match ended {
                Ok(report) => {
                    if report.lost + report.doubled > 0 {
                        broken = Some(format!("{} lost, {} doubled", report.lost, report.doubled));
                    }
                    line.sum.add(&report);
                }
                Err(what) => broken = Some(what),
            }
            let title = fault.title();
            println!(
                "round {n}: {title}: {:.1} s{}",
                began.elapsed().as_secs_f32(),
                if broken.is_some() { ", BROKEN" } else { "" }
            );
            if let Some(what) = broken {
                println!("  {what}\n  again: ./scripts/crash --seed {seed} --only '{title}' --round {n}");
                line.broken.push(what);
            }
        }
        if Instant::now() >= until || round.is_some() {
            break;
        }
    }
    print_table(seed, &faults, &table);
    let broken = table.values().map(|line| line.broken.len()).sum::<usize>();
    assert_eq!(broken, 0, "promises were broken; see above");
}

fn print_table(seed: u64, faults: &[&Fault], table: &BTreeMap<usize, Line>) {
    println!("\nseed {seed}\n");
    println!("| fault | rounds | struck | lost | doubled | unknown | completions acknowledged | recovered within | broken |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (place, line) in table {
        let Some(fault) = faults.get(*place) else { continue };
        let Report { struck, lost, doubled, unknown, acknowledged, recovered } = &line.sum;
        println!(
            "| {} | {} | {struck} | {lost} | {doubled} | {unknown} | {acknowledged} | {:.1} s | {} |",
            fault.title(),
            line.rounds,
            recovered.as_secs_f32(),
            line.broken.len()
        );
    }
}
