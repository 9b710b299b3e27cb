//! Finding entries by any mix of filters in bounded time.
//!
//! One filter drives: its index gives the entries in the order of time, and the others are asked of each. Which one, is measured:
//! the one whose entries lie furthest apart. A search looks at so many entries and no more, and says how far it came; so a mix of
//! filters that hardly ever meet costs no more than any other page.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{EntryRow, LogQuery, person};
use crate::domain::event::EventKind;
use crate::domain::id::{EntryId, UnitId};
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::sql_text::SqlText;
use crate::store::types::At;
use crate::store::types::sql::{Ts, Uid};

/// A place in the log: a time, and an entry of that time.
pub type Place = (DateTime<Utc>, EntryId);

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The entries, newest first.
    pub rows: Vec<EntryRow>,
    /// Where the search stopped before it had found enough; none where it found enough, or came to the end.
    pub stopped: Option<Place>,
}

/// A filter's entries are this far apart at least, or so few: it is asked where its entry of this number lies.
const PROBE: i64 = 500;
/// Entries that are looked at in one statement.
const WINDOW: i64 = 2_000;
/// A window of a search that looks at everything grows to this.
const WIDEST: i64 = 32_000;
/// A list of kinds or units that is longer than this is asked of each entry, and drives nothing.
const MANY: usize = 48;

/// What gives the entries in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Driver {
    /// All of them, by time.
    #[default]
    Time,
    Assignment,
    Subject,
    Actor,
    Campaign,
    Kinds,
    /// Those of these units, and with the mark those of none.
    Units(Vec<UnitId>, bool),
}

#[derive(QueryableByName)]
struct Edge {
    #[diesel(sql_type = Ts)]
    at: At,
    #[diesel(sql_type = Uid)]
    id: EntryId,
}

#[derive(QueryableByName)]
struct Below {
    #[diesel(sql_type = Uid)]
    id: UnitId,
}

/// At most `limit` entries, newest first, after looking at no more than `most` of them.
pub(super) fn search(conn: &mut Conn, wanted: &LogQuery, limit: i64, most: i64) -> Result<Found, StoreError> {
    let mut wanted = wanted.clone();
    if wanted.unit_id.is_some() {
        // The unit lies within the reach, which its caller checked, and so does everything below it.
        wanted.reach = None;
    }
    let driver = driver(conn, &wanted)?;
    if is_alone(&wanted, &driver) {
        let mut sql = SqlText::new();
        window(&mut sql, "*", &wanted, &driver, (conn.is_sqlite(), limit));
        newest(&mut sql, &wanted).push(" LIMIT ").big(limit);
        return Ok(Found { rows: in_order(&wanted, sql.query().load(conn)?), stopped: None });
    }
    let (mut rows, mut left, mut size): (Vec<EntryRow>, i64, i64) = (Vec::new(), most, WINDOW);
    loop {
        let need = limit - i64::try_from(rows.len()).unwrap_or(limit);
        rows.extend(through_window(conn, &wanted, &driver, (size, need))?);
        if i64::try_from(rows.len()).is_ok_and(|found| found >= limit) {
            return Ok(Found { rows: in_order(&wanted, rows), stopped: None });
        }
        let Some(edge) = edge(conn, &wanted, &driver, size)? else {
            return Ok(Found { rows: in_order(&wanted, rows), stopped: None });
        };
        left = left.saturating_sub(size);
        if left <= 0 {
            return Ok(Found { rows: in_order(&wanted, rows), stopped: Some(edge) });
        }
        if wanted.after.is_some() {
            wanted.after = Some(edge)
        } else {
            wanted.before = Some(edge)
        }
        size = (size * 2).min(WIDEST).min(left);
    }
}

fn in_order(wanted: &LogQuery, mut rows: Vec<EntryRow>) -> Vec<EntryRow> {
    if wanted.after.is_some() {
        rows.reverse();
    }
    rows
}

/// Which filter drives.
fn driver(conn: &mut Conn, wanted: &LogQuery) -> Result<Driver, StoreError> {
    if wanted.assignment_id.is_some() {
        return Ok(Driver::Assignment);
    }
    let mut candidates = Vec::new();
    if wanted.subject_ref.is_some() {
        candidates.push(Driver::Subject);
    }
    if wanted.actor_ref.is_some() {
        candidates.push(Driver::Actor);
    }
    if wanted.campaign_id.is_some() {
        candidates.push(Driver::Campaign);
    }
    if !wanted.kinds.is_empty() && wanted.kinds.len() <= MANY {
        candidates.push(Driver::Kinds);
    }
    if let Some(units) = units(conn, wanted)? {
        candidates.push(Driver::Units(units, wanted.reach.is_some() && wanted.without_unit));
    }
    if candidates.len() <= 1 {
        return Ok(candidates.pop().unwrap_or_default());
    }
    let mut best: Option<(Place, Driver)> = None;
    for candidate in candidates {
        // It has few entries left: all of them are looked at.
        let Some(place) = edge(conn, wanted, &candidate, PROBE)? else { return Ok(candidate) };
        let is_further = |other: &Place| if wanted.after.is_some() { place > *other } else { place < *other };
        if best.as_ref().is_none_or(|(other, _)| is_further(other)) {
            best = Some((place, candidate));
        }
    }
    Ok(best.map(|(_, driver)| driver).unwrap_or_default())
}

/// The units that are wanted, where there are few.
fn units(conn: &mut Conn, wanted: &LogQuery) -> Result<Option<Vec<UnitId>>, StoreError> {
    let roots = match (wanted.unit_id, &wanted.reach) {
        (Some(id), _) => vec![id],
        (None, Some(reach)) if !reach.is_empty() => reach.clone(),
        (None, _) => return Ok(None),
    };
    let mut sql = SqlText::new();
    sql.push("SELECT DISTINCT descendant_id AS id FROM unit_closure WHERE ancestor_id IN ").ids(&roots);
    sql.push(" LIMIT ").big(i64::try_from(MANY).unwrap_or(i64::MAX) + 1);
    let found: Vec<Below> = sql.query().load(conn)?;
    Ok((found.len() <= MANY).then(|| found.into_iter().map(|below| below.id).collect()))
}

/// Whether the driver's filter is the only one besides the time.
fn is_alone(wanted: &LogQuery, driver: &Driver) -> bool {
    let mut sql = SqlText::new();
    others(&mut sql, wanted, driver);
    sql.is_empty()
}

/// The driver's entries in the time that is wanted, to be ordered and cut; as branches, which either database merges.
///
/// SQLite merges branches that an index orders; PostgreSQL merges them if each says its own order, and how many it has to give at most.
fn window(sql: &mut SqlText, columns: &str, wanted: &LogQuery, driver: &Driver, (is_sqlite, most): (bool, i64)) {
    let mut branches: Vec<SqlText> = Vec::new();
    let mut from = |table: &dyn Fn(&mut SqlText)| {
        let mut one = SqlText::new();
        table(one.push("SELECT ").push(columns).push(" FROM "));
        branches.push(one);
    };
    let mut branch = |condition: &dyn Fn(&mut SqlText)| from(&|one| condition(one.push("ledger_entries WHERE ")));
    match (driver, &wanted.subject_ref) {
        (Driver::Subject, Some(subject)) => {
            branch(&|one| person::alone(one, subject));
            from(&|one| {
                person::of_assignments(one, subject, is_sqlite);
                one.push(" WHERE 1 = 1");
            });
        }
        (Driver::Time, _) => branch(&|one| {
            one.push("1 = 1");
        }),
        (Driver::Kinds, _) => wanted.kinds.iter().for_each(|kind| branch(&|one| of_kind(one, *kind))),
        (Driver::Units(units, without), _) => {
            units.iter().for_each(|unit| {
                branch(&|one| {
                    one.push("unit_id = ").id(*unit);
                });
            });
            if *without {
                branch(&|one| {
                    one.push("unit_id IS NULL");
                });
            }
        }
        (Driver::Assignment | Driver::Subject | Driver::Actor | Driver::Campaign, _) => branch(&|one| equal(one, wanted, driver)),
    }
    let many = branches.len() > 1;
    if many {
        sql.push("SELECT * FROM (");
    }
    for (i, one) in branches.into_iter().enumerate() {
        if i > 0 {
            sql.push(" UNION ALL ");
        }
        let by_itself = many && !is_sqlite;
        if by_itself {
            sql.push("SELECT * FROM (");
        }
        sql.append(one);
        bounds(sql, wanted);
        if by_itself {
            newest(sql, wanted).push(" LIMIT ").big(most).push(&format!(") branch{i}"));
        }
    }
    if many {
        sql.push(") merged");
    }
}

fn of_kind(sql: &mut SqlText, kind: EventKind) {
    sql.push("kind = ").text(kind.to_string());
}

fn equal(sql: &mut SqlText, wanted: &LogQuery, driver: &Driver) {
    match (driver, &wanted.subject_ref, &wanted.actor_ref, wanted.campaign_id, wanted.assignment_id) {
        (Driver::Subject, Some(subject), ..) => sql.push("subject_ref = ").text(subject.as_str()),
        (Driver::Actor, _, Some(actor), ..) => sql.push("actor_ref = ").text(actor.as_str()),
        (Driver::Campaign, _, _, Some(id), _) => sql.push("campaign_id = ").id(id),
        (Driver::Assignment, _, _, _, Some(id)) => sql.push("assignment_id = ").id(id),
        _ => sql.push("1 = 1"),
    };
}

fn bounds(sql: &mut SqlText, wanted: &LogQuery) {
    if let Some(from) = wanted.from {
        sql.push(" AND at >= ").at(from);
    }
    if let Some(to) = wanted.to {
        sql.push(" AND at < ").at(to);
    }
    // Of each pair the first condition alone bounds the index; the second breaks ties.
    if let Some((at, id)) = wanted.before {
        sql.push(" AND at <= ").at(at).push(" AND (at < ").at(at).push(" OR id < ").id(id).push(")");
    }
    if let Some((at, id)) = wanted.after {
        sql.push(" AND at >= ").at(at).push(" AND (at > ").at(at).push(" OR id > ").id(id).push(")");
    }
}

fn newest<'s>(sql: &'s mut SqlText, wanted: &LogQuery) -> &'s mut SqlText {
    sql.push(if wanted.after.is_some() { " ORDER BY at, id" } else { " ORDER BY at DESC, id DESC" })
}

/// The filters that do not drive.
fn others(sql: &mut SqlText, wanted: &LogQuery, driver: &Driver) {
    let mut and = |drives: Driver, is_set: bool| {
        if is_set && *driver != drives {
            sql.push(" AND ");
            equal(sql, wanted, &drives);
        }
    };
    and(Driver::Assignment, wanted.assignment_id.is_some());
    and(Driver::Subject, wanted.subject_ref.is_some());
    and(Driver::Actor, wanted.actor_ref.is_some());
    and(Driver::Campaign, wanted.campaign_id.is_some());
    if let Some(id) = wanted.wave_id {
        sql.push(" AND wave_id = ").id(id);
    }
    if let Some(id) = wanted.id {
        sql.push(" AND id = ").id(id);
    }
    if !wanted.kinds.is_empty() && *driver != Driver::Kinds {
        sql.push(" AND kind IN ").texts(&wanted.kinds.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    if matches!(driver, Driver::Units(..)) {
        return;
    }
    let below = |sql: &mut SqlText, roots: &[UnitId]| {
        sql.push("EXISTS (SELECT 1 FROM unit_closure c WHERE c.descendant_id = e.unit_id AND c.ancestor_id IN ").ids(roots);
        sql.push(")");
    };
    if let Some(id) = wanted.unit_id {
        sql.push(" AND ");
        below(sql, &[id]);
    }
    if let Some(reach) = &wanted.reach {
        sql.push(" AND (");
        if reach.is_empty() {
            sql.push("1 = 0");
        } else {
            below(sql, reach);
        }
        sql.push(if wanted.without_unit { " OR e.unit_id IS NULL)" } else { ")" });
    }
}

fn through_window(
    conn: &mut Conn,
    wanted: &LogQuery,
    driver: &Driver,
    (size, need): (i64, i64),
) -> Result<Vec<EntryRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT * FROM (");
    window(&mut sql, "*", wanted, driver, (conn.is_sqlite(), size));
    newest(&mut sql, wanted).push(" LIMIT ").big(size).push(") e WHERE 1 = 1");
    others(&mut sql, wanted, driver);
    newest(&mut sql, wanted).push(" LIMIT ").big(need);
    Ok(sql.query().load(conn)?)
}

/// Where the driver's entry of this number lies; none where there are fewer.
fn edge(conn: &mut Conn, wanted: &LogQuery, driver: &Driver, number: i64) -> Result<Option<Place>, StoreError> {
    let mut sql = SqlText::new();
    window(&mut sql, "at, id", wanted, driver, (conn.is_sqlite(), number));
    newest(&mut sql, wanted).push(" LIMIT 1 OFFSET ").big(number - 1);
    let edge: Option<Edge> = sql.query().get_result(conn).optional()?;
    Ok(edge.map(|edge| (edge.at.0, edge.id)))
}
