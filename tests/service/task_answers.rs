//! *Decline* and *Undo*: free, counted, repeatable, and taken back while nothing was built on the answer.

use chrono::TimeDelta;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::wave::WaveState;
use gaung::service::task;
use gaung::store::post;

use crate::support::database::Engine;
use crate::support::stage::{Asked, Asking, Counts, Stage, code};

const URL: &str = "https://x.com/officialutr/status/1900000000000000001";

fn asked(stage: &Stage) -> Asked {
    stage.asked(Layer::Main, stage.world.north.account(AccountKind::Official), &Asking::of(Action::Publish))
}

fn counts(done: i64, declined: i64, expired: i64, withdrawn: i64) -> Counts {
    Counts { done, declined, expired, withdrawn, mail_cancelled: 1, mail_suppressed: 0 }
}

async fn declining_is_free_and_counts_once(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let (app, token, nonce) = (stage.world.app(), stage.token(&asked), stage.nonce(&asked).await);
    let press = |_| {
        let (app, token, nonce) = (app.clone(), token.clone(), nonce.clone());
        tokio::spawn(async move { task::decline(&app, &token, &nonce).await.unwrap() })
    };
    let mut answers = Vec::new();
    for answer in (0..10).map(press).collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(stage.counts(asked.wave_id), counts(0, 1, 0, 0));
    assert_eq!(stage.world.entries(EventKind::AssignmentDeclined), 1);
    assert_eq!(code(task::complete(app, &token, stage.done(&asked, None).await).await), "assignment.already_declined");
    assert_eq!(task::undo(app, &token, &nonce).await.unwrap().state, AssignmentState::Notified);
    assert_eq!(stage.counts(asked.wave_id), counts(0, 0, 0, 0));
    let row = stage.row(&asked);
    assert!(row.state == AssignmentState::Notified && row.settled_at.is_none() && row.opened_at.is_some());
    assert_eq!(code(task::undo(app, &token, &nonce).await), "assignment.nothing_to_undo");
    task::complete(app, &token, stage.done(&asked, Some(URL)).await).await.unwrap();
    assert_eq!(code(task::decline(app, &token, &nonce).await), "assignment.already_done");
}

async fn undoing_done_takes_the_post_off_the_register_and_frees_its_address(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let (app, token) = (stage.world.app(), stage.token(&asked));
    let first = task::complete(app, &token, stage.done(&asked, Some(URL)).await).await.unwrap();
    assert_eq!(stage.world.entries(EventKind::PostRegistered), 1);
    let nonce = stage.nonce(&asked).await;
    task::undo(app, &token, &nonce).await.unwrap();
    assert_eq!((stage.world.entries(EventKind::AssignmentUndone), stage.world.entries(EventKind::PostRemoved)), (1, 1));
    assert_eq!(stage.counts(asked.wave_id), counts(0, 0, 0, 0));
    let again = task::complete(app, &token, stage.done(&asked, Some(URL)).await).await.unwrap();
    assert_ne!(first.completion_id, again.completion_id);
    assert_eq!(stage.counts(asked.wave_id), counts(1, 0, 0, 0));
}

async fn a_post_that_a_wave_points_at_stays(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let (app, token) = (stage.world.app(), stage.token(&asked));
    task::complete(app, &token, stage.done(&asked, Some(URL)).await).await.unwrap();
    let post = app.db.read_blocking(|conn| post::find_of_assignment(conn, asked.wave_id, asked.id)).unwrap().unwrap();
    let wave = stage.wave(Layer::Advocacy, None);
    stage.task(wave, &Asking { post: Some(post.id), ..Asking::of(Action::Like) });
    let nonce = stage.nonce(&asked).await;
    assert_eq!(code(task::undo(app, &token, &nonce).await), "post.already_target");
    assert_eq!((stage.row(&asked).state, stage.counts(asked.wave_id)), (AssignmentState::Done, counts(1, 0, 0, 0)));
    // A wave that was left out points at nothing.
    stage.set_wave(wave, WaveState::Skipped);
    assert!(task::undo(app, &token, &nonce).await.is_ok());
}

async fn undo_ends_with_its_window_and_lands_where_time_has_got_to(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let (app, token) = (stage.world.app(), stage.token(&asked));
    let start = stage.world.app().clock.now();
    let clock = &stage.world.test.clock;
    // Done an hour before the deadline, taken back an hour after it: the wave's count of expired ones takes it over.
    clock.set(start + TimeDelta::hours(23));
    task::complete(app, &token, stage.done(&asked, None).await).await.unwrap();
    clock.set(start + TimeDelta::hours(25));
    let nonce = stage.nonce(&asked).await;
    assert_eq!(task::undo(app, &token, &nonce).await.unwrap().state, AssignmentState::Expired);
    assert_eq!(stage.counts(asked.wave_id), counts(0, 0, 1, 0));
    assert!(stage.row(&asked).settled_at.is_some());

    // Taken back in a cancelled campaign: withdrawn like the others.
    let other = stage.ask(asked.wave_id, asked.task_id, stage.world.south.account(AccountKind::Official));
    let token = stage.token(&other);
    task::complete(app, &token, stage.done(&other, None).await).await.unwrap();
    stage.set_campaign(CampaignState::Cancelled);
    let nonce = stage.nonce(&other).await;
    assert_eq!(task::undo(app, &token, &nonce).await.unwrap().state, AssignmentState::Withdrawn);
    let after = stage.counts(asked.wave_id);
    assert_eq!((after.done, after.expired, after.withdrawn), (0, 1, 1));

    // Too late.
    stage.set_campaign(CampaignState::Running);
    let wave = stage.wave(Layer::Main, None);
    let task_id = stage.task(wave, &Asking::of(Action::Publish));
    let late = stage.ask(wave, task_id, stage.world.north.account(AccountKind::Official));
    let token = stage.token(&late);
    let nonce = stage.nonce(&late).await;
    task::decline(app, &token, &nonce).await.unwrap();
    stage.world.test.advance(TimeDelta::hours(24) + TimeDelta::microseconds(1));
    assert!(task::view(app, &token).await.unwrap().undo_until.is_none());
    assert_eq!(code(task::undo(app, &token, &nonce).await), "assignment.undo_too_late");
    assert_eq!(stage.counts(wave).declined, 1);
}

on_both!(
    declining_is_free_and_counts_once,
    undoing_done_takes_the_post_off_the_register_and_frees_its_address,
    a_post_that_a_wave_points_at_stays,
    undo_ends_with_its_window_and_lands_where_time_has_got_to,
);
