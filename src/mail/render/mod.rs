//! The mails' texts: one typed context a mail, one pair of templates (`templates/mail/<mail>.html` and `.txt`) each.
//!
//! The plain part is complete in itself. The HTML part loads nothing: no image, no font, no tracking.

mod context;
mod links;
mod templates;
mod when;

use chrono::{DateTime, Utc};

use templates::Occasion;

pub use context::{AskedAccount, MailContext, OptInMail, ReleaseRequestMail, SignInMail, TaskMail};

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

/// Renders a mail as of `now`, which only decides how far off a deadline is said to be.
///
/// # Errors
/// [`RenderError`].
pub fn render(context: &MailContext, now: DateTime<Utc>) -> Result<Rendered, RenderError> {
    links::check(context)?;
    let (subject, text, html) = match context {
        MailContext::Task(mail) => templates::task(mail, Occasion::New, now),
        MailContext::Reminder(mail) => templates::task(mail, Occasion::Reminder, now),
        MailContext::Test(mail) => templates::task(mail, Occasion::Test, now),
        MailContext::OptIn(mail) => templates::opt_in(mail, now),
        MailContext::ReleaseRequest(mail) => templates::release_request(mail, now),
        MailContext::SignIn(mail) => templates::sign_in(mail, now),
    }
    .map_err(|e| RenderError::Template(e.to_string()))?;
    Ok(Rendered { subject, text, html })
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
