//! The built-in mailbox, for development: what transport `mailbox` delivered.

use chrono::{DateTime, Utc};

use super::error::ServiceError;
use crate::app::App;
use crate::domain::id::KeptId;
use crate::mail::kept;
use crate::store::delivery;

/// A kept mail in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSummary {
    /// Its id.
    pub id: KeptId,
    /// The envelope's recipient.
    pub rcpt_to: String,
    /// The subject.
    pub subject: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// A kept mail with its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptView {
    /// What the list shows.
    pub summary: KeptSummary,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: Option<String>,
}

fn summary(mail: &delivery::KeptMail) -> KeptSummary {
    let (rcpt_to, subject) = (mail.rcpt_to.clone(), mail.subject.clone());
    KeptSummary { id: mail.id, rcpt_to, subject, received_at: mail.received_at.0 }
}

/// Mails, newest first, of one recipient or of all, older than `before`. Only where the configuration shows the mailbox.
///
/// # Errors
/// [`ServiceError::NotFound`] where it is not shown.
pub async fn list(
    app: &App,
    rcpt_to: Option<String>,
    before: Option<KeptId>,
    limit: u32,
) -> Result<Vec<KeptSummary>, ServiceError> {
    shown(app)?;
    let limit = i64::from(limit.clamp(1, 200));
    let mails = app.db.read(move |conn| delivery::kept(conn, rcpt_to.as_deref(), before, limit)).await?;
    Ok(mails.iter().map(summary).collect())
}

/// One mail.
///
/// # Errors
/// [`ServiceError::NotFound`] where it is not there or the mailbox is not shown.
pub async fn get(app: &App, id: KeptId) -> Result<KeptView, ServiceError> {
    shown(app)?;
    let mail = app.db.read(move |conn| delivery::get_kept(conn, id)).await?;
    view(&mail)
}

/// Mails that arrived after `after`, oldest first: for whoever reads along.
///
/// # Errors
/// [`ServiceError::NotFound`] where the mailbox is not shown.
pub async fn arrived(app: &App, after: Option<KeptId>, limit: u32) -> Result<Vec<KeptView>, ServiceError> {
    shown(app)?;
    let mails = app.db.read(move |conn| delivery::kept_after(conn, after, limit.into())).await?;
    mails.iter().map(view).collect()
}

fn view(mail: &delivery::KeptMail) -> Result<KeptView, ServiceError> {
    let parts = kept::parts(&mail.raw).ok_or_else(|| ServiceError::Internal(format!("kept mail {} is no message", mail.id)))?;
    Ok(KeptView { summary: summary(mail), headers: parts.headers, text: parts.text, html: parts.html })
}

fn shown(app: &App) -> Result<(), ServiceError> {
    if app.config.shows_mailbox() { Ok(()) } else { Err(ServiceError::NotFound("the mailbox")) }
}
