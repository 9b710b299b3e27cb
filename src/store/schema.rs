//! The tables as diesel sees them; one schema for both databases.

mod audit;
mod mail;
mod member;
mod organisation;
mod people;
mod record;
mod sealing;
mod work;

pub use audit::*;
pub use mail::*;
pub use member::*;
pub use organisation::*;
pub use people::*;
pub use record::*;
pub use sealing::*;
pub use work::*;

diesel::allow_tables_to_appear_in_same_query!(
    units,
    unit_closure,
    subjects,
    members,
    consents,
    users,
    user_roles,
    sessions,
    accounts,
    account_topics,
    account_operators,
    disclosures,
    blocked_targets,
    freezes,
    claims,
    claim_answers,
    address_changes,
    uploads,
    upload_parts,
    campaigns,
    releases,
    freeze_reasons,
    posts,
    waves,
    wave_counts,
    wave_unit_counts,
    wave_pace,
    tasks,
    variants,
    assignments,
    completions,
    outbox,
    test_mails,
    suppressions,
    mailbox,
    schedules,
    occurrences,
    idempotency_keys,
    ledger_entries,
    ledger_secrets,
    heartbeats,
    dispatch_holds,
    member_preferences,
    sign_in_links,
    calendar_feeds,
    corrections,
    correction_asks,
    mail_reports,
    soft_bounces,
    mail_domains,
    campaign_mail,
    data_requests,
    erasures,
    address_marks,
    notices,
    samples,
    sample_strata,
    sample_items,
    correction_proposals,
    ledger_logs,
    ledger_checkpoints,
    ledger_tiles,
    ledger_keys,
    ledger_checks
);
