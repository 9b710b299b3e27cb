//! Campaigns to test with: a content of four layers, and the steps that bring it to its release.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use gaung::domain::audience::Audience;
use gaung::domain::claim::ClaimState;
use gaung::domain::content::{CampaignContent, Fact, TargetPlan, TaskPlan, VariantPlan, WavePlan};
use gaung::domain::id::{AccountId, ClaimId, FreezeId, PostId, TaskId, UnitId, VariantId, WaveId};
use gaung::domain::kind::{Action, Layer};
use gaung::domain::locale::Locale;
use gaung::domain::platform::Platform;
use gaung::domain::wave::{Timing, WaveState};
use gaung::service::campaign::{self, CampaignView};
use gaung::service::{Caller, ServiceError};
use gaung::store::claim::{self, ClaimRow};
use gaung::store::neutrality::{self, FreezeRow};
use gaung::store::plan::{self, WavePlanRow};
use gaung::store::schema::{posts, waves};
use gaung::store::types::At;

use super::world::World;

/// An instant.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A wall-clock time in Jakarta.
pub fn jakarta(local: &str) -> Timing {
    Timing::At { local: local.parse().expect("a local time"), zone: "Asia/Jakarta".into() }
}

pub fn text(text: &str) -> VariantPlan {
    VariantPlan { id: VariantId::new(), locale: Locale::Id, text: text.into() }
}

pub fn task(action: Action, target: TargetPlan) -> TaskPlan {
    TaskPlan {
        id: TaskId::new(),
        platform: Platform::X,
        action,
        brief: "Sampaikan dengan kata-kata sendiri.".into(),
        target,
        own_words: false,
        evidence_required: false,
        variants: Vec::new(),
    }
}

pub fn wave(layer: Layer, timing: Timing, task: TaskPlan) -> WavePlan {
    WavePlan {
        id: WaveId::new(),
        name: format!("Layer {layer}"),
        layer,
        timing,
        open_minutes: 120,
        grace_minutes: None,
        remind_minutes_before_end: None,
        audience: Audience::default(),
        tasks: vec![task],
    }
}

/// Publish on Friday at nine in Jakarta; create half an hour later; rephrase and share once the post is registered.
pub fn four_layers() -> CampaignContent {
    let main = wave(Layer::Main, jakarta("2026-11-27T09:00:00"), task(Action::Publish, TargetPlan::Message));
    let source = main.id;
    let post = TargetPlan::PostOf { wave_id: source };
    let cascade = Timing::Cascade { wave_id: source, minutes: 5 };
    let opinion = wave(Layer::Opinion, Timing::After { wave_id: source, minutes: 30 }, task(Action::Create, TargetPlan::Message));
    let talk = wave(Layer::Conversation, cascade.clone(), task(Action::Rephrase, post.clone()));
    let mut share = task(Action::Share, post);
    share.variants = vec![text("Kelas gratis dibuka untuk umum."), text("Belajar keuangan tanpa biaya, siapa pun boleh ikut.")];
    CampaignContent {
        title: "Pekan literasi keuangan".into(),
        message: "Kelas literasi keuangan terbuka untuk umum sampai 5 Desember.".into(),
        facts: vec![Fact { text: "Gratis".into(), source_url: "https://kemencontoh.example/kelas".into() }],
        avoid: vec!["Janji imbal hasil".into()],
        paid: false,
        waves: vec![main, opinion, talk, wave(Layer::Advocacy, cascade, share)],
    }
}

/// A draft of the root's lead.
pub async fn draft(world: &World, content: CampaignContent) -> CampaignView {
    campaign::create(world.app(), &world.lead, world.root, content).await.expect("a draft")
}

/// A submitted campaign of the root's lead.
pub async fn submitted(world: &World, content: CampaignContent) -> CampaignView {
    let draft = draft(world, content).await;
    campaign::submit(world.app(), &world.lead, draft.id, draft.version, false).await.expect("submitted")
}

/// A campaign of the root's lead, released by the root's approver.
pub async fn released(world: &World, content: CampaignContent) -> CampaignView {
    let submitted = submitted(world, content).await;
    campaign::release(world.app(), &world.approver, submitted.id, &submitted.content_hash).await.expect("released")
}

/// The campaign's waves as rows.
pub fn waves_of(world: &World, campaign: &CampaignView) -> Vec<WavePlanRow> {
    let id = campaign.id;
    world.app().db.read_blocking(|conn| plan::list_waves(conn, id)).expect("the waves")
}

/// Puts a wave into a state, as a sweep would.
pub fn set_wave(world: &World, id: WaveId, state: WaveState, held_reason: Option<&str>) {
    world.change(|tx| {
        diesel::update(waves::table.find(id))
            .set((waves::state.eq(state), waves::held_reason.eq(held_reason)))
            .execute(tx.conn)?;
        Ok(())
    });
}

/// A post of the account on X, registered for a wave or for none.
pub fn post(world: &World, account: AccountId, wave: Option<WaveId>) -> PostId {
    let (id, row) = (PostId::new(), world.account_row(account));
    let number = id.uuid().as_u128() & 0xffff_ffff_ffff;
    world.change(|tx| {
        diesel::insert_into(posts::table)
            .values((
                posts::id.eq(id),
                posts::wave_id.eq(wave),
                posts::account_id.eq(account),
                posts::unit_id.eq(row.unit_id),
                posts::layer.eq(row.layer),
                posts::platform.eq(row.platform),
                posts::url.eq(format!("https://x.com/{}/status/{number}", row.handle_norm)),
                posts::url_key.eq(format!("x:{number}")),
                posts::registered_at.eq(At(tx.now)),
            ))
            .execute(tx.conn)?;
        Ok(())
    });
    id
}

/// A claim on file, seen at an address.
pub fn claim(world: &World, unit_id: UnitId, seen_url: Option<&str>) -> ClaimId {
    let id = ClaimId::new();
    world.change(|tx| {
        let row = ClaimRow {
            id,
            unit_id,
            claim: "Kelasnya berbayar".into(),
            seen_url: seen_url.map(Into::into),
            fact: "Kelasnya gratis".into(),
            source_url: "https://kemencontoh.example/kelas".into(),
            filed_at: At(tx.now),
            filed_by: None,
            state: ClaimState::Ready,
            seen_at: None,
            fact_by: None,
            fact_at: Some(At(tx.now)),
            confirmed_by: None,
            confirmed_at: Some(At(tx.now)),
            answer_unit_id: None,
            answer_user_id: None,
            taken_up_at: None,
            answers: 0,
            is_public: false,
            ended_at: None,
            ended_reason: String::new(),
            version: 1,
        };
        claim::insert(tx, &row)
    });
    id
}

/// An election freeze.
pub fn freeze(world: &World, starts_at: &str, ends_at: &str) {
    world.change(|tx| {
        let row = FreezeRow {
            id: FreezeId::new(),
            label: "Pilkada".into(),
            starts_at: At(at(starts_at)),
            ends_at: At(at(ends_at)),
            added_at: At(tx.now),
        };
        neutrality::insert_freeze(tx, &row)
    });
}

/// The id of a console user.
pub fn id_of(caller: &Caller) -> gaung::domain::id::UserId {
    caller.user_id().expect("a user")
}

/// The code of a failure: a refusal's or the only fault's own, else the failure's name.
pub fn code<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    match result.expect_err("a failure") {
        ServiceError::Refused { code, .. } => code.into(),
        ServiceError::Invalid(faults) => {
            faults.iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect::<Vec<_>>().join(", ")
        }
        ServiceError::NotFound(what) => format!("{what} was not found"),
        ServiceError::Forbidden => "forbidden".into(),
        ServiceError::Conflict(_) => "conflict".into(),
        other => panic!("{other:?}"),
    }
}
