//! The running configuration in words, to be read: what can be changed is changed in the configuration file.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::config::{Config, DatabaseUrl, MailTransport};
use crate::service::settings;
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::page;
use crate::web::view::View;
use crate::web::when;

#[derive(Template)]
#[template(path = "pages/org_settings.html")]
struct SettingsPage {
    v: View,
    c: Arc<Config>,
}

impl SettingsPage {
    fn sends(&self) -> bool {
        self.c.mail.transport == MailTransport::Smtp
    }
    fn seconds(&self, seconds: &u32) -> String {
        when::length(self.v.locale, (*seconds).into())
    }
    fn minutes(&self, minutes: &u32) -> String {
        when::length(self.v.locale, i64::from(*minutes) * 60)
    }
    fn hours(&self, hours: &u32) -> String {
        when::length(self.v.locale, i64::from(*hours) * 3600)
    }
    fn cap(&self) -> String {
        match self.c.campaign.weekly_cap_default {
            0 => self.v.s("setting-no-cap"),
            cap => self.v.n("setting-cap", i64::from(cap)),
        }
    }
    fn remind(&self) -> String {
        match self.c.campaign.remind_after_percent {
            0 => self.v.s("setting-no-reminder"),
            percent => self.v.n("setting-remind", i64::from(percent)),
        }
    }
    fn people(&self) -> String {
        self.v.n("setting-people", i64::from(self.c.privacy.small_group))
    }
    fn months(&self) -> String {
        self.v.n("setting-months", i64::from(self.c.disclosure.valid_months))
    }
    fn disabled(&self) -> String {
        let words: Vec<String> = self.c.campaign.disabled_actions.iter().map(|action| self.v.word("do", action)).collect();
        if words.is_empty() { self.v.s("setting-none") } else { words.join("; ") }
    }
    /// The server's name and port; never who signs in to it.
    fn relay(&self) -> String {
        format!("{}:{}", self.c.mail.smtp.host, self.c.mail.smtp.port)
    }
    fn database(&self) -> &'static str {
        if matches!(self.c.database_url(), Ok(DatabaseUrl::Postgres(_))) { "PostgreSQL" } else { "SQLite" }
    }
    fn participate(&self) -> &str {
        self.c.consent.participate_text.in_locale(self.v.locale)
    }
    fn operate(&self) -> &str {
        self.c.consent.operate_text.in_locale(self.v.locale)
    }
}

/// The settings.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] for who manages no users.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed) -> Result<HttpResponse, Failure> {
    let c = settings::show(&app, &signed.caller)?;
    page(&SettingsPage { v: View::of_user(&req, &signed), c })
}
