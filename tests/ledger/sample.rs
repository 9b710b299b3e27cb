//! Logs made for tests: a place in memory, and a story that keeps every rule, entry by entry.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use gaung::ledger::checkpoint::Checkpoint;
use gaung::ledger::export::{Place, Source, Writer};
use gaung::ledger::leaf::EntryLeaf;
use gaung::ledger::note::{KeyKind, Note, Signer};
use gaung::ledger::tree::{Frontier, leaf_hash};
use gaung::ledger::verify::{Given, InTurn, Report, Unreadable, verify};
use serde_json::{Value, json};
use uuid::Uuid;

pub const ORIGIN: &str = "gaung.example/ledger";

/// Files in memory.
#[derive(Default)]
pub struct Memory(pub Mutex<BTreeMap<String, Vec<u8>>>);

impl Memory {
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.lock().unwrap().clone()
    }
    pub fn of(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self(Mutex::new(files))
    }
}

impl Source for Memory {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().get(path).cloned())
    }
    fn names(&self, dir: &str) -> io::Result<Vec<String>> {
        let dir = format!("{dir}/");
        Ok(self.0.lock().unwrap().keys().filter_map(|path| path.strip_prefix(&dir).map(str::to_owned)).collect())
    }
}

impl Place for Memory {
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().insert(path.to_owned(), bytes.to_owned());
        Ok(())
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        self.0.lock().unwrap().remove(path);
        Ok(())
    }
    fn settle(&self) -> io::Result<()> {
        Ok(())
    }
}

pub fn key() -> Signer {
    Signer::from_seed(ORIGIN, KeyKind::Ed25519, [7; 32]).unwrap()
}

/// The signed checkpoint over these leaves.
pub fn signed(leaves: &[Vec<u8>]) -> Note {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.append(leaf_hash(leaf)));
    Checkpoint::new(ORIGIN, tree.size(), tree.root()).signed([&key()], 0)
}

/// Exports leaves, in steps of these sizes and then all.
pub fn export(place: &impl Place, leaves: &[Vec<u8>], steps: &[usize]) {
    for end in steps.iter().copied().chain([leaves.len()]) {
        let mut writer = Writer::open(place).unwrap();
        for leaf in &leaves[writer.wants() as usize..end] {
            writer.append(leaf).unwrap();
        }
        writer.finish(&signed(&leaves[..end]), &[key().key().clone()]).unwrap();
    }
}

pub fn verified(place: &Memory, given: &Given) -> Result<Report, Unreadable> {
    verify(place, given, &InTurn, &|_| ())
}

/// A log being told: each entry a second after the one before.
pub struct Story {
    pub leaves: Vec<EntryLeaf>,
    pub at_us: i64,
}

/// The campaign, wave and first assignment of [`Story::kept`].
const CAMPAIGN: u128 = 0xca;
const WAVE: u128 = 0x3a;
pub const FIRST: u128 = 0xa0_0000;

impl Story {
    pub fn new() -> Self {
        Self { leaves: Vec::new(), at_us: 1_800_000_000_000_000 }
    }

    pub fn tell(&mut self, kind: &str, payload: Value) -> &mut EntryLeaf {
        self.at_us += 1_000_000;
        let group = kind.split('.').next().unwrap();
        let of_wave = ["wave", "assignment", "completion"].contains(&group);
        let of_campaign = of_wave || ["campaign", "release"].contains(&group);
        self.leaves.push(EntryLeaf {
            id: Uuid::from_u128(0x1000 + self.leaves.len() as u128),
            at_us: self.at_us,
            kind: kind.to_owned(),
            actor_ref: None,
            unit: None,
            campaign: of_campaign.then(|| Uuid::from_u128(CAMPAIGN)),
            wave: of_wave.then(|| Uuid::from_u128(WAVE)),
            assignment: None,
            subject_ref: None,
            payload,
            commitment: None,
        });
        self.leaves.last_mut().unwrap()
    }

    /// Something about the assignment with this number.
    pub fn answer(&mut self, kind: &str, number: u128, payload: Value) {
        self.tell(kind, payload).assignment = Some(Uuid::from_u128(FIRST + number));
    }

    /// A campaign up to its open wave of 100,000 assignments: six entries.
    pub fn kept() -> Self {
        let mut story = Self::new();
        story.tell("campaign.created", json!({ "content_hash": "one" }));
        story.tell("campaign.edited", json!({ "content_hash": "two" }));
        story.tell("campaign.released", json!({ "content_hash": "two", "waves": 1 }));
        story.tell("wave.opened", json!({}));
        let (first, last) = (Uuid::from_u128(FIRST), Uuid::from_u128(FIRST + 99_999));
        story.tell("wave.assigned", json!({ "count": 100_000, "first_id": first, "last_id": last }));
        story.tell("wave.filled", json!({}));
        story
    }

    pub fn done(&mut self, number: u128) {
        self.answer("assignment.done", number, json!({ "suspected": false, "level": "claimed" }));
    }

    /// A log of so many entries that keeps every rule.
    pub fn of(size: usize) -> Self {
        let mut story = Self::kept();
        for number in 0.. {
            if story.leaves.len() >= size {
                break;
            }
            match number % 4 {
                0 => drop(story.tell("mail.sent", json!({ "mail": number })).assignment),
                _ => story.done(number as u128 / 4 * 3 + number as u128 % 4),
            }
        }
        story
    }

    pub fn bytes(&self) -> Vec<Vec<u8>> {
        self.leaves.iter().map(|leaf| leaf.encode().unwrap()).collect()
    }

    /// What the verifier says about it.
    pub fn report(&self) -> Report {
        let place = Memory::default();
        export(&place, &self.bytes(), &[]);
        verified(&place, &Given::default()).unwrap()
    }
}
