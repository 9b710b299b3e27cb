//! Reports as people look at them: of a campaign without a word about whom, of the whole institution with what the receivers said.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::bounce::{ReportKind, ReportSource};
use crate::domain::id::{CampaignId, MailId, MailReportId, WaveId};
use crate::domain::role::Act;
use crate::service::page::{Page, PageRequest};
use crate::service::{Caller, ServiceError};
use crate::store::campaign;
use crate::store::mail_report::{self, MailReportRow};

/// A report, without its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailReportView {
    /// The report.
    pub id: MailReportId,
    /// What came back.
    pub kind: ReportKind,
    /// By which door.
    pub source: ReportSource,
    /// The mail it is about.
    pub mail_id: Option<MailId>,
    /// That mail's campaign.
    pub campaign_id: Option<CampaignId>,
    /// That mail's wave.
    pub wave_id: Option<WaveId>,
    /// The receiver's code (RFC 3463).
    pub status: Option<String>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

impl From<MailReportRow> for MailReportView {
    fn from(row: MailReportRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            source: row.source,
            mail_id: row.mail_id,
            campaign_id: row.campaign_id,
            wave_id: row.wave_id,
            status: row.status,
            received_at: row.received_at.0,
        }
    }
}

/// What came back for a campaign's mails, the newest first. Complaints and wishes to unsubscribe are left out: in a small campaign they
/// would tell whose they are.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach; [`ServiceError::Invalid`] for a cursor that no page gave.
pub async fn list(
    app: &App,
    caller: &Caller,
    campaign_id: CampaignId,
    page: PageRequest,
) -> Result<Page<MailReportView>, ServiceError> {
    let before: Option<MailReportId> = page.after_id()?;
    let caller = caller.clone();
    app.db
        .read(move |conn| {
            let unit_id = campaign::get(conn, campaign_id)?.unit_id;
            caller.check(conn, Act::ViewCampaigns, unit_id)?;
            let rows = mail_report::list(conn, Some(campaign_id), &SHOWN_TO_LEADS, before, page.rows())?;
            Ok(Page::of(rows, &page, |row| row.id.to_string()).map(MailReportView::from))
        })
        .await
}

/// What a campaign's page shows: what is about delivery, not about what a person wants.
pub(in crate::service) const SHOWN_TO_LEADS: [ReportKind; 5] =
    [ReportKind::HardBounce, ReportKind::SoftBounce, ReportKind::Refused, ReportKind::Delayed, ReportKind::Delivered];

/// Everything that came back, the newest first, of one kind or of all.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who may not hand in reports for the whole institution.
pub async fn list_all(
    app: &App,
    caller: &Caller,
    kind: Option<ReportKind>,
    page: PageRequest,
) -> Result<Page<MailReportView>, ServiceError> {
    let before: Option<MailReportId> = page.after_id()?;
    let caller = caller.clone();
    app.db
        .read(move |conn| {
            caller.check_whole(conn, Act::HandInReports)?;
            let kinds: Vec<ReportKind> = kind.into_iter().collect();
            let rows = mail_report::list(conn, None, &kinds, before, page.rows())?;
            Ok(Page::of(rows, &page, |row| row.id.to_string()).map(MailReportView::from))
        })
        .await
}
