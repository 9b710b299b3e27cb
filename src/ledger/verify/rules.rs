//! The domain's own rules over the entries in their order: what an honest institution's log cannot say.
//!
//! **The order.** Entries are sealed after they are committed, those that wait together by their ids, which begin with the clock of the
//! process that made them. So what was committed before something else began is sealed before it, unless the clocks of two replicas
//! disagreed. An entry that needs another before it is therefore given [`CLOCKS_US`] of the log's time for that other to come. An entry
//! carries the time at which its transaction began, and is sealed when it was committed: times may step back, by [`BACK_US`] at most.

use std::collections::{HashMap, VecDeque};

use super::answers::{Answer, Answers};
use super::event::{Event, What};

/// How far the clocks of two replicas may disagree: 5 seconds, in microseconds.
pub const CLOCKS_US: i64 = 5_000_000;

/// How far an entry's time may lie before an earlier entry's: one hour, in microseconds. Longer than any transaction lasts.
pub const BACK_US: i64 = 3_600_000_000;

/// The most findings that are kept; all are counted.
const MOST_FINDINGS: usize = 20;

/// The most entries that may wait for what should have come before them.
const MOST_WAITING: usize = 1_000;

/// Which rule an entry breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A campaign was released, voided or ended that was never written.
    #[error("its campaign was never created")]
    NotBegun,
    /// A release names other content than was written last.
    #[error("a campaign was released with other content than was written last")]
    OtherContent,
    /// A released campaign was written anew without its release being voided.
    #[error("a released campaign was changed without its release being voided")]
    ChangedAfterRelease,
    /// A wave opened without a release that stands.
    #[error("a wave opened although its campaign was not released")]
    NotReleased,
    /// A wave opened, or something was done, after its campaign ended.
    #[error("it happened after its campaign had ended")]
    AfterEnd,
    /// A wave opened a second time.
    #[error("a wave opened a second time")]
    OpenedTwice,
    /// Something happened in a wave that had not opened.
    #[error("it happened in a wave that had not opened")]
    NotOpened,
    /// Something was done in a wave that had closed.
    #[error("it was done after its wave had closed")]
    AfterClose,
    /// An assignment that its wave never made.
    #[error("its assignment was never made in its wave")]
    NotMade,
    /// A second completion of one assignment.
    #[error("an assignment was completed a second time, and the first completion was not undone")]
    DoneTwice,
    /// A completion, refusal or expiry of an assignment that was not open.
    #[error("its assignment was not open any more")]
    NotOpen,
    /// Something was taken back, confirmed or checked that was not there.
    #[error("what it takes back, confirms or checks was not there")]
    NothingThere,
    /// The time lies too far before an earlier entry's.
    #[error("its time lies more than an hour before that of an earlier entry")]
    TimeBack,
    /// It names no campaign, wave or assignment where its kind must.
    #[error("it does not say what it concerns")]
    NoSubject,
}

/// An entry that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Which entry, counted from 0.
    pub index: u64,
    /// Which rule.
    pub broken: Broken,
}

#[derive(Default)]
struct Campaign {
    content: Option<Box<str>>,
    released: bool,
    ended_at: Option<i64>,
    /// Nothing here says how it began.
    foreign: bool,
}

#[derive(Default)]
struct Wave {
    closed_at: Option<i64>,
    /// The ranges of its assignments' ids, sorted.
    made: Vec<(u128, u128)>,
    foreign: bool,
}

/// An entry that waits for what should have come before it.
struct Waiting {
    index: u64,
    event: Event,
}

/// What the entries so far add up to.
pub struct Rules {
    campaigns: HashMap<u128, Campaign>,
    waves: HashMap<u128, Wave>,
    answers: Answers,
    waiting: VecDeque<Waiting>,
    latest_us: i64,
    /// The furthest that a time stepped back, in microseconds.
    pub furthest_back_us: i64,
    findings: Vec<Finding>,
    /// How many entries broke a rule.
    broken: u64,
    continues: bool,
    /// Entries about what began before this log, of which the first.
    foreign: Vec<Finding>,
    foreign_count: u64,
}

/// What the rules found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The first entries that broke a rule, by index.
    pub findings: Vec<Finding>,
    /// How many did.
    pub broken: u64,
    /// How many entries concern what began before this log, which says that it goes on from another.
    pub from_before: u64,
    /// The furthest that a time stepped back, in microseconds.
    pub furthest_back_us: i64,
}

impl Rules {
    /// For a log with so many entries.
    #[must_use]
    pub fn for_size(size: u64) -> Self {
        Self {
            campaigns: HashMap::new(),
            waves: HashMap::new(),
            answers: Answers::for_at_most(size),
            waiting: VecDeque::new(),
            latest_us: i64::MIN,
            furthest_back_us: 0,
            findings: Vec::new(),
            broken: 0,
            continues: false,
            foreign: Vec::new(),
            foreign_count: 0,
        }
    }

    /// The next entry.
    pub fn next(&mut self, index: u64, event: &Event) {
        let back = self.latest_us.saturating_sub(event.at_us);
        if self.latest_us != i64::MIN && back > BACK_US {
            self.find(Finding { index, broken: Broken::TimeBack });
        }
        self.furthest_back_us = self.furthest_back_us.max(if self.latest_us == i64::MIN { 0 } else { back });
        self.latest_us = self.latest_us.max(event.at_us);
        self.give_up();
        if event.what == What::Other {
            return;
        }
        match self.apply(event) {
            Ok(()) => self.retry(),
            Err(_) => self.waiting.push_back(Waiting { index, event: event.clone() }),
        }
    }

    /// Entries that waited may have what they waited for.
    fn retry(&mut self) {
        let mut moved = !self.waiting.is_empty();
        while moved {
            moved = false;
            for _ in 0..self.waiting.len() {
                let Some(waiting) = self.waiting.pop_front() else { break };
                match self.apply(&waiting.event) {
                    Ok(()) => moved = true,
                    Err(_) => self.waiting.push_back(waiting),
                }
            }
        }
    }

    /// Entries that waited long enough break their rule.
    fn give_up(&mut self) {
        let overdue = |first: &Waiting, latest: i64| first.event.at_us.saturating_add(CLOCKS_US) < latest;
        while let Some(first) = self.waiting.front() {
            if !overdue(first, self.latest_us) && self.waiting.len() <= MOST_WAITING {
                break;
            }
            if let Some(waiting) = self.waiting.pop_front() {
                self.settle(&waiting);
            }
        }
    }

    /// The end of the log.
    #[must_use]
    pub fn finish(mut self) -> Found {
        while let Some(waiting) = self.waiting.pop_front() {
            self.settle(&waiting);
        }
        let mut from_before = 0;
        if self.continues {
            from_before = self.foreign_count;
        } else {
            self.broken += self.foreign_count;
            self.findings.append(&mut self.foreign);
        }
        self.findings.sort_by_key(|finding| finding.index);
        self.findings.truncate(MOST_FINDINGS);
        Found { findings: self.findings, broken: self.broken, from_before, furthest_back_us: self.furthest_back_us }
    }

    /// What waited in vain: either it is about something that this log never saw begin, or it breaks its rule.
    fn settle(&mut self, waiting: &Waiting) {
        let Waiting { index, event } = waiting;
        // What was settled before it may have made a difference.
        let Err(broken) = self.apply(event) else { return };
        let finding = Finding { index: *index, broken };
        let unknown_campaign = event.campaign.filter(|id| !self.campaigns.contains_key(id));
        let unknown_wave = event.wave.filter(|id| !self.waves.contains_key(id));
        let of_wave = matches!(broken, Broken::NotOpened | Broken::NotMade);
        let of_campaign = matches!(broken, Broken::NotBegun | Broken::NotReleased);
        let unknown = of_wave && unknown_wave.is_some() || of_campaign && unknown_campaign.is_some();
        if !unknown {
            self.find(finding);
            return;
        }
        if let Some(id) = unknown_campaign {
            self.campaigns.insert(id, Campaign { foreign: true, ..Campaign::default() });
        }
        if let Some(id) = unknown_wave {
            let closed_at = (event.what == What::Closed).then_some(event.at_us);
            self.waves.insert(id, Wave { foreign: true, closed_at, ..Wave::default() });
        }
        self.foreign_count += 1;
        if self.foreign.len() < MOST_FINDINGS {
            self.foreign.push(finding);
        }
    }

    fn find(&mut self, finding: Finding) {
        self.broken += 1;
        // Those that waited come later than others with a larger index: the smallest are kept.
        if self.findings.len() >= MOST_FINDINGS {
            self.findings.sort_by_key(|finding| finding.index);
            self.findings.pop();
        }
        self.findings.push(finding);
    }

    /// Applies an entry; on an error nothing has changed.
    fn apply(&mut self, event: &Event) -> Result<(), Broken> {
        match &event.what {
            What::Other => Ok(()),
            What::Continues => {
                self.continues = true;
                Ok(())
            }
            What::Written(_) | What::Released(_) | What::Voided | What::Ended => self.of_campaign(event),
            What::Opened => self.opened(event),
            What::Made(..) | What::Filled | What::Closed => self.of_wave(event),
            _ => self.of_assignment(event),
        }
    }

    fn of_campaign(&mut self, event: &Event) -> Result<(), Broken> {
        let id = event.campaign.ok_or(Broken::NoSubject)?;
        if !self.campaigns.contains_key(&id) && !matches!(event.what, What::Written(_)) {
            return Err(Broken::NotBegun);
        }
        let campaign = self.campaigns.entry(id).or_default();
        match &event.what {
            What::Written(_) if campaign.released => return Err(Broken::ChangedAfterRelease),
            What::Written(content) => campaign.content = Some(content.clone()),
            What::Released(content) => {
                if !campaign.foreign && campaign.content.as_ref() != Some(content) {
                    return Err(Broken::OtherContent);
                }
                campaign.released = true;
            }
            What::Voided => campaign.released = false,
            _ => campaign.ended_at = Some(campaign.ended_at.unwrap_or(event.at_us)),
        }
        Ok(())
    }

    fn opened(&mut self, event: &Event) -> Result<(), Broken> {
        let (campaign, wave) = (event.campaign.ok_or(Broken::NoSubject)?, event.wave.ok_or(Broken::NoSubject)?);
        let campaign = self.campaigns.get(&campaign).ok_or(Broken::NotReleased)?;
        if !campaign.released && !campaign.foreign {
            return Err(Broken::NotReleased);
        }
        after(campaign.ended_at, event, Broken::AfterEnd)?;
        if self.waves.contains_key(&wave) {
            return Err(Broken::OpenedTwice);
        }
        self.waves.insert(wave, Wave::default());
        Ok(())
    }

    fn of_wave(&mut self, event: &Event) -> Result<(), Broken> {
        let wave = self.waves.get_mut(&event.wave.ok_or(Broken::NoSubject)?).ok_or(Broken::NotOpened)?;
        match event.what {
            What::Made(first, last) => {
                after(wave.closed_at, event, Broken::AfterClose)?;
                let at = wave.made.partition_point(|(begun, _)| *begun < first);
                wave.made.insert(at, (first, last));
            }
            What::Closed => wave.closed_at = Some(wave.closed_at.unwrap_or(event.at_us)),
            _ => {}
        }
        Ok(())
    }

    fn of_assignment(&mut self, event: &Event) -> Result<(), Broken> {
        let (id, wave) = (event.assignment.ok_or(Broken::NoSubject)?, event.wave.ok_or(Broken::NoSubject)?);
        let wave = self.waves.get(&wave).ok_or(Broken::NotOpened)?;
        if wave.foreign {
            return Ok(());
        }
        let begun = wave.made.partition_point(|(first, _)| *first <= id);
        let range = begun.checked_sub(1).and_then(|at| wave.made.get(at));
        if range.is_none_or(|(_, last)| *last < id) {
            return Err(Broken::NotMade);
        }
        let before = self.answers.get(id);
        let next = step(before, &event.what)?;
        if matches!(event.what, What::Done(_) | What::Declined | What::Confirmed) {
            after(wave.closed_at, event, Broken::AfterClose)?;
            let campaign = event.campaign.and_then(|id| self.campaigns.get(&id));
            after(campaign.and_then(|campaign| campaign.ended_at), event, Broken::AfterEnd)?;
        }
        if next != before {
            self.answers.set(id, next);
        }
        Ok(())
    }
}

/// Whether an entry comes after an end, by more than clocks may disagree.
fn after(end: Option<i64>, event: &Event, broken: Broken) -> Result<(), Broken> {
    match end {
        Some(end) if event.at_us > end.saturating_add(CLOCKS_US) => Err(broken),
        _ => Ok(()),
    }
}

/// What stands of an assignment after an entry.
const fn step(before: Answer, what: &What) -> Result<Answer, Broken> {
    match (what, before) {
        (What::Done(_), Answer::Done | Answer::Checked) => Err(Broken::DoneTwice),
        (What::Done(true), Answer::Open | Answer::Waiting) => Ok(Answer::Waiting),
        (What::Done(false), Answer::Open | Answer::Waiting) | (What::Confirmed, Answer::Waiting) => Ok(Answer::Done),
        (What::Declined, Answer::Open | Answer::Waiting) => Ok(Answer::Declined),
        (What::Expired, Answer::Open | Answer::Waiting) => Ok(Answer::Over),
        (What::Done(_) | What::Declined | What::Expired, _) => Err(Broken::NotOpen),
        // One that waited falls away at any time, also when its assignment is over.
        (What::Undone(true, false), Answer::Waiting) => Ok(Answer::Open),
        (What::Undone(true, _), Answer::Waiting | Answer::Over) => Ok(Answer::Over),
        (What::Undone(false, false), Answer::Done | Answer::Declined) => Ok(Answer::Open),
        (What::Undone(false, true), Answer::Done | Answer::Declined) => Ok(Answer::Over),
        (What::Looked(true), Answer::Done) => Ok(Answer::Checked),
        (What::Looked(false), Answer::Done) => Ok(Answer::Done),
        (What::Looked(_) | What::Undone(..) | What::Confirmed, _) => Err(Broken::NothingThere),
        _ => Ok(before),
    }
}
