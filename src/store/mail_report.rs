//! What came back for mails: kept once each, with what it was about.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::counted::{Move, move_counted};
use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{mail_reports, outbox, users};
use super::sql_text::{Count, SqlText};
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::bounce::{ReportKind, ReportSource};
use crate::domain::id::{CampaignId, MailId, MailReportId, MemberId, UserId, WaveId};
use crate::domain::outbox::{MailKind, MailState};

/// A report as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = mail_reports, treat_none_as_default_value = false)]
pub struct MailReportRow {
    /// Its id, in order of arrival.
    pub id: MailReportId,
    /// What came back.
    pub kind: ReportKind,
    /// By which door.
    pub source: ReportSource,
    /// SHA-256 of the message, in hexadecimal digits.
    pub message_sha256: String,
    /// The mail it is about.
    pub mail_id: Option<MailId>,
    /// That mail's campaign.
    pub campaign_id: Option<CampaignId>,
    /// That mail's wave.
    pub wave_id: Option<WaveId>,
    /// That mail's member.
    pub member_id: Option<MemberId>,
    /// The receiver's code.
    pub status: Option<String>,
    /// The receiver's words; they may hold the address.
    pub detail: Option<String>,
    /// When it came.
    pub received_at: At,
}

/// Keeps a report. Says whether it is new; one that somebody else keeps at this moment is waited for.
///
/// # Errors
/// The database's failure.
pub fn add(tx: &mut Tx<'_>, row: &MailReportRow) -> Result<bool, StoreError> {
    let added = match tx.conn {
        Conn::Pg(conn) => diesel::insert_into(mail_reports::table).values(row).on_conflict_do_nothing().execute(conn)?,
        Conn::Lite(conn) => diesel::insert_into(mail_reports::table).values(row).on_conflict_do_nothing().execute(conn)?,
    };
    Ok(added == 1)
}

/// The report that is this message.
///
/// # Errors
/// The database's failure.
pub fn find_by_sha256(conn: &mut Conn, sha256: &str) -> Result<Option<MailReportRow>, StoreError> {
    let same = mail_reports::table.filter(mail_reports::message_sha256.eq(sha256));
    Ok(same.select(MailReportRow::as_select()).first(conn).optional()?)
}

/// Reports, the newest first, before a given one; of one campaign, or of all; of some kinds, or, where none is named, of all.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    campaign_id: Option<CampaignId>,
    kinds: &[ReportKind],
    before: Option<MailReportId>,
    limit: i64,
) -> Result<Vec<MailReportRow>, StoreError> {
    let mut query = mail_reports::table.into_boxed::<MultiBackend>();
    if let Some(id) = campaign_id {
        query = query.filter(mail_reports::campaign_id.eq(id));
    }
    if !kinds.is_empty() {
        query = query.filter(mail_reports::kind.eq_any(kinds.to_vec()));
    }
    if let Some(before) = before {
        query = query.filter(mail_reports::id.lt(before));
    }
    Ok(query.order(mail_reports::id.desc()).limit(limit).select(MailReportRow::as_select()).load(conn)?)
}

/// Reports about a member's mails, the newest first.
///
/// # Errors
/// The database's failure.
pub fn list_of_member(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<MailReportRow>, StoreError> {
    let theirs = mail_reports::table.filter(mail_reports::member_id.eq(id)).order(mail_reports::id.desc()).limit(limit);
    Ok(theirs.select(MailReportRow::as_select()).load(conn)?)
}

/// Forgets the receivers' words about a member's mails.
///
/// # Errors
/// The database's failure.
pub fn forget_words(tx: &mut Tx<'_>, id: MemberId) -> Result<(), StoreError> {
    diesel::update(mail_reports::table.filter(mail_reports::member_id.eq(id)))
        .set(mail_reports::detail.eq(None::<String>))
        .execute(tx.conn)?;
    Ok(())
}

/// The mail that a report is about.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct AboutMail {
    /// The mail.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// Where it stands.
    pub state: MailState,
    /// Its campaign.
    pub campaign_id: Option<CampaignId>,
    /// Its wave.
    pub wave_id: Option<WaveId>,
    /// The member it went to.
    pub member_id: Option<MemberId>,
    /// The console user it went to.
    pub user_id: Option<UserId>,
    /// Its recipient's domain.
    pub domain: Option<String>,
}

/// The mail with this id, if there is one; it does not move before this write is over.
///
/// # Errors
/// The database's failure.
pub fn lock_mail(tx: &mut Tx<'_>, id: MailId) -> Result<Option<AboutMail>, StoreError> {
    if !tx.conn.is_sqlite() {
        diesel::sql_query("SELECT id FROM outbox WHERE id = $1 FOR UPDATE").bind::<Uid, _>(id).execute(tx.conn)?;
    }
    Ok(outbox::table.find(id).select(AboutMail::as_select()).first(tx.conn).optional()?)
}

/// The campaign and wave that all mails of a digest share; none of either where they differ.
///
/// # Errors
/// The database's failure.
pub fn shared_by_digest(conn: &mut Conn, id: MailId) -> Result<(Option<CampaignId>, Option<WaveId>), StoreError> {
    let mut of_digest: Vec<(Option<CampaignId>, Option<WaveId>)> = outbox::table
        .filter(outbox::digest_id.eq(id))
        .select((outbox::campaign_id, outbox::wave_id))
        .distinct()
        .limit(1_000)
        .load(conn)?;
    let waves: Vec<_> = of_digest.iter().map(|(_, wave)| *wave).collect();
    of_digest.sort_unstable();
    of_digest.dedup_by_key(|(campaign, _)| *campaign);
    let campaign = if let [(campaign, _)] = of_digest.as_slice() { *campaign } else { None };
    let wave = if let [wave] = waves.as_slice() { *wave } else { None };
    Ok((campaign, wave))
}

/// Marks a mail that was handed over as come back, and with a digest what travelled in it. Says whether the mail was not marked yet.
///
/// # Errors
/// The database's failure.
pub fn mark_returned(tx: &mut Tx<'_>, id: MailId) -> Result<bool, StoreError> {
    let now = tx.now;
    let moved = move_counted(
        tx,
        Move { table: "outbox", counter: "mail_returned" },
        |sql| {
            sql.push("returned_at = ").at(now);
        },
        |sql| {
            sql.push("(id = ").id(id).push(" OR digest_id = ").id(id).push(") AND state = 'sent' AND returned_at IS NULL");
        },
    )?;
    Ok(moved > 0)
}

/// A console user's address in its compared form, and the user's reference.
///
/// # Errors
/// The database's failure.
pub fn user_address(conn: &mut Conn, id: UserId) -> Result<Option<(String, String)>, StoreError> {
    Ok(users::table.find(id).select((users::email_norm, users::subject_ref)).first(conn).optional()?)
}

/// How many reports of a kind a campaign has.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct KindCount {
    /// The kind.
    #[diesel(sql_type = Text)]
    pub kind: ReportKind,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// When the last one came.
    #[diesel(sql_type = Nullable<Ts>)]
    pub last_at: Option<At>,
}

/// Of what came back for a campaign, so much is counted: the latest.
pub const COUNTED_TO: i64 = 20_000;

/// A campaign's reports by kind.
///
/// # Errors
/// The database's failure.
pub fn count_by_kind(conn: &mut Conn, campaign_id: CampaignId) -> Result<Vec<KindCount>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT kind, count(*) AS n, max(received_at) AS last_at FROM (SELECT kind, received_at FROM mail_reports WHERE campaign_id = ");
    sql.id(campaign_id).push(" ORDER BY id DESC LIMIT ").big(COUNTED_TO).push(") latest GROUP BY kind ORDER BY kind");
    Ok(sql.query().load(conn)?)
}

/// Counts a soft bounce of an address; returns how many there were since the last mail that arrived. `arrived` says that one did since
/// the last bounce: then this is the first.
///
/// # Errors
/// The database's failure.
pub fn add_soft_bounce(tx: &mut Tx<'_>, email_norm: &str, arrived: bool) -> Result<i64, StoreError> {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO soft_bounces (email_norm, bounces, last_at) VALUES (").text(email_norm).push(", 1, ").at(tx.now);
    sql.push(") ON CONFLICT (email_norm) DO UPDATE SET bounces = ");
    sql.push(if arrived { "1" } else { "soft_bounces.bounces + 1" }).push(", last_at = excluded.last_at");
    sql.push(" RETURNING CAST(bounces AS BIGINT) AS n");
    let count: Count = sql.query().get_result(tx.conn)?;
    Ok(count.n)
}

#[derive(QueryableByName)]
struct LastBounce {
    #[diesel(sql_type = Ts)]
    last_at: At,
}

/// Whether something reached the member since the address's last soft bounce: a task was answered, or a mail was handed over after it
/// and no report came for so long that none will. An address without a soft bounce has nothing to forget.
///
/// # Errors
/// The database's failure.
pub fn has_arrived_since(
    conn: &mut Conn,
    member_id: MemberId,
    email_norm: &str,
    quiet_before: chrono::DateTime<chrono::Utc>,
) -> Result<bool, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT last_at FROM soft_bounces WHERE email_norm = ").text(email_norm);
    let last: Option<LastBounce> = sql.query().get_result(conn).optional()?;
    let Some(LastBounce { last_at }) = last else { return Ok(false) };
    let mut sql = SqlText::new();
    sql.push("SELECT CAST(count(*) AS BIGINT) AS n FROM (SELECT o.id FROM outbox o WHERE o.member_id = ").id(member_id);
    sql.push(" AND o.state = 'sent' AND o.returned_at IS NULL AND o.settled_at > ").at(last_at.0);
    sql.push(" AND o.settled_at <= ").at(quiet_before);
    sql.push(" UNION ALL SELECT s.id FROM assignments s WHERE s.member_id = ").id(member_id);
    sql.push(" AND s.opened_at > ").at(last_at.0).push(") x");
    let arrived: Count = sql.query().get_result(conn)?;
    Ok(arrived.n > 0)
}

/// How many soft bounces in a row an address has.
///
/// # Errors
/// The database's failure.
pub fn soft_bounces(conn: &mut Conn, email_norm: &str) -> Result<i64, StoreError> {
    use super::schema::soft_bounces;
    let found = soft_bounces::table.find(email_norm).select(soft_bounces::bounces).first::<i32>(conn).optional()?;
    Ok(found.map_or(0, i64::from))
}

/// Forgets an address's soft bounces.
///
/// # Errors
/// The database's failure.
pub fn clear_soft_bounces(tx: &mut Tx<'_>, email_norm: &str) -> Result<(), StoreError> {
    let mut sql = SqlText::new();
    sql.push("DELETE FROM soft_bounces WHERE email_norm = ").text(email_norm);
    sql.query().execute(tx.conn)?;
    Ok(())
}

/// Of these mails, those that have failed for good by this attempt: what a report of a refusal at hand-over is about.
///
/// # Errors
/// The database's failure.
pub fn failed_by(conn: &mut Conn, id: MailId, attempt: i32) -> Result<bool, StoreError> {
    let found = outbox::table
        .filter(outbox::id.eq(id))
        .filter(outbox::attempt.eq(attempt))
        .filter(outbox::state.eq(MailState::Failed))
        .select(outbox::id)
        .first::<MailId>(conn)
        .optional()?;
    Ok(found.is_some())
}
