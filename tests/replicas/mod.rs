//! Many real processes on one PostgreSQL: what is promised must hold whatever number of them runs, by whatever way they reach it,
//! while they come and go, and when the database itself moves.

mod failover;
mod many;
mod pooled;
mod rolling;
mod stop;
mod versions;

use std::time::Duration;

use chrono::TimeDelta;
use gaung::domain::id::WaveId;
use gaung::domain::kind::AccountKind;

use crate::support::campaigns::{Crowd, crowd, opinion_wave, released};
use crate::support::process::site::Site;

/// A stop in good order takes no longer.
const STOP: Duration = Duration::from_secs(25);

/// A released campaign whose wave opens in so many seconds for `n` people of a new unit.
async fn planned(site: &Site, n: usize, in_seconds: i64) -> Crowd {
    let world = &site.world;
    let unit = world.unit("REGU", Some(world.north.office));
    let people = crowd(world, unit, "regu", AccountKind::KolInternal, n);
    let mut wave = opinion_wave(site.now() + TimeDelta::seconds(in_seconds));
    wave.audience.units = vec![unit];
    let wave_id: WaveId = wave.id;
    let campaign_id = released(world, vec![wave]).await;
    Crowd { campaign_id, wave_id, people }
}
