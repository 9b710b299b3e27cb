//! What a refusal says about the person's address: the one rule, for reports that come back and for answers at hand-over.
//!
//! An address is given up only where the receiver says that there is nobody; what is about the sender, the message or the
//! receiver's machine never silences a person.

use std::fmt;

crate::text_enum! {
    /// What came back.
    pub enum ReportKind {
        /// There is no such mailbox: nothing will ever arrive there.
        HardBounce = "hard_bounce",
        /// It did not arrive, and a later one may.
        SoftBounce = "soft_bounce",
        /// The receiver refused the sender or the message, not the person.
        Refused = "refused",
        /// A receiver still tries; nothing is decided.
        Delayed = "delayed",
        /// A receiver confirms that it arrived.
        Delivered = "delivered",
        /// Its recipient reported it as unwanted.
        Complaint = "complaint",
        /// Its recipient took such a report back.
        NotSpam = "not_spam",
        /// A machine answered for its recipient: out of office, and the like.
        AutoReply = "auto_reply",
        /// Its recipient asked by mail to be sent nothing more.
        Unsubscribe = "unsubscribe",
        /// It makes no sense here, or proves nothing.
        Unrecognised = "unrecognised",
    }
}

impl ReportKind {
    /// Whether the mail it is about did not arrive.
    #[must_use]
    pub const fn is_return(self) -> bool {
        matches!(self, Self::HardBounce | Self::SoftBounce | Self::Refused)
    }
    /// Whether something follows from it, so that it must prove which mail it is about.
    #[must_use]
    pub const fn has_effect(self) -> bool {
        self.is_return() || matches!(self, Self::Delivered | Self::Complaint | Self::Unsubscribe)
    }
}

crate::text_enum! {
    /// By which door a report came in.
    pub enum ReportSource {
        /// An MTA piped it in.
        Pipe = "pipe",
        /// It lay in the maildir.
        Maildir = "maildir",
        /// It was posted to the API.
        Api = "api",
    }
}

/// An enhanced status code (RFC 3463): class, subject, detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status {
    class: u8,
    subject: u16,
    detail: u16,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Status {
    /// The code that a text begins with; what follows, such as a comment, is left.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim_start();
        let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let mut parts = word.get(..end)?.trim_end_matches('.').split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || class.len() != 1 || !(1..=3).contains(&subject.len()) || !(1..=3).contains(&detail.len()) {
            return None;
        }
        let class = class.parse().ok().filter(|class| [2, 4, 5].contains(class))?;
        Some(Self { class, subject: subject.parse().ok()?, detail: detail.parse().ok()? })
    }

    /// The first code anywhere in a text that stands as a word of its own: an address such as 5.1.1.7 is none.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
        words.map(|word| word.trim_matches('.')).filter(|word| word.matches('.').count() == 2).find_map(Self::parse)
    }

    /// Whether the receiver's answer is final: class 5.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        self.class == 5
    }
    /// Whether the receiver reports success: class 2.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.class == 2
    }
    /// Whether it names a reason; x.0.0 only says that there is one.
    #[must_use]
    pub const fn says_why(self) -> bool {
        self.subject != 0
    }
}

/// Words by which receivers refuse a sender or a message, whatever code they put before them.
const ABOUT_US: [&str; 16] = [
    "spam",
    "blacklist",
    "blocklist",
    "block list",
    "spamhaus",
    "reputation",
    "dmarc",
    "spf ",
    "dkim",
    "unsolicited",
    "rate limit",
    "relay access denied",
    "relaying denied",
    "not allowed to relay",
    "message content",
    "virus",
];

/// Words by which receivers say that there is nobody.
const NOBODY: [&str; 25] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no mailbox here",
    "unknown recipient",
    "recipient unknown",
    "unknown mailbox",
    "mailbox not found",
    "mailbox unknown",
    "user not found",
    "recipient not found",
    "recipientnotfound",
    "not a valid mailbox",
    "invalid recipient",
    "does not exist",
    "doesn't exist",
    "doesn't have a",
    "account that you tried to reach is disabled",
    "mailbox is disabled",
    "mailbox disabled",
    "address rejected: undeliverable",
    "couldn't find any host named",
    "domain name not found",
];

/// Words by which receivers say that the mailbox is full.
const FULL: [&str; 6] = ["mailbox full", "mailbox is full", "over quota", "quota exceeded", "exceeded storage", "out of storage"];

fn holds(words: &str, any: &[&str]) -> bool {
    any.iter().any(|phrase| words.contains(phrase))
}

/// What a failure means for the person's address, by the receiver's code and, where that says nothing, by its words.
#[must_use]
pub fn judge(status: Option<Status>, words: &str) -> ReportKind {
    let words = words.to_lowercase();
    if holds(&words, &FULL) {
        return ReportKind::SoftBounce;
    }
    let about_us = holds(&words, &ABOUT_US);
    let Some(status) = status.filter(|status| status.says_why()) else {
        return match (about_us, holds(&words, &NOBODY) && status.is_none_or(Status::is_permanent)) {
            (true, _) => ReportKind::Refused,
            (false, true) => ReportKind::HardBounce,
            (false, false) => ReportKind::SoftBounce,
        };
    };
    match (status.class, status.subject, status.detail) {
        // The message is too large, its form is not understood, or the receiver does not want the sender.
        (_, 2, 3) | (_, 3, 4) | (_, 5..=7, _) | (5, 1, 7 | 8 | 20..=30) => ReportKind::Refused,
        // No such mailbox (RFC 3463, RFC 5248; 5.1.10 and 5.4.310 are Microsoft's, which also says 5.4.1 for who is not there),
        // no such domain, a mailbox that is closed.
        (5, 1, _) | (5, 2, 1) | (5, 4, 1 | 4 | 310) if !about_us => ReportKind::HardBounce,
        (5, 1, _) | (5, 2, 1) | (5, 4, 1) => ReportKind::Refused,
        _ => ReportKind::SoftBounce,
    }
}

/// What a mail that failed at hand-over says about its recipient: `why` is what the outbox keeps, a reply such as `550 5.1.1 User
/// unknown`, or this service's own reason, which says nothing. A reply without an enhanced code counts only where its words are plain:
/// behind a relay it may be about anything.
#[must_use]
pub fn of_reply(why: &str) -> Option<ReportKind> {
    let reply = why.split_once("attempts: ").map_or(why, |(_, reply)| reply);
    let (code, words) = reply.split_at_checked(3)?;
    if !code.starts_with(['4', '5']) || !code.bytes().all(|b| b.is_ascii_digit()) || !words.starts_with([' ', '-']) {
        return None;
    }
    let status = Status::parse(words.get(1..)?);
    if status.is_none() && code.starts_with('5') && !holds(&words.to_lowercase(), &NOBODY) && !holds(&words.to_lowercase(), &FULL)
    {
        return None;
    }
    Some(match judge(status, words) {
        ReportKind::HardBounce if code.starts_with('4') => ReportKind::SoftBounce,
        kind => kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_from_their_beginning_and_found_as_words() {
        let text = |text: &str| Status::parse(text).map(|s| s.to_string());
        assert_eq!(text("5.1.1"), Some("5.1.1".into()));
        assert_eq!(text(" 4.2.2 (mailbox full)"), Some("4.2.2".into()));
        assert_eq!(text("5.4.310"), Some("5.4.310".into()));
        for bad in ["", "5", "5.1", "3.1.1", "55.1.1", "5.1.1.7", "5..1", "5.1.9999", "x5.1.1", "9.9.9"] {
            assert_eq!(text(bad), None, "{bad}");
        }
        let found = |text: &str| Status::find(text).map(|s| s.to_string());
        assert_eq!(found("host mx.example[10.5.1.1] said: 550-5.7.1 no"), Some("5.7.1".into()));
        assert_eq!(found("Remote host said: 550 sorry (#5.1.1)."), Some("5.1.1".into()));
        assert_eq!(found("10.0.0.1 is not 5.1"), None);
    }

    #[test]
    fn every_failure_has_its_meaning() {
        use ReportKind::{HardBounce, Refused, SoftBounce};
        #[rustfmt::skip]
        let table = [
            ("5.1.1", "550 5.1.1 User unknown", HardBounce),
            ("5.1.2", "bad destination system", HardBounce),
            ("5.1.10", "RESOLVER.ADR.RecipientNotFound", HardBounce),
            ("5.2.1", "The email account that you tried to reach is inactive", HardBounce),
            ("5.4.4", "Host or domain name not found", HardBounce),
            ("5.4.1", "Recipient address rejected: Access denied", HardBounce),
            ("5.0.0", "554 delivery error: This user doesn't have a yahoo.com account", HardBounce),
            ("4.0.0", "user unknown, try again", SoftBounce),
            ("5.2.2", "The email account that you tried to reach is over quota", SoftBounce),
            ("4.2.2", "mailbox full", SoftBounce),
            ("5.1.1", "mailbox is full", SoftBounce),
            ("5.4.7", "delivery time expired", SoftBounce),
            ("5.3.0", "other mail system problem", SoftBounce),
            ("4.4.1", "connection timed out", SoftBounce),
            ("5.0.0", "something went wrong", SoftBounce),
            ("5.7.1", "Message rejected as spam", Refused),
            ("5.7.26", "unauthenticated", Refused),
            ("5.1.1", "listed at zen.spamhaus.org", Refused),
            ("5.1.8", "bad sender's domain", Refused),
            ("5.2.3", "message too large", Refused),
            ("5.6.0", "bad content", Refused),
            ("5.0.0", "blocked by our blocklist", Refused),
        ];
        for (status, words, meaning) in table {
            assert_eq!(judge(Status::parse(status), words), meaning, "{status} {words}");
        }
        assert_eq!(judge(None, "there is no such user here"), HardBounce);
        assert_eq!(judge(None, "whatever"), SoftBounce);
    }

    #[test]
    fn an_answer_at_hand_over_counts_by_the_same_rule_and_a_reason_of_our_own_does_not() {
        use ReportKind::{HardBounce, Refused, SoftBounce};
        assert_eq!(of_reply("550 5.1.1 <x@y>: User unknown"), Some(HardBounce));
        assert_eq!(of_reply("550 no such user here"), Some(HardBounce));
        assert_eq!(of_reply("554 5.7.1 Relay access denied"), Some(Refused));
        assert_eq!(of_reply("552 5.2.2 full"), Some(SoftBounce));
        assert_eq!(of_reply("given up after 8 attempts: 452 4.2.2 over quota"), Some(SoftBounce));
        assert_eq!(of_reply("given up after 8 attempts: 450 user unknown"), Some(SoftBounce));
        assert_eq!(of_reply("550 rejected"), None);
        assert_eq!(of_reply("the recipient's address: no domain"), None);
        assert_eq!(of_reply("55"), None);
        assert_eq!(of_reply("5é0 x"), None);
    }
}
