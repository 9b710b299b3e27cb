//! Every message, read by programs that did not write it: Python's `email` package, and the `ical` crate.

use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};
use gaung::domain::text_enum::TextEnum as _;
use gaung::mail::compose::compose;
use gaung::mail::envelope::Address;
use gaung::mail::message::{ListHeaders, MailHeaders, Party};
use ical::parser::ical::component::IcalEvent;
use serde_json::Value;

use super::render::samples;

/// Reads one message and says what it found as JSON; any defect that the parser notices is in `defects`.
const READER: &str = r#"
import email, email.policy, json, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
defects = [repr(d) for part in m.walk() for d in part.defects]
defects += [f"{k}: {d!r}" for part in m.walk() for k, v in part.items() for d in getattr(v, "defects", ())]
part = lambda kind: (lambda p: p and p.get_content())(m.get_body((kind,)))
files = [{"type": p.get_content_type(), "charset": p.get_content_charset(), "name": p.get_filename(), "method": p.get_param("method"),
          "text": p.get_content()} for p in m.iter_attachments()]
print(json.dumps({"defects": defects, "type": m.get_content_type(), "subject": str(m["subject"]), "date": m["date"].datetime.isoformat(),
  "from": [a.display_name for a in m["from"].addresses], "to": [a.addr_spec for a in m["to"].addresses], "id": str(m["message-id"]),
  "unsubscribe": str(m["list-unsubscribe"]), "auto": str(m["auto-submitted"]),
  "charsets": [p.get_content_charset() for p in m.walk() if p.get_content_maintype() == "text"],
  "plain": part("plain"), "html": part("html"), "files": files}))
"#;

fn sent_at() -> DateTime<Utc> {
    "2026-08-15T01:00:00Z".parse().unwrap()
}

fn headers() -> MailHeaders {
    let party = |name: &str, address: &str| Party { name: name.to_owned(), address: Address::parse(address).unwrap() };
    MailHeaders {
        from: party("Kementerian Contoh, Satuan “Gaung”", "gaung@example.go.id"),
        to: party("Sari Dewi Rahmawati, S.Kom.", "sari@example.go.id"),
        reply_to: None,
        sent_at: sent_at(),
        message_id: "<0198b5e2-7a10-7c3e-9d55-1f2e3d4c5b6a@gaung.example.go.id>".to_owned(),
        list: Some(ListHeaders {
            unsubscribe_url: format!("https://gaung.example.go.id/u/{}", "t0ken".repeat(12)),
            unsubscribe_mailto: None,
            list_id: "campaigns.gaung.example.go.id".to_owned(),
        }),
        campaign: Some("0198b5e2".to_owned()),
        feedback_id: None,
    }
}

fn read_by_python(message: &[u8]) -> Value {
    let mut python = Command::new("python3")
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed by scripts/test");
    python.stdin.take().unwrap().write_all(message).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn python_reads_every_message_without_a_defect() {
    for (name, locale, context) in samples() {
        let message = compose(&context, &headers(), &gaung::mail::dkim::Signer::default(), sent_at()).unwrap().bytes;
        let read = read_by_python(&message);
        assert_eq!(read["defects"], serde_json::json!([]), "{name} {locale}");
        assert_eq!(read["from"][0], "Kementerian Contoh, Satuan “Gaung”");
        assert_eq!(read["to"][0], "sari@example.go.id");
        assert_eq!(read["date"], "2026-08-15T01:00:00+00:00");
        assert_eq!(read["auto"], "auto-generated");
        assert!(read["subject"].as_str().is_some_and(|s| !s.is_empty() && !s.contains("=?")), "{name} {locale}: {read}");
        assert!(read["unsubscribe"].as_str().is_some_and(|s| s.starts_with("<https://")), "{name} {locale}");
        assert!(
            read["charsets"].as_array().unwrap().iter().all(|c| c == "utf-8" || c == "us-ascii"),
            "{name}: {}",
            read["charsets"]
        );
        let plain = read["plain"].as_str().unwrap();
        assert!(plain.lines().count() > 8 && plain.contains("https://gaung.example.go.id/"), "{name} {locale}: {plain}");
        assert!(read["html"].as_str().unwrap().contains(&format!("<html lang=\"{}\"", locale.as_str())), "{name} {locale}");
        let files = read["files"].as_array().unwrap();
        let has_deadline = matches!(name, "task" | "operator_task" | "answer_task" | "test" | "digest");
        assert_eq!(
            (read["type"] == "multipart/mixed", files.len()),
            (has_deadline, usize::from(has_deadline)),
            "{name} {locale}"
        );
        for file in files {
            assert_eq!(
                (&file["type"], &file["name"], &file["method"]),
                (&"text/calendar".into(), &"gaung.ics".into(), &"PUBLISH".into())
            );
            check_calendar(file["text"].as_str().unwrap(), if name == "digest" { 3 } else { 1 });
        }
    }
}

fn property<'a>(event: &'a IcalEvent, name: &str) -> &'a str {
    let found = event.properties.iter().find(|property| property.name == name);
    found.and_then(|property| property.value.as_deref()).unwrap_or_default()
}

fn check_calendar(text: &str, events: usize) {
    let mut calendars = ical::IcalParser::new(text.as_bytes());
    let calendar = calendars.next().unwrap().unwrap();
    assert!(calendars.next().is_none());
    let of =
        |name: &str| calendar.properties.iter().filter(|p| p.name == name).filter_map(|p| p.value.clone()).collect::<Vec<_>>();
    assert_eq!((of("METHOD"), of("VERSION")), (vec!["PUBLISH".to_owned()], vec!["2.0".to_owned()]));
    assert_eq!(of("PRODID").len(), 1, "{text}");
    assert_eq!(calendar.events.len(), events);
    for event in &calendar.events {
        assert!(property(event, "UID").ends_with("@gaung.example.go.id"), "{text}");
        assert_eq!(property(event, "DTSTAMP"), "20260815T010000Z");
        let (start, end) = (property(event, "DTSTART"), property(event, "DTEND"));
        assert!(start < end && end > "20260815T010000Z" && end.ends_with('Z'), "{text}");
        assert!(property(event, "URL").starts_with("https://gaung.example.go.id/t/"), "{text}");
        assert!(property(event, "ATTENDEE").is_empty() && property(event, "ORGANIZER").is_empty(), "{text}");
        assert_eq!(property(event, "TRANSP"), "TRANSPARENT");
    }
    // RFC 5545 section 3.1; the crate counts 75 bytes beside the space that begins a continuation.
    assert!(text.lines().all(|line| line.trim_end_matches('\r').trim_start().len() <= 75), "{text}");
}

#[test]
fn the_parser_would_notice_a_broken_message() {
    let broken = b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nno part here\r\n";
    let python = Command::new("python3")
        .args(["-c", "import email, email.policy, sys\nm = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)\nprint(len(m.defects))"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut python = python.unwrap();
    python.stdin.take().unwrap().write_all(broken).unwrap();
    let output = python.wait_with_output().unwrap();
    assert_ne!(String::from_utf8_lossy(&output.stdout).trim(), "0");
}
