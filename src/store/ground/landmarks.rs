//! What a large installation is looked at by: one of each thing, found again in a database that was filled before.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use crate::domain::id::{AccountId, AssignmentId, CampaignId, EntryId, Id, MemberId, UnitId, WaveId};
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::heartbeat;
use crate::store::sql_text::SqlText;
use crate::store::tx::Tx;
use crate::store::types::At;
use crate::store::types::sql::{Ts, Uid};

/// One of each thing.
#[derive(Debug, Clone)]
pub struct Landmarks {
    /// The campaign with the most assignments.
    pub large: CampaignId,
    /// One of its waves.
    pub wave: WaveId,
    /// The campaign with the fewest.
    pub small: CampaignId,
    /// That campaign's public name.
    pub small_slug: String,
    /// An open assignment of the large campaign.
    pub assignment: AssignmentId,
    /// The version of its link.
    pub link_version: i32,
    /// Until when it can be done.
    pub expires_at: DateTime<Utc>,
    /// Its member.
    pub member: MemberId,
    /// How the log names that member.
    pub subject: String,
    /// An account of that member.
    pub account: AccountId,
    /// A unit of the first level.
    pub region: UnitId,
    /// A unit of the second.
    pub office: UnitId,
    /// A member in the middle of the list by name.
    pub deep_member: MemberId,
    /// An account in the middle of the list.
    pub deep_account: AccountId,
    /// An entry of the middle of the time.
    pub entry: EntryId,
    /// Its time.
    pub entry_at: DateTime<Utc>,
    /// A disclosed account of layers 0 to 2.
    pub public: AccountId,
}

fn name(what: &str) -> String {
    format!("bench {what}")
}

/// Notes that this database was filled for measuring.
///
/// # Errors
/// The database's failure.
pub fn mark(tx: &mut Tx<'_>, what: &str) -> Result<(), StoreError> {
    heartbeat::save(tx, &name(what))
}

/// Whether this database was filled for measuring, to this size.
///
/// # Errors
/// The database's failure.
pub fn is_ours(conn: &mut Conn, what: &str) -> Result<bool, StoreError> {
    Ok(heartbeat::find(conn, &name(what))?.is_some())
}

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Uid)]
    id: Id<()>,
}

fn one<T>(conn: &mut Conn, sql: SqlText) -> Result<Id<T>, StoreError> {
    let found: One = sql.query().get_result(conn)?;
    Ok(Id::from_uuid(found.id.uuid()))
}

fn plain<T>(conn: &mut Conn, sql: &str) -> Result<Id<T>, StoreError> {
    let mut text = SqlText::new();
    text.push(sql);
    one(conn, text)
}

#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = Uid)]
    id: AssignmentId,
    #[diesel(sql_type = Uid)]
    member_id: MemberId,
    #[diesel(sql_type = Uid)]
    account_id: AccountId,
    #[diesel(sql_type = Integer)]
    link_version: i32,
    #[diesel(sql_type = Ts)]
    expires_at: At,
    #[diesel(sql_type = Text)]
    subject_ref: String,
}

#[derive(QueryableByName)]
struct Entry {
    #[diesel(sql_type = Uid)]
    id: EntryId,
    #[diesel(sql_type = Ts)]
    at: At,
}

/// Looks them up.
///
/// # Errors
/// The database's failure, also where the database was not filled.
pub fn landmarks(conn: &mut Conn, middle: DateTime<Utc>) -> Result<Landmarks, StoreError> {
    let campaign = "SELECT w.campaign_id AS id FROM waves w JOIN wave_counts c ON c.wave_id = w.id WHERE c.planned > 0 \
         GROUP BY w.campaign_id ORDER BY sum(c.planned)";
    let large: CampaignId = plain(conn, &format!("{campaign} DESC, w.campaign_id LIMIT 1"))?;
    let small: CampaignId = plain(conn, &format!("{campaign}, w.campaign_id LIMIT 1"))?;
    let mut sql = SqlText::new();
    sql.push("SELECT id FROM waves WHERE campaign_id = ").id(large).push(" ORDER BY ordinal LIMIT 1");
    let wave: WaveId = one(conn, sql)?;
    let mut sql = SqlText::new();
    sql.push("SELECT a.id, a.member_id, a.account_id, a.link_version, a.expires_at, m.subject_ref FROM assignments a JOIN members m ON m.id = a.member_id WHERE a.wave_id = ");
    sql.id(wave).push(" AND a.state = 'notified' ORDER BY a.id LIMIT 1");
    let open: Open = sql.query().get_result(conn)?;
    let mut sql = SqlText::new();
    sql.push("SELECT id, at FROM ledger_entries WHERE at >= ").at(middle).push(" ORDER BY at, id LIMIT 1");
    let entry: Entry = sql.query().get_result(conn)?;
    let half = |table: &str, order: &str| {
        format!("SELECT id FROM {table} ORDER BY {order} LIMIT 1 OFFSET (SELECT count(*) / 2 FROM {table})")
    };
    Ok(Landmarks {
        large,
        wave,
        small,
        small_slug: crate::store::campaign::get(conn, small)?.slug,
        assignment: open.id,
        link_version: open.link_version,
        expires_at: open.expires_at.0,
        member: open.member_id,
        subject: open.subject_ref,
        account: open.account_id,
        region: plain(conn, "SELECT id FROM units WHERE code = 'U0003'")?,
        office: plain(conn, "SELECT id FROM units ORDER BY code DESC LIMIT 1")?,
        deep_member: plain(conn, &half("members", "lower(name), id"))?,
        deep_account: plain(conn, &half("accounts", "id"))?,
        entry: entry.id,
        entry_at: entry.at.0,
        public: plain(conn, "SELECT id FROM accounts WHERE layer = 0 ORDER BY id LIMIT 1")?,
    })
}
