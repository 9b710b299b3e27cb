//! `gaung doctor`: looks at everything an installation stands on, in the order in which it fails, and makes nothing.

mod database;
mod holidays;
mod machine;
mod mail;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, start};
use crate::app;
use crate::config::Config;
use crate::mail::dkim::Signer;
use crate::mail::transport::Transport;

/// `gaung doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// How to report
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
    #[command(subcommand)]
    what: Option<What>,
}

/// What to look at in depth.
#[derive(Debug, Subcommand)]
enum What {
    /// Asks DNS and the relay whether mail can arrive (MX, SPF, DKIM, DMARC, TLS), and says what to publish
    Mail(mail::Mail),
}

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    check: &'static str,
    /// Whether it is as it must be.
    ok: bool,
    /// What was seen.
    detail: String,
    /// What to do; empty where there is nothing.
    advice: String,
}

impl Check {
    fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, ok: true, detail: detail.into(), advice: String::new() }
    }
    fn bad(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, ok: false, detail: detail.into(), advice: advice.into() }
    }
    /// Adds what to do, also where nothing is wrong.
    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }
}

impl Doctor {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        if let Some(What::Mail(mail)) = &self.what {
            return mail.run(place, self.format);
        }
        let checks = match start::config(place, None).and_then(|config| start::log_filter(&config).map(|_| config)) {
            Ok(config) => look(&config)?,
            Err(error) => vec![Check::bad(
                "configuration",
                error.to_string(),
                "correct it; `gaung config check` shows the settings in force",
            )],
        };
        match self.format {
            Format::Json => say_json(&checks)?,
            Format::Text => print(&checks),
        }
        Ok(if checks.iter().all(|check| check.ok) { Outcome::Done } else { Outcome::Faulty })
    }
}

fn look(config: &Config) -> Result<Vec<Check>, Failure> {
    let mut checks = vec![
        Check::good("configuration", format!("{} at {}", config.institution.name, config.institution.base_url)),
        machine::exposure(config),
        machine::data_directory(&config.data.dir),
        machine::free_space(config),
        machine::secret_key(config),
        machine::time_zones(config),
        holidays::look(config),
    ];
    checks.extend(database::look(config)?);
    checks.push(start::block_on(async { Ok(mail_leaves(config).await) })?);
    checks.push(signing_keys(config));
    Ok(checks)
}

/// Whether the keys that sign mail can be read: without them the service does not start.
fn signing_keys(config: &Config) -> Check {
    const CHECK: &str = "signing keys";
    match Signer::load(&config.mail.dkim) {
        Ok(signer) if signer.keys().is_empty() => Check::good(CHECK, "none: mail is not signed")
            .advise("for real mail make one with `gaung mail dkim-key`; `gaung doctor mail` asks DNS about the rest"),
        Ok(signer) => {
            let names: Vec<String> =
                signer.keys().iter().map(|key| format!("{} ({})", key.selector, key.key.algorithm())).collect();
            Check::good(CHECK, names.join(", ")).advise("`gaung doctor mail` asks DNS whether they are published")
        }
        Err(error) => Check::bad(CHECK, error.to_string(), "put the right file there, or correct mail.dkim"),
    }
}

/// Whether mail could go out now.
async fn mail_leaves(config: &Config) -> Check {
    const CHECK: &str = "mail";
    let pool = match app::transport(config) {
        Ok(Transport::Mailbox) => {
            return Check::good(CHECK, "kept in the built-in mailbox; nothing is sent")
                .advise("for real mail set mail.transport = \"smtp\" and [mail.smtp]");
        }
        Ok(Transport::Smtp(pool)) => pool,
        Err(error) => return Check::bad(CHECK, error.to_string(), "correct [mail.smtp]"),
    };
    let server = format!("{}:{}", config.mail.smtp.host, config.mail.smtp.port);
    match pool.probe().await {
        Ok(facts) => {
            let encryption = match (facts.encrypted, facts.verified) {
                (true, true) => "TLS, certificate verified",
                (true, false) => "TLS, certificate not verified",
                (false, _) => "no TLS",
            };
            let sign_in = if facts.authenticated { "signed in" } else { "no sign-in" };
            let check = Check::good(CHECK, format!("{server}: {encryption}, {sign_in}"));
            // On one's own machine nobody listens in.
            if facts.verified || mail::is_near(&config.mail.smtp.host) {
                check
            } else {
                check.advise("others on the way may read this mail: set mail.smtp.tls = \"required\" or \"implicit\"")
            }
        }
        Err(outcome) => Check::bad(
            CHECK,
            format!("{server}: {}", outcome.reason()),
            "check the host, port, tls and sign-in of [mail.smtp], and that this machine may reach the server",
        ),
    }
}

fn print(checks: &[Check]) {
    let width = checks.iter().map(|check| check.check.len()).max().unwrap_or_default();
    for Check { check, ok, detail, advice } in checks {
        let mark = if *ok { "ok  " } else { "FAIL" };
        // What a server says may have several lines; the table has one each.
        let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
        say(&format!("{mark}  {check:width$}  {detail}"));
        if !advice.is_empty() {
            say(&format!("      {:width$}  -> {advice}", ""));
        }
    }
}
