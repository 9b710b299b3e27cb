//! Opening a wave: set-based, chunk by chunk; each chunk is one transaction with its assignments, mails, counters and entry.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::audience::{SAMPLE_ORDER, Scope, with_ranked};
use super::counted::{Move, move_counted};
use super::error::StoreError;
use super::schema::{members, waves};
use super::sql_text::SqlText;
use super::tx::{NewEntry, Tx};
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, MemberId, WaveId};

/// What a chunk's assignments share.
#[derive(Debug, Clone)]
pub struct Chunk<'a> {
    /// Who is asked.
    pub scope: Scope<'a>,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The deadline.
    pub expires_at: DateTime<Utc>,
    /// When to remind, if at all.
    pub remind_at: Option<DateTime<Utc>>,
}

/// A v7 prefix of 12 bytes: SQL appends a counter, so that a statement's ids rise strictly and lie together.
pub(super) fn id_range() -> (Uuid, Uuid, String) {
    let mut low = *Uuid::now_v7().as_bytes();
    let mut high = low;
    for (l, h) in low.iter_mut().zip(high.iter_mut()).skip(12) {
        *l = 0;
        *h = 0xff;
    }
    let prefix = low.iter().take(12).map(|b| format!("{b:02x}")).collect();
    (Uuid::from_bytes(low), Uuid::from_bytes(high), prefix)
}

/// The expression that numbers a statement's rows under a prefix, in the order of `by`.
pub(super) fn numbered_id(sqlite: bool, prefix: &str, by: &str) -> String {
    if sqlite {
        format!("unhex('{prefix}' || printf('%08x', row_number() OVER (ORDER BY {by})))")
    } else {
        format!("('{prefix}' || lpad(to_hex(row_number() OVER (ORDER BY {by})), 8, '0'))::uuid")
    }
}

/// The last member of the chunk that starts after `after`; `None` when fewer than `size` are left.
///
/// # Errors
/// The database's failure.
pub fn chunk_end(tx: &mut Tx<'_>, after: Option<MemberId>, size: u32) -> Result<Option<MemberId>, StoreError> {
    let query = members::table.select(members::id).order(members::id.asc()).offset(i64::from(size.max(1)) - 1).limit(1);
    let end = match after {
        Some(after) => query.filter(members::id.gt(after)).first(tx.conn).optional()?,
        None => query.first(tx.conn).optional()?,
    };
    Ok(end)
}

/// Makes a chunk's assignments, each with its mail; counters and the log entry with them. Doing it again makes nothing new.
///
/// # Errors
/// The database's failure.
pub fn assign(tx: &mut Tx<'_>, chunk: &Chunk<'_>) -> Result<u64, StoreError> {
    let (low, high, prefix) = id_range();
    let wave_id = chunk.scope.wave_id;
    let made = insert_assignments(tx, chunk, &prefix)?;
    if made == 0 {
        return Ok(0);
    }
    let range = |sql: &mut SqlText| {
        sql.push("id >= ").id(AssignmentId::from_uuid(low)).push(" AND id <= ").id(AssignmentId::from_uuid(high));
    };
    let mut mails = SqlText::new();
    mails.push("INSERT INTO outbox (id, kind, assignment_id, wave_id, campaign_id, member_id, state, held, attempt, next_attempt_at, created_at) SELECT ");
    mails.push(&numbered_id(tx.conn.is_sqlite(), &id_range().2, "id"));
    mails.push(", 'task', id, wave_id, campaign_id, member_id, 'pending', FALSE, 0, ").at(tx.now).push(", ").at(tx.now);
    mails.push(" FROM assignments WHERE ");
    range(&mut mails);
    mails.query().execute(tx.conn)?;

    let n = i64::try_from(made).unwrap_or(i64::MAX);
    let mut counts = SqlText::new();
    counts.push("UPDATE wave_counts SET planned = planned + ").big(n).push(", mail_planned = mail_planned + ").big(n);
    counts.push(" WHERE wave_id = ").id(wave_id);
    counts.query().execute(tx.conn)?;

    let mut units = SqlText::new();
    units.push(
        "INSERT INTO wave_unit_counts (wave_id, unit_id, planned) SELECT wave_id, unit_id, count(*) FROM assignments WHERE ",
    );
    range(&mut units);
    units.push(
        " GROUP BY wave_id, unit_id ON CONFLICT (wave_id, unit_id) DO UPDATE SET planned = wave_unit_counts.planned + excluded.planned",
    );
    units.query().execute(tx.conn)?;

    tx.record(
        NewEntry::new(EventKind::WaveAssigned)
            .unit(chunk.scope.campaign_unit)
            .campaign(chunk.campaign_id)
            .wave(wave_id)
            .payload(json!({ "count": made, "first_id": low, "last_id": high })),
    );
    Ok(made)
}

fn insert_assignments(tx: &mut Tx<'_>, chunk: &Chunk<'_>, prefix: &str) -> Result<u64, StoreError> {
    let sample = chunk.scope.rule.sample;
    let id = numbered_id(tx.conn.is_sqlite(), prefix, "r.account_id");
    let mut sql = SqlText::new();
    sql.push(
        "INSERT INTO assignments (id, task_id, wave_id, campaign_id, account_id, member_id, unit_id, state, planned_at, expires_at, \
         remind_at, link_version, variant_no) ",
    );
    // SQLite and PostgreSQL both take WITH after INSERT INTO … (…).
    with_ranked(&mut sql, &chunk.scope);
    sql.push(&format!("SELECT {id}, t.id, ")).id(chunk.scope.wave_id).push(", ").id(chunk.campaign_id);
    sql.push(", r.account_id, r.member_id, r.unit_id, 'planned', ").at(tx.now).push(", ").at(chunk.expires_at).push(", ");
    match chunk.remind_at {
        Some(at) => sql.at(at),
        None if tx.conn.is_sqlite() => sql.push("NULL"),
        None => sql.push("CAST(NULL AS timestamptz)"),
    };
    // Variants are spread evenly: row by row in the order of accounts.
    sql.push(", 1, CAST((row_number() OVER (ORDER BY r.account_id)) % 1000000 AS INTEGER) FROM ");
    match sample {
        None => sql.push("ranked r"),
        Some(n) => sql.push("(").push(SAMPLE_ORDER).big(i64::from(n)).push(") r"),
    };
    sql.push(" JOIN tasks t ON t.wave_id = ").id(chunk.scope.wave_id);
    sql.push(" AND t.platform = r.platform WHERE r.skip IS NULL ON CONFLICT (task_id, account_id) DO NOTHING");
    Ok(sql.query().execute(tx.conn)? as u64)
}

/// Withdraws a campaign's open assignments and stops its waves' counters there. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn withdraw_campaign(tx: &mut Tx<'_>, id: CampaignId) -> Result<u64, StoreError> {
    let now = tx.now;
    let withdrawn = move_counted(
        tx,
        Move { table: "assignments", counter: "withdrawn" },
        |sql| {
            sql.push("state = 'withdrawn', remind_at = NULL, settled_at = ").at(now);
        },
        |sql| {
            sql.push("campaign_id = ").id(id).push(" AND state IN ('planned', 'notified')");
        },
    )?;
    if withdrawn > 0 {
        tx.record(NewEntry::new(EventKind::AssignmentsWithdrawn).campaign(id).payload(json!({ "count": withdrawn })));
    }
    Ok(withdrawn)
}

/// Withdraws what a member was asked and has not answered. Returns how many; whoever calls says why on the log.
///
/// # Errors
/// The database's failure.
pub fn withdraw_member(tx: &mut Tx<'_>, id: MemberId) -> Result<u64, StoreError> {
    let now = tx.now;
    move_counted(
        tx,
        Move { table: "assignments", counter: "withdrawn" },
        |sql| {
            sql.push("state = 'withdrawn', remind_at = NULL, settled_at = ").at(now);
        },
        |sql| {
            sql.push("member_id = ").id(id).push(" AND state IN ('planned', 'notified')");
        },
    )
}

/// A post of `wave_id` was registered at `at`: the planned waves that wait for it by cascade get their opening time.
/// Returns how many. One that has a time already keeps it: the first post decides.
///
/// # Errors
/// The database's failure.
pub fn wake_cascades(tx: &mut Tx<'_>, wave_id: WaveId, at: DateTime<Utc>) -> Result<u64, StoreError> {
    wake(tx, wave_id, at, true)
}

/// `wave_id` opened at `at`: the planned waves that open some time after it get their opening time. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn wake_followers(tx: &mut Tx<'_>, wave_id: WaveId, at: DateTime<Utc>) -> Result<u64, StoreError> {
    wake(tx, wave_id, at, false)
}

fn wake(tx: &mut Tx<'_>, wave_id: WaveId, at: DateTime<Utc>, cascade: bool) -> Result<u64, StoreError> {
    use super::types::{At, Doc};
    use crate::domain::wave::{Timing, WaveState};
    let waiting = waves::table
        .filter(waves::waits_for.eq(wave_id))
        .filter(waves::state.eq(WaveState::Planned))
        .filter(waves::cascade.eq(cascade))
        .filter(waves::opens_at.is_null())
        .select((waves::id, waves::timing))
        .load::<(WaveId, Doc<Timing>)>(tx.conn)?;
    let mut woken = 0;
    for (id, Doc(timing)) in waiting {
        let minutes = match timing {
            Timing::At { .. } => continue,
            Timing::After { minutes, .. } | Timing::Cascade { minutes, .. } => minutes,
        };
        let opens_at = At(at + chrono::TimeDelta::minutes(minutes.into()));
        diesel::update(waves::table.find(id)).set(waves::opens_at.eq(opens_at)).execute(tx.conn)?;
        woken += 1;
    }
    Ok(woken)
}
