//! Several `serve` and `worker` at once: each wave opened once, each mail sent once.

use std::time::Duration;

use chrono::TimeDelta;
use gaung::domain::kind::AccountKind;

use crate::support::campaigns::{crowd, mails, opinion_wave, released, wave_state};
use crate::support::database::Engine;
use crate::support::process::site::Site;
use crate::support::process::wait_until;

/// People asked by a wave: enough for every worker to get some.
const PEOPLE: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_open_each_wave_once_and_send_each_mail_once() {
    let site = Site::fresh(Engine::Postgres, &[("GAUNG__CAMPAIGN__CHUNK_SIZE", "50"), ("GAUNG__MAIL__BATCH_SIZE", "20")]);
    let world = &site.world;
    let unit = world.unit("REGU", Some(world.north.office));
    crowd(world, unit, "regu", AccountKind::KolInternal, PEOPLE);
    let mut wave = opinion_wave(site.now() + TimeDelta::seconds(4));
    wave.audience.units = vec![unit];
    let wave_id = wave.id;
    released(world, vec![wave]).await;
    let start = site.start();
    let mut running = vec![start.serve(&[]), start.serve(&[]), start.worker(), start.worker()];
    wait_until(Duration::from_secs(40), "every mail is sent", || site.mails("sent") == PEOPLE as i64);
    assert_eq!(wave_state(world.app(), wave_id), gaung::domain::wave::WaveState::Open);
    assert_eq!((site.sink.count(), mails(world.app(), wave_id).len()), (PEOPLE, PEOPLE));
    for process in running.drain(..) {
        process.terminate().in_order(Duration::from_secs(25));
    }
    site.check();
}
