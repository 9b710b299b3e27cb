//! The promises, compared with the rows: counters against what they count, completions against assignments, the log against both.
//!
//! These statements scan whole tables. They are for the end of a run and for an operator's check, not for a page.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::Count;

/// A promise and the rows that break it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// The promise.
    pub promise: &'static str,
    /// How many rows break it.
    pub rows: i64,
}

/// Each counts the rows that break the promise; `{}` never appears, so both databases read the same text.
const PROMISES: &[(&str, &str)] = &[
    (
        "a wave's mail counters equal its mails: planned = sent + failed + suppressed + unknown + cancelled + still open",
        "SELECT count(*) AS n FROM wave_counts c LEFT JOIN (SELECT wave_id, sum(mails) AS planned,
            sum(CASE WHEN state = 'sent' THEN mails ELSE 0 END) AS sent, sum(CASE WHEN state = 'failed' THEN mails ELSE 0 END) AS failed,
            sum(CASE WHEN state = 'suppressed' THEN mails ELSE 0 END) AS suppressed, sum(CASE WHEN state = 'unknown' THEN mails ELSE 0 END) AS unknown,
            sum(CASE WHEN state = 'cancelled' THEN mails ELSE 0 END) AS cancelled
            FROM (SELECT wave_id, state, 1 AS mails FROM outbox WHERE wave_id IS NOT NULL
                UNION ALL SELECT wave_id, state, mails FROM outbox_archive) every GROUP BY wave_id) o ON o.wave_id = c.wave_id
         WHERE c.mail_planned <> coalesce(o.planned, 0) OR c.mail_sent <> coalesce(o.sent, 0) OR c.mail_failed <> coalesce(o.failed, 0)
            OR c.mail_suppressed <> coalesce(o.suppressed, 0) OR c.mail_unknown <> coalesce(o.unknown, 0)
            OR c.mail_cancelled <> coalesce(o.cancelled, 0)",
    ),
    (
        "a wave's count of returned mails equals the mails that came back, and only what was sent comes back",
        "SELECT count(*) AS n FROM wave_counts c LEFT JOIN (SELECT wave_id, sum(returned) AS returned FROM
            (SELECT wave_id, 1 AS returned FROM outbox WHERE wave_id IS NOT NULL AND returned_at IS NOT NULL AND state = 'sent'
                UNION ALL SELECT wave_id, returned FROM outbox_archive WHERE state = 'sent') every GROUP BY wave_id) o ON o.wave_id = c.wave_id
         WHERE c.mail_returned <> coalesce(o.returned, 0) OR c.mail_returned > c.mail_sent",
    ),
    (
        "nothing comes back that was not sent",
        "SELECT count(*) AS n FROM outbox WHERE returned_at IS NOT NULL AND state <> 'sent'",
    ),
    (
        "a mail that came back has the report that says so",
        "SELECT count(*) AS n FROM outbox o WHERE o.returned_at IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM mail_reports r WHERE r.mail_id = o.id OR r.mail_id = o.digest_id)",
    ),
    (
        "a suppression of a campaign names it, and no other does",
        "SELECT count(*) AS n FROM suppressions WHERE (scope = 'campaign') <> (campaign_id IS NOT NULL)",
    ),
    (
        "a wave's counters equal its assignments",
        "SELECT count(*) AS n FROM wave_counts c LEFT JOIN (SELECT wave_id, count(*) AS planned,
            sum(CASE WHEN state IN ('done', 'checked') THEN 1 ELSE 0 END) AS done, sum(CASE WHEN state = 'declined' THEN 1 ELSE 0 END) AS declined,
            sum(CASE WHEN state = 'expired' THEN 1 ELSE 0 END) AS expired, sum(CASE WHEN state = 'withdrawn' THEN 1 ELSE 0 END) AS withdrawn
            FROM assignments GROUP BY wave_id) a ON a.wave_id = c.wave_id
         WHERE c.planned <> coalesce(a.planned, 0) OR c.done <> coalesce(a.done, 0) OR c.declined <> coalesce(a.declined, 0)
            OR c.expired <> coalesce(a.expired, 0) OR c.withdrawn <> coalesce(a.withdrawn, 0)",
    ),
    (
        "the counters by unit add up to the wave's",
        "SELECT count(*) AS n FROM wave_counts c LEFT JOIN (SELECT wave_id, sum(planned) AS planned, sum(done) AS done,
            sum(declined) AS declined, sum(expired) AS expired FROM wave_unit_counts GROUP BY wave_id) u ON u.wave_id = c.wave_id
         WHERE c.planned <> coalesce(u.planned, 0) OR c.done <> coalesce(u.done, 0) OR c.declined <> coalesce(u.declined, 0)
            OR c.expired <> coalesce(u.expired, 0)",
    ),
    (
        "a wave's pace adds up to what was done in it, and to its evidence",
        "SELECT count(*) AS n FROM wave_counts c LEFT JOIN (SELECT wave_id, sum(done) AS done, sum(linked) AS linked, sum(checked) AS checked
            FROM wave_pace GROUP BY wave_id) p ON p.wave_id = c.wave_id
         LEFT JOIN (SELECT wave_id, sum(CASE WHEN level <> 'declared' THEN 1 ELSE 0 END) AS linked,
            sum(CASE WHEN level = 'checked' THEN 1 ELSE 0 END) AS checked
            FROM completions WHERE undone_at IS NULL AND NOT suspected GROUP BY wave_id) d ON d.wave_id = c.wave_id
         WHERE c.done <> coalesce(p.done, 0) OR coalesce(d.linked, 0) <> coalesce(p.linked, 0)
            OR coalesce(d.checked, 0) <> coalesce(p.checked, 0)",
    ),
    (
        "each assignment has exactly one mail that announces it",
        "SELECT count(*) AS n FROM assignments a WHERE (SELECT count(*) FROM outbox o WHERE o.assignment_id = a.id AND o.kind = 'task') <> 1
            AND NOT EXISTS (SELECT 1 FROM outbox_archive r WHERE r.wave_id = a.wave_id AND r.kind = 'task')",
    ),
    (
        "of a wave whose mails were pruned, those kept and those pruned announce as many assignments as it has",
        "SELECT count(*) AS n FROM (SELECT r.wave_id, sum(r.mails) + (SELECT count(*) FROM outbox o WHERE o.wave_id = r.wave_id AND o.kind = 'task')
            - (SELECT count(*) FROM assignments a WHERE a.wave_id = r.wave_id) AS more FROM outbox_archive r WHERE r.kind = 'task'
            GROUP BY r.wave_id) x WHERE more <> 0",
    ),
    (
        "a campaign whose mails were all pruned is over and has none",
        "SELECT count(*) AS n FROM pruned_campaigns p JOIN campaigns c ON c.id = p.campaign_id WHERE c.state NOT IN ('finished', 'cancelled',
            'corrected') OR EXISTS (SELECT 1 FROM outbox o WHERE o.campaign_id = c.id AND o.kind <> 'digest')",
    ),
    (
        "an assignment is settled when it is no longer to do, and only then",
        "SELECT count(*) AS n FROM assignments WHERE (settled_at IS NULL) <> (state IN ('planned', 'notified'))",
    ),
    (
        "each done assignment has exactly one completion that counts, and no other assignment has one",
        "SELECT count(*) AS n FROM assignments a WHERE (SELECT count(*) FROM completions c WHERE c.assignment_id = a.id AND c.undone_at IS NULL
            AND NOT c.suspected) <> CASE WHEN a.state IN ('done', 'checked') THEN 1 ELSE 0 END",
    ),
    (
        "each done assignment has its entry in the log",
        "SELECT count(*) AS n FROM assignments a WHERE a.state IN ('done', 'checked') AND NOT EXISTS
            (SELECT 1 FROM ledger_entries e WHERE e.assignment_id = a.id AND e.kind IN ('assignment.done', 'completion.confirmed'))",
    ),
    (
        "each declined assignment has its entry in the log",
        "SELECT count(*) AS n FROM assignments a WHERE a.state = 'declined' AND NOT EXISTS
            (SELECT 1 FROM ledger_entries e WHERE e.assignment_id = a.id AND e.kind = 'assignment.declined')",
    ),
    (
        "each expired assignment has exactly one entry in the log",
        "SELECT count(*) AS n FROM assignments a WHERE a.state = 'expired' AND
            (SELECT count(*) FROM ledger_entries e WHERE e.assignment_id = a.id AND e.kind = 'assignment.expired') <> 1",
    ),
    (
        "each sent mail has its entry in the log",
        "SELECT count(*) AS n FROM outbox o WHERE o.state = 'sent' AND o.assignment_id IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM ledger_entries e WHERE e.assignment_id = o.assignment_id AND e.kind IN ('mail.sent', 'mail.accepted'))",
    ),
    (
        "an entry about an assignment names its person and nobody else",
        "SELECT count(*) AS n FROM ledger_entries e JOIN assignments a ON a.id = e.assignment_id JOIN members m ON m.id = a.member_id
            LEFT JOIN erasures x ON x.member_id = m.id
         WHERE e.subject_ref <> m.subject_ref AND (x.subject_ref IS NULL OR e.subject_ref <> x.subject_ref)",
    ),
    (
        "a correction's counters equal its answers",
        "SELECT count(*) AS n FROM corrections r LEFT JOIN (SELECT correction_id, count(*) AS asked,
            sum(CASE WHEN answer = 'fixed' THEN 1 ELSE 0 END) AS fixed, sum(CASE WHEN answer = 'removed' THEN 1 ELSE 0 END) AS removed
            FROM correction_asks GROUP BY correction_id) k ON k.correction_id = r.id
         LEFT JOIN (SELECT w.campaign_id, sum(c.correction_asked) AS asked, sum(c.correction_fixed) AS fixed, sum(c.correction_removed) AS removed
            FROM waves w JOIN wave_counts c ON c.wave_id = w.id GROUP BY w.campaign_id) c ON c.campaign_id = r.campaign_id
         WHERE r.asked <> coalesce(k.asked, 0) OR r.fixed <> coalesce(k.fixed, 0) OR r.removed <> coalesce(k.removed, 0)
            OR r.asked <> coalesce(c.asked, 0) OR r.fixed <> coalesce(c.fixed, 0) OR r.removed <> coalesce(c.removed, 0)",
    ),
    (
        "each request to correct has exactly one mail",
        "SELECT count(*) AS n FROM correction_asks k JOIN assignments a ON a.id = k.assignment_id WHERE (SELECT count(*) FROM outbox o
            WHERE o.assignment_id = k.assignment_id AND o.kind = 'correction') <> 1 AND NOT EXISTS (SELECT 1 FROM outbox_archive r
            WHERE r.campaign_id = a.campaign_id AND r.kind = 'correction')",
    ),
    (
        "a corrected campaign has no open assignment and no open wave",
        "SELECT count(*) AS n FROM campaigns c WHERE c.state = 'corrected' AND (NOT EXISTS (SELECT 1 FROM corrections r WHERE r.campaign_id = c.id)
            OR EXISTS (SELECT 1 FROM waves w WHERE w.campaign_id = c.id AND w.state NOT IN ('closed', 'skipped', 'cancelled'))
            OR EXISTS (SELECT 1 FROM assignments a WHERE a.campaign_id = c.id AND a.state IN ('planned', 'notified')))",
    ),
    (
        "what travels in a digest does not outlast it",
        "SELECT count(*) AS n FROM outbox c JOIN outbox d ON d.id = c.digest_id WHERE c.state IN ('pending', 'sending', 'deferred')
            AND d.state NOT IN ('pending', 'sending', 'deferred')",
    ),
    (
        "a digest that was sent held something",
        "SELECT count(*) AS n FROM outbox d WHERE d.kind = 'digest' AND d.state = 'sent' AND NOT EXISTS
            (SELECT 1 FROM outbox c WHERE c.digest_id = d.id)",
    ),
    (
        "nobody is asked without consent, disclosure or against a refusal of mail: no task mail to a member who left",
        "SELECT count(*) AS n FROM outbox o JOIN members m ON m.id = o.member_id WHERE o.state = 'pending' AND NOT o.held AND m.state IN ('left', 'erased')
            AND o.kind IN ('task', 'reminder')",
    ),
    (
        "one natural person holds one account per platform",
        "SELECT count(*) AS n FROM (SELECT member_id, platform FROM accounts WHERE personal GROUP BY member_id, platform HAVING count(*) > 1) x",
    ),
    (
        "a person's own accounts are asked once in a wave",
        "SELECT count(*) AS n FROM (SELECT s.wave_id, s.member_id FROM assignments s JOIN accounts a ON a.id = s.account_id WHERE a.personal
            GROUP BY s.wave_id, s.member_id HAVING count(*) > 1) x",
    ),
    (
        "a finished campaign has no open mail and no open wave",
        "SELECT count(*) AS n FROM campaigns c WHERE c.state = 'finished' AND (EXISTS (SELECT 1 FROM outbox o WHERE o.campaign_id = c.id
            AND o.state IN ('pending', 'sending', 'deferred')) OR EXISTS (SELECT 1 FROM waves w WHERE w.campaign_id = c.id
            AND w.state NOT IN ('closed', 'skipped', 'cancelled')))",
    ),
    (
        "a campaign that was released by its author does not exist",
        "SELECT count(*) AS n FROM releases r JOIN campaigns c ON c.id = r.campaign_id WHERE r.released_by = c.author_id
            AND c.schedule_id IS NULL AND r.voided_at IS NULL",
    ),
];

/// The same of what PostgreSQL keeps beside the outbox.
const BESIDE: &[(&str, &str)] = &[
    (
        "what waits in the outbox is what stands beside it",
        "SELECT count(*) AS n FROM (SELECT id, campaign_id, member_id, state = 'deferred' AS deferred, NOT held AND digest_id IS NULL AS ready,
            next_attempt_at FROM outbox WHERE state IN ('pending', 'deferred')) o FULL JOIN outbox_waiting w ON w.mail_id = o.id
         WHERE (o.id, o.campaign_id, o.member_id, o.deferred, o.ready, o.next_attempt_at)
            IS DISTINCT FROM (w.mail_id, w.campaign_id, w.member_id, w.deferred, w.ready, w.next_attempt_at)",
    ),
    (
        "each mail in a worker's hands has a lease beside it, which counts it",
        "SELECT (SELECT count(*) FROM outbox WHERE state = 'sending' AND id NOT IN (SELECT unnest(mails) FROM outbox_leases))
            + (SELECT count(*) FROM outbox_leases l WHERE unsettled <
                (SELECT count(*) FROM unnest(l.mails) AS m(id) JOIN outbox o ON o.id = m.id WHERE o.state = 'sending' AND o.lease_id = l.id)) AS n",
    ),
];

/// Compares every promise with the rows; empty when all hold.
///
/// # Errors
/// The database's failure.
pub fn check(conn: &mut Conn) -> Result<Vec<Broken>, StoreError> {
    let mut broken = Vec::new();
    let beside = if conn.is_sqlite() { &[][..] } else { BESIDE };
    for (promise, sql) in PROMISES.iter().chain(beside) {
        let Count { n } = diesel::sql_query(*sql).get_result(conn)?;
        if n > 0 {
            broken.push(Broken { promise, rows: n });
        }
    }
    Ok(broken)
}

#[derive(Debug, QueryableByName)]
struct Group {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Numbers about the whole installation, counted from the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Members.
    pub members: i64,
    /// Accounts.
    pub accounts: i64,
    /// Waves that opened.
    pub waves: i64,
    /// Assignments by state.
    pub assignments: std::collections::BTreeMap<String, i64>,
    /// Mails by state.
    pub mail: std::collections::BTreeMap<String, i64>,
    /// Registered posts that a later wave pointed at.
    pub cascade_posts: i64,
    /// Entries in the log.
    pub ledger_entries: i64,
}

/// Counts the installation.
///
/// # Errors
/// The database's failure.
pub fn totals(conn: &mut Conn) -> Result<Totals, StoreError> {
    let mut count = |sql: &str| -> Result<i64, StoreError> { Ok(diesel::sql_query(sql).get_result::<Count>(conn)?.n) };
    let members = count("SELECT count(*) AS n FROM members")?;
    let accounts = count("SELECT count(*) AS n FROM accounts")?;
    let waves = count("SELECT count(*) AS n FROM waves WHERE opened_at IS NOT NULL")?;
    let cascade_posts = count(
        "SELECT count(*) AS n FROM posts p WHERE p.removed_at IS NULL AND EXISTS (SELECT 1 FROM tasks t WHERE t.target_post_id = p.id)",
    )?;
    let ledger_entries = count("SELECT count(*) AS n FROM ledger_entries")?;
    let mut groups = |sql: &str| -> Result<_, StoreError> {
        Ok(diesel::sql_query(sql).load::<Group>(conn)?.into_iter().map(|g| (g.word, g.n)).collect())
    };
    let assignments = groups("SELECT state AS word, count(*) AS n FROM assignments GROUP BY state")?;
    let mail = groups("SELECT state AS word, count(*) AS n FROM outbox GROUP BY state")?;
    Ok(Totals { members, accounts, waves, assignments, mail, cascade_posts, ledger_entries })
}
