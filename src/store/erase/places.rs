//! Every table, and what becomes of a person's data in it. A new table that is not listed fails a test.

/// What becomes of a table when a person is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The person's rows are deleted.
    Deleted,
    /// The person's rows stay without anything of them: counters and the log keep adding up.
    Emptied,
    /// Rows that point at the person, or at their accounts and assignments, and hold nothing personal.
    Kept,
    /// Nothing in it is about a person who is asked.
    Other,
    /// Texts that staff wrote: whether they name the person, the desk looks at before it erases.
    Texts,
}

/// Every table of the database.
pub const PLACES: &[(&str, Fate)] = &[
    ("members", Fate::Emptied),
    ("subjects", Fate::Deleted),
    ("member_preferences", Fate::Deleted),
    ("consents", Fate::Kept),
    ("accounts", Fate::Emptied),
    ("account_topics", Fate::Deleted),
    ("account_operators", Fate::Deleted),
    ("disclosures", Fate::Emptied),
    ("posts", Fate::Emptied),
    ("assignments", Fate::Kept),
    ("completions", Fate::Emptied),
    ("correction_asks", Fate::Kept),
    ("outbox", Fate::Emptied),
    // PostgreSQL only, as the next: with the mail, which waits no more.
    ("outbox_waiting", Fate::Deleted),
    ("outbox_leases", Fate::Kept),
    ("notices", Fate::Kept),
    ("mailbox", Fate::Deleted),
    ("mail_reports", Fate::Emptied),
    ("suppressions", Fate::Deleted),
    ("soft_bounces", Fate::Deleted),
    ("mail_domains", Fate::Deleted),
    ("outbox_archive", Fate::Emptied),
    ("outbox_figures", Fate::Emptied),
    ("uploads", Fate::Deleted),
    ("upload_parts", Fate::Deleted),
    ("idempotency_keys", Fate::Deleted),
    ("ledger_secrets", Fate::Deleted),
    ("ledger_entries", Fate::Kept),
    ("data_requests", Fate::Emptied),
    ("address_changes", Fate::Deleted),
    ("erasures", Fate::Kept),
    ("address_marks", Fate::Kept),
    // Somebody who also signed in to the console, and was disabled there before.
    ("users", Fate::Emptied),
    ("user_roles", Fate::Deleted),
    ("sessions", Fate::Deleted),
    ("sign_in_links", Fate::Deleted),
    ("calendar_feeds", Fate::Deleted),
    ("campaigns", Fate::Texts),
    ("releases", Fate::Texts),
    ("freeze_reasons", Fate::Texts),
    ("corrections", Fate::Texts),
    ("correction_proposals", Fate::Texts),
    ("waves", Fate::Texts),
    ("tasks", Fate::Texts),
    ("variants", Fate::Texts),
    ("claims", Fate::Texts),
    ("claim_answers", Fate::Kept),
    ("blocked_targets", Fate::Texts),
    ("sample_items", Fate::Texts),
    ("samples", Fate::Other),
    ("sample_strata", Fate::Other),
    // The sealed log: numbers, hashes and public keys of leaves that hold nothing personal.
    ("ledger_logs", Fate::Other),
    ("ledger_checkpoints", Fate::Other),
    ("ledger_tiles", Fate::Other),
    ("ledger_keys", Fate::Other),
    ("ledger_checks", Fate::Other),
    ("freezes", Fate::Other),
    ("units", Fate::Other),
    ("unit_closure", Fate::Other),
    ("wave_counts", Fate::Other),
    ("wave_unit_counts", Fate::Other),
    ("wave_pace", Fate::Other),
    ("test_mails", Fate::Other),
    ("campaign_mail", Fate::Other),
    ("pruned_campaigns", Fate::Other),
    ("figures", Fate::Other),
    ("schedules", Fate::Other),
    ("occurrences", Fate::Other),
    ("heartbeats", Fate::Other),
    ("dispatch_holds", Fate::Other),
    ("__diesel_schema_migrations", Fate::Other),
];
