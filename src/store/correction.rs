//! Corrections: one of a campaign, one request for each person who had completed a task of it, and what they answered.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::fanout::{id_range, numbered_id};
use super::outbox::AHEAD;
use super::schema::{correction_asks, corrections};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::correction::CorrectionAnswer;
use crate::domain::id::{AssignmentId, CampaignId, CorrectionId, UserId, WaveId};

/// A correction as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = corrections, treat_none_as_default_value = false)]
pub struct CorrectionRow {
    /// The correction.
    pub id: CorrectionId,
    /// What it corrects.
    pub campaign_id: CampaignId,
    /// What was wrong and what is right.
    pub body: String,
    /// Who wrote it.
    pub created_by: UserId,
    /// When.
    pub created_at: At,
    /// How many were asked.
    pub asked: i64,
    /// How many of them say that they fixed it.
    pub fixed: i64,
    /// How many say that they removed it.
    pub removed: i64,
}

/// A request to one person about one assignment.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = correction_asks)]
pub struct AskRow {
    /// What had been done.
    pub assignment_id: AssignmentId,
    /// The correction.
    pub correction_id: CorrectionId,
    /// What the person says.
    pub answer: Option<CorrectionAnswer>,
    /// Since when.
    pub answered_at: Option<At>,
}

/// A campaign's correction, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, campaign_id: CampaignId) -> Result<Option<CorrectionRow>, StoreError> {
    let found = corrections::table.filter(corrections::campaign_id.eq(campaign_id));
    Ok(found.select(CorrectionRow::as_select()).first(conn).optional()?)
}

/// Puts a correction on file and asks everyone whose completion of the campaign stands, each by a mail. Set-based: a campaign may
/// have a hundred thousand completions. Returns how many were asked.
///
/// # Errors
/// [`StoreError::Taken`] where the campaign has one; or the database's failure.
pub fn issue(tx: &mut Tx<'_>, row: &CorrectionRow) -> Result<i64, StoreError> {
    diesel::insert_into(corrections::table).values(row).execute(tx.conn)?;
    let mut asks = SqlText::new();
    asks.push("INSERT INTO correction_asks (assignment_id, correction_id) SELECT a.id, ").id(row.id);
    asks.push(
        " FROM waves w JOIN assignments a ON a.wave_id = w.id AND a.state IN ('done', 'checked') \
         JOIN completions c ON c.assignment_id = a.id AND c.undone_at IS NULL AND NOT c.suspected WHERE w.campaign_id = ",
    );
    asks.id(row.campaign_id);
    let asked = i64::try_from(asks.query().execute(tx.conn)?).unwrap_or(i64::MAX);

    // They go before the day's tasks, and after whoever waits for a link to sign in.
    let due = tx.now - AHEAD / 2;
    let mut mails = SqlText::new();
    mails.push("INSERT INTO outbox (id, kind, assignment_id, campaign_id, member_id, state, held, attempt, next_attempt_at, created_at) SELECT ");
    mails.push(&numbered_id(tx.conn.is_sqlite(), &id_range().2, "a.id"));
    mails.push(", 'correction', a.id, a.campaign_id, a.member_id, 'pending', FALSE, 0, ").at(due).push(", ").at(tx.now);
    mails.push(" FROM correction_asks k JOIN assignments a ON a.id = k.assignment_id WHERE k.correction_id = ").id(row.id);
    mails.query().execute(tx.conn)?;

    let mut waves = SqlText::new();
    waves.push(
        "UPDATE wave_counts SET correction_asked = (SELECT count(*) FROM correction_asks k JOIN assignments a ON a.id = k.assignment_id \
         WHERE a.wave_id = wave_counts.wave_id AND k.correction_id = ",
    );
    waves.id(row.id).push(") WHERE wave_id IN (SELECT id FROM waves WHERE campaign_id = ").id(row.campaign_id).push(")");
    waves.query().execute(tx.conn)?;
    diesel::update(corrections::table.find(row.id)).set(corrections::asked.eq(asked)).execute(tx.conn)?;
    Ok(asked)
}

/// The request about an assignment, if its person was asked.
///
/// # Errors
/// The database's failure.
pub fn find_ask(conn: &mut Conn, id: AssignmentId) -> Result<Option<AskRow>, StoreError> {
    Ok(correction_asks::table.find(id).select(AskRow::as_select()).first(conn).optional()?)
}

/// Writes down what a person says, in place of what they said before. The caller has locked the assignment.
///
/// # Errors
/// The database's failure.
pub fn answer(tx: &mut Tx<'_>, ask: &AskRow, wave_id: WaveId, answer: CorrectionAnswer) -> Result<(), StoreError> {
    diesel::update(correction_asks::table.find(ask.assignment_id))
        .set((correction_asks::answer.eq(Some(answer)), correction_asks::answered_at.eq(Some(At(tx.now)))))
        .execute(tx.conn)?;
    let by = |word: CorrectionAnswer| i64::from(answer == word) - i64::from(ask.answer == Some(word));
    let (fixed, removed) = (by(CorrectionAnswer::Fixed), by(CorrectionAnswer::Removed));
    let mut whole = SqlText::new();
    whole.push("UPDATE corrections SET fixed = fixed + ").big(fixed).push(", removed = removed + ").big(removed);
    whole.push(" WHERE id = ").id(ask.correction_id);
    whole.query().execute(tx.conn)?;
    let mut wave = SqlText::new();
    wave.push("UPDATE wave_counts SET correction_fixed = correction_fixed + ").big(fixed);
    wave.push(", correction_removed = correction_removed + ").big(removed).push(" WHERE wave_id = ").id(wave_id);
    wave.query().execute(tx.conn)?;
    Ok(())
}

/// What a correction's mail and its page say of one assignment, and whether the person may be mailed.
#[derive(Debug, Clone, QueryableByName)]
pub struct CorrectionFacts {
    /// The assignment.
    #[diesel(sql_type = Uid)]
    pub assignment_id: AssignmentId,
    /// What was wrong and what is right.
    #[diesel(sql_type = Text)]
    pub body: String,
    /// When it was issued.
    #[diesel(sql_type = Ts)]
    pub issued_at: At,
    /// The campaign's name in public addresses.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// What the person said already.
    #[diesel(sql_type = Nullable<Text>)]
    pub answer: Option<CorrectionAnswer>,
    /// Since when.
    #[diesel(sql_type = Nullable<Ts>)]
    pub answered_at: Option<At>,
    /// When it was reported done; none where that was taken back since.
    #[diesel(sql_type = Nullable<Ts>)]
    pub done_at: Option<At>,
    /// The post's address, where there is one.
    #[diesel(sql_type = Nullable<Text>)]
    pub post_url: Option<String>,
    /// Whether the address takes nothing at all.
    #[diesel(sql_type = Bool)]
    pub suppressed: bool,
}

/// The facts of these assignments' corrections; at most a batch of the outbox.
///
/// # Errors
/// The database's failure.
pub fn facts(conn: &mut Conn, ids: &[AssignmentId]) -> Result<Vec<CorrectionFacts>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(500) {
        let mut sql = SqlText::new();
        sql.push(
            "SELECT k.assignment_id, r.body, r.created_at AS issued_at, g.slug, k.answer, k.answered_at, c.completed_at AS done_at, \
             c.url AS post_url, EXISTS (SELECT 1 FROM suppressions x WHERE x.email_norm = m.email_norm AND x.scope = 'all') AS suppressed \
             FROM correction_asks k JOIN corrections r ON r.id = k.correction_id JOIN campaigns g ON g.id = r.campaign_id \
             JOIN assignments a ON a.id = k.assignment_id JOIN members m ON m.id = a.member_id \
             LEFT JOIN completions c ON c.assignment_id = a.id AND c.undone_at IS NULL WHERE k.assignment_id IN ",
        )
        .ids(ids);
        found.extend(sql.query().load::<CorrectionFacts>(conn)?);
    }
    Ok(found)
}
