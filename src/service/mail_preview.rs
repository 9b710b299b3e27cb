//! Every message with made-up facts, as it would leave: for whoever writes texts, and for an institution that wants to see them first.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ServiceError;
use crate::config::Config;
use crate::domain::locale::Locale;
use crate::mail::envelope::Address;
use crate::mail::message::{MailHeaders, Party, build};
use crate::mail::render::render;
use crate::mail::sample::{self, Setting};

pub use crate::mail::sample::MESSAGES;

/// A message with made-up facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewedMail {
    /// Its name.
    pub message: &'static str,
    /// Its language.
    pub locale: Locale,
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The calendar part, where there is one.
    pub calendar: Option<String>,
    /// All of it, as it would be handed over.
    #[serde(skip)]
    pub eml: Vec<u8>,
}

/// A message of this name and language, in the institution's own words and zone.
///
/// # Errors
/// `NotFound` for a name that no message has; `Internal` where it cannot be written.
pub fn preview(config: &Config, name: &str, locale: Locale, now: DateTime<Utc>) -> Result<PreviewedMail, ServiceError> {
    let message = MESSAGES.into_iter().find(|known| *known == name).ok_or(ServiceError::NotFound("the message"))?;
    let setting = Setting {
        locale,
        institution: config.institution.name.clone(),
        base_url: config.institution.base_url.clone(),
        zone: config.institution.default_zone,
        now,
    };
    let context = sample::message(&setting, message).ok_or(ServiceError::NotFound("the message"))?;
    let internal = |error: String| ServiceError::Internal(error);
    let texts = render(&context, now).map_err(|e| internal(e.to_string()))?;
    let address = |text: &str| Address::parse(text).map_err(|e| internal(e.to_string()));
    let headers = MailHeaders {
        from: Party { name: config.from_name().to_owned(), address: address(&config.mail.from_address)? },
        to: Party { name: "Sari Dewi Rahmawati".to_owned(), address: address("sari@example.org")? },
        reply_to: None,
        sent_at: now,
        message_id: format!("<preview-{}-{locale}@{}>", message.replace('_', "-"), config.message_id_domain()),
        list: None,
        campaign: None,
        feedback_id: None,
    };
    let eml = build(&headers, &texts).map_err(|e| internal(e.to_string()))?;
    Ok(PreviewedMail {
        message,
        locale,
        subject: texts.subject,
        text: texts.text,
        html: texts.html,
        calendar: texts.calendar,
        eml,
    })
}
