//! How far each log was read anew and compared with its tiles and its checkpoint, and what came of it.

use diesel::prelude::*;

use crate::ledger::tree::Frontier;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::ledger_checks;
use crate::store::tx::Tx;
use crate::store::types::At;

/// A log's check as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_checks, treat_none_as_default_value = false)]
pub struct CheckRow {
    /// Of which log.
    pub log_no: i32,
    /// The size that the round in hand goes to.
    pub target: i64,
    /// What the round has built so far.
    pub frontier: Vec<u8>,
    /// When the round began.
    pub began_at: At,
    /// The size that the last round without a finding went to ...
    pub sound_size: Option<i64>,
    /// ... and when it ended.
    pub sound_at: Option<At>,
    /// The first entry of this log that was found not to be what was sealed.
    pub broken_leaf: Option<i64>,
    /// What was found.
    pub broken_why: Option<String>,
    /// When.
    pub broken_found_at: Option<At>,
}

/// A log's check; none before the first round.
///
/// # Errors
/// The database's failure.
pub fn check_of(conn: &mut Conn, log_no: i32) -> Result<Option<CheckRow>, StoreError> {
    Ok(ledger_checks::table.find(log_no).select(CheckRow::as_select()).first(conn).optional()?)
}

/// Begins a round over the first `target` leaves, `seen` being the check by which one is due. Nothing where another process began one
/// meanwhile: that round goes on.
///
/// # Errors
/// The database's failure.
pub fn begin_check(tx: &mut Tx<'_>, log_no: i32, target: i64, seen: Option<&CheckRow>) -> Result<(), StoreError> {
    let (empty, now) = (Frontier::new().to_bytes(), At(tx.now));
    let round = (ledger_checks::target.eq(target), ledger_checks::frontier.eq(&empty), ledger_checks::began_at.eq(now));
    let Some(seen) = seen else {
        let first = (ledger_checks::log_no.eq(log_no), round);
        match tx.conn {
            Conn::Pg(conn) => diesel::insert_into(ledger_checks::table).values(first).on_conflict_do_nothing().execute(conn)?,
            Conn::Lite(conn) => diesel::insert_into(ledger_checks::table).values(first).on_conflict_do_nothing().execute(conn)?,
        };
        return Ok(());
    };
    let same = ledger_checks::table.find(log_no).filter(ledger_checks::target.eq(0));
    diesel::update(same.filter(ledger_checks::began_at.eq(seen.began_at))).set(round).execute(tx.conn)?;
    Ok(())
}

/// Keeps how far the round came. Nothing where another process came further meanwhile.
///
/// # Errors
/// The database's failure.
pub fn go_on(tx: &mut Tx<'_>, log_no: i32, before: &[u8], frontier: &[u8]) -> Result<(), StoreError> {
    let same = ledger_checks::table.find(log_no).filter(ledger_checks::frontier.eq(before.to_vec()));
    diesel::update(same).set(ledger_checks::frontier.eq(frontier.to_vec())).execute(tx.conn)?;
    Ok(())
}

/// The round ended and found nothing.
///
/// # Errors
/// The database's failure.
pub fn sound(tx: &mut Tx<'_>, log_no: i32, size: i64) -> Result<(), StoreError> {
    let set = (
        ledger_checks::sound_size.eq(Some(size)),
        ledger_checks::sound_at.eq(Some(At(tx.now))),
        ledger_checks::target.eq(0),
        ledger_checks::broken_leaf.eq(None::<i64>),
        ledger_checks::broken_why.eq(None::<String>),
        ledger_checks::broken_found_at.eq(None::<At>),
    );
    diesel::update(ledger_checks::table.find(log_no)).set(set).execute(tx.conn)?;
    Ok(())
}

/// The round ended at an entry that is not what was sealed; whether that is news: neither an earlier round nor another process found the
/// same. When something was found first stays.
///
/// # Errors
/// The database's failure.
pub fn broke(tx: &mut Tx<'_>, log_no: i32, leaf: i64, why: &str) -> Result<bool, StoreError> {
    // Who comes second waits here for the first.
    let own = ledger_checks::table.find(log_no);
    diesel::update(own).set(ledger_checks::target.eq(0)).execute(tx.conn)?;
    let Some(known) = check_of(tx.conn, log_no)? else { return Err(StoreError::Missing("the log's check")) };
    let set = (
        ledger_checks::broken_leaf.eq(Some(leaf)),
        ledger_checks::broken_why.eq(Some(why)),
        ledger_checks::broken_found_at.eq(Some(known.broken_found_at.unwrap_or(At(tx.now)))),
    );
    diesel::update(own).set(set).execute(tx.conn)?;
    Ok(known.broken_leaf != Some(leaf))
}
