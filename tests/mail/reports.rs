//! Reading what comes back: messages as real servers write them, and bytes that are no message at all.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use gaung::domain::bounce::ReportKind;
use gaung::mail::report::{Report, read};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const LIMIT: usize = 1 << 20;
/// The mark and the Message-ID that the fixtures carry.
const MARK: &str = "gaung+agohy2vqab2xkmf4ilgsbf7gvaz3zwn4ovxq6cyr2d@mail.kemenkeu.example";
const MESSAGE_ID: &str = "01936a5e-0000-7000-8000-0000000000a1@mail.kemenkeu.example";
const ANI: &str = "ani.wijaya@contoh.example";

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/reports").join(format!("{name}.eml"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn report(name: &str) -> Report {
    read(&fixture(name), LIMIT)
}

/// What each fixture says of Ani: what, the code, and whether it names the mail by tag and by Message-ID.
#[rustfmt::skip]
const EXPECTED: &[(&str, ReportKind, Option<&str>, bool, bool)] = &[
    ("postfix_user_unknown",      ReportKind::HardBounce,   Some("5.1.1"),  true,  true),
    ("postfix_mailbox_full",      ReportKind::SoftBounce,   Some("5.2.2"),  true,  true),
    ("postfix_no_such_domain",    ReportKind::HardBounce,   Some("5.4.4"),  true,  true),
    ("postfix_delayed",           ReportKind::Delayed,      Some("4.4.1"),  true,  true),
    ("postfix_expired",           ReportKind::SoftBounce,   Some("4.4.1"),  true,  true),
    ("postfix_success",           ReportKind::Delivered,    Some("2.0.0"),  true,  true),
    ("postfix_spam_refused",      ReportKind::Refused,      Some("5.7.1"),  true,  true),
    ("postfix_two_recipients",    ReportKind::HardBounce,   Some("5.1.1"),  true,  true),
    ("exim_user_unknown",         ReportKind::HardBounce,   Some("5.0.0"),  true,  true),
    ("exim_old_plain",            ReportKind::HardBounce,   None,           true,  true),
    ("exim_delay_warning",        ReportKind::Delayed,      None,           true,  false),
    ("qmail_user_unknown",        ReportKind::HardBounce,   Some("5.1.1"),  true,  true),
    ("qmail_quota",               ReportKind::SoftBounce,   Some("5.2.2"),  true,  true),
    ("sendmail_host_unknown",     ReportKind::HardBounce,   Some("5.1.2"),  true,  true),
    ("sendmail_warning",          ReportKind::Delayed,      Some("4.4.1"),  true,  false),
    ("gmail_no_such_user",        ReportKind::HardBounce,   Some("5.1.1"),  true,  true),
    ("gmail_over_quota",          ReportKind::SoftBounce,   Some("5.2.2"),  true,  true),
    ("gmail_unauthenticated",     ReportKind::Refused,      Some("5.7.26"), true,  true),
    ("office365_not_found",       ReportKind::HardBounce,   Some("5.1.10"), true,  true),
    ("office365_access_denied",   ReportKind::HardBounce,   Some("5.4.1"),  true,  true),
    ("exchange_2003_plain",       ReportKind::HardBounce,   Some("5.1.1"),  true,  false),
    ("exchange_mailbox_disabled", ReportKind::HardBounce,   Some("5.2.1"),  true,  true),
    ("forwarded_to_dead_mailbox", ReportKind::HardBounce,   Some("5.1.1"),  true,  true),
    ("no_diagnostic",             ReportKind::SoftBounce,   Some("5.0.0"),  true,  true),
    ("relayed_without_report",    ReportKind::Delayed,      Some("2.1.9"),  true,  true),
    ("arf_abuse",                 ReportKind::Complaint,    None,           true,  true),
    ("arf_headers_only",          ReportKind::Complaint,    None,           true,  true),
    ("arf_not_spam",              ReportKind::NotSpam,      None,           true,  true),
    ("arf_auth_failure",          ReportKind::Unrecognised, None,           true,  true),
    ("vacation_rfc3834",          ReportKind::AutoReply,    None,           true,  true),
    ("exchange_out_of_office",    ReportKind::AutoReply,    None,           true,  true),
    ("x_autoreply",               ReportKind::AutoReply,    None,           true,  false),
    ("absence_by_subject_id",     ReportKind::AutoReply,    None,           true,  false),
    ("unsubscribe_mailto",        ReportKind::Unsubscribe,  None,           true,  false),
    ("unsubscribe_word_id",       ReportKind::Unsubscribe,  None,           true,  false),
    ("a_persons_question",        ReportKind::Unrecognised, None,           true,  false),
    ("newsletter",                ReportKind::Unrecognised, None,           false, false),
];

#[test]
fn every_fixture_says_what_it_says() {
    let mut wrong = String::new();
    for (name, kind, status, tagged, named) in EXPECTED {
        let report = report(name);
        let (said, code, _) = report.about(Some(ANI));
        let found = (
            said,
            code.map(|s| s.to_string()),
            report.addresses.iter().any(|a| a == MARK),
            report.message_ids.iter().any(|id| id == MESSAGE_ID),
        );
        let wanted = (*kind, status.map(ToOwned::to_owned), *tagged, *named);
        if found != wanted {
            writeln!(wrong, "{name}: {found:?}, expected {wanted:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/reports")).unwrap().count();
    assert_eq!(files, EXPECTED.len(), "each file has its line");
}

#[test]
fn line_ends_and_an_mbox_line_change_nothing() {
    for (name, ..) in EXPECTED {
        let bytes = fixture(name);
        let unix: Vec<u8> = bytes.iter().copied().filter(|b| *b != b'\r').collect();
        let dos: Vec<u8> = unix.iter().flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] }).collect();
        let mbox = [b"From MAILER-DAEMON Mon Nov 23 08:00:05 2026\n".to_vec(), unix.clone()].concat();
        let expected = read(&unix, LIMIT);
        assert_eq!(read(&dos, LIMIT), expected, "{name}");
        assert_eq!(read(&mbox, LIMIT), expected, "{name}");
    }
}

#[test]
fn a_report_about_several_speaks_of_the_one_who_was_mailed() {
    let report = report("postfix_two_recipients");
    assert_eq!(report.recipients.len(), 2);
    assert_eq!(report.kind, ReportKind::SoftBounce, "the mildest speaks for all");
    assert_eq!(report.about(Some(ANI)).0, ReportKind::HardBounce);
    assert_eq!(report.about(Some("budi.santoso@contoh.example")).0, ReportKind::SoftBounce);
    assert_eq!(report.about(Some("nobody@contoh.example")).0, ReportKind::SoftBounce, "a stranger's fate is not theirs");
    assert_eq!(report.about(None).0, ReportKind::SoftBounce);
}

#[test]
fn the_receivers_words_come_out_on_one_line_and_bounded() {
    let report = report("gmail_no_such_user");
    let (.., words) = report.about(None);
    assert!(
        words.unwrap().starts_with("550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1")
    );
    let long = "x".repeat(100_000);
    let raw = format!(
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n\
        Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 \u{202e}gnorw\u{7} {long}\n\n--b--\n"
    );
    let (kind, _, words) = {
        let r = read(raw.as_bytes(), LIMIT);
        (r.kind, (), r.recipients[0].words.clone().unwrap())
    };
    assert_eq!(kind, ReportKind::HardBounce);
    assert!(words.chars().count() <= 1_000 && !words.contains(['\u{202e}', '\u{7}']), "{words}");
}

/// Runs the reading and says how long it took.
fn timed(raw: &[u8]) -> (Report, Duration) {
    let started = Instant::now();
    let report = read(raw, LIMIT);
    (report, started.elapsed())
}

/// A second for a mebibyte, on a machine where five others compile, in a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn bytes_that_are_no_message_are_read_in_bounded_time_and_say_nothing() {
    let nested = |depth: usize, close: bool| {
        let mut raw = String::from("From: MAILER-DAEMON@x.example\n");
        for n in 0..depth {
            write!(raw, "Content-Type: multipart/mixed; boundary=\"b{n}\"\n\n--b{n}\n").unwrap();
        }
        raw.push_str("Content-Type: text/plain\n\nwords\n");
        if close {
            for n in (0..depth).rev() {
                writeln!(raw, "--b{n}--").unwrap();
            }
        }
        raw.into_bytes()
    };
    let rfc822 = |depth: usize| "Content-Type: message/rfc822\n\n".repeat(depth).into_bytes();
    let inputs: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a line end", b"\n".to_vec()),
        ("no headers", b"just words, and no colon anywhere\nin two lines\n".to_vec()),
        ("binary", (0..=255_u8).cycle().take(300_000).collect()),
        ("50 MB of zeroes", vec![0; 50 << 20]),
        ("50 MB of one line", vec![b'a'; 50 << 20]),
        ("50 MB of headers", b"X-A: b\n".repeat((50 << 20) / 7)),
        ("50 MB of colons", vec![b':'; 50 << 20]),
        ("100 multiparts deep", nested(100, true)),
        ("15,000 multiparts deep", nested(15_000, false)),
        ("20,000 messages within messages", rfc822(20_000)),
        ("a boundary a line", b"Content-Type: multipart/mixed; boundary=b\n\n".iter().copied().chain(b"--b\n".repeat(200_000)).collect()),
        ("a wrong charset", b"Subject: =?x-none?B?////?= =?utf-8?Q?=FF=FE?=\nContent-Type: text/plain; charset=klingon\n\n\xff\xfe\xfa\n".to_vec()),
        ("a lying length", b"Content-Length: 99999999999\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\nContent-Length: 0\n\n".to_vec()),
        ("empty groups", b"Content-Type: message/delivery-status\n\n\n\n:\n: x\n Final-Recipient\nAction: failed\n\n".to_vec()),
    ];
    for (name, raw) in inputs {
        let (report, took) = timed(&raw);
        assert_eq!(report.kind, ReportKind::Unrecognised, "{name}");
        assert!(took < PATIENCE, "{name} took {took:?}");
        assert!(report.addresses.len() <= 40 && report.message_ids.len() <= 40, "{name}");
    }
}

#[test]
fn a_large_return_is_read_by_its_beginning() {
    let mut raw = fixture("postfix_user_unknown");
    raw.extend(vec![b'x'; 50 << 20]);
    let (report, took) = timed(&raw);
    assert_eq!(report.kind, ReportKind::HardBounce);
    assert!(took < PATIENCE, "{took:?}");
}

#[test]
fn no_mutation_of_a_fixture_makes_it_panic_or_linger() {
    let fixtures: Vec<Vec<u8>> = EXPECTED.iter().map(|(name, ..)| fixture(name)).collect();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(400) });
    let edit = (any::<prop::sample::Index>(), 0_u8..5, prop::collection::vec(any::<u8>(), 0..40));
    let strategy = (0..fixtures.len(), prop::collection::vec(edit, 1..12));
    let outcome = runner.run(&strategy, |(which, edits)| {
        let mut raw = fixtures[which].clone();
        for (at, how, bytes) in edits {
            let at = at.index(raw.len() + 1);
            match how {
                0 => raw.truncate(at),
                1 => drop(raw.splice(at..at, bytes)),
                2 => drop(raw.splice(at..(at + bytes.len()).min(raw.len()), bytes)),
                3 => {
                    let copy = raw[at..].to_vec();
                    raw.splice(at..at, copy);
                }
                _ => {
                    let end = (at + bytes.len() * 8).min(raw.len());
                    raw.drain(at..end);
                }
            }
            raw.truncate(LIMIT);
        }
        let (report, took) = timed(&raw);
        let _ = report.about(Some(ANI));
        prop_assert!(took < PATIENCE, "{:?}", took);
        Ok(())
    });
    outcome.unwrap();
}
