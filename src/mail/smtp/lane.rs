//! A lane: one connection at a time, and the messages that travel over it one behind the other.

use tokio::time::{Instant, timeout_at};

use super::parcel::Job;
use super::pool::{Shared, closing};
use super::session::{Connection, open as connect};
use super::transaction::{self, Fate, Opening, Verdict};
use crate::mail::outcome::Outcome;

/// What a lane is left with when nothing more can travel over its connection, or nothing more waits.
struct Left {
    /// A connection that is still good.
    kept: Option<Connection>,
    /// A message that met a stale connection and must go on a new one.
    job: Option<Job>,
}

/// Carries messages until the pool closes or none has come for the idle limit.
pub async fn run(shared: &Shared) {
    let mut kept: Option<Connection> = None;
    while let Some(job) = shared.next(kept.is_some()).await {
        kept = carry(shared, kept.take(), job).await;
    }
    if let Some(connection) = kept {
        connection.quit().await;
    }
}

/// Carries `job` and those that wait behind it, on the kept connection or on a new one.
async fn carry(shared: &Shared, kept: Option<Connection>, job: Job) -> Option<Connection> {
    let mut left = match kept {
        Some(connection) => match ready(shared, connection, &job).await {
            Some(connection) => travel(shared, connection, job).await,
            None => Left { kept: None, job: Some(job) },
        },
        None => Left { kept: None, job: Some(job) },
    };
    while let Some(job) = left.job.take() {
        if shared.is_closing() {
            job.answer(closing());
            break;
        }
        let opened = before(job.deadline, connect(&shared.config, shared.tls.as_ref())).await;
        left = match opened {
            Some(Ok(connection)) => travel(shared, connection, job).await,
            Some(Err(outcome)) => {
                if matches!(outcome, Outcome::RelayRefused { .. }) {
                    // The relay refuses this service: those that wait would fare no better, one connection each.
                    shared.answer_waiting(&outcome);
                }
                job.answer(outcome);
                Left { kept: None, job: None }
            }
            None => {
                job.answer(Outcome::NotSent { why: "no connection could be opened within the send limit".to_owned() });
                Left { kept: None, job: None }
            }
        };
    }
    left.kept
}

/// A kept connection that is still worth a try: young, silent, and back at the start of a transaction.
async fn ready(shared: &Shared, mut connection: Connection, job: &Job) -> Option<Connection> {
    if connection.idle_since.elapsed() > shared.config.idle_limit || !connection.wire.is_quiet().await {
        return None;
    }
    connection.wire.set_deadline(job.deadline);
    reset(shared, &mut connection).await.then_some(connection)
}

/// Brings the connection back to the start of a transaction; says whether it is there.
async fn reset(shared: &Shared, connection: &mut Connection) -> bool {
    if connection.needs_reset {
        let reply = connection.wire.ask("RSET\r\n", shared.config.timeouts.command).await;
        connection.needs_reset = !reply.is_ok_and(|reply| reply.is_positive());
    }
    !connection.needs_reset
}

/// Sends `job` and then whatever else waits over one connection, the next one's opening behind each message's final dot.
async fn travel(shared: &Shared, mut connection: Connection, job: Job) -> Left {
    let limits = &shared.config.timeouts;
    connection.wire.set_deadline(job.deadline);
    let was_used = connection.used > 0;
    let opening = match Opening::of(&connection, &job.parcel) {
        Ok(opening) => opening,
        Err(verdict) => {
            job.answer(verdict.outcome);
            return rest(shared, connection).await;
        }
    };
    let opened = transaction::open(&mut connection, &job.parcel, &opening, limits).await;
    if let Err(verdict) = opened {
        return settle(shared, connection, (job, was_used), verdict).await;
    }
    let mut job = job;
    loop {
        if shared.is_closing() {
            // Nothing but its envelope was sent, so nobody can have it: the connection ends with the transaction open.
            job.answer(closing());
            return Left { kept: None, job: None };
        }
        let ahead = look_ahead(shared, &connection);
        let opening = ahead.as_ref().map(|(_, opening)| opening);
        if let Err(verdict) = transaction::write(&mut connection, &mut job.parcel.payload, opening, limits).await {
            // A kept connection that broke in the middle of the message: nothing of it was accepted.
            let left = settle(shared, connection, (job, was_used), verdict).await;
            return both(shared, left, ahead.map(|(next, _)| next));
        }
        let verdict = transaction::conclude(&mut connection, limits).await;
        let fate = verdict.fate;
        job.answer(verdict.outcome);
        let Some((next, _)) = ahead else {
            if fate == Fate::Spent {
                return Left { kept: None, job: None };
            }
            return rest(shared, connection).await;
        };
        if fate == Fate::Spent {
            // Only its envelope was sent: nothing of it can have been accepted.
            return Left { kept: None, job: Some(next) };
        }
        connection.wire.set_deadline(next.deadline);
        if let Err(verdict) = transaction::read_opening(&mut connection, &next.parcel.envelope, limits).await {
            return settle(shared, connection, (next, true), verdict).await;
        }
        job = next;
    }
}

/// The next message that waits, if it may travel over this connection too.
fn look_ahead(shared: &Shared, connection: &Connection) -> Option<(Job, Opening)> {
    if !connection.extensions.pipelining || connection.used >= shared.config.messages_per_connection {
        return None;
    }
    loop {
        let job = shared.try_next()?;
        match Opening::of(connection, &job.parcel) {
            Ok(opening) => return Some((job, opening)),
            Err(verdict) => job.answer(verdict.outcome),
        }
    }
}

/// Ends a message that was not handed over, or keeps it for a new connection where this one had only gone stale.
async fn settle(shared: &Shared, mut connection: Connection, (mut job, was_used): (Job, bool), verdict: Verdict) -> Left {
    let again = verdict.stale && was_used && !job.second_try;
    if again {
        job.second_try = true;
        return Left { kept: None, job: Some(job) };
    }
    job.answer(verdict.outcome);
    match verdict.fate {
        Fate::Spent => Left { kept: None, job: None },
        fate => {
            connection.needs_reset = fate == Fate::NeedsReset;
            rest(shared, connection).await
        }
    }
}

/// Adds the message that was next to what is left: where a lane can take only one further, the queue takes the other back.
fn both(shared: &Shared, left: Left, next: Option<Job>) -> Left {
    match (left.job, next) {
        (Some(job), Some(next)) => {
            shared.put_back(next);
            Left { kept: left.kept, job: Some(job) }
        }
        (job, next) => Left { kept: left.kept, job: job.or(next) },
    }
}

/// Keeps the connection for the next message, or ends it where it has carried its share.
async fn rest(shared: &Shared, mut connection: Connection) -> Left {
    connection.wire.set_deadline(None);
    connection.idle_since = Instant::now();
    if connection.used >= shared.config.messages_per_connection {
        connection.quit().await;
        return Left { kept: None, job: None };
    }
    Left { kept: Some(connection), job: None }
}

/// The work's result, or `None` once the deadline has passed.
async fn before<T>(deadline: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(at) => timeout_at(at, work).await.ok(),
        None => Some(work.await),
    }
}
