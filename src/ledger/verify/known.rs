//! What the log signed before: older checkpoints of the export, checkpoints and receipts that were kept. Each must be of the same history.

use std::collections::BTreeSet;

use super::report::{Contradiction, Cosigned, Fits, Report};
use super::walk::Walked;
use super::{Given, Trusted, Unreadable};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::export::{Reader, Source, checkpoint_path};
use crate::ledger::note::Note;
use crate::ledger::proof::Proof;
use crate::ledger::tree::verify_inclusion;

/// Where a checkpoint comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Newest,
    Older,
    Kept,
    Receipt,
}

struct One {
    name: String,
    from: From,
    checkpoint: Checkpoint,
    note: Note,
}

/// What was signed before.
pub(super) struct Known {
    checkpoints: Vec<One>,
    proofs: Vec<(String, Proof)>,
}

impl Known {
    /// Reads what the export holds and what was brought along. What the export holds and is not signed is a fault of the export.
    ///
    /// # Errors
    /// [`Unreadable::Given`] for what was brought along and is of no use; the source's failure.
    pub fn gather<S: Source>(
        reader: &Reader<S>,
        trusted: &Trusted,
        given: &Given,
        report: &mut Report,
    ) -> Result<Self, Unreadable> {
        let newest = One {
            name: "checkpoint".to_owned(),
            from: From::Newest,
            checkpoint: reader.checkpoint().clone(),
            note: reader.note().clone(),
        };
        let mut known = Self { checkpoints: vec![newest], proofs: Vec::new() };
        for (name, bytes) in reader.older()? {
            match trusted.open(&bytes) {
                Ok((checkpoint, _)) if checkpoint_path(checkpoint.size) == name => known.add(name, From::Older, &bytes),
                Ok((checkpoint, _)) => report.fault(None, format!("{name}: it is of {} entries", checkpoint.size)),
                Err(why) => report.fault(None, format!("{name}: {why}")),
            }
        }
        let useless = |name: &str, why: String| Unreadable::Given { name: name.to_owned(), why };
        for (name, bytes) in &given.checkpoints {
            trusted.open(bytes).map_err(|why| useless(name, why.to_string()))?;
            known.add(name.clone(), From::Kept, bytes);
        }
        for (name, bytes) in &given.proofs {
            let proof = Proof::parse(bytes).map_err(|why| useless(name, why.to_string()))?;
            let checkpoint = proof.checkpoint.to_bytes();
            trusted.open(&checkpoint).map_err(|why| useless(name, why.to_string()))?;
            known.add(name.clone(), From::Receipt, &checkpoint);
            known.proofs.push((name.clone(), proof));
        }
        Ok(known)
    }

    fn add(&mut self, name: String, from: From, bytes: &[u8]) {
        if let Ok((checkpoint, note)) = Checkpoint::parse(bytes) {
            self.checkpoints.push(One { name, from, checkpoint, note });
        }
    }

    /// The sizes at which the root is asked for, sorted.
    pub fn sizes(&self) -> Vec<u64> {
        self.checkpoints.iter().map(|one| one.checkpoint.size).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The entries whose hash is asked for, sorted.
    pub fn indexes(&self) -> Vec<u64> {
        self.proofs.iter().map(|(_, proof)| proof.index).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Compares everything with what was met on the way.
    pub fn judge(&self, walked: &Walked, trusted: &Trusted, report: &mut Report) {
        let size = report.size;
        let mut right_up_to = 0;
        for one in self.checkpoints.iter().filter(|one| one.from != From::Newest) {
            let told = one.checkpoint.size;
            match walked.roots.get(&told) {
                Some(root) if *root == one.checkpoint.root => {
                    right_up_to = right_up_to.max(told);
                    match one.from {
                        From::Older => report.older += 1,
                        From::Kept => report.checkpoints.push(Fits { name: one.name.clone(), number: told }),
                        From::Newest | From::Receipt => {}
                    }
                }
                // An export that is broken in itself contradicts everything: that is not the log's word against its own.
                Some(_) if walked.whole => report.contradicts(&one.name, told, "the log showed other entries then"),
                Some(_) => {}
                None if told > size => report.contradicts(&one.name, told, "the log had more entries then"),
                None => {}
            }
        }
        if walked.unvouched && right_up_to < size {
            report.fault(Some(right_up_to), "the first entry that nothing vouches for".to_owned());
        }
        for (name, proof) in &self.proofs {
            self.receipt(name, proof, walked, report);
        }
        self.cosigned(trusted, walked, report);
    }

    fn receipt(&self, name: &str, proof: &Proof, walked: &Walked, report: &mut Report) {
        let Ok(checkpoint) = Checkpoint::from_text(&proof.checkpoint.text) else { return };
        let Some(leaf) = walked.leaves.get(&proof.index) else {
            if proof.index >= checkpoint.size {
                report.fault(None, format!("{name}: it is about an entry beyond its own checkpoint"));
            }
            return;
        };
        match verify_inclusion(proof.index, checkpoint.size, leaf, &proof.hashes, &checkpoint.root) {
            Ok(()) => report.proofs.push(Fits { name: name.to_owned(), number: proof.index }),
            Err(why) => report.fault(Some(proof.index), format!("{name}: {why}")),
        }
    }

    /// What the given witnesses cosigned last, of what fits.
    fn cosigned(&self, trusted: &Trusted, walked: &Walked, report: &mut Report) {
        for witness in &trusted.witnesses {
            let mut latest: Option<Cosigned> = None;
            let fits = |one: &&One| walked.roots.get(&one.checkpoint.size) == Some(&one.checkpoint.root);
            for one in self.checkpoints.iter().filter(fits) {
                let key = std::slice::from_ref(witness);
                let Ok(signed) = one.note.open(key) else { continue };
                let seconds = signed.iter().find_map(|signed| signed.seconds);
                let (by, size) = (witness.name().to_owned(), one.checkpoint.size);
                let found = Cosigned { by, size, seconds: seconds.unwrap_or_default() };
                if latest.as_ref().is_none_or(|latest| (latest.size, latest.seconds) < (found.size, found.seconds)) {
                    latest = Some(found);
                }
            }
            match latest {
                Some(cosigned) => report.cosigned.push(cosigned),
                None => report.fault(None, format!("no checkpoint here that fits is cosigned by {}", witness.name())),
            }
        }
    }
}

impl Report {
    fn contradicts(&mut self, by: &str, size: u64, what: &str) {
        self.contradictions.push(Contradiction { by: by.to_owned(), size, what: what.to_owned() });
    }
}
