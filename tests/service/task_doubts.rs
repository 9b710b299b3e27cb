//! A *Done* that came too fast to be a person's: on file, not counted, until somebody looked at the page and confirmed it.

use chrono::TimeDelta;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::event::EventKind;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::service::task::{self, Done};

use crate::support::database::Engine;
use crate::support::dump::dump;
use crate::support::stage::{Asked, Asking, Stage, code};

const URL: &str = "https://x.com/officialutr/status/1900000000000000001";

/// A publishing task of the official account, and a *Done* pressed two seconds after the page was opened.
async fn hasty(stage: &Stage) -> (Asked, String, Done) {
    let account = stage.world.north.account(AccountKind::Official);
    let asked = stage.asked(Layer::Main, account, &Asking::of(Action::Publish));
    let nonce = stage.nonce(&asked).await;
    stage.world.test.advance(TimeDelta::seconds(2));
    let done = Done { url: Some(URL.into()), disclosure_confirmed: true, own_words: false, nonce };
    (asked, stage.token(&asked), done)
}

async fn what_looks_automatic_counts_only_when_confirmed(engine: Engine) {
    let stage = Stage::new(engine);
    let (asked, token, done) = hasty(&stage).await;
    let app = stage.world.app();
    let waiting = stage.wave(Layer::Opinion, Some(asked.wave_id));
    let first = task::complete(app, &token, done.clone()).await.unwrap();
    assert!(first.suspected);
    assert_eq!(task::complete(app, &token, done.clone()).await.unwrap(), first, "pressed again at once");
    let page = task::view(app, &token).await.unwrap();
    assert!(page.is_open && page.completion.unwrap().suspected && page.undo_until.is_none());
    assert_eq!(stage.row(&asked).state, AssignmentState::Notified);
    assert_eq!((stage.counts(asked.wave_id).done, stage.counts(asked.wave_id).mail_cancelled), (0, 0));
    assert_eq!((stage.world.entries(EventKind::PostRegistered), stage.opens_at(waiting)), (0, None));
    assert!(dump(&app.db)["ledger_entries"].iter().any(|line| line.contains("assignment.done") && line.contains("suspected")));

    // A machine presses Confirm at once too, on the page it has or on the next one.
    assert_eq!(code(task::confirm(app, &token, &done.nonce).await), "completion.confirm_too_soon");
    stage.world.test.advance(TimeDelta::seconds(3));
    let nonce = stage.nonce(&asked).await;
    assert_eq!(code(task::confirm(app, &token, &nonce).await), "completion.confirm_too_soon");
    stage.world.test.advance(TimeDelta::minutes(1));
    assert_eq!(code(task::confirm(app, &token, &done.nonce).await), "completion.confirm_too_soon", "the old page");

    let confirmed = task::confirm(app, &token, &nonce).await.unwrap();
    assert_eq!((confirmed.completion_id, confirmed.suspected), (first.completion_id, false));
    assert_eq!(task::confirm(app, &token, &nonce).await.unwrap(), confirmed);
    assert_eq!(stage.row(&asked).state, AssignmentState::Done);
    assert_eq!((stage.counts(asked.wave_id).done, stage.counts(asked.wave_id).mail_cancelled), (1, 1));
    assert_eq!((stage.world.entries(EventKind::CompletionConfirmed), stage.world.entries(EventKind::PostRegistered)), (1, 1));
    assert!(stage.opens_at(waiting).is_some());
}

async fn a_person_who_presses_done_takes_the_place_of_a_machine(engine: Engine) {
    let stage = Stage::new(engine);
    let (asked, token, done) = hasty(&stage).await;
    let app = stage.world.app();
    let machine = task::complete(app, &token, Done { url: None, ..done }).await.unwrap();
    assert!(machine.suspected);
    let person = task::complete(app, &token, stage.done(&asked, Some(URL)).await).await.unwrap();
    assert!(!person.suspected && person.completion_id != machine.completion_id);
    assert_eq!(stage.counts(asked.wave_id).done, 1);
    assert_eq!(stage.row(&asked).state, AssignmentState::Done);
}

async fn what_waits_for_a_confirmation_can_be_dropped_or_declined(engine: Engine) {
    let stage = Stage::new(engine);
    let (asked, token, done) = hasty(&stage).await;
    let app = stage.world.app();
    assert_eq!(code(task::confirm(app, &token, &done.nonce).await), "completion.nothing_to_confirm");
    task::complete(app, &token, done.clone()).await.unwrap();
    assert_eq!(task::undo(app, &token, &done.nonce).await.unwrap().state, AssignmentState::Notified);
    assert!(task::view(app, &token).await.unwrap().completion.is_none());
    task::complete(app, &token, done.clone()).await.unwrap();
    task::decline(app, &token, &done.nonce).await.unwrap();
    assert!(task::view(app, &token).await.unwrap().completion.is_none());
    let counts = stage.counts(asked.wave_id);
    assert_eq!((counts.done, counts.declined), (0, 1));
}

async fn zero_seconds_switch_the_doubt_off(engine: Engine) {
    let world = crate::support::world::World::with_env(engine, &[("GAUNG__CAMPAIGN__SUSPECTED_AUTOMATION_S", "0")]);
    let stage = Stage::in_world(world);
    let (_, token, done) = hasty(&stage).await;
    assert!(!task::complete(stage.world.app(), &token, done).await.unwrap().suspected);
}

on_both!(
    what_looks_automatic_counts_only_when_confirmed,
    a_person_who_presses_done_takes_the_place_of_a_machine,
    what_waits_for_a_confirmation_can_be_dropped_or_declined,
    zero_seconds_switch_the_doubt_off,
);
