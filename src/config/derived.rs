//! What follows from the settings: a value that stands in for one that is empty.

use super::{Config, ConsentText, MailTransport};
use crate::domain::locale::Locale;

impl Config {
    /// The sender's name.
    #[must_use]
    pub fn from_name(&self) -> &str {
        first_filled(&self.mail.from_name, &self.institution.name)
    }
    /// Whom members may write to.
    #[must_use]
    pub fn contact_email(&self) -> &str {
        first_filled(&self.institution.contact_email, &self.mail.from_address)
    }
    /// Where reports of failures come back to: the envelope sender, but for its mark.
    #[must_use]
    pub fn bounce_address(&self) -> &str {
        first_filled(&self.mail.bounce_address, &self.mail.from_address)
    }
    /// Who sends, in one word of 5 to 15 letters and digits, as a Feedback-ID ends.
    #[must_use]
    pub fn feedback_sender(&self) -> String {
        let mut word = String::new();
        for part in [self.institution.short_name.as_str(), self.message_id_domain(), "gaung"] {
            if word.len() < 5 {
                word.extend(part.chars().filter(char::is_ascii_alphanumeric));
            }
        }
        word.truncate(15);
        word.to_ascii_lowercase()
    }
    /// The part of Message-IDs after the @.
    #[must_use]
    pub fn message_id_domain(&self) -> &str {
        let sender = self.mail.from_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        first_filled(&self.mail.message_id_domain, sender)
    }
    /// The name to greet an SMTP server with.
    #[must_use]
    pub fn hello_name(&self) -> String {
        let base = url::Url::parse(&self.institution.base_url).ok();
        let host = base.as_ref().and_then(url::Url::host).map(|host| match host {
            // RFC 5321 section 4.1.3: an address is written in brackets.
            url::Host::Ipv4(v4) => format!("[{v4}]"),
            url::Host::Ipv6(v6) => format!("[IPv6:{v6}]"),
            url::Host::Domain(name) => name.to_owned(),
        });
        if self.mail.smtp.hello_name.is_empty() {
            host.unwrap_or_else(|| "localhost".into())
        } else {
            self.mail.smtp.hello_name.clone()
        }
    }
    /// Whether /mailbox may be shown: asked for, and no mail really leaves.
    #[must_use]
    pub fn shows_mailbox(&self) -> bool {
        self.server.dev_mailbox && self.mail.transport == MailTransport::Mailbox
    }
}

impl ConsentText {
    /// The text in a language.
    #[must_use]
    pub fn in_locale(&self, locale: Locale) -> &str {
        match locale {
            Locale::Id => &self.id,
            Locale::En => &self.en,
        }
    }
}

fn first_filled<'a>(one: &'a str, other: &'a str) -> &'a str {
    if one.is_empty() { other } else { one }
}
