//! A page of which one part can't be written: the others are, and each who waits hears what became of theirs.

use super::*;
use crate::clock::ManualClock;
use crate::config::Config;
use crate::domain::outbox::MailKind;
use crate::service::delivery::verdict;
use crate::store::migrate;
use crate::store::outbox::trial::{self, State};

/// Short: for so long is asked again what the database refuses.
const LEASE_S: u32 = 3;

fn app(dir: &std::path::Path) -> App {
    let mut config = Config::load_from(None, [], &crate::config::Overrides::default()).unwrap();
    config.data.dir = dir.to_path_buf();
    config.mail.lease_s = LEASE_S;
    let app = App::build(config, ManualClock::at(chrono::DateTime::UNIX_EPOCH).shared()).unwrap();
    migrate::up(&app.db).unwrap();
    app
}

/// Three mails: one was handed over, one is about to be, one waits.
async fn written_where(change: &str, condition: &str) -> (Vec<State>, Option<HashSet<MailId>>, Result<usize, String>, bool) {
    let dir = tempfile::tempdir().unwrap();
    let app = app(dir.path());
    let until = app.clock.now() + chrono::TimeDelta::seconds(LEASE_S.into());
    let claimed = app.db.write_blocking(Actor::Operator, |tx| {
        tx.without_entry("a test's mails");
        for _ in 0..3 {
            outbox::enqueue(tx, &[outbox::NewMail::new(MailKind::Notice)])?;
        }
        outbox::claim(tx, &outbox::Front::default(), 2, until)
    });
    let [sent, next] = claimed.unwrap().try_into().unwrap();
    app.db.write_blocking(Actor::Operator, |tx| trial::refuse(tx, change, condition)).unwrap();
    let lease = Lease { taken: std::time::Instant::now(), lasts: Duration::from_secs(LEASE_S.into()) };
    let ((answer, marked), (claim, batch)) = (oneshot::channel(), oneshot::channel());
    let page = Page {
        results: vec![Settlement::new(sent, verdict(MailState::Sent, None))],
        marks: Some(Marks { mails: vec![next], lease, answer }),
        claim: Some(Wanted { limit: app.config.mail.batch_size, answer: claim }),
    };
    let done = write(&app, page, &Brake::default()).await;
    let batch = batch.await.unwrap().map(|batch| batch.map_or(0, |batch| batch.claimed.len())).map_err(|e| e.to_string());
    (app.db.read_blocking(trial::states).unwrap(), marked.await.unwrap(), batch, done.is_ok())
}

#[tokio::test]
async fn what_can_be_written_is_written_where_a_claim_fails() {
    let (states, marked, batch, done) = written_where("lease_until", "OLD.state = 'pending' AND NEW.state = 'sending'").await;
    assert_eq!(states[0].1, MailState::Sent);
    assert_eq!((states[1].1, states[1].2), (MailState::Sending, Some(1)));
    assert_eq!(marked, Some(HashSet::from([states[1].0])));
    assert_eq!((states[2].1, batch.is_err(), done), (MailState::Pending, true, true));
}

#[tokio::test]
async fn what_can_be_written_is_written_where_a_mark_fails() {
    let (states, marked, batch, done) = written_where("begun", "NEW.begun > 0").await;
    assert_eq!((states[0].1, states[1].2, marked), (MailState::Sent, Some(-1), None), "what is not marked is not handed over");
    assert_eq!((states[2].1, batch, done), (MailState::Sending, Ok(1), true));
}

#[tokio::test]
async fn what_can_be_written_is_written_where_a_result_fails() {
    let (states, marked, batch, done) = written_where("settled_at", "NEW.state = 'sent'").await;
    assert_eq!((states[0].1, done), (MailState::Sending, false), "its lease decides");
    assert_eq!((states[1].2, marked.map(|ours| ours.len())), (Some(1), Some(1)));
    assert_eq!((states[2].1, batch), (MailState::Sending, Ok(1)));
}

#[tokio::test]
async fn a_page_that_can_be_written_is_one_transaction() {
    let (states, marked, batch, done) = written_where("id", "FALSE").await;
    assert_eq!(
        states.iter().map(|(_, state, _)| *state).collect::<Vec<_>>(),
        [MailState::Sent, MailState::Sending, MailState::Sending]
    );
    assert_eq!((marked, batch, done), (Some(HashSet::from([states[1].0])), Ok(1), true));
}
