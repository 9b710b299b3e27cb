//! The shape of a wave in time: a horn that opens where the wave begins. Its bell is whom it asked; what sounds in it is what was done.

use std::fmt::Write as _;

/// Which way time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the right: a wide screen.
    Across,
    /// Down: a phone.
    Down,
}

impl Way {
    /// A point: `along` in the direction of time, `off` across it.
    fn point(self, along: f64, off: f64) -> String {
        match self {
            Self::Across => format!("{along:.1} {off:.1}"),
            Self::Down => format!("{off:.1} {along:.1}"),
        }
    }
}

/// The half-width of the mouthpiece.
const MOUTH: f64 = 2.5;

/// A horn between two places, around a middle line, that opens to `bell` on either side.
#[derive(Debug, Clone, Copy)]
pub struct Horn {
    /// Which way time runs.
    pub way: Way,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Its middle line.
    pub middle: f64,
    /// How far it opens to each side.
    pub bell: f64,
}

impl Horn {
    /// How far it is open at a place: quickly at first, as a bell does.
    fn open_at(&self, along: f64) -> f64 {
        let length = (self.to - self.from).max(1.0);
        let part = ((along - self.from) / length).clamp(0.0, 1.0);
        MOUTH + (self.bell - MOUTH).max(0.0) * part.powf(0.42)
    }
    /// The outline.
    #[must_use]
    pub fn outline(&self) -> String {
        let steps = 24_u32;
        let places: Vec<(f64, f64)> = (0..=steps)
            .map(|i| {
                // Closer together at the mouth, where it bends.
                let part = (f64::from(i) / f64::from(steps)).powi(2);
                let along = self.from + (self.to - self.from) * part;
                (along, self.open_at(along))
            })
            .collect();
        self.around(&places)
    }
    /// What sounds in it: for each place the share, 0 to 1, that was done by then.
    #[must_use]
    pub fn sound(&self, shares: &[(f64, f64)]) -> String {
        let places: Vec<(f64, f64)> =
            shares.iter().map(|(along, share)| (*along, (self.bell * share.clamp(0.0, 1.0)).min(self.open_at(*along)))).collect();
        self.around(&places)
    }
    /// There above the middle line and back below it.
    fn around(&self, places: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (i, (along, half)) in places.iter().enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{}", self.way.point(*along, self.middle - half));
        }
        for (along, half) in places.iter().rev() {
            let _ = write!(path, "L{}", self.way.point(*along, self.middle + half));
        }
        path.push('Z');
        path
    }
}

/// The echo: a curve from what starts a wave to its mouth.
#[must_use]
pub fn echo(way: Way, from: (f64, f64), to: (f64, f64)) -> String {
    let ((along, off), (next, next_off)) = (from, to);
    let half = f64::midpoint(off, next_off);
    let point = |along, off| way.point(along, off);
    format!("M{}C{} {} {}", point(along, off), point(along, half), point(next, half), point(next, next_off))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_done_never_leaves_the_horn() {
        let horn = Horn { way: Way::Across, from: 100.0, to: 900.0, middle: 50.0, bell: 30.0 };
        let all_at_once = horn.sound(&[(100.0, 1.0), (900.0, 1.0)]);
        assert!(all_at_once.starts_with("M100.0 47.5"), "{all_at_once}");
        assert!(all_at_once.contains("L900.0 20.0") && all_at_once.contains("L900.0 80.0"), "{all_at_once}");
        assert!(horn.outline().contains("900.0 20.0"));
    }

    #[test]
    fn time_runs_down_on_a_phone() {
        assert_eq!(echo(Way::Across, (1.0, 2.0), (3.0, 4.0)), "M1.0 2.0C1.0 3.0 3.0 3.0 3.0 4.0");
        assert_eq!(echo(Way::Down, (1.0, 2.0), (3.0, 4.0)), "M2.0 1.0C3.0 1.0 3.0 3.0 4.0 3.0");
    }
}
