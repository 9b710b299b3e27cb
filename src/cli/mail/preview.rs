//! `gaung mail preview`: every message with made-up facts as .eml, .html, .txt and, where it has a deadline, .ics.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::say;
use crate::cli::{Place, start};
use crate::clock::{Clock as _, SystemClock};
use crate::domain::locale::Locale;
use crate::domain::text_enum::TextEnum as _;
use crate::service::mail_preview::{MESSAGES, PreviewedMail, preview};

/// `gaung mail preview`
#[derive(Debug, Args)]
pub struct Preview {
    /// Only this message
    #[arg(long, value_parser = PossibleValuesParser::new(MESSAGES))]
    message: Option<String>,
    /// Only in this language
    #[arg(long, value_parser = PossibleValuesParser::new(["id", "en"]))]
    locale: Option<String>,
    /// Writes the files into this directory, which is made if it is not there
    #[arg(long, value_name = "DIR", default_value = "mail-preview")]
    out: PathBuf,
}

impl Preview {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let config = start::config(place, None)?;
        let now = SystemClock.now();
        fs::create_dir_all(&self.out)
            .with_context(|| format!("{} can't be made", self.out.display()))
            .map_err(Failure::Environment)?;
        let wanted = |given: &Option<String>, word: &str| given.as_deref().is_none_or(|given| given == word);
        for name in MESSAGES.into_iter().filter(|name| wanted(&self.message, name)) {
            for locale in Locale::ALL.iter().filter(|locale| wanted(&self.locale, locale.as_str())) {
                let mail = preview(&config, name, *locale, now)?;
                write(&self.out, &mail).map_err(Failure::Environment)?;
                say(&format!("{name}.{locale}: {}", mail.subject));
            }
        }
        say(&format!("Written to {}", self.out.display()));
        Ok(Outcome::Done)
    }
}

fn write(dir: &Path, mail: &PreviewedMail) -> anyhow::Result<()> {
    let parts = [
        ("eml", Some(mail.eml.as_slice())),
        ("html", Some(mail.html.as_bytes())),
        ("txt", Some(mail.text.as_bytes())),
        ("ics", mail.calendar.as_deref().map(str::as_bytes)),
    ];
    for (ending, bytes) in parts {
        let Some(bytes) = bytes else { continue };
        let file = dir.join(format!("{}.{}.{ending}", mail.message, mail.locale));
        fs::write(&file, bytes).with_context(|| format!("{} can't be written", file.display()))?;
    }
    Ok(())
}
