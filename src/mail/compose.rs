//! From a mail's facts to its bytes in one fenced step: one bad row fails with its reason and takes nothing else down.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};

use super::dkim::{KeyError, Signer};
use super::message::{BuildError, MailHeaders, build};
use super::render::{MailContext, RenderError, render};

/// Why a mail has no bytes. All of these are permanent: the same row fails again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The texts.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The headers.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The signature.
    #[error("signing the mail (DKIM): {0}")]
    Sign(#[from] KeyError),
    /// A fault of this program or of a library, kept from spreading.
    #[error("composing the mail panicked: {0}")]
    Panic(String),
}

/// A composed mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// Its subject, unencoded.
    pub subject: String,
    /// RFC 5322 bytes.
    pub bytes: Vec<u8>,
}

/// Renders `context` as of `now` (for "in 2 days"), builds the message and signs it.
///
/// # Errors
/// [`ComposeError`]; a panic below becomes [`ComposeError::Panic`].
pub fn compose(
    context: &MailContext,
    headers: &MailHeaders,
    signer: &Signer,
    now: DateTime<Utc>,
) -> Result<Composed, ComposeError> {
    fenced(|| {
        let texts = render(context, now)?;
        let bytes = signer.sign(build(headers, &texts)?, headers.sent_at)?;
        Ok(Composed { subject: texts.subject, bytes })
    })
}

fn fenced<T>(work: impl FnOnce() -> Result<T, ComposeError>) -> Result<T, ComposeError> {
    // Nothing outlives the closure but its result, so there is no half-changed state to see.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
        Err(ComposeError::Panic(text.unwrap_or_else(|| "no reason given".to_owned())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::panic, reason = "the fence is for panics")]
    fn a_panic_becomes_a_reason() {
        let result: Result<(), _> = fenced(|| panic!("row {}", 7));
        assert_eq!(result, Err(ComposeError::Panic("row 7".to_owned())));
    }
}
