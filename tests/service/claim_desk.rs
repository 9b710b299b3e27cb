//! The claims desk: a fact is confirmed by a second person, an answer is a post of an account on file, what was released stays as it was.

use gaung::domain::campaign::CampaignState;
use gaung::domain::claim::ClaimState;
use gaung::domain::content::TargetPlan;
use gaung::domain::event::EventKind;
use gaung::domain::id::{BlockedTargetId, ClaimId, UnitId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::platform::Platform;
use gaung::domain::wave::WaveState;
use gaung::service::campaign::{self, CampaignView};
use gaung::service::claim::{self, Claim, ClaimFilter, ClaimForm, NewAnswer};
use gaung::service::register;
use gaung::service::task::{self, TargetView};
use gaung::service::{PageRequest, ServiceError};
use gaung::store::neutrality::{self, BlockedTargetRow};
use gaung::store::types::At;

use super::{codes, refusal};
use crate::support::campaign as campaigns;
use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage};
use crate::support::world::World;

fn form(unit_id: UnitId, fact: &str) -> ClaimForm {
    ClaimForm {
        unit_id,
        claim: "Semua tabungan kena pajak baru.".into(),
        seen_url: "https://x.com/hoaks/status/1234567890".into(),
        seen_at: None,
        fact: fact.into(),
        source_url: if fact.is_empty() { String::new() } else { "https://kemencontoh.example/siaran/1".into() },
        answer_unit_id: None,
        answer_user_id: None,
    }
}

async fn filed(world: &World, unit: UnitId, fact: &str) -> Claim {
    claim::file(world.app(), &world.lead, form(unit, fact)).await.unwrap()
}

async fn ready(world: &World, unit: UnitId) -> Claim {
    let c = filed(world, unit, "Tidak ada pajak baru.").await;
    claim::confirm(world.app(), &world.approver, c.id, c.version).await.unwrap()
}

async fn stands(world: &World, id: ClaimId) -> Claim {
    claim::get(world.app(), &world.auditor, id).await.unwrap()
}

async fn a_fact_is_confirmed_by_somebody_else_and_anew_when_it_changes(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let open = filed(&world, world.north.unit, "").await;
    assert_eq!((open.state, open.fact_by), (ClaimState::Open, None));
    let refused = claim::confirm(app, &world.approver, open.id, open.version).await.unwrap_err();
    assert_eq!(refusal(&refused), "claim.no_fact");
    let by = world.lead.user_id().unwrap();
    let written = claim::change(app, &world.lead, open.id, open.version, form(world.north.unit, "Tidak ada.")).await.unwrap();
    assert_eq!((written.state, written.fact_by), (ClaimState::Checking, Some(by)));
    let own = claim::confirm(app, &world.lead, open.id, written.version).await.unwrap_err();
    assert_eq!(refusal(&own), "claim.own_fact");
    for nobody in [&world.coordinator, &world.auditor, &world.admin] {
        assert!(matches!(claim::confirm(app, nobody, open.id, written.version).await, Err(ServiceError::Forbidden)));
    }
    assert!(matches!(claim::confirm(app, &world.south_lead, open.id, written.version).await, Err(ServiceError::NotFound(_))));
    assert!(
        matches!(claim::confirm(app, &world.approver, open.id, open.version).await, Err(ServiceError::Conflict(_))),
        "an old page"
    );
    let confirmed = claim::confirm(app, &world.north_lead, open.id, written.version).await.unwrap();
    assert_eq!((confirmed.state, confirmed.confirmed_by), (ClaimState::Ready, world.north_lead.user_id().ok()));
    // Where it was seen unsettles nothing; another fact does. A fact is not taken away.
    let elsewhere = ClaimForm { seen_url: String::new(), ..form(world.north.unit, "Tidak ada.") };
    let moved = claim::change(app, &world.lead, open.id, confirmed.version, elsewhere.clone()).await.unwrap();
    assert_eq!((moved.state, moved.confirmed_by), (ClaimState::Ready, confirmed.confirmed_by));
    let bare = claim::change(app, &world.lead, open.id, moved.version, form(world.north.unit, "")).await.unwrap_err();
    assert_eq!(codes(&bare), ["fact text.empty", "source_url web_url.empty"]);
    let same = claim::change(app, &world.lead, open.id, moved.version, elsewhere).await.unwrap();
    assert_eq!(same.version, moved.version);
    let again = claim::change(app, &world.lead, open.id, moved.version, form(world.north.unit, "Lain.")).await.unwrap();
    assert_eq!((again.state, again.confirmed_by, again.confirmed_at), (ClaimState::Checking, None, None));
    let counts = [EventKind::ClaimFiled, EventKind::ClaimChanged, EventKind::ClaimConfirmed].map(|kind| world.entries(kind));
    assert_eq!(counts, [1, 3, 1]);
}

async fn who_answers_can_and_sees_the_claim(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let south =
        |user| ClaimForm { answer_unit_id: Some(world.south.unit), answer_user_id: user, ..form(world.root, "Tidak ada.") };
    let wrong = claim::file(app, &world.lead, south(world.north_lead.user_id().ok())).await.unwrap_err();
    assert_eq!(codes(&wrong), ["answer_user_id claim.answer_user"]);
    let outside = ClaimForm { answer_unit_id: Some(world.south.unit), ..form(world.north.unit, "Tidak ada.") };
    assert_eq!(codes(&claim::file(app, &world.lead, outside).await.unwrap_err()), ["answer_unit_id claim.answer_unit"]);
    let c = claim::file(app, &world.lead, south(world.south_lead.user_id().ok())).await.unwrap();
    // The south sees it because it answers; the north does not see the root's.
    assert_eq!(claim::get(app, &world.south_lead, c.id).await.unwrap(), c);
    assert!(matches!(claim::get(app, &world.north_lead, c.id).await, Err(ServiceError::NotFound(_))));
    let filter = || ClaimFilter { mine: true, ..ClaimFilter::default() };
    let mine = claim::search(app, &world.south_lead, filter(), PageRequest::first(10)).await.unwrap();
    assert_eq!(mine.items.iter().map(|line| line.claim.id).collect::<Vec<_>>(), [c.id]);
    assert!(mine.items[0].answer_user.contains("south-lead"), "{:?}", mine.items[0]);
    assert!(claim::search(app, &world.lead, filter(), PageRequest::first(10)).await.unwrap().items.is_empty());
    // It answers, and changes nothing else.
    let refused = claim::change(app, &world.south_lead, c.id, c.version, south(None)).await;
    assert!(matches!(refused, Err(ServiceError::NotFound(_))));
    let desk = claim::show(app, &world.south_lead, c.id).await.unwrap();
    assert!(desk.may_answer && !desk.may_run && !desk.may_confirm);
}

async fn an_answer_is_a_post_of_an_account_on_file(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let c = ready(&world, world.north.unit).await;
    let handle = world.account_row(world.north.account(AccountKind::Official)).handle;
    let url = format!("https://x.com/{handle}/status/1790000000000000001");
    let new = |url: &str, handle: &str| NewAnswer { url: url.into(), handle: handle.into() };
    let nobody =
        claim::answer(app, &world.lead, c.id, new("https://x.com/orang_lain/status/1790000000000000002", "")).await.unwrap_err();
    assert_eq!(codes(&nobody), ["url claim.unknown_account"]);
    let page = claim::answer(app, &world.lead, c.id, new("https://berita.example/artikel", "")).await.unwrap_err();
    assert_eq!(codes(&page), ["url post_url.platform"]);
    let advocate = world.account_row(world.north.account(AccountKind::Advocate)).handle;
    let personal = format!("https://x.com/{advocate}/status/1790000000000000003");
    assert!(claim::answer(app, &world.lead, c.id, new(&personal, "")).await.is_err(), "an employee's post is nobody's answer");
    let early = claim::close(app, &world.lead, c.id, c.version).await.unwrap_err();
    assert_eq!(refusal(&early), "claim.no_answer");
    let first = claim::answer(app, &world.lead, c.id, new(&url, "")).await.unwrap();
    let again = claim::answer(app, &world.lead, c.id, new(&url, &handle)).await.unwrap();
    assert_eq!(first, again, "filing it twice files it once");
    let other = ready(&world, world.north.unit).await;
    let taken = claim::answer(app, &world.lead, other.id, new(&url, "")).await.unwrap_err();
    assert_eq!(refusal(&taken), "claim.answers_another");
    let now = stands(&world, c.id).await;
    assert_eq!((now.state, now.answers), (ClaimState::Answering, 1));
    let desk = claim::show(app, &world.lead, c.id).await.unwrap();
    assert_eq!(desk.answers.len(), 1);
    assert!(desk.answers[0].statement.is_some() && desk.answers[0].campaign_id.is_none(), "{:?}", desk.answers);
    let told: Vec<EventKind> = desk.history.iter().map(|h| h.kind).collect();
    assert_eq!(told, [EventKind::ClaimAnswerFiled, EventKind::ClaimConfirmed, EventKind::ClaimFiled]);
    // The register shows it once it is wanted, and not a moment longer than the answer stands.
    let shown = || async { register::claim::list(app, PageRequest::first(10)).await.unwrap().items };
    assert!(shown().await.is_empty());
    let public = claim::publish(app, &world.lead, c.id, now.version, true).await.unwrap();
    let listed = shown().await;
    assert_eq!((listed.len(), listed[0].id, listed[0].answers[0].url.as_str()), (1, c.id, url.as_str()));
    let written = serde_json::to_string(&listed).unwrap();
    for personal in ["lead@", "approver", "hoaks"] {
        assert!(!written.contains(personal), "{personal}: {written}");
    }
    let closed = claim::close(app, &world.lead, c.id, public.version).await.unwrap();
    assert_eq!((closed.state, shown().await.len()), (ClaimState::Answered, 1));
    gaung::service::post::remove(app, &world.lead, first.post_id).await.unwrap();
    assert_eq!((stands(&world, c.id).await.answers, shown().await.len()), (0, 0));
    let reopened = claim::reopen(app, &world.lead, c.id, closed.version).await.unwrap();
    assert_eq!(reopened.state, ClaimState::Answering);
    let withdrawn = claim::withdraw(app, &world.lead, c.id, reopened.version, "Ternyata benar.").await.unwrap();
    assert_eq!(
        (withdrawn.state, withdrawn.public, withdrawn.ended_reason.as_str()),
        (ClaimState::Withdrawn, false, "Ternyata benar.")
    );
    let late = claim::change(app, &world.lead, c.id, withdrawn.version, form(world.north.unit, "Lain.")).await.unwrap_err();
    assert_eq!(refusal(&late), "claim.closed");
}

/// What is wrong with a campaign's targets.
async fn targets(world: &World, view: &CampaignView) -> Vec<String> {
    let found = campaign::check(world.app(), &world.lead, view.id).await.unwrap().faults;
    found.into_iter().filter(|fault| fault.code.starts_with("target.")).map(|fault| fault.code).collect()
}

async fn what_was_released_keeps_the_fact_with_which_it_was_released(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let c = filed(&world, world.root, "Tidak ada pajak baru.").await;
    let target = TargetPlan::Claim { claim_id: c.id, words: None };
    let mut content = campaigns::four_layers();
    content.waves[2] =
        campaigns::wave(Layer::Conversation, campaigns::jakarta("2026-11-27T10:00:00"), campaigns::task(Action::Answer, target));
    let draft = campaign::create(app, &world.lead, world.root, content.clone()).await.unwrap();
    assert_eq!(targets(&world, &draft).await, ["target.claim_not_ready"]);
    let c = claim::confirm(app, &world.approver, c.id, c.version).await.unwrap();
    assert!(targets(&world, &draft).await.is_empty());
    // The fact changes while the draft lies: the author is told, and saving takes the new words.
    let newer = ClaimForm { fact: "Tidak ada pajak baru atas tabungan.".into(), ..form(world.root, "x") };
    let c = claim::change(app, &world.lead, c.id, c.version, newer).await.unwrap();
    let c = claim::confirm(app, &world.approver, c.id, c.version).await.unwrap();
    assert_eq!(targets(&world, &draft).await, ["target.claim_changed"]);
    let saved = campaign::edit(app, &world.lead, draft.id, draft.version, content).await.unwrap();
    assert_ne!(saved.content_hash, draft.content_hash, "the hash binds the fact");
    assert!(targets(&world, &saved).await.is_empty());
    let said = match &saved.content.waves[2].tasks[0].target {
        TargetPlan::Claim { words: Some(words), .. } => words.fact.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(said, "Tidak ada pajak baru atas tabungan.");
    let asked = campaign::submit(app, &world.lead, saved.id, saved.version, true).await.unwrap();
    assert_eq!(asked.content_hash, saved.content_hash);
    let live = campaign::release(app, &world.approver, saved.id, &saved.content_hash).await.unwrap();
    assert_eq!(live.state, CampaignState::Released);
    let taken = stands(&world, c.id).await;
    assert_eq!((taken.state, taken.version, world.entries(EventKind::ClaimTakenUp)), (ClaimState::Answering, c.version, 1));
    let unanswered = claim::close(app, &world.lead, c.id, c.version).await.unwrap_err();
    assert_eq!(refusal(&unanswered), "claim.no_answer", "a campaign that was released is no answer yet");
    let desk = claim::show(app, &world.lead, c.id).await.unwrap();
    assert_eq!(desk.campaigns.iter().map(|p| (p.id, p.tasks)).collect::<Vec<_>>(), [(live.id, 1)]);
    // Changed after the release: what was released stays word for word.
    let later = ClaimForm { fact: "Diubah kemudian.".into(), ..form(world.root, "x") };
    claim::change(app, &world.lead, c.id, c.version, later).await.unwrap();
    let kept = campaign::get(app, &world.lead, live.id).await.unwrap();
    assert_eq!((kept.content_hash, kept.content), (live.content_hash, live.content));
    // And its wave is held when it is due: nobody is asked to answer with a fact that somebody changed.
    world.test.clock.set("2026-11-27T03:00:10Z".parse().unwrap());
    gaung::service::dispatch::open_due_waves(app).await.unwrap();
    let waves = app.db.read_blocking(|conn| gaung::store::plan::list_waves(conn, live.id)).unwrap();
    assert_eq!((waves[2].state, waves[2].held_reason.as_deref()), (WaveState::Held, Some("target.claim_not_ready")));
}

async fn a_task_shows_what_was_released_and_its_post_is_the_claims_answer(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let id = campaigns::claim(world, world.root, None);
    let account = world.north.account(AccountKind::Interactive);
    let asking = Asking { claim: Some(id), ..Asking::of(Action::Answer) };
    let asked = stage.asked(Layer::Conversation, account, &asking);
    world.test.advance(chrono::TimeDelta::seconds(30));
    let handle = world.account_row(account).handle;
    let url = format!("https://x.com/{handle}/status/1790000000000000009");
    let done = stage.done(&asked, Some(&url)).await;
    task::complete(world.app(), &stage.token(&asked), done).await.unwrap();
    let now = stands(world, id).await;
    assert_eq!((now.state, now.answers), (ClaimState::Answering, 1));
    let desk = claim::show(world.app(), &world.lead, id).await.unwrap();
    assert_eq!((desk.answers[0].url.as_str(), desk.answers[0].campaign_id), (url.as_str(), Some(stage.campaign)));
    assert!(desk.history.iter().all(|h| !h.by.contains("Orang")), "no member is named: {:?}", desk.history);
    let view = task::view(world.app(), &stage.token(&asked)).await.unwrap();
    let TargetView::Claim { fact, .. } = view.target else { panic!("{:?}", view.target) };
    assert_eq!(fact, "Kelasnya gratis");
    // Taken back: the answer does not stand any more.
    task::undo(world.app(), &stage.token(&asked), &view.nonce).await.unwrap();
    assert_eq!(stands(world, id).await.answers, 0);
}

async fn no_claim_points_at_a_candidates_account(engine: Engine) {
    let world = World::new(engine);
    world.change(|tx| {
        let row = BlockedTargetRow {
            id: BlockedTargetId::new(),
            platform: Platform::X,
            handle: "calon01".into(),
            handle_norm: "calon01".into(),
            label: "Calon".into(),
            added_at: At(tx.now),
        };
        neutrality::insert_blocked(tx, &row)
    });
    let candidate = "https://twitter.com/Calon01/status/1234567890?s=20";
    let bad = ClaimForm { seen_url: candidate.into(), source_url: candidate.into(), ..form(world.root, "Tidak ada.") };
    let error = claim::file(world.app(), &world.lead, bad).await.unwrap_err();
    assert_eq!(codes(&error), ["seen_url target.blocked", "source_url target.blocked"]);
    let later =
        ClaimForm { seen_at: Some(world.app().clock.now() + chrono::TimeDelta::hours(1)), ..form(world.root, "Tidak ada.") };
    assert_eq!(codes(&claim::file(world.app(), &world.lead, later).await.unwrap_err()), ["seen_at claim.seen_later"]);
    assert_eq!(world.all_entries(), 0);
}

on_both!(
    a_fact_is_confirmed_by_somebody_else_and_anew_when_it_changes,
    who_answers_can_and_sees_the_claim,
    an_answer_is_a_post_of_an_account_on_file,
    what_was_released_keeps_the_fact_with_which_it_was_released,
    a_task_shows_what_was_released_and_its_post_is_the_claims_answer,
    no_claim_points_at_a_candidates_account,
);
