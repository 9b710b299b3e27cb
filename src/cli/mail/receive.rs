//! `gaung mail receive`: a message that came back, as a mail server pipes it. The exit codes are those of sysexits.h, which such servers
//! read: 0 taken, 65 of no use, so that the server gives it up, 75 try again later.

use std::io::Read;

use clap::Args;

use super::super::{Place, start};
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::domain::bounce::ReportSource;
use crate::service::ServiceError;
use crate::service::mail_report::{self, Incoming, LARGEST};
use crate::store::migrate;

/// The message is of no use (sysexits.h, `EX_DATAERR`).
const UNUSABLE: u8 = 65;
/// Nothing is wrong with the message; try again (sysexits.h, `EX_TEMPFAIL`).
const TRY_AGAIN: u8 = 75;

/// `gaung mail receive`
#[derive(Debug, Args)]
pub struct Receive {
    /// To whom the message's envelope is addressed, as the mail server knows it; without, ORIGINAL_RECIPIENT or RECIPIENT of the environment
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
}

impl Receive {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        // Whatever fails before the message was looked at: the mail server keeps it.
        let raw = message(std::io::stdin().lock())
            .map_err(|error| try_again(anyhow::Error::from(error).context("can't read the message")))?;
        let app = open(place).map_err(|failure| try_again(failure.into_error()))?;
        let incoming =
            Incoming { source: ReportSource::Pipe, recipient: self.recipient.clone().or_else(recipient_of_environment), raw };
        start::block_on(async move {
            match mail_report::receive(&app, incoming).await {
                Ok(received) => {
                    tracing::info!(report = %received.id, kind = %received.kind, new = received.is_new, "a message was taken in");
                    Ok(Outcome::Done)
                }
                Err(error @ (ServiceError::Refused { .. } | ServiceError::Invalid(_))) => {
                    Err(Failure::Sysexit { code: UNUSABLE, error: error.into() })
                }
                Err(error) => Err(try_again(error.into())),
            }
        })
    }
}

/// Mail servers name the recipient to programs that they pipe to: Exim, which lets no argument carry it, as RECIPIENT, Postfix's local
/// delivery as ORIGINAL_RECIPIENT too, with what stood after its delimiter.
fn recipient_of_environment() -> Option<String> {
    let mut named = ["ORIGINAL_RECIPIENT", "RECIPIENT"].into_iter().filter_map(|name| std::env::var(name).ok());
    named.find(|address| address.contains('@'))
}

fn try_again(error: anyhow::Error) -> Failure {
    Failure::Sysexit { code: TRY_AGAIN, error }
}

/// The application on a database in this version's form. A mail server's pipe never migrates one.
fn open(place: &Place) -> Result<App, Failure> {
    let config = start::config(place, None)?;
    start::log(&config)?;
    let app = start::build(config)?;
    match migrate::pending(&app.db)? {
        0 => Ok(app),
        _ => Err(Failure::environment("the database is not in this version's form: run `gaung migrate`")),
    }
}

/// The whole input, of which as much is kept as is looked at: a mail server takes a pipe that closes early for a failure.
fn message(mut input: impl Read) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    input.by_ref().take(LARGEST as u64).read_to_end(&mut raw)?;
    std::io::copy(&mut input, &mut std::io::sink())?;
    Ok(raw)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_message_that_is_too_large_is_read_to_its_end_and_cut() {
        let mut input = std::io::repeat(b'x').take(LARGEST as u64 + 5);
        assert_eq!(message(&mut input).unwrap().len(), LARGEST);
        assert_eq!(input.limit(), 0);
    }
}
