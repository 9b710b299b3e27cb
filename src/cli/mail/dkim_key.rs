//! `gaung mail dkim-key`: a new key that signs mail, and the record that publishes its other half.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Format, complain, say, say_json};
use crate::mail::dkim::{Algorithm, PrivateKey, record};

/// `gaung mail dkim-key`
#[derive(Debug, Args)]
pub struct DkimKey {
    /// What it signs with: rsa, which every receiver knows, or ed25519 to sign beside it
    #[arg(long, value_enum)]
    algorithm: Kind,
    /// The key's name under the domain; a new key takes a new one, such as g2026a
    #[arg(long, value_name = "NAME", value_parser = dns_name)]
    selector: String,
    /// The domain that answers for the mail: that of mail.from_address
    #[arg(long, value_name = "DOMAIN", value_parser = dns_name)]
    domain: String,
    /// Where to write the private key, for its owner only; a file that is there is never overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// RSA, 2048 bits
    Rsa,
    /// Ed25519
    Ed25519,
}

impl DkimKey {
    /// Runs it.
    pub fn run(&self) -> Result<Outcome, Failure> {
        let algorithm = match self.algorithm {
            Kind::Rsa => Algorithm::Rsa,
            Kind::Ed25519 => Algorithm::Ed25519,
        };
        let broken = |e: crate::mail::dkim::KeyError| Failure::Environment(e.into());
        let key = PrivateKey::generate(algorithm).map_err(broken)?;
        write_new(&self.out, &key.pem().map_err(broken)?)?;
        let (name, text) = (record::name(&self.selector, &self.domain), key.record().map_err(broken)?);
        let line = record::zone_line(&name, &text);
        let setting = format!(
            "dkim = [{{ domain = \"{}\", selector = \"{}\", key_file = {} }}]",
            self.domain,
            self.selector,
            toml::Value::String(self.out.display().to_string())
        );
        match self.format {
            Format::Json => say_json(&json!({ "file": self.out, "name": name, "text": text, "record": line }))?,
            Format::Text => {
                say(&line);
                complain(&format!(
                    "{} holds the private key. Publish the record above, wait until `gaung doctor mail`",
                    self.out.display()
                ));
                complain(&format!("finds it, and then set in [mail]: {setting}"));
            }
        }
        Ok(Outcome::Done)
    }
}

/// Writes a file that was not there, readable by its owner only.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let refused = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::refused(format!(
            "{} is there already; a key is never overwritten: mail signed with it must stay verifiable",
            path.display()
        )),
        _ => Failure::Environment(anyhow::anyhow!("{}: {e}", path.display())),
    };
    let mut file = options.open(path).map_err(refused)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refused)
}

fn dns_name(text: &str) -> Result<String, String> {
    let label = |l: &str| !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let name = text.trim_end_matches('.').to_ascii_lowercase();
    if name.len() <= 200 && name.split('.').all(label) {
        Ok(name)
    } else {
        Err("give a name of letters, digits, hyphens and dots".to_owned())
    }
}
