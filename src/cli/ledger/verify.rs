//! `gaung ledger verify`: what an auditor runs over an export. It asks nothing of a database, a network or whoever made the export.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::threads::Threads;
use super::{Bar, Directory};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Format, say, say_json};
use crate::domain::event::EventKind;
use crate::domain::text_enum::TextEnum as _;
use crate::ledger::note::VerifierKey;
use crate::ledger::verify::{Given, Report, Verdict, verify};

const AFTER: &str = "Exit codes: 0 valid; 1 invalid (the first entry that is wrong is named); 2 contradicts a checkpoint that was signed \
    earlier; 3 nothing can be said: the export, a file or a flag can't be read.";

/// `gaung ledger verify`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Verify {
    /// The export
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The log's key, as you know it from elsewhere than the export; several times while a key is being replaced
    #[arg(long, value_name = "KEY")]
    vkey: Vec<VerifierKey>,
    /// A checkpoint that you kept; several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A receipt (.tlog-proof); several times
    #[arg(long, value_name = "FILE")]
    proof: Vec<PathBuf>,
    /// A witness that must have cosigned; several times
    #[arg(long, value_name = "KEY")]
    witness: Vec<VerifierKey>,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Runs it.
    pub fn run(&self) -> Result<Outcome, Failure> {
        let dir = Directory::open(&self.dir).map_err(|e| Failure::environment(format!("{}: {e}", self.dir.display())))?;
        let given = Given {
            keys: self.vkey.clone(),
            checkpoints: read_all(&self.checkpoint)?,
            proofs: read_all(&self.proof)?,
            witnesses: self.witness.clone(),
        };
        let bar = Bar::new("entries");
        let size = std::cell::OnceCell::new();
        let all = || *size.get_or_init(|| crate::ledger::export::Reader::open(&dir).map_or(0, |reader| reader.checkpoint().size));
        let report = verify(&dir, &given, &Threads::of_this_machine(), &|done| bar.set(done, all()));
        bar.end();
        let report = report.map_err(|e| Failure::environment(format!("{}: {e}", self.dir.display())))?;
        let format = if self.json { Format::Json } else { Format::Text };
        match format {
            Format::Json => say_json(&Told::of(&report))?,
            Format::Text => tell(&report),
        }
        Ok(match report.verdict() {
            Verdict::Valid => Outcome::Done,
            Verdict::Invalid => Outcome::Faulty,
            Verdict::Contradicts => Outcome::Contradicts,
        })
    }
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let read = |path: &PathBuf| {
        let bytes = fs::read(path).map_err(|e| Failure::environment(format!("{}: {e}", path.display())))?;
        Ok((name(path), bytes))
    };
    paths.iter().map(read).collect()
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The report for programs.
#[derive(serde::Serialize)]
struct Told<'a> {
    verdict: Verdict,
    first_bad: Option<u64>,
    /// Entries of kinds that this version does not know.
    unknown_kinds: u64,
    #[serde(flatten)]
    report: &'a Report,
}

impl<'a> Told<'a> {
    fn of(report: &'a Report) -> Self {
        Self { verdict: report.verdict(), first_bad: report.first_bad(), unknown_kinds: unknown_kinds(report), report }
    }
}

fn unknown_kinds(report: &Report) -> u64 {
    report.kinds.iter().filter(|(kind, _)| EventKind::parse(kind).is_err()).map(|(_, count)| *count).sum()
}

fn tell(report: &Report) {
    for contradiction in &report.contradictions {
        let crate::ledger::verify::Contradiction { by, size, what } = contradiction;
        say(&format!("CONTRADICTS {by} ({size} entries): {what}"));
    }
    for fault in &report.faults {
        let at = fault.index.map_or_else(String::new, |index| format!("entry {index}: "));
        say(&format!("INVALID {at}{}", fault.what));
    }
    if report.rules_broken > report.faults.len() as u64 {
        say(&format!("... in all {} entries break a rule", report.rules_broken));
    }
    let first = report
        .first_bad()
        .map_or_else(String::new, |index| format!("; the first entry that is wrong is {index}, counted from 0"));
    say(&match report.verdict() {
        Verdict::Valid => format!("VALID: {}, {} entries, root {}", report.origin, report.size, report.root),
        Verdict::Invalid => format!("INVALID: {}{first}", report.origin),
        Verdict::Contradicts => {
            format!("CONTRADICTS what {} signed before{first}: keep both, each proves the other's log false", report.origin)
        }
    });
    tell_why(report);
}

fn tell_why(report: &Report) {
    for key in &report.signed_by {
        say(&format!("signed by {key}"));
    }
    if report.own_keys_only {
        say("No key was given (--vkey): whoever made this export could have made the key that it names");
    }
    if report.older > 0 {
        say(&format!("{} older checkpoints of the export fit", report.older));
    }
    for fits in &report.checkpoints {
        say(&format!("{} fits: {} entries", fits.name, fits.number));
    }
    if report.checkpoints.is_empty() && report.contradictions.is_empty() && report.verdict() == Verdict::Valid {
        say(
            "No checkpoint was given (--checkpoint): only one that you kept shows that nothing before it was changed. Keep this one",
        );
    }
    for fits in &report.proofs {
        say(&format!("{} fits: entry {}", fits.name, fits.number));
    }
    for cosigned in &report.cosigned {
        let at = chrono::DateTime::from_timestamp(i64::try_from(cosigned.seconds).unwrap_or(i64::MAX), 0);
        let at = at.map_or_else(|| cosigned.seconds.to_string(), |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
        say(&format!("{} cosigned {} entries at {at}", cosigned.by, cosigned.size));
    }
    let unknown = unknown_kinds(report) + report.other_forms;
    if unknown > 0 {
        say(&format!("{unknown} entries are of kinds or forms that this version does not know: no rule was asked of them"));
    }
    if report.from_before > 0 {
        say(&format!(
            "{} entries are about what began in the log before this one, which is to be verified by itself",
            report.from_before
        ));
    }
}
