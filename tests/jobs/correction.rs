//! A campaign is corrected: it stops, everyone who had published for it is asked, whatever their hours or pauses, and can answer.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::campaign::CampaignState;
use gaung::domain::correction::CorrectionAnswer;
use gaung::domain::event::EventKind;
use gaung::domain::id::{CampaignId, MemberId};
use gaung::domain::member::MemberState;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::role::{Grant, Role};
use gaung::domain::wave::WaveState;
use gaung::mail::kept::parts;
use gaung::service::campaign::{CampaignView, confirm_correction, correction, proposals, propose_correction, would_correct};
use gaung::service::task::{Answered, answer_correction, correction_sheet};
use gaung::service::{Caller, ServiceError};
use gaung::store::StoreError;
use gaung::store::schema::{campaigns, members, outbox};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{addresses, kept, settled_tick, tick};
use crate::support::campaign::code;
use crate::support::campaigns::{Crowd, assigned, campaign_state, complete, now, opened, wave_state};
use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::invariants;
use crate::support::world::World;

const TEXT: &str = "Yang benar satu dari enam, bukan satu dari lima.\r\nSumber: laporan anggaran, halaman 14.";

/// Seven people were asked and told; the first `done` of them did it.
async fn running(world: &World, done: usize) -> (Crowd, Vec<MemberId>) {
    let crowd = opened(world, "a", 7).await;
    settled_tick(world).await;
    let rows = assigned(world.app(), crowd.wave_id);
    world.change(|tx| rows[..done].iter().try_for_each(|row| complete(tx, row)));
    (crowd, rows[..done].iter().map(|row| row.member_id).collect())
}

fn corrections(world: &World, crowd: &Crowd) -> Vec<(MemberId, MailState, Option<String>)> {
    let of = outbox::table.filter(outbox::campaign_id.eq(crowd.campaign_id)).filter(outbox::kind.eq(MailKind::Correction));
    let columns = (outbox::member_id.assume_not_null(), outbox::state, outbox::last_error);
    world.app().db.read_blocking(|conn| Ok::<_, StoreError>(of.order(outbox::id).select(columns).load(conn)?)).unwrap()
}

/// Proposed by `by` and confirmed by an approver.
async fn issue(world: &World, by: &Caller, id: CampaignId, text: &str) -> Result<CampaignView, ServiceError> {
    propose_correction(world.app(), by, id, text, false).await?;
    confirm_correction(world.app(), &world.approver, id).await
}

fn set_member(world: &World, id: MemberId, state: MemberState) {
    world.change(|tx| Ok(diesel::update(members::table.find(id)).set(members::state.eq(state)).execute(tx.conn).map(drop)?));
}

async fn it_stops_the_campaign_and_asks_those_who_published(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (crowd, done) = running(&world, 5).await;
    let before = kept(&world).len();
    set_member(&world, done[0], MemberState::Left);
    set_member(&world, done[1], MemberState::Paused);
    // In the middle of the night: a correction does not wait for anybody's hours.
    world.test.advance(TimeDelta::hours(15));

    let would = would_correct(app, &world.lead, crowd.campaign_id, Some(TEXT)).await.unwrap();
    assert_eq!((would.asked, would.open, would.mails, would.waves, would.withheld), (5, 2, 0, 1, false));
    assert_eq!(code(issue(&world, &world.lead, crowd.campaign_id, " \n ").await), "text text.empty");
    assert_eq!(code(issue(&world, &world.lead, crowd.campaign_id, &"x".repeat(2_001)).await), "text text.too_long");
    assert_eq!(code(issue(&world, &world.auditor, crowd.campaign_id, TEXT).await), "forbidden");
    assert_eq!(campaign_state(app, crowd.campaign_id), CampaignState::Running);

    let view = issue(&world, &world.lead, crowd.campaign_id, TEXT).await.unwrap();
    assert_eq!((view.state, view.ended_at.is_some()), (CampaignState::Corrected, true));
    assert_eq!(wave_state(app, crowd.wave_id), WaveState::Cancelled);
    let states: Vec<_> = assigned(app, crowd.wave_id).iter().map(|row| row.state).collect();
    assert_eq!(states.iter().filter(|s| **s == AssignmentState::Withdrawn).count(), 2);
    assert_eq!(states.iter().filter(|s| **s == AssignmentState::Done).count(), 5);
    assert_eq!(world.entries(EventKind::CampaignCorrected), 1);
    invariants::check(app);
    assert_eq!(code(issue(&world, &world.lead, crowd.campaign_id, TEXT).await), "campaign.not_correctable", "once");

    settled_tick(&world).await;
    let mails = corrections(&world, &crowd);
    let of = |id: MemberId| mails.iter().find(|mail| mail.0 == id).unwrap();
    assert_eq!(mails.len(), 5);
    assert_eq!((of(done[0]).1, of(done[0]).2.as_deref()), (MailState::Suppressed, Some("the member has left")));
    assert!(done[1..].iter().all(|id| of(*id).1 == MailState::Sent), "a paused one too: {mails:?}");
    let sent = kept(&world).split_off(before);
    assert_eq!((sent.len(), addresses(&sent).values().max()), (4, Some(&1)));
    let text = parts(&sent[0].raw).unwrap().text;
    for needed in [
        "Yang benar satu dari enam, bukan satu dari lima.",
        "Sumber: laporan anggaran, halaman 14.",
        "/c/",
        "/register/campaigns/",
    ] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
}

/// The token of the last kept mail's answer link.
fn token(world: &World) -> String {
    let mail = kept(world).pop().unwrap();
    let text = parts(&mail.raw).unwrap().text;
    text.split("/c/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

async fn an_answer_is_counted_once_and_can_be_changed(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (crowd, _) = running(&world, 5).await;
    issue(&world, &world.lead, crowd.campaign_id, TEXT).await.unwrap();
    settled_tick(&world).await;
    let token = token(&world);
    let figures = async || {
        let k = correction(app, &world.lead, crowd.campaign_id).await.unwrap().unwrap();
        (k.asked, k.fixed, k.removed)
    };
    assert_eq!(figures().await, (5, 0, 0));

    let sheet = correction_sheet(app, &token).await.unwrap();
    assert_eq!((sheet.text.as_str(), sheet.answered), (TEXT.replace("\r\n", "\n").as_str(), None));
    // What presses within seconds is a machine until a person presses again.
    let hasty = answer_correction(app, &token, CorrectionAnswer::Fixed, &sheet.nonce).await.unwrap();
    assert_eq!((hasty, figures().await), (Answered::PressAgain, (5, 0, 0)));
    world.test.advance(TimeDelta::seconds(40));
    let press = async |answer| answer_correction(app, &token, answer, &sheet.nonce).await.unwrap();
    assert_eq!(press(CorrectionAnswer::Fixed).await, Answered::Recorded);
    assert_eq!(press(CorrectionAnswer::Fixed).await, Answered::Recorded, "twice is once");
    assert_eq!((figures().await, world.entries(EventKind::CorrectionAnswered)), ((5, 1, 0), 1));
    assert_eq!(press(CorrectionAnswer::Removed).await, Answered::Recorded);
    assert_eq!((figures().await, world.entries(EventKind::CorrectionAnswered)), ((5, 0, 1), 2));
    let said = correction_sheet(app, &token).await.unwrap().answered.unwrap().0;
    assert_eq!(said, CorrectionAnswer::Removed);
    invariants::check(app);
    assert_eq!(code(answer_correction(app, &token, CorrectionAnswer::Fixed, "made-up").await), "form.not_from_page");
    assert_eq!(code(correction_sheet(app, "made-up").await), "link.invalid");
    let task = gaung::service::task::task_token(app, assigned(app, crowd.wave_id)[0].id, 1, now(&world));
    assert_eq!(code(correction_sheet(app, &task).await), "link.invalid", "a task's link opens no correction");
}

async fn who_answered_before_the_mail_left_gets_none(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (crowd, done) = running(&world, 5).await;
    issue(&world, &world.lead, crowd.campaign_id, TEXT).await.unwrap();
    let row = assigned(app, crowd.wave_id).into_iter().find(|row| row.member_id == done[2]).unwrap();
    let token = gaung::service::task::correction_token(app, row.id, 1);
    let sheet = correction_sheet(app, &token).await.unwrap();
    world.test.advance(TimeDelta::seconds(40));
    answer_correction(app, &token, CorrectionAnswer::Removed, &sheet.nonce).await.unwrap();
    tick(&world).await;
    let mail = corrections(&world, &crowd).into_iter().find(|mail| mail.0 == done[2]).unwrap();
    assert_eq!((mail.1, mail.2.as_deref()), (MailState::Cancelled, Some("the member has answered the correction")));
}

async fn only_what_has_gone_out_is_corrected(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let crowd = opened(&world, "a", 1).await;
    let put = |state, started: bool| {
        let at = started.then(|| gaung::store::types::At(now(&world)));
        world.change(|tx| {
            let set = (campaigns::state.eq(state), campaigns::started_at.eq(at));
            Ok(diesel::update(campaigns::table.find(crowd.campaign_id)).set(set).execute(tx.conn).map(drop)?)
        });
    };
    use CampaignState::{Cancelled, Draft, Finished, Paused, Released, Submitted};
    for (state, started) in [(Draft, false), (Submitted, false), (Released, false), (Paused, false), (Cancelled, false)] {
        put(state, started);
        assert_eq!(code(issue(&world, &world.lead, crowd.campaign_id, TEXT).await), "campaign.not_correctable", "{state}");
    }
    for state in [Paused, Finished, Cancelled] {
        put(state, true);
        assert!(would_correct(app, &world.lead, crowd.campaign_id, Some(TEXT)).await.is_ok(), "{state}");
    }
    // One person is no group: neither the look ahead nor the figures tell of them.
    put(CampaignState::Running, true);
    let would = would_correct(app, &world.lead, crowd.campaign_id, None).await.unwrap();
    assert_eq!((would.asked, would.open, would.withheld), (0, 0, true));
}

async fn the_pages_from_the_text_to_the_answer_and_the_register(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (crowd, _) = running(&world, 5).await;
    let served = Served::start(app);
    let lead = served.browser(&world.lead);
    let (home, path) = (format!("/campaigns/{}", crowd.campaign_id), format!("/campaigns/{}/do/correct", crowd.campaign_id));
    assert!(text(lead.get(&home).await, StatusCode::OK).await.contains(&path), "the button");
    let form = text(lead.get(&path).await, StatusCode::OK).await;
    assert!(form.contains("name=\"step\" value=\"check\"") && !form.contains("value=\"issue\""), "{form}");
    let empty = text(lead.post(&path, &[("text", ""), ("step", "check")]).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(empty.contains("href=\"#text\""), "{empty}");
    let check = text(lead.post(&path, &[("text", TEXT), ("step", "check")]).await, StatusCode::OK).await;
    assert!(
        check.contains("value=\"issue\"") && check.contains("satu dari enam") && check.contains("Usulkan koreksi ini"),
        "{check}"
    );
    assert_eq!(campaign_state(app, crowd.campaign_id), CampaignState::Running, "looking changes nothing");
    let again = text(lead.post(&path, &[("text", TEXT), ("step", "write")]).await, StatusCode::OK).await;
    assert!(again.contains("satu dari enam") && again.contains("<textarea"), "nothing typed is lost: {again}");
    assert_eq!(location(&lead.post(&path, &[("text", TEXT), ("step", "issue")]).await), home);
    assert_eq!(campaign_state(app, crowd.campaign_id), CampaignState::Running, "one person stops nothing");
    assert_eq!(lead.post(&path, &[("step", "confirm")]).await.status(), StatusCode::FORBIDDEN);
    let approver = served.browser(&world.approver);
    assert!(text(approver.get(&home).await, StatusCode::OK).await.contains(&path), "the approver sees that it waits");
    let waits = text(approver.get(&path).await, StatusCode::OK).await;
    assert!(waits.contains("value=\"confirm\"") && waits.contains("satu dari enam"), "{waits}");
    assert_eq!(location(&approver.post(&path, &[("step", "confirm")]).await), home);
    settled_tick(&world).await;
    let shown = text(lead.get(&home).await, StatusCode::OK).await;
    assert!(shown.contains("satu dari enam") && shown.contains("Belum menjawab"), "{shown}");

    let phone = served.anonymous();
    let answer = format!("/c/{}", token(&world));
    let before = invariants::dump(app);
    let page = text(phone.get(&answer).await, StatusCode::OK).await;
    assert_eq!(invariants::dump(app), before, "looking changes nothing");
    assert!(page.len() < 30 * 1024 && page.contains("value=\"fixed\"") && page.contains("value=\"removed\""), "{page}");
    let nonce = page.split("name=\"nonce\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let pressed = [("nonce", nonce), ("answer", "removed")];
    assert_eq!(location(&phone.post(&answer, &pressed).await), format!("{answer}?again=1"));
    world.test.advance(TimeDelta::seconds(40));
    assert_eq!(location(&phone.post(&answer, &pressed).await), answer);
    let thanks = text(phone.get(&answer).await, StatusCode::OK).await;
    assert!(thanks.contains("data-face=\"answered\"") && thanks.contains("?anew=1"), "{thanks}");
    assert_eq!(phone.post(&answer, &[("nonce", nonce), ("answer", "sold")]).await.status(), StatusCode::BAD_REQUEST);

    let campaigns = text(phone.get("/register.json").await, StatusCode::OK).await;
    let register: serde_json::Value = serde_json::from_str(&campaigns).unwrap();
    let mine = &register["campaigns"][0];
    assert_eq!(mine["correction"]["text"], TEXT.replace("\r\n", "\n"));
    let public = text(phone.get(&format!("/register/campaigns/{}", mine["slug"].as_str().unwrap())).await, StatusCode::OK).await;
    assert!(public.contains("satu dari enam"), "{public}");
    let feed = text(phone.get("/register/feed.atom").await, StatusCode::OK).await;
    assert!(feed.contains("Kampanye dikoreksi") && feed.contains("satu dari enam"), "{feed}");

    let api = served.api(&world.lead);
    let path = format!("/api/v1/campaigns/{}/correct", crowd.campaign_id);
    let refused = api.json(Method::POST, &path, &json!({ "text": TEXT })).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT, "once");
    let found = api.get(&format!("/api/v1/campaigns/{}/correction", crowd.campaign_id)).await;
    let found: serde_json::Value = serde_json::from_str(&text(found, StatusCode::OK).await).unwrap();
    assert_eq!((&found["asked"], &found["removed"]), (&json!(5), &json!(1)));
}

async fn it_takes_two_persons_and_a_drill_does_nothing(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (crowd, _) = running(&world, 5).await;
    let id = crowd.campaign_id;
    // Somebody who is both can't do both.
    let both = world
        .user("both", &[Grant { role: Role::Lead, unit_id: world.root }, Grant { role: Role::Approver, unit_id: world.root }]);
    let waits = propose_correction(app, &both, id, TEXT, true).await.unwrap();
    assert_eq!((waits.drill, waits.confirmers.len(), waits.may_confirm), (true, 2, false), "{waits:?}");
    assert_eq!(code(propose_correction(app, &world.lead, id, TEXT, false).await), "correction.proposed");
    assert_eq!(code(confirm_correction(app, &both, id).await), "correction.same_person");
    assert_eq!(code(confirm_correction(app, &world.lead, id).await), "forbidden");
    let before = kept(&world).len();
    tick(&world).await;
    let told = kept(&world).split_off(before);
    assert_eq!(told.len(), 2, "both approvers are told at once");
    assert!(told.iter().all(|mail| mail.subject.starts_with("LATIHAN")), "{:?}", told[0].subject);
    world.test.advance(TimeDelta::seconds(90));
    confirm_correction(app, &world.second_approver, id).await.unwrap();
    assert_eq!(campaign_state(app, id), CampaignState::Running);
    assert!(correction(app, &world.lead, id).await.unwrap().is_none());
    assert_eq!((world.entries(EventKind::CampaignCorrected), world.entries(EventKind::CorrectionDrilled)), (0, 1));
    let ended = proposals(app, &world.lead, id).await.unwrap().remove(0);
    assert_eq!((ended.seconds(), ended.would_ask), (Some(90), Some(5)));
    let before = kept(&world).len();
    tick(&world).await;
    let told = addresses(&kept(&world).split_off(before));
    let two = ["both@kemencontoh.example", "second-approver@kemencontoh.example"];
    assert_eq!(told.keys().map(String::as_str).collect::<Vec<_>>(), two, "nobody else is mailed");
    assert_eq!(code(confirm_correction(app, &world.approver, id).await), "correction.no_proposal");
    invariants::check(app);
}

on_both! {
    it_takes_two_persons_and_a_drill_does_nothing,
    it_stops_the_campaign_and_asks_those_who_published,
    an_answer_is_counted_once_and_can_be_changed,
    who_answered_before_the_mail_left_gets_none,
    only_what_has_gone_out_is_corrected,
    the_pages_from_the_text_to_the_answer_and_the_register,
}
