//! Lets the campaign run: the real scheduler's tick, the real mail, real use cases; only the clock goes faster and the people are drawn.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _};
use indicatif::ProgressBar;

use super::institution::{Draw, post_url};
use super::mailbox::Reader;
use super::setup::AT_ONCE;
use crate::app::App;
use crate::clock::ManualClock;
use crate::domain::campaign::CampaignState;
use crate::domain::id::CampaignId;
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;
use crate::jobs;
use crate::service::task::{self, Done};
use crate::service::{Caller, ServiceError, campaign};

/// How far the clock moves at a time while somebody may act.
const STEP: TimeDelta = TimeDelta::minutes(10);
/// Between opening the page and pressing the button.
const READING: TimeDelta = TimeDelta::seconds(45);
/// The demo's campaign is over long before.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// What a person will do about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Complete,
    Decline,
    Silence,
}

/// Somebody who will act at a time, through the link in their mail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Intent {
    at: DateTime<Utc>,
    token: String,
    answer: Answer,
}

/// The running demo.
pub(super) struct Simulation<'a> {
    pub app: &'a App,
    pub clock: &'a ManualClock,
    pub seed: u64,
    pub bar: &'a ProgressBar,
    pub reader: Reader,
}

impl Simulation<'_> {
    /// Runs until the campaign is finished.
    pub(super) async fn run(&mut self, lead: &Caller, id: CampaignId) -> anyhow::Result<()> {
        let began = self.clock_now();
        let mut waiting: BinaryHeap<Reverse<Intent>> = BinaryHeap::new();
        let posts = AtomicU64::new(1);
        loop {
            self.drain().await?;
            self.read_mail(&mut waiting).await?;
            let now = self.clock_now();
            let mut due = Vec::new();
            while let Some(Reverse(intent)) = waiting.peek() {
                if intent.at > now {
                    break;
                }
                due.extend(waiting.pop().map(|Reverse(intent)| intent));
            }
            if due.is_empty() {
                if campaign::get(self.app, lead, id).await?.state == CampaignState::Finished {
                    return Ok(());
                }
                self.clock.advance(STEP);
            } else {
                self.act(due, &posts).await?;
            }
            self.bar.set_message(self.clock_now().format("%a %H:%M").to_string());
            ensure!(self.clock_now() - began < LONGEST, "the campaign did not finish within {} days", LONGEST.num_days());
        }
    }

    fn clock_now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Ticks until nothing moves any more.
    pub(super) async fn drain(&self) -> anyhow::Result<()> {
        loop {
            let progress = jobs::tick(self.app).await;
            ensure!(progress.failed == 0, "a sweep of the scheduler failed; see the log");
            if progress.is_idle() {
                return Ok(());
            }
        }
    }

    async fn read_mail(&mut self, waiting: &mut BinaryHeap<Reverse<Intent>>) -> anyhow::Result<()> {
        loop {
            let letters = self.reader.read(self.app).await?;
            if letters.is_empty() {
                return Ok(());
            }
            for letter in letters {
                let tokens = letter.links("/t/");
                if tokens.is_empty() {
                    continue;
                }
                let mut draw = Draw::new(self.seed, &letter.rcpt_to);
                let operates = !letter.rcpt_to.chars().any(|c| c.is_ascii_digit());
                let answer = answer(&mut draw, operates);
                if answer == Answer::Silence {
                    continue;
                }
                // Most answer within two hours, some take half a day.
                let minutes = if operates { 3 + draw.below(25) } else { 5 + draw.below(60) + draw.below(8) * draw.below(90) };
                let at = self.clock_now() + TimeDelta::minutes(i64::try_from(minutes).unwrap_or(60));
                waiting.extend(tokens.into_iter().map(|token| Reverse(Intent { at, token: token.to_owned(), answer })));
            }
        }
    }

    /// Everybody opens their page, reads, and presses.
    async fn act(&self, due: Vec<Intent>, posts: &AtomicU64) -> anyhow::Result<()> {
        let (app, bar) = (self.app, self.bar);
        let opened: Vec<(Intent, task::TaskView)> = futures_util::stream::iter(due)
            .map(|intent| async move { task::view(app, &intent.token).await.map(|view| (intent, view)) })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        self.clock.advance(READING);
        let pressed =
            futures_util::stream::iter(opened.into_iter().filter(|(_, view)| view.is_open)).map(|(intent, view)| async move {
                press(app, &intent, &view, posts).await?;
                bar.inc(1);
                Ok::<_, ServiceError>(())
            });
        pressed.buffered(AT_ONCE).try_for_each(|()| async { Ok(()) }).await?;
        Ok(())
    }
}

/// Operators do their work; three in five employees take part, one in eight declines, the others stay silent.
const fn answer(draw: &mut Draw, operates: bool) -> Answer {
    let ticket = draw.below(1000);
    match (operates, ticket) {
        (true, _) | (false, 0..=599) => Answer::Complete,
        (false, 600..=724) => Answer::Decline,
        (false, _) => Answer::Silence,
    }
}

async fn press(app: &App, intent: &Intent, view: &task::TaskView, posts: &AtomicU64) -> Result<(), ServiceError> {
    if intent.answer == Answer::Decline {
        task::decline(app, &intent.token, &view.nonce).await?;
        return Ok(());
    }
    // An employee's account may be private, so that not everybody has an address to give.
    let gives_address =
        view.evidence_required || view.account.kind != AccountKind::Advocate || !view.first_name.starts_with(['A', 'B', 'C']);
    let number = posts.fetch_add(1, Ordering::Relaxed);
    let url = (view.leaves_address && gives_address).then(|| post_url(platform(view.platform), &view.account.handle, number));
    let done = Done { url, disclosure_confirmed: true, own_words: true, nonce: view.nonce.clone() };
    task::complete(app, &intent.token, done).await?;
    Ok(())
}

fn platform(platform: Platform) -> &'static str {
    platform.as_str()
}
