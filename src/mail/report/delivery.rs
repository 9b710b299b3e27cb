//! Delivery reports: the fields of `message/delivery-status` (RFC 3464), recipient by recipient.

use super::fields::{Fields, after_type};
use super::{Parsed, Recipient, Report, words};
use crate::domain::bounce::{ReportKind, Status, judge};

/// Reads one, if the message holds one that names a recipient.
pub(super) fn read(parsed: &Parsed<'_>) -> Option<Report> {
    let parts = parsed.parts(("message", &["delivery-status", "global-delivery-status"]));
    let groups = parts.iter().flat_map(|part| Fields::groups(part));
    let recipients: Vec<Recipient> = groups.filter_map(|group| recipient(&group)).collect();
    let mut report = Report::of_recipients(recipients)?;
    for header in parsed.returned() {
        report.returned(&header);
    }
    // Some servers name the mail in the fields of the message only (RFC 3464 section 2.2.1 allows an envelope id, which we set to none).
    report.message_ids.extend(parsed.header.all("in-reply-to").flat_map(super::fields::message_ids));
    report.message_ids.extend(parsed.header.all("x-microsoft-antispam-original-message-id").flat_map(super::fields::message_ids));
    Some(report)
}

/// A group with an action or a status and a recipient; the first group, about the message, has neither.
fn recipient(group: &Fields) -> Option<Recipient> {
    let address = group.get("final-recipient").map(after_type).and_then(words);
    let original = group.get("original-recipient").map(after_type).and_then(words);
    if address.is_none() && original.is_none() {
        return None;
    }
    let said = group.get("diagnostic-code").map(after_type).unwrap_or_default();
    let stated = group.get("status").and_then(Status::parse);
    // Where the status only says that there is a reason, the words may name it.
    let status = match stated {
        Some(status) if status.says_why() => Some(status),
        other => Status::find(said).filter(|found| other.is_none_or(|s| s.is_permanent() == found.is_permanent())).or(other),
    };
    let action = group.get("action").unwrap_or_default().trim().to_ascii_lowercase();
    let kind = match action.split_whitespace().next().unwrap_or_default() {
        "delayed" => ReportKind::Delayed,
        "delivered" => ReportKind::Delivered,
        // Handed on to where no report comes from: nothing is known.
        "relayed" | "expanded" => ReportKind::Delayed,
        "failed" => judge(status, said),
        // No action at all: the status alone decides, and only a permanent one is a failure.
        _ => match status {
            Some(status) if status.is_success() => ReportKind::Delivered,
            Some(status) if status.is_permanent() => judge(Some(status), said),
            _ => ReportKind::Delayed,
        },
    };
    Some(Recipient { address, original, kind, status, words: words(said) })
}
