//! Why a mail has not arrived, in one of a few words: what a page groups by, where servers write as they like.

use super::bounce::{self, ReportKind};
use super::outbox::MailState;

crate::text_enum! {
    /// Why a mail failed, is put off, or is of unknown fate.
    pub enum MailReason {
        /// The receiver knows no such mailbox.
        NoMailbox = "no_mailbox",
        /// The mailbox is full, or takes nothing at this time.
        MailboxFull = "mailbox_full",
        /// The receiver refuses the sender or the message.
        Refused = "refused",
        /// The receiver put it off, and may take it later.
        PutOff = "put_off",
        /// It was put off until it was given up.
        GivenUp = "given_up",
        /// The connection broke, or the worker died, before an answer.
        NoAnswer = "no_answer",
        /// What is on file about the recipient or the sender is no address.
        BadAddress = "bad_address",
        /// It could not be written: what it says is gone or makes no sense.
        NotWritten = "not_written",
        /// The receiver gave no reason that is known.
        Other = "other",
    }
}

/// The reason behind what the outbox keeps of the last attempt.
#[must_use]
pub fn of(state: MailState, why: Option<&str>) -> MailReason {
    let why = why.unwrap_or_default();
    if state == MailState::Unknown {
        return MailReason::NoAnswer;
    }
    if why.starts_with("the recipient's address") || why.starts_with("the sender's address") || why.starts_with("the address") {
        return MailReason::BadAddress;
    }
    if why.starts_with("given up after") {
        return MailReason::GivenUp;
    }
    let is_reply = why.get(..3).is_some_and(|code| code.bytes().all(|b| b.is_ascii_digit()));
    match (is_reply, state, bounce::of_reply(why)) {
        (true, MailState::Deferred, _) => MailReason::PutOff,
        (true, _, Some(ReportKind::HardBounce)) => MailReason::NoMailbox,
        (true, _, Some(ReportKind::Refused)) => MailReason::Refused,
        (true, _, Some(ReportKind::SoftBounce)) => MailReason::MailboxFull,
        (true, ..) => MailReason::Other,
        (false, MailState::Failed, _) => MailReason::NotWritten,
        (false, ..) => MailReason::NoAnswer,
    }
}

/// A server's words without the addresses in them: whom a campaign's mail went to is no lead's business.
#[must_use]
pub fn without_addresses(words: &str) -> String {
    let hidden = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.contains('@') { word.replace(bare, "…") } else { word.to_owned() }
    };
    words.split_whitespace().map(hidden).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_words_has_its_reason() {
        use MailReason::{BadAddress, GivenUp, MailboxFull, NoAnswer, NoMailbox, NotWritten, Other, PutOff, Refused};
        #[rustfmt::skip]
        let table = [
            (MailState::Failed,   "550 5.1.1 <a@b.example>: User unknown",                NoMailbox),
            (MailState::Failed,   "552 5.2.2 mailbox full",                               MailboxFull),
            (MailState::Failed,   "554 5.7.1 blocked",                                    Refused),
            (MailState::Failed,   "550 no",                                               Other),
            (MailState::Failed,   "given up after 8 attempts: 451 4.3.0 try later",       GivenUp),
            (MailState::Failed,   "the recipient's address: has no @",                    BadAddress),
            (MailState::Failed,   "the task is no longer there",                          NotWritten),
            (MailState::Deferred, "451 4.7.1 greylisted",                                 PutOff),
            (MailState::Deferred, "450 try later",                                        PutOff),
            (MailState::Deferred, "452 4.2.2 over quota",                                 PutOff),
            (MailState::Unknown,  "the lease ran out before an answer",                   NoAnswer),
        ];
        for (state, why, reason) in table {
            assert_eq!(of(state, Some(why)), reason, "{state} {why}");
        }
        assert_eq!(of(MailState::Failed, None), NotWritten);
    }

    #[test]
    fn words_lose_their_addresses_and_nothing_else() {
        let words = "550 5.1.1 <ani.w+x@kantor.example>: Recipient address rejected: user ani@kantor.example, unknown";
        assert_eq!(without_addresses(words), "550 5.1.1 <…>: Recipient address rejected: user …, unknown");
        assert_eq!(without_addresses("451 4.7.1 greylisted (#4.7.1)"), "451 4.7.1 greylisted (#4.7.1)");
    }
}
