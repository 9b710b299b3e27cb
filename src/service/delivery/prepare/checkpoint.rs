//! The auditors' checkpoint of the day, as it is when the mail leaves.

use chrono::{DateTime, Utc};

use super::{Mail, addressed, daily_reader, zone_or_default};
use crate::app::App;
use crate::domain::outbox::MailState;
use crate::mail::render::{CheckpointMail, LogState, MailContext};
use crate::service::delivery::verdict;
use crate::service::seal::{Badge, mail::told};
use crate::store::outbox::{Claimed, Verdict};
use crate::store::{Conn, StoreError};

pub(super) fn checkpoint_mail(
    app: &App,
    conn: &mut Conn,
    claimed: &Claimed,
    now: DateTime<Utc>,
) -> Result<Result<Box<Mail>, Verdict>, StoreError> {
    let cancelled = |why: &str| Ok(Err(verdict(MailState::Cancelled, why.to_owned())));
    let user = match daily_reader(conn, claimed)? {
        Ok(user) => user,
        Err(verdict) => return Ok(Err(verdict)),
    };
    let Some((checkpoint, badge)) = told(conn)? else { return cancelled("nothing is sealed") };
    let config = &app.config;
    let (base, zone) = (&config.institution.base_url, zone_or_default(config, &user.zone));
    let context = CheckpointMail {
        locale: user.locale,
        name: user.name.clone(),
        institution: config.institution.name.clone(),
        day: now.with_timezone(&zone).date_naive(),
        size: checkpoint.size,
        signed_at: checkpoint.signed_at,
        checkpoint: checkpoint.note.trim_end().to_owned(),
        state: match badge {
            Badge::Intact { size, .. } => LogState::Intact(size),
            Badge::Broken { entry, .. } => LogState::Broken(entry),
            Badge::NotChecked => LogState::NotChecked,
        },
        zone,
        verify_url: format!("{base}/ledger"),
        settings_url: format!("{base}/menu#report"),
    };
    let to = (user.name.as_str(), user.email.as_str());
    Ok(addressed(app, claimed.id, to, MailContext::Checkpoint(context), now).map(Box::new))
}
