//! `gaung bench ledger-verify`: how long checking an export takes and how much memory, beside bare SHA-256 over the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{memory, tell};
use crate::cli::Directory;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::ledger::Threads;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::export::Writer;
use crate::ledger::leaf::EntryLeaf;
use crate::ledger::note::{KeyKind, Signer};
use crate::ledger::verify::{Given, Many as _, Verdict, verify};

/// `gaung bench ledger-verify`
#[derive(Debug, Args)]
pub struct LedgerVerify {
    /// Entries of the log
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    leaves: u64,
    /// Makes the export below this directory, and removes it again; 1,000,000 entries take about 450 MB
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    /// Entries.
    leaves: u64,
    /// Bytes of the export.
    bytes: u64,
    /// Threads, of both.
    threads: usize,
    /// Making the export from entries at hand.
    write_seconds: f64,
    /// Checking it.
    verify_seconds: f64,
    /// Entries checked a second.
    leaves_per_s: f64,
    /// The most memory of this process while it checked.
    peak_rss_mib: Option<f64>,
    /// Reading every file of the export and hashing its bytes once.
    bare_sha256_seconds: f64,
    /// How many times as long checking takes.
    times_bare: f64,
}

impl LedgerVerify {
    /// Runs it.
    pub fn run(&self) -> Result<Outcome, Failure> {
        let report = self.measure().map_err(Failure::Environment)?;
        tell(self.json, &report, Report::text)
    }

    fn measure(&self) -> anyhow::Result<Report> {
        let parent = self.dir.clone().unwrap_or_else(std::env::temp_dir);
        let place = tempfile::TempDir::new_in(&parent).with_context(|| parent.display().to_string())?;
        let signer = Signer::from_seed("bench.example/ledger", KeyKind::Ed25519, [7; 32])?;
        let directory = Directory::create(place.path())?;
        let began = Instant::now();
        self.write(&directory, &signer)?;
        let write_seconds = began.elapsed().as_secs_f64();

        let threads = Threads::of_this_machine();
        let mut files = Vec::new();
        list(place.path(), &mut files)?;
        // Once for nothing: both then read what the machine has in memory, or neither does.
        bare(&files, threads)?;
        let began = Instant::now();
        let bytes = bare(&files, threads)?;
        let bare_sha256_seconds = began.elapsed().as_secs_f64();

        memory::forget_peak();
        let given = Given { keys: vec![signer.key().clone()], ..Given::default() };
        let began = Instant::now();
        let report = verify(&directory, &given, &threads, &|_| ())?;
        let verify_seconds = began.elapsed().as_secs_f64();
        ensure!(
            report.verdict() == Verdict::Valid && report.size == self.leaves,
            "the export does not verify: {:?}",
            report.faults
        );
        Ok(Report {
            leaves: self.leaves,
            bytes,
            threads: threads.count(),
            write_seconds,
            verify_seconds,
            leaves_per_s: (self.leaves as f64 / verify_seconds).round(),
            peak_rss_mib: memory::peak_mib(),
            bare_sha256_seconds,
            times_bare: (verify_seconds / bare_sha256_seconds * 100.0).round() / 100.0,
        })
    }

    fn write(&self, directory: &Directory, signer: &Signer) -> anyhow::Result<()> {
        let mut writer = Writer::open(directory)?;
        while writer.wants() < self.leaves {
            let leaf = leaf(writer.wants());
            writer.append(&leaf.encode()?)?;
        }
        let checkpoint = Checkpoint::new(signer.key().name(), writer.wants(), writer.root());
        writer.finish(&checkpoint.signed([signer], 0), &[signer.key().clone()])?;
        Ok(())
    }
}

impl Report {
    fn text(&self) -> String {
        let Self { leaves, bytes, threads, verify_seconds, leaves_per_s, bare_sha256_seconds, times_bare, .. } = self;
        let peak = self.peak_rss_mib.map_or_else(|| "unknown".to_owned(), |mib| format!("{mib} MiB"));
        format!(
            "{leaves} entries in {:.1} GB, {threads} threads\nchecking: {verify_seconds:.1} s, {leaves_per_s:.0} entries/s, at most {peak}\n\
             reading and hashing the same bytes once: {bare_sha256_seconds:.1} s; checking takes {times_bare} times as long",
            *bytes as f64 / 1e9
        )
    }
}

/// Assignments of one wave, and its entries: one to open it, one for each of its chunks, a mail and a completion for each assignment.
const WAVE: u64 = 100_000;
const CHUNK: u64 = 2_000;

/// The entry at this place of a log in which campaign follows campaign, each completed by everybody: the most state that there can be.
fn leaf(at: u64) -> EntryLeaf {
    let a_wave = 3 + WAVE / CHUNK + 2 * WAVE;
    let (wave, place) = (at / a_wave, at % a_wave);
    let id = |what: u64, number: u64| Uuid::from_u64_pair(0x0199_0000_0000_7000 + wave, what << 60 | number);
    let chunks = 3 + WAVE / CHUNK;
    let ids = |chunk: u64| (id(9, chunk * CHUNK), id(9, chunk * CHUNK + CHUNK - 1));
    let (kind, payload): (&str, Value) = match place {
        0 => ("campaign.created", json!({ "content_hash": "6d0e", "slug": "satu" })),
        1 => ("campaign.released", json!({ "content_hash": "6d0e", "in_freeze": false, "waves": 1 })),
        2 => ("wave.opened", json!({ "layer": 1, "planned_at": "2026-11-22T01:00:00Z" })),
        place if place < chunks => {
            let (first, last) = ids(place - 3);
            ("wave.assigned", json!({ "count": CHUNK, "first_id": first, "last_id": last }))
        }
        place if place.is_multiple_of(2) => ("mail.sent", json!({ "attempt": 1, "mail": id(10, place), "mail_kind": "task" })),
        _ => (
            "assignment.done",
            json!({ "action": "share", "has_url": true, "level": "linked", "own_words": false, "owner_shown": true, "platform": "instagram",
                "suspected": false }),
        ),
    };
    let of_assignment = place >= chunks;
    EntryLeaf {
        id: id(11, place),
        at_us: 1_795_000_000_000_000 + i64::try_from(at).unwrap_or_default() * 1_000,
        kind: kind.to_owned(),
        actor_ref: Some("system".to_owned()),
        unit: Some(id(8, 0)),
        campaign: Some(id(7, 0)),
        wave: (place > 1).then(|| id(6, 0)),
        assignment: of_assignment.then(|| id(9, (place - chunks) / 2)),
        subject_ref: of_assignment.then(|| format!("m-{place:022}")),
        payload,
        commitment: None,
    }
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Hashes every file; says how many bytes that were.
fn bare(files: &[PathBuf], threads: Threads) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for some in files.chunks(1_024) {
        let hashed = threads.each(some.len(), |at| -> anyhow::Result<u64> {
            let read = fs::read(some.get(at).context("no file")?)?;
            std::hint::black_box(Sha256::digest(&read));
            Ok(read.len() as u64)
        });
        for length in hashed {
            bytes += length?;
        }
    }
    Ok(bytes)
}
