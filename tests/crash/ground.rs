//! What every fault strikes: an institution with a due wave, its mail server, its processes; and dice that fall the same for the same seed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use gaung::domain::id::WaveId;
use gaung::domain::kind::AccountKind;

use crate::support::campaigns::{crowd, opinion_wave, released};
use crate::support::database::{Engine, TestDatabase};
use crate::support::process::gaung::{Process, Start};
use crate::support::process::site::Site;

/// A claim's lease in these runs, in seconds: short, so that a fault and its end are seen within seconds.
pub const LEASE_S: u64 = 6;

/// One round of one fault.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub engine: Engine,
    pub seed: u64,
    /// Whether there is time for many.
    pub long: bool,
}

impl Case {
    /// One number for a short run, another for a long one.
    pub const fn size<T: Copy>(&self, short: T, long: T) -> T {
        if self.long { long } else { short }
    }
    pub const fn dice(&self) -> Dice {
        Dice(self.seed)
    }
}

/// Numbers by chance, the same for the same seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// For one round of one fault.
    pub fn new(seed: u64, fault: &[u8], round: u64) -> Self {
        let named =
            fault.iter().fold(0xCBF2_9CE4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3));
        Self(seed.wrapping_mul(0x9E37_79B9).wrapping_add(named).wrapping_add(round.wrapping_mul(0xD1B5_4A32)))
    }
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let n = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        n ^ (n >> 31)
    }
    /// From `least` to `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }
    pub fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.between(least, most))
    }
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).expect("a small number")
    }
}

/// A site with one wave that is due for so many people.
pub struct Ground {
    pub site: Site,
    pub wave: WaveId,
    pub people: usize,
}

/// The settings of these runs, and `more`, which win.
pub fn settings<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("GAUNG__MAIL__LEASE_S", "6"),
        ("GAUNG__MAIL__BATCH_SIZE", "100"),
        ("GAUNG__MAIL__SMTP__TIMEOUT_S", "2"),
        ("GAUNG__MAIL__SMTP__DATA_TIMEOUT_S", "4"),
        ("GAUNG__CAMPAIGN__CHUNK_SIZE", "100"),
        ("GAUNG__CAMPAIGN__SUSPECTED_AUTOMATION_S", "0"),
        ("GAUNG__DATABASE__POOL_SIZE", "6"),
        ("GAUNG__SERVER__WORKERS", "2"),
    ];
    all.retain(|(key, _)| more.iter().all(|(other, _)| other != key));
    all.extend_from_slice(more);
    all
}

impl Ground {
    /// On a fresh database.
    pub async fn new(engine: Engine, people: usize, more: &[(&str, &str)]) -> Self {
        Self::on(TestDatabase::fresh(engine), people, more).await
    }
    /// On a migrated database of the caller's.
    pub async fn on(database: TestDatabase, people: usize, more: &[(&str, &str)]) -> Self {
        let site = Site::on(database, &settings(more));
        let wave = due_wave(&site, "massa", people).await;
        Self { site, wave, people }
    }
    /// This build's processes; another's where `GAUNG_CRASH_PROGRAM` names its binary, to compare the two.
    pub fn start(&self) -> Start {
        let start = self.site.start();
        match std::env::var_os("GAUNG_CRASH_PROGRAM") {
            Some(program) => start.program(program.as_ref()),
            None => start,
        }
    }
    /// Mails of the wave in these states.
    pub fn mails(&self, states: &str) -> i64 {
        self.site.number(&format!(
            "SELECT count(*) AS n FROM outbox WHERE kind = 'task' AND wave_id = {} AND state IN ({states})",
            literal(self.site.world.app().db.is_sqlite(), self.wave)
        ))
    }
    /// Mails of the wave that have come to an end.
    pub fn ended(&self) -> i64 {
        self.mails("'sent', 'failed', 'suppressed', 'unknown', 'cancelled'")
    }
    /// Waits until every mail of the wave has come to an end; how long that took.
    #[track_caller]
    pub fn settle(&self, limit: Duration) -> Duration {
        let began = Instant::now();
        let all = i64::try_from(self.people).expect("few");
        while self.ended() < all {
            let states = self.site.counted("SELECT state AS word, count(*) AS n FROM outbox GROUP BY state");
            assert!(
                began.elapsed() < limit,
                "after {limit:?} still {states:?} of {all}; the sink took {}",
                self.site.sink.count()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        began.elapsed()
    }
    /// Waits until the sink has taken so many.
    #[track_caller]
    pub fn taken(&self, count: usize) {
        let began = Instant::now();
        while self.site.sink.count() < count {
            let states = self.site.counted("SELECT state AS word, count(*) AS n FROM outbox GROUP BY state");
            assert!(began.elapsed() < Duration::from_secs(60), "the sink took {} of {count}: {states:?}", self.site.sink.count());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A wave for `people` new people that was due a minute ago, released before.
pub async fn due_wave(site: &Site, tag: &str, people: usize) -> WaveId {
    wave_at(site, tag, people, TimeDelta::minutes(-1)).await
}

/// A wave for new people that opens so long from now.
pub async fn wave_at(site: &Site, tag: &str, people: usize, from_now: TimeDelta) -> WaveId {
    static CODES: AtomicU32 = AtomicU32::new(0);
    let now = site.now();
    let opens = now + from_now;
    site.world.test.clock.set(now.min(opens - TimeDelta::minutes(1)));
    let world = &site.world;
    let unit = world.unit(&format!("REGU-{}", CODES.fetch_add(1, Ordering::Relaxed)), Some(world.north.office));
    crowd(world, unit, tag, AccountKind::KolInternal, people);
    let mut plan = opinion_wave(opens);
    plan.audience.units = vec![unit];
    let id = plan.id;
    released(world, vec![plan]).await;
    site.now();
    id
}

/// An id as a statement of this database has it.
pub fn literal(sqlite: bool, id: WaveId) -> String {
    let hex = id.uuid().simple().to_string();
    if sqlite { format!("x'{hex}'") } else { format!("'{hex}'") }
}

/// Processes that are started again when they are killed.
pub struct Fleet {
    start: Start,
    arguments: &'static [&'static str],
    pub running: Vec<Process>,
}

impl Fleet {
    /// So many `gaung serve`, each with its own scheduler and mail.
    pub fn serve(start: Start, count: usize) -> Self {
        let running = (0..count).map(|_| start.serve(&[])).collect();
        Self { start, arguments: &["serve", "--port", "0"], running }
    }
    pub fn bases(&self) -> Vec<String> {
        self.running.iter().map(|process| process.base().to_owned()).collect()
    }
    /// SIGKILL for one.
    pub fn kill(&mut self, number: usize) {
        self.running.remove(number).kill();
    }
    /// One more.
    pub fn add(&mut self) {
        self.running.push(self.start.spawn(self.arguments));
    }
}
