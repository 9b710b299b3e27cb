//! The entries about a person: those that name nothing but their reference, which an index holds, and those about what they were asked,
//! which are found by way of it: an index of all of them by a random reference would cost each mail a page of the disk.

use crate::store::sql_text::SqlText;

/// Adds the condition for the entries that name this reference and no assignment.
pub(super) fn alone(sql: &mut SqlText, subject_ref: &str) {
    sql.push("subject_ref = ").text(subject_ref).push(" AND assignment_id IS NULL");
}

/// Adds, as a table, the entries under this reference about assignments: of the member who has it, or had it before they were erased.
pub(super) fn of_assignments(sql: &mut SqlText, subject_ref: &str, is_sqlite: bool) {
    // SQLite keeps the order of a CROSS JOIN; PostgreSQL must not walk the log in its order of time to be spared the sorting of a few.
    sql.push("(SELECT e.* FROM assignments a CROSS JOIN ledger_entries e WHERE a.member_id IN (SELECT id FROM members WHERE subject_ref = ");
    sql.text(subject_ref).push(" UNION ALL SELECT member_id FROM erasures WHERE subject_ref = ").text(subject_ref);
    sql.push(") AND e.assignment_id = a.id AND e.subject_ref = ").text(subject_ref);
    sql.push(if is_sqlite { ") e" } else { " OFFSET 0) e" });
}

/// Adds, as a table `e`, all entries under this reference, in no order.
pub fn entries_about(sql: &mut SqlText, subject_ref: &str, is_sqlite: bool) {
    sql.push("(SELECT * FROM ledger_entries WHERE ");
    alone(sql, subject_ref);
    sql.push(" UNION ALL SELECT * FROM ");
    of_assignments(sql, subject_ref, is_sqlite);
    sql.push(") e");
}
