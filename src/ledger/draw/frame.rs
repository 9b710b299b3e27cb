//! What a draw is taken from: the completions that stand after the first entries of a log, as those entries say it. Nothing else is
//! asked, so an export gives the same frame as the database.
//!
//! It is read in two passes, so that ten million completions need no memory: the first learns the units, the layers and what was taken
//! back, which is little; the second counts. Neither depends on the order of the entries, because what clocks that disagree put the
//! wrong way round must make no difference.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Picks;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::leaf::EntryLeaf;
use crate::ledger::text::{base64, hash_from_base64};

/// A draw as it was announced: what it will be taken from, how many, of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The log.
    pub origin: String,
    /// How many of its entries.
    pub size: u64,
    /// The root of the tree over them, in base64.
    pub root: String,
    /// How many are to be drawn.
    pub asked: usize,
    /// Of one campaign, or of all.
    pub campaign: Option<Uuid>,
    /// Of units in these subtrees; none: everywhere.
    pub within: Option<Vec<Uuid>>,
}

impl Plan {
    /// From a checkpoint.
    #[must_use]
    pub fn of(frame: &Checkpoint, asked: usize, campaign: Option<Uuid>, within: Option<Vec<Uuid>>) -> Self {
        Self { origin: frame.origin.clone(), size: frame.size, root: base64(&frame.root), asked, campaign, within }
    }

    /// The checkpoint, without its signatures; none where the root is no hash.
    #[must_use]
    pub fn frame(&self) -> Option<Checkpoint> {
        Some(Checkpoint::new(&self.origin, self.size, hash_from_base64(&self.root)?))
    }
}

/// What an entry says to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// A unit lies below another; none: it is a root.
    Unit(Uuid, Option<Uuid>),
    /// A wave opened: its layer's number.
    Opened(Uuid, i16),
    /// A completion that counts was taken back.
    Undone(Uuid),
    /// An assignment was completed, in a way that counts.
    Done {
        /// The assignment.
        assignment: Uuid,
        /// Its campaign.
        campaign: Option<Uuid>,
        /// Its wave.
        wave: Uuid,
        /// The account's unit at that time.
        unit: Uuid,
    },
}

/// The kinds of the first pass.
pub const LEARNED: [&str; 4] = ["unit.added", "unit.changed", "wave.opened", "assignment.undone"];
/// The kinds of the second.
pub const COUNTED: [&str; 2] = ["assignment.done", "completion.confirmed"];

/// What an entry says to a frame; none where it says nothing.
#[must_use]
pub fn said(leaf: &EntryLeaf) -> Option<Said> {
    let word = |key: &str| leaf.payload.get(key);
    match leaf.kind.as_str() {
        "unit.added" => Some(Said::Unit(leaf.unit?, parent(&leaf.payload))),
        "unit.changed" => Some(Said::Unit(leaf.unit?, parent(word("now")?))),
        "wave.opened" => Some(Said::Opened(leaf.wave?, i16::try_from(word("layer")?.as_i64()?).ok()?)),
        "assignment.undone" if word("was").and_then(Value::as_str) == Some("done") => Some(Said::Undone(leaf.assignment?)),
        // One that looked automatic counts when it is confirmed.
        "assignment.done" if word("suspected").and_then(Value::as_bool) == Some(true) => None,
        "assignment.done" | "completion.confirmed" => {
            Some(Said::Done { assignment: leaf.assignment?, campaign: leaf.campaign, wave: leaf.wave?, unit: leaf.unit? })
        }
        _ => None,
    }
}

fn parent(payload: &Value) -> Option<Uuid> {
    payload.get("parent_id").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    kind: std::borrow::Cow<'a, str>,
}

/// What an entry's bytes say to a frame. Bytes of another form say nothing: the verifier has named them.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Said> {
    let Kind { kind } = serde_json::from_slice(bytes).ok()?;
    if !LEARNED.contains(&&*kind) && !COUNTED.contains(&&*kind) {
        return None;
    }
    said(&EntryLeaf::decode(bytes)?)
}

/// An assignment of which a completion was taken back: completions less takings back, and where it belongs.
struct Doubtful {
    net: i64,
    place: Option<(i16, Uuid)>,
}

/// The completions that stand, while the entries are read.
pub struct Frame<'p> {
    plan: &'p Plan,
    parents: HashMap<Uuid, Option<Uuid>>,
    layers: HashMap<Uuid, i16>,
    doubtful: HashMap<Uuid, Doubtful>,
    /// Units whose place in the tree was asked for: whether they are within the plan, and their top unit.
    places: HashMap<Uuid, (bool, Uuid)>,
}

impl<'p> Frame<'p> {
    /// Of a plan, nothing read yet.
    #[must_use]
    pub fn of(plan: &'p Plan) -> Self {
        Self { plan, parents: HashMap::new(), layers: HashMap::new(), doubtful: HashMap::new(), places: HashMap::new() }
    }

    /// The first pass: each entry below the plan's size, in their order (where a unit was moved, the last place counts).
    pub fn learn(&mut self, said: Said) {
        match said {
            Said::Unit(id, parent) => drop(self.parents.insert(id, parent)),
            Said::Opened(wave, layer) => drop(self.layers.insert(wave, layer)),
            Said::Undone(id) => self.doubtful.entry(id).or_insert(Doubtful { net: 0, place: None }).net -= 1,
            Said::Done { .. } => {}
        }
    }

    /// The second pass: each entry below the plan's size, in any order.
    pub fn count(&mut self, said: Said, picks: &mut Picks<()>) {
        let Said::Done { assignment, campaign, wave, unit } = said else { return };
        if self.plan.campaign.is_some() && campaign != self.plan.campaign {
            return;
        }
        let (within, top) = self.place(unit);
        if !within {
            return;
        }
        let layer = self.layers.get(&wave).copied().unwrap_or_default();
        match self.doubtful.get_mut(&assignment) {
            Some(doubtful) => {
                doubtful.net += 1;
                doubtful.place = Some((layer, top));
            }
            None => picks.take(layer, top, assignment, ()),
        }
    }

    /// The end: what was taken back and done again counts once, with its last place.
    pub fn end(self, picks: &mut Picks<()>) {
        for (id, doubtful) in self.doubtful {
            if let (1.., Some((layer, top))) = (doubtful.net, doubtful.place) {
                picks.take(layer, top, id, ());
            }
        }
    }

    fn parent(&self, id: Uuid) -> Option<Uuid> {
        self.parents.get(&id).copied().flatten()
    }

    /// Whether a unit is within the plan, and the unit right below its root; a root is its own.
    fn place(&mut self, unit: Uuid) -> (bool, Uuid) {
        if let Some(place) = self.places.get(&unit) {
            return *place;
        }
        let (mut way, mut met) = (vec![unit], HashSet::from([unit]));
        while let Some(above) = way.last().and_then(|id| self.parent(*id)) {
            // A garbled log may go in circles.
            if !met.insert(above) {
                break;
            }
            way.push(above);
        }
        let top = way.iter().rev().nth(1).or(way.first()).copied().unwrap_or(unit);
        let within = self.plan.within.as_ref().is_none_or(|roots| way.iter().any(|id| roots.contains(id)));
        self.places.insert(unit, (within, top));
        (within, top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: Uuid = Uuid::from_u128(1);
    const WEST: Uuid = Uuid::from_u128(2);
    const OFFICE: Uuid = Uuid::from_u128(3);
    const EAST: Uuid = Uuid::from_u128(4);
    const WAVE: Uuid = Uuid::from_u128(9);

    fn plan(within: Option<Vec<Uuid>>) -> Plan {
        Plan::of(&Checkpoint::new("log", 100, [0; 32]), 4, None, within)
    }
    fn done(id: u128, unit: Uuid) -> Said {
        Said::Done { assignment: Uuid::from_u128(id), campaign: Some(Uuid::from_u128(7)), wave: WAVE, unit }
    }
    fn strata(plan: &Plan, log: &[Said]) -> Vec<(i16, Option<Uuid>, usize)> {
        let mut frame = Frame::of(plan);
        let mut picks = Picks::new("seed".into(), plan.asked);
        log.iter().for_each(|said| frame.learn(*said));
        log.iter().for_each(|said| frame.count(*said, &mut picks));
        frame.end(&mut picks);
        picks.end().strata.iter().map(|s| (s.layer, s.unit, s.population)).collect()
    }

    #[test]
    fn what_stands_counts_once_where_its_unit_lies_now() {
        let units = [Said::Unit(ROOT, None), Said::Unit(WEST, Some(ROOT)), Said::Unit(EAST, Some(ROOT))];
        let mut log = units.to_vec();
        // The office was moved from east to west.
        log.extend([Said::Unit(OFFICE, Some(EAST)), Said::Unit(OFFICE, Some(WEST)), Said::Opened(WAVE, 3)]);
        log.extend((10..14).map(|id| done(id, OFFICE)));
        log.extend((20..24).map(|id| done(id, EAST)));
        // Taken back; taken back and done again; the same in the wrong order.
        let undone = |id| Said::Undone(Uuid::from_u128(id));
        log.extend([undone(10), undone(11), done(11, OFFICE), done(20, EAST), undone(20)]);
        assert_eq!(strata(&plan(None), &log), [(3, Some(WEST), 3), (3, Some(EAST), 4)]);
        assert_eq!(strata(&plan(Some(vec![WEST])), &log), [(3, Some(WEST), 3)]);
        assert_eq!(strata(&plan(Some(vec![OFFICE])), &log), [(3, Some(WEST), 3)]);
        let other = Plan { campaign: Some(Uuid::from_u128(8)), ..plan(None) };
        assert!(strata(&other, &log).is_empty());
        // A root is its own, and so is a unit that the log does not know; a circle ends.
        let log = [done(1, ROOT), done(2, ROOT)];
        assert_eq!(strata(&plan(None), &log), [(0, Some(ROOT), 2)]);
        let circle = [Said::Unit(WEST, Some(EAST)), Said::Unit(EAST, Some(WEST)), done(1, EAST), done(2, EAST)];
        assert_eq!(strata(&plan(None), &circle).len(), 1);
    }

    #[test]
    fn what_looked_automatic_counts_when_it_was_confirmed() {
        let leaf = |kind: &str, payload: Value| EntryLeaf {
            id: Uuid::from_u128(5),
            at_us: 0,
            kind: kind.into(),
            actor_ref: None,
            unit: Some(OFFICE),
            campaign: Some(Uuid::from_u128(7)),
            wave: Some(WAVE),
            assignment: Some(Uuid::from_u128(1)),
            subject_ref: None,
            payload,
            commitment: None,
        };
        let counts = |kind: &str, payload: Value| said(&leaf(kind, payload)).is_some();
        assert!(counts("assignment.done", serde_json::json!({ "suspected": false })));
        assert!(!counts("assignment.done", serde_json::json!({ "suspected": true })));
        assert!(counts("completion.confirmed", serde_json::json!({ "level": "declared" })));
        // What did not count is taken back without a trace in the numbers.
        assert!(counts("assignment.undone", serde_json::json!({ "was": "done" })));
        assert!(!counts("assignment.undone", serde_json::json!({ "was": "declined" })));
    }
}
