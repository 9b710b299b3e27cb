//! Claims: pieces of misinformation on file, each with the fact, its source, who answers and where it stands.

pub mod answer;

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::claims;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use crate::domain::claim::{ClaimState, Standing};
use crate::domain::content::{ClaimWords, TargetPlan};
use crate::domain::id::{ClaimId, UnitId, UserId};

/// A claim as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = claims, treat_none_as_default_value = false)]
pub struct ClaimRow {
    /// The claim's id.
    pub id: ClaimId,
    /// The unit whose subject it is.
    pub unit_id: UnitId,
    /// What is claimed.
    pub claim: String,
    /// Where it was seen.
    pub seen_url: Option<String>,
    /// What is true; empty while nobody has written it.
    pub fact: String,
    /// Where that can be read; empty like the fact.
    pub source_url: String,
    /// When it was put on file.
    pub filed_at: At,
    /// Who put it on file; none for the operator at the command line.
    pub filed_by: Option<UserId>,
    /// Where it stands.
    pub state: ClaimState,
    /// When it was seen.
    pub seen_at: Option<At>,
    /// Who wrote the fact as it stands.
    pub fact_by: Option<UserId>,
    /// When.
    pub fact_at: Option<At>,
    /// Who confirmed the fact; none for what was on file before facts were confirmed.
    pub confirmed_by: Option<UserId>,
    /// When.
    pub confirmed_at: Option<At>,
    /// The unit that answers; none: its own.
    pub answer_unit_id: Option<UnitId>,
    /// The user who sees to it that it is answered.
    pub answer_user_id: Option<UserId>,
    /// Since when a campaign answers it or an answer stands.
    pub taken_up_at: Option<At>,
    /// How many registered posts answer it.
    pub answers: i64,
    /// Whether the public register shows it.
    pub is_public: bool,
    /// When it was closed.
    pub ended_at: Option<At>,
    /// Why it was closed without an answer.
    pub ended_reason: String,
    /// Grows by one with each change by a person.
    pub version: i32,
}

impl ClaimRow {
    /// Its words, as a task shows them.
    #[must_use]
    pub fn words(&self) -> ClaimWords {
        let Self { claim, seen_url, fact, source_url, .. } = self.clone();
        ClaimWords { claim, seen_url, fact, source_url }
    }
    /// What its state follows from while it is not closed.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing { has_fact: !self.fact.is_empty(), confirmed: self.confirmed_at.is_some(), taken_up: self.taken_up_at.is_some() }
    }
}

/// The claim with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: ClaimId) -> Result<ClaimRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the claim"))
}

/// The claim with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: ClaimId) -> Result<Option<ClaimRow>, StoreError> {
    Ok(claims::table.find(id).select(ClaimRow::as_select()).first(conn).optional()?)
}

/// The words of the claim that a task points at: those that were released, or, for a task from before they were kept, those on file.
///
/// # Errors
/// The database's failure.
pub fn words_of(conn: &mut Conn, target: &TargetPlan) -> Result<Option<ClaimWords>, StoreError> {
    match target {
        TargetPlan::Claim { words: Some(words), .. } => Ok(Some(words.clone())),
        TargetPlan::Claim { claim_id, words: None } => Ok(find(conn, *claim_id)?.map(|row| row.words())),
        TargetPlan::Message | TargetPlan::Post { .. } | TargetPlan::PostOf { .. } => Ok(None),
    }
}

/// Which claims a list holds.
#[derive(Debug, Clone, Default)]
pub struct ClaimQuery {
    /// Of the subtrees of these units, or answered by a unit of them; none: everywhere.
    pub roots: Option<Vec<UnitId>>,
    /// Only those that stand so; empty: all.
    pub states: Vec<ClaimState>,
    /// Only those that this user answers.
    pub answer_user_id: Option<UserId>,
    /// Whose claim or fact holds this; empty: any.
    pub text: String,
    /// Before this id.
    pub before: Option<ClaimId>,
}

/// Claims, the newest first, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, wanted: &ClaimQuery, limit: i64) -> Result<Vec<ClaimRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT c.* FROM claims c WHERE 1 = 1");
    if let Some(roots) = &wanted.roots {
        sql.push(" AND EXISTS (SELECT 1 FROM unit_closure u WHERE u.descendant_id IN (c.unit_id, c.answer_unit_id) AND u.ancestor_id IN ");
        sql.ids(roots).push(")");
    }
    if !wanted.states.is_empty() {
        sql.push(" AND c.state IN ").texts(&wanted.states.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    if let Some(user) = wanted.answer_user_id {
        sql.push(" AND c.answer_user_id = ").id(user);
    }
    if !wanted.text.is_empty() {
        let pattern = format!("%{}%", super::member::like(&wanted.text.to_lowercase()));
        sql.push(" AND (lower(c.claim) LIKE ").text(pattern.clone()).push(" ESCAPE '!' OR lower(c.fact) LIKE ");
        sql.text(pattern).push(" ESCAPE '!')");
    }
    if let Some(before) = wanted.before {
        sql.push(" AND c.id < ").id(before);
    }
    sql.push(" ORDER BY c.id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// Puts a claim on file.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, claim: &ClaimRow) -> Result<(), StoreError> {
    diesel::insert_into(claims::table).values(claim).execute(tx.conn)?;
    Ok(())
}

/// Saves what a person changed, at the version that they saw; the row then holds the new one. How many answers stand is not touched.
///
/// # Errors
/// [`StoreError::Stale`] when somebody else was faster.
pub fn save(tx: &mut Tx<'_>, row: &mut ClaimRow) -> Result<(), StoreError> {
    let seen = claims::table.filter(claims::id.eq(row.id)).filter(claims::version.eq(row.version));
    let changed = diesel::update(seen)
        .set((
            (claims::claim.eq(&row.claim), claims::seen_url.eq(&row.seen_url), claims::seen_at.eq(row.seen_at)),
            (claims::fact.eq(&row.fact), claims::source_url.eq(&row.source_url)),
            (claims::fact_by.eq(row.fact_by), claims::fact_at.eq(row.fact_at)),
            (claims::confirmed_by.eq(row.confirmed_by), claims::confirmed_at.eq(row.confirmed_at)),
            (claims::answer_unit_id.eq(row.answer_unit_id), claims::answer_user_id.eq(row.answer_user_id)),
            (claims::state.eq(row.state), claims::taken_up_at.eq(row.taken_up_at), claims::is_public.eq(row.is_public)),
            (claims::ended_at.eq(row.ended_at), claims::ended_reason.eq(&row.ended_reason)),
            claims::version.eq(row.version + 1),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    row.version += 1;
    Ok(())
}

/// Notes that a claim is being answered from now on; says whether that is new. Not a change by a person: the version stays.
///
/// # Errors
/// The database's failure.
pub fn take_up(tx: &mut Tx<'_>, id: ClaimId) -> Result<bool, StoreError> {
    let fresh = claims::table.filter(claims::id.eq(id)).filter(claims::taken_up_at.is_null());
    let changed = diesel::update(fresh).set(claims::taken_up_at.eq(At(tx.now))).execute(tx.conn)?;
    let ready = claims::table.filter(claims::id.eq(id)).filter(claims::state.eq(ClaimState::Ready));
    diesel::update(ready).set(claims::state.eq(ClaimState::Answering)).execute(tx.conn)?;
    Ok(changed == 1)
}
