//! The cascade over time: each wave a horn, each echo a curve from what started it. Across on a wide screen, down on a phone.

use std::fmt::Write as _;

use askama::filters::{Html, escape};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::axis::{Axis, Tick};
use super::horn::{Horn, Way, echo};
use crate::domain::id::WaveId;
use crate::domain::wave::WaveState;
use crate::service::campaign::CascadeWave;

/// What the picture says in words, in the reader's language.
pub struct Words<'a> {
    /// The picture's name.
    pub title: String,
    /// What it shows, for those who don't see it.
    pub about: String,
    /// "now".
    pub now: String,
    /// A wave's heading: its layer and name.
    pub heading: &'a dyn Fn(&CascadeWave) -> String,
    /// A wave's layer in two or three letters.
    pub short: &'a dyn Fn(&CascadeWave) -> String,
    /// A wave's figures: "20 of 24".
    pub figures: &'a dyn Fn(&CascadeWave) -> String,
    /// A tick's label.
    pub tick: &'a dyn Fn(&Tick) -> String,
}

/// Height of a phone's picture, and the room for its headings.
const DOWN_HEIGHT: f64 = 460.0;
const DOWN_HEAD: f64 = 30.0;
/// The part of a phone's width, in thousandths, that the times take.
const DOWN_GUTTER: f64 = 150.0;

/// Both pictures, one for each way that a screen is held; style shows one. Nothing where no wave has a time.
#[must_use]
pub fn cascade(waves: &[CascadeWave], now: DateTime<Utc>, zone: Tz, words: &Words<'_>) -> String {
    let times = waves.iter().flat_map(|wave| wave.opens_at.into_iter().chain(wave.closes_at));
    let Some(axis) = Axis::over(times) else { return String::new() };
    let shown: Vec<&CascadeWave> = waves.iter().filter(|wave| wave.opens_at.is_some()).collect();
    let mut svg = across(&shown, &axis, now, zone, words);
    svg.push_str(&down(&shown, &axis, now, zone, words));
    svg
}

/// How wide a horn opens, 0 to 1: by the number asked, so that three and three thousand both show.
fn width(wave: &CascadeWave) -> f64 {
    let asked = f64::from(u32::try_from(wave.asked).unwrap_or(u32::MAX));
    if asked < 1.0 { 0.35 } else { (0.28 + asked.log10() * 0.24).min(1.0) }
}

fn safe(text: &str) -> String {
    escape(text, Html).map(|safe| safe.to_string()).unwrap_or_default()
}

/// The horns, echoes and what sounds in them, as shapes of a drawing that may be stretched.
fn shapes(waves: &[&CascadeWave], horns: &[Horn], axis: &Axis, now: DateTime<Utc>) -> String {
    let mut svg = String::new();
    let place = |id: WaveId| waves.iter().position(|wave| wave.id == id);
    for (wave, horn) in waves.iter().zip(horns) {
        if let Some((source, at)) = wave.from
            && let Some(from) = place(source).and_then(|i| horns.get(i))
        {
            let path = echo(horn.way, (axis.place(at), from.middle), (horn.from, horn.middle));
            let _ = write!(svg, r#"<path class="echo c{}" d="{path}" vector-effect="non-scaling-stroke"/>"#, wave.layer);
        }
    }
    for (wave, horn) in waves.iter().zip(horns) {
        let class = match wave.state {
            WaveState::Held => " held",
            WaveState::Planned => " planned",
            WaveState::Skipped | WaveState::Cancelled => " over",
            WaveState::Opening | WaveState::Open | WaveState::Closed => "",
        };
        let outline = horn.outline();
        let _ = write!(svg, r#"<path class="horn c{}{class}" d="{outline}" vector-effect="non-scaling-stroke"/>"#, wave.layer);
        if wave.pace.is_empty() || wave.asked < 1 {
            continue;
        }
        let share = |done: i64| {
            let part = f64::from(u32::try_from(done).unwrap_or_default());
            part / f64::from(u32::try_from(wave.asked).unwrap_or(u32::MAX))
        };
        let until = wave.closes_at.map_or(now, |end| end.min(now));
        let mut shares = vec![(horn.from, 0.0)];
        let mut last = 0.0;
        for (at, done) in &wave.pace {
            last = share(*done);
            shares.push((axis.place((*at).min(until)).max(horn.from), last));
        }
        shares.push((axis.place(until).max(horn.from), last));
        let _ = write!(svg, r#"<path class="sound c{}" d="{}"/>"#, wave.layer, horn.sound(&shares));
    }
    svg
}

fn head(svg: &mut String, class: &str, height: f64, words: &Words<'_>) {
    let (title, about) = (safe(&words.title), safe(&words.about));
    let _ =
        write!(svg, r#"<svg class="cascade {class}" width="100%" height="{height}" role="img" aria-label="{title}. {about}">"#);
}

fn across(waves: &[&CascadeWave], axis: &Axis, now: DateTime<Utc>, zone: Tz, words: &Words<'_>) -> String {
    let (top, label, gap) = (30.0, 24.0, 18.0);
    let mut horns = Vec::new();
    let mut y = top;
    let mut rows = Vec::new();
    for wave in waves {
        let bell = 9.0 + 27.0 * width(wave);
        rows.push(y + 16.0);
        let opens = wave.opens_at.map_or(0.0, |at| axis.place(at));
        let ends = wave.closes_at.map_or(1000.0, |at| axis.place(at));
        horns.push(Horn { way: Way::Across, from: opens, to: ends.max(opens + 3.0), middle: y + label + bell, bell });
        y += label + bell * 2.0 + gap;
    }
    let height = y + 26.0;
    let mut svg = String::with_capacity(8 * 1024);
    head(&mut svg, "across", height, words);
    for tick in axis.ticks(zone, 8) {
        let x = tick.at / 10.0;
        let day = if tick.midnight { " day" } else { "" };
        let _ = write!(svg, r#"<line class="grid{day}" x1="{x:.2}%" x2="{x:.2}%" y1="24" y2="{y:.0}"/>"#);
        let anchor = if x < 4.0 {
            "start"
        } else if x > 94.0 {
            "end"
        } else {
            "middle"
        };
        let text = safe(&(words.tick)(&tick));
        let _ = write!(svg, r#"<text class="tick" x="{x:.2}%" y="15" text-anchor="{anchor}">{text}</text>"#);
    }
    let inside = shapes(waves, &horns, axis, now);
    let _ = write!(
        svg,
        r#"<svg width="100%" height="{height:.0}" viewBox="0 0 1000 {height:.0}" preserveAspectRatio="none">{inside}</svg>"#
    );
    for ((wave, horn), row) in waves.iter().zip(&horns).zip(rows) {
        let (heading, figures) = (safe(&(words.heading)(wave)), safe(&(words.figures)(wave)));
        let _ = write!(svg, r#"<text class="lane c{}" x="0" y="{row:.0}">{heading}</text>"#, wave.layer);
        let _ = write!(svg, r#"<text class="figure" x="100%" y="{row:.0}" text-anchor="end">{figures}</text>"#);
        dots(&mut svg, wave, axis, |along| (format!("{:.2}%", along / 10.0), format!("{:.1}", horn.middle)));
    }
    if axis.holds(now) {
        let x = axis.place(now) / 10.0;
        // The label stays inside the picture at either end.
        let left = if x < 6.0 {
            0
        } else if x > 94.0 {
            -64
        } else {
            -32
        };
        let _ = write!(svg, r#"<line class="now" x1="{x:.2}%" x2="{x:.2}%" y1="22" y2="{y:.0}"/>"#);
        let _ = write!(
            svg,
            r#"<svg class="now-label" x="{x:.2}%" y="{y:.0}"><rect x="{left}" width="64" height="20" rx="10"/><text x="{}" y="14" text-anchor="middle">{}</text></svg>"#,
            left + 32,
            safe(&words.now)
        );
    }
    svg.push_str("</svg>");
    svg
}

fn down(waves: &[&CascadeWave], axis: &Axis, now: DateTime<Utc>, zone: Tz, words: &Words<'_>) -> String {
    let count = f64::from(u32::try_from(waves.len()).unwrap_or(1)).max(1.0);
    let column = (1000.0 - DOWN_GUTTER) / count;
    let scale = DOWN_HEIGHT / 1000.0;
    let mut horns = Vec::new();
    let mut middle = DOWN_GUTTER + column / 2.0;
    for wave in waves {
        let opens = wave.opens_at.map_or(0.0, |at| axis.place(at));
        let ends = wave.closes_at.map_or(1000.0, |at| axis.place(at));
        // One wave alone must not fill the screen.
        let bell = (column * (0.12 + 0.33 * width(wave))).min(150.0);
        horns.push(Horn { way: Way::Down, from: opens, to: ends.max(opens + 4.0), middle, bell });
        middle += column;
    }
    let height = DOWN_HEAD + DOWN_HEIGHT + 8.0;
    let mut svg = String::with_capacity(8 * 1024);
    head(&mut svg, "down", height, words);
    for tick in axis.ticks(zone, 7) {
        let y = DOWN_HEAD + tick.at * scale;
        let day = if tick.midnight { " day" } else { "" };
        let _ = write!(svg, r#"<line class="grid{day}" x1="{:.0}%" x2="100%" y1="{y:.1}" y2="{y:.1}"/>"#, DOWN_GUTTER / 10.0);
        // The label of now covers what lies under it.
        if axis.holds(now) && (axis.place(now) * scale + DOWN_HEAD - y).abs() < 22.0 {
            continue;
        }
        let _ = write!(svg, r#"<text class="tick" x="0" y="{:.1}">{}</text>"#, y + 4.0, safe(&(words.tick)(&tick)));
    }
    let inside = shapes(waves, &horns, axis, now);
    let _ = write!(
        svg,
        r#"<svg y="{DOWN_HEAD}" width="100%" height="{DOWN_HEIGHT}" viewBox="0 0 1000 1000" preserveAspectRatio="none">{inside}</svg>"#
    );
    for (wave, horn) in waves.iter().zip(&horns) {
        let x = horn.middle / 10.0;
        let short = safe(&(words.short)(wave));
        let _ = write!(svg, r#"<text class="lane c{}" x="{x:.2}%" y="16" text-anchor="middle">{short}</text>"#, wave.layer);
        dots(&mut svg, wave, axis, |along| (format!("{x:.2}%"), format!("{:.1}", DOWN_HEAD + along * scale)));
    }
    if axis.holds(now) {
        let y = DOWN_HEAD + axis.place(now) * scale;
        let _ = write!(svg, r#"<line class="now" x1="0" x2="100%" y1="{y:.1}" y2="{y:.1}"/>"#);
        let _ = write!(
            svg,
            r#"<svg class="now-label" x="0" y="{:.1}"><rect width="64" height="20" rx="10"/><text x="32" y="14" text-anchor="middle">{}</text></svg>"#,
            y - 10.0,
            safe(&words.now)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The mouth of a wave and its posts; at most sixty of them, which is as many as can be told apart.
fn dots(svg: &mut String, wave: &CascadeWave, axis: &Axis, at: impl Fn(f64) -> (String, String)) {
    let mut dot = |class: &str, instant: DateTime<Utc>, radius: f64| {
        let (x, y) = at(axis.place(instant));
        let _ = write!(svg, r#"<circle class="{class} c{}" cx="{x}" cy="{y}" r="{radius}"/>"#, wave.layer);
    };
    if let Some(opens) = wave.opens_at {
        dot(if wave.state == WaveState::Planned { "due" } else { "mouth" }, opens, 5.0);
    }
    for post in wave.posts.iter().take(60) {
        dot("post", *post, 3.5);
    }
}
