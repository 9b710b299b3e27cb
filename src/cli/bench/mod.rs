//! `gaung bench`: measures this build on this machine, each figure beside a named peer or limit of the same run.

mod ground;
mod mail;
mod peer;
mod postfix;
mod proxy;
mod reading;

use clap::Subcommand;

use super::Place;
use super::failure::{Failure, Outcome};

/// `gaung bench …`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The outbox's way to a relay: claims, texts, SMTP and settles, against `smtp-source` and nodemailer on the same `smtp-sink`
    Mail(mail::MailBench),
    /// Pages, lists, the log, files and the register over a large installation, each with its times, and the memory they take
    Reading(reading::ReadingBench),
}

impl Command {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::Mail(bench) => bench.run(place),
            Self::Reading(bench) => bench.run(place),
        }
    }
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
