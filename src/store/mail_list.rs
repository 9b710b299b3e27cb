//! The outbox as people look at it: a campaign's mails in one state, and where a mail belongs. Never to whom it goes.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::db::Conn;
use super::error::StoreError;
use super::outbox::beside;
use super::schema::{campaigns, members, outbox};
use super::types::At;
use crate::domain::id::{CampaignId, MailId, UnitId, WaveId};
use crate::domain::outbox::{MailKind, MailState};

/// A mail in a list.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct MailLine {
    /// The mail.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// Its wave.
    pub wave_id: Option<WaveId>,
    /// Where it stands.
    pub state: MailState,
    /// Whether its campaign is paused.
    pub held: bool,
    /// Attempts so far.
    pub attempt: i32,
    /// When it is tried next, or was due.
    pub next_attempt_at: At,
    /// Why the last attempt failed, in the server's words.
    pub last_error: Option<String>,
    /// When it came to its end.
    pub settled_at: Option<At>,
    /// When it was put in.
    pub created_at: At,
}

/// A campaign's mails, of one state or of all, by id.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    campaign_id: CampaignId,
    state: Option<MailState>,
    after: Option<MailId>,
    limit: i64,
) -> Result<Vec<MailLine>, StoreError> {
    let of_campaign = outbox::table.filter(outbox::campaign_id.eq(campaign_id));
    let mut query = of_campaign.select(MailLine::as_select()).order(outbox::id.asc()).limit(limit).into_boxed();
    if let Some(state) = state {
        query = query.filter(outbox::state.eq(state));
        if let (false, Some(found)) = (conn.is_sqlite(), beside(state)) {
            query = query.filter(sql::<Bool>(found));
        }
    }
    if let Some(after) = after {
        query = query.filter(outbox::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// The unit that a mail belongs to: its campaign's, else its member's; none for a mail to a console user.
///
/// # Errors
/// [`StoreError::Missing`] for a mail that is not there.
pub fn unit_of(conn: &mut Conn, id: MailId) -> Result<Option<UnitId>, StoreError> {
    let row = outbox::table.find(id).select((outbox::campaign_id, outbox::member_id));
    let row: Option<(Option<CampaignId>, Option<crate::domain::id::MemberId>)> = row.first(conn).optional()?;
    match row.ok_or(StoreError::Missing("the mail"))? {
        (Some(campaign_id), _) => Ok(campaigns::table.find(campaign_id).select(campaigns::unit_id).first(conn).optional()?),
        (None, Some(member_id)) => Ok(members::table.find(member_id).select(members::unit_id).first(conn).optional()?),
        (None, None) => Ok(None),
    }
}
