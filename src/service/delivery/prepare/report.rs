//! The leads' report of the day: what there is to tell when it leaves, which may be nothing.

use chrono::{DateTime, Utc};

use super::{Mail, addressed, daily_reader, zone_or_default};
use crate::app::App;
use crate::domain::outbox::MailState;
use crate::mail::render::{DailyReportMail, MailContext};
use crate::service::daily_report::told;
use crate::service::delivery::verdict;
use crate::store::outbox::{Claimed, Verdict};
use crate::store::{Conn, StoreError};

pub(super) fn report_mail(
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
    let campaigns = told(app, conn, user.id, now)?;
    if campaigns.is_empty() {
        return cancelled("there is nothing to tell any more");
    }
    let config = &app.config;
    let (base, zone) = (&config.institution.base_url, zone_or_default(config, &user.zone));
    let context = DailyReportMail {
        locale: user.locale,
        name: user.name.clone(),
        institution: config.institution.name.clone(),
        day: now.with_timezone(&zone).date_naive(),
        campaigns,
        zone,
        console_url: format!("{base}/campaigns"),
        settings_url: format!("{base}/menu#report"),
    };
    let to = (user.name.as_str(), user.email.as_str());
    Ok(addressed(app, claimed.id, to, MailContext::DailyReport(context), now).map(Box::new))
}
