//! Taking mails that wait: on SQLite by the outbox's own indexes, on PostgreSQL by the table that stands beside it.
//!
//! PostgreSQL writes to all indexes of a row when one of them names what changed. So none of the outbox's names its state: what waits
//! stands in `outbox_waiting`, a narrow table that the database's triggers keep in step. Who changes its row for a mail holds the mail's own
//! row, so that the two are never waited for in different orders. Only a claim takes rows out by itself, all of its mails' at once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::claim::{COLUMNS, Claimed};
use crate::domain::id::{LeaseId, MailId, MemberId};
use crate::store::error::StoreError;
use crate::store::sql_text::SqlText;
use crate::store::tx::Tx;
use crate::store::types::At;
use crate::store::types::sql::Ts;

/// Which of the mails that are due.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    /// Those that never failed, in the order in which they fell due.
    Pending,
    /// Those that a relay put off, in the same order.
    Deferred,
    /// Those about tasks to these members, whichever fell due first.
    TasksOf(&'a [MemberId]),
}

impl Which<'_> {
    const fn state(self) -> &'static str {
        if matches!(self, Self::Deferred) { "deferred" } else { "pending" }
    }
}

/// A mail's place in the order in which mails fall due.
pub(super) type Place = (DateTime<Utc>, MailId);

/// What a claim took.
#[derive(Debug, Default)]
pub(super) struct Haul {
    pub claimed: Vec<Claimed>,
    /// The last of them in the order in which they fell due; PostgreSQL only.
    pub last: Option<Place>,
}

/// Takes up to `limit` of them until `lease_until`, on PostgreSQL from this place on. What another worker is taking is passed by.
///
/// # Errors
/// The database's failure.
pub(super) fn take(
    tx: &mut Tx<'_>,
    which: Which<'_>,
    from: Option<Place>,
    limit: i64,
    lease_until: DateTime<Utc>,
) -> Result<Haul, StoreError> {
    if tx.conn.is_sqlite() {
        return Ok(Haul { claimed: by_index(tx, which, limit, lease_until).kept().load(tx.conn)?, last: None });
    }
    let taken: Vec<Taken> = beside(tx, which, from, limit, lease_until).kept().load(tx.conn)?;
    let all = i64::try_from(taken.len()).unwrap_or(i64::MAX);
    let gone = taken.first().map_or(all, |row| row.gone);
    let last = taken.iter().map(|row| (row.next_attempt_at.0, row.claimed.id)).max();
    let claimed: Vec<Claimed> = taken.into_iter().map(|row| row.claimed).collect();
    if gone < all {
        // One was put back and taken again while this statement looked at it: its row there is newer than what the statement sees.
        let ids: Vec<MailId> = claimed.iter().map(|mail| mail.id).collect();
        let mut sql = SqlText::new();
        sql.push("DELETE FROM outbox_waiting WHERE ").among("mail_id", &ids, false);
        sql.kept().execute(tx.conn)?;
    }
    Ok(Haul { claimed, last })
}

const SET: &str = "UPDATE outbox SET state = 'sending', attempt = attempt + 1, begun = -(attempt + 1), lease_until = ";

/// The state is a literal, so that its partial index serves the search.
fn by_index(tx: &Tx<'_>, which: Which<'_>, limit: i64, lease_until: DateTime<Utc>) -> SqlText {
    let mut sql = SqlText::new();
    sql.push(SET).at(lease_until).push(" WHERE id IN (SELECT id FROM outbox WHERE state = '").push(which.state());
    sql.push("' AND NOT held AND digest_id IS NULL AND next_attempt_at <= ").at(tx.now);
    match which {
        Which::TasksOf(members) => sql.push(" AND kind IN ('task', 'reminder') AND ").among("member_id", members, true),
        Which::Pending | Which::Deferred => sql.push(" ORDER BY next_attempt_at, id"),
    };
    sql.push(" LIMIT ").big(limit).push(") RETURNING ").push(COLUMNS);
    sql
}

/// A mail that was taken, when it fell due, and how many rows went from the table beside.
#[derive(QueryableByName)]
struct Taken {
    #[diesel(embed)]
    claimed: Claimed,
    #[diesel(sql_type = Ts)]
    next_attempt_at: At,
    #[diesel(sql_type = BigInt)]
    gone: i64,
}

/// One statement, so that what is taken is what was found: each mail is locked as the table beside names it, in its order, until there are
/// enough; what does not wait any more is left by the way. An array is made once; an IN subquery may be run more than once.
fn beside(tx: &Tx<'_>, which: Which<'_>, from: Option<Place>, limit: i64, lease_until: DateTime<Utc>) -> SqlText {
    let lease = LeaseId::new();
    let mut sql = SqlText::new();
    sql.push(
        "WITH due AS MATERIALIZED (SELECT w.mail_id, w.place FROM (SELECT mail_id, ctid AS place FROM outbox_waiting WHERE ",
    );
    match which {
        // NOT FALSE instead of the index's own condition: this is a search by member, whatever the figures say of how little is ready.
        Which::TasksOf(members) => sql.push("ready IS NOT FALSE AND deferred IS FALSE AND ").among("member_id", members, false),
        Which::Pending => sql.push("ready AND NOT deferred"),
        Which::Deferred => sql.push("ready AND deferred"),
    };
    sql.push(" AND next_attempt_at <= ").at(tx.now);
    if let Some((at, id)) = from {
        sql.push(" AND (next_attempt_at, mail_id) >= (").at(at).push(", ").id(id).push(")");
    }
    if !matches!(which, Which::TasksOf(_)) {
        sql.push(" ORDER BY deferred, next_attempt_at, mail_id");
    }
    sql.push(" OFFSET 0) w, LATERAL (SELECT 1 FROM outbox o WHERE o.id = w.mail_id AND o.state = '").push(which.state());
    sql.push("' AND NOT o.held AND o.digest_id IS NULL AND o.next_attempt_at <= ").at(tx.now);
    if matches!(which, Which::TasksOf(_)) {
        sql.push(" AND o.kind IN ('task', 'reminder')");
    }
    sql.push(" FOR UPDATE SKIP LOCKED) o LIMIT ").big(limit);
    sql.push("), gone AS (DELETE FROM outbox_waiting WHERE ctid = ANY(ARRAY(SELECT place FROM due)) RETURNING 1), taken AS (")
        .push(SET);
    sql.at(lease_until).push(", lease_id = ").id(lease).push(" WHERE id = ANY(ARRAY(SELECT mail_id FROM due)) RETURNING ");
    sql.push(COLUMNS)
        .push(", next_attempt_at), leased AS (INSERT INTO outbox_leases (id, lease_until, unsettled, mails) SELECT ")
        .id(lease);
    sql.push(", ").at(lease_until).push(", count(*), array_agg(id) FROM taken HAVING count(*) > 0) SELECT ").push(COLUMNS);
    sql.push(", next_attempt_at, (SELECT count(*) FROM gone) AS gone FROM taken");
    sql
}
