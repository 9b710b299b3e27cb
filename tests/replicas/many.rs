//! Several `serve` and `worker` at once: each wave opened once, each mail sent once, each schedule fired once.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{TimeDelta, Timelike as _};
use gaung::domain::recurrence::MissedPolicy;
use gaung::domain::wave::WaveState;
use gaung::service::schedule::{self, NewSchedule};

use super::{STOP, planned};
use crate::support::campaigns::{mails, opinion_wave, released, wave_state};
use crate::support::database::Engine;
use crate::support::process::gaung::Start;
use crate::support::process::site::Site;
use crate::support::process::wait_until;

/// People asked by a wave: enough for every worker to get some.
const PEOPLE: usize = 400;
/// Small chunks and batches, so that many hands are at it.
const SMALL: [(&str, &str); 3] =
    [("GAUNG__CAMPAIGN__CHUNK_SIZE", "50"), ("GAUNG__MAIL__BATCH_SIZE", "20"), ("GAUNG__SERVER__DRAIN_S", "0")];

/// Two servers and two workers carry a dispatch from a planned wave to the last mail.
pub(super) async fn carry(site: &Site, start: &Start) {
    let wave = planned(site, PEOPLE, 4).await;
    let mut running = vec![start.serve(&[]), start.serve(&[]), start.worker(), start.worker()];
    wait_until(Duration::from_secs(40), "every mail is sent", || site.mails("sent") == PEOPLE as i64);
    assert_eq!(wave_state(site.world.app(), wave.wave_id), WaveState::Open);
    assert_eq!((site.sink.count(), mails(site.world.app(), wave.wave_id).len()), (PEOPLE, PEOPLE));
    let opened =
        "SELECT kind AS word, count(*) AS n FROM ledger_entries WHERE kind IN ('wave.opened', 'wave.filled') GROUP BY kind";
    let opened: BTreeMap<_, _> = site.counted(opened).into_iter().collect();
    assert!(opened.values().all(|n| *n == 1) && opened.len() == 2, "{opened:?}");
    for process in running.drain(..) {
        let ended = process.terminate();
        ended.in_order(STOP);
        assert!(!ended.log.contains("ERROR"), "{}", ended.log);
    }
    site.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_open_each_wave_once_and_send_each_mail_once() {
    let site = Site::fresh(Engine::Postgres, &SMALL);
    carry(&site, &site.start()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_that_was_missed_twelve_times_fires_twelve_times_in_all() {
    let site = Site::fresh(Engine::Postgres, &SMALL);
    let app = site.world.app();
    // Added three hours and a bit ago; due each quarter of an hour since.
    let now = site.now().with_second(0).unwrap().with_nanosecond(0).unwrap();
    let quarter = now - TimeDelta::minutes(i64::from(now.minute() % 15));
    site.world.test.clock.set(quarter - TimeDelta::minutes(12 * 15 - 1));
    let template = opinion_wave(site.world.app().clock.now() + TimeDelta::seconds(30));
    let campaign_id = released(&site.world, vec![template]).await;
    let new = NewSchedule {
        pattern: "*/15 * * * *".into(),
        zone: "Asia/Jakarta".into(),
        policy: MissedPolicy::All,
        grace_s: 4 * 3_600,
        ends_at: None,
    };
    let added = schedule::add(app, &site.world.lead, campaign_id, new).await.expect("a schedule");
    let first = added.next_due_at.expect("something is due");
    let due = (site.now() - first).num_minutes() / 15 + 1;
    assert!(due >= 11, "{due} due since {first}");
    let start = site.start();
    let running = [start.worker(), start.worker(), start.worker()];
    let occurrences = "SELECT count(*) AS n FROM occurrences";
    wait_until(Duration::from_secs(40), "every occurrence is dealt with", || site.number(occurrences) >= due);
    // Long enough for a second round of each.
    std::thread::sleep(Duration::from_millis(2_500));
    let due = (site.now() - first).num_minutes() / 15 + 1;
    assert_eq!(
        site.counted("SELECT outcome AS word, count(*) AS n FROM occurrences GROUP BY outcome"),
        [("fired".to_owned(), due)]
    );
    assert_eq!(site.number("SELECT count(*) AS n FROM campaigns WHERE schedule_id IS NOT NULL"), due);
    assert_eq!(site.number("SELECT count(DISTINCT planned_at) AS n FROM occurrences"), due);
    for process in running {
        process.terminate().in_order(STOP);
    }
    site.check();
}
