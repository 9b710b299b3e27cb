//! The leads' report of the day: what there is to tell when it leaves, which may be nothing.

use chrono::{DateTime, Utc};

use super::{Mail, addressed, zone_or_default};
use crate::app::App;
use crate::domain::outbox::MailState;
use crate::mail::render::{DailyReportMail, MailContext};
use crate::service::daily_report::told;
use crate::service::delivery::verdict;
use crate::store::outbox::{Claimed, Verdict};
use crate::store::{Conn, StoreError, daily_report, user};

pub(super) fn report_mail(
    app: &App,
    conn: &mut Conn,
    claimed: &Claimed,
    now: DateTime<Utc>,
) -> Result<Result<Box<Mail>, Verdict>, StoreError> {
    let cancelled = |why: &str| Ok(Err(verdict(MailState::Cancelled, why.to_owned())));
    let Some(user) = claimed.user_id.map(|id| user::find(conn, id)).transpose()?.flatten() else {
        return cancelled("the user is no longer there");
    };
    if !user.active || !daily_report::is_wanted(conn, user.id)? {
        return cancelled("the user no longer wants it");
    }
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
