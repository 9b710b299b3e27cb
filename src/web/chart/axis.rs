//! The line of time of a chart: from when to when, and where its ticks fall on the reader's wall.

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::domain::zone::resolve_local;

/// The steps between ticks, in minutes: what people divide a clock and a calendar by.
const STEPS_MIN: [i64; 11] = [5, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080];

/// A stretch of time.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// A tick: where it is, in thousandths of the axis, and whether a day begins there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// Thousandths of the axis.
    pub at: f64,
    /// The instant.
    pub instant: DateTime<Utc>,
    /// Whether it is midnight on the reader's wall.
    pub midnight: bool,
}

impl Axis {
    /// The stretch over all instants, with a little room; none without two different instants.
    #[must_use]
    pub fn over(instants: impl IntoIterator<Item = DateTime<Utc>>) -> Option<Self> {
        let mut bounds: Option<(DateTime<Utc>, DateTime<Utc>)> = None;
        for at in instants {
            bounds = Some(bounds.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
        }
        let (from, to) = bounds?;
        let room = ((to - from) / 50).max(TimeDelta::minutes(1));
        (to > from).then_some(Self { from: from - room, to: to + room })
    }
    /// Where an instant lies, in thousandths, kept within the axis.
    #[must_use]
    pub fn place(&self, at: DateTime<Utc>) -> f64 {
        let whole = (self.to - self.from).num_milliseconds();
        let part = (at - self.from).num_milliseconds().clamp(0, whole);
        // Both are far below 2^52 ms.
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a campaign")]
        let place = part as f64 * 1000.0 / whole as f64;
        place
    }
    /// Whether an instant lies on the axis.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        (self.from..=self.to).contains(&at)
    }
    /// The ticks on the reader's wall, at most `most` of them.
    #[must_use]
    pub fn ticks(&self, zone: Tz, most: usize) -> Vec<Tick> {
        let whole = (self.to - self.from).num_minutes();
        let fits = |step: &&i64| usize::try_from(whole / **step).is_ok_and(|n| n <= most);
        let step = STEPS_MIN.iter().find(fits).copied().unwrap_or_else(|| whole / i64::try_from(most.max(1)).unwrap_or(1));
        let local = self.from.with_timezone(&zone).naive_local();
        let mut wall = local.date().and_time(NaiveTime::MIN);
        let mut ticks = Vec::new();
        // Midnight first, so that ticks stand on round hours; wall clock steps, so that they stay there when the clock changes.
        while ticks.len() <= most * 2 {
            let instant = resolve_local(wall, zone);
            if instant > self.to {
                break;
            }
            if instant >= self.from {
                let midnight = wall.hour() == 0 && wall.minute() == 0;
                ticks.push(Tick { at: self.place(instant), instant, midnight });
            }
            wall += TimeDelta::minutes(step.max(1));
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ticks_stand_on_round_hours_of_the_readers_wall() {
        let axis = Axis::over([at("2026-11-24T01:10:00Z"), at("2026-11-25T22:00:00Z")]).unwrap();
        let ticks = axis.ticks(Tz::Asia__Jakarta, 6);
        assert!((2..=6).contains(&ticks.len()), "{ticks:?}");
        for tick in &ticks {
            let wall = tick.instant.with_timezone(&Tz::Asia__Jakarta);
            assert_eq!((wall.minute(), wall.hour() % 12), (0, 0), "{wall}");
        }
        assert!(ticks.iter().any(|tick| tick.midnight));
        assert!(ticks.windows(2).all(|pair| pair[0].at < pair[1].at));
    }

    #[test]
    fn places_are_thousandths_and_stay_inside() {
        let (from, to) = (at("2026-11-24T00:00:00Z"), at("2026-11-24T10:00:00Z"));
        let axis = Axis::over([from, to]).unwrap();
        assert!((axis.place(at("2026-11-24T05:00:00Z")) - 500.0).abs() < 0.01);
        assert!(axis.place(at("2026-11-23T00:00:00Z")).abs() < f64::EPSILON);
        assert!(Axis::over([from]).is_none() && Axis::over([]).is_none());
        assert!(axis.holds(from) && !axis.holds(at("2026-11-26T00:00:00Z")));
    }
}
