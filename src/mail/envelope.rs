//! Who a message is from and for, as the relay is told; and the characters that may get neither there nor into a header.

use crate::domain::character::{Unwanted, unwanted};
use crate::domain::email::{EmailAddress, EmailError};

/// The SMTP envelope of one message: one sender, one recipient, so that every outcome is about exactly one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where the relay reports a failure to (MAIL FROM).
    pub sender: EmailAddress,
    /// Who gets it (RCPT TO).
    pub recipient: EmailAddress,
}

impl Envelope {
    /// Reads both addresses.
    ///
    /// # Errors
    /// [`EmailError`] of the first that is wrong.
    pub fn parse(sender: &str, recipient: &str) -> Result<Self, EmailError> {
        Ok(Self { sender: EmailAddress::parse(sender)?, recipient: EmailAddress::parse(recipient)? })
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
