//! For tests of who writes to the outbox: mails as they stand, and changes that SQLite is told to refuse.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use crate::domain::id::MailId;
use crate::domain::outbox::MailState;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::outbox;
use crate::store::tx::Tx;

/// A mail, its state, and the attempt that was marked as begun.
pub type State = (MailId, MailState, Option<i32>);

/// All mails, in the order of their ids.
pub fn states(conn: &mut Conn) -> Result<Vec<State>, StoreError> {
    Ok(outbox::table.order(outbox::id).select((outbox::id, outbox::state, outbox::begun)).load(conn)?)
}

/// From now on an update of these columns fails where the condition holds: it stands for any failure that comes back as often as it is
/// tried.
pub fn refuse(tx: &mut Tx<'_>, columns: &str, condition: &str) -> Result<(), StoreError> {
    tx.without_entry("a test's trigger");
    let Conn::Lite(conn) = &mut *tx.conn else { return Err(StoreError::Missing("SQLite")) };
    conn.batch_execute(&format!(
        "CREATE TRIGGER refused BEFORE UPDATE OF {columns} ON outbox WHEN {condition} BEGIN SELECT RAISE(ABORT, 'refused'); END"
    ))?;
    Ok(())
}
