//! Completions and posts: one current one an assignment, one use of a post, whatever its address; guarded moves.

use gaung::domain::assignment::{AssignmentState, EvidenceLevel};
use gaung::domain::id::{CompletionId, PostId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::platform::Platform;
use gaung::store::assignment::{self, Counter};
use gaung::store::completion::{self, CompletionRow};
use gaung::store::post::{self, PostRow};
use gaung::store::types::At;
use gaung::store::{StoreError, Tx, Unique};

use crate::support::app::monday_morning;
use crate::support::database::Engine;
use crate::support::stage::{Asked, Asking, Stage};

fn row(asked: &Asked, number: Option<u32>) -> CompletionRow {
    CompletionRow {
        id: CompletionId::new(),
        assignment_id: asked.id,
        account_id: asked.account_id,
        wave_id: asked.wave_id,
        level: EvidenceLevel::Linked,
        url: number.map(|n| format!("https://x.com/{}/status/{n}", asked.account_id)),
        url_key: number.map(|n| format!("x:{n}")),
        own_words: false,
        suspected: false,
        completed_at: At(monday_morning()),
        checked_at: None,
        checked_by: None,
        undone_at: None,
    }
}

fn attempt<T>(stage: &Stage, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
    stage.world.app().db.write_blocking(gaung::domain::actor::Actor::Operator, |tx| {
        tx.without_entry("a test of the store");
        f(tx)
    })
}

fn two(stage: &Stage) -> (Asked, Asked) {
    let north = stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), &Asking::of(Action::Comment));
    (north, stage.ask(north.wave_id, north.task_id, stage.world.south.account(AccountKind::Advocate)))
}

async fn a_post_serves_one_current_completion(engine: Engine) {
    let stage = Stage::new(engine);
    let (north, south) = two(&stage);
    let first = row(&north, Some(1));
    attempt(&stage, |tx| completion::insert(tx, &first)).unwrap();
    let second = attempt(&stage, |tx| completion::insert(tx, &row(&north, Some(2))));
    assert!(matches!(second, Err(StoreError::Taken(Unique::CompletionCurrent))), "{second:?}");
    let used = attempt(&stage, |tx| completion::insert(tx, &row(&south, Some(1))));
    assert!(matches!(used, Err(StoreError::Taken(Unique::CompletionUrl))), "{used:?}");
    attempt(&stage, |tx| completion::undo(tx, first.id)).unwrap();
    assert!(matches!(attempt(&stage, |tx| completion::undo(tx, first.id)), Err(StoreError::Stale)));
    attempt(&stage, |tx| completion::insert(tx, &row(&south, Some(1)))).unwrap();
    let declared = CompletionRow { suspected: true, ..row(&north, None) };
    attempt(&stage, |tx| completion::insert(tx, &declared)).unwrap();
    let current = stage.world.app().db.read_blocking(|conn| completion::find_current(conn, north.id)).unwrap();
    assert_eq!(current, Some(declared.clone()));
    attempt(&stage, |tx| completion::confirm(tx, declared.id)).unwrap();
    assert!(matches!(attempt(&stage, |tx| completion::confirm(tx, declared.id)), Err(StoreError::Stale)));
}

async fn a_post_is_registered_once_at_a_time(engine: Engine) {
    let stage = Stage::new(engine);
    let (north, _) = two(&stage);
    let post = |address: &str| PostRow {
        id: PostId::new(),
        campaign_id: None,
        wave_id: None,
        assignment_id: None,
        account_id: north.account_id,
        unit_id: north.unit_id,
        layer: 0,
        platform: Platform::X,
        url: address.into(),
        url_key: "x:1".into(),
        registered_at: At(monday_morning()),
        removed_at: None,
    };
    let (one, twin) = (post("https://x.com/a/status/1"), post("https://x.com/b/status/1"));
    attempt(&stage, |tx| post::insert(tx, &one)).unwrap();
    let taken = attempt(&stage, |tx| post::insert(tx, &twin));
    assert!(matches!(taken, Err(StoreError::Taken(Unique::PostUrl))), "{taken:?}");
    attempt(&stage, |tx| post::attach(tx, one.id, stage.campaign, north.wave_id)).unwrap();
    assert!(matches!(attempt(&stage, |tx| post::attach(tx, one.id, stage.campaign, north.wave_id)), Err(StoreError::Stale)));
    attempt(&stage, |tx| post::remove(tx, one.id)).unwrap();
    assert!(matches!(attempt(&stage, |tx| post::remove(tx, one.id)), Err(StoreError::Stale)));
    attempt(&stage, |tx| post::insert(tx, &twin)).unwrap();
}

async fn moves_are_guarded_by_the_state_they_were_read_in(engine: Engine) {
    let stage = Stage::new(engine);
    let (north, south) = two(&stage);
    let to = |from, to| attempt(&stage, |tx| assignment::move_to(tx, north.id, from, to, Some(tx.now)));
    to(AssignmentState::Notified, AssignmentState::Done).unwrap();
    let again = to(AssignmentState::Notified, AssignmentState::Declined);
    assert!(matches!(again, Err(StoreError::Stale)), "{again:?}");
    attempt(&stage, |tx| assignment::check(tx, north.id)).unwrap();
    assert!(matches!(attempt(&stage, |tx| assignment::check(tx, north.id)), Err(StoreError::Stale)));
    assert!(matches!(attempt(&stage, |tx| assignment::check(tx, south.id)), Err(StoreError::Stale)), "not done");
    for (counter, by) in
        [(Counter::Done, 1), (Counter::Done, 1), (Counter::Done, -1), (Counter::Expired, 1), (Counter::Withdrawn, 1)]
    {
        attempt(&stage, |tx| assignment::count(tx, north.wave_id, north.unit_id, counter, by)).unwrap();
    }
    attempt(&stage, |tx| assignment::count(tx, north.wave_id, south.unit_id, Counter::Declined, 1)).unwrap();
    let counts = stage.counts(north.wave_id);
    assert_eq!((counts.done, counts.declined, counts.expired, counts.withdrawn), (1, 1, 1, 1));
}

on_both!(
    a_post_serves_one_current_completion,
    a_post_is_registered_once_at_a_time,
    moves_are_guarded_by_the_state_they_were_read_in,
);
