//! Bounces in plain text, as servers write them that know no delivery report: a best effort.

use super::fields::{Fields, addresses};
use super::{Parsed, Recipient, Report, words};
use crate::domain::bounce::{ReportKind, Status, judge};

/// Lines after which a copy of the mail follows.
const COPY_FOLLOWS: [&str; 6] = [
    "--- below this line is a copy of the message",
    "this is a copy of the message",
    "--- the header of the original message is following",
    "original message follows",
    "original message headers:",
    "--- original message",
];

/// What such texts say of a mail that is still tried.
const STILL_TRIED: [&str; 5] = [
    "this is a warning message only",
    "you do not need to resend your message",
    "no action is required on your part",
    "has not yet been delivered",
    "delivery attempts will continue",
];

/// What they say of a mail that was given up.
const GIVEN_UP: [&str; 12] = [
    "this is the qmail-send program",
    "i'm afraid i wasn't able to deliver your message",
    "could not be delivered to",
    "couldn't be delivered to",
    "did not reach some or all of the intended recipients",
    "did not reach the following recipient",
    "delivery to the following recipient failed permanently",
    "delivery to the following recipients failed",
    "delivery has failed to these recipients",
    "undeliverable message",
    "the following addresses had permanent fatal errors",
    "message could not be delivered",
];

/// Reads one, if the message is from a mail server and says that a mail was not delivered.
pub(super) fn read(parsed: &Parsed<'_>) -> Option<Report> {
    let lower = parsed.text.to_lowercase().replace('\u{2019}', "'");
    let given_up = GIVEN_UP.iter().any(|phrase| lower.contains(phrase));
    let still_tried = STILL_TRIED.iter().any(|phrase| lower.contains(phrase));
    let failed_field = parsed.header.get("x-failed-recipients");
    if !from_a_server(&parsed.header, &lower) || !(given_up || still_tried || failed_field.is_some()) {
        return None;
    }
    let (said, copy) = split_copy(&parsed.text);
    let status = Status::find(said);
    let kind = if still_tried { ReportKind::Delayed } else { judge(status.filter(|s| !s.is_success()), said) };
    let named = failed_field.into_iter().flat_map(addresses).next().or_else(|| bracketed(said));
    let recipient = Recipient { address: named, original: None, kind, status, words: words(said) };
    let mut report = Report::of_recipients(vec![recipient])?;
    report.returned(&Fields::of_message(copy.trim_start().as_bytes()));
    for header in parsed.returned() {
        report.returned(&header);
    }
    Some(report)
}

fn from_a_server(header: &Fields, lower: &str) -> bool {
    let from = header.get("from").unwrap_or_default().to_lowercase();
    let machine = ["mailer-daemon", "postmaster", "mail delivery", "mailer daemon", "system administrator", "microsoft outlook"];
    machine.iter().any(|name| from.contains(name))
        || header.get("return-path").is_some_and(|path| path.trim() == "<>")
        || lower.trim_start().starts_with("hi. this is the qmail-send program")
}

/// What the server says, and the copy of the mail below it.
fn split_copy(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.to_lowercase();
        if COPY_FOLLOWS.iter().any(|mark| plain.contains(mark)) {
            return (text.get(..at).unwrap_or(text), text.get(at + line.len()..).unwrap_or_default());
        }
        at += line.len();
    }
    (text, "")
}

/// The first address on a line of its own, as qmail writes it: `<ani@example.org>:`.
fn bracketed(said: &str) -> Option<String> {
    let line = said.lines().map(str::trim).find(|line| line.starts_with('<') && line.contains('@'))?;
    addresses(line).next()
}
