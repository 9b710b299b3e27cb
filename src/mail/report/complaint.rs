//! Complaints by feedback loop: `message/feedback-report` (RFC 5965).

use super::fields::{Fields, addresses, message_ids};
use super::{Parsed, Report, words};
use crate::domain::bounce::ReportKind;

/// Reads one, if the message holds one.
pub(super) fn read(parsed: &Parsed<'_>) -> Option<Report> {
    let parts = parsed.parts(("message", &["feedback-report"]));
    let groups: Vec<Fields> = parts.iter().flat_map(|part| Fields::groups(part)).collect();
    let kind = groups.iter().find_map(|group| group.get("feedback-type"))?;
    let kind = match kind.trim().to_ascii_lowercase().as_str() {
        "abuse" | "fraud" | "virus" | "miscategorized" | "opt-out" | "opt-out-list" => ReportKind::Complaint,
        "not-spam" => ReportKind::NotSpam,
        // About authentication (RFC 6591) and whatever comes: nobody complained.
        _ => ReportKind::Unrecognised,
    };
    let mut report = Report { words: words(&parsed.text), ..Report::of(kind) };
    for group in &groups {
        report.addresses.extend(group.all("original-mail-from").flat_map(addresses));
        report.message_ids.extend(group.all("original-message-id").flat_map(message_ids));
    }
    for header in parsed.returned() {
        report.returned(&header);
    }
    Some(report)
}
