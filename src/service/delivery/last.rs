//! When the last mail of a campaign will have left, as far as that can be told.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::config::MailTransport;
use crate::domain::id::CampaignId;
use crate::store::{Conn, StoreError, outbox};

/// What one connection hands over in a second at least, with a relay that takes its time.
const MAILS_A_SECOND: i64 = 5;
/// What the built-in mailbox takes in a second at least.
const KEPT_A_SECOND: i64 = 100;

/// How long it takes at most to hand over so many mails, at a pace that any relay keeps.
pub(in crate::service) fn takes(app: &App, mails: i64) -> TimeDelta {
    let pace = match app.config.mail.transport {
        MailTransport::Mailbox => KEPT_A_SECOND,
        MailTransport::Smtp => MAILS_A_SECOND.saturating_mul(app.config.mail.smtp.connections.into()).max(1),
    };
    TimeDelta::seconds(mails.max(0) / pace + 1)
}

/// When the last of a campaign's waiting mails will have left at the latest: the latest time that one of them is put off to, and the
/// time that handing all of them over takes. None leaves after its task's deadline, so the last window's end bounds it.
pub(in crate::service) fn last_mail_at(
    app: &App,
    conn: &mut Conn,
    (id, open, closes_at): (CampaignId, i64, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    if open <= 0 {
        return Ok(None);
    }
    let put_off = outbox::find_last_at(conn, id)?.unwrap_or(now).max(now);
    let gone = put_off + takes(app, open);
    Ok(Some(closes_at.filter(|at| *at > now).map_or(gone, |at| gone.min(at))))
}
