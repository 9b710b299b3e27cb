//! Every component in every state, on one page: for whoever builds pages, in debug builds, and for admins.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::campaign::picture;
use super::page;
use crate::domain::id::WaveId;
use crate::domain::role::Act;
use crate::domain::wave::WaveState;
use crate::service::campaign::CascadeWave;
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::faults::Faults;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/design.html")]
struct DesignPage {
    none: Faults,
    faults: Faults,
    picture: String,
    curve: String,
    v: View,
}

/// A cascade in which every state of a wave occurs, around `now`.
fn sample(now: DateTime<Utc>) -> Vec<CascadeWave> {
    let hour = |hours: i64| now + TimeDelta::hours(hours);
    let wave = |layer: i16, state: WaveState, (from, to): (i64, i64), asked: i64| CascadeWave {
        id: WaveId::new(),
        name: state.to_string(),
        layer,
        state,
        opens_at: Some(hour(from)),
        closes_at: Some(hour(to)),
        estimated: state == WaveState::Planned,
        from: None,
        asked,
        done: (asked >= 5 && state != WaveState::Planned).then_some(asked * 7 / 10),
        pace: Vec::new(),
        posts: Vec::new(),
    };
    let pace = |asked: i64| (0..8).map(|i| (hour(i - 8), asked * 7 / 10 * (i + 1) / 8)).collect::<Vec<_>>();
    let mut waves = vec![
        wave(0, WaveState::Closed, (-12, -4), 8),
        wave(1, WaveState::Open, (-10, 8), 24),
        wave(2, WaveState::Held, (-6, 6), 0),
        wave(2, WaveState::Skipped, (-5, 5), 0),
        wave(3, WaveState::Open, (-8, 16), 1_180),
        wave(3, WaveState::Planned, (6, 24), 0),
    ];
    let first = waves.first().map(|wave| wave.id);
    for wave in &mut waves {
        if wave.done.is_some() {
            wave.pace = pace(wave.asked);
        }
        if wave.layer > 0 {
            wave.from = first.map(|id| (id, hour(-12)));
        } else {
            wave.posts = vec![hour(-11), hour(-9)];
        }
    }
    waves
}

/// The page.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] in a release build for all but admins.
pub async fn show(req: HttpRequest, signed: Signed) -> Result<HttpResponse, Failure> {
    if !cfg!(debug_assertions) {
        signed.caller.reach(Act::ManageUsers)?;
    }
    let v = View::of_user(&req, &signed);
    let waves = sample(v.now);
    page(&DesignPage {
        none: Faults::default(),
        faults: Faults::one("design-wrong", v.s("design-fault")),
        picture: picture::cascade_of(&v, &waves),
        curve: picture::curve_of(&v, &waves),
        v,
    })
}
