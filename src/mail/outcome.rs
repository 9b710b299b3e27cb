//! What became of one attempt to hand one message to the relay, and what each answer lets the caller do.

/// The end of one attempt for one recipient. Codes are RFC 5321 reply codes, texts are the relay's own words made safe for a page:
/// one line, no control characters, at most 500 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took responsibility for the message (2xx after the final dot). Settle as sent; never send again.
    Delivered {
        /// What the relay answered, often with its queue id.
        reply: String,
    },
    /// The relay put this message off (4xx at MAIL, RCPT, DATA or after the dot). It was not accepted: try again later with back-off,
    /// and count the attempt.
    TempFail {
        /// 400 to 499.
        code: u16,
        /// The relay's reason.
        text: String,
    },
    /// The relay refused this message or this recipient for good (5xx at RCPT, DATA or after the dot), or this side knows that it
    /// must (the relay lacks SMTPUTF8, the message is above the relay's size limit). It was not accepted: settle as failed.
    PermFail {
        /// 500 to 599.
        code: u16,
        /// The reason.
        text: String,
    },
    /// No answer about this message could be had, and nothing of it can have been accepted: no connection, a time-out, a broken
    /// reply or a lost connection, all before the final dot. Trying again is safe. It says nothing about the recipient, so it
    /// need not count as an attempt.
    NotSent {
        /// What happened, and in which phase.
        why: String,
    },
    /// The connection failed after the final dot was, or may have been, written: the relay may have the message. Never send again
    /// without a person's decision.
    Unknown {
        /// What happened.
        why: String,
    },
    /// The relay refuses this service, not the recipient: a 5xx at the greeting, at AUTH or at MAIL, STARTTLS missing or failed
    /// where it is required, a certificate that does not verify. Nothing was sent: pause the relay, tell the operator, and leave
    /// the message as if it had not been tried.
    RelayRefused {
        /// What the relay refused and why.
        why: String,
    },
}

impl Outcome {
    /// Whether the same message may be handed over again without asking anyone.
    #[must_use]
    pub const fn may_repeat(&self) -> bool {
        matches!(self, Self::TempFail { .. } | Self::NotSent { .. } | Self::RelayRefused { .. })
    }

    /// Whether it says something about the relay as a whole: the next message would most likely fare the same.
    #[must_use]
    pub const fn is_about_relay(&self) -> bool {
        matches!(self, Self::NotSent { .. } | Self::RelayRefused { .. })
    }

    /// One line for the log and the page.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Delivered { reply } => reply.clone(),
            Self::TempFail { code, text } | Self::PermFail { code, text } => format!("{code} {text}"),
            Self::NotSent { why } | Self::Unknown { why } | Self::RelayRefused { why } => why.clone(),
        }
    }
}
