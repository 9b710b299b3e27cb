//! `gaung bench`: measures this build on this machine, each figure beside a named peer or limit of the same run.

mod cold_start;
mod ground;
mod http;
mod import;
mod ledger_verify;
mod load;
mod mail;
mod memory;
mod open_wave;
mod outbox;
mod peer;
mod postfix;
mod proxy;
mod reading;
mod seal;
mod setting;
mod spread;

use clap::Subcommand;
use serde::Serialize;

use super::Place;
use super::failure::{Failure, Outcome};
use super::output::{say, say_json};

/// `gaung bench …`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The outbox's way to a relay: claims, texts, SMTP and settles, against `smtp-source` and nodemailer on the same `smtp-sink`
    Mail(mail::MailBench),
    /// Pages, lists, the log, files and the register over a large installation, each with its times, and the memory they take
    Reading(reading::ReadingBench),
    /// Opening a wave, against the plain statements that write the same rows
    OpenWave(open_wave::OpenWave),
    /// Claiming and settling mails while a million wait; `scripts/bench-peers` measures two job queues beside it
    Outbox(outbox::OutboxBench),
    /// Task pages and *Done* over HTTP, against the database's own rate of single-row commits
    Http(http::HttpBench),
    /// A file of a million members
    Import(import::ImportBench),
    /// Sealing the log: the lag from an event to its signed checkpoint, and what it costs beside the insert of the same rows
    Seal(seal::SealBench),
    /// From the start of `gaung serve` to its readiness, with ten thousand schedules and a million mails waiting
    ColdStart(cold_start::ColdStart),
    /// Checking an export of the log, against bare SHA-256 over the same bytes
    LedgerVerify(ledger_verify::LedgerVerify),
}

impl Command {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::Mail(bench) => bench.run(place),
            Self::Reading(bench) => bench.run(place),
            Self::OpenWave(bench) => bench.run(place),
            Self::Outbox(bench) => bench.run(place),
            Self::Http(bench) => bench.run(place),
            Self::Import(bench) => bench.run(place),
            Self::Seal(bench) => bench.run(place),
            Self::ColdStart(bench) => bench.run(place),
            Self::LedgerVerify(bench) => bench.run(),
        }
    }
}

/// Prints what was measured: one line of JSON for machines, or as text.
fn tell<R: Serialize>(json: bool, report: &R, text: impl FnOnce(&R) -> String) -> Result<Outcome, Failure> {
    if json {
        say_json(report)?
    } else {
        say(&text(report))
    }
    Ok(Outcome::Done)
}

/// The middle one of some figures; the higher of the middle two where their number is even.
fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_middle_is_not_the_mean() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![]), None);
    }
}
