//! Resolving a wave's audience: one statement names every account that the rule covers, and why one is not asked.
//!
//! The preview counts its rows; the opening of the wave inserts from it. There is no second reading of the rule.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use super::types::sql::Uid;
use crate::domain::audience::Audience;
use crate::domain::id::{AccountId, CampaignId, MemberId, UnitId, WaveId};
use crate::domain::kind::{AccountKind, ConsentKind, Layer};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;

/// Everything that decides who is asked.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The campaign's unit: the rule never reaches outside its subtree.
    pub campaign_unit: UnitId,
    /// The campaign: who wants nothing about it is not asked.
    pub campaign_id: CampaignId,
    /// The wave; accounts that have an assignment in it are not counted against its own caps again.
    pub wave_id: WaveId,
    /// Whose accounts.
    pub layer: Layer,
    /// On which platforms the wave has a task.
    pub platforms: &'a [Platform],
    /// The rule.
    pub rule: &'a Audience,
    /// The text version that counts as consent to take part.
    pub participate_version: &'a str,
    /// The text version that counts as an operator's confirmation.
    pub operate_version: &'a str,
    /// The organisation's cap: tasks a person within seven days; `None` for no cap.
    pub weekly_cap: Option<u32>,
    /// The time that decides.
    pub now: DateTime<Utc>,
    /// Only members after the first and up to the second: a chunk of the wave.
    pub members: (Option<MemberId>, Option<MemberId>),
}

/// Appends `WITH named AS (…), ranked AS (…)`: `ranked` has the columns `account_id, member_id, unit_id, platform, followers,
/// locale, zone, skip`, where `skip` is NULL for those who are asked (before sampling).
pub fn with_ranked(sql: &mut SqlText, scope: &Scope<'_>) {
    // On one platform a person has one account that may be asked: a unique rule of the table says so.
    let may_meet_again = scope.platforms.len() > 1;
    // The question then reads `skip` twice: a chunk's is found out once and kept; a whole institution's would take too much room.
    sql.push("WITH named AS").push(if may_meet_again && is_chunk(scope) { " MATERIALIZED" } else { "" });
    sql.push(
        " (SELECT a.id AS account_id, a.member_id, a.unit_id, a.platform, a.followers, a.personal, m.locale, m.zone, \
         m.employee_no_norm, CASE WHEN a.state <> 'active' THEN 'account_not_active' \
         WHEN a.disclosed_until IS NULL OR a.disclosed_until <= ",
    );
    sql.at(scope.now).push(" THEN 'undisclosed' WHEN m.state <> 'active' THEN 'member_not_active' WHEN ");
    consent_missing(sql, scope);
    // Each of the two has its own index: one question for both would read every suppression for every member.
    sql.push(
        " THEN 'no_consent' WHEN EXISTS (SELECT 1 FROM suppressions s WHERE s.email_norm = m.email_norm AND s.campaign_id IS NULL \
         AND s.scope IN ('tasks', 'all')) OR EXISTS (SELECT 1 FROM suppressions s WHERE s.email_norm = m.email_norm AND s.campaign_id = ",
    );
    sql.id(scope.campaign_id).push(") THEN 'suppressed_address'");
    if let Some(cap) = scope.rule.weekly_cap.or(scope.weekly_cap) {
        sql.push(" WHEN (SELECT count(*) FROM assignments w WHERE w.member_id = m.id AND w.wave_id <> ")
            .id(scope.wave_id)
            .push(" AND w.state <> 'withdrawn' AND w.planned_at > ")
            .at(scope.now - TimeDelta::days(7))
            .push(") >= ")
            .big(i64::from(cap))
            .push(" THEN 'weekly_cap'");
    }
    sql.push(" ELSE NULL END AS skip FROM ");
    source(sql, scope);
    named_by_rule(sql, scope);
    sql.push("), ranked AS (SELECT account_id, member_id, unit_id, platform, followers, locale, zone, employee_no_norm, ");
    // A person who is in several groups is asked once, through the account that reaches most; an institution's accounts each count.
    sql.push(if may_meet_again {
        "CASE WHEN skip IS NULL AND personal AND row_number() OVER (PARTITION BY member_id, personal, \
         CASE WHEN skip IS NULL THEN 0 ELSE 1 END ORDER BY followers DESC, platform, account_id) > 1 THEN 'asked_once' ELSE skip END AS skip"
    } else {
        "skip"
    });
    sql.push(" FROM named) ");
}

fn consent_missing(sql: &mut SqlText, scope: &Scope<'_>) {
    let kinds = |consent| AccountKind::of_layer(scope.layer).filter(move |k| k.consent() == consent).map(AccountKind::as_str);
    let mut first = true;
    for (consent, column, version) in [
        (ConsentKind::Participate, "m.participate_version", scope.participate_version),
        (ConsentKind::Operate, "m.operate_version", scope.operate_version),
    ] {
        let kinds: Vec<_> = kinds(consent).collect();
        if kinds.is_empty() {
            continue;
        }
        sql.push(if first { "(a.kind IN " } else { " OR (a.kind IN " }).texts(&kinds);
        sql.push(&format!(" AND ({column} IS NULL OR {column} <> ")).text(version).push("))");
        first = false;
    }
}

fn is_chunk(scope: &Scope<'_>) -> bool {
    scope.members != (None, None)
}

/// Where accounts are looked for. A chunk begins with its members: SQLite keeps no statistics and would else begin with all accounts
/// of the layer, for each chunk anew; PostgreSQL does not carry a range over a join.
fn source(sql: &mut SqlText, scope: &Scope<'_>) {
    let layer = scope.layer.number();
    if !is_chunk(scope) {
        sql.push("accounts a JOIN members m ON m.id = a.member_id WHERE a.layer = ").small(layer);
        return;
    }
    sql.push("members m CROSS JOIN accounts a WHERE a.member_id = m.id AND a.layer BETWEEN ")
        .small(layer)
        .push(" AND ")
        .small(layer);
    for column in ["m.id", "a.member_id"] {
        if let Some(after) = scope.members.0 {
            sql.push(&format!(" AND {column} > ")).id(after);
        }
        if let Some(last) = scope.members.1 {
            sql.push(&format!(" AND {column} <= ")).id(last);
        }
    }
}

fn named_by_rule(sql: &mut SqlText, scope: &Scope<'_>) {
    let rule = scope.rule;
    let platforms: Vec<_> = scope.platforms.iter().map(|p| p.as_str()).collect();
    if platforms.is_empty() {
        sql.push(" AND 1 = 0");
    } else {
        sql.push(" AND a.platform IN ").texts(&platforms);
    }
    within(sql, "IN", &[scope.campaign_unit]);
    if !rule.units.is_empty() {
        within(sql, "IN", &rule.units);
    }
    if !rule.exclude_units.is_empty() {
        within(sql, "NOT IN", &rule.exclude_units);
    }
    if !rule.kinds.is_empty() {
        let kinds: Vec<_> = rule.kinds.iter().map(|k| k.as_str()).collect();
        sql.push(" AND a.kind IN ").texts(&kinds);
    }
    if !rule.languages.is_empty() {
        sql.push(" AND a.language IN ").texts(&rule.languages);
    }
    if !rule.topics.is_empty() {
        sql.push(" AND EXISTS (SELECT 1 FROM account_topics t WHERE t.account_id = a.id AND t.topic IN ")
            .texts(&rule.topics)
            .push(")");
    }
    if let Some(least) = rule.min_followers {
        sql.push(" AND a.followers >= ").big(i64::from(least));
    }
    if !rule.exclude_accounts.is_empty() {
        sql.push(" AND a.id NOT IN ").ids(&rule.exclude_accounts);
    }
}

fn within(sql: &mut SqlText, word: &str, roots: &[UnitId]) {
    sql.push(&format!(" AND a.unit_id {word} (SELECT c.descendant_id FROM unit_closure c WHERE c.ancestor_id IN "));
    sql.ids(roots).push(")");
}

/// How many accounts share a unit, a zone, a platform, and a reason not to be asked (none: they are asked).
#[derive(Debug, Clone, PartialEq, Eq, diesel::QueryableByName)]
pub struct AudienceGroup {
    /// The account's unit.
    #[diesel(sql_type = Uid)]
    pub unit_id: UnitId,
    /// The person's IANA zone.
    #[diesel(sql_type = Text)]
    pub zone: String,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// Why they are not asked.
    #[diesel(sql_type = Nullable<Text>)]
    pub skip: Option<String>,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// The whole audience of a wave, grouped; sampling included.
///
/// # Errors
/// The database's failure.
pub fn groups(conn: &mut Conn, scope: &Scope<'_>) -> Result<Vec<AudienceGroup>, StoreError> {
    let mut sql = SqlText::new();
    with_ranked(&mut sql, scope);
    match scope.rule.sample {
        None => {
            sql.push("SELECT unit_id, zone, platform, skip, count(*) AS n FROM ranked GROUP BY unit_id, zone, platform, skip")
        }
        Some(n) => {
            sql.push(", sampled AS (").push(SAMPLE_ORDER).big(i64::from(n));
            sql.push(
                "), judged AS (SELECT unit_id, zone, platform, CASE WHEN skip IS NULL AND account_id NOT IN \
                 (SELECT account_id FROM sampled) THEN 'not_sampled' ELSE skip END AS skip FROM ranked) \
                 SELECT unit_id, zone, platform, skip, count(*) AS n FROM judged GROUP BY unit_id, zone, platform, skip",
            )
        }
    };
    Ok(sql.query().load(conn)?)
}

/// Those of a sample: asked least often first; equal ones by employee number, so that the draw can be repeated. Ends before the limit.
pub(super) const SAMPLE_ORDER: &str = "SELECT * FROM ranked WHERE skip IS NULL ORDER BY \
     (SELECT count(*) FROM assignments p WHERE p.member_id = ranked.member_id), employee_no_norm, account_id LIMIT ";

/// Somebody who is asked, to show a mail as they would see it.
#[derive(Debug, Clone, diesel::QueryableByName)]
pub struct Asked {
    /// The account.
    #[diesel(sql_type = Uid)]
    pub account_id: AccountId,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// The account's handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// The account's kind.
    #[diesel(sql_type = Text)]
    pub kind: AccountKind,
    /// The person's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The person's language.
    #[diesel(sql_type = Text)]
    pub locale: Locale,
    /// The person's IANA zone.
    #[diesel(sql_type = Text)]
    pub zone: String,
}

/// The first person who is asked, or the one behind `account_id` if that account is asked.
///
/// # Errors
/// The database's failure.
pub fn find_asked(conn: &mut Conn, scope: &Scope<'_>, account_id: Option<AccountId>) -> Result<Option<Asked>, StoreError> {
    Ok(asked(conn, scope, account_id, 1)?.into_iter().next())
}

/// The first so many people who are asked, by employee number.
///
/// # Errors
/// The database's failure.
pub fn list_asked(conn: &mut Conn, scope: &Scope<'_>, limit: i64) -> Result<Vec<Asked>, StoreError> {
    asked(conn, scope, None, limit)
}

fn asked(conn: &mut Conn, scope: &Scope<'_>, account_id: Option<AccountId>, limit: i64) -> Result<Vec<Asked>, StoreError> {
    let mut sql = SqlText::new();
    with_ranked(&mut sql, scope);
    sql.push(
        "SELECT r.account_id, r.platform, a.handle, a.kind, m.name, m.locale, m.zone FROM ranked r JOIN accounts a ON a.id = r.account_id \
         JOIN members m ON m.id = r.member_id WHERE r.skip IS NULL",
    );
    if let Some(id) = account_id {
        sql.push(" AND r.account_id = ").id(id);
    }
    sql.push(" ORDER BY r.employee_no_norm, r.account_id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}
