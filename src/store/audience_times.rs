//! At which times those who are asked may be mailed: people grouped by zone and by what they chose, nobody by themselves.

use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};

use super::audience::{SAMPLE_ORDER, Scope, with_ranked};
use super::db::Conn;
use super::error::StoreError;
use super::preference;
use super::sql_text::SqlText;
use crate::domain::mail_hours::Choice;

/// People of one zone who chose the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimesGroup {
    /// Their IANA zone.
    pub zone: String,
    /// What they chose.
    pub choice: Choice,
    /// How many.
    pub people: i64,
}

#[derive(Debug, diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    zone: String,
    #[diesel(sql_type = Nullable<Integer>)]
    mail_from: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    mail_until: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    mail_days: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    digest_at: Option<i32>,
    #[diesel(sql_type = Bool)]
    on_holidays: bool,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

/// Everybody whom a wave asks, grouped; sampling included.
///
/// # Errors
/// The database's failure.
pub fn groups(conn: &mut Conn, scope: &Scope<'_>) -> Result<Vec<TimesGroup>, StoreError> {
    let mut sql = SqlText::new();
    with_ranked(&mut sql, scope);
    sql.push(", asked AS (");
    match scope.rule.sample {
        None => sql.push("SELECT * FROM ranked WHERE skip IS NULL"),
        Some(n) => sql.push(SAMPLE_ORDER).big(i64::from(n)),
    };
    sql.push(
        ") SELECT r.zone, p.mail_from, p.mail_until, p.mail_days, p.digest_at, coalesce(p.on_holidays, FALSE) AS on_holidays, \
         count(DISTINCT r.member_id) AS people FROM asked r LEFT JOIN member_preferences p ON p.member_id = r.member_id \
         GROUP BY r.zone, p.mail_from, p.mail_until, p.mail_days, p.digest_at, coalesce(p.on_holidays, FALSE)",
    );
    let rows: Vec<Row> = sql.query().load(conn)?;
    let group = |row: Row| {
        let hours = preference::hours(row.mail_from, row.mail_until, row.mail_days);
        let choice = preference::choice(hours, row.digest_at, row.on_holidays);
        TimesGroup { zone: row.zone, choice, people: row.people }
    };
    Ok(rows.into_iter().map(group).collect())
}
