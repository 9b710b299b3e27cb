//! Writing down what became of a mail, once: every settle names the attempt it belongs to.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;

use super::claim::Claimed;
use super::leases::{self, hand_back};
use super::{Touched, digest};
use crate::domain::assignment::AssignmentState;
use crate::domain::campaign::CampaignState;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, LeaseId, MailId, MemberId, WaveId};
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::text_enum::TextEnum as _;
use crate::store::error::StoreError;
use crate::store::schema::{assignments, members, outbox};
use crate::store::sql_text::SqlText;
use crate::store::tx::{NewEntry, Tx};
use crate::store::types::At;
use crate::store::types::sql::Uid;
use crate::store::wave;

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The new state.
    pub state: MailState,
    /// When to try again; for `deferred` and `pending`.
    pub retry_at: Option<DateTime<Utc>>,
    /// Why, in the server's or the service's words.
    pub why: Option<String>,
}

/// A claimed mail and what became of it.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The claim.
    pub claimed: Claimed,
    /// The result.
    pub verdict: Verdict,
    /// The destination it was handed over for, or was given a place for.
    pub domain: Option<String>,
}

impl Settlement {
    /// A result that has nothing to do with a destination.
    #[must_use]
    pub const fn new(claimed: Claimed, verdict: Verdict) -> Self {
        Self { claimed, verdict, domain: None }
    }
}

/// Rows a statement; each id is one bind.
const CHUNK: usize = 500;
/// A server's reply is kept up to here.
pub(super) const WHY_CHARS: usize = 500;

/// What settlements of one statement share: state, attempt and lease, when to try again, why, destination.
type Alike<'a> = (MailState, (i32, Option<LeaseId>), Option<DateTime<Utc>>, Option<&'a str>, Option<&'a str>);

/// Settles claims. One that somebody else settled meanwhile, or claimed again, is left alone. Returns how many were settled.
///
/// # Errors
/// The database's failure.
pub fn settle(tx: &mut Tx<'_>, settlements: &[Settlement]) -> Result<usize, StoreError> {
    if settlements.is_empty() {
        tx.without_entry("nothing to settle");
        return Ok(0);
    }
    let mut groups: BTreeMap<Alike<'_>, Vec<MailId>> = BTreeMap::new();
    for Settlement { claimed, verdict, domain } in settlements {
        // A successful reply carries the server's own queue id, which nobody asks for later; without it a batch is one statement.
        let why = if verdict.state == MailState::Sent { None } else { verdict.why.as_deref() };
        let domain = domain.as_deref().or(claimed.domain.as_deref());
        groups
            .entry((verdict.state, (claimed.attempt, claimed.lease_id), verdict.retry_at, why, domain))
            .or_default()
            .push(claimed.id);
    }
    let mut settled: HashSet<MailId> = HashSet::with_capacity(settlements.len());
    for (alike, ids) in groups {
        for ids in ids.chunks(CHUNK) {
            settled.extend(settle_group(tx, alike, ids)?);
        }
    }
    let done: Vec<&Settlement> = settlements.iter().filter(|s| settled.contains(&s.claimed.id)).collect();
    hand_back(tx, done.iter().map(|s| &s.claimed))?;
    let inside = digest::settle_children(tx, &done)?;
    follow(tx, &done.iter().copied().chain(&inside).collect::<Vec<_>>())?;
    Ok(done.len())
}

fn settle_group(
    tx: &mut Tx<'_>,
    (state, (attempt, lease), retry_at, why, domain): Alike<'_>,
    ids: &[MailId],
) -> Result<Vec<MailId>, StoreError> {
    let why = why.map(|w| w.chars().take(WHY_CHARS).collect::<String>());
    let mut sql = SqlText::new();
    sql.push("UPDATE outbox SET lease_until = NULL, lease_id = NULL, state = ").text(state.as_str()).push(", last_error = ");
    optional(&mut sql, why, |sql, why| sql.text(why));
    optional(sql.push(", domain = "), domain, |sql, domain| sql.text(domain));
    optional(sql.push(", settled_at = "), (!state.is_open()).then_some(tx.now), |sql, at| sql.at(at));
    if let Some(at) = retry_at {
        sql.push(", next_attempt_at = ").at(at);
    }
    if state == MailState::Deferred {
        sql.push(", deferrals = deferrals + 1");
    }
    sql.push(" WHERE ").among("id", ids, tx.conn.is_sqlite()).push(" AND attempt = ").int(attempt);
    leases::of(&mut sql, lease).still("state", &[MailState::Sending.as_str()]).push(" RETURNING id");
    Ok(sql.kept().load::<Touched>(tx.conn)?.into_iter().map(|mail| mail.id).collect())
}

/// A value, or `NULL` in the text.
fn optional<T>(sql: &mut SqlText, value: Option<T>, add: impl FnOnce(&mut SqlText, T) -> &mut SqlText) {
    match value {
        Some(value) => add(sql, value),
        None => sql.push("NULL"),
    };
}

/// What follows from a settled mail: its assignment is notified, its wave's counters move, the log says so.
pub(super) fn follow(tx: &mut Tx<'_>, done: &[&Settlement]) -> Result<(), StoreError> {
    notify_assignments(tx, done)?;
    let subjects = subjects(tx, done)?;
    let mut silent = true;
    for s in done {
        let kind = match s.verdict.state {
            MailState::Sent => EventKind::MailSent,
            MailState::Failed => EventKind::MailFailed,
            MailState::Unknown => EventKind::MailUnknown,
            MailState::Suppressed => EventKind::MailSuppressed,
            MailState::Cancelled => EventKind::MailCancelled,
            MailState::Pending | MailState::Deferred | MailState::Sending => continue,
        };
        silent = false;
        let mut entry = NewEntry::new(kind)
            .payload(json!({ "mail": s.claimed.id, "mail_kind": s.claimed.kind, "attempt": s.claimed.attempt }));
        entry.campaign_id = s.claimed.campaign_id;
        entry.wave_id = s.claimed.wave_id;
        entry.assignment_id = s.claimed.assignment_id;
        entry.subject_ref = s.claimed.member_id.and_then(|id| subjects.get(&id).cloned());
        // A server's words may repeat the address.
        entry.detail = s.verdict.why.as_ref().filter(|_| s.verdict.state != MailState::Sent).map(|why| json!({ "why": why }));
        tx.record(entry);
    }
    if silent {
        tx.without_entry("only retries were put off");
    }
    // A wave's counters are what others wait for until the commit: everything else is written before them.
    tx.flush()?;
    let mut counts: BTreeMap<(WaveId, MailState), i64> = BTreeMap::new();
    for s in done {
        if let (Some(wave_id), false) = (s.claimed.wave_id, s.verdict.state.is_open()) {
            *counts.entry((wave_id, s.verdict.state)).or_default() += 1;
        }
    }
    for ((wave_id, state), n) in counts {
        count(tx, wave_id, state, n)?;
    }
    Ok(())
}

fn notify_assignments(tx: &mut Tx<'_>, done: &[&Settlement]) -> Result<(), StoreError> {
    let sent: Vec<AssignmentId> = done
        .iter()
        .filter(|s| s.verdict.state == MailState::Sent && s.claimed.kind == MailKind::Task)
        .filter_map(|s| s.claimed.assignment_id)
        .collect();
    for ids in sent.chunks(CHUNK) {
        let mut sql = SqlText::new();
        sql.push("UPDATE assignments SET state = ").text(AssignmentState::Notified.as_str()).push(", notified_at = ").at(tx.now);
        sql.push(" WHERE ").among("id", ids, tx.conn.is_sqlite()).still("state", &[AssignmentState::Planned.as_str()]);
        sql.kept().execute(tx.conn)?;
    }
    Ok(())
}

/// Adds to the wave's counter of a final state.
pub(super) fn count(tx: &mut Tx<'_>, wave_id: WaveId, state: MailState, n: i64) -> Result<(), StoreError> {
    let column = match state {
        MailState::Sent => "mail_sent",
        MailState::Failed => "mail_failed",
        MailState::Unknown => "mail_unknown",
        MailState::Suppressed => "mail_suppressed",
        MailState::Cancelled => "mail_cancelled",
        MailState::Pending | MailState::Deferred | MailState::Sending => return Ok(()),
    };
    diesel::sql_query(format!("UPDATE wave_counts SET {column} = {column} + $1 WHERE wave_id = $2"))
        .bind::<BigInt, _>(n)
        .bind::<Uid, _>(wave_id)
        .execute(tx.conn)?;
    Ok(())
}

fn subjects(tx: &mut Tx<'_>, done: &[&Settlement]) -> Result<HashMap<MemberId, String>, StoreError> {
    let ids: Vec<MemberId> = done
        .iter()
        .filter(|s| !s.verdict.state.is_open())
        .filter_map(|s| s.claimed.member_id)
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let rows = members::table.filter(members::id.eq_any(ids.to_vec())).select((members::id, members::subject_ref)).load::<(
            MemberId,
            String,
        )>(
            tx.conn,
        )?;
        found.extend(rows);
    }
    Ok(found)
}

/// Sends a `failed` or `unknown` mail again, because a person decided so. It may be put off as often as a new one.
///
/// # Errors
/// [`StoreError::Stale`] when the mail is in neither state.
pub fn retry(tx: &mut Tx<'_>, id: MailId) -> Result<(), StoreError> {
    let from = [MailState::Failed, MailState::Unknown];
    let digest = digest::step_out(tx, id)?;
    leave_final(tx, id, &from, MailState::Pending, EventKind::MailRetried)?;
    // With nothing left inside, it is found to be empty and cancelled.
    match digest {
        Some(digest) if digest::is_emptied(tx, digest)?.is_some() => {
            leave_final(tx, digest, &from, MailState::Pending, EventKind::MailRetried)
        }
        _ => Ok(()),
    }
}

/// Takes an `unknown` mail as sent, because a person decided so.
///
/// # Errors
/// [`StoreError::Stale`] when the mail is not `unknown`.
pub fn accept_unknown(tx: &mut Tx<'_>, id: MailId) -> Result<(), StoreError> {
    leave_final(tx, id, &[MailState::Unknown], MailState::Sent, EventKind::MailAccepted)?;
    let digest: Option<MailId> = outbox::table.find(id).select(outbox::digest_id).first(tx.conn)?;
    match digest {
        Some(digest) if digest::is_emptied(tx, digest)? == Some(MailState::Unknown) => {
            leave_final(tx, digest, &[MailState::Unknown], MailState::Sent, EventKind::MailAccepted)
        }
        _ => Ok(()),
    }
}

/// A mail's state and the campaign, wave and assignment it belongs to.
type Whereabouts = (MailState, Option<crate::domain::id::CampaignId>, Option<WaveId>, Option<AssignmentId>);

fn leave_final(tx: &mut Tx<'_>, id: MailId, from: &[MailState], to: MailState, event: EventKind) -> Result<(), StoreError> {
    let (state, campaign_id, wave_id, assignment_id): Whereabouts = outbox::table
        .find(id)
        .select((outbox::state, outbox::campaign_id, outbox::wave_id, outbox::assignment_id))
        .first(tx.conn)?;
    if !from.contains(&state) {
        return Err(StoreError::Stale);
    }
    let settled_at = (!to.is_open()).then_some(At(tx.now));
    // The campaign may have been paused, or resumed, since the mail came to its end.
    let held = match campaign_id {
        Some(campaign_id) if to.is_open() => wave::campaign_state(tx, campaign_id)? == CampaignState::Paused,
        _ => false,
    };
    let changed = diesel::update(outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.eq(state)))
        .set((
            outbox::state.eq(to),
            outbox::held.eq(held),
            outbox::deferrals.eq(0),
            outbox::next_attempt_at.eq(At(tx.now)),
            outbox::settled_at.eq(settled_at),
            outbox::last_error.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    if let Some(wave_id) = wave_id {
        count(tx, wave_id, state, -1)?;
        count(tx, wave_id, to, 1)?;
    }
    if let (MailState::Sent, Some(assignment_id)) = (to, assignment_id) {
        diesel::update(assignments::table.filter(assignments::id.eq(assignment_id)))
            .filter(assignments::state.eq(AssignmentState::Planned))
            .set((assignments::state.eq(AssignmentState::Notified), assignments::notified_at.eq(At(tx.now))))
            .execute(tx.conn)?;
    }
    let mut entry = NewEntry::new(event).payload(json!({ "mail": id, "was": state }));
    entry.campaign_id = campaign_id;
    entry.wave_id = wave_id;
    entry.assignment_id = assignment_id;
    tx.record(entry);
    // What travelled in a digest goes the same way.
    for inside in digest::sharing(tx, id, state)? {
        leave_final(tx, inside, from, to, event)?;
    }
    Ok(())
}
