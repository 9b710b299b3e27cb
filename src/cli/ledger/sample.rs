//! `gaung ledger sample`: draws a sample from an export, as anybody may who wants to know whether the log's draw is what follows.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use super::threads::Threads;
use super::{Bar, Directory};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Format, say, say_json};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::draw::{self, Announced, Drawn, NotDrawn, Plan};
use crate::ledger::export::Reader;
use crate::ledger::note::VerifierKey;
use crate::ledger::verify::{Given, Verdict, verify};

const AFTER: &str = "The export is verified first, as `gaung ledger verify` does.\n\nExit codes: 0 drawn, and it is what the log says, where it \
    says anything; 1 the log says otherwise, or the export is invalid; 2 the export contradicts a checkpoint; 3 nothing can be said.";

/// `gaung ledger sample`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Sample {
    /// The export
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// A sample that the log announces; left out: a draw of your own, by --checkpoint and --number
    #[arg(long, value_name = "ID", required_unless_present = "number")]
    sample: Option<Uuid>,
    /// The public value; left out: the one that the log says
    #[arg(long, value_name = "TEXT", required_unless_present = "sample")]
    value: Option<String>,
    /// A signed checkpoint that you kept: what a draw of your own is taken from; of an announced sample it must be the announced one
    #[arg(long, value_name = "FILE", required_unless_present = "sample")]
    checkpoint: Option<PathBuf>,
    /// How many to draw
    #[arg(long, value_name = "N", conflicts_with = "sample", value_parser = clap::value_parser!(u16).range(1..=500))]
    number: Option<u16>,
    /// Of this campaign alone
    #[arg(long, value_name = "ID", conflicts_with = "sample")]
    campaign: Option<Uuid>,
    /// Of this unit and those below it alone; several times
    #[arg(long, value_name = "ID", conflicts_with = "sample")]
    unit: Vec<Uuid>,
    /// The log's key, as you know it from elsewhere than the export; several times
    #[arg(long, value_name = "KEY")]
    vkey: Vec<VerifierKey>,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// What was drawn, and what the log says of it.
#[derive(Serialize)]
struct Told<'a> {
    plan: &'a Plan,
    value: &'a str,
    seed: &'a str,
    /// The entry that announced it.
    announced: Option<u64>,
    /// The entry that says what was drawn.
    drawn: Option<u64>,
    /// Whether that is what was drawn here.
    agrees: Option<bool>,
    strata: Vec<Stratum>,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Stratum {
    layer: i16,
    unit: Option<Uuid>,
    population: usize,
    drawn: usize,
}

#[derive(Serialize)]
struct Item {
    no: usize,
    stratum: usize,
    assignment: Uuid,
    sha256: String,
}

impl Sample {
    /// Runs it.
    pub fn run(&self) -> Result<Outcome, Failure> {
        let environment = |e: &dyn std::fmt::Display| Failure::environment(format!("{}: {e}", self.dir.display()));
        let dir = Directory::open(&self.dir).map_err(|e| environment(&e))?;
        let kept = self.kept()?;
        let bar = Bar::new("entries");
        let reader = Reader::open(&dir).map_err(|e| environment(&e))?;
        let size = reader.checkpoint().size;
        let tell = |done| bar.set(done, size);
        let given = Given {
            keys: self.vkey.clone(),
            checkpoints: kept.iter().map(|(name, bytes, _)| (name.clone(), bytes.clone())).collect(),
            ..Given::default()
        };
        let report = verify(&dir, &given, &Threads::of_this_machine(), &tell).map_err(|e| environment(&e))?;
        if let Some(outcome) = not_valid(report.verdict()) {
            bar.end();
            return Ok(outcome);
        }
        let frame = kept.map(|(_, _, checkpoint)| checkpoint);
        let found = self.sample.map(|id| draw::announced(&reader, id, &tell)).transpose().map_err(|e| environment(&e))?;
        let announced = found.flatten();
        let plan = match self.plan(announced.as_ref(), frame.as_ref()) {
            Ok(plan) => plan,
            Err(why) => {
                bar.end();
                say(&format!("INVALID: {why}"));
                return Ok(Outcome::Faulty);
            }
        };
        let told = announced.as_ref().and_then(|announced| announced.told.as_ref());
        let value = self.value.as_deref().map(str::trim).or_else(|| told.map(|told| told.value.as_str()));
        let value = value.ok_or_else(|| Failure::environment("it is not drawn yet: give the public value (--value)"))?;
        let drawn = draw::draw(&reader, &plan, value, &tell);
        bar.end();
        let (seed, drawn) = match drawn {
            Ok(drawn) => drawn,
            Err(why @ (NotDrawn::OtherLog { .. } | NotDrawn::OtherRoot(_))) => {
                say(&format!("INVALID: {why}"));
                return Ok(Outcome::Faulty);
            }
            Err(why @ NotDrawn::Export(_)) => return Err(environment(&why)),
        };
        let agrees = told.map(|told| told.is(&drawn) && told.value == value);
        let told = Told {
            announced: announced.as_ref().map(|announced| announced.index),
            drawn: told.map(|told| told.index),
            agrees,
            strata: strata(&drawn),
            items: items(&drawn),
            plan: &plan,
            value,
            seed: &seed,
        };
        match if self.json { Format::Json } else { Format::Text } {
            Format::Json => say_json(&told)?,
            Format::Text => told.say(),
        }
        Ok(if agrees == Some(false) { Outcome::Faulty } else { Outcome::Done })
    }

    /// The checkpoint that was given: its name, its bytes, and what it says.
    fn kept(&self) -> Result<Option<(String, Vec<u8>, Checkpoint)>, Failure> {
        let Some(path) = &self.checkpoint else { return Ok(None) };
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|e| Failure::environment(format!("{name}: {e}")))?;
        let (checkpoint, _) = Checkpoint::parse(&bytes).map_err(|e| Failure::environment(format!("{name}: {e}")))?;
        Ok(Some((name, bytes, checkpoint)))
    }

    /// What is to be drawn; or what is wrong with what was announced.
    fn plan(&self, announced: Option<&Announced>, kept: Option<&Checkpoint>) -> Result<Plan, String> {
        let within = (!self.unit.is_empty()).then(|| self.unit.clone());
        let Some(id) = self.sample else {
            let frame = kept.ok_or_else(|| "no checkpoint was given".to_owned())?;
            return Ok(Plan::of(frame, self.number.unwrap_or_default().into(), self.campaign, within));
        };
        let announced = announced.ok_or_else(|| format!("this log announces no sample {id}"))?;
        let plan = &announced.plan;
        if plan.size > announced.index {
            return Err(format!("entry {} announces a draw from {} entries, itself among them", announced.index, plan.size));
        }
        if kept.is_some_and(|kept| plan.frame().is_none_or(|frame| (frame.size, frame.root) != (kept.size, kept.root))) {
            return Err(format!("the announced checkpoint is of {} entries and not the one that was given", plan.size));
        }
        Ok(plan.clone())
    }
}

/// How it ends where the export is not valid.
fn not_valid(verdict: Verdict) -> Option<Outcome> {
    let (outcome, word) = match verdict {
        Verdict::Valid => return None,
        Verdict::Invalid => (Outcome::Faulty, "INVALID"),
        Verdict::Contradicts => (Outcome::Contradicts, "CONTRADICTS"),
    };
    say(&format!("{word}: nothing is drawn from this export; `gaung ledger verify` says what is wrong with it"));
    Some(outcome)
}

fn strata(drawn: &Drawn<()>) -> Vec<Stratum> {
    let strata = drawn.strata.iter();
    strata.map(|s| Stratum { layer: s.layer, unit: s.unit, population: s.population, drawn: s.drawn }).collect()
}

fn items(drawn: &Drawn<()>) -> Vec<Item> {
    let items = drawn.items.iter().enumerate();
    items
        .map(|(at, item)| Item { no: at + 1, stratum: item.stratum + 1, assignment: item.id, sha256: hex::encode(item.hash) })
        .collect()
}

impl Told<'_> {
    fn say(&self) {
        let Plan { origin, size, root, asked, .. } = self.plan;
        say(&format!("{asked} from the first {size} entries of {origin}, root {root}"));
        if let Some(index) = self.announced {
            say(&format!("announced by entry {index}"));
        }
        say(&format!("value {:?}, seed {}", self.value, self.seed));
        for (at, s) in self.strata.iter().enumerate() {
            let unit = s.unit.map_or_else(|| "smaller units together".to_owned(), |id| format!("unit {id}"));
            say(&format!("stratum {}: layer {}, {unit}: {} of {}", at + 1, s.layer, s.drawn, s.population));
        }
        for item in &self.items {
            say(&format!("{} {} {} {}", item.no, item.stratum, item.assignment, item.sha256));
        }
        match (self.agrees, self.drawn) {
            (Some(true), Some(index)) => say(&format!("entry {index} says the same")),
            (Some(false), Some(index)) => {
                say(&format!("INVALID: entry {index} says that others were drawn, or by another value"))
            }
            _ => {}
        }
    }
}
