//! The bytes of a message, read back by an independent parser.

use chrono::DateTime;
use gaung::mail::compose::{ComposeError, compose};
use gaung::mail::dkim::Signer;
use gaung::mail::envelope::Address;
use gaung::mail::message::{BuildError, ListHeaders, MailHeaders, Party, build};
use gaung::mail::render::{MailContext, Rendered};
use mail_parser::{HeaderValue, MessageParser, MimeHeaders as _};

pub fn party(name: &str, address: &str) -> Party {
    Party { name: name.to_owned(), address: Address::parse(address).unwrap() }
}

pub fn headers() -> MailHeaders {
    MailHeaders {
        from: party("Kementerian Contoh", "gaung@example.go.id"),
        to: party("Sari Dewi", "sari@example.go.id"),
        reply_to: None,
        sent_at: DateTime::parse_from_rfc3339("2026-08-17T03:04:05Z").unwrap().to_utc(),
        message_id: "<0198b5e2-7a10-7c3e-9d55-1f2e3d4c5b6a@gaung.example.go.id>".to_owned(),
        list: Some(ListHeaders {
            unsubscribe_url: format!("https://gaung.example.go.id/u/{}", "t0ken".repeat(60)),
            unsubscribe_mailto: Some(Address::parse("unsub+x@example.go.id").unwrap()),
            list_id: "tugas.gaung.example.go.id".to_owned(),
        }),
        campaign: Some("0198b5e2".to_owned()),
        feedback_id: Some("0198b5e2:w1:task:kemencontoh".to_owned()),
    }
}

pub fn texts() -> Rendered {
    Rendered {
        subject: "Ajakan: naïve – “ujian” 你好 🙏".to_owned(),
        text: format!("Halo Sari,\n.dot\nhttps://example.org/{}\n", "é".repeat(400)),
        html: "<p>Halo <b>Sari</b>é</p>".to_owned(),
        calendar: None,
    }
}

#[test]
fn every_header_and_part_reads_back_as_it_was_meant() {
    let bytes = build(&headers(), &texts()).unwrap();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(parsed.subject(), Some(texts().subject.as_str()));
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Kementerian Contoh"), Some("gaung@example.go.id")));
    let to = parsed.to().unwrap().first().unwrap();
    assert_eq!((to.name(), to.address()), (Some("Sari Dewi"), Some("sari@example.go.id")));
    assert_eq!(parsed.message_id(), Some("0198b5e2-7a10-7c3e-9d55-1f2e3d4c5b6a@gaung.example.go.id"));
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-08-17T03:04:05Z");
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), texts().text);
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), texts().html);
    let raw = |name: &str| parsed.header_raw(name).map(|v| v.replace("\r\n", "").trim().to_owned()).unwrap_or_default();
    let list = headers().list.unwrap();
    assert_eq!(
        raw("List-Unsubscribe"),
        format!("<{}>, <mailto:unsub+x@example.go.id?subject=unsubscribe>", list.unsubscribe_url)
    );
    assert_eq!(raw("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(raw("List-Id"), "<tugas.gaung.example.go.id>");
    assert_eq!(raw("Auto-Submitted"), "auto-generated");
    assert_eq!(raw("X-Gaung-Campaign"), "0198b5e2");
    assert_eq!(raw("Feedback-ID"), "0198b5e2:w1:task:kemencontoh");
    assert_eq!(raw("MIME-Version"), "1.0");
    assert!(
        matches!(parsed.header("Content-Type"), Some(HeaderValue::ContentType(c)) if c.ctype() == "multipart" && c.subtype() == Some("alternative"))
    );
    assert_eq!(parsed.parts.len(), 3);
}

#[test]
fn a_calendar_goes_beside_the_texts_as_a_file() {
    let calendar = "BEGIN:VCALENDAR\r\nSUMMARY:Tugas é\r\nEND:VCALENDAR\r\n";
    let bytes = build(&headers(), &Rendered { calendar: Some(calendar.to_owned()), ..texts() }).unwrap();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert!(
        matches!(parsed.header("Content-Type"), Some(HeaderValue::ContentType(c)) if c.ctype() == "multipart" && c.subtype() == Some("mixed"))
    );
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), texts().text);
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), texts().html);
    let part = parsed.attachment(0).unwrap();
    assert_eq!((part.attachment_name(), part.text_contents()), (Some("gaung.ics"), Some(calendar)));
    let kind = part.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype(), kind.attribute("method")), ("text", Some("calendar"), Some("PUBLISH")));
    assert_eq!(parsed.attachment_count(), 1);
    assert!(bytes.is_ascii() && bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999));
    assert_eq!(build(&headers(), &Rendered { calendar: Some("a\0".to_owned()), ..texts() }), Err(BuildError::NulInText));
}

#[test]
fn the_bytes_keep_the_rules_of_the_wire() {
    let bytes = build(&headers(), &texts()).unwrap();
    assert!(bytes.is_ascii(), "no 8BITMIME needed");
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999));
    for pair in bytes.windows(2) {
        assert_eq!(pair[0] == b'\r', pair[1] == b'\n', "a lone CR or LF");
    }
    assert_eq!(bytes, build(&headers(), &texts()).unwrap(), "the same at every attempt");
    let other = Rendered { html: "<p>other</p>".to_owned(), ..texts() };
    assert_ne!(bytes, build(&headers(), &other).unwrap());
}

#[test]
fn names_of_every_kind_survive() {
    for name in ["Dr. Siti \"Ani\" Rahmawati, M.Si.", "O'Neil <admin>", "Łukasz Żółć", "王小明", "=?utf-8?q?x?=", "a@b", "\\", ""]
    {
        let bytes = build(&MailHeaders { to: party(name, "sari@example.go.id"), ..headers() }, &texts()).unwrap();
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        let to = parsed.to().unwrap();
        assert_eq!(to.iter().count(), 1, "{name}");
        assert_eq!(to.first().unwrap().address(), Some("sari@example.go.id"), "{name}");
        if !name.starts_with("=?") {
            assert_eq!(to.first().unwrap().name().unwrap_or_default(), name);
        }
    }
}

#[test]
fn international_addresses_stand_in_the_header_as_in_the_envelope() {
    let bytes = build(&MailHeaders { to: party("Sari", "sari@bücher.example"), ..headers() }, &texts()).unwrap();
    assert!(bytes.is_ascii());
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("sari@xn--bcher-kva.example"));
    let bytes = build(&MailHeaders { to: party("Δ", "δοκιμή@example.org"), ..headers() }, &texts()).unwrap();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("δοκιμή@example.org"));
}

#[test]
fn what_could_split_or_turn_a_header_is_refused_by_name() {
    for bad in
        ["a\rb", "a\nb", "a\r\nBcc: x@example.org", "a\0b", "a\u{7}b", "a\u{202E}b", "a\u{2066}b", "a\u{2028}b", "a\u{85}b"]
    {
        let unsafe_in = |header| Err(BuildError::UnsafeCharacter { header });
        assert_eq!(build(&MailHeaders { to: party(bad, "a@example.org"), ..headers() }, &texts()), unsafe_in("To"), "{bad:?}");
        assert_eq!(
            build(&MailHeaders { from: party(bad, "a@example.org"), ..headers() }, &texts()),
            unsafe_in("From"),
            "{bad:?}"
        );
        let reply_to = Some(party(bad, "a@example.org"));
        assert_eq!(build(&MailHeaders { reply_to, ..headers() }, &texts()), unsafe_in("Reply-To"), "{bad:?}");
        assert_eq!(build(&headers(), &Rendered { subject: bad.to_owned(), ..texts() }), unsafe_in("Subject"), "{bad:?}");
        let malformed = |result: Result<Vec<u8>, BuildError>| matches!(result, Err(BuildError::Malformed { .. }));
        assert!(malformed(build(&MailHeaders { message_id: format!("<{bad}@x>"), ..headers() }, &texts())), "{bad:?}");
        assert!(malformed(build(&MailHeaders { campaign: Some(bad.to_owned()), ..headers() }, &texts())), "{bad:?}");
        assert!(malformed(build(&MailHeaders { feedback_id: Some(format!("a:{bad}")), ..headers() }, &texts())), "{bad:?}");
        let list = |url: String, id: &str| {
            let list = ListHeaders { unsubscribe_url: url, list_id: id.to_owned(), ..headers().list.unwrap() };
            MailHeaders { list: Some(list), ..headers() }
        };
        assert!(malformed(build(&list(format!("https://x/{bad}"), "l.example.org"), &texts())), "{bad:?}");
        assert!(malformed(build(&list("https://x/".to_owned(), bad), &texts())), "{bad:?}");
    }
    for url in ["javascript:alert(1)", "https://x/>,<https://evil", "/relative", ""] {
        let list = ListHeaders { unsubscribe_url: url.to_owned(), ..headers().list.unwrap() };
        assert!(build(&MailHeaders { list: Some(list), ..headers() }, &texts()).is_err(), "{url}");
    }
}

#[test]
fn extremes_are_errors_never_panics() {
    let sent_at = |seconds| MailHeaders { sent_at: DateTime::from_timestamp(seconds, 0).unwrap(), ..headers() };
    assert_eq!(build(&sent_at(-1), &texts()), Err(BuildError::Date));
    assert_eq!(build(&sent_at(253_402_300_800), &texts()), Err(BuildError::Date));
    assert!(build(&sent_at(253_402_300_799), &texts()).is_ok());
    assert_eq!(build(&headers(), &Rendered { text: "a\0".to_owned(), ..texts() }), Err(BuildError::NulInText));
    let long = party(&"x".repeat(2_000), "a@example.org");
    let result = build(&MailHeaders { to: long, ..headers() }, &texts());
    assert!(matches!(result, Ok(_) | Err(BuildError::LongLine)), "{result:?}");
    let subject = Rendered { subject: "y".repeat(5_000), ..texts() };
    assert_eq!(build(&headers(), &subject), Err(BuildError::LongLine));
    assert!(
        build(&headers(), &Rendered { subject: String::new(), text: String::new(), html: String::new(), calendar: None }).is_ok()
    );
}

#[test]
fn composing_joins_texts_and_headers_and_a_bad_name_is_an_error_of_that_mail_alone() {
    let context = MailContext::Task(super::render::task(gaung::domain::locale::Locale::Id));
    let bytes = compose(&context, &headers(), &Signer::default(), headers().sent_at).unwrap().bytes;
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert!(parsed.body_text(0).unwrap().contains("https://gaung.example.go.id/t/k"));
    let bad = MailHeaders { to: party("Sari\rDewi", "a@example.org"), ..headers() };
    let expected = ComposeError::Build(BuildError::UnsafeCharacter { header: "To" });
    assert_eq!(compose(&context, &bad, &Signer::default(), bad.sent_at), Err(expected));
}
