//! What must hold at every instant, whatever happened: counters equal rows, each mail is accounted for, nothing is there twice.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use gaung::app::App;
use gaung::domain::id::{UnitId, WaveId};
use gaung::store::plan_counts::WaveCountsRow;
use gaung::store::schema::{wave_counts, wave_unit_counts};
use gaung::store::types::sql::Uid;
use gaung::store::{Conn, StoreError, promises};

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Uid)]
    wave_id: WaveId,
    #[diesel(sql_type = Nullable<Uid>)]
    unit_id: Option<UnitId>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Violations {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What no row may be, each as a query that counts offenders.
const NEVER: &[(&str, &str)] = &[
    (
        "a sent task mail whose assignment still waits to be told",
        "SELECT count(*) AS n FROM outbox o JOIN assignments a ON a.id = o.assignment_id WHERE o.kind = 'task' AND o.state = 'sent' AND a.state = 'planned'",
    ),
    (
        "an assignment that was told without a sent mail",
        "SELECT count(*) AS n FROM assignments a WHERE a.state = 'notified' AND NOT EXISTS \
         (SELECT 1 FROM outbox o WHERE o.assignment_id = a.id AND o.kind = 'task' AND o.state = 'sent')",
    ),
    (
        "a mail that is being sent without a lease, or holds a lease without being sent",
        "SELECT count(*) AS n FROM outbox WHERE (state = 'sending') <> (lease_until IS NOT NULL)",
    ),
    (
        "a mail in a final state without its time, or an open one with it",
        "SELECT count(*) AS n FROM outbox WHERE (state IN ('pending', 'sending', 'deferred')) <> (settled_at IS NULL)",
    ),
    (
        "an assignment outside its campaign's unit",
        "SELECT count(*) AS n FROM assignments a JOIN campaigns c ON c.id = a.campaign_id WHERE NOT EXISTS \
         (SELECT 1 FROM unit_closure u WHERE u.ancestor_id = c.unit_id AND u.descendant_id = a.unit_id)",
    ),
    (
        // One that was done or declined keeps the time: taking that back brings the reminder back, and only `notified` ones get it.
        "an assignment that is over and would still be reminded",
        "SELECT count(*) AS n FROM assignments WHERE remind_at IS NOT NULL AND state IN ('expired', 'withdrawn')",
    ),
    (
        "a closed wave with something left to do in it",
        "SELECT count(*) AS n FROM waves w WHERE w.state IN ('closed', 'cancelled', 'skipped') AND \
         (EXISTS (SELECT 1 FROM assignments a WHERE a.wave_id = w.id AND a.state IN ('planned', 'notified')) OR \
         EXISTS (SELECT 1 FROM outbox o WHERE o.wave_id = w.id AND o.state IN ('pending', 'deferred')))",
    ),
];

/// Panics with the first promise that is broken.
pub fn check(app: &App) {
    let read = app.db.read_blocking(|conn| {
        // All of one moment, as on SQLite: somebody may be at work.
        let is_postgres = !conn.is_sqlite();
        if is_postgres {
            diesel::sql_query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(conn)?;
        }
        check_rows(conn);
        if is_postgres {
            diesel::sql_query("COMMIT").execute(conn)?;
        }
        Ok::<_, StoreError>(())
    });
    read.expect("the invariants are read");
    // What an operator's check finds must agree.
    assert_eq!(app.db.read_blocking(promises::check).expect("the promises are read"), []);
}

fn check_rows(conn: &mut Conn) {
    let mails = counted(
        conn,
        "SELECT wave_id, NULL AS unit_id, state, CAST(sum(mails) AS BIGINT) AS n FROM (SELECT wave_id, state, 1 AS mails FROM outbox \
         WHERE wave_id IS NOT NULL UNION ALL SELECT wave_id, state, mails FROM outbox_archive) every GROUP BY wave_id, state",
    );
    let people = counted(conn, "SELECT wave_id, unit_id, state, count(*) AS n FROM assignments GROUP BY wave_id, unit_id, state");
    let counters: Vec<WaveCountsRow> = wave_counts::table.select(WaveCountsRow::as_select()).load(conn).expect("counters");
    for row in counters {
        let id = row.wave_id;
        let mail = |states: &[&str]| sum(&mails, id, None, states);
        let open = mail(&["pending", "sending", "deferred"]);
        let finals = row.mail_sent + row.mail_failed + row.mail_suppressed + row.mail_unknown + row.mail_cancelled;
        assert_eq!(row.mail_planned, finals + open, "planned = sent + failed + suppressed + unknown + cancelled + open: {row:?}");
        let rows =
            [mail(&[]), mail(&["sent"]), mail(&["failed"]), mail(&["suppressed"]), mail(&["unknown"]), mail(&["cancelled"])];
        let said = [row.mail_planned, row.mail_sent, row.mail_failed, row.mail_suppressed, row.mail_unknown, row.mail_cancelled];
        assert_eq!(said, rows, "mail counters and rows (planned, sent, failed, suppressed, unknown, cancelled) of {id}");
        let person = |states: &[&str]| sum(&people, id, None, states);
        let rows =
            [person(&[]), person(&["done", "checked"]), person(&["declined"]), person(&["expired"]), person(&["withdrawn"])];
        let said = [row.planned, row.done, row.declined, row.expired, row.withdrawn];
        assert_eq!(said, rows, "counters and rows (planned, done, declined, expired, withdrawn) of {id}");
        check_units(conn, id, &people);
    }
    for (what, query) in NEVER {
        let found: Violations = diesel::sql_query(*query).get_result(conn).expect("a count of violations");
        assert_eq!(found.n, 0, "there is {what}");
    }
}

fn check_units(conn: &mut Conn, id: WaveId, people: &[Counted]) {
    use wave_unit_counts as counts;
    let query = counts::table.filter(counts::wave_id.eq(id));
    let columns = (counts::unit_id, counts::planned, counts::done, counts::declined, counts::expired);
    let units: Vec<(UnitId, i64, i64, i64, i64)> = query.select(columns).load(conn).expect("counters by unit");
    let said: BTreeMap<UnitId, [i64; 4]> = units.into_iter().map(|(unit, a, b, c, d)| (unit, [a, b, c, d])).collect();
    let mut rows: BTreeMap<UnitId, [i64; 4]> = BTreeMap::new();
    for unit in people.iter().filter(|c| c.wave_id == id).filter_map(|c| c.unit_id) {
        let of = |states: &[&str]| sum(people, id, Some(unit), states);
        rows.insert(unit, [of(&[]), of(&["done", "checked"]), of(&["declined"]), of(&["expired"])]);
    }
    assert_eq!(said, rows, "counters and rows by unit (planned, done, declined, expired) of {id}");
}

/// How many rows of a wave, and of a unit if one is named, stand in these states; in any if none is named.
fn sum(rows: &[Counted], wave_id: WaveId, unit: Option<UnitId>, states: &[&str]) -> i64 {
    rows.iter()
        .filter(|c| c.wave_id == wave_id && (unit.is_none() || c.unit_id == unit))
        .filter(|c| states.is_empty() || states.contains(&c.state.as_str()))
        .map(|c| c.n)
        .sum()
}

fn counted(conn: &mut Conn, query: &str) -> Vec<Counted> {
    let null_unit = if conn.is_sqlite() { "NULL AS unit_id" } else { "CAST(NULL AS uuid) AS unit_id" };
    diesel::sql_query(query.replace("NULL AS unit_id", null_unit)).load(conn).expect("counted rows")
}

/// Every row of every table but the scheduler's own beats, as text: two dumps are equal if and only if nothing changed.
pub fn dump(app: &App) -> Vec<String> {
    let tables = super::dump::dump(&app.db);
    let rows = tables.into_iter().filter(|(table, _)| !["heartbeats", "figures"].contains(&table.as_str()));
    rows.flat_map(|(table, rows)| rows.into_iter().map(move |row| format!("{table}: {row}"))).collect()
}
