//! E-mail addresses: which forms are accepted, and when two are the same.

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

use super::character;

/// The longest local part, in octets (RFC 5321, 4.5.3.1.1).
pub const MAX_LOCAL_OCTETS: usize = 64;
/// The longest address, in octets (RFC 5321, 4.5.3.1.3: a path of 256 less its two brackets).
pub const MAX_OCTETS: usize = 254;

/// Why an e-mail address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("the e-mail address is empty; give one such as nama@example.go.id")]
    Empty,
    /// There is no @.
    #[error("the e-mail address has no @; give one such as nama@example.go.id")]
    NoAt,
    /// More than one @.
    #[error("the e-mail address has more than one @; give exactly one address")]
    ManyAts,
    /// A display name or angle brackets came along.
    #[error("the e-mail address has a name or angle brackets around it; give only the part between < and >")]
    Bracketed,
    /// The whole address is too long.
    #[error("the e-mail address is {octets} octets long; at most 254 are allowed (RFC 5321)")]
    TooLong {
        /// Its length in octets, with the domain in its ASCII form.
        octets: usize,
    },
    /// The part before the @ is too long.
    #[error("the part before the @ is {octets} octets long; at most 64 are allowed (RFC 5321)")]
    LocalTooLong {
        /// Its length in octets.
        octets: usize,
    },
    /// Nothing stands before the @.
    #[error("nothing stands before the @; give the whole address")]
    LocalEmpty,
    /// A local part in quotation marks.
    #[error("the part before the @ is in quotation marks; use an address without them")]
    Quoted,
    /// A local part that begins with a hyphen, which programs take for an option.
    #[error("the e-mail address begins with '-'; use an address that begins with a letter or a digit")]
    LeadingHyphen,
    /// A dot at the start or end of the local part, or two in a row.
    #[error("the part before the @ has a dot at its start or end, or two in a row; check it for a slip")]
    Dots,
    /// A character that may not stand in an address.
    #[error("character {position} of the e-mail address ({what}) is not allowed; type the address anew")]
    Character {
        /// Its position in characters, from 1.
        position: usize,
        /// What it is.
        what: String,
    },
    /// An IP address in place of the domain.
    #[error("the part after the @ is an IP address; use an address with a domain name")]
    DomainLiteral,
    /// The domain has only one label.
    #[error("the domain {domain:?} has no dot; give the whole domain, such as example.go.id")]
    DomainNoDot {
        /// The domain as given.
        domain: String,
    },
    /// The domain is no valid name (RFC 1123, UTS 46).
    #[error("the domain {domain:?} is not a valid domain name; check it for a slip")]
    Domain {
        /// The domain as given.
        domain: String,
    },
}

impl EmailError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "email.empty",
            Self::NoAt => "email.no_at",
            Self::ManyAts => "email.many_ats",
            Self::Bracketed => "email.bracketed",
            Self::TooLong { .. } => "email.too_long",
            Self::LocalTooLong { .. } => "email.local_too_long",
            Self::LocalEmpty => "email.local_empty",
            Self::Quoted => "email.quoted",
            Self::LeadingHyphen => "email.leading_hyphen",
            Self::Dots => "email.dots",
            Self::Character { .. } => "email.character",
            Self::DomainLiteral => "email.domain_literal",
            Self::DomainNoDot { .. } => "email.domain_no_dot",
            Self::Domain { .. } => "email.domain",
        }
    }
}

/// A deliverable-looking e-mail address (RFC 5321 dot-string; a local part beyond ASCII as RFC 6531 has it, in NFC).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    entered: String,
    at: usize,
    domain: String,
    normalised: String,
}

impl EmailAddress {
    /// Reads an address; spaces around it are dropped.
    ///
    /// # Errors
    /// [`EmailError`] says which part was wrong.
    pub fn parse(input: &str) -> Result<Self, EmailError> {
        let trimmed = input.trim();
        if trimmed.is_empty() {
            return Err(EmailError::Empty);
        }
        // Before any further work, so that a huge input costs nothing; NFC can only shorten what passes below.
        if trimmed.len() > 4 * MAX_OCTETS {
            return Err(EmailError::TooLong { octets: trimmed.len() });
        }
        if let Some((position, why)) = character::first_unwanted(trimmed) {
            return Err(EmailError::Character { position, what: why.words().to_owned() });
        }
        if trimmed.ends_with('>') {
            return Err(EmailError::Bracketed);
        }
        if trimmed.starts_with('"') {
            return Err(EmailError::Quoted);
        }
        let entered: String = trimmed.nfc().collect();
        let (local, given_domain) = entered.split_once('@').ok_or(EmailError::NoAt)?;
        check_local(local)?;
        if given_domain.contains('@') {
            return Err(EmailError::ManyAts);
        }
        let domain = ascii_domain(given_domain)?;
        let octets = entered.len().max(local.len() + 1 + domain.len());
        if octets > MAX_OCTETS {
            return Err(EmailError::TooLong { octets });
        }
        let lower: String = local.to_lowercase().nfc().collect();
        let normalised = format!("{lower}@{domain}");
        Ok(Self { at: local.len(), domain, normalised, entered })
    }

    /// The address as entered, without spaces around it, in NFC.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.entered
    }
    /// The form by which two addresses are the same: lower case, NFC, the domain in ASCII.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
    /// The part before the @, as entered.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.entered.get(..self.at).unwrap_or_default()
    }
    /// The domain: ASCII, lower case, as A-labels (RFC 5890).
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }
    /// The address to hand to a mail server: the local part as entered, the domain in ASCII.
    #[must_use]
    pub fn wire(&self) -> String {
        format!("{}@{}", self.local_part(), self.domain)
    }
    /// Whether delivery needs the SMTPUTF8 extension (RFC 6531).
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.local_part().is_ascii()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.entered)
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = EmailError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

fn check_local(local: &str) -> Result<(), EmailError> {
    if local.is_empty() {
        return Err(EmailError::LocalEmpty);
    }
    if local.starts_with('-') {
        return Err(EmailError::LeadingHyphen);
    }
    if let Some((i, c)) = local.chars().enumerate().find(|&(_, c)| !(c == '.' || is_atext(c))) {
        return Err(EmailError::Character { position: i + 1, what: format!("{c:?}") });
    }
    if local.len() > MAX_LOCAL_OCTETS {
        return Err(EmailError::LocalTooLong { octets: local.len() });
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(EmailError::Dots);
    }
    Ok(())
}

/// RFC 5322 `atext`, widened by RFC 6531 to characters beyond ASCII, of which white space is still refused.
fn is_atext(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) } else { !c.is_whitespace() }
}

fn ascii_domain(given: &str) -> Result<String, EmailError> {
    let bad = || EmailError::Domain { domain: given.chars().take(80).collect() };
    if given.starts_with('[') {
        return Err(EmailError::DomainLiteral);
    }
    let ascii =
        Uts46::new().to_ascii(given.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify).map_err(|_| bad())?;
    let last = ascii.rsplit('.').next().unwrap_or_default();
    // No top-level domain is a number: such a "domain" is an IP address, in one disguise or another.
    if last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x") {
        return Err(EmailError::DomainLiteral);
    }
    if !ascii.contains('.') {
        return Err(EmailError::DomainNoDot { domain: given.chars().take(80).collect() });
    }
    Ok(ascii.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(input: &str) -> &'static str {
        EmailAddress::parse(input).map(|a| a.as_str().to_owned()).unwrap_err().code()
    }

    #[test]
    fn keeps_the_entered_form_and_compares_the_normalised_one() {
        let a = EmailAddress::parse("  Siti.Rahma+Gaung@Kemenkeu.GO.ID ").unwrap();
        assert_eq!(a.as_str(), "Siti.Rahma+Gaung@Kemenkeu.GO.ID");
        assert_eq!(a.normalised(), "siti.rahma+gaung@kemenkeu.go.id");
        assert_eq!(a.domain(), "kemenkeu.go.id");
        assert_eq!(a.wire(), "Siti.Rahma+Gaung@kemenkeu.go.id");
        assert!(!a.needs_smtputf8());
    }

    #[test]
    fn international_forms_meet_in_one() {
        let nfc = EmailAddress::parse("Jos\u{e9}@B\u{fc}cher.example").unwrap();
        let nfd = EmailAddress::parse("jose\u{301}@bu\u{308}cher.example").unwrap();
        assert_eq!(nfc.normalised(), "jos\u{e9}@xn--bcher-kva.example");
        assert_eq!(nfc.normalised(), nfd.normalised());
        assert!(nfc.needs_smtputf8());
    }

    #[test]
    fn limits_are_exact() {
        let local = "a".repeat(64);
        assert!(EmailAddress::parse(&format!("{local}@example.id")).is_ok());
        assert_eq!(code(&format!("{local}a@example.id")), "email.local_too_long");
        let label = "b".repeat(60);
        let domain = format!("{label}.{label}.{label}");
        let fits = format!("{local}@{domain}.abcde");
        assert_eq!(fits.len(), 253);
        assert!(EmailAddress::parse(&fits).is_ok());
        assert!(EmailAddress::parse(&format!("{fits}f")).is_ok());
        assert_eq!(code(&format!("{fits}fg")), "email.too_long");
        assert_eq!(code(&"x".repeat(10_000)), "email.too_long");
    }

    #[test]
    fn refuses_each_bad_form_by_its_code() {
        for (input, expected) in [
            ("  ", "email.empty"),
            ("siti", "email.no_at"),
            ("a@b@c.id", "email.many_ats"),
            ("Siti <siti@a.id>", "email.bracketed"),
            ("\"siti rahma\"@a.id", "email.quoted"),
            ("-oQ/tmp@a.id", "email.leading_hyphen"),
            ("@a.id", "email.local_empty"),
            (".a@a.id", "email.dots"),
            ("a..b@a.id", "email.dots"),
            ("a.@a.id", "email.dots"),
            ("a b@a.id", "email.character"),
            ("a\u{a0}b@a.id", "email.character"),
            ("a,b@a.id", "email.character"),
            ("a\r\nRCPT@a.id", "email.character"),
            ("a\0@a.id", "email.character"),
            ("a\u{202e}b@a.id", "email.character"),
            ("a@[127.0.0.1]", "email.domain_literal"),
            ("a@[IPv6:::1]", "email.domain_literal"),
            ("a@127.0.0.1", "email.domain_literal"),
            ("a@127.1", "email.domain_literal"),
            ("a@10.0x7f", "email.domain_literal"),
            ("a@localhost", "email.domain_no_dot"),
            ("a@", "email.domain"),
            ("a@-a.id", "email.domain"),
            ("a@a_b.id", "email.domain"),
            ("a@a..id", "email.domain"),
            ("a@a.id.", "email.domain"),
            ("a@a b.id", "email.domain"),
        ] {
            assert_eq!(code(input), expected, "{input:?}");
        }
    }
}
