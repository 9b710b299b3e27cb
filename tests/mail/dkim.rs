//! Signatures, judged by a verifier that shares nothing with what made them: Debian's dkimpy, in a process of its own.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use gaung::config::DkimKey;
use gaung::mail::dkim::{Algorithm, KeyError, PrivateKey, Signer, record};
use gaung::mail::message::{MailHeaders, build};
use gaung::mail::render::Rendered;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::message::{headers, party, texts};

const DOMAIN: &str = "example.go.id";

fn keys() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/keys")
}

/// A signer with these key files, each under its name as the selector.
fn signer(files: &[&str]) -> Signer {
    let key = |file: &&str| DkimKey {
        domain: DOMAIN.to_owned(),
        selector: (*file).to_owned(),
        key_file: keys().join(format!("{file}.pem")),
    };
    Signer::load(&files.iter().map(key).collect::<Vec<_>>()).unwrap()
}

/// What the signer's keys publish.
pub fn records(signer: &Signer) -> Value {
    signer
        .keys()
        .iter()
        .map(|key| (key.record_name(), json!(key.key.record().unwrap())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The verdict on each signature of each message, all by one process.
pub fn verdicts(records: &Value, messages: &[Vec<u8>]) -> Vec<Vec<Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/verify_dkim.py");
    let mut python = Command::new("/usr/bin/python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Debian's python3, with python3-dkim and python3-nacl");
    let coded: Vec<String> = messages.iter().map(|m| STANDARD.encode(m)).collect();
    let asked = json!({ "records": records, "messages": coded, "now": 2_000_000_000 }).to_string();
    python.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let answer = python.wait_with_output().unwrap();
    assert!(answer.status.success(), "the verifier needs python3-dkim and python3-nacl (scripts/test installs them)");
    serde_json::from_slice(&answer.stdout).unwrap()
}

fn at() -> DateTime<Utc> {
    "2026-08-17T03:04:05Z".parse().unwrap()
}

fn all_good(verdicts: &[Vec<Value>], signatures: usize) {
    for (index, message) in verdicts.iter().enumerate() {
        assert_eq!(message, &vec![json!(true); signatures], "message {index}");
    }
}

#[test]
fn every_kind_of_key_makes_signatures_that_verify_side_by_side() {
    let signer = signer(&["pkcs1", "pkcs8", "ed25519"]);
    let built = build(&headers(), &texts()).unwrap();
    let no_list = build(&MailHeaders { list: None, campaign: None, ..headers() }, &texts()).unwrap();
    let reply = build(&MailHeaders { reply_to: Some(party("Humas", "humas@example.go.id")), ..headers() }, &texts()).unwrap();
    let international = MailHeaders { to: party("Δ", "δοκιμή@example.org"), ..headers() };
    let beyond_ascii = build(&international, &texts()).unwrap();
    let bare = b"From: a@example.go.id\r\n\r\n".to_vec();
    let blank_end = b"From: a@example.go.id\r\nSubject: x\r\n\r\nbody  with\tspaces \r\n\r\n\r\n \r\n".to_vec();
    let no_end = b"From: a@example.go.id\r\nSubject:\r\n\r\n.\r\nno line end".to_vec();
    let signed: Vec<Vec<u8>> = [built, no_list, reply, beyond_ascii, bare, blank_end, no_end]
        .into_iter()
        .map(|message| signer.sign(message, at()).unwrap())
        .collect();
    all_good(&verdicts(&records(&signer), &signed), 3);
    let again = signer.sign(build(&headers(), &texts()).unwrap(), at()).unwrap();
    assert_eq!(again, signed[0], "the same at every attempt");
    let head = String::from_utf8_lossy(&signed[0]);
    let head = head.split("\r\n\r\n").next().unwrap();
    assert!(head.lines().all(|line| line.len() <= 998) && head.starts_with("DKIM-Signature: v=1; a=rsa-sha256;"), "{head}");
    let names = unfolded(head, "h=");
    for name in [
        "From:From",
        "List-Unsubscribe:List-Unsubscribe",
        "List-Unsubscribe-Post:List-Unsubscribe-Post",
        "List-Id",
        "Auto-Submitted",
    ] {
        assert!(names.contains(name), "{name} in {names}");
    }
    assert!(!names.contains("Content-"), "{names}");
}

/// The value of a tag of the first signature, without folds.
fn unfolded(head: &str, tag: &str) -> String {
    let value = head.split(tag).nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_default();
    value.split_whitespace().collect()
}

#[test]
fn what_was_changed_on_the_way_no_longer_verifies_and_what_relays_may_do_still_does() {
    let signer = signer(&["pkcs8", "ed25519"]);
    let message = signer.sign(build(&headers(), &texts()).unwrap(), at()).unwrap();
    let text = String::from_utf8(message).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1).into_bytes()
    };
    let added = |line: &str| format!("{line}\r\n{text}").into_bytes();
    let bad = [
        changed("Halo <b>Sari", "Halo <b>Budi"),
        changed("\r\nTo: ", "\r\nTo: x"),
        changed("/u/t0ken", "/u/tOken"),
        changed("List-Unsubscribe=One-Click", "List-Unsubscribe=Two-Click"),
        changed("List-Id: <tugas", "List-Id: <lain"),
        changed("\r\nSubject: ", "\r\nSubject: x"),
        changed("03:04:05", "03:04:06"),
        added("From: Orang Lain <lain@example.com>"),
        added("Subject: Lain"),
        added("Reply-To: lain@example.com"),
        added("Cc: lain@example.com"),
        added("List-Unsubscribe: <https://example.com/>"),
        format!("{text}\r\nKlik di sini\r\n").into_bytes(),
    ];
    for (index, verdict) in verdicts(&records(&signer), &bad).iter().enumerate() {
        assert!(verdict.len() == 2 && verdict.iter().all(|v| *v != json!(true)), "change {index}: {verdict:?}");
    }
    let good = [
        added("Received: from a.example by b.example; Mon, 17 Aug 2026 03:04:06 +0000"),
        changed("Auto-Submitted: auto-generated", "auto-submitted:\r\n\tauto-generated \t"),
        format!("{text}\r\n\r\n").into_bytes(),
    ];
    all_good(&verdicts(&records(&signer), &good), 2);
    let mut others = records(&signer);
    others["pkcs8._domainkey.example.go.id"] = json!(PrivateKey::generate(Algorithm::Rsa).unwrap().record().unwrap());
    assert_eq!(verdicts(&others, &[text.into_bytes()]), [[json!(false), json!(true)]]);
}

#[test]
fn texts_of_every_shape_verify() {
    let signer = signer(&["ed25519"]);
    let word = "[\\PC&&[^\\u{0}]]{0,40}";
    let shapes = ("\\PC{0,300}", "(\\PC{0,120}[ \t]{0,3}\r?\n){0,12}", word, "[a-z0-9]{1,900}", proptest::bool::ANY);
    let mut runner = TestRunner::deterministic();
    let mut signed = Vec::new();
    while signed.len() < 120 {
        let (subject, text, name, token, list) = shapes.new_tree(&mut runner).unwrap().current();
        let mut head = MailHeaders { to: party(&name, "sari@example.go.id"), ..headers() };
        head.list = head.list.filter(|_| list).map(|mut l| {
            l.unsubscribe_url = format!("https://gaung.example.go.id/u/{token}");
            l
        });
        let html = format!("<p>{text}</p>\r\n\r\n");
        // What the builder refuses is another test's.
        let Ok(bytes) = build(&head, &Rendered { subject, text, html, calendar: None }) else { continue };
        signed.push(signer.sign(bytes, at()).unwrap());
    }
    // Messages that the builder would not make: any header and any body that the wire can carry.
    let raw =
        ("([A-Za-z-]{1,30}:[ \t]?[ -~]{0,200}(\r\n[ \t][!-~][ -~]{0,80}){0,3}\r\n){0,6}", "([ -~\t]{0,90}\r\n){0,8}(\r\n){0,3}");
    for _ in 0..120 {
        let (head, body) = raw.new_tree(&mut runner).unwrap().current();
        signed.push(signer.sign(format!("From: a@example.go.id\r\n{head}\r\n{body}").into_bytes(), at()).unwrap());
    }
    all_good(&verdicts(&records(&signer), &signed), 1);
}

#[test]
fn keys_that_cannot_be_used_are_refused_with_what_to_do() {
    let read = |file: &str| PrivateKey::from_pem(&std::fs::read(keys().join(file)).unwrap()).map(|key| key.algorithm());
    assert_eq!(read("pkcs1.pem"), Ok(Algorithm::Rsa));
    assert_eq!(read("pkcs8.pem"), Ok(Algorithm::Rsa));
    assert_eq!(read("ed25519.pem"), Ok(Algorithm::Ed25519));
    assert_eq!(read("short.pem"), Err(KeyError::Short));
    assert_eq!(read("ec.pem"), Err(KeyError::Kind));
    assert_eq!(read("encrypted.pem"), Err(KeyError::Encrypted));
    for none in
        ["", "kunci", "-----BEGIN PRIVATE KEY-----\nAAAA", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        assert_eq!(PrivateKey::from_pem(none.as_bytes()).map(|_| ()), Err(KeyError::NoKey), "{none}");
    }
    let load = |path: &Path| {
        let key = DkimKey { domain: DOMAIN.to_owned(), selector: "a".to_owned(), key_file: path.to_owned() };
        Signer::load(&[key]).map(|_| ()).unwrap_err().to_string()
    };
    let missing = load(Path::new("/tidak/ada.pem"));
    assert!(missing.starts_with("mail.dkim: /tidak/ada.pem: can't be read"), "{missing}");
    assert!(load(&keys()).contains("is not a file with a key"));
    assert!(load(&keys().join("short.pem")).contains("fewer than 2048 bits"));
}

#[test]
fn a_made_key_reads_back_and_publishes_its_other_half() {
    for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
        let key = PrivateKey::generate(algorithm).unwrap();
        let again = PrivateKey::from_pem(key.pem().unwrap().as_bytes()).unwrap();
        assert_eq!((again.algorithm(), again.public().unwrap()), (algorithm, key.public().unwrap()));
        assert_ne!(key.public().unwrap(), PrivateKey::generate(algorithm).unwrap().public().unwrap());
        let published = record::parse(&key.record().unwrap()).unwrap();
        assert_eq!((published.kind, published.public), (algorithm.to_string(), key.public().unwrap()));
        assert!(!format!("{key:?}").contains("PRIVATE KEY"));
    }
}
