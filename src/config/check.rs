//! Which values are accepted. Each refusal names its key and says what would be right.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::master_secret::MIN_SECRET_BYTES;
use super::{Config, ConfigError, DkimKey, MailTransport, SecretText, SecretUrl};

/// A file with a secret in it is small; a larger one is a mistake.
const LONGEST_SECRET_FILE: usize = 64 * 1024;
/// The longest local part beside a mail's mark, as `auth/return_path.rs` makes it.
const LONGEST_LOCAL: usize = 21;

impl Config {
    /// Puts what `*_file` keys name in the place of the keys they stand for.
    pub(super) fn read_secret_files(&mut self) -> Result<(), ConfigError> {
        let url = secret_file("database.url_file", &self.database.url_file, self.database.url.is_empty())?;
        if let Some(url) = url {
            self.database.url = SecretUrl::new(url);
        }
        let key = secret_file("secrets.key_file", &self.secrets.key_file, self.secrets.key.is_empty())?;
        if let Some(key) = key {
            self.secrets.key = SecretText::new(key);
        }
        let smtp = &mut self.mail.smtp;
        let password = secret_file("mail.smtp.password_file", &smtp.password_file, smtp.password.is_empty())?;
        if let Some(password) = password {
            smtp.password = SecretText::new(password);
        }
        let metrics = &mut self.metrics;
        if let Some(token) = secret_file("metrics.token_file", &metrics.token_file, metrics.token.is_empty())? {
            metrics.token = SecretText::new(token);
        }
        Ok(())
    }

    /// The first value that is not accepted.
    pub(super) fn check(&mut self) -> Result<(), ConfigError> {
        self.check_institution()?;
        self.check_server()?;
        self.database_url()?;
        range("database.pool_size", self.database.pool_size, 1, 500)?;
        range("database.statement_timeout_ms", self.database.statement_timeout_ms, 100, 3_600_000)?;
        range("database.busy_timeout_ms", self.database.busy_timeout_ms, 100, 600_000)?;
        if self.data.dir.as_os_str().is_empty() {
            return Err(ConfigError::invalid("data.dir", "name a directory"));
        }
        let secret_length = self.secrets.key.reveal().len();
        if (1..MIN_SECRET_BYTES).contains(&secret_length) {
            let problem =
                format!("has {secret_length} bytes; at least {MIN_SECRET_BYTES} random ones are needed (`openssl rand -hex 32`)");
            return Err(ConfigError::invalid("secrets.key", problem));
        }
        self.check_mail()?;
        self.check_operate()?;
        self.check_ledger()?;
        self.check_campaign()?;
        self.check_times()
    }

    fn check_institution(&mut self) -> Result<(), ConfigError> {
        let institution = &mut self.institution;
        line("institution.name", &institution.name, 1, 200)?;
        line("institution.short_name", &institution.short_name, 1, 40)?;
        if !institution.contact_email.is_empty() {
            address("institution.contact_email", &institution.contact_email)?;
        }
        let key = "institution.base_url";
        let url = url::Url::parse(&institution.base_url).map_err(|e| ConfigError::invalid(key, format!("is no URL: {e}")))?;
        if !["http", "https"].contains(&url.scheme()) || url.host().is_none() {
            return Err(ConfigError::invalid(key, "must begin with https:// (or http:// on this machine) and name a host"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(ConfigError::invalid(key, "must be the scheme, the host and the port only"));
        }
        institution.base_url = url.as_str().trim_end_matches('/').to_owned();
        Ok(())
    }

    fn check_server(&self) -> Result<(), ConfigError> {
        if self.server.workers > 512 {
            return Err(ConfigError::invalid("server.workers", "must be at most 512"));
        }
        range("server.clock_settle_s", self.server.clock_settle_s, 1, 3_600)?;
        range("server.drain_s", self.server.drain_s, 0, 15)?;
        for proxy in &self.server.trusted_proxies {
            let (base, bits) = proxy.split_once('/').map_or((proxy.as_str(), None), |(base, bits)| (base, Some(bits)));
            let widest = base.parse().map(|ip| if matches!(ip, IpAddr::V4(_)) { 32 } else { 128 });
            let fits = widest.is_ok_and(|most: u8| bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|b| b <= most)));
            if !fits {
                let problem = format!("{proxy:?} is neither an address nor a network such as \"10.0.0.0/8\"");
                return Err(ConfigError::invalid("server.trusted_proxies", problem));
            }
        }
        Ok(())
    }

    fn check_mail(&self) -> Result<(), ConfigError> {
        let mail = &self.mail;
        line("mail.from_name", &mail.from_name, 0, 200)?;
        address("mail.from_address", &mail.from_address)?;
        self.check_return_path()?;
        self.check_dkim()?;
        host("mail.message_id_domain", &mail.message_id_domain)?;
        range("mail.batch_size", mail.batch_size, 1, 10_000)?;
        range("mail.lease_s", mail.lease_s, 3, 86_400)?;
        range("mail.max_attempts", mail.max_attempts, 1, 100)?;
        range("mail.backoff_first_s", mail.backoff_first_s, 1, 86_400)?;
        range("mail.backoff_max_s", mail.backoff_max_s, mail.backoff_first_s, 7 * 86_400)?;
        mail.pace.check()?;
        let breaker = &mail.breaker;
        range("mail.breaker.window_min", breaker.window_min, 1, 24 * 60)?;
        range("mail.breaker.destination_least", breaker.destination_least, 1, 1_000_000)?;
        range("mail.breaker.destination_percent", breaker.destination_percent, 1, 100)?;
        range("mail.breaker.rest_min", breaker.rest_min, 1, 6 * 60)?;
        range("mail.breaker.campaign_least", breaker.campaign_least, 1, 1_000_000)?;
        range("mail.breaker.campaign_percent", breaker.campaign_percent, 1, 100)?;
        range("mail.soft_bounce_limit", mail.soft_bounce_limit, 1, 1_000)?;
        if mail.maildir.is_relative() && !mail.maildir.as_os_str().is_empty() {
            return Err(ConfigError::invalid("mail.maildir", "must be a whole path, beginning with /"));
        }
        let smtp = &mail.smtp;
        range("mail.smtp.connections", smtp.connections, 1, 100)?;
        range("mail.smtp.messages_per_connection", smtp.messages_per_connection, 1, 100_000)?;
        range("mail.smtp.timeout_s", smtp.timeout_s, 1, 3_600)?;
        range("mail.smtp.data_timeout_s", smtp.data_timeout_s, 1, 3_600)?;
        line("mail.smtp.username", &smtp.username, 0, 320)?;
        if mail.transport == MailTransport::Smtp {
            if smtp.host.trim().is_empty() || smtp.port == 0 {
                return Err(ConfigError::invalid(
                    "mail.smtp.host",
                    "name the server and its port, or set mail.transport = \"mailbox\"",
                ));
            }
            if !smtp.ca_file.as_os_str().is_empty() && !smtp.ca_file.is_file() {
                return Err(ConfigError::invalid("mail.smtp.ca_file", format!("there is no file {}", smtp.ca_file.display())));
            }
            if mail.lease_s <= smtp.timeout_s {
                return Err(ConfigError::invalid("mail.lease_s", "must be longer than mail.smtp.timeout_s"));
            }
        }
        if smtp.username.is_empty() && !smtp.password.is_empty() {
            return Err(ConfigError::invalid("mail.smtp.username", "a password is set, but no user to go with it"));
        }
        self.check_calendar()
    }

    /// The mark of a mail must fit into the local part of every address that carries one.
    fn check_return_path(&self) -> Result<(), ConfigError> {
        let mail = &self.mail;
        let (key, given) = match mail.bounce_address.as_str() {
            "" => ("mail.from_address", &mail.from_address),
            _ => ("mail.bounce_address", &mail.bounce_address),
        };
        let unsubscribe = ("mail.unsubscribe_address", &mail.unsubscribe_address);
        for (key, given) in [(key, given)].into_iter().chain((!unsubscribe.1.is_empty()).then_some(unsubscribe)) {
            address(key, given)?;
            let local = given.rsplit_once('@').map_or(0, |(local, _)| local.len());
            if mail.verp && local > LONGEST_LOCAL {
                let way = if key == unsubscribe.0 { "take a shorter one" } else { "set a shorter mail.bounce_address" };
                let problem = format!(
                    "has {local} characters before the @; mail.verp leaves room for {LONGEST_LOCAL}: {way}, or set mail.verp = false"
                );
                return Err(ConfigError::invalid(key, problem));
            }
        }
        Ok(())
    }

    /// Names that DNS can hold, each once; the files are read when the service starts.
    fn check_dkim(&self) -> Result<(), ConfigError> {
        let key = "mail.dkim";
        let label =
            |l: &str| !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let mut seen = std::collections::BTreeSet::new();
        for DkimKey { domain, selector, key_file } in &self.mail.dkim {
            let is_name = |name: &str| name.split('.').all(label);
            if !is_name(domain) || !is_name(selector) || domain.len() + selector.len() > 240 {
                let problem = format!(
                    "domain {domain:?} and selector {selector:?} must be names of DNS, in ASCII, without a dot at the end"
                );
                return Err(ConfigError::invalid(key, problem));
            }
            if key_file.as_os_str().is_empty() {
                return Err(ConfigError::invalid(key, format!("name the key_file of selector {selector}")));
            }
            if !seen.insert((domain.to_ascii_lowercase(), selector.to_ascii_lowercase())) {
                return Err(ConfigError::invalid(
                    key,
                    format!("selector {selector} of {domain} is there twice; each key has its own"),
                ));
            }
        }
        let resolver = &self.mail.resolver;
        if resolver.is_empty() || resolver.parse::<IpAddr>().is_ok() || resolver.parse::<SocketAddr>().is_ok() {
            return Ok(());
        }
        Err(ConfigError::invalid("mail.resolver", "must be an IP address, with or without a port: 192.0.2.53 or 192.0.2.53:53"))
    }

    fn check_campaign(&self) -> Result<(), ConfigError> {
        let campaign = &self.campaign;
        range("campaign.wave_grace_s", campaign.wave_grace_s, 0, 30 * 86_400)?;
        range("campaign.chunk_size", campaign.chunk_size, 1, 500_000)?;
        range("campaign.weekly_cap_default", campaign.weekly_cap_default, 0, 1_000)?;
        range("campaign.undo_window_h", campaign.undo_window_h, 0, 24 * 90)?;
        range("campaign.suspected_automation_s", campaign.suspected_automation_s, 0, 3_600)?;
        range("campaign.remind_after_percent", u32::from(campaign.remind_after_percent), 0, 95)?;
        range("campaign.cascade_wait_h", campaign.cascade_wait_h, 1, 24 * 365)?;
        let consent = &self.consent;
        line("consent.participate_version", &consent.participate_version, 1, 40)?;
        line("consent.operate_version", &consent.operate_version, 1, 40)?;
        let texts = [("consent.participate_text", &consent.participate_text), ("consent.operate_text", &consent.operate_text)];
        for (key, text) in texts {
            if text.id.trim().is_empty() || text.en.trim().is_empty() {
                return Err(ConfigError::invalid(key, "must not be empty in any language"));
            }
        }
        Ok(())
    }

    fn check_times(&self) -> Result<(), ConfigError> {
        range("disclosure.valid_months", self.disclosure.valid_months, 1, 12)?;
        range("session.idle_min", self.session.idle_min, 1, 24 * 60)?;
        range("session.absolute_h", self.session.absolute_h, 1, 24 * 30)?;
        range("api.token_ttl_min", self.api.token_ttl_min, 1, 24 * 60)?;
        // Five is the promise made to members; an institution may only be stricter.
        range("privacy.small_group", self.privacy.small_group, 5, 1_000)?;
        self.retention.check()?;
        line("log.filter", &self.log.filter, 1, 1_000)
    }
}

fn range(key: &str, value: u32, least: u32, most: u32) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::invalid(key, format!("is {value}; it must be from {least} to {most}")))
}

/// Text for one line of a page or of a mail's head.
fn line(key: &str, text: &str, least: usize, most: usize) -> Result<(), ConfigError> {
    if text.chars().any(char::is_control) {
        return Err(ConfigError::invalid(key, "must be one line without control characters"));
    }
    if (least..=most).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    Err(ConfigError::invalid(key, format!("must have from {least} to {most} characters")))
}

/// A sender's address: looser than a member's, since `gaung@localhost` is fine on one's own machine.
fn address(key: &str, text: &str) -> Result<(), ConfigError> {
    let shape = text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let plain = text.is_ascii()
        && text.len() <= 254
        && !text.contains(|c: char| c.is_ascii_control() || " <>,;\"@".contains(c) && c != '@');
    if shape && plain && text.matches('@').count() == 1 {
        return host(key, text.rsplit_once('@').map_or("", |(_, domain)| domain));
    }
    Err(ConfigError::invalid(key, "must be an address such as gaung@instansi.go.id, without a name"))
}

fn host(key: &str, name: &str) -> Result<(), ConfigError> {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_[]:".contains(c)) && name.len() <= 253 {
        return Ok(());
    }
    Err(ConfigError::invalid(key, "holds a character that no host name has"))
}

/// The secret in the file that a `*_file` key names, without the line's end; `None` where the key is empty.
fn secret_file(key: &'static str, path: &Path, plain_is_empty: bool) -> Result<Option<String>, ConfigError> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let failed = |problem: String| ConfigError::SecretFile { key, path: PathBuf::from(path), problem };
    if !plain_is_empty {
        return Err(failed(format!("{} is set as well; set one of the two", key.trim_end_matches("_file"))));
    }
    let bytes = std::fs::read(path).map_err(|e| failed(format!("can't be read: {e}")))?;
    if bytes.len() > LONGEST_SECRET_FILE {
        return Err(failed("is too large to hold a secret".into()));
    }
    let text = String::from_utf8(bytes).map_err(|_| failed("is not UTF-8 text".into()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(failed("is empty".into()));
    }
    Ok(Some(secret.to_owned()))
}
