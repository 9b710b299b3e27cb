//! How a campaign's mail fares: counts that add up, by wave, by kind and by destination; what came back; what rests and why. Without
//! a word about whom, and without a figure about a group that is too small.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::bulk::{Reasons, reasons};
use crate::app::App;
use crate::domain::bounce::ReportKind;
use crate::domain::id::{CampaignId, WaveId};
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::role::Act;
use crate::service::campaign::MailCounts;
use crate::service::mail_report::SHOWN_TO_LEADS;
use crate::service::{Caller, ServiceError};
use crate::store::mail_delivery::{self, MailRow};
use crate::store::plan_counts::WaveCountsRow;
use crate::store::{campaign, mail_health, mail_report, plan, plan_counts};

/// How a campaign's mail fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Delivery {
    /// The campaign.
    pub id: CampaignId,
    /// Its title.
    pub title: String,
    /// Over all waves.
    pub total: MailCounts,
    /// By wave.
    pub waves: Vec<WaveMail>,
    /// By kind.
    pub kinds: Vec<KindMail>,
    /// By destination.
    pub domains: Vec<DomainMail>,
    /// Whether kinds and domains are those of a part of the mails only: there are very many, and they were not counted yet.
    pub in_part: bool,
    /// When kinds and domains were counted; none where that was just now. Of very many mails they are counted every few minutes.
    pub counted_at: Option<DateTime<Utc>>,
    /// What came back.
    pub returns: Vec<Returned>,
    /// Why mails failed.
    #[serde(skip)]
    pub failed: Reasons,
    /// Why mails are put off.
    #[serde(skip)]
    pub deferred: Reasons,
}

/// A wave's mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaveMail {
    /// The wave.
    pub id: WaveId,
    /// Its name.
    pub name: String,
    /// Its counts.
    pub mail: MailCounts,
}

/// A kind's mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindMail {
    /// What they say.
    pub kind: MailKind,
    /// Their counts.
    pub mail: MailCounts,
}

/// A destination's mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DomainMail {
    /// The domain; none for all those together that are too small to be shown alone.
    pub domain: Option<String>,
    /// Handed over.
    pub sent: i64,
    /// Of those, come back.
    pub returned: i64,
    /// Failed for good.
    pub failed: i64,
    /// Still to be sent, or put off.
    pub open: i64,
    /// Until when the destination rests, and why.
    pub rests: Option<Rest>,
}

/// A destination that rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rest {
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: String,
}

/// How much of a kind came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Returned {
    /// What.
    pub kind: ReportKind,
    /// How often.
    pub count: i64,
    /// When the last one came.
    pub last_at: Option<DateTime<Utc>>,
}

/// A campaign's delivery.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach.
pub async fn delivery(app: &App, caller: &Caller, id: CampaignId) -> Result<Delivery, ServiceError> {
    let (caller, small, now) = (caller.clone(), i64::from(app.config.privacy.small_group), app.clock.now());
    app.db
        .read(move |conn| {
            let row = campaign::get(conn, id)?;
            caller.check(conn, Act::ViewCampaigns, row.unit_id)?;
            let counts = plan_counts::list(conn, id)?;
            let waves: Vec<WaveMail> = plan::list_waves(conn, id)?
                .into_iter()
                .filter_map(|wave| {
                    let counts = counts.iter().find(|c| c.wave_id == wave.id)?;
                    Some(WaveMail { id: wave.id, name: wave.name, mail: of_wave(counts) })
                })
                .collect();
            let mails = mail_delivery::of_campaign(conn, id)?;
            let domain_rows = domains(&mails.rows);
            let names: Vec<String> = domain_rows.iter().map(|row| row.domain.clone()).collect();
            let mut domains = grouped(domain_rows, small);
            for known in mail_health::destinations(conn, &names)? {
                let shown = domains.iter_mut().find(|d| d.domain.as_deref() == Some(known.domain.as_str()));
                if let (Some(shown), Some((until, why))) = (shown, known.resting(now)) {
                    shown.rests = Some(Rest { until, why: why.to_owned() });
                }
            }
            let reports = mail_report::count_by_kind(conn, id)?;
            Ok(Delivery {
                id,
                title: row.title,
                total: waves.iter().fold(MailCounts::default(), |sum, wave| plus(sum, wave.mail)),
                waves,
                kinds: kinds(&mails.rows),
                domains,
                in_part: mails.in_part,
                counted_at: mails.counted_at,
                returns: reports
                    .into_iter()
                    .filter(|r| SHOWN_TO_LEADS.contains(&r.kind))
                    .map(|r| Returned { kind: r.kind, count: r.n, last_at: r.last_at.map(|at| at.0) })
                    .collect(),
                failed: reasons(conn, id, MailState::Failed)?,
                deferred: reasons(conn, id, MailState::Deferred)?,
            })
        })
        .await
}

const fn of_wave(c: &WaveCountsRow) -> MailCounts {
    let settled = c.mail_sent + c.mail_failed + c.mail_suppressed + c.mail_unknown + c.mail_cancelled;
    MailCounts {
        planned: c.mail_planned,
        sent: c.mail_sent,
        returned: c.mail_returned,
        failed: c.mail_failed,
        suppressed: c.mail_suppressed,
        unknown: c.mail_unknown,
        cancelled: c.mail_cancelled,
        open: c.mail_planned - settled,
    }
}

const fn plus(a: MailCounts, b: MailCounts) -> MailCounts {
    MailCounts {
        planned: a.planned + b.planned,
        sent: a.sent + b.sent,
        returned: a.returned + b.returned,
        failed: a.failed + b.failed,
        suppressed: a.suppressed + b.suppressed,
        unknown: a.unknown + b.unknown,
        cancelled: a.cancelled + b.cancelled,
        open: a.open + b.open,
    }
}

/// A destination's mails.
struct DomainRow {
    domain: String,
    n: i64,
    sent: i64,
    returned: i64,
    failed: i64,
    open: i64,
}

fn domains(rows: &[MailRow]) -> Vec<DomainRow> {
    let mut found: Vec<DomainRow> = Vec::new();
    for row in rows.iter().filter(|row| !row.domain.is_empty()) {
        let known = found.iter().position(|d| d.domain == row.domain).unwrap_or_else(|| {
            found.push(DomainRow { domain: row.domain.clone(), n: 0, sent: 0, returned: 0, failed: 0, open: 0 });
            found.len() - 1
        });
        let Some(domain) = found.get_mut(known) else { continue };
        domain.n += row.n;
        domain.returned += row.returned;
        match row.state {
            MailState::Sent => domain.sent += row.n,
            MailState::Failed => domain.failed += row.n,
            MailState::Pending | MailState::Sending | MailState::Deferred => domain.open += row.n,
            MailState::Suppressed | MailState::Unknown | MailState::Cancelled => {}
        }
    }
    found
}

fn kinds(rows: &[MailRow]) -> Vec<KindMail> {
    let mut found: Vec<KindMail> = Vec::new();
    for row in rows {
        if !found.iter().any(|k| k.kind == row.kind) {
            found.push(KindMail { kind: row.kind, mail: MailCounts::default() });
        }
        let Some(KindMail { mail, .. }) = found.iter_mut().find(|k| k.kind == row.kind) else { continue };
        mail.planned += row.n;
        match row.state {
            MailState::Sent => mail.sent += row.n,
            MailState::Failed => mail.failed += row.n,
            MailState::Suppressed => mail.suppressed += row.n,
            MailState::Unknown => mail.unknown += row.n,
            MailState::Cancelled => mail.cancelled += row.n,
            MailState::Pending | MailState::Sending | MailState::Deferred => mail.open += row.n,
        }
        mail.returned += row.returned;
    }
    found
}

/// Destinations with enough mails alone, the others together; and should those together be too few, with the smallest of the others.
fn grouped(mut rows: Vec<DomainRow>, small: i64) -> Vec<DomainMail> {
    rows.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.domain.cmp(&b.domain)));
    let mut shown = rows.iter().take_while(|row| row.n >= small).count().min(MOST_DOMAINS);
    let rest = |shown: usize| rows.iter().skip(shown).map(|row| row.n).sum::<i64>();
    while shown > 0 && (1..small).contains(&rest(shown)) {
        shown -= 1;
    }
    let one = |name: Option<String>, rows: &[DomainRow]| DomainMail {
        domain: name,
        sent: rows.iter().map(|r| r.sent).sum(),
        returned: rows.iter().map(|r| r.returned).sum(),
        failed: rows.iter().map(|r| r.failed).sum(),
        open: rows.iter().map(|r| r.open).sum(),
        rests: None,
    };
    let (alone, together) = rows.split_at(shown);
    let mut found: Vec<DomainMail> = alone.iter().map(|row| one(Some(row.domain.clone()), std::slice::from_ref(row))).collect();
    // Fewer than a group of them altogether are withheld.
    if rest(shown) >= small {
        found.push(one(None, together));
    }
    found
}

/// Destinations shown alone, at most.
const MOST_DOMAINS: usize = 25;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(domain: &str, n: i64) -> DomainRow {
        DomainRow { domain: domain.into(), n, sent: n, returned: 0, failed: 0, open: 0 }
    }

    #[test]
    fn small_destinations_stand_together_and_never_follow_by_subtraction() {
        let names = |rows: Vec<DomainRow>| -> Vec<(Option<String>, i64)> {
            grouped(rows, 5).into_iter().map(|d| (d.domain, d.sent)).collect()
        };
        let some = |name: &str, n| (Some(name.to_owned()), n);
        assert_eq!(names(vec![row("a", 9), row("b", 3), row("c", 4)]), [some("a", 9), (None, 7)]);
        assert_eq!(names(vec![row("a", 9), row("b", 6), row("c", 4)]), [some("a", 9), (None, 10)]);
        assert_eq!(names(vec![row("a", 9), row("b", 6)]), [some("a", 9), some("b", 6)]);
        assert_eq!(names(vec![row("a", 9), row("c", 1)]), [(None, 10)]);
        assert_eq!(names(vec![row("a", 2), row("c", 1)]), []);
        assert_eq!(names(vec![]), []);
    }
}
