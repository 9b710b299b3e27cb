//! Checking evidence: by whom, of what, and once.

use gaung::domain::assignment::{AssignmentState, EvidenceLevel};
use gaung::domain::event::EventKind;
use gaung::domain::id::CompletionId;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::service::page::PageRequest;
use gaung::service::{Caller, evidence, task};

use crate::support::database::Engine;
use crate::support::stage::{Asked, Asking, Stage, code};

async fn completed(stage: &Stage, kind: Action, url: Option<&str>) -> (Asked, CompletionId) {
    let asked = stage.asked(Layer::Advocacy, stage.world.north.account(AccountKind::Advocate), &Asking::of(kind));
    let done = stage.done(&asked, url).await;
    let completed = task::complete(stage.world.app(), &stage.token(&asked), done).await.unwrap();
    (asked, completed.completion_id)
}

async fn a_reviewer_checks_a_linked_completion_once(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let app = world.app();
    let (asked, id) = completed(&stage, Action::Comment, Some("https://x.com/advocateutr/status/1")).await;
    let (_, declared) = completed(&stage, Action::Like, None).await;
    for (caller, expected) in [
        (&world.coordinator, "forbidden"),
        (&world.auditor, "forbidden"),
        (&world.admin, "forbidden"),
        (&Caller::Operator, "forbidden"),
        (&world.south_lead, "not_found"),
    ] {
        assert_eq!(code(evidence::check(app, caller, id, true).await), expected, "{caller:?}");
    }
    assert_eq!(code(evidence::check(app, &world.lead, CompletionId::new(), true).await), "not_found");
    assert_eq!(code(evidence::check(app, &world.approver, declared, true).await), "completion.not_linked");
    let waiting = evidence::list_unchecked(app, &world.north_lead, Some(stage.campaign), PageRequest::default()).await.unwrap();
    assert_eq!(waiting.items.iter().map(|line| line.completion_id).collect::<Vec<_>>(), [id]);
    assert!(evidence::list_unchecked(app, &world.south_lead, None, PageRequest::default()).await.unwrap().items.is_empty());

    // Looked at and not found right: it stays linked, and waits no longer.
    evidence::check(app, &world.north_lead, id, false).await.unwrap();
    assert_eq!(stage.row(&asked).state, AssignmentState::Done);
    assert!(evidence::list_unchecked(app, &world.lead, None, PageRequest::default()).await.unwrap().items.is_empty());

    evidence::check(app, &world.approver, id, true).await.unwrap();
    let row = stage.row(&asked);
    assert!(row.state == AssignmentState::Checked && row.checked_at.is_some());
    let page = task::view(app, &stage.token(&asked)).await.unwrap();
    assert_eq!((page.completion.unwrap().level, page.undo_until), (EvidenceLevel::Checked, None));
    assert_eq!(world.entries(EventKind::AssignmentChecked), 2);
    assert_eq!(stage.counts(asked.wave_id).done, 1, "checked ones stay counted as done");
    assert_eq!(code(evidence::check(app, &world.approver, id, true).await), "assignment.already_checked");
    assert_eq!(code(task::undo(app, &stage.token(&asked), &page.nonce).await), "assignment.already_checked");
}

async fn what_was_taken_back_cannot_be_checked(engine: Engine) {
    let stage = Stage::new(engine);
    let app = stage.world.app();
    let (asked, id) = completed(&stage, Action::Comment, Some("https://x.com/advocateutr/status/1")).await;
    let nonce = stage.nonce(&asked).await;
    task::undo(app, &stage.token(&asked), &nonce).await.unwrap();
    assert_eq!(code(evidence::check(app, &stage.world.lead, id, true).await), "assignment.not_done");
    assert_eq!(stage.world.entries(EventKind::AssignmentChecked), 0);
}

on_both!(a_reviewer_checks_a_linked_completion_once, what_was_taken_back_cannot_be_checked);
