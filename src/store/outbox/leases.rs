//! What workers have in hand: on SQLite the rows of the outbox that have a lease, on PostgreSQL found by the leases beside it, one a claim.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::claim::{COLUMNS, Claimed};
use crate::domain::id::LeaseId;
use crate::store::error::StoreError;
use crate::store::sql_text::SqlText;
use crate::store::tx::Tx;

/// Leases looked at in one sweep.
const MOST: &str = "100";

/// A mail whose lease ran out.
#[derive(Debug, QueryableByName)]
pub(super) struct Lapsed {
    /// The claim.
    #[diesel(embed)]
    pub claimed: Claimed,
    /// Whether it is known that no connection was given it.
    #[diesel(sql_type = Bool)]
    pub untouched: bool,
}

/// Up to `limit` mails whose lease ran out; what somebody else is writing to is passed by.
///
/// # Errors
/// The database's failure.
pub(super) fn lapsed(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Lapsed>, StoreError> {
    let is_sqlite = tx.conn.is_sqlite();
    let mut sql = SqlText::new();
    sql.push(&format!("SELECT {COLUMNS}, coalesce(begun = -attempt, FALSE) AS untouched FROM outbox WHERE state = 'sending'"));
    if !is_sqlite {
        sql.push(" AND id = ANY(ARRAY(SELECT unnest(mails) FROM (SELECT mails FROM outbox_leases WHERE lease_until <= ");
        sql.at(tx.now).push(" ORDER BY lease_until LIMIT ").push(MOST).push(") l))");
    }
    sql.push(" AND lease_until <= ").at(tx.now).push(" ORDER BY lease_until LIMIT ").big(limit.into());
    sql.push(if is_sqlite { "" } else { " FOR UPDATE SKIP LOCKED" });
    Ok(sql.kept().load(tx.conn)?)
}

/// Ends the leases whose time is over and of whose mails none is in anybody's hands.
///
/// # Errors
/// The database's failure.
pub(super) fn end_lapsed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    if tx.conn.is_sqlite() {
        return Ok(());
    }
    let mut sql = SqlText::new();
    sql.push("DELETE FROM outbox_leases WHERE id = ANY(ARRAY(SELECT l.id FROM outbox_leases l WHERE l.lease_until <= ")
        .at(tx.now);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM unnest(l.mails) AS m(id) JOIN outbox o ON o.id = m.id WHERE o.state = 'sending' AND o.lease_until <= ");
    sql.at(tx.now).push(") ORDER BY l.lease_until LIMIT ").push(MOST).push(" FOR UPDATE SKIP LOCKED))");
    sql.kept().execute(tx.conn)?;
    Ok(())
}

/// Adds that a mail is still under this lease. Its attempt alone would not say so: PostgreSQL does not wait for the disk when it commits a
/// claim, and a server that dies may have forgotten it; then the next claim begins an attempt of the same number.
pub(super) fn of(sql: &mut SqlText, lease: Option<LeaseId>) -> &mut SqlText {
    match lease {
        Some(lease) => sql.push(" AND lease_id = ").id(lease),
        None => sql.push(" AND lease_id IS NULL"),
    }
}

/// These mails are in nobody's hands any more: a lease goes with the last of its own.
///
/// # Errors
/// The database's failure.
pub(super) fn hand_back<'a>(tx: &mut Tx<'_>, mails: impl Iterator<Item = &'a Claimed>) -> Result<(), StoreError> {
    let mut of_lease: BTreeMap<LeaseId, i32> = BTreeMap::new();
    for lease in mails.filter_map(|mail| mail.lease_id) {
        *of_lease.entry(lease).or_default() += 1;
    }
    // One after the other in one order, as everybody does it.
    for (lease, n) in of_lease {
        let mut sql = SqlText::new();
        sql.push("DELETE FROM outbox_leases WHERE id = ").id(lease).push(" AND unsettled <= ").int(n);
        if sql.kept().execute(tx.conn)? == 0 {
            let mut sql = SqlText::new();
            sql.push("UPDATE outbox_leases SET unsettled = unsettled - ").int(n).push(" WHERE id = ").id(lease);
            sql.kept().execute(tx.conn)?;
        }
    }
    Ok(())
}
