//! What a notice is told: one thing to decide, or one decision.

use crate::domain::locale::Locale;

crate::text_enum! {
    /// Which words a notice has: those of `mail-notice-<word>-…`.
    pub enum NoticeWords {
        /// A member is to confirm what they asked for about their data.
        RequestToConfirm = "request-to-confirm",
        /// What they asked for was done.
        RequestGranted = "request-granted",
        /// What they asked for was refused.
        RequestRefused = "request-refused",
        /// A new address is to be confirmed by its reader.
        AddressToConfirm = "address-to-confirm",
        /// The address on file is told of it.
        AddressAsked = "address-asked",
        /// A request is to be answered within a day.
        RequestDue = "request-due",
        /// A correction waits for a second person.
        CorrectionToConfirm = "correction-to-confirm",
        /// A correction's drill waits for a second person.
        DrillToConfirm = "drill-to-confirm",
        /// A correction's drill is over.
        DrillDone = "drill-done",
    }
}

/// A notice to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeMail {
    /// Their language.
    pub locale: Locale,
    /// The person, as addressed.
    pub name: String,
    /// The institution.
    pub institution: String,
    /// Which words.
    pub words: NoticeWords,
    /// What the words are about: a request's kind in words, or a campaign's title.
    pub about: String,
    /// What somebody else did: who proposed, how many, how long; empty where the words have no place for it.
    pub by: String,
    /// A text that is passed on: a reason, or a correction.
    pub quote: Option<String>,
    /// The page that the button opens.
    pub url: String,
}
