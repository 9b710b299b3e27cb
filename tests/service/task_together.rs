//! Many people press *Done* at once: their completions share transactions, and each is answered as if it were alone.

use std::collections::BTreeSet;

use diesel::prelude::*;
use futures_util::future::join_all;
use gaung::domain::assignment::{AssignmentState, EvidenceLevel};
use gaung::domain::event::EventKind;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::service::task::{self, Completed, Done};
use gaung::service::{ServiceError, promises};
use gaung::store::StoreError;
use gaung::store::schema::ledger_entries;

use crate::support::campaigns::crowd;
use crate::support::database::Engine;
use crate::support::stage::{Asked, Asking, Stage, code};

/// A crowd that is asked for a comment each.
struct Crowd {
    stage: Stage,
    asked: Vec<Asked>,
}

impl Crowd {
    fn of(engine: Engine, people: usize) -> Self {
        let stage = Stage::new(engine);
        let wave = stage.wave(Layer::Advocacy, None);
        let task = stage.task(wave, &Asking::of(Action::Comment));
        let mut accounts = crowd(&stage.world, stage.world.north.office, "n", AccountKind::Advocate, people / 2);
        accounts.extend(crowd(&stage.world, stage.world.south.unit, "s", AccountKind::Advocate, people - people / 2));
        let asked = accounts.into_iter().map(|(_, account)| stage.ask(wave, task, account)).collect();
        Self { stage, asked }
    }

    /// Everybody's form, half a minute after the page was opened.
    async fn forms(&self) -> Vec<(String, Done)> {
        let mut forms = Vec::new();
        for asked in &self.asked {
            let done = Done { disclosure_confirmed: true, nonce: self.stage.nonce(asked).await, ..Done::default() };
            forms.push((self.stage.token(asked), done));
        }
        self.stage.world.test.advance(chrono::TimeDelta::seconds(30));
        forms
    }

    /// All at once.
    async fn press(&self, forms: Vec<(String, Done)>) -> Vec<Result<Completed, ServiceError>> {
        let press = |(token, done): (String, Done)| {
            let app = self.stage.world.app().clone();
            tokio::spawn(async move { task::complete(&app, &token, done).await })
        };
        join_all(forms.into_iter().map(press).collect::<Vec<_>>()).await.into_iter().map(|answer| answer.unwrap()).collect()
    }

    /// The promises that do not hold: the stage sets up rows without what announces them.
    async fn broken(&self) -> Vec<&'static str> {
        promises::check(self.stage.world.app()).await.unwrap().0.into_iter().map(|broken| broken.promise).collect()
    }
}

async fn everybody_is_done_once_and_counted_once(engine: Engine) {
    let crowd = Crowd::of(engine, 120);
    let broken = crowd.broken().await;
    let forms = crowd.forms().await;
    // Everybody's finger slips: two presses each.
    let answers = crowd.press(forms.iter().chain(&forms).cloned().collect()).await;
    let ids: BTreeSet<_> = answers.iter().map(|answer| answer.as_ref().unwrap().completion_id).collect();
    assert_eq!(ids.len(), 120);
    for (first, again) in answers.iter().zip(answers.iter().skip(120)) {
        assert_eq!(first.as_ref().unwrap(), again.as_ref().unwrap());
    }
    let wave = crowd.asked[0].wave_id;
    let counts = crowd.stage.counts(wave);
    assert_eq!((counts.done, counts.mail_cancelled), (120, 120), "each reminder is cancelled with its task");
    assert_eq!(crowd.stage.world.entries(EventKind::AssignmentDone), 120);
    for asked in &crowd.asked {
        let row = crowd.stage.row(asked);
        assert_eq!(row.state, AssignmentState::Done);
        assert!(row.opened_at.is_some() && row.settled_at == row.opened_at);
    }
    assert_eq!(crowd.broken().await, broken);
}

async fn each_entry_names_its_own_member(engine: Engine) {
    let crowd = Crowd::of(engine, 40);
    let forms = crowd.forms().await;
    assert!(crowd.press(forms).await.iter().all(Result::is_ok));
    let done = ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::AssignmentDone)).select((
        ledger_entries::assignment_id,
        ledger_entries::actor_kind,
        ledger_entries::actor_ref,
        ledger_entries::subject_ref,
    ));
    type Line = (Option<gaung::domain::id::AssignmentId>, String, String, Option<String>);
    let lines: Vec<Line> = crowd.stage.world.app().db.read_blocking(|conn| Ok::<_, StoreError>(done.load(conn)?)).unwrap();
    assert_eq!(lines.len(), 40);
    for asked in &crowd.asked {
        let subject = crowd.stage.world.member_row(asked.member_id).subject_ref;
        let line = lines.iter().find(|line| line.0 == Some(asked.id)).unwrap();
        assert_eq!((line.1.as_str(), &line.2, line.3.as_ref()), ("member", &subject, Some(&subject)));
    }
}

async fn one_fault_is_nobody_elses(engine: Engine) {
    let crowd = Crowd::of(engine, 60);
    let broken = crowd.broken().await;
    let mut forms = crowd.forms().await;
    // Without the disclosure; with a nonce of another page; with somebody else's post; two with one post; a link that is cut.
    forms[1].1.disclosure_confirmed = false;
    forms[2].1.nonce = forms[3].1.nonce.clone();
    forms[4].1.url = Some("https://x.com/somebody_else/status/1900000000000000004".into());
    for twin in [6, 7] {
        forms[twin].1.url = Some("https://x.com/i/status/1900000000000000006".into());
    }
    forms[8].0.truncate(20);
    let mut answers = crowd.press(forms).await;
    let said: Vec<String> =
        [1, 2, 4, 8].into_iter().map(|n| code(std::mem::replace(&mut answers[n], Err(ServiceError::Forbidden)))).collect();
    assert_eq!(
        said,
        [
            "disclosure:completion.disclosure_not_confirmed",
            "form.not_from_page",
            "url:completion.not_this_account",
            "link.invalid"
        ]
    );
    let twins: Vec<bool> = [6, 7].iter().map(|n| answers[*n].is_ok()).collect();
    assert_eq!(twins.iter().filter(|ok| **ok).count(), 1, "a post is evidence once");
    for n in (0..60).filter(|n| ![1, 2, 4, 6, 7, 8].contains(n)) {
        let completed = answers[n].as_ref().unwrap();
        assert_eq!((completed.level, completed.suspected), (EvidenceLevel::Declared, false));
    }
    assert_eq!(crowd.stage.counts(crowd.asked[0].wave_id).done, 55);
    assert_eq!(crowd.stage.world.entries(EventKind::AssignmentDone), 55);
    assert_eq!(crowd.broken().await, broken);
}

async fn what_looks_automatic_waits_also_in_a_crowd(engine: Engine) {
    let crowd = Crowd::of(engine, 30);
    let broken = crowd.broken().await;
    let mut forms = crowd.forms().await;
    // Three pages were opened only now.
    for n in [0, 10, 20] {
        forms[n].1.nonce = crowd.stage.nonce(&crowd.asked[n]).await;
    }
    let answers = crowd.press(forms).await;
    let suspected: Vec<usize> = (0..30).filter(|n| answers[*n].as_ref().unwrap().suspected).collect();
    assert_eq!(suspected, [0, 10, 20]);
    assert_eq!(crowd.stage.counts(crowd.asked[0].wave_id).done, 27);
    assert_eq!(crowd.broken().await, broken);
}

on_both!(
    everybody_is_done_once_and_counted_once,
    each_entry_names_its_own_member,
    one_fault_is_nobody_elses,
    what_looks_automatic_waits_also_in_a_crowd,
);
