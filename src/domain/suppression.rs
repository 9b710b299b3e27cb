//! Suppressed addresses: what is no longer sent to them, and why.

crate::text_enum! {
    /// What a suppressed address no longer gets.
    pub enum SuppressionScope {
        /// Tasks and reminders.
        Tasks = "tasks",
        /// Anything at all.
        All = "all",
    }
}

crate::text_enum! {
    /// Why an address is suppressed.
    pub enum SuppressionReason {
        /// A receiver said for good that there is no such mailbox.
        Bounced = "bounced",
        /// Its owner reported a mail as unwanted.
        Complained = "complained",
        /// Its owner asked for it, by another way than a link.
        Requested = "requested",
    }
}
