//! Who a message is from and for, as the relay is told; and the characters that may get neither there nor into a header.

use std::fmt;
use std::net::IpAddr;

use crate::domain::character::{Unwanted, unwanted};
use crate::domain::email::EmailAddress;

/// Why a text is no mail address that can be handed to a relay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// CR, LF, NUL, another control character or a change of writing direction.
    #[error("the address holds a control character or one that changes the writing direction; remove it")]
    UnsafeCharacter,
    /// RFC 5321 4.5.3.1: 64 bytes before the @, 254 in all.
    #[error("the address is too long: at most 64 bytes before the @ and 254 in all")]
    TooLong,
    /// Not of the form local@domain.
    #[error("not a mail address; write it as name@example.org")]
    Malformed,
}

/// A mail address as it goes over the wire. It takes every form that mail knows, also those that a member's address may not have
/// ([`EmailAddress`]): a host without a dot, a quoted local part, an address literal. The domain is ASCII (IDN as A-labels), so
/// that only a local part beyond ASCII needs SMTPUTF8 (RFC 6531).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    local: String,
    domain: String,
}

impl Address {
    /// Reads `local@domain`.
    ///
    /// # Errors
    /// [`AddressError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.chars().any(is_unsafe) {
            return Err(AddressError::UnsafeCharacter);
        }
        if text.len() > 1_000 {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Malformed)?;
        let literal = domain.starts_with('[');
        let domain =
            if literal { Ok(domain.to_owned()) } else { idna::domain_to_ascii(domain).map_err(|_| AddressError::Malformed) }?;
        if local.len() > 64 || local.len() + 1 + domain.len() > 254 {
            return Err(AddressError::TooLong);
        }
        let bare_ip = domain.parse::<IpAddr>().is_ok();
        let spaced = !local.starts_with('"') && local.chars().any(char::is_whitespace);
        if bare_ip || spaced || lettre::Address::new(local, &domain).is_err() {
            return Err(AddressError::Malformed);
        }
        Ok(Self { local: local.to_owned(), domain })
    }

    /// The part before the @.
    #[must_use]
    pub fn local_part(&self) -> &str {
        &self.local
    }

    /// The part after the @, ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether a relay must announce SMTPUTF8 to take it.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }
}

impl From<&EmailAddress> for Address {
    fn from(address: &EmailAddress) -> Self {
        Self { local: address.local_part().to_owned(), domain: address.domain().to_owned() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// The SMTP envelope of one message: one sender, one recipient, so that every outcome is about exactly one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where the relay reports a failure to (MAIL FROM).
    pub sender: Address,
    /// Who gets it (RCPT TO).
    pub recipient: Address,
}

impl Envelope {
    /// Reads both addresses.
    ///
    /// # Errors
    /// [`AddressError`] of the first that is wrong.
    pub fn parse(sender: &str, recipient: &str) -> Result<Self, AddressError> {
        Ok(Self { sender: Address::parse(sender)?, recipient: Address::parse(recipient)? })
    }

    /// Whether a relay must announce SMTPUTF8 to take it.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        self.sender.needs_smtputf8() || self.recipient.needs_smtputf8()
    }
}

/// Characters that split a header or a command, end a string, or make text read backwards.
pub(super) const fn is_unsafe(c: char) -> bool {
    matches!(unwanted(c), Some(Unwanted::LineBreak | Unwanted::Control | Unwanted::Bidi))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idn_becomes_ascii_and_only_the_local_part_needs_smtputf8() {
        let idn = Address::parse("sari@kantor.bücher.example").unwrap();
        assert_eq!((idn.to_string().as_str(), idn.needs_smtputf8()), ("sari@kantor.xn--bcher-kva.example", false));
        let member = EmailAddress::parse("sari@kantor.bücher.example").unwrap();
        assert_eq!(Address::from(&member), idn);
        assert!(Address::parse("δοκιμή@example.org").unwrap().needs_smtputf8());
    }

    #[test]
    fn forms_at_the_limits() {
        let local = "a".repeat(64);
        for good in ["-x@example.org", "\"a b\"@example.org", "x@[192.0.2.1]", "gaung@localhost", &format!("{local}@example.org")]
        {
            assert_eq!(Address::parse(good).map(|a| a.to_string()), Ok(good.to_owned()));
        }
        let long = format!("{local}@{}.org", ["b".repeat(63), "c".repeat(63), "d".repeat(59)].join("."));
        assert_eq!(long.len(), 256);
        assert_eq!(Address::parse(&long), Err(AddressError::TooLong));
        assert_eq!(Address::parse(&format!("a{local}@example.org")), Err(AddressError::TooLong));
        for bad in [
            "",
            "x",
            "@example.org",
            "x@",
            "a b@example.org",
            "a@b@example.org",
            "x@1.2.3.4",
            "<x@example.org>",
            "x@exa mple.org",
        ] {
            assert_eq!(Address::parse(bad), Err(AddressError::Malformed), "{bad}");
        }
        for bad in ["x@example.org\r\nRCPT TO:<y@z>", "x\0@example.org", "\u{202E}x@example.org"] {
            assert_eq!(Address::parse(bad), Err(AddressError::UnsafeCharacter), "{bad:?}");
        }
    }
}
