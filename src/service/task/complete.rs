//! *Done*: a completion with its evidence, once, whoever presses how often; and what looks automatic waits for a confirmation.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::json;

use super::link::{self, TaskLink, entry};
use super::press::{Press, Presses};
use super::view::{self, TargetView};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::assignment::{AssignmentRefusal, AssignmentState, EvidenceLevel, check_open, is_suspected_automation};
use crate::domain::content::TargetPlan;
use crate::domain::event::EventKind;
use crate::domain::handle::Handle;
use crate::domain::id::CompletionId;
use crate::domain::kind::Layer;
use crate::domain::post;
use crate::domain::post_url::{Belongs, PostUrl};
use crate::domain::refusal::Refusal as _;
use crate::fault;
use crate::service::claim::answered_by;
use crate::service::neutrality::is_blocked_address;
use crate::service::post::{Registration, enter_register, url_key};
use crate::service::{FieldError, ServiceError};
use crate::store::assignment::{self, Counter};
use crate::store::completion::{self, CompletionRow};
use crate::store::pace::{self, Step};
use crate::store::task_sheet::TaskSheet;
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, Manner, StoreError, Tx, Unique, neutrality, outbox};

/// What a member says when pressing *Done*.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The address of the post, where there is one.
    pub url: Option<String>,
    /// That the affiliation is visible in the profile or the post.
    pub disclosure_confirmed: bool,
    /// That the words are the member's own.
    pub own_words: bool,
    /// The page's nonce.
    pub nonce: String,
}

/// A completion on file. Pressing again gives the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completed {
    /// The completion.
    pub completion_id: CompletionId,
    /// How well it is evidenced.
    pub level: EvidenceLevel,
    /// The canonical address of the post.
    pub url: Option<String>,
    /// Whether it looks automatic: it does not count until [`confirm`].
    pub suspected: bool,
    /// When *Done* was pressed.
    pub completed_at: DateTime<Utc>,
}

impl From<CompletionRow> for Completed {
    fn from(row: CompletionRow) -> Self {
        let CompletionRow { id, level, url, suspected, completed_at, .. } = row;
        Self { completion_id: id, level, url, suspected, completed_at: completed_at.0 }
    }
}

/// The evidence that came with *Done*.
pub(super) struct Evidence {
    url: Option<PostUrl>,
    /// Whether the address itself shows whose post it is.
    owner_shown: bool,
}

/// Records that a task is done. Repeating it, once or fifty times at once, answers with the completion that exists.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `assignment.*`, `target.blocked` as refusals; `completion.*`, `post_url.*` and
/// `post.already_registered` as faults of the fields `disclosure`, `own_words` and `url`.
pub async fn complete(app: &App, token: &str, done: Done) -> Result<Completed, ServiceError> {
    let link = TaskLink::open(app, token)?;
    let made_at = link::form_made_at(app, link.id.uuid(), &done.nonce)?;
    let completed = Presses::add(app, Press { link, made_at, done }).await?;
    fault::point("http.completion.committed");
    Ok(completed)
}

/// One completion in a transaction of its own.
pub(super) fn one(tx: &mut Tx<'_>, press: &Press, threshold: TimeDelta) -> Result<Completed, ServiceError> {
    let Press { link, made_at, done } = press;
    let sheet = link.enter(tx)?;
    let current = completion::find_current(tx.conn, sheet.id)?;
    if let Err(refusal) = check_open(sheet.state, sheet.expires_at.0, tx.now) {
        let settled = matches!(refusal, AssignmentRefusal::AlreadyDone | AssignmentRefusal::AlreadyChecked);
        return match current {
            Some(row) if settled && repeats(&sheet, &row, done) => Ok(as_it_stands(tx, row)),
            _ => Err(refusal.into()),
        };
    }
    let evidence = examine(&sheet, done)?;
    check_not_blocked(tx.conn, &sheet)?;
    let suspected = threshold > TimeDelta::zero() && is_suspected_automation(*made_at, tx.now, threshold);
    match current {
        Some(waiting) if suspected => return Ok(as_it_stands(tx, waiting)),
        Some(waiting) => completion::undo(tx, waiting.id)?,
        None => {}
    }
    let row = new_row(tx, &sheet, done, &evidence, suspected);
    insert(tx, &row)?;
    assignment::note_opened(tx, sheet.id)?;
    tx.record(done_entry(&sheet, &row, &evidence));
    if !suspected {
        settle(tx, &sheet, &row)?;
    }
    Ok(row.into())
}

/// The log's entry of a completion.
pub(super) fn done_entry(sheet: &TaskSheet, row: &CompletionRow, evidence: &Evidence) -> NewEntry {
    let payload = json!({
        "level": row.level, "action": sheet.action, "platform": sheet.platform, "has_url": row.url.is_some(),
        "owner_shown": evidence.owner_shown, "own_words": row.own_words, "suspected": row.suspected,
    });
    let entry = entry(EventKind::AssignmentDone, sheet).payload(payload);
    match &row.url {
        Some(url) => entry.detail(json!({ "url": url })),
        None => entry,
    }
}

/// Lets a completion that looked automatic count: the member looked at the page once more. Repeating it changes nothing.
///
/// # Errors
/// As [`complete`]; `completion.nothing_to_confirm`, `completion.confirm_too_soon`.
pub async fn confirm(app: &App, token: &str, nonce: &str) -> Result<Completed, ServiceError> {
    let link = TaskLink::open(app, token)?;
    let made_at = link::form_made_at(app, link.id.uuid(), nonce)?;
    let threshold = threshold(app);
    app.db
        .write_in(Manner::by_index(), Actor::System, move |tx| {
            let sheet = link.enter(tx)?;
            let row = completion::find_current(tx.conn, sheet.id)?.ok_or(AssignmentRefusal::NothingToConfirm)?;
            if !row.suspected {
                return Ok(as_it_stands(tx, row));
            }
            check_open(sheet.state, sheet.expires_at.0, tx.now)?;
            // The page must be a later one than the page that *Done* was pressed on, and somebody must have looked at it.
            let done_at = row.completed_at.0;
            if made_at.timestamp() < done_at.timestamp() || is_suspected_automation(done_at, tx.now, threshold) {
                return Err(AssignmentRefusal::ConfirmTooSoon.into());
            }
            check_not_blocked(tx.conn, &sheet)?;
            completion::confirm(tx, row.id)?;
            let payload = json!({
                "level": row.level, "action": sheet.action, "platform": sheet.platform, "has_url": row.url.is_some(),
            });
            tx.record(entry(EventKind::CompletionConfirmed, &sheet).payload(payload));
            settle(tx, &sheet, &row)?;
            Ok(CompletionRow { suspected: false, ..row }.into())
        })
        .await
}

pub(super) fn threshold(app: &App) -> TimeDelta {
    TimeDelta::seconds(app.config.campaign.suspected_automation_s.into())
}

fn as_it_stands(tx: &mut Tx<'_>, row: CompletionRow) -> Completed {
    tx.without_entry("the completion is on file already");
    row.into()
}

/// Whether *Done* says again what is on file: the same post, or none.
fn repeats(sheet: &TaskSheet, row: &CompletionRow, done: &Done) -> bool {
    match given(sheet, done).map(|url| PostUrl::parse(url, sheet.platform)) {
        None => true,
        Some(Ok(url)) => row.url_key.as_deref() == Some(url_key(&url).as_str()),
        Some(Err(_)) => false,
    }
}

/// The address given, if it means anything: a like leaves none, so none is taken.
fn given<'a>(sheet: &TaskSheet, done: &'a Done) -> Option<&'a str> {
    done.url.as_deref().map(str::trim).filter(|url| !url.is_empty() && sheet.action.leaves_address())
}

/// Looks at everything the member said; every fault is named at once.
pub(super) fn examine(sheet: &TaskSheet, done: &Done) -> Result<Evidence, ServiceError> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, refusal: AssignmentRefusal| {
        faults.push(FieldError::new(field, refusal.code(), refusal.to_string()));
    };
    if !done.disclosure_confirmed {
        fault("disclosure", AssignmentRefusal::DisclosureNotConfirmed);
    }
    if sheet.own_words && !done.own_words {
        fault("own_words", AssignmentRefusal::OwnWordsMissing);
    }
    let mut evidence = Evidence { url: None, owner_shown: false };
    match given(sheet, done).map(|url| PostUrl::parse(url, sheet.platform)) {
        None if sheet.evidence_required && sheet.action.leaves_address() => fault("url", AssignmentRefusal::EvidenceMissing),
        None => {}
        Some(Err(error)) => faults.push(FieldError::new("url", error.code(), error.to_string())),
        Some(Ok(url)) => match owner_shown(sheet, &url) {
            Ok(owner_shown) => evidence = Evidence { url: Some(url), owner_shown },
            Err(refusal) => fault("url", refusal),
        },
    }
    if faults.is_empty() { Ok(evidence) } else { Err(ServiceError::Invalid(faults)) }
}

/// Whether the address shows that the post is this account's; another account's is refused.
fn owner_shown(sheet: &TaskSheet, url: &PostUrl) -> Result<bool, AssignmentRefusal> {
    // A handle that no longer reads as one shows nothing; the reviewer decides.
    let Ok(handle) = Handle::parse(&sheet.handle, sheet.platform) else { return Ok(false) };
    match url.belongs_to(&handle) {
        Belongs::Yes => Ok(true),
        Belongs::NotShown => Ok(false),
        Belongs::No { .. } => Err(AssignmentRefusal::NotThisAccount),
    }
}

/// Whether what the task points at is on the list of candidates' and parties' accounts at this moment.
pub(super) fn check_not_blocked(conn: &mut Conn, sheet: &TaskSheet) -> Result<(), ServiceError> {
    if let (Some(platform), Some(handle)) = (sheet.post_platform, &sheet.post_handle_norm)
        && neutrality::is_blocked(conn, platform, handle)?
    {
        return Err(AssignmentRefusal::TargetBlocked.into());
    }
    // Where a claim was seen: a mass answer at a candidate's account is no less of a target.
    if let TargetView::Claim { seen_url: Some(seen), .. } = view::target(sheet)
        && is_blocked_address(conn, &seen)?
    {
        return Err(AssignmentRefusal::TargetBlocked.into());
    }
    Ok(())
}

pub(super) fn new_row(tx: &Tx<'_>, sheet: &TaskSheet, done: &Done, evidence: &Evidence, suspected: bool) -> CompletionRow {
    CompletionRow {
        id: CompletionId::new(),
        assignment_id: sheet.id,
        account_id: sheet.account_id,
        wave_id: sheet.wave_id,
        level: if evidence.url.is_some() { EvidenceLevel::Linked } else { EvidenceLevel::Declared },
        url: evidence.url.as_ref().map(|url| url.canonical().to_owned()),
        url_key: evidence.url.as_ref().map(url_key),
        own_words: done.own_words,
        suspected,
        completed_at: At(tx.now),
        checked_at: None,
        checked_by: None,
        undone_at: None,
    }
}

fn insert(tx: &mut Tx<'_>, row: &CompletionRow) -> Result<(), ServiceError> {
    completion::insert(tx, row).map_err(|error| match error {
        StoreError::Taken(Unique::CompletionUrl) => {
            let refusal = AssignmentRefusal::AlreadyUsed;
            ServiceError::field("url", refusal.code(), refusal.to_string())
        }
        other => other.into(),
    })
}

/// Whether the post given becomes one that later waves may point at.
pub(super) fn enters_register(sheet: &TaskSheet, row: &CompletionRow) -> bool {
    row.url.is_some() && Layer::from_number(sheet.layer).is_some_and(|layer| post::check_layer(layer).is_ok())
}

/// What follows from a completion that counts: the state, the mail that is not needed any more, the post, the counters.
fn settle(tx: &mut Tx<'_>, sheet: &TaskSheet, row: &CompletionRow) -> Result<(), ServiceError> {
    let now = tx.now;
    assignment::move_to(tx, sheet.id, sheet.state, AssignmentState::Done, Some(now))?;
    outbox::cancel_for_assignment(tx, sheet.id)?;
    if let (true, Some(url), Some(key)) = (enters_register(sheet, row), &row.url, &row.url_key) {
        let registration = Registration {
            campaign_id: Some(sheet.campaign_id),
            wave_id: Some(sheet.wave_id),
            assignment_id: Some(sheet.id),
            account_id: sheet.account_id,
            unit_id: sheet.account_unit_id,
            layer: sheet.layer,
            platform: sheet.platform,
            url: url.clone(),
            url_key: key.clone(),
        };
        let post_id = enter_register(tx, registration)?;
        if let TargetPlan::Claim { claim_id, .. } = sheet.target.0 {
            answered_by(tx, claim_id, post_id, Some(sheet.campaign_id))?;
        }
    }
    assignment::count(tx, sheet.wave_id, sheet.unit_id, Counter::Done, 1)?;
    pace::add(tx, sheet.wave_id, Step::Done(row.level))?;
    Ok(())
}
