//! `gaung ledger witness`: a small C2SP witness (<https://c2sp.org/tlog-witness>) that somebody else than the log's operator runs.

mod state;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Directory;
use super::remote::Remote;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{complain, say};
use crate::cli::start;
use crate::clock::{Clock as _, SystemClock};
use crate::ledger::cosign::{AddCheckpoint, Refusal};
use crate::ledger::export::{Reader, Source};
use crate::ledger::note::VerifierKey;
use crate::ledger::tree::consistency_proof;
use crate::web::witness::{Answer, serve};
use state::{No, Witness};

/// `gaung ledger witness`
#[derive(Debug, Args)]
pub struct Run {
    /// Keeps the witness's key and what it cosigned here; made where it is missing
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// The witness's name, for its first start: a URL without its scheme, such as auditor.example/witness
    #[arg(long)]
    name: Option<String>,
    /// A key of a log that it cosigns, as known from elsewhere than the log itself; several times
    #[arg(long, value_name = "KEY", required = true)]
    vkey: Vec<VerifierKey>,
    /// Takes the newest checkpoint of an export, cosigns it if it continues the last one, keeps it, and ends
    #[arg(long, value_name = "DIR|URL", conflicts_with = "listen")]
    once: Option<String>,
    /// Waits for checkpoints at this address
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
}

impl Run {
    /// Runs it.
    pub fn run(&self) -> Result<Outcome, Failure> {
        let witness = Witness::open(&self.state, self.name.as_deref(), self.vkey.clone()).map_err(refused)?;
        complain(&format!("this witness is {}", witness.key()));
        match self.once.as_deref() {
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                once(&witness, Remote::new(url).map_err(Failure::environment)?)
            }
            Some(dir) => once(&witness, Directory::open(dir.as_ref()).map_err(|e| Failure::environment(format!("{dir}: {e}")))?),
            None => self.listen(witness),
        }
    }

    fn listen(&self, witness: Witness) -> Result<Outcome, Failure> {
        let taken = |e: std::io::Error| Failure::environment(format!("{}: {e}", self.listen));
        let listener = TcpListener::bind(self.listen).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        complain(&format!("listening on http://{address}/add-checkpoint"));
        let decide = Arc::new(move |body: &[u8]| answer(&witness, body));
        start::block_on(async { serve(listener, decide).await.map_err(|e| Failure::environment(e.to_string())) })?;
        Ok(Outcome::Done)
    }
}

fn refused(no: No) -> Failure {
    match no {
        No::Broken(why) => Failure::environment(why),
        other => Failure::refused(other.to_string()),
    }
}

fn now() -> u64 {
    u64::try_from(SystemClock.now().timestamp()).unwrap_or_default()
}

/// Fetches, checks, cosigns.
fn once<S: Source>(witness: &Witness, source: S) -> Result<Outcome, Failure> {
    let reader = Reader::open(source).map_err(|e| Failure::environment(e.to_string()))?;
    let (checkpoint, note) = (reader.checkpoint().clone(), reader.note().clone());
    let (origin, size) = (checkpoint.origin.clone(), checkpoint.size);
    let seen = witness.seen(&origin).map_err(refused)?;
    let old = seen.map_or(0, |seen| seen.size);
    let hashes = match consistency_proof(&reader, old, size) {
        Ok(hashes) => hashes,
        // Fewer entries than were cosigned: what the log says now is not what it said.
        Err(crate::ledger::tree::OutOfTree::Beyond { .. }) => {
            complain(&format!(
                "gaung: {origin} has {size} entries now, and {old} were cosigned here before: nothing is cosigned"
            ));
            return Ok(Outcome::Contradicts);
        }
        Err(why) => return Err(Failure::environment(why.to_string())),
    };
    match witness.add(&AddCheckpoint { old, hashes, checkpoint, note }, now()) {
        Ok(signature) => {
            say(signature.line().trim_end());
            complain(&format!("cosigned {size} entries of {origin}, kept in {}", witness.path(&origin).display()));
            Ok(Outcome::Done)
        }
        Err(No::Refused(why @ (Refusal::Fork(_) | Refusal::Inconsistent(_)))) => {
            complain(&format!("gaung: {origin}: {why}: nothing is cosigned"));
            Ok(Outcome::Contradicts)
        }
        Err(no) => Err(refused(no)),
    }
}

/// The answer to a request, with the status codes of the specification.
fn answer(witness: &Witness, body: &[u8]) -> Answer {
    let plain = |status, why: String| Answer { status, content_type: "text/plain; charset=utf-8", body: format!("{why}\n") };
    let size = |size: u64| Answer { status: 409, content_type: "text/x.tlog.size", body: format!("{size}\n") };
    let asked = match AddCheckpoint::parse(body) {
        Ok(asked) => asked,
        Err(why) => return plain(400, why.to_string()),
    };
    match witness.add(&asked, now()) {
        Ok(signature) => Answer { status: 200, content_type: "text/plain; charset=utf-8", body: signature.line() },
        Err(No::UnknownLog(_)) => plain(404, "no key of this log is known here".into()),
        Err(No::Refused(why)) => match why {
            Refusal::Backwards => plain(400, why.to_string()),
            Refusal::Unbelieved(_) => plain(403, why.to_string()),
            Refusal::OtherSize(known) | Refusal::Fork(known) => size(known),
            Refusal::Inconsistent(_) => plain(422, why.to_string()),
        },
        Err(No::Broken(why)) => {
            complain(&format!("gaung: {why}"));
            plain(500, "the witness can't keep what it would cosign".into())
        }
    }
}
