//! Handing mails to the relay: claiming, composing, sending and settling side by side, each as fast as the next one takes.
//!
//! The stages are joined by short queues, and a few batches are in a worker's hands. A worker that dies leaves in doubt what `begin` has
//! marked of them; the rest waits again. One hand writes for all of them (`writer`).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::compose::{Composed, compose_all};
use super::health::Brake;
use super::judge::judge;
use super::pace::admit;
use super::prepare::{Prepared, prepare};
use super::share::{Hold, Share};
use super::writer::{self, Writer};
use super::{BATCHES_A_RUN, put_back, send_limit};
use crate::app::App;
use crate::config::MailPace;
use crate::domain::outbox::MailState;
use crate::fault;
use crate::mail::outcome::Outcome;
use crate::mail::smtp::{Parcel, Pool};
use crate::service::ServiceError;
use crate::service::dispatch::Progress;
use crate::service::stride::Stride;
use crate::store::outbox::{Claimed, Settlement, Verdict};

/// Messages in the pool's hands for each connection: one under way, one to look ahead to, and some to follow, so that no lane runs dry
/// while the processors are busy with what comes next.
const PER_CONNECTION: usize = 6;

/// Mails that are ready and wait for a place, at most.
const MOST_WAITING: usize = 500;
/// Mails composed in one go. Two goes at once were slower: they take the processors from the lanes.
const PIECE: usize = 50;
/// Batches in a worker's hands at once: one that is sent, one that is made and one that is claimed.
const BATCHES_AT_ONCE: usize = 3;
/// And so many more where the relay is fast: what is claimed and not begun is in nobody's way then.
const MORE_BATCHES: usize = 3;
/// Mails marked in advance, at first ...
const MARKED_FIRST: u32 = 64;
/// ... at least ...
const MARKED_LEAST: u32 = 16;
/// ... and at most: what a dead worker leaves in doubt is hardly more than this, what its connections hold and what was not settled.
const MARKED_MOST: u32 = 200;
/// The time for which the lanes are supplied by one mark.
const MARKED_FOR: Duration = Duration::from_millis(20);

/// A mail ready for the wire.
struct Ready {
    claimed: Claimed,
    parcel: Parcel,
    hold: Arc<Hold>,
}

impl Ready {
    fn domain(&self) -> String {
        self.parcel.envelope().recipient.domain().to_owned()
    }
}

/// Hands over what is due until nothing is.
pub(super) async fn run(app: &App, pool: &Arc<Pool>) -> Result<Progress, ServiceError> {
    let (prepared_in, prepared_out) = channel(1);
    let (ready_in, ready_out) = channel(pool.config().connections.max(1) * PER_CONNECTION);
    let (writer, asks) = writer::pair();
    let places = Arc::new(Semaphore::new(BATCHES_AT_ONCE));
    let brake = Brake::default();
    let (taken, composed, (), settled) = tokio::join!(
        take(app, &places, prepared_in, writer.clone()),
        make(app, prepared_out, ready_in, writer.clone()),
        send(app, pool, (&brake, &places), (ready_out, writer)),
        writer::run(app, asks, &brake),
    );
    // What was settled counts also where another stage failed; the failure is told.
    let progress = settled?;
    taken.and(composed).map(|()| progress)
}

/// Claims and prepares.
async fn take(
    app: &App,
    places: &Arc<Semaphore>,
    prepared: Sender<(Vec<Prepared>, Arc<Hold>)>,
    writer: Writer,
) -> Result<(), ServiceError> {
    let share = Share::new(app.config.mail.batch_size);
    for _ in 0..BATCHES_A_RUN {
        // Nobody closes the semaphore.
        let Ok(place) = Arc::clone(places).acquire_owned().await else { break };
        let Some(batch) = writer.claim(share.next()).await? else { break };
        let hold = Hold::new(batch.lease, &share, place);
        let admitted = async {
            fault::check("delivery.prepare.before")?;
            admit(app, prepare(app, &batch.claimed).await?).await
        };
        match admitted.await {
            Ok((mails, waits)) => {
                writer.results(waits).await;
                if prepared.send((mails, hold)).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                writer.results(put_back(app, batch.claimed)).await;
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Renders, builds and frames, off the async threads.
async fn make(
    app: &App,
    mut prepared: Receiver<(Vec<Prepared>, Arc<Hold>)>,
    ready: Sender<Ready>,
    writer: Writer,
) -> Result<(), ServiceError> {
    while let Some((mut mails, hold)) = prepared.recv().await {
        while !mails.is_empty() {
            // In pieces, so that the first of a batch leaves while the last is made.
            let rest = mails.split_off(mails.len().min(PIECE));
            let piece = std::mem::replace(&mut mails, rest);
            let framed = |mail: Composed| (mail.claimed, Parcel::new(mail.envelope, mail.bytes));
            let (composed, ended) = compose_all(app, piece, framed).await?;
            writer.results(ended).await;
            for (claimed, parcel) in composed {
                if ready.send(Ready { claimed, parcel, hold: Arc::clone(&hold) }).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Keeps the pool's lanes busy, and each destination within its limit. What goes next is marked while the lanes are at work.
async fn send(
    app: &App,
    pool: &Arc<Pool>,
    (brake, places): (&Brake, &Semaphore),
    (mut ready, writer): (Receiver<Ready>, Writer),
) {
    let most = pool.config().connections.max(1) * PER_CONNECTION;
    let (mut waiting, mut begun) = (Waiting::default(), VecDeque::new());
    let (mut marking, mut under_way) = (FuturesUnordered::new(), FuturesUnordered::new());
    let mut ahead = Ahead::new();
    let mut more = true;
    while more || !under_way.is_empty() || !marking.is_empty() || !waiting.is_empty() || !begun.is_empty() {
        while under_way.len() < most {
            let Some(mail) = begun.pop_front() else { break };
            under_way.push(send_one(app, pool, brake, mail));
        }
        if marking.is_empty() && begun.len() < ahead.many() {
            let group = waiting.group(&app.config.mail.pace, ahead.many());
            if !group.is_empty() {
                if ahead.learn(group.len()) {
                    places.add_permits(MORE_BATCHES);
                }
                marking.push(mark(app, &writer, group));
            }
        }
        tokio::select! {
            Some((domain, settlement)) = under_way.next(), if !under_way.is_empty() => {
                waiting.left(&domain);
                writer.results(vec![settlement]).await;
            }
            Some(marked) = marking.next(), if !marking.is_empty() => {
                marked.lost.iter().chain(marked.not_begun.iter().map(|(domain, _)| domain)).for_each(|domain| waiting.left(domain));
                writer.results(marked.not_begun.into_iter().map(|(_, settlement)| settlement).collect()).await;
                begun.extend(marked.begun);
            }
            mail = ready.recv(), if more && waiting.has_room() => match mail {
                Some(mail) => waiting.add(mail),
                None => more = false,
            },
        }
    }
}

/// How many are marked in advance: as many as the lanes take in a few transactions' time. Fewer and the lanes would wait for the disk;
/// more and a dead worker would leave more in doubt.
struct Ahead {
    stride: Stride,
    last: Option<(u32, Instant)>,
    was_widest: bool,
}

impl Ahead {
    fn new() -> Self {
        Self { stride: Stride::new(MARKED_FIRST, (MARKED_LEAST, MARKED_MOST), MARKED_FOR), last: None, was_widest: false }
    }
    const fn many(&self) -> usize {
        self.stride.next() as usize
    }
    /// So many are marked now, after the lanes have used up what was marked before. Says when the relay proves to be a fast one.
    fn learn(&mut self, many: usize) -> bool {
        if let Some((many, at)) = self.last {
            self.stride.learn(many, at.elapsed());
        }
        self.last = Some((u32::try_from(many).unwrap_or(u32::MAX), Instant::now()));
        let is_fast = self.stride.is_widest() && !self.was_widest;
        self.was_widest |= is_fast;
        is_fast
    }
}

/// What became of a group that was to be marked.
#[derive(Default)]
struct Marked {
    begun: Vec<Ready>,
    /// Destinations of mails that are somebody else's by now: nothing is to be settled.
    lost: Vec<String>,
    /// With their destinations: put back, where nothing could be written down.
    not_begun: Vec<(String, Settlement)>,
}

async fn mark(app: &App, writer: &Writer, group: Vec<Ready>) -> Marked {
    let mut marked = Marked::default();
    let Some(lease) = group.first().map(|mail| mail.hold.lease) else { return marked };
    let ours = writer.begin(group.iter().map(|mail| mail.claimed.clone()).collect(), lease).await;
    for mail in group {
        match &ours {
            Some(ours) if ours.contains(&mail.claimed.id) => marked.begun.push(mail),
            Some(_) => {
                mail.hold.was_late();
                marked.lost.push(mail.domain());
            }
            None => {
                let domain = mail.domain();
                marked.not_begun.extend(put_back(app, vec![mail.claimed]).into_iter().map(|s| (domain.clone(), s)));
            }
        }
    }
    marked
}

/// Mails that are ready, and how many are under way to each destination.
#[derive(Default)]
struct Waiting {
    mails: VecDeque<Ready>,
    under_way: HashMap<String, u32>,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.mails.is_empty()
    }
    /// A few wait, so that a destination at its limit does not hold up the others at once.
    fn has_room(&self) -> bool {
        self.mails.len() < MOST_WAITING
    }
    fn add(&mut self, mail: Ready) {
        self.mails.push_back(mail);
    }
    /// The next mails whose destinations have room, to be marked together.
    fn group(&mut self, pace: &MailPace, many: usize) -> Vec<Ready> {
        std::iter::from_fn(|| self.next(pace)).take(many).collect()
    }
    /// The first mail whose destination has room.
    fn next(&mut self, pace: &MailPace) -> Option<Ready> {
        let place = self.mails.iter().position(|mail| {
            let domain = mail.parcel.envelope().recipient.domain();
            let limit = pace.of(domain).at_once;
            limit == 0 || self.under_way.get(domain).is_none_or(|n| *n < limit)
        })?;
        let mail = self.mails.remove(place)?;
        *self.under_way.entry(mail.domain()).or_default() += 1;
        Some(mail)
    }
    /// A mail to this destination was dealt with.
    fn left(&mut self, domain: &str) {
        if let Some(n) = self.under_way.get_mut(domain) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                self.under_way.remove(domain);
            }
        }
    }
}

/// Hands one over; returns its destination with what became of it.
async fn send_one(app: &App, pool: &Pool, brake: &Brake, mail: Ready) -> (String, Settlement) {
    let now = app.clock.now();
    let domain = mail.domain();
    let resting = app.relay.resting(now);
    let braked = brake.stops(&domain, mail.claimed.campaign_id, now);
    let is_late = !mail.hold.lease.may_start(send_limit(mail.hold.lease.lasts));
    if is_late {
        mail.hold.was_late();
    }
    // Not begun, so nobody can have it: back to pending, as if it had not been claimed.
    if app.is_stopping() || resting.is_some() || braked.is_some() || is_late {
        let retry_at = resting.map(|(until, _)| until).or(braked).unwrap_or(now);
        let verdict = Verdict { state: MailState::Pending, retry_at: Some(retry_at), why: None };
        return (domain, Settlement::new(mail.claimed, verdict));
    }
    let outcome = pool.deliver(mail.parcel).await;
    if app.is_stopping() && matches!(outcome, Outcome::NotSent { .. }) {
        // Given back because the service stops: no fault of the relay's, and no attempt of the mail's.
        let verdict = Verdict { state: MailState::Pending, retry_at: Some(app.clock.now()), why: None };
        return (domain, Settlement::new(mail.claimed, verdict));
    }
    let rests_until = match &outcome {
        Outcome::RelayRefused { why } => Some(app.relay.failed(app.clock.now(), why)),
        Outcome::NotSent { why } => app.relay.stumbled(mail.claimed.id, app.clock.now(), why),
        Outcome::Delivered { .. } | Outcome::TempFail { .. } | Outcome::PermFail { .. } | Outcome::Unknown { .. } => {
            app.relay.answered();
            None
        }
    };
    if let Some(until) = rests_until {
        tracing::warn!(%until, why = outcome.reason(), "the relay failed as a whole; mail rests");
    }
    let verdict = judge(&app.config.mail, &mail.claimed, &outcome, app);
    (domain.clone(), Settlement { claimed: mail.claimed, verdict, domain: Some(domain) })
}
