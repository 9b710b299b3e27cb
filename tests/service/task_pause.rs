//! *Pause*, *resume*, *leave*, the unsubscribe button, and the member's own page.

use diesel::prelude::*;
use gaung::domain::event::EventKind;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::member::MemberState;
use gaung::service::task;
use gaung::store::schema::members;

use crate::support::database::Engine;
use crate::support::stage::{Asked, Asking, Stage, code};

fn asked(stage: &Stage) -> Asked {
    stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), &Asking::of(Action::Comment))
}

async fn pausing_stops_the_mail_and_can_be_taken_back(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let other = stage.ask(asked.wave_id, asked.task_id, stage.world.south.account(AccountKind::Advocate));
    let app = stage.world.app();
    let (own, by_task) = (task::pause_token(app, asked.member_id, 1), stage.token(&asked));
    let press = |i: usize| {
        let (app, token) = (app.clone(), if i.is_multiple_of(2) { own.clone() } else { by_task.clone() });
        tokio::spawn(async move { task::pause_all(&app, &token).await.unwrap() })
    };
    for answer in (0..10).map(press).collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap().state, MemberState::Paused);
    }
    assert_eq!(task::unsubscribe(app, &own).await.unwrap().state, MemberState::Paused);
    assert_eq!(stage.world.entries(EventKind::MemberPaused), 1);
    assert_eq!(stage.counts(asked.wave_id).mail_suppressed, 1, "one reminder of this member, none of the other");
    assert_eq!(stage.world.member_row(other.member_id).state, MemberState::Active);

    assert_eq!(task::resume(app, &own).await.unwrap().state, MemberState::Active);
    assert_eq!(task::resume(app, &by_task).await.unwrap().state, MemberState::Active);
    assert_eq!(stage.world.entries(EventKind::MemberResumed), 1);
    assert!(stage.world.member_row(asked.member_id).participate_version.is_some(), "pausing withdraws no consent");
    // The mail program's button needs no page.
    assert_eq!(task::unsubscribe(app, &own).await.unwrap().state, MemberState::Paused);
}

async fn leaving_withdraws_consent_for_good(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let app = stage.world.app();
    let own = task::pause_token(app, asked.member_id, 1);
    let nonce = task::my_tasks(app, &own).await.unwrap().nonce;
    let foreign = task::my_tasks(app, &task::pause_token(app, stage.world.south.member(AccountKind::Advocate), 1)).await.unwrap();
    for bad in ["", own.as_str(), foreign.nonce.as_str()] {
        assert_eq!(code(task::leave(app, &own, bad).await), "form.not_from_page");
    }
    assert_eq!(stage.world.member_row(asked.member_id).state, MemberState::Active);
    for _ in 0..2 {
        assert_eq!(task::leave(app, &own, &nonce).await.unwrap().state, MemberState::Left);
    }
    let row = stage.world.member_row(asked.member_id);
    assert_eq!((row.state, row.participate_version, row.operate_version), (MemberState::Left, None, None));
    assert_eq!((stage.world.entries(EventKind::MemberLeft), stage.world.entries(EventKind::ConsentWithdrawn)), (1, 2));
    assert_eq!(code(task::resume(app, &own).await), "member.left");
    assert_eq!(task::pause_all(app, &own).await.unwrap().state, MemberState::Left);
    // The task page's form can leave as well.
    let south = stage.ask(asked.wave_id, asked.task_id, stage.world.south.account(AccountKind::Advocate));
    let nonce = stage.nonce(&south).await;
    assert_eq!(task::leave(app, &stage.token(&south), &nonce).await.unwrap().state, MemberState::Left);
}

async fn the_own_page_lists_tasks_and_a_task_link_opens_no_other(engine: Engine) {
    let stage = Stage::new(engine);
    let asked = asked(&stage);
    let app = stage.world.app();
    let second = stage.asked(Layer::Advocacy, asked.account_id, &Asking::of(Action::Like));
    stage.ask(asked.wave_id, asked.task_id, stage.world.south.account(AccountKind::Advocate));
    task::decline(app, &stage.token(&second), &stage.nonce(&second).await).await.unwrap();
    let own = task::my_tasks(app, &task::pause_token(app, asked.member_id, 1)).await.unwrap();
    let mut seen: Vec<_> = own.tasks.iter().map(|t| (t.assignment_id, t.is_open)).collect();
    seen.sort_unstable();
    assert_eq!(seen, [(asked.id, true), (second.id, false)]);
    assert_eq!(own.tasks[0].handle, "@advocateutr");
    for line in &own.tasks {
        let page = task::view(app, line.token.as_ref().unwrap()).await.unwrap();
        assert_eq!(page.assignment_id, line.assignment_id);
    }
    let by_task = task::my_tasks(app, &stage.token(&asked)).await.unwrap();
    assert_eq!(by_task.tasks.len(), 2);
    assert!(by_task.tasks.iter().all(|line| line.token.is_none()));
    // Revoking the member's links leaves the task's own link alone.
    let token = task::pause_token(app, asked.member_id, 1);
    stage.world.change(|tx| {
        let row = diesel::update(members::table.find(asked.member_id));
        Ok(row.set(members::link_version.eq(2)).execute(tx.conn).map(drop)?)
    });
    assert_eq!(code(task::my_tasks(app, &token).await), "link.revoked");
    assert_eq!(code(task::pause_all(app, &token).await), "link.revoked");
    assert_eq!(code(task::pause_all(app, "x").await), "link.invalid");
    assert!(task::view(app, &stage.token(&asked)).await.is_ok());
}

on_both!(
    pausing_stops_the_mail_and_can_be_taken_back,
    leaving_withdraws_consent_for_good,
    the_own_page_lists_tasks_and_a_task_link_opens_no_other,
);
