//! Reading the built-in mailbox along, as the recipients would.

use crate::app::App;
use crate::domain::id::KeptId;
use crate::service::mailbox;

/// Mails read at once.
const PAGE: u32 = 500;

/// A mail that arrived.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub rcpt_to: String,
    text: String,
}

impl Letter {
    /// The token behind a link of this installation, such as `/t/…`, in the plain part.
    pub(super) fn link(&self, path: &str) -> Option<&str> {
        let after = self.text.split_once(path)?.1;
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(after.len());
        after.get(..end).filter(|token| !token.is_empty())
    }
}

/// Remembers what was read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    last: Option<KeptId>,
}

impl Reader {
    /// The next mails, oldest first.
    pub(super) async fn read(&mut self, app: &App) -> anyhow::Result<Vec<Letter>> {
        let mails = mailbox::arrived(app, self.last, PAGE).await?;
        if let Some(last) = mails.last() {
            self.last = Some(last.summary.id);
        }
        Ok(mails.into_iter().map(|m| Letter { rcpt_to: m.summary.rcpt_to, text: m.text }).collect())
    }
}
