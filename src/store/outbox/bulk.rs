//! Many mails of a campaign at once: looked through in pages, moved set-based in chunks, each with the waves' counters.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use super::settle::count;
use crate::domain::assignment::AssignmentState;
use crate::domain::campaign::CampaignState;
use crate::domain::id::{AssignmentId, CampaignId, MailId, WaveId};
use crate::domain::outbox::MailState;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{assignments, outbox};
use crate::store::sql_text::SqlText;
use crate::store::tx::Tx;
use crate::store::types::At;
use crate::store::types::sql::Uid;
use crate::store::wave;

/// PostgreSQL: what else is true of a campaign's mails in this state, by which they are found though no index names the state. Nothing for
/// what was sent: most of a campaign's are.
pub(in crate::store) const fn beside(state: MailState) -> Option<&'static str> {
    Some(match state {
        MailState::Pending => {
            "EXISTS (SELECT 1 FROM outbox_waiting w WHERE w.mail_id = outbox.id AND w.campaign_id = outbox.campaign_id AND NOT w.deferred)"
        }
        MailState::Deferred => {
            "EXISTS (SELECT 1 FROM outbox_waiting w WHERE w.mail_id = outbox.id AND w.campaign_id = outbox.campaign_id AND w.deferred)"
        }
        MailState::Sending => "outbox.id IN (SELECT unnest(mails) FROM outbox_leases)",
        MailState::Failed => "outbox.missed = 'failed'",
        MailState::Unknown => "outbox.missed = 'unknown'",
        MailState::Suppressed => "outbox.missed = 'suppressed'",
        MailState::Cancelled => "outbox.missed = 'cancelled'",
        MailState::Sent => return None,
    })
}

/// The mails of a campaign in a state with what their last attempt said, by id, after a given one.
///
/// # Errors
/// The database's failure.
pub fn page_of_state(
    conn: &mut Conn,
    campaign_id: CampaignId,
    state: MailState,
    after: Option<MailId>,
    limit: i64,
) -> Result<Vec<(MailId, Option<String>)>, StoreError> {
    let found = outbox::table.filter(outbox::campaign_id.eq(campaign_id)).filter(outbox::state.eq(state));
    let mut page = found.select((outbox::id, outbox::last_error)).order(outbox::id.asc()).limit(limit).into_boxed();
    if let (false, Some(found)) = (conn.is_sqlite(), beside(state)) {
        page = page.filter(sql::<Bool>(found));
    }
    if let Some(after) = after {
        page = page.filter(outbox::id.gt(after));
    }
    Ok(page.load(conn)?)
}

#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = Nullable<Uid>)]
    wave_id: Option<WaveId>,
    #[diesel(sql_type = Nullable<Uid>)]
    assignment_id: Option<AssignmentId>,
}

/// Moves those of these mails of one campaign that still stand in `from`: back to `pending`, or, as sent, out of doubt. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn move_many(
    tx: &mut Tx<'_>,
    campaign_id: CampaignId,
    ids: &[MailId],
    (from, to): (MailState, MailState),
) -> Result<usize, StoreError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let held = to.is_open() && wave::campaign_state(tx, campaign_id)? == CampaignState::Paused;
    let mut sql = SqlText::new();
    sql.push("UPDATE outbox SET state = ").text(word(to)).push(if held { ", held = TRUE" } else { ", held = FALSE" });
    sql.push(", deferrals = 0, last_error = NULL, next_attempt_at = ").at(tx.now);
    if to.is_open() {
        // What travelled in a digest goes out by itself now.
        sql.push(", settled_at = NULL, digest_id = NULL");
    } else {
        sql.push(", settled_at = ").at(tx.now);
    }
    sql.push(" WHERE campaign_id = ").id(campaign_id).push(" AND state = ").text(word(from)).push(" AND id IN ").ids(ids);
    sql.push(" RETURNING wave_id, assignment_id");
    let moved: Vec<Moved> = sql.query().load(tx.conn)?;
    let mut waves: BTreeMap<WaveId, i64> = BTreeMap::new();
    for wave_id in moved.iter().filter_map(|m| m.wave_id) {
        *waves.entry(wave_id).or_default() += 1;
    }
    for (wave_id, n) in waves {
        count(tx, wave_id, from, -n)?;
        count(tx, wave_id, to, n)?;
    }
    if to == MailState::Sent {
        let told: Vec<AssignmentId> = moved.iter().filter_map(|m| m.assignment_id).collect();
        diesel::update(assignments::table.filter(assignments::id.eq_any(told)))
            .filter(assignments::state.eq(AssignmentState::Planned))
            .set((assignments::state.eq(AssignmentState::Notified), assignments::notified_at.eq(At(tx.now))))
            .execute(tx.conn)?;
    }
    Ok(moved.len())
}

fn word(state: MailState) -> &'static str {
    crate::domain::text_enum::TextEnum::as_str(state)
}
