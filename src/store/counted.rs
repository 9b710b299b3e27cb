//! Moving many rows of waves at once, the waves' counters with them: counted is what was changed, whatever others do meanwhile.

use diesel::prelude::*;

use super::error::StoreError;
use super::sql_text::{Count, SqlText};
use super::tx::Tx;

/// Which rows move, and which column of `wave_counts` follows them. `table` has a column `wave_id`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub table: &'static str,
    pub counter: &'static str,
}

/// Changes the rows that `those` chooses as `set` says, and adds their number to each wave's counter. Returns how many.
///
/// # Errors
/// The database's failure.
pub(super) fn move_counted(
    tx: &mut Tx<'_>,
    Move { table, counter }: Move,
    set: impl Fn(&mut SqlText),
    those: impl Fn(&mut SqlText),
) -> Result<u64, StoreError> {
    let mut sql = SqlText::new();
    if tx.conn.is_sqlite() {
        // There is one writer, so the rows that are counted here are those that change below.
        sql.push(&format!("UPDATE wave_counts SET {counter} = {counter} + (SELECT count(*) FROM {table} "));
        sql.push(&format!("WHERE {table}.wave_id = wave_counts.wave_id AND "));
        those(&mut sql);
        sql.push(&format!(") WHERE wave_id IN (SELECT wave_id FROM {table} WHERE wave_id IS NOT NULL AND "));
        those(&mut sql);
        sql.push(")").clone().query().execute(tx.conn)?;
        let mut sql = SqlText::new();
        sql.push(&format!("UPDATE {table} SET "));
        set(&mut sql);
        sql.push(" WHERE ");
        those(&mut sql);
        return Ok(sql.query().execute(tx.conn)? as u64);
    }
    // A row that somebody else moves first is neither changed nor counted, so it must be one statement.
    sql.push(&format!("WITH moved AS (UPDATE {table} SET "));
    set(&mut sql);
    sql.push(" WHERE ");
    those(&mut sql);
    sql.push(&format!(
        " RETURNING wave_id), counted AS (UPDATE wave_counts SET {counter} = {counter} + m.n FROM \
         (SELECT wave_id, count(*) AS n FROM moved WHERE wave_id IS NOT NULL GROUP BY wave_id) m WHERE wave_counts.wave_id = m.wave_id) \
         SELECT count(*) AS n FROM moved"
    ));
    let moved: Count = sql.query().get_result(tx.conn)?;
    Ok(u64::try_from(moved.n).unwrap_or_default())
}
