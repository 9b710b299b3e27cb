//! What adds up over time, one band a layer on top of the other.

use std::fmt::Write as _;

use askama::filters::{Html, escape};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::axis::{Axis, Tick};

/// A band: what adds up, by time.
pub struct Band {
    /// The layer, for its colour.
    pub layer: i16,
    /// Its name.
    pub label: String,
    /// The sum by each instant, in order.
    pub sums: Vec<(DateTime<Utc>, i64)>,
}

impl Band {
    /// The sum at an instant.
    fn at(&self, instant: DateTime<Utc>) -> i64 {
        self.sums.iter().take_while(|(at, _)| *at <= instant).last().map_or(0, |(_, sum)| *sum)
    }
}

/// The plot within the drawing, in percent.
const LEFT: f64 = 8.0;
const RIGHT: f64 = 78.0;
const TOP: f64 = 4.0;
const BOTTOM: f64 = 88.0;

/// A round number at or above `most` that divides by four.
fn ceiling(most: i64) -> i64 {
    let mut step = 1;
    loop {
        for times in [4, 8, 12, 16, 20, 40] {
            if step * times >= most {
                return step * times;
            }
        }
        step *= 10;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of people")]
fn real(n: i64) -> f64 {
    n as f64
}

/// The chart; nothing without two instants.
#[must_use]
pub fn area(bands: &[Band], zone: Tz, label: &str, tick: &dyn Fn(&Tick) -> String, num: &dyn Fn(i64) -> String) -> String {
    let mut instants: Vec<DateTime<Utc>> = bands.iter().flat_map(|band| band.sums.iter().map(|(at, _)| *at)).collect();
    instants.sort_unstable();
    instants.dedup();
    let Some(axis) = Axis::over(instants.iter().copied()) else { return String::new() };
    let most = instants.iter().map(|at| bands.iter().map(|band| band.at(*at)).sum::<i64>()).max().unwrap_or(0);
    let plot = Plot { axis, top: ceiling(most.max(1)), instants };
    let mut svg = String::with_capacity(4 * 1024);
    let _ = write!(svg, r#"<svg class="area" width="100%" height="260" role="img" aria-label="{}">"#, safe(label));
    plot.scale(&mut svg, zone, tick, num);
    plot.bands(&mut svg, bands, num);
    svg.push_str("</svg>");
    svg
}

fn safe(text: &str) -> String {
    escape(text, Html).map(|safe| safe.to_string()).unwrap_or_default()
}

/// Where things lie.
struct Plot {
    axis: Axis,
    top: i64,
    instants: Vec<DateTime<Utc>>,
}

impl Plot {
    /// The height of a value, in percent of the drawing.
    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * value / real(self.top)
    }
    /// The lines, the values beside them, and the times below.
    fn scale(&self, svg: &mut String, zone: Tz, tick: &dyn Fn(&Tick) -> String, num: &dyn Fn(i64) -> String) {
        for quarter in 0..=4 {
            let value = self.top * quarter / 4;
            let at = self.y(real(value));
            let _ = write!(svg, r#"<line class="grid" x1="{LEFT}%" x2="{RIGHT}%" y1="{at:.2}%" y2="{at:.2}%"/>"#);
            let (x, text) = (LEFT - 1.0, safe(&num(value)));
            let _ = write!(svg, r#"<text class="tick" x="{x}%" y="{at:.2}%" dy="4" text-anchor="end">{text}</text>"#);
        }
        for mark in self.axis.ticks(zone, 5) {
            let at = LEFT + (RIGHT - LEFT) * mark.at / 1000.0;
            let _ = write!(svg, r#"<text class="tick" x="{at:.2}%" y="98%" text-anchor="middle">{}</text>"#, safe(&tick(&mark)));
        }
    }
    /// Each band on top of the one before, and its name beside it.
    fn bands(&self, svg: &mut String, bands: &[Band], num: &dyn Fn(i64) -> String) {
        let (mut base, mut names, mut lowest) = (vec![0_i64; self.instants.len()], String::new(), f64::MAX);
        let (width, high) = (RIGHT - LEFT, BOTTOM - TOP);
        let _ = write!(
            svg,
            r#"<svg x="{LEFT}%" y="{TOP}%" width="{width}%" height="{high}%" viewBox="0 0 1000 1000" preserveAspectRatio="none">"#
        );
        for band in bands {
            let upper: Vec<i64> = self.instants.iter().zip(&base).map(|(at, below)| below + band.at(*at)).collect();
            let line = self.path(&upper, 'M', false);
            let fill = format!("{line}{}Z", self.path(&base, 'L', true));
            let layer = band.layer;
            let _ = write!(svg, r#"<path class="fill c{layer}" d="{fill}"/>"#);
            let _ = write!(svg, r#"<path class="edge c{layer}" d="{line}" vector-effect="non-scaling-stroke"/>"#);
            let (below, above) = (base.last().copied().unwrap_or(0), upper.last().copied().unwrap_or(0));
            // Beside the band's middle, but never on top of the name below it.
            let middle = self.y(real(below + above) / 2.0).min(lowest - 8.0);
            lowest = middle;
            let (x, text) = (RIGHT + 1.5, safe(&format!("{} {}", band.label, num(above - below))));
            let _ = write!(names, r#"<text class="name c{layer}" x="{x}%" y="{middle:.2}%" dy="4">{text}</text>"#);
            base = upper;
        }
        svg.push_str("</svg>");
        svg.push_str(&names);
    }
    /// The values as a line, there or back.
    fn path(&self, values: &[i64], first: char, back: bool) -> String {
        let mut points: Vec<(f64, f64)> = self
            .instants
            .iter()
            .zip(values)
            .map(|(at, value)| (self.axis.place(*at), 1000.0 - 1000.0 * real(*value) / real(self.top)))
            .collect();
        if back {
            points.reverse();
        }
        let mut path = String::new();
        for (i, (x, y)) in points.into_iter().enumerate() {
            let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { first } else { 'L' });
        }
        path
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_scale_ends_on_a_round_number() {
        assert_eq!([1, 4, 5, 9, 21, 100, 842].map(ceiling), [4, 4, 8, 12, 40, 120, 1200]);
    }

    #[test]
    fn bands_stand_on_each_other() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let sums = |a, b| vec![(at("2026-11-24T01:00:00Z"), a), (at("2026-11-24T02:00:00Z"), b)];
        let bands = [
            Band { layer: 3, label: "<Staff>".into(), sums: sums(1, 3) },
            Band { layer: 2, label: "Desk".into(), sums: sums(0, 1) },
        ];
        let svg = area(&bands, Tz::UTC, "x", &|_| String::new(), &|n| n.to_string());
        assert!(svg.contains("&#60;Staff&#62; 3") && svg.contains("Desk 1"), "{svg}");
        // 3 of 4 and 4 of 4: the second band's edge ends at the top.
        assert!(svg.contains(" 250.0\"") && svg.contains(" 0.0\""), "{svg}");
        assert_eq!(area(&[], Tz::UTC, "x", &|_| String::new(), &|n| n.to_string()), "");
    }
}
