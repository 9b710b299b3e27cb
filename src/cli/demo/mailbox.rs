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
    /// The token behind the first link of this installation, such as `/t/…`, in the plain part.
    pub(super) fn link(&self, path: &str) -> Option<&str> {
        self.links(path).into_iter().next()
    }

    /// The tokens behind all of them, each once: several tasks may come in one mail.
    pub(super) fn links(&self, path: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for after in self.text.split(path).skip(1) {
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(after.len());
            found.extend(after.get(..end).filter(|token| !token.is_empty() && !found.contains(token)));
        }
        found
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
