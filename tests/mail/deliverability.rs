//! What DNS says of a sender, asked of a real name server: every verdict, and that publishing what is advised mends it.

use std::net::IpAddr;

use gaung::config::DkimKey;
use gaung::mail::deliverability::dns::{Dns, DnsFault};
use gaung::mail::deliverability::spf::{Verdict, Walk};
use gaung::mail::deliverability::{Finding, Level, Sender, look};
use gaung::mail::dkim::Signer;

use crate::support::dns_server::DnsServer;

const DOMAIN: &str = "kemencontoh.example";

/// A signer whose key files are its owner's alone.
fn signer(domain: &str) -> Signer {
    use std::os::unix::fs::PermissionsExt as _;
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/keys");
    let dir = tempfile::tempdir().unwrap();
    let key = |name: &str| {
        let key_file = dir.path().join(format!("{name}.pem"));
        std::fs::copy(from.join(format!("{name}.pem")), &key_file).unwrap();
        std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o600)).unwrap();
        DkimKey { domain: domain.to_owned(), selector: name.to_owned(), key_file }
    };
    Signer::load(&[key("pkcs8"), key("ed25519")]).unwrap()
}

fn sender(addresses: &[&str]) -> Sender {
    Sender {
        from_domain: DOMAIN.to_owned(),
        bounce_domain: DOMAIN.to_owned(),
        signer: signer(DOMAIN),
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        told: true,
    }
}

fn dns(server: &DnsServer) -> Dns {
    Dns::new(Some(server.addr)).unwrap()
}

/// A server on which everything is as it should be.
fn sound() -> DnsServer {
    let server = DnsServer::start();
    server
        .mx(DOMAIN, &["mx.kemencontoh.example."])
        .addresses("mx.kemencontoh.example", &["192.0.2.25"])
        .texts(DOMAIN, &["google-site-verification=x", "v=spf1 ip4:198.51.100.7 -all"])
        .texts("_dmarc.kemencontoh.example", &["v=DMARC1; p=quarantine; rua=mailto:dmarc@kemencontoh.example"]);
    for key in signer(DOMAIN).keys() {
        server.texts(&key.record_name(), &[&key.key.record().unwrap()]);
    }
    server
}

fn of<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    findings.iter().find(|f| f.check == check).unwrap_or_else(|| panic!("no {check} in {findings:#?}"))
}

#[tokio::test]
async fn a_sound_domain_passes_in_every_check() {
    let server = sound();
    let findings = look(&dns(&server), &sender(&["198.51.100.7"])).await;
    assert!(findings.iter().all(|f| f.level == Level::Ok && f.publish.is_empty()), "{findings:#?}");
    assert!(of(&findings, "mx kemencontoh.example").found.contains("mx.kemencontoh.example (192.0.2.25)"));
    assert!(of(&findings, "spf").found.contains("198.51.100.7 pass"));
    assert!(of(&findings, "dkim pkcs8").found.contains("rsa"), "a key of several strings");
    assert!(of(&findings, "dmarc").found.contains("p=quarantine"));
}

#[tokio::test]
async fn what_it_says_to_publish_is_what_is_missing() {
    let server = DnsServer::start();
    server.mx(DOMAIN, &["mx.kemencontoh.example."]).addresses("mx.kemencontoh.example", &["192.0.2.25"]);
    let sender = sender(&["198.51.100.7", "2001:db8::7"]);
    let before = look(&dns(&server), &sender).await;
    for check in ["spf", "dkim pkcs8", "dkim ed25519", "dmarc"] {
        let finding = of(&before, check);
        assert_eq!((finding.level, finding.publish.len()), (Level::Fail, 1), "{finding:#?}");
    }
    for line in before.iter().flat_map(|finding| &finding.publish) {
        server.zone_line(line);
    }
    let after = look(&dns(&server), &sender).await;
    assert!(after.iter().all(|f| f.level != Level::Fail), "{after:#?}");
    // A beginner's DMARC watches only, and says what comes next.
    let dmarc = of(&after, "dmarc");
    assert_eq!(dmarc.level, Level::Warn);
    server.zone_line(&dmarc.publish[0]);
    let last = look(&dns(&server), &sender).await;
    assert!(last.iter().all(|f| f.level == Level::Ok), "{last:#?}");
}

#[tokio::test]
async fn a_domain_that_takes_no_mail_is_found() {
    let server = sound();
    let check = "mx kemencontoh.example";
    let level = async || {
        let findings = look(&dns(&server), &sender(&[])).await;
        (of(&findings, check).level, of(&findings, check).found.clone())
    };
    server.mx(DOMAIN, &["."]);
    assert_eq!(level().await, (Level::Fail, "a null MX".to_owned()));
    server.mx(DOMAIN, &["mx.kemencontoh.example.", "tidak.ada.example."]);
    assert_eq!(level().await.0, Level::Warn);
    server.mx(DOMAIN, &["tidak.ada.example."]);
    assert_eq!(level().await.0, Level::Fail);
    server.mx(DOMAIN, &[]);
    assert_eq!(level().await.0, Level::Fail, "no MX and no address");
    server.addresses(DOMAIN, &["192.0.2.1"]);
    assert_eq!(level().await.0, Level::Warn, "an address alone");
    server.fails(DOMAIN);
    let (level, found) = level().await;
    assert!(level == Level::Fail && found.to_lowercase().contains("server fail"), "{found}");
}

/// The verdict on one address, after following the whole record.
async fn verdict(server: &DnsServer, domain: &str, ip: &str) -> (Verdict, u32) {
    let dns = dns(server);
    let mut walk = Walk::new(&dns, ip.parse::<IpAddr>().ok());
    let verdict = walk.check(domain).await;
    (verdict, walk.lookups())
}

#[tokio::test]
async fn spf_is_followed_as_receivers_follow_it() {
    let server = DnsServer::start();
    server
        .texts("a.example", &["v=spf1 include:i.example a:h.example/24 mx ?exists:e.example redirect=r.example"])
        .texts("i.example", &["v=spf1 ip4:192.0.2.0/28 -all"])
        .texts("r.example", &["v=spf1 ip6:2001:db8::/32 ~all"])
        .addresses("h.example", &["198.51.100.1"])
        .mx("a.example", &["m1.example.", "m2.example."])
        .addresses("m1.example", &["203.0.113.1"])
        .addresses("m2.example", &["2001:db8:1::1"]);
    for (ip, expected, lookups) in [
        ("192.0.2.15", Verdict::Pass, 1),
        ("198.51.100.200", Verdict::Pass, 2),
        ("203.0.113.1", Verdict::Pass, 3),
        ("2001:db8:1::1", Verdict::Pass, 3),
        ("2001:db8:2::1", Verdict::Pass, 5),
        ("192.0.2.16", Verdict::SoftFail, 5),
    ] {
        assert_eq!(verdict(&server, "a.example", ip).await, (expected, lookups), "{ip}");
    }
    server.addresses("e.example", &["127.0.0.2"]);
    assert_eq!(verdict(&server, "a.example", "192.0.2.16").await.0, Verdict::Neutral);
    assert_eq!(verdict(&server, "none.example", "192.0.2.1").await.0, Verdict::None);
    server.texts("open.example", &["v=spf1"]).texts("deny.example", &["V=SPF1 -ALL"]);
    assert_eq!(verdict(&server, "open.example", "192.0.2.1").await.0, Verdict::Neutral);
    assert_eq!(verdict(&server, "deny.example", "192.0.2.1").await.0, Verdict::Fail);
}

#[tokio::test]
async fn spf_records_that_receivers_give_up_on_are_told() {
    let server = sound();
    server
        .texts("loop.example", &["v=spf1 include:loop.example -all"])
        .texts("void.example", &["v=spf1 a:x1.example a:x2.example a:x3.example -all"]);
    server.texts("chain.example", &["v=spf1 include:none.example -all"]).fails("broken.example");
    for (name, word) in [
        ("v=spf1 include:loop.example -all", "more than 10 lookups"),
        ("v=spf1 include:void.example -all", "do not exist"),
        ("v=spf1 include:chain.example -all", "include:none.example has no SPF record"),
        ("v=spf1 redirect=none.example", "redirect=none.example has no SPF record"),
        ("v=spf1 ipv4:192.0.2.1 -all", "is no term of SPF"),
        ("v=spf1 include:broken.example -all", "broken.example"),
    ] {
        server.texts(DOMAIN, &[name]);
        let findings = look(&dns(&server), &sender(&["198.51.100.7"])).await;
        let spf = of(&findings, "spf");
        assert!(spf.level == Level::Fail && spf.found.contains(word), "{name}: {spf:#?}");
    }
    server.texts(DOMAIN, &["v=spf1 ip4:198.51.100.7 -all", "v=spf1 mx -all"]);
    let findings = look(&dns(&server), &sender(&["198.51.100.7"])).await;
    assert!(of(&findings, "spf").found.contains("2 SPF records"), "{findings:#?}");
    server.texts(DOMAIN, &["v=spf1 mx +all"]);
    let findings = look(&dns(&server), &sender(&["198.51.100.7"])).await;
    assert_eq!(of(&findings, "spf").publish, ["kemencontoh.example. IN TXT \"v=spf1 mx ~all\""]);
}

#[tokio::test]
async fn an_address_that_spf_does_not_name_fails_if_told_and_warns_if_guessed() {
    let server = sound();
    let told = look(&dns(&server), &sender(&["203.0.113.9"])).await;
    let spf = of(&told, "spf");
    assert_eq!(spf.level, Level::Fail);
    assert_eq!(spf.publish, ["kemencontoh.example. IN TXT \"v=spf1 ip4:198.51.100.7 ip4:203.0.113.9 -all\""]);
    let guessed = look(&dns(&server), &Sender { told: false, ..sender(&["203.0.113.9"]) }).await;
    assert_eq!(of(&guessed, "spf").level, Level::Warn);
    let unknown = look(&dns(&server), &sender(&[])).await;
    assert!(of(&unknown, "spf").level == Level::Ok && of(&unknown, "spf").advice.contains("--sends-from"));
}

#[tokio::test]
async fn a_key_that_is_not_the_published_one_is_found() {
    let server = sound();
    let name = "ed25519._domainkey.kemencontoh.example";
    let right = signer(DOMAIN).keys()[1].key.record().unwrap();
    let other = signer(DOMAIN).keys()[0].key.record().unwrap();
    for (texts, level, word) in [
        (vec![], Level::Fail, "is not published"),
        (vec![other.as_str()], Level::Fail, "another key"),
        (vec![right.as_str(), other.as_str()], Level::Fail, "2 records"),
        (vec!["v=DKIM1; k=ed25519; p="], Level::Fail, "withdrawn"),
        (vec!["v=DKIM1; k=ed25519; p=%"], Level::Fail, "no key record"),
        (vec!["bukan"], Level::Fail, "no key record"),
        (vec![&*format!("{right}; t=y")], Level::Warn, "test mode"),
        (vec![&*format!("{right}; h=sha1")], Level::Fail, "SHA-256"),
    ] {
        server.texts(name, &texts);
        let findings = look(&dns(&server), &sender(&[])).await;
        let key = of(&findings, "dkim ed25519");
        assert!(key.level == level && key.found.contains(word), "{texts:?}: {key:#?}");
        assert_eq!(key.publish, [format!("{name}. IN TXT \"{right}\"")]);
        assert_eq!(of(&findings, "dkim pkcs8").level, Level::Ok);
    }
    let none = look(&dns(&server), &Sender { signer: Signer::default(), ..sender(&[]) }).await;
    assert_eq!(of(&none, "dkim").level, Level::Warn);
}

#[tokio::test]
async fn dmarc_is_found_up_the_tree_and_its_alignment_judged() {
    let server = sound();
    let under = |signed: &str, bounce: &str| Sender {
        from_domain: "humas.kemencontoh.example".to_owned(),
        bounce_domain: bounce.to_owned(),
        signer: signer(signed),
        addresses: Vec::new(),
        told: false,
    };
    let policy = |text: &str| {
        server.texts("_dmarc.kemencontoh.example", &[text]);
    };
    let level = async |sender: Sender, check: &str| of(&look(&dns(&server), &sender).await, check).level;
    let relaxed = || under("surat.kemencontoh.example", DOMAIN);
    assert_eq!(level(relaxed(), "dmarc alignment").await, Level::Ok);
    assert_eq!(level(under("lain.example", DOMAIN), "dmarc alignment").await, Level::Warn);
    assert_eq!(level(under(DOMAIN, "lain.example"), "dmarc alignment").await, Level::Ok);
    assert_eq!(level(under("lain.example", "lain.example"), "dmarc alignment").await, Level::Fail);
    policy("v=DMARC1; p=reject; adkim=s; aspf=s");
    assert_eq!(level(relaxed(), "dmarc alignment").await, Level::Fail);
    policy("v=DMARC1; p=reject; sp=none");
    assert_eq!(level(relaxed(), "dmarc").await, Level::Warn, "the policy of subdomains");
    policy("v=DMARC1; p=rejct");
    assert_eq!(level(relaxed(), "dmarc").await, Level::Fail);
    server.texts("_dmarc.kemencontoh.example", &["v=DMARC1; p=none", "v=DMARC1; p=reject"]);
    assert_eq!(level(relaxed(), "dmarc").await, Level::Fail);
    policy("v=spf1 -all");
    assert_eq!(level(relaxed(), "dmarc").await, Level::Fail);
}

#[tokio::test]
async fn answers_that_are_cut_silent_or_absent_are_told_apart() {
    let server = DnsServer::start();
    let long = "x".repeat(1_200);
    server.cut("cut.example", &[&long]).silent("silent.example").fails("broken.example").texts("two.example", &[&long, "b"]);
    let dns = dns(&server);
    assert_eq!(dns.texts("cut.example").await, Ok(vec![long.clone()]), "asked again over TCP");
    assert_eq!(dns.texts("two.example").await, Ok(vec![long, "b".to_owned()]));
    assert_eq!(dns.texts("tidak.example").await, Err(DnsFault::NoSuchName));
    assert_eq!(dns.exchangers("two.example").await, Ok(vec![]), "the name is there, and has none");
    assert!(
        matches!(dns.texts("broken.example").await, Err(DnsFault::Failed(why)) if why.to_lowercase().contains("server fail"))
    );
    assert!(matches!(dns.texts("silent.example").await, Err(DnsFault::Failed(why)) if why.contains("in time")), "no answer");
    drop(server);
    assert!(matches!(dns.texts("later.example").await, Err(DnsFault::Failed(_))));
}

#[tokio::test]
async fn a_key_that_every_user_may_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;
    let (server, dir) = (sound(), tempfile::tempdir().unwrap());
    let key_file = dir.path().join("k.pem");
    std::fs::copy(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/keys/ed25519.pem"), &key_file).unwrap();
    std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let key = DkimKey { domain: DOMAIN.to_owned(), selector: "ed25519".to_owned(), key_file };
    let findings = look(&dns(&server), &Sender { signer: Signer::load(&[key]).unwrap(), ..sender(&[]) }).await;
    let warned = findings.iter().find(|f| f.check == "dkim ed25519" && f.level == Level::Warn);
    assert!(warned.is_some_and(|f| f.advice.contains("chmod 600")), "{findings:#?}");
}
