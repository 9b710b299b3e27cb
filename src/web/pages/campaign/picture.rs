//! A campaign's two pictures in the reader's words: the cascade over time, and what was done, adding up.

use chrono::{DateTime, Timelike, Utc};

use crate::service::campaign::CascadeWave;
use crate::web::chart::{self, Band, Tick, Words};
use crate::web::view::View;
use crate::web::when;

/// A tick as people read it: the day where one begins, else the hour.
fn tick(v: &View, mark: &Tick) -> String {
    if mark.midnight { when::day(v.locale, mark.instant, v.zone) } else { when::hour(v.locale, mark.instant, v.zone) }
}

/// What a wave's figures say: "20 of 24 done", or less where less may be said.
#[must_use]
pub fn figures(v: &View, wave: &CascadeWave) -> String {
    match wave.done {
        Some(done) if wave.asked > 0 => format!("{} {}", v.num(&done), v.a("wave-of", "n", v.num(&wave.asked))),
        None if wave.asked > 0 => format!("{} {}", v.s("wave-asked"), v.num(&wave.asked)),
        _ => match wave.opens_at {
            Some(at) if wave.estimated => format!("{} {}", v.s("cascade-about"), v.away(&at)),
            Some(at) if at > v.now => v.away(&at),
            _ => v.word("wave-state", wave.state),
        },
    }
}

/// The cascade; nothing where no wave has a time.
#[must_use]
pub fn cascade_of(v: &View, waves: &[CascadeWave]) -> String {
    let words = Words {
        title: v.s("cascade"),
        about: v.s("cascade-about-picture"),
        now: v.s("cascade-now"),
        heading: &|wave| format!("{} · {}", v.a("layer", "n", wave.layer), wave.name),
        short: &|wave| format!("L{}", wave.layer),
        figures: &|wave| figures(v, wave),
        tick: &|mark| tick(v, mark),
    };
    chart::cascade(waves, v.now, v.zone, &words)
}

/// What was done by layer, adding up; nothing before anything was done.
#[must_use]
pub fn curve_of(v: &View, waves: &[CascadeWave]) -> String {
    let mut bands = Vec::new();
    // The widest layer lies at the bottom.
    for layer in (0..=3_i16).rev() {
        let of_layer: Vec<&CascadeWave> = waves.iter().filter(|wave| wave.layer == layer && !wave.pace.is_empty()).collect();
        if of_layer.is_empty() {
            continue;
        }
        let mut instants: Vec<DateTime<Utc>> = of_layer.iter().flat_map(|wave| wave.pace.iter().map(|(at, _)| *at)).collect();
        instants.extend(of_layer.iter().filter_map(|wave| wave.opens_at));
        instants.sort_unstable();
        instants.dedup();
        let by = |wave: &CascadeWave, at: DateTime<Utc>| {
            wave.pace.iter().take_while(|(then, _)| *then <= at).last().map_or(0, |(_, sum)| *sum)
        };
        let sums = instants.into_iter().map(|at| (at.with_nanosecond(0).unwrap_or(at), of_layer.iter().map(|w| by(w, at)).sum()));
        bands.push(Band { layer, label: v.s(&format!("layer-short-{layer}")), sums: sums.collect() });
    }
    chart::area(&bands, v.zone, &v.s("curve-about"), &|mark| tick(v, mark), &|n| v.num(&n))
}
