//! What verifying found, and what follows from it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rules::Found;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::text::base64;

/// What is to be thought of an export: its exit code. Whether it is readable at all is decided before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 0: everything fits.
    Valid,
    /// 1: it contradicts itself, or breaks a rule.
    Invalid,
    /// 2: it contradicts what the log signed before.
    Contradicts,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The first entry that it concerns, counted from 0; none where it concerns none in particular.
    pub index: Option<u64>,
    /// What.
    pub what: String,
}

/// Something that the log signed before and that this export is not the continuation of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// What says so: a file.
    pub by: String,
    /// How many entries the log had there.
    pub size: u64,
    /// What.
    pub what: String,
}

/// A file that was brought along and fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fits {
    /// Which.
    pub name: String,
    /// A checkpoint's size, or a receipt's index.
    pub number: u64,
}

/// A witness's latest cosignature here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosigned {
    /// The witness's name.
    pub by: String,
    /// The size that it cosigned.
    pub size: u64,
    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub seconds: u64,
}

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The log's name.
    pub origin: String,
    /// How many entries its newest checkpoint has.
    pub size: u64,
    /// The root that it names, in base64.
    pub root: String,
    /// The keys whose signatures on it hold.
    pub signed_by: Vec<String>,
    /// No key was given: trust rests on the export's own.
    pub own_keys_only: bool,
    /// How many older checkpoints in the export fit.
    pub older: u64,
    /// The given checkpoints that fit, with their sizes.
    pub checkpoints: Vec<Fits>,
    /// The given receipts that fit, with their indexes.
    pub proofs: Vec<Fits>,
    /// The given witnesses' latest cosignatures.
    pub cosigned: Vec<Cosigned>,
    /// How many entries there are of each kind.
    pub kinds: BTreeMap<Box<str>, u64>,
    /// Entries of a form that is not known here: in the tree, but no rule was asked of them.
    pub other_forms: u64,
    /// Entries about what began in the log before this one.
    pub from_before: u64,
    /// The furthest that a time stepped back from one entry to a later one, in microseconds.
    pub furthest_back_us: i64,
    /// What is wrong, the first entry first.
    pub faults: Vec<Fault>,
    /// How many entries break a rule: more than `faults` names, where there are very many.
    pub rules_broken: u64,
    /// What the log signed before and this export contradicts.
    pub contradictions: Vec<Contradiction>,
}

impl Report {
    pub(super) fn of(checkpoint: &Checkpoint) -> Self {
        Self {
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            root: base64(&checkpoint.root),
            signed_by: Vec::new(),
            own_keys_only: false,
            older: 0,
            checkpoints: Vec::new(),
            proofs: Vec::new(),
            cosigned: Vec::new(),
            kinds: BTreeMap::new(),
            other_forms: 0,
            from_before: 0,
            furthest_back_us: 0,
            faults: Vec::new(),
            rules_broken: 0,
            contradictions: Vec::new(),
        }
    }

    /// For an export whose checkpoint is none.
    pub(super) fn garbled(path: &str, why: &str) -> Self {
        let mut report = Self::of(&Checkpoint::new("", 0, [0; 32]));
        report.fault(None, format!("{path}: {why}"));
        report
    }

    pub(super) fn fault(&mut self, index: Option<u64>, what: String) {
        self.faults.push(Fault { index, what });
        // Those about entries come first, by index.
        self.faults.sort_by_key(|fault| (fault.index.is_none(), fault.index));
    }

    pub(super) fn broke_rules(&mut self, found: &Found) {
        for finding in &found.findings {
            self.fault(Some(finding.index), finding.broken.to_string());
        }
        self.rules_broken = found.broken;
        self.from_before = found.from_before;
        self.furthest_back_us = found.furthest_back_us;
    }

    /// What follows from it.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        if !self.contradictions.is_empty() {
            Verdict::Contradicts
        } else if self.faults.is_empty() {
            Verdict::Valid
        } else {
            Verdict::Invalid
        }
    }

    /// The first entry that something is wrong with.
    #[must_use]
    pub fn first_bad(&self) -> Option<u64> {
        self.faults.iter().find_map(|fault| fault.index)
    }
}
