//! A campaign's delivery page and the decisions behind it; mail that came back, handed in over the API, by a pipe's code and by maildir.

use std::path::Path;

use diesel::prelude::*;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::event::EventKind;
use gaung::domain::id::MailId;
use gaung::domain::outbox::MailState;
use gaung::store::schema::{assignments, outbox, wave_counts};
use gaung::store::types::At;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::campaigns::{Crowd, counts, mails, opened};
use crate::support::database::Engine;
use crate::support::http::{Served, json as read_json, location, text};
use crate::support::invariants;
use crate::support::world::World;

/// Seven mails: three failed for two reasons, two unknown, two sent.
async fn troubled(world: &World) -> Crowd {
    let crowd = opened(world, "kirim", 7).await;
    gaung::service::delivery::deliver_due_mail(world.app()).await.unwrap();
    let all: Vec<MailId> = mails(world.app(), crowd.wave_id).iter().map(|m| m.id).collect();
    let put = |ids: &[MailId], state: MailState, why: &str| {
        world.change(|tx| {
            diesel::update(outbox::table.filter(outbox::id.eq_any(ids.to_vec())))
                .set((outbox::state.eq(state), outbox::last_error.eq(why), outbox::domain.eq("kemencontoh.example")))
                .execute(tx.conn)?;
            Ok(())
        });
    };
    put(&all[..2], MailState::Failed, "550 5.1.1 <orang@kemencontoh.example>: User unknown");
    put(&all[2..3], MailState::Failed, "554 5.7.1 <orang@kemencontoh.example>: blocked");
    put(&all[3..5], MailState::Unknown, "the lease ran out before an answer");
    // Of these nobody was told, as far as is known.
    world.change(|tx| {
        let untold = outbox::table.filter(outbox::id.eq_any(all[..5].to_vec())).select(outbox::assignment_id);
        diesel::update(assignments::table.filter(assignments::id.nullable().eq_any(untold)))
            .set((assignments::state.eq(AssignmentState::Planned), assignments::notified_at.eq(None::<At>)))
            .execute(tx.conn)?;
        diesel::update(wave_counts::table.find(crowd.wave_id))
            .set((wave_counts::mail_sent.eq(2), wave_counts::mail_failed.eq(3), wave_counts::mail_unknown.eq(2)))
            .execute(tx.conn)?;
        Ok(())
    });
    crowd
}

async fn numbers_add_up_and_decisions_are_named_before_they_are_made(engine: Engine) {
    let world = World::new(engine);
    let crowd = troubled(&world).await;
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let base = format!("/campaigns/{}/delivery", crowd.campaign_id);
    let page = text(lead.get(&format!("{base}?lang=en")).await, StatusCode::OK).await;
    assert!(page.contains("There is no such mailbox") && page.contains("The receiving server refused us"), "{page}");
    assert!(page.contains("2 mails were handed over and the answer was never heard"), "{page}");
    assert!(!page.contains("orang@") && !page.contains('⟦'), "{page}");
    let list = text(lead.get(&format!("{base}/mails?state=failed&lang=en")).await, StatusCode::OK).await;
    assert!(list.contains("550 5.1.1 &#60;…&#62;: User unknown") || list.contains("550 5.1.1 &lt;…&gt;: User unknown"), "{list}");
    assert!(!list.contains("orang@"), "{list}");
    // The dashboard's trouble leads here.
    let dashboard = text(lead.get(&format!("/campaigns/{}?lang=en", crowd.campaign_id)).await, StatusCode::OK).await;
    assert!(dashboard.contains(&format!("{base}#failed")) && dashboard.contains(&format!("{base}#unknown")), "{dashboard}");
    // A reason at a time: the page names the number, the log gets one entry, the counts add up.
    let ask = format!("{base}/do/retry?state=failed&reason=no_mailbox");
    let asked = text(lead.get(&format!("{ask}&lang=en")).await, StatusCode::OK).await;
    assert!(asked.contains("Send 2 mails again") && asked.contains("There is no such mailbox"), "{asked}");
    assert_eq!(world.entries(EventKind::MailsRetried), 0, "looking changes nothing");
    let form = [("state", "failed"), ("reason", "no_mailbox")];
    let there = location(&lead.post(&format!("{base}/do/retry"), &form).await);
    assert_eq!(there, format!("{base}?done=retry&n=2"));
    assert!(text(lead.get(&format!("{there}&lang=en")).await, StatusCode::OK).await.contains("2 mails wait to be sent again"));
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.mail_failed, row.mail_unknown, row.mail_sent), (1, 2, 2));
    assert_eq!(world.entries(EventKind::MailsRetried), 1);
    // Once more finds none.
    let none = location(&lead.post(&format!("{base}/do/retry"), &form).await);
    assert_eq!(none, format!("{base}?done=retry&n=0"));
    assert_eq!(world.entries(EventKind::MailsRetried), 1);
    let accepted = location(&lead.post(&format!("{base}/do/accept"), &[("state", "unknown")]).await);
    assert_eq!(accepted, format!("{base}?done=accept&n=2"));
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.mail_failed, row.mail_unknown, row.mail_sent), (1, 0, 4));
    // The last one by itself.
    let left = mails(world.app(), crowd.wave_id).into_iter().find(|m| m.state == MailState::Failed).unwrap().id.to_string();
    lead.post(&format!("{base}/do/retry"), &[("state", "failed"), ("mail", &left)]).await;
    assert_eq!(counts(world.app(), crowd.wave_id).mail_failed, 0);
    gaung::service::delivery::deliver_due_mail(world.app()).await.unwrap();
    assert_eq!(counts(world.app(), crowd.wave_id).mail_sent, 7);
    invariants::check(world.app());
}

async fn who_may_look_may_not_always_decide(engine: Engine) {
    let world = World::new(engine);
    let crowd = troubled(&world).await;
    let served = Served::start(world.app());
    let base = format!("/campaigns/{}/delivery", crowd.campaign_id);
    let auditor = served.browser(&world.auditor);
    let page = text(auditor.get(&base).await, StatusCode::OK).await;
    assert!(!page.contains("/do/"), "{page}");
    text(auditor.get(&format!("{base}/do/retry?state=failed")).await, StatusCode::FORBIDDEN).await;
    assert_eq!(auditor.post(&format!("{base}/do/retry"), &[("state", "failed")]).await.status(), StatusCode::FORBIDDEN);
    let lead = served.browser(&world.lead);
    for wrong in ["accept?state=failed", "retry?state=sent", "retry", "forget?state=failed", "retry?state=failed&reason=x"] {
        text(lead.get(&format!("{base}/do/{wrong}")).await, StatusCode::NOT_FOUND).await;
    }
    text(lead.get(&format!("{base}/mails?state=sent")).await, StatusCode::NOT_FOUND).await;
    text(served.browser(&world.south_lead).get(&base).await, StatusCode::NOT_FOUND).await;
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.mail_failed, row.mail_unknown), (3, 2));
}

/// The fixture about one of this world's mails.
fn bounce(world: &World, mail: MailId, email: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/reports/postfix_user_unknown.eml");
    let mark = "agohy2vqab2xkmf4ilgsbf7gvaz3zwn4ovxq6cyr2d";
    let raw = std::fs::read_to_string(path).unwrap();
    raw.replace(mark, &world.app().return_paths.seal(mail)).replace("ani.wijaya@contoh.example", email)
}

async fn a_gateway_hands_reports_in_and_bulk_decisions_have_their_api(engine: Engine) {
    let world = World::new(engine);
    let crowd = troubled(&world).await;
    let served = Served::start(world.app());
    let sent = mails(world.app(), crowd.wave_id).into_iter().find(|m| m.state == MailState::Sent).unwrap();
    let member = world.member_row(sent.member_id.unwrap());
    let raw = bounce(&world, sent.id, &member.email_norm);
    let api = served.api(&world.admin);
    let hand_in = |client: &crate::support::http::Client, kind: &str, body: String| {
        client
            .request(Method::POST, "/api/v1/mail/reports?recipient=gaung%40x.example")
            .header("content-type", kind.to_owned())
            .body(body)
    };
    let first = read_json(hand_in(&api, "message/rfc822", raw.clone()).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!((first["kind"].as_str(), first["is_new"].as_bool()), (Some("hard_bounce"), Some(true)));
    let again = read_json(hand_in(&api, "message/rfc822", raw.clone()).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!((&again["id"], again["is_new"].as_bool()), (&first["id"], Some(false)));
    let plain = hand_in(&api, "text/plain", raw.clone()).send().await.unwrap();
    assert_eq!(plain.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = hand_in(&api, "message/rfc822", "x".repeat(17 << 20)).send().await;
    assert!(large.is_err() || large.unwrap().status() == StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(hand_in(&api, "message/rfc822", String::new()).send().await.unwrap().status(), StatusCode::CONFLICT);
    let lead = served.api(&world.lead);
    assert_eq!(hand_in(&lead, "message/rfc822", raw).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let base = format!("/api/v1/campaigns/{}", crowd.campaign_id);
    let reports = read_json(lead.get(&format!("{base}/reports")).await, StatusCode::OK).await;
    assert_eq!(reports["items"].as_array().unwrap().len(), 1);
    assert!(!reports.to_string().contains(&member.email_norm));
    assert_eq!(read_json(api.get("/api/v1/mail/reports?kind=complaint").await, StatusCode::OK).await["items"], json!([]));
    let delivery = read_json(lead.get(&format!("{base}/delivery")).await, StatusCode::OK).await;
    assert_eq!((&delivery["total"]["sent"], &delivery["total"]["returned"]), (&json!(2), &json!(1)));
    let retried = lead.json(Method::POST, &format!("{base}/mails/retry"), &json!({ "state": "failed" })).await;
    assert_eq!(read_json(retried, StatusCode::OK).await, json!({ "count": 3 }));
    let refused = lead.json(Method::POST, &format!("{base}/mails/accept"), &json!({ "state": "failed" })).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let accepted = lead.json(Method::POST, &format!("{base}/mails/accept"), &json!({ "state": "unknown" })).await;
    assert_eq!(read_json(accepted, StatusCode::OK).await, json!({ "count": 2 }));
    // The member's coordinator sees that the address does not work, and nothing else.
    let page = served.browser(&world.coordinator).get(&format!("/members/{}?lang=en", member.id)).await;
    assert!(text(page, StatusCode::OK).await.contains("there is no such mailbox"));
    invariants::check(world.app());
}

async fn a_maildir_is_swept_file_by_file(engine: Engine) {
    let dir = tempfile::tempdir().unwrap();
    let world = World::with_env(engine, &[("GAUNG__MAIL__MAILDIR", dir.path().to_str().unwrap())]);
    let crowd = opened(&world, "kotak", 5).await;
    gaung::service::delivery::deliver_due_mail(world.app()).await.unwrap();
    let sweep = async || gaung::service::mail_report::sweep(world.app()).await.unwrap();
    assert_eq!(sweep().await.done, 0, "a directory that is not there yet stops nothing");
    for part in ["new", "cur", "tmp", "new/a-directory"] {
        std::fs::create_dir_all(dir.path().join(part)).unwrap();
    }
    let sent = &mails(world.app(), crowd.wave_id)[0];
    let email = world.member_row(sent.member_id.unwrap()).email_norm;
    let put = |name: &str, body: &[u8]| std::fs::write(dir.path().join("new").join(name), body).unwrap();
    put("1.empty", b"");
    put("2.bounce:2,", bounce(&world, sent.id, &email).as_bytes());
    put("3.binary", &[0xff; 4096]);
    put(".hidden", b"x");
    let progress = sweep().await;
    assert_eq!((progress.done, progress.failed), (3, 0));
    let names = |part: &str| {
        let mut names: Vec<String> =
            std::fs::read_dir(dir.path().join(part)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("cur"), ["1.empty:2,FS", "2.bounce:2,S", "3.binary:2,S"]);
    assert_eq!(names("new"), [".hidden", "a-directory"]);
    assert_eq!(counts(world.app(), crowd.wave_id).mail_returned, 1);
    // As after a crash between taking in and moving: it is taken in again, and counts no more.
    std::fs::rename(dir.path().join("cur/2.bounce:2,S"), dir.path().join("new/2.bounce")).unwrap();
    let before = world.all_entries();
    assert_eq!(sweep().await.done, 1);
    assert_eq!((counts(world.app(), crowd.wave_id).mail_returned, world.all_entries()), (1, before));
    invariants::check(world.app());
}

on_both!(
    numbers_add_up_and_decisions_are_named_before_they_are_made,
    who_may_look_may_not_always_decide,
    a_gateway_hands_reports_in_and_bulk_decisions_have_their_api,
    a_maildir_is_swept_file_by_file,
);
