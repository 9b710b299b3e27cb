//! What cannot go on yet does not stand in the way of what can.

use diesel::prelude::*;
use gaung::domain::content::TargetPlan;
use gaung::domain::id::{TaskId, WaveId};
use gaung::domain::kind::{Action, Layer};
use gaung::domain::platform::Platform;
use gaung::domain::wave::WaveState;
use gaung::service::dispatch;
use gaung::store::plan::{self, Plan, TaskPlanRow};
use gaung::store::schema::waves;
use gaung::store::types::{At, Doc};

use crate::support::campaigns::wave_state;
use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage};

/// A due wave that waits for a post of another, which has none.
fn waiting(stage: &Stage, source: WaveId) -> WaveId {
    let id = stage.wave(Layer::Conversation, Some(source));
    let task = TaskPlanRow {
        id: TaskId::new(),
        wave_id: id,
        campaign_id: stage.campaign,
        ordinal: 0,
        platform: Platform::X,
        action: Action::Rephrase,
        brief: "Sampaikan dengan bahasa sehari-hari.".into(),
        target: Doc(TargetPlan::PostOf { wave_id: source }),
        target_post_id: None,
        target_claim_id: None,
        own_words: false,
        evidence_required: false,
    };
    stage.world.change(|tx| {
        plan::insert(tx, &Plan { tasks: vec![task], ..Plan::default() })?;
        Ok(diesel::update(waves::table.find(id)).set(waves::opens_at.eq(At(tx.now))).execute(tx.conn)?)
    });
    id
}

async fn many_waves_that_wait_for_a_post_do_not_keep_others_from_opening(engine: Engine) {
    let stage = Stage::new(engine);
    let source = stage.wave(Layer::Opinion, None);
    let held_up: Vec<WaveId> = (0..120).map(|_| waiting(&stage, source)).collect();
    let behind = stage.wave(Layer::Opinion, Some(source));
    stage.task(behind, &Asking::of(Action::Create));
    stage.world.change(|tx| {
        let due = (waves::opens_at.eq(At(tx.now)), waves::cascade.eq(false));
        Ok(diesel::update(waves::table.find(behind)).set(due).execute(tx.conn)?)
    });
    stage.world.test.advance(chrono::TimeDelta::seconds(1));
    let progress = dispatch::open_due_waves(stage.world.app()).await.unwrap();
    assert_eq!((progress.done, progress.failed), (1, 0));
    assert_eq!(wave_state(stage.world.app(), behind), WaveState::Opening);
    assert!(held_up.iter().all(|id| wave_state(stage.world.app(), *id) == WaveState::Planned));
}

on_both!(many_waves_that_wait_for_a_post_do_not_keep_others_from_opening);
