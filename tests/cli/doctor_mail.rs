//! `gaung doctor mail` and `gaung mail dkim-key`: from nothing published to a domain that is sound, by what they say.

use std::path::Path;

use serde_json::Value;

use super::run::{Ran, Site};
use crate::support::database::Engine;
use crate::support::dns_server::DnsServer;
use crate::support::smtp_server::{Certificate, Encryption, Script, SmtpServer};

const DOMAIN: &str = "kemencontoh.example";

fn checks(ran: &Ran, level: &str) -> Vec<String> {
    let found = ran.json();
    let found = found.as_array().unwrap().iter().filter(|finding| finding["level"] == level);
    found.map(|finding| finding["check"].as_str().unwrap().to_owned()).collect()
}

/// A configuration whose mail goes to this relay, signed with these keys.
fn settings(site: &Site, relay: &SmtpServer, keys: &[&str]) {
    let keys: Vec<String> =
        keys.iter().map(|k| format!("{{ domain = \"{DOMAIN}\", selector = \"{k}\", key_file = \"{k}.pem\" }}")).collect();
    let text = format!(
        "[mail]\ntransport = \"smtp\"\nfrom_address = \"gaung@{DOMAIN}\"\nbounce_address = \"pantulan@surat.{DOMAIN}\"\ndkim = [{}]\n[mail.smtp]\nhost = \"localhost\"\nport = {}\ntls = \"required\"\nca_file = \"{}\"\n",
        keys.join(", "),
        relay.port(),
        relay.ca_file().display()
    );
    site.file("gaung.toml", &text);
}

fn doctor(site: &Site, dns: &DnsServer, more: &[&str]) -> Ran {
    let resolver = dns.addr.to_string();
    let arguments = ["doctor", "mail", "--config", "gaung.toml", "--resolver", &resolver, "--sends-from", "198.51.100.7"];
    site.run(&[&arguments[..], more].concat())
}

#[test]
fn from_nothing_published_to_a_sound_domain_by_what_it_says() {
    let site = Site::new(Engine::Sqlite);
    let relay = SmtpServer::start(Script { encryption: Encryption::StartTls(Certificate::Good), ..Script::default() });
    let dns = DnsServer::start();
    let make = |algorithm: &str, selector: &str| {
        let out = format!("{selector}.pem");
        let arguments = ["mail", "dkim-key", "--algorithm", algorithm, "--selector", selector, "--domain", DOMAIN, "--out", &out];
        site.run_bare(&[&arguments[..], &["--format", "json"]].concat()).ends(0).json()
    };
    let records: Vec<Value> = vec![make("rsa", "g2026a"), make("ed25519", "g2026b")];
    settings(&site, &relay, &["g2026a", "g2026b"]);

    let ran = doctor(&site, &dns, &["--format", "json"]).ends(1);
    let missing = ["mx kemencontoh.example", "mx surat.kemencontoh.example", "spf", "dkim g2026a", "dkim g2026b", "dmarc"];
    assert_eq!(checks(&ran, "fail"), missing, "{ran:?}");
    assert_eq!(checks(&ran, "ok")[0], "relay");

    for host in [DOMAIN, "surat.kemencontoh.example"] {
        dns.mx(host, &["mx.kemencontoh.example."]);
    }
    dns.addresses("mx.kemencontoh.example", &["192.0.2.25"]);
    let advised = ran.json();
    let lines: Vec<&str> =
        advised.as_array().unwrap().iter().flat_map(|f| f["publish"].as_array().unwrap()).map(|l| l.as_str().unwrap()).collect();
    for record in &records {
        assert!(lines.contains(&record["record"].as_str().unwrap()), "the doctor and the key's maker say the same");
    }
    for line in &lines {
        dns.zone_line(line);
    }
    let ran = doctor(&site, &dns, &["--format", "json"]).ends(0);
    assert_eq!((checks(&ran, "fail").len(), checks(&ran, "warn")), (0, vec!["dmarc".to_owned()]), "{ran:?}");
    let text = doctor(&site, &dns, &[]).ends(0).out;
    assert!(
        text.contains("ok    relay") && text.contains("certificate verified until 4096-01-01") && text.contains("warn  dmarc"),
        "{text}"
    );
    assert!(text.contains("198.51.100.7 pass"), "{text}");
}

#[test]
fn a_relay_with_a_wrong_certificate_and_a_key_that_is_missing_are_found() {
    let site = Site::new(Engine::Sqlite);
    let dns = DnsServer::start();
    for certificate in [Certificate::OtherName, Certificate::SelfSigned] {
        let relay = SmtpServer::start(Script { encryption: Encryption::StartTls(certificate), ..Script::default() });
        settings(&site, &relay, &["tidak-ada"]);
        let ran = doctor(&site, &dns, &["--format", "json"]).ends(1);
        let failed = checks(&ran, "fail");
        assert_eq!(failed[..2], ["relay".to_owned(), "dkim".to_owned()], "{ran:?}");
        assert!(ran.out.contains("certificate") && ran.out.contains("tidak-ada.pem"), "{ran:?}");
    }
    // Without a relay and a domain there is little to look at, and it says so.
    site.file("gaung.toml", "");
    let ran = doctor(&site, &dns, &["--format", "json"]).ends(1);
    assert_eq!((checks(&ran, "warn"), checks(&ran, "fail")), (vec!["relay".to_owned()], vec!["from".to_owned()]));
}

#[test]
fn a_key_is_its_owners_alone_and_never_written_over() {
    let site = Site::new(Engine::Sqlite);
    let arguments =
        ["mail", "dkim-key", "--algorithm", "rsa", "--selector", "g1", "--domain", "Kemencontoh.Example.", "--out", "g1.pem"];
    let ran = site.run_bare(&arguments).ends(0);
    assert!(ran.out.starts_with("g1._domainkey.kemencontoh.example. IN TXT \"v=DKIM1; k=rsa; p=MII"), "{ran:?}");
    assert!(ran.out.split('"').all(|string| string.len() <= 255) && ran.out.lines().count() == 1, "{ran:?}");
    assert!(ran.err.contains("selector = \"g1\"") && !ran.out.contains("PRIVATE") && !ran.err.contains("BEGIN"), "{ran:?}");
    let path = site.dir.path().join("g1.pem");
    let first = std::fs::read(&path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    site.run_bare(&arguments).ends(1).complains("never overwritten");
    assert_eq!(std::fs::read(&path).unwrap(), first);
    let elsewhere =
        ["mail", "dkim-key", "--algorithm", "rsa", "--selector", "g1", "--domain", DOMAIN, "--out", "tidak/ada/g1.pem"];
    site.run_bare(&elsewhere).ends(3).complains("tidak/ada/g1.pem");
    let wrong = ["mail", "dkim-key", "--algorithm", "rsa", "--selector", "g 1", "--domain", DOMAIN, "--out", "x.pem"];
    site.run_bare(&wrong).ends(2);
    assert!(!Path::new("x.pem").exists());
}
