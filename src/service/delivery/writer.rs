//! The one hand that writes for a relay's worker: results, the marks on what goes next and the next claim share a transaction where
//! they come together. Each in its own would wait for the disk of the others, and the connections with it.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::begin::{begin, warn_of_lost};
use super::claiming::{Claiming, claim_next};
use super::health::{Brake, Stopped};
use super::settling::{Results, settle_braked};
use super::{Batch, Lease, put_back};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::MailId;
use crate::domain::outbox::MailState;
use crate::fault;
use crate::service::ServiceError;
use crate::service::dispatch::Progress;
use crate::store::outbox::{self, Claimed, Settlement};

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;

/// Results written in one transaction at most: a crash makes so many delivered mails `unknown`.
const MOST_RESULTS: usize = 500;
/// How long a result waits for something to share its transaction with.
const GATHER: Duration = Duration::from_millis(40);

/// What a stage asks to have written.
enum Ask {
    Result(Settlement),
    Begin(Marks),
    Claim(Wanted),
}

type Answer<T> = oneshot::Sender<T>;

/// Mails about to be handed over.
struct Marks {
    mails: Vec<Claimed>,
    lease: Lease,
    answer: Answer<Option<HashSet<MailId>>>,
}

/// A batch that is wanted.
struct Wanted {
    limit: u32,
    answer: Answer<Result<Option<Batch>, ServiceError>>,
}

/// The stages' way to the writer. A stage that asks for a claim or a mark waits for the answer, so there is one of each at most.
#[derive(Clone)]
pub(super) struct Writer(Sender<Ask>);

/// The writer's end of it.
pub(super) struct Asks(Receiver<Ask>);

/// Both ends. The writer is done when the last stage has dropped its own.
pub(super) fn pair() -> (Writer, Asks) {
    let (asks, asked) = channel(MOST_RESULTS);
    (Writer(asks), Asks(asked))
}

impl Writer {
    /// Has these written down, with others.
    pub async fn results(&self, settlements: Vec<Settlement>) {
        for settlement in settlements {
            if self.0.send(Ask::Result(settlement)).await.is_err() {
                // Only a writer that panicked is gone before the stages.
                tracing::error!("a result could not be passed on; the mail's lease decides");
            }
        }
    }

    /// Marks them as begun; returns those that may be handed over, as [`begin`] does.
    pub async fn begin(&self, mails: Vec<Claimed>, lease: Lease) -> Option<HashSet<MailId>> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Ask::Begin(Marks { mails, lease, answer })).await.ok()?;
        answered.await.ok().flatten()
    }

    /// Takes the next batch of at most so many, as [`claim_next`] does.
    pub async fn claim(&self, limit: u32) -> Result<Option<Batch>, ServiceError> {
        let gone = || ServiceError::Internal("the writer of a worker's results is gone".to_owned());
        let (answer, answered) = oneshot::channel();
        self.0.send(Ask::Claim(Wanted { limit, answer })).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// What goes into the next transaction.
#[derive(Default)]
struct Page {
    results: Vec<Settlement>,
    marks: Option<Marks>,
    claim: Option<Wanted>,
}

impl Page {
    fn add(&mut self, ask: Ask) {
        match ask {
            Ask::Result(settlement) => self.results.push(settlement),
            Ask::Begin(marks) => self.marks = Some(marks),
            Ask::Claim(wanted) => self.claim = Some(wanted),
        }
    }

    /// Whether it is to be written now: a stage waits for it, or it is full. What went wrong is written down at once, too: it may be the
    /// one too many.
    fn is_due(&self) -> bool {
        let wrong = self.results.last().is_some_and(|s| s.verdict.state != MailState::Sent);
        self.marks.is_some() || self.claim.is_some() || wrong || self.results.len() >= MOST_RESULTS
    }
}

/// Writes what is asked for, until no stage is left to ask.
pub(super) async fn run(app: &App, Asks(mut asks): Asks, brake: &Brake) -> Result<Progress, ServiceError> {
    let mut progress = Progress::default();
    let mut first_error = None;
    while let Some(first) = asks.recv().await {
        let until = Instant::now() + GATHER;
        let mut page = Page::default();
        page.add(first);
        while !page.is_due() {
            match timeout_at(until, asks.recv()).await {
                Ok(Some(next)) => page.add(next),
                Ok(None) | Err(_) => break,
            }
        }
        // Whatever else is there goes with it.
        while page.results.len() < MOST_RESULTS
            && let Ok(next) = asks.try_recv()
        {
            page.add(next);
        }
        match write(app, page, brake).await {
            Ok(done) => progress += done,
            Err(error) => {
                tracing::error!(%error, "results could not be written down; the mails' leases decide");
                first_error.get_or_insert(error);
            }
        }
    }
    first_error.map_or(Ok(progress), Err)
}

/// Writes a page: in one transaction, or, where that fails, each part by itself: a part that fails must not take the others along.
async fn write(app: &App, mut page: Page, brake: &Brake) -> Result<Progress, ServiceError> {
    let parts = usize::from(!page.results.is_empty()) + usize::from(page.marks.is_some()) + usize::from(page.claim.is_some());
    let mut progress = Progress::default();
    if parts > 1 {
        match together(app, &mut page, brake).await {
            Ok(done) => return Ok(done),
            Err((error, in_doubt)) => {
                tracing::info!(%error, "what was to be written together is written part by part");
                page.results.extend(in_doubt);
            }
        }
    }
    let settled = if page.results.is_empty() {
        Ok(Progress::default())
    } else {
        settle_braked(app, Results::new(app, page.results), brake).await
    };
    if let Some(Marks { mails, lease, answer }) = page.marks {
        // A stage that is gone needs no answer; so below.
        let _ = answer.send(begin(app, mails, lease).await);
    }
    if let Some(Wanted { limit, answer }) = page.claim {
        let _ = answer.send(claim_next(app, limit).await);
    }
    progress += settled?;
    Ok(progress)
}

/// What one transaction wrote.
struct Written {
    ours: HashSet<MailId>,
    claimed: Vec<Claimed>,
    settled: (usize, Stopped),
}

/// All of a page in one transaction. Where that fails, says what of the claim may have been committed all the same.
async fn together(app: &App, page: &mut Page, brake: &Brake) -> Result<Progress, (ServiceError, Vec<Settlement>)> {
    let results = Results::new(app, page.results.clone());
    let mails = page.marks.as_ref().map(|marks| marks.mails.clone()).unwrap_or_default();
    let claiming = page.claim.as_ref().and_then(|wanted| Claiming::new(app, wanted.limit));
    for (asked, point) in [(!mails.is_empty(), "outbox.begin.before"), (!page.results.is_empty(), "outbox.settle.before")] {
        if asked {
            fault::point(point);
        }
    }
    let (this, writing, claim) = (app.clone(), results.clone(), claiming.clone());
    let written = app.db.write(Actor::System, move |tx| {
        // What others wait for, a wave's counters, comes last.
        let ours = outbox::begin(tx, &mails)?;
        let claimed = claim.map(|claim| claim.write(tx)).transpose()?.unwrap_or_default();
        Ok::<_, ServiceError>(Written { ours, claimed, settled: writing.write(tx, &this)? })
    });
    match written.await {
        Ok(Written { ours, claimed, settled }) => {
            if let Some(Marks { mails, answer, .. }) = page.marks.take() {
                fault::point("outbox.begin.committed");
                warn_of_lost(mails.len(), ours.len());
                let _ = answer.send(Some(ours));
            }
            if let Some(Wanted { answer, .. }) = page.claim.take() {
                let _ = answer.send(Ok(claiming.and_then(|claiming| claiming.committed(claimed))));
            }
            if page.results.is_empty() { Ok(Progress::default()) } else { Ok(results.committed(app, brake, settled).await) }
        }
        Err(error) => Err((error, claiming.map(|claiming| put_back(app, claiming.in_doubt())).unwrap_or_default())),
    }
}
