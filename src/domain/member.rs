//! Members: whether a person may be asked at all.

crate::text_enum! {
    /// Where a member stands. Whoever paused or left is not asked and not reminded.
    pub enum MemberState {
        /// May be asked.
        Active = "active",
        /// Paused by the member; comes back whenever they want.
        Paused = "paused",
        /// Left.
        Left = "left",
        /// Erased: a row without a person, for what has to keep adding up.
        Erased = "erased",
    }
}

impl MemberState {
    /// Whether there is nobody to ask any more.
    #[must_use]
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Left | Self::Erased)
    }
}

crate::refusals! {
    /// Why something about a member is refused.
    pub enum MemberRefusal {
        /// Consent links carry the text's version.
        ConsentTextChanged = "consent.text_changed": "The consent text has changed since this link was sent; a new one is needed",
        /// Nothing to confirm.
        ConsentUnknown = "consent.unknown": "There is no request for consent that this link belongs to",
        /// The address was corrected or erased.
        Left = "member.left": "This member has left",
    }
}
