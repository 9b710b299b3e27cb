//! The desk's reading: which claims wait for what, and one claim with its answers, its campaigns and what happened to it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Claim, check_either};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::claim::ClaimState;
use crate::domain::event::{EventGroup, EventKind};
use crate::domain::id::{AccountId, CampaignId, ClaimId, EntryId, PostId, UnitId, UserId};
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum as _;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::page::{Page, PageRequest};
use crate::store::claim::answer::{self, AnswerRow};
use crate::store::claim::{self, ClaimQuery, ClaimRow};
use crate::store::log::{self, LogQuery};
use crate::store::{Conn, StoreError, unit, user};

/// Answers shown with one claim.
const ANSWERS: i64 = 200;
/// Campaigns shown with one claim.
const CAMPAIGNS: i64 = 50;
/// How many entries about claims of a unit are looked through for one claim's history.
const LOOKED_AT: i64 = 2_000;
/// The longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// Which claims the desk shows.
#[derive(Debug, Clone, Default)]
pub struct ClaimFilter {
    /// Only of this unit and below.
    pub unit_id: Option<UnitId>,
    /// Only those that stand so; empty: those that are not closed.
    pub states: Vec<ClaimState>,
    /// Only those that the caller answers.
    pub mine: bool,
    /// Whose claim or fact holds this.
    pub text: String,
}

/// A claim in the desk's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimLine {
    /// The claim.
    pub claim: Claim,
    /// Its unit's name.
    pub unit: String,
    /// The name of the unit that answers; empty where it is its own.
    pub answer_unit: String,
    /// The name of who sees to it; empty for nobody.
    pub answer_user: String,
}

/// An answer that stands in public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimAnswer {
    /// The registered post.
    pub post_id: PostId,
    /// Its address.
    pub url: String,
    /// Where it is.
    pub platform: Platform,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// The account.
    pub account_id: AccountId,
    /// The name that it shows.
    pub account_name: String,
    /// Its handle.
    pub handle: String,
    /// What it is.
    pub kind: AccountKind,
    /// Its layer's number.
    pub layer: i16,
    /// The unit that runs it.
    pub unit: String,
    /// Its disclosure: the public statement, while one is confirmed and has not lapsed.
    pub statement: Option<String>,
    /// Where the statement stands.
    pub statement_url: Option<String>,
    /// The campaign that asked for it; none for an answer filed by hand.
    pub campaign_id: Option<CampaignId>,
}

impl From<AnswerRow> for ClaimAnswer {
    fn from(row: AnswerRow) -> Self {
        Self {
            post_id: row.post_id,
            url: row.url,
            platform: row.platform,
            registered_at: row.registered_at.0,
            account_id: row.account_id,
            account_name: row.account_name,
            handle: row.handle,
            kind: row.kind,
            layer: row.layer,
            unit: row.unit,
            statement: row.statement,
            statement_url: row.statement_url,
            campaign_id: row.campaign_id,
        }
    }
}

/// A campaign that points at a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointing {
    /// The campaign.
    pub id: CampaignId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: CampaignState,
    /// How many of its tasks do; none before its release.
    pub tasks: i64,
}

/// Something that happened to a claim, by the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The entry.
    pub entry_id: EntryId,
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, where it was a user.
    pub by: String,
}

/// A claim's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimDesk {
    /// The claim with its names.
    pub line: ClaimLine,
    /// Who put it on file.
    pub filed_by: String,
    /// Who wrote the fact.
    pub fact_by: String,
    /// Who confirmed it.
    pub confirmed_by: String,
    /// The answers that stand, the newest first.
    pub answers: Vec<ClaimAnswer>,
    /// The campaigns within the caller's reach that point at it.
    pub campaigns: Vec<Pointing>,
    /// What happened, the newest first.
    pub history: Vec<Happened>,
    /// Whether the caller may change and close it.
    pub may_run: bool,
    /// Whether the caller may start a campaign that answers it, or file an answer.
    pub may_answer: bool,
    /// Whether the caller may confirm the fact as it stands.
    pub may_confirm: bool,
}

/// The names of users, looked up once each.
fn name_of(conn: &mut Conn, known: &mut HashMap<UserId, String>, id: Option<UserId>) -> Result<String, StoreError> {
    let Some(id) = id else { return Ok(String::new()) };
    if let Some(name) = known.get(&id) {
        return Ok(name.clone());
    }
    let name = user::find(conn, id)?.map(|row| row.name).unwrap_or_default();
    known.insert(id, name.clone());
    Ok(name)
}

fn lines(conn: &mut Conn, rows: Vec<ClaimRow>) -> Result<Vec<ClaimLine>, StoreError> {
    let mut ids: Vec<UnitId> = rows.iter().flat_map(|row| [Some(row.unit_id), row.answer_unit_id]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let units: HashMap<UnitId, String> = log::unit_names(conn, &ids)?.into_iter().collect();
    let unit = |id: Option<UnitId>| id.and_then(|id| units.get(&id).cloned()).unwrap_or_default();
    let mut users = HashMap::new();
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let answer_user = name_of(conn, &mut users, row.answer_user_id)?;
        let answer_unit = unit(row.answer_unit_id.filter(|id| *id != row.unit_id));
        found.push(ClaimLine { unit: unit(Some(row.unit_id)), answer_unit, answer_user, claim: row.into() });
    }
    Ok(found)
}

/// The claims that the caller sees, the newest first.
///
/// # Errors
/// `NotFound` for a unit outside the caller's reach; `Invalid` for a cursor that no page gave; `Forbidden`.
pub async fn search(
    app: &App,
    caller: &Caller,
    filter: ClaimFilter,
    request: PageRequest,
) -> Result<Page<ClaimLine>, ServiceError> {
    let who = caller.clone();
    let before = request.after_id()?;
    let open = || ClaimState::ALL.iter().copied().filter(|state| !state.is_closed()).collect();
    let states = if filter.states.is_empty() { open() } else { filter.states };
    let answer_user_id = if filter.mine { Some(caller.user_id()?) } else { None };
    let text: String = filter.text.trim().chars().take(LONGEST).collect();
    app.db
        .read(move |conn| {
            let roots = who.roots_within(conn, Act::ViewCampaigns, filter.unit_id)?;
            let rows = claim::list(conn, &ClaimQuery { roots, states, answer_user_id, text, before }, request.rows())?;
            let page = Page::of(rows, &request, |row| row.id.to_string());
            Ok(Page { items: lines(conn, page.items)?, next: page.next })
        })
        .await
}

/// The users who may see to it that a claim is answered where the caller runs campaigns, by name; at most two hundred.
///
/// # Errors
/// `Forbidden` for who runs no campaigns.
pub async fn answerers(app: &App, caller: &Caller) -> Result<Vec<(UserId, String)>, ServiceError> {
    let roots = caller.reach(Act::RunCampaigns)?;
    Ok(app.db.read(move |conn| user::leads(conn, roots.as_deref(), 200)).await?)
}

/// One claim with all that belongs to it.
///
/// # Errors
/// `NotFound` outside the caller's reach; `Forbidden`.
pub async fn show(app: &App, caller: &Caller, id: ClaimId) -> Result<ClaimDesk, ServiceError> {
    let (who, now) = (caller.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            let row = claim::get(conn, id)?;
            check_either(conn, &who, Act::ViewCampaigns, &row)?;
            let answers = answer::list(conn, &[id], now, ANSWERS)?.into_iter().map(ClaimAnswer::from).collect();
            let campaigns = pointing(conn, &who, id)?;
            let history = history(conn, &row)?;
            let mut users = HashMap::new();
            let (filed_by, fact_by, confirmed_by) = (
                name_of(conn, &mut users, row.filed_by)?,
                name_of(conn, &mut users, row.fact_by)?,
                name_of(conn, &mut users, row.confirmed_by)?,
            );
            let may_run = who.check(conn, Act::RunCampaigns, row.unit_id).is_ok();
            let may_answer = check_either(conn, &who, Act::RunCampaigns, &row).is_ok();
            let is_other = who.user_id().is_ok_and(|user| row.fact_by != Some(user));
            let may_confirm = is_other && who.check(conn, Act::ConfirmFacts, row.unit_id).is_ok();
            let line = lines(conn, vec![row])?.pop().ok_or(ServiceError::NotFound("it"))?;
            Ok(ClaimDesk { line, filed_by, fact_by, confirmed_by, answers, campaigns, history, may_run, may_answer, may_confirm })
        })
        .await
}

fn pointing(conn: &mut Conn, who: &Caller, id: ClaimId) -> Result<Vec<Pointing>, ServiceError> {
    let roots = who.reach(Act::ViewCampaigns)?;
    let mut found = Vec::new();
    for row in answer::pointing_at(conn, id, CAMPAIGNS)? {
        let reached = match &roots {
            None => true,
            Some(roots) => unit::is_within(conn, row.unit_id, roots)?,
        };
        if reached {
            found.push(Pointing { id: row.id, title: row.title, state: row.state, tasks: row.tasks });
        }
    }
    Ok(found)
}

fn history(conn: &mut Conn, row: &ClaimRow) -> Result<Vec<Happened>, StoreError> {
    let kinds: Vec<EventKind> = EventGroup::Posts.kinds().filter(|kind| kind.as_str().starts_with("claim.")).collect();
    let wanted = LogQuery { kinds, unit_id: Some(row.unit_id), from: Some(row.filed_at.0), ..LogQuery::default() };
    let entries = log::search(conn, &wanted, LOOKED_AT, LOOKED_AT)?.rows;
    let id = serde_json::json!(row.id);
    let own: Vec<_> = entries.into_iter().filter(|entry| entry.payload.0.get("claim_id") == Some(&id)).collect();
    let mut refs: Vec<String> = own.iter().map(|entry| entry.actor_ref.clone()).collect();
    refs.sort_unstable();
    refs.dedup();
    let names: HashMap<String, String> = user::names(conn, &refs)?.into_iter().collect();
    let told = own.into_iter().map(|entry| Happened {
        entry_id: entry.id,
        kind: entry.kind,
        at: entry.at.0,
        by: names.get(&entry.actor_ref).cloned().unwrap_or_default(),
    });
    Ok(told.collect())
}
