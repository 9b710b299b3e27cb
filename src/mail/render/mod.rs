//! The mails' texts: one typed context a mail, one pair of templates (`templates/mail/<mail>.html` and `.txt`) each.
//!
//! The plain part is complete in itself. The HTML part loads nothing: no image, no font, no tracking.

mod context;
mod links;
mod texts;
mod when;

use chrono::{DateTime, Utc};

use super::calendar;
use super::words::Words;
use crate::domain::data_request::RequestKind;
use crate::domain::locale::Locale;
use texts::Occasion;
pub(super) use texts::said_of_action;

pub use context::{
    AskedAccount, CheckpointMail, CorrectionMail, DailyReportMail, DigestItem, DigestMail, LogState, MailContext, NextOpening,
    NoticeMail, NoticeWords, OptInMail, ReleaseRequestMail, ReportedCampaign, SignInMail, TaskMail,
};

/// Longest subject, in characters; a longer title is cut with an ellipsis.
const SUBJECT_LIMIT: usize = 150;

/// A mail's texts in the recipient's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The Subject header, unencoded.
    pub subject: String,
    /// The plain part, LF line ends.
    pub text: String,
    /// The HTML part: a whole document.
    pub html: String,
    /// The deadline as a calendar (RFC 5545), where there is one worth keeping.
    pub calendar: Option<String>,
}

/// Why a mail's texts cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Not http or https: it must not become a link in anyone's mail.
    #[error("{field} is no http or https address")]
    Link {
        /// Which field of the context.
        field: &'static str,
    },
    /// The template failed.
    #[error("the template failed: {0}")]
    Template(String),
}

/// What a request about somebody's data asks for, in words.
#[must_use]
pub fn said_of_request(locale: Locale, kind: RequestKind) -> String {
    Words::of(locale).say(&format!("mail-request-{kind}"))
}

/// Renders a mail as of `now`, which only decides how far off a deadline is said to be.
///
/// # Errors
/// [`RenderError`].
pub fn render(context: &MailContext, now: DateTime<Utc>) -> Result<Rendered, RenderError> {
    links::check(context)?;
    let (subject, text, html) = match context {
        MailContext::Task(mail) => texts::task(mail, Occasion::New, now),
        MailContext::Reminder(mail) => texts::task(mail, Occasion::Reminder, now),
        MailContext::Test(mail) => texts::task(mail, Occasion::Test, now),
        MailContext::Digest(mail) => texts::digest(mail, now),
        MailContext::Correction(mail) => texts::correction(mail),
        MailContext::OptIn(mail) => texts::opt_in(mail, now),
        MailContext::ReleaseRequest(mail) => texts::release_request(mail, now),
        MailContext::SignIn(mail) => texts::sign_in(mail, now),
        MailContext::DailyReport(mail) => texts::daily_report(mail, now),
        MailContext::Notice(mail) => texts::notice(mail),
        MailContext::Checkpoint(mail) => texts::checkpoint(mail),
    }
    .map_err(|e| RenderError::Template(e.to_string()))?;
    Ok(Rendered { subject, text: tidy(&text), html, calendar: calendar::of(context, now) })
}

/// No space at a line's end, no gap of more than one line, one line end at the end: templates need not count blank lines.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            gap = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn cut(subject: String) -> String {
    if subject.chars().count() <= SUBJECT_LIMIT {
        return subject;
    }
    let mut short: String = subject.chars().take(SUBJECT_LIMIT - 1).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}
