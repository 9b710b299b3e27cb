//! The demo's numbers, counted from the rows, and whether every promise holds.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use crate::app::App;
use crate::service::promises::{self, Broken};

/// The numbers of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Report {
    members: i64,
    accounts: i64,
    waves: i64,
    assignments: i64,
    mail: MailCounts,
    completed: i64,
    declined: i64,
    expired: i64,
    cascade_posts: i64,
    ledger_entries: i64,
    seconds: f64,
    /// Promises that do not hold; empty after a good run.
    broken: Vec<Broken>,
}

/// The outbox by state: planned is the sum of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct MailCounts {
    planned: i64,
    sent: i64,
    failed: i64,
    suppressed: i64,
    unknown: i64,
    cancelled: i64,
    /// Still to be sent: pending, being sent, or put off.
    pending: i64,
}

/// Counts and checks.
pub(super) async fn make(app: &App, began: Instant) -> anyhow::Result<Report> {
    let (broken, totals) = promises::check(app).await?;
    let of = |map: &BTreeMap<String, i64>, words: &[&str]| words.iter().filter_map(|word| map.get(*word)).sum::<i64>();
    let mail = &totals.mail;
    let states = &totals.assignments;
    Ok(Report {
        members: totals.members,
        accounts: totals.accounts,
        waves: totals.waves,
        assignments: states.values().sum(),
        mail: MailCounts {
            planned: mail.values().sum(),
            sent: of(mail, &["sent"]),
            failed: of(mail, &["failed"]),
            suppressed: of(mail, &["suppressed"]),
            unknown: of(mail, &["unknown"]),
            cancelled: of(mail, &["cancelled"]),
            pending: of(mail, &["pending", "sending", "deferred"]),
        },
        completed: of(states, &["done", "checked"]),
        declined: of(states, &["declined"]),
        expired: of(states, &["expired"]),
        cascade_posts: totals.cascade_posts,
        ledger_entries: totals.ledger_entries,
        seconds: (began.elapsed().as_secs_f64() * 100.0).round() / 100.0,
        broken,
    })
}

impl Report {
    /// Whether every promise holds and nothing is left half done.
    pub(super) fn holds(&self) -> bool {
        let open = self.assignments - self.completed - self.declined - self.expired;
        self.broken.is_empty() && self.mail.pending == 0 && self.mail.failed == 0 && open == 0 && self.completed > 0
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![
            format!(
                "{} members hold {} accounts; {} waves opened with {} assignments.",
                self.members, self.accounts, self.waves, self.assignments
            ),
            format!(
                "Mail: {} planned = {} sent + {} cancelled + {} suppressed + {} failed + {} unknown + {} still open.",
                self.mail.planned,
                self.mail.sent,
                self.mail.cancelled,
                self.mail.suppressed,
                self.mail.failed,
                self.mail.unknown,
                self.mail.pending
            ),
            format!(
                "{} completed, {} declined, {} let it pass; {} posts carried the cascade on.",
                self.completed, self.declined, self.expired, self.cascade_posts
            ),
            format!("The log has {} entries. It took {} seconds.", self.ledger_entries, self.seconds),
        ];
        if self.broken.is_empty() {
            lines.push("Every promise holds.".to_owned());
        }
        lines.extend(self.broken.iter().map(|b| format!("BROKEN: {} ({} rows)", b.promise, b.rows)));
        lines.join("\n")
    }
}
