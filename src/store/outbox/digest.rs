//! Several mails of one member in one: a digest takes them in, they travel inside it, and they share its end.
//!
//! A mail inside a digest stays `pending`, so that whatever ends it meanwhile (done, declined, expired, paused) ends it as ever.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::claim::{COLUMNS, Claimed};
use super::leases::hand_back;
use super::settle::{Settlement, Verdict, follow};
use super::waiting::{Which, take};
use super::{NewMail, Touched, enqueue};
use crate::domain::id::{MailId, MemberId};
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::text_enum::TextEnum as _;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::outbox;
use crate::store::sql_text::SqlText;
use crate::store::tx::Tx;
use crate::store::types::At;
use crate::store::types::sql::Uid;

/// Rows a statement; each id is one bind, or three.
const CHUNK: usize = 500;

/// Mails of one member that become one.
#[derive(Debug, Clone)]
pub struct Fold {
    /// The member.
    pub member_id: MemberId,
    /// The mails, in this worker's hands: they are put back.
    pub claimed: Vec<Claimed>,
}

/// A mail inside a digest.
#[derive(Debug, Clone, QueryableByName)]
pub struct Child {
    /// The digest.
    #[diesel(sql_type = Uid)]
    pub digest_id: MailId,
    /// Whether its campaign is paused.
    #[diesel(sql_type = Bool)]
    pub held: bool,
    /// The mail.
    #[diesel(embed)]
    pub mail: Claimed,
}

/// Why a mail does not travel in its digest after all.
#[derive(Debug, Clone)]
pub struct Left {
    /// The mail.
    pub mail: Claimed,
    /// Its end; none: it waits by itself again.
    pub end: Option<Verdict>,
}

/// When these mails were made.
///
/// # Errors
/// The database's failure.
pub fn made_at(conn: &mut Conn, ids: &[MailId]) -> Result<HashMap<MailId, DateTime<Utc>>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let rows = outbox::table.filter(outbox::id.eq_any(ids.to_vec())).select((outbox::id, outbox::created_at));
        found.extend(rows.load::<(MailId, At)>(conn)?.into_iter().map(|(id, at)| (id, at.0)));
    }
    Ok(found)
}

/// Claims what else is due to the members of claimed mails about tasks, so that one worker has all of it in hand and can make it one.
///
/// # Errors
/// The database's failure.
pub(super) fn claim_beside(tx: &mut Tx<'_>, claimed: &[Claimed], lease_until: DateTime<Utc>) -> Result<Vec<Claimed>, StoreError> {
    let is_task = |mail: &&Claimed| matches!(mail.kind, MailKind::Task | MailKind::Reminder);
    let members: BTreeSet<MemberId> = claimed.iter().filter(is_task).filter_map(|mail| mail.member_id).collect();
    let members: Vec<MemberId> = members.into_iter().collect();
    let mut found = Vec::new();
    for members in members.chunks(CHUNK) {
        found.extend(take(tx, Which::TasksOf(members), None, i64::MAX, lease_until)?.claimed);
    }
    Ok(found)
}

/// Makes each member's mails one: a new digest, due at once, takes in what nobody else settled meanwhile.
///
/// # Errors
/// The database's failure.
pub fn fold(tx: &mut Tx<'_>, folds: &[Fold]) -> Result<(), StoreError> {
    tx.without_entry("mails that wait for one member become one; the settling of that is recorded");
    let digests: Vec<(MailId, &Fold)> = folds.iter().map(|fold| (MailId::new(), fold)).collect();
    let new = |(id, fold): &(MailId, &Fold)| NewMail {
        id: Some(*id),
        member_id: Some(fold.member_id),
        ..NewMail::new(MailKind::Digest)
    };
    enqueue(tx, &digests.iter().map(new).collect::<Vec<_>>())?;
    let claimed = digests.iter().flat_map(|(digest, fold)| fold.claimed.iter().map(|mail| (mail, *digest)));
    let mut inside = HashSet::new();
    for part in claimed.collect::<Vec<_>>().chunks(CHUNK) {
        inside.extend(take_in(tx, part)?);
    }
    hand_back(tx, folds.iter().flat_map(|fold| &fold.claimed).filter(|mail| inside.contains(&mail.id)))
}

/// Puts claimed mails back, into their digests. Returns those that were still claimed.
fn take_in(tx: &mut Tx<'_>, mails: &[(&Claimed, MailId)]) -> Result<Vec<MailId>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("WITH taken(mail, attempt, lease, digest) AS (VALUES ");
    for (n, (mail, digest)) in mails.iter().enumerate() {
        sql.push(if n == 0 { "(" } else { ", (" }).id(mail.id).push(", ").int(mail.attempt).push(", ");
        match mail.lease_id {
            Some(lease) => sql.id(lease),
            None => sql.push("CAST(NULL AS uuid)"),
        };
        sql.push(", ").id(*digest).push(")");
    }
    sql.push(") UPDATE outbox SET state = 'pending', lease_until = NULL, lease_id = NULL, digest_id = taken.digest, next_attempt_at = ")
        .at(tx.now);
    sql.push(" FROM taken WHERE outbox.id = taken.mail AND outbox.attempt = taken.attempt AND outbox.lease_id IS NOT DISTINCT FROM taken.lease AND outbox.state = 'sending' RETURNING outbox.id");
    Ok(sql.query().load::<Touched>(tx.conn)?.into_iter().map(|mail| mail.id).collect())
}

/// What travels in these digests and has not ended meanwhile, in the order of making.
///
/// # Errors
/// The database's failure.
pub fn children(conn: &mut Conn, digests: &[MailId]) -> Result<Vec<Child>, StoreError> {
    let mut found = Vec::new();
    for digests in digests.chunks(CHUNK) {
        let mut sql = SqlText::new();
        sql.push(&format!("SELECT {COLUMNS}, digest_id, held FROM outbox WHERE state = 'pending' AND digest_id IN "));
        sql.ids(digests).push(" ORDER BY id");
        found.extend(sql.query().load::<Child>(conn)?);
    }
    Ok(found)
}

/// Takes mails out of their digests before these leave: each comes to its own end, or waits by itself again.
///
/// # Errors
/// The database's failure.
pub fn leave(tx: &mut Tx<'_>, left: &[Left]) -> Result<(), StoreError> {
    tx.without_entry("mails wait by themselves again");
    let mut ended = Vec::new();
    for Left { mail, end } in left {
        let inside = outbox::table
            .filter(outbox::id.eq(mail.id))
            .filter(outbox::state.eq(MailState::Pending))
            .filter(outbox::digest_id.is_not_null());
        let Some(verdict) = end else {
            diesel::update(inside).set(outbox::digest_id.eq(None::<MailId>)).execute(tx.conn)?;
            continue;
        };
        let now = Some(At(tx.now));
        let set = (outbox::state.eq(verdict.state), outbox::last_error.eq(verdict.why.clone()), outbox::settled_at.eq(now));
        if diesel::update(inside).set(set).execute(tx.conn)? == 1 {
            ended.push(Settlement::new(mail.clone(), verdict.clone()));
        }
    }
    if ended.is_empty() { Ok(()) } else { follow(tx, &ended.iter().collect::<Vec<_>>()) }
}

/// What digests' ends share: the state, when to try again, why.
type End<'a> = (MailState, Option<DateTime<Utc>>, Option<&'a str>);

/// Settles what travelled in settled digests alike: the same end, or put off to the same time. Returns those that came to an end.
pub(super) fn settle_children(tx: &mut Tx<'_>, done: &[&Settlement]) -> Result<Vec<Settlement>, StoreError> {
    let mut groups: BTreeMap<End<'_>, Vec<MailId>> = BTreeMap::new();
    for Settlement { claimed, verdict, .. } in done.iter().filter(|s| s.claimed.kind == MailKind::Digest) {
        let why = verdict.why.as_deref().filter(|_| verdict.state != MailState::Sent);
        groups.entry((verdict.state, verdict.retry_at, why)).or_default().push(claimed.id);
    }
    let mut ended = Vec::new();
    for ((state, retry_at, why), digests) in groups {
        for digests in digests.chunks(CHUNK) {
            if state.is_open() {
                let Some(at) = retry_at else { continue };
                let mut sql = SqlText::new();
                sql.push("UPDATE outbox SET next_attempt_at = ")
                    .at(at)
                    .push(" WHERE state = 'pending' AND digest_id IN ")
                    .ids(digests);
                sql.query().execute(tx.conn)?;
                continue;
            }
            let verdict = Verdict { state, retry_at: None, why: why.map(str::to_owned) };
            let children = end_children(tx, &verdict, digests)?;
            ended.extend(children.into_iter().map(|claimed| Settlement::new(claimed, verdict.clone())));
        }
    }
    Ok(ended)
}

fn end_children(tx: &mut Tx<'_>, verdict: &Verdict, digests: &[MailId]) -> Result<Vec<Claimed>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("UPDATE outbox SET state = ").text(verdict.state.as_str()).push(", settled_at = ").at(tx.now);
    sql.push(", held = FALSE, last_error = ");
    match &verdict.why {
        Some(why) => sql.text(why.chars().take(super::settle::WHY_CHARS).collect::<String>()),
        None => sql.push("NULL"),
    };
    sql.push(" WHERE state = 'pending' AND digest_id IN ").ids(digests).push(&format!(" RETURNING {COLUMNS}"));
    Ok(sql.query().load(tx.conn)?)
}

/// What travelled in a mail, if it is a digest, and shares the state that a person is about to change.
pub(super) fn sharing(tx: &mut Tx<'_>, digest: MailId, state: MailState) -> Result<Vec<MailId>, StoreError> {
    let inside = outbox::table.filter(outbox::digest_id.eq(digest)).filter(outbox::state.eq(state)).order(outbox::id.asc());
    Ok(inside.select(outbox::id).load(tx.conn)?)
}

/// Before a person decides about a mail by itself: it waits by itself from now on. Returns the digest that it travelled in.
pub(super) fn step_out(tx: &mut Tx<'_>, id: MailId) -> Result<Option<MailId>, StoreError> {
    let parent: Option<MailId> = outbox::table.find(id).select(outbox::digest_id).first(tx.conn)?;
    if parent.is_some() {
        let ended = outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.eq_any([MailState::Failed, MailState::Unknown]));
        diesel::update(ended).set(outbox::digest_id.eq(None::<MailId>)).execute(tx.conn)?;
    }
    Ok(parent)
}

/// The state of a digest about all of whose mails people decided one by one, so that nothing is left to decide about itself.
pub(super) fn is_emptied(tx: &mut Tx<'_>, digest: MailId) -> Result<Option<MailState>, StoreError> {
    let open = [MailState::Failed, MailState::Unknown];
    let state: MailState = outbox::table.find(digest).select(outbox::state).first(tx.conn)?;
    let left = outbox::table.filter(outbox::digest_id.eq(digest)).filter(outbox::state.eq_any(open)).select(outbox::id);
    let left: Option<MailId> = left.first(tx.conn).optional()?;
    Ok((open.contains(&state) && left.is_none()).then_some(state))
}
