//! What stands of each assignment, in eight bytes: so that ten million of them fit an auditor's machine.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

/// What the entries so far made of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing stands.
    Open,
    /// A completion that looked automatic waits to be confirmed.
    Waiting,
    /// A completion stands.
    Done,
    /// It was declined.
    Declined,
    /// Its time was over, or its campaign ended.
    Over,
    /// A completion stands, and a reviewer found it right.
    Checked,
}

impl Answer {
    const fn bits(self) -> u64 {
        match self {
            Self::Open => 1,
            Self::Waiting => 2,
            Self::Done => 3,
            Self::Declined => 4,
            Self::Over => 5,
            Self::Checked => 6,
        }
    }
    const fn of(bits: u64) -> Self {
        match bits {
            2 => Self::Waiting,
            3 => Self::Done,
            4 => Self::Declined,
            5 => Self::Over,
            6 => Self::Checked,
            _ => Self::Open,
        }
    }
}

/// A table of fixed size: 61 bits of a keyed hash of each id, and 3 bits for what stands; open addressing. The key is drawn anew for each
/// run, so nobody can make ids that collide. Among ten million, two share 61 bits by chance once in some 46,000 runs.
pub struct Answers {
    slots: Vec<u64>,
    hash: RandomState,
}

const STATE: u64 = 0b111;

impl Answers {
    /// A table for at most so many ids: about nine bytes each, taken from the machine as they are used.
    #[must_use]
    pub fn for_at_most(ids: u64) -> Self {
        let slots = usize::try_from(ids.saturating_add(ids / 9).saturating_add(16)).unwrap_or(usize::MAX);
        Self { slots: vec![0; slots], hash: RandomState::new() }
    }

    /// Where an id's slot begins to be looked for, and its mark.
    fn start(&self, id: u128) -> (usize, u64) {
        let hash = self.hash.hash_one(id);
        let place = (u128::from(hash) * self.slots.len() as u128) >> 64;
        (usize::try_from(place).unwrap_or_default(), hash & !STATE)
    }

    fn slot(&mut self, id: u128) -> Option<(&mut u64, u64)> {
        let (start, mark) = self.start(id);
        let count = self.slots.len();
        let holds = |slot: &u64| *slot == 0 || *slot & !STATE == mark;
        let after = self.slots.iter().skip(start).position(holds).map(|at| start + at);
        let found = after.or_else(|| self.slots.iter().take(start.min(count)).position(holds))?;
        self.slots.get_mut(found).map(|slot| (slot, mark))
    }

    /// What stands of an assignment.
    #[must_use]
    pub fn get(&mut self, id: u128) -> Answer {
        self.slot(id).map_or(Answer::Open, |(slot, _)| Answer::of(*slot & STATE))
    }

    /// Notes what stands now. More ids than the table was made for are not noted.
    pub fn set(&mut self, id: u128, answer: Answer) {
        if let Some((slot, mark)) = self.slot(id) {
            *slot = mark | answer.bits();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_keeps_every_id_apart() {
        let all = [Answer::Waiting, Answer::Done, Answer::Declined, Answer::Over, Answer::Checked];
        let mut table = Answers::for_at_most(20_000);
        for id in 0..20_000_u128 {
            assert_eq!(table.get(id << 64), Answer::Open);
            table.set(id << 64, Answer::Open);
        }
        for (id, answer) in (0..20_000_u128).zip(all.iter().cycle()) {
            table.set(id << 64, *answer);
        }
        for (id, answer) in (0..20_000_u128).zip(all.iter().cycle()) {
            assert_eq!(table.get(id << 64), *answer, "{id}");
        }
    }
}
