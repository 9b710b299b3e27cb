//! What every template carries as `v`: the language, the reader's zone and time, the institution, who is signed in.

use actix_web::{HttpRequest, web};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::extract::{Signed, language};
use super::l10n::{self, Value};
use super::{assets, nav, when};
use crate::app::App;
use crate::domain::locale::Locale;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum;

/// The setting in which a page is shown.
#[derive(Debug, Clone)]
pub struct View {
    /// The page's language.
    pub locale: Locale,
    /// The reader's zone.
    pub zone: Tz,
    /// The time at which the page was made.
    pub now: DateTime<Utc>,
    /// The institution's name.
    pub institution: String,
    /// The institution's short name.
    pub short_name: String,
    /// Whom to write to.
    pub contact: String,
    /// The name of who is signed in.
    pub user: Option<String>,
    /// Whether nothing is sent because the database was restored: whoever is signed in is told on each page.
    pub dispatch_held: bool,
    /// What the reader may do somewhere.
    pub acts: Vec<Act>,
    /// Whether the built-in mailbox is shown.
    pub sees_mailbox: bool,
    /// The path of this page.
    path: String,
    /// The query of this page without the language.
    query: String,
}

impl View {
    /// The setting of a request, for somebody of whom nothing else is known.
    #[must_use]
    pub fn of_request(req: &HttpRequest) -> Self {
        let app = req.app_data::<web::Data<App>>();
        let institution = app.map(|app| &app.config.institution);
        let locale = language::chosen(req).or_else(|| language::accepted(req));
        let query = req.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        Self {
            locale: locale.or(institution.map(|i| i.default_locale)).unwrap_or(Locale::Id),
            zone: institution.map_or(Tz::UTC, |i| i.default_zone),
            now: app.map(|app| app.clock.now()).unwrap_or_default(),
            institution: institution.map(|i| i.name.clone()).unwrap_or_default(),
            short_name: institution.map(|i| i.short_name.clone()).unwrap_or_default(),
            contact: app.map(|app| app.config.contact_email().to_owned()).unwrap_or_default(),
            user: None,
            dispatch_held: false,
            acts: Vec::new(),
            sees_mailbox: app.is_some_and(|app| app.config.shows_mailbox()),
            path: req.path().to_owned(),
            query: query.collect::<Vec<_>>().join("&"),
        }
    }
    /// The setting of a signed-in user.
    #[must_use]
    pub fn of_user(req: &HttpRequest, signed: &Signed) -> Self {
        let view = Self::of_request(req);
        let locale = language::chosen(req).unwrap_or(signed.user.locale);
        let acts = Act::ALL.iter().copied().filter(|act| signed.caller.reach(*act).is_ok()).collect();
        Self {
            locale,
            zone: signed.user.tz(),
            user: Some(signed.user.name.clone()),
            dispatch_held: signed.dispatch_held,
            acts,
            ..view
        }
    }
    /// The setting of a member who came by a link.
    #[must_use]
    pub fn of_member(req: &HttpRequest, locale: Locale, zone: Tz) -> Self {
        let locale = language::chosen(req).unwrap_or(locale);
        Self { locale, zone, ..Self::of_request(req) }
    }

    /// The text of a key.
    #[must_use]
    pub fn s(&self, key: &str) -> String {
        l10n::say(self.locale, key, &[])
    }
    /// The text of a key with one value.
    pub fn a(&self, key: &str, name: &'static str, value: impl ToString) -> String {
        l10n::say(self.locale, key, &[(name, Value::from(value.to_string()))])
    }
    /// The text of a key with two values.
    #[must_use]
    pub fn two(&self, key: &str, one: (&'static str, String), other: (&'static str, String)) -> String {
        l10n::say(self.locale, key, &[(one.0, Value::from(one.1)), (other.0, Value::from(other.1))])
    }
    /// The text of a key for a number, in the right plural.
    pub fn n(&self, key: &str, count: impl std::borrow::Borrow<i64>) -> String {
        l10n::say(self.locale, key, &[("n", Value::from(*count.borrow()))])
    }
    /// The text of a key for so many things.
    #[must_use]
    pub fn many(&self, key: &str, count: usize) -> String {
        self.n(key, i64::try_from(count).unwrap_or(i64::MAX))
    }
    /// The word for a value of a closed list, e.g. `wave-state-open`.
    pub fn word(&self, list: &str, value: impl std::fmt::Display) -> String {
        self.s(&format!("{list}-{}", value.to_string().replace('.', "-")))
    }
    /// A refusal in the page's language; the domain's own English sentence where there is no translation.
    #[must_use]
    pub fn refusal(&self, code: &str, message: &str) -> String {
        let key = format!("refused-{}", code.replace('.', "-"));
        l10n::find(self.locale, &key, &[]).unwrap_or_else(|| message.to_owned())
    }
    /// An instant on the reader's wall.
    #[must_use]
    pub fn when(&self, at: &DateTime<Utc>) -> String {
        when::absolute(self.locale, *at, self.zone)
    }
    /// So many minutes after midnight as people write them: 08.00 or 08:00.
    #[must_use]
    pub fn clock(&self, minutes: u16) -> String {
        let point = if self.locale == Locale::En { ':' } else { '.' };
        format!("{:02}{point}{:02}", minutes / 60, minutes % 60)
    }
    /// How far off an instant is.
    #[must_use]
    pub fn away(&self, at: &DateTime<Utc>) -> String {
        when::relative(self.locale, *at, self.now)
    }
    /// A number with its thousands apart: 1.180 or 1,180.
    #[must_use]
    pub fn num(&self, number: &i64) -> String {
        let digits = number.to_string();
        let separator = if self.locale == Locale::En { ',' } else { '.' };
        let mut grouped = String::new();
        for (i, digit) in digits.chars().enumerate() {
            let left = digits.len() - i;
            if i > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
                grouped.push(separator);
            }
            grouped.push(digit);
        }
        grouped
    }
    /// A share in whole percent, rounded down; nothing of nothing.
    #[must_use]
    pub fn share(&self, part: &i64, whole: &i64) -> String {
        if *whole > 0 { format!("{}%", part * 100 / whole) } else { String::new() }
    }
    /// The language's tag, for `lang` attributes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.locale.as_str()
    }
    /// The tag of the other language.
    #[must_use]
    pub fn other(&self) -> &'static str {
        match self.locale {
            Locale::Id => Locale::En.as_str(),
            Locale::En => Locale::Id.as_str(),
        }
    }
    /// This page in the other language.
    #[must_use]
    pub fn other_url(&self) -> String {
        let and = if self.query.is_empty() { "" } else { "&" };
        format!("{}?{}{and}lang={}", self.path, self.query, self.other())
    }
    /// Whether this page lies below a path, for the navigation.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
    /// Whether the reader may do this somewhere.
    #[must_use]
    pub fn may(&self, act: Act) -> bool {
        self.acts.contains(&act)
    }
    /// The console's links for this reader.
    #[must_use]
    pub fn nav(&self) -> Vec<nav::Group> {
        nav::groups(&self.acts, self.sees_mailbox)
    }
    /// The links for which a phone's bar has room.
    #[must_use]
    pub fn nav_first(&self) -> Vec<nav::Link> {
        self.nav().into_iter().flat_map(|group| group.links).take(3).collect()
    }
    /// Whether this page's path is exactly these three parts.
    #[must_use]
    pub fn is_path(&self, start: &str, middle: &str, end: &str) -> bool {
        self.path.strip_prefix(start).and_then(|rest| rest.strip_prefix(middle)) == Some(end)
    }
    /// The address of a file that is compiled in.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }
}
