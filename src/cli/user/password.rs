//! Where a new user's password comes from. Never from a flag: every user of the machine sees those.

use std::io::{BufRead as _, IsTerminal as _, Read};
use std::path::PathBuf;

use clap::Args;
use console::Term;

use crate::auth::password::{MAX_CHARS, accept};
use crate::cli::failure::Failure;
use crate::service::user::made_password;

/// The longest line that is read: every accepted password fits, in whatever script.
const LONGEST_LINE: u64 = 16 * MAX_CHARS as u64;

/// Without either flag: asked for on a terminal, made and shown once elsewhere.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Source {
    /// Reads the password from the first line of this file
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Reads the password from the first line of the standard input
    #[arg(long)]
    password_stdin: bool,
}

/// A new user's password.
pub struct NewPassword {
    /// The password.
    pub text: String,
    /// Whether nobody knows it yet.
    pub is_made: bool,
}

impl Source {
    /// The password for the user with this address.
    pub fn take(&self, address: &str) -> Result<NewPassword, Failure> {
        let given = |text| NewPassword { text, is_made: false };
        if let Some(path) = &self.password_file {
            let unreadable = |e: std::io::Error| Failure::refused(format!("--password-file {}: {e}", path.display()));
            let file = std::fs::File::open(path).map_err(unreadable)?;
            return Ok(given(first_line(file).map_err(unreadable)?));
        }
        if self.password_stdin {
            let unreadable = |e: std::io::Error| Failure::refused(format!("--password-stdin: {e}"));
            return Ok(given(first_line(std::io::stdin()).map_err(unreadable)?));
        }
        let terminal = Term::stderr();
        let asked = if std::io::stdin().is_terminal() && terminal.is_term() { ask(&terminal, address)? } else { None };
        Ok(asked.map_or_else(|| NewPassword { text: made_password(), is_made: true }, given))
    }
}

fn first_line(source: impl Read) -> std::io::Result<String> {
    let mut line = String::new();
    std::io::BufReader::new(source.take(LONGEST_LINE)).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks twice on the terminal, without showing it; nothing where one shall be made.
fn ask(terminal: &Term, address: &str) -> Result<Option<String>, Failure> {
    let line = |question: &str| {
        let answer = terminal.write_str(question).and_then(|()| terminal.read_secure_line());
        answer.map_err(|e| Failure::environment(format!("the terminal can't be read: {e}")))
    };
    loop {
        let password = line("Password (Enter makes one): ")?;
        if password.is_empty() {
            return Ok(None);
        }
        let complaint = match accept(&password, address) {
            Err(weak) => weak.to_string(),
            Ok(()) if line("Once more: ")? == password => return Ok(Some(password)),
            Ok(()) => "the two differ".to_owned(),
        };
        let _ = terminal.write_line(&format!("{complaint}; again"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_made_password_is_long_accepted_and_never_the_same() {
        let (one, other) = (made_password(), made_password());
        assert_eq!(one.len(), 23);
        assert_ne!(one, other);
        assert_eq!(accept(&one, "a@b.example"), Ok(()));
    }

    #[test]
    fn only_the_first_line_counts_and_only_so_much_of_it() {
        assert_eq!(first_line(&b"kata sandi panjang \r\nmore"[..]).unwrap(), "kata sandi panjang ");
        assert_eq!(first_line(&b""[..]).unwrap(), "");
        assert_eq!(first_line(&vec![b'x'; 1 << 20][..]).unwrap().len(), 2048);
    }
}
