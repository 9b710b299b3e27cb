//! SIGTERM in the middle of a dispatch: the end comes in time, nothing is lost, and nothing is in doubt that need not be.

use std::time::Duration;

use super::{STOP, planned};
use crate::support::campaigns::mails;
use crate::support::database::Engine;
use crate::support::process::site::Site;
use crate::support::process::wait_until;

async fn a_slow_relay_holds_up_no_stop_and_puts_no_mail_in_doubt(engine: Engine) {
    let site = Site::fresh(engine, &[("GAUNG__MAIL__BATCH_SIZE", "20"), ("GAUNG__SERVER__DRAIN_S", "0")]);
    let n = 100;
    let wave = site.opened("regu", n).await;
    // Each message takes two seconds: what is in a worker's hands would take half a minute and more.
    site.sink.slow(Duration::from_secs(2));
    let worker = site.start().worker();
    wait_until(Duration::from_secs(20), "some mail is sent", || site.sink.count() >= 2);
    let ended = worker.terminate();
    ended.in_order(Duration::from_secs(8));
    let at_stop = site.sink.count();
    assert!(at_stop < n / 2, "it was told to stop in the middle, not at the end: {at_stop}");
    assert_eq!((site.mails("sending"), site.mails("unknown")), (0, 0), "{}", ended.log);
    assert_eq!(site.mails("sent"), at_stop as i64, "what the relay took is known");
    assert_eq!(site.mails("pending"), (n - at_stop) as i64, "the rest waits, and nobody's attempts or back-off count");
    site.check();
    // Whoever comes next finds everything.
    site.sink.fast();
    let worker = site.start().worker();
    wait_until(Duration::from_secs(30), "the rest is sent", || site.mails("sent") == n as i64);
    worker.terminate().in_order(STOP);
    assert_eq!((site.sink.count(), mails(site.world.app(), wave.wave_id).len()), (n, n));
    site.check();
}

async fn a_wave_that_is_being_filled_waits_for_the_next_process(engine: Engine) {
    let site = Site::fresh(engine, &[("GAUNG__CAMPAIGN__CHUNK_SIZE", "5"), ("GAUNG__SERVER__DRAIN_S", "0")]);
    let n = 600;
    let wave = planned(&site, n, 1).await;
    let slow = site.start().env("GAUNG_FAULTS", "fanout.chunk.assigned=sleep:100");
    let worker = slow.worker();
    let made = |site: &Site| site.number("SELECT count(*) AS n FROM assignments");
    wait_until(Duration::from_secs(20), "the wave is being filled", || made(&site) > 0);
    worker.terminate().in_order(Duration::from_secs(5));
    let so_far = made(&site);
    assert!(so_far > 0 && so_far < n as i64, "it stopped in the middle: {so_far}");
    site.check();
    let worker = site.start().worker();
    wait_until(Duration::from_secs(40), "every mail is sent", || site.mails("sent") == n as i64);
    worker.terminate().in_order(STOP);
    assert_eq!(mails(site.world.app(), wave.wave_id).len(), n);
    site.check();
}

on_both!(a_slow_relay_holds_up_no_stop_and_puts_no_mail_in_doubt, a_wave_that_is_being_filled_waits_for_the_next_process,);
