//! A limit for *Done* on PostgreSQL: the rows of completions that are on file, written once more, each in a transaction of its own, to
//! tables that have the same columns and indexes. The counters are left out: all would wait for one row of theirs.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use super::super::db::{Conn, Db};
use super::super::error::StoreError;
use super::super::sql_text::SqlText;
use super::super::types::sql::Uid;
use crate::domain::id::{AssignmentId, CompletionId, EntryId};

/// The tables, beside each of which one is made.
const TABLES: [&str; 4] = ["assignments", "outbox", "completions", "ledger_entries"];

/// A completion whose rows are written again.
#[derive(Debug, Clone, QueryableByName)]
pub struct Copied {
    /// The completion.
    #[diesel(sql_type = Uid)]
    pub id: CompletionId,
    /// What it completes.
    #[diesel(sql_type = Uid)]
    pub assignment_id: AssignmentId,
    /// Its entry.
    #[diesel(sql_type = Uid)]
    pub entry_id: EntryId,
}

/// Makes the tables, with the assignments and mails as they were before they were done, and gives the completions.
///
/// # Errors
/// The database's failure.
pub fn make_copies(db: &Db) -> Result<Vec<Copied>, StoreError> {
    db.migrating(|conn| {
        for table in TABLES {
            conn.batch_execute(&format!("CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL EXCLUDING GENERATED)"))?;
        }
        conn.batch_execute(
            "ALTER TABLE bench_assignments SET (fillfactor = 45); ALTER TABLE bench_outbox SET (fillfactor = 30); \
             INSERT INTO bench_assignments SELECT * FROM assignments WHERE state = 'done'; \
             UPDATE bench_assignments SET state = 'planned', settled_at = NULL, opened_at = NULL; \
             INSERT INTO bench_outbox SELECT o.* FROM outbox o JOIN bench_assignments a ON a.id = o.assignment_id WHERE o.state = 'cancelled'; \
             UPDATE bench_outbox SET state = 'pending', settled_at = NULL",
        )?;
        super::settle(conn)?;
        let rows = "SELECT c.id, c.assignment_id, e.id AS entry_id FROM completions c JOIN ledger_entries e \
            ON e.assignment_id = c.assignment_id AND e.kind = 'assignment.done' ORDER BY c.id";
        Ok(diesel::sql_query(rows).load(conn)?)
    })
}

/// Writes these completions' rows once more, one transaction after the other, over one connection.
///
/// # Errors
/// The database's failure.
pub fn write_copies(db: &Db, these: &[Copied]) -> Result<(), StoreError> {
    db.migrating(|conn| {
        these.iter().try_for_each(|one| {
            conn.batch_execute("BEGIN")?;
            write_copy(conn, one)?;
            Ok(conn.batch_execute("COMMIT")?)
        })
    })
}

fn write_copy(conn: &mut Conn, one: &Copied) -> Result<(), StoreError> {
    let mut run = |text: &str, id: uuid::Uuid| -> Result<(), StoreError> {
        let mut sql = SqlText::new();
        sql.push(text).id(AssignmentId::from_uuid(id));
        if sql.kept().execute(conn)? == 1 { Ok(()) } else { Err(StoreError::Missing("a row to write again")) }
    };
    run("INSERT INTO bench_completions SELECT * FROM completions WHERE id = ", one.id.uuid())?;
    let done =
        "UPDATE bench_assignments SET state = 'done', settled_at = clock_timestamp(), opened_at = clock_timestamp() WHERE id = ";
    run(done, one.assignment_id.uuid())?;
    let cancelled =
        "UPDATE bench_outbox SET state = 'cancelled', settled_at = clock_timestamp() WHERE kind = 'task' AND assignment_id = ";
    run(cancelled, one.assignment_id.uuid())?;
    run("INSERT INTO bench_ledger_entries SELECT * FROM ledger_entries WHERE id = ", one.entry_id.uuid())
}

/// Takes the tables away.
///
/// # Errors
/// The database's failure.
pub fn drop_copies(db: &Db) -> Result<(), StoreError> {
    db.migrating(|conn| Ok(conn.batch_execute(&TABLES.map(|table| format!("DROP TABLE bench_{table}; ")).concat())?))
}
