//! A machine's clock jumps a day ahead and back, an hour back, or is wrong from the start: nothing early, nothing twice, nothing
//! silenced, and an alarm.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use gaung::domain::id::WaveId;
use gaung::domain::recurrence::MissedPolicy;
use gaung::domain::wave::WaveState;

use super::checker::{Report, check, nobody_panicked};
use super::down::{hourly, outcomes};
use super::ground::{Case, Ground, due_wave, wave_at};
use crate::support::campaigns::{mail_states, wave_state};
use crate::support::database::Engine;
use crate::support::process::gaung::{Process, Start};
use crate::support::process::wait_until;

/// How long a clock must have run evenly before it is trusted again, in these runs.
const SETTLE: (&str, &str) = ("GAUNG__SERVER__CLOCK_SETTLE_S", "6");

/// A clock that the test moves.
struct Fake {
    file: PathBuf,
    preload: PathBuf,
}

impl Fake {
    /// `None`, with the reason printed, where libfaketime is not installed.
    fn find(dir: &Path) -> Option<Self> {
        let preload = ["x86_64", "aarch64"]
            .map(|machine| PathBuf::from(format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketimeMT.so.1")))
            .into_iter()
            .find(|path| path.exists());
        if preload.is_none() {
            println!("clocks: skipped, libfaketime is not installed (Debian: faketime)");
        }
        let fake = Self { file: dir.join("clock"), preload: preload? };
        fake.set(0);
        Some(fake)
    }
    /// So many seconds ahead of the truth from here on.
    fn set(&self, ahead_s: i64) {
        let next = self.file.with_extension("next");
        std::fs::write(&next, format!("{ahead_s:+}\n")).expect("the clock's file");
        std::fs::rename(&next, &self.file).expect("the clock's file");
    }
    fn wound(&self, start: Start) -> Start {
        start
            .env("LD_PRELOAD", &self.preload.to_string_lossy())
            .env("FAKETIME_TIMESTAMP_FILE", &self.file.to_string_lossy())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1")
    }
}

/// What must not happen before its time: a wave in two hours, one in a day and a half, a schedule's next hour.
struct Later {
    waves: Vec<WaveId>,
    schedule: gaung::domain::id::ScheduleId,
    before: usize,
}

impl Later {
    async fn new(ground: &Ground) -> Self {
        let mut waves = Vec::new();
        for (tag, ahead) in [("nanti", TimeDelta::hours(2)), ("lusa", TimeDelta::hours(36)), ("segera", TimeDelta::minutes(50))] {
            waves.push(wave_at(&ground.site, tag, 5, ahead).await);
        }
        let schedule = hourly(&ground.site, MissedPolicy::Latest, TimeDelta::minutes(70)).await;
        Self { waves, schedule, before: 0 }
    }
    #[track_caller]
    fn untouched(&self, ground: &Ground, when: &str) {
        for wave in &self.waves {
            let state = wave_state(ground.site.world.app(), *wave);
            assert_eq!(state, WaveState::Planned, "{when}: a wave that is not due");
        }
        let now = ground.site.now();
        let early: Vec<_> = outcomes(&ground.site, self.schedule).into_iter().filter(|(at, _)| *at > now).collect();
        assert!(early.is_empty(), "{when}: {early:?} at {now}");
    }
}

/// The clock jumps and comes back, twice.
pub async fn jumps(case: Case) -> Report {
    let ground = Ground::new(case.engine, 60, &[SETTLE]).await;
    let Some(fake) = Fake::find(ground.site.world.test.dir.path()) else { return Report::default() };
    let mut later = Later::new(&ground).await;
    let process = fake.wound(ground.start()).serve(&[]);
    ground.settle(Duration::from_secs(60));
    wait_until(Duration::from_secs(20), "the schedule's last hour", || !outcomes(&ground.site, later.schedule).is_empty());
    later.before = outcomes(&ground.site, later.schedule).len();
    let mut recovered = Duration::ZERO;
    let mut struck = 0;
    let mut tag = 0;
    for ahead in [86_400, -3_600] {
        fake.set(ahead);
        std::thread::sleep(Duration::from_secs(4));
        later.untouched(&ground, "while the clock is wrong");
        fake.set(0);
        struck += 2;
        let began = Instant::now();
        tag += 1;
        let wave = due_wave(&ground.site, &format!("kini{tag}"), 5).await;
        sent(&ground, wave, &process);
        recovered = recovered.max(began.elapsed());
        later.untouched(&ground, "after the clock came back");
    }
    assert!(process.log().matches("the clock").count() >= 2, "an alarm is in the log: {}", process.log());
    assert!(ground.site.sink.doubled().is_empty());
    let report = check(&ground, &BTreeSet::new());
    nobody_panicked(&ground);
    Report { struck, recovered, ..report }
}

#[track_caller]
fn sent(ground: &Ground, wave: WaveId, process: &Process) {
    let began = Instant::now();
    while mail_states(ground.site.world.app(), wave) != [(gaung::domain::outbox::MailState::Sent, 5)] {
        assert!(began.elapsed() < Duration::from_secs(40), "it fell silent: {}", process.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Replicas whose clocks differ: one an hour ahead, one an hour behind, one right. Only the right one does what is due.
pub async fn skew(_: Case) -> Report {
    let ground = Ground::new(Engine::Postgres, 60, &[SETTLE]).await;
    let dir = ground.site.world.test.dir.path();
    let Some(ahead) = Fake::find(dir) else { return Report::default() };
    let later = Later::new(&ground).await;
    ahead.set(3_600);
    let fast = ahead.wound(ground.start()).serve(&[]);
    let behind = Fake { file: dir.join("clock-behind"), preload: ahead.preload.clone() };
    behind.set(-3_600);
    let slow = behind.wound(ground.start()).serve(&[]);
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(ground.ended(), 0, "neither of them does what its clock says");
    later.untouched(&ground, "with wrong clocks alone");
    let right = ground.start().serve(&[]);
    let recovered = ground.settle(Duration::from_secs(60));
    later.untouched(&ground, "with a right clock beside wrong ones");
    for wrong in [&fast, &slow] {
        assert!(wrong.log().contains("the clock"), "an alarm is in the log: {}", wrong.log());
    }
    drop(right);
    let report = check(&ground, &BTreeSet::new());
    nobody_panicked(&ground);
    Report { struck: 2, recovered, ..report }
}
