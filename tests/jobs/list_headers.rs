//! The headers by which a mail is stopped and recognised, read from what a real server took, and the button behind them pressed.

use gaung::domain::member::MemberState;
use mail_parser::MessageParser;
use reqwest::{Method, StatusCode};

use super::{settled_tick, smtp_world};
use crate::mail::dkim::verdicts;
use crate::support::campaigns::opened;
use crate::support::database::Engine;
use crate::support::http::Served;
use crate::support::invariants;
use crate::support::smtp_server::{Received, Script, SmtpServer};

const BASE: &str = "https://gaung.kemencontoh.example";

/// A header's value, unfolded by a parser that did not write it; empty where there is none.
fn header(mail: &Received, name: &str) -> String {
    let parsed = MessageParser::default().parse(&mail.data).unwrap();
    let value = parsed.header_raw(name).map(|v| v.split_whitespace().collect::<Vec<_>>().join(" "));
    value.unwrap_or_default()
}

fn signing_env(dir: &std::path::Path) -> String {
    let keys = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/keys");
    let key = |name: &str| {
        let to = dir.join(format!("{name}.pem"));
        std::fs::copy(keys.join(format!("{name}.pem")), &to).unwrap();
        format!("kemencontoh.example:{name}:{}", to.display())
    };
    format!("{},{}", key("pkcs8"), key("ed25519"))
}

async fn a_task_says_how_to_stop_it_and_both_signatures_cover_it_on_arrival(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let dir = tempfile::tempdir().unwrap();
    let dkim = signing_env(dir.path());
    let env = [
        ("GAUNG__INSTITUTION__BASE_URL", BASE),
        ("GAUNG__MAIL__UNSUBSCRIBE_ADDRESS", "unsubscribe@surat.kemencontoh.example"),
        ("GAUNG__MAIL__DKIM", &dkim),
    ];
    let world = smtp_world(engine, &server, &env);
    let crowd = opened(&world, "a", 2).await;
    settled_tick(&world).await;
    let mails = server.messages();
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        let unsubscribe = header(mail, "List-Unsubscribe");
        let (url, mailto) = unsubscribe.split_once(", ").unwrap();
        assert!(url.starts_with(&format!("<{BASE}/u/")) && url.ends_with('>'), "{unsubscribe}");
        let mailto = mailto.strip_prefix("<mailto:").and_then(|m| m.strip_suffix("?subject=unsubscribe>")).unwrap();
        assert!(mailto.starts_with("unsubscribe+") && mailto.ends_with("@surat.kemencontoh.example"), "{mailto}");
        let marked = world.app().return_paths.open(mailto).unwrap();
        assert!(mail.message_id().contains(&marked.to_string()), "its mark is this mail's");
        assert_eq!(header(mail, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert_eq!(header(mail, "List-Id"), "<campaigns.kemencontoh.example>");
        assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
        assert_eq!(header(mail, "Precedence"), "");
        let expected = [crowd.campaign_id.uuid(), crowd.wave_id.uuid()].map(|id| id.simple().to_string());
        assert_eq!(header(mail, "Feedback-ID"), format!("{}:{}:task:kemencontoh", expected[0], expected[1]));
    }
    let records = crate::mail::dkim::records(&world.app().signer);
    let received: Vec<Vec<u8>> = mails.into_iter().map(|mail| mail.data).collect();
    assert_eq!(verdicts(&records, &received), [[true, true], [true, true]], "as it arrived, dots and all");
}

async fn the_button_of_a_delivered_mail_works_without_anything_else(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__INSTITUTION__BASE_URL", BASE)]);
    let crowd = opened(&world, "a", 2).await;
    settled_tick(&world).await;
    let mails = server.messages();
    let member_of = |mail: &Received| {
        let is_theirs = |member| world.member_row(member).email_norm == mail.recipients[0].to_lowercase();
        crowd.people.iter().map(|(member, _)| *member).find(|member| is_theirs(*member)).unwrap()
    };
    let served = Served::start(world.app());
    for (mail, is_multipart) in mails.iter().zip([false, true]) {
        let state = || world.member_row(member_of(mail)).state;
        let path = header(mail, "List-Unsubscribe").trim_matches(['<', '>']).strip_prefix(BASE).unwrap().to_owned();
        let before = invariants::dump(world.app());
        let page = served.anonymous().get(&path).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(invariants::dump(world.app()), before, "looking changes nothing");
        for _ in 0..2 {
            // A mail service's own request, in both forms that RFC 8058 allows: no cookie, no Origin, from anywhere.
            let request = served.anonymous().request(Method::POST, &path);
            let request = if is_multipart {
                let body = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
                request.header("content-type", "multipart/form-data; boundary=x").body(body)
            } else {
                request.header("content-type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click")
            };
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "answered itself, not by a redirect");
            assert!(answer.headers().get("set-cookie").is_none());
            assert_eq!(state(), MemberState::Paused);
        }
        let twice = invariants::dump(world.app());
        served.anonymous().post(&path, &[("List-Unsubscribe", "One-Click")]).await;
        assert_eq!(invariants::dump(world.app()), twice, "once more changes nothing");
    }
    invariants::check(world.app());
}

on_both!(
    a_task_says_how_to_stop_it_and_both_signatures_cover_it_on_arrival,
    the_button_of_a_delivered_mail_works_without_anything_else
);
