//! The register of posts: what layers 0 to 2 published and later waves may point at.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Caller, ServiceError};
use crate::app::App;
use crate::domain::account::Standing;
use crate::domain::assignment::AssignmentRefusal;
use crate::domain::event::EventKind;
use crate::domain::handle::Handle;
use crate::domain::id::{AccountId, AssignmentId, CampaignId, PostId, UnitId, WaveId};
use crate::domain::kind::Layer;
use crate::domain::platform::Platform;
use crate::domain::post::{PostRefusal, check_layer};
use crate::domain::post_url::{Belongs, PostUrl};
use crate::domain::refusal::Refusal;
use crate::domain::role::Act;
use crate::domain::target::TargetRefusal;
use crate::service::page::{Page, PageRequest};
use crate::store::account::{self, AccountRow};
use crate::store::post::{self, PostLine, PostRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{StoreError, Tx, Unique, fanout, neutrality, wave};

/// A post that a lead registers.
#[derive(Debug, Clone, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPost {
    /// The campaign it was made for, if any.
    #[serde(default)]
    pub campaign_id: Option<CampaignId>,
    /// The wave it was made for, if any; waves that wait for it open.
    #[serde(default)]
    pub wave_id: Option<WaveId>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its address.
    pub url: String,
}

/// A post on the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostView {
    /// The post.
    pub id: PostId,
    /// The campaign it was made for.
    pub campaign_id: Option<CampaignId>,
    /// The wave it was made for.
    pub wave_id: Option<WaveId>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The account's handle.
    pub handle: String,
    /// The name the account shows.
    pub account_name: String,
    /// The account's unit.
    pub unit_id: UnitId,
    /// The unit's name.
    pub unit_name: String,
    /// The account's layer.
    pub layer: i16,
    /// Where it is.
    pub platform: Platform,
    /// Its canonical address.
    pub url: String,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// How many tasks point at it.
    pub tasks: i64,
}

impl From<PostLine> for PostView {
    fn from(row: PostLine) -> Self {
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            wave_id: row.wave_id,
            account_id: row.account_id,
            handle: row.handle,
            account_name: row.display_name,
            unit_id: row.unit_id,
            unit_name: row.unit_name,
            layer: row.layer,
            platform: row.platform,
            url: row.url,
            registered_at: row.registered_at.0,
            tasks: row.tasks,
        }
    }
}

/// A post on its way onto the register, with every check behind it but the one for uniqueness.
#[derive(Debug, Clone)]
pub(super) struct Registration {
    pub campaign_id: Option<CampaignId>,
    pub wave_id: Option<WaveId>,
    pub assignment_id: Option<AssignmentId>,
    pub account_id: AccountId,
    pub unit_id: UnitId,
    pub layer: i16,
    pub platform: Platform,
    pub url: String,
    pub url_key: String,
}

/// What makes two addresses the same post: the platform, and its own id of the post.
pub(super) fn url_key(url: &PostUrl) -> String {
    format!("{}:{}", url.platform(), url.external_id())
}

fn url_fault(refusal: &impl Refusal) -> ServiceError {
    ServiceError::field("url", refusal.code(), refusal.to_string())
}

/// Puts a post on the register and wakes the waves that wait for it. One that the same account registered already stays.
pub(super) fn enter_register(tx: &mut Tx<'_>, new: Registration) -> Result<PostId, ServiceError> {
    let id = match post::find_by_key(tx.conn, &new.url_key)? {
        Some(row) if row.account_id != new.account_id => return Err(url_fault(&PostRefusal::AlreadyRegistered)),
        Some(row) => match (row.wave_id, new.campaign_id, new.wave_id) {
            (None, Some(campaign_id), Some(wave_id)) => {
                post::attach(tx, row.id, campaign_id, wave_id)?;
                row.id
            }
            _ => return Ok(row.id),
        },
        None => insert(tx, &new)?,
    };
    let mut entry = NewEntry::new(EventKind::PostRegistered).unit(new.unit_id).detail(json!({ "url": new.url }));
    entry.campaign_id = new.campaign_id;
    entry.wave_id = new.wave_id;
    entry.assignment_id = new.assignment_id;
    let woken = match new.wave_id {
        Some(wave_id) => {
            let now = tx.now;
            fanout::wake_cascades(tx, wave_id, now)?
        }
        None => 0,
    };
    tx.record(entry.payload(json!({
        "post_id": id, "account_id": new.account_id, "layer": new.layer, "platform": new.platform, "waves_woken": woken,
    })));
    Ok(id)
}

fn insert(tx: &mut Tx<'_>, new: &Registration) -> Result<PostId, ServiceError> {
    let row = PostRow {
        id: PostId::new(),
        campaign_id: new.campaign_id,
        wave_id: new.wave_id,
        assignment_id: new.assignment_id,
        account_id: new.account_id,
        unit_id: new.unit_id,
        layer: new.layer,
        platform: new.platform,
        url: new.url.clone(),
        url_key: new.url_key.clone(),
        registered_at: At(tx.now),
        removed_at: None,
    };
    post::insert(tx, &row).map_err(|error| match error {
        StoreError::Taken(Unique::PostUrl) => url_fault(&PostRefusal::AlreadyRegistered),
        other => other.into(),
    })?;
    Ok(row.id)
}

/// The entry of a post that goes off the register.
pub(super) fn removed_entry(row: &PostRow) -> NewEntry {
    let mut entry = NewEntry::new(EventKind::PostRemoved).unit(row.unit_id).detail(json!({ "url": row.url }));
    entry.campaign_id = row.campaign_id;
    entry.wave_id = row.wave_id;
    entry.assignment_id = row.assignment_id;
    entry.payload(json!({ "post_id": row.id, "account_id": row.account_id, "layer": row.layer, "platform": row.platform }))
}

/// Registers a post of an account within the caller's reach. Registering it again changes nothing.
///
/// # Errors
/// [`ServiceError::NotFound`] for an account, wave or campaign outside the caller's reach; `post.*`, `account.*` and
/// `target.blocked` as refusals; `post_url.*`, `completion.not_this_account` and `post.already_registered` as faults of `url`.
pub async fn register(app: &App, caller: &Caller, new: NewPost) -> Result<PostId, ServiceError> {
    let caller = caller.clone();
    app.db.write(caller.actor(), move |tx| register_within(tx, &caller, &new)).await
}

/// [`register`] within a transaction.
pub(super) fn register_within(tx: &mut Tx<'_>, caller: &Caller, new: &NewPost) -> Result<PostId, ServiceError> {
    let account = account::get(tx.conn, new.account_id)?;
    caller.check(tx.conn, Act::RunCampaigns, account.unit_id)?;
    let campaign_id = place(tx, caller, new, &account)?;
    check_account(tx, &account)?;
    let url = read_url(&new.url, &account)?;
    tx.without_entry("the post is registered already");
    let registration = Registration {
        campaign_id,
        wave_id: new.wave_id,
        assignment_id: None,
        account_id: account.id,
        unit_id: account.unit_id,
        layer: account.layer,
        platform: account.platform,
        url: url.canonical().to_owned(),
        url_key: url_key(&url),
    };
    enter_register(tx, registration)
}

/// The campaign that the post is made for; wave, campaign and account must belong together.
fn place(tx: &mut Tx<'_>, caller: &Caller, new: &NewPost, account: &AccountRow) -> Result<Option<CampaignId>, ServiceError> {
    if let Some(wave_id) = new.wave_id {
        let wave = wave::get(tx.conn, wave_id)?;
        caller.check(tx.conn, Act::RunCampaigns, wave.unit_id)?;
        if wave.layer != account.layer || new.campaign_id.is_some_and(|id| id != wave.campaign_id) {
            return Err(PostRefusal::WaveMismatch.into());
        }
        return Ok(Some(wave.campaign_id));
    }
    if let Some(id) = new.campaign_id {
        let unit_id = post::campaign_unit(tx.conn, id)?.ok_or(ServiceError::NotFound("the campaign"))?;
        caller.check(tx.conn, Act::RunCampaigns, unit_id)?;
    }
    Ok(new.campaign_id)
}

/// Only an account that the register of accounts stands behind may become a target.
fn check_account(tx: &mut Tx<'_>, account: &AccountRow) -> Result<(), ServiceError> {
    check_layer(Layer::from_number(account.layer).unwrap_or(Layer::Advocacy))?;
    let disclosed_until = account.disclosed_until.map(|at| at.0);
    Standing { state: account.state, disclosed_until, member_active: true, consented: true }.check(tx.now)?;
    if neutrality::is_blocked(tx.conn, account.platform, &account.handle_norm)? {
        return Err(TargetRefusal::Blocked.into());
    }
    Ok(())
}

fn read_url(text: &str, account: &AccountRow) -> Result<PostUrl, ServiceError> {
    let url =
        PostUrl::parse(text, account.platform).map_err(|error| ServiceError::field("url", error.code(), error.to_string()))?;
    let handle = Handle::parse(&account.handle, account.platform)
        .map_err(|error| ServiceError::Internal(format!("the handle of account {}: {error}", account.id)))?;
    match url.belongs_to(&handle) {
        Belongs::Yes | Belongs::NotShown => Ok(url),
        Belongs::No { .. } => Err(url_fault(&AssignmentRefusal::NotThisAccount)),
    }
}

/// Takes a post off the register, unless a wave points at it.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach; `post.already_removed`, `post.already_target`.
pub async fn remove(app: &App, caller: &Caller, id: PostId) -> Result<(), ServiceError> {
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let row = post::find(tx.conn, id)?.ok_or(ServiceError::NotFound("the post"))?;
            caller.check(tx.conn, Act::RunCampaigns, row.unit_id)?;
            if row.removed_at.is_some() {
                return Err(PostRefusal::AlreadyRemoved.into());
            }
            if post::is_target(tx.conn, id)? {
                return Err(PostRefusal::AlreadyTarget.into());
            }
            post::remove(tx, id)?;
            tx.record(removed_entry(&row));
            Ok(())
        })
        .await
}

/// The posts on the register within the caller's reach, of one campaign or of all; the newest first.
///
/// # Errors
/// [`ServiceError::Forbidden`] without a role that sees campaigns; [`ServiceError::Invalid`] for a cursor that no page gave.
pub async fn list(
    app: &App,
    caller: &Caller,
    campaign_id: Option<CampaignId>,
    page: PageRequest,
) -> Result<Page<PostView>, ServiceError> {
    let roots = caller.reach(Act::ViewCampaigns)?;
    let before = page.after_id()?;
    let limit = page.rows();
    let rows = app.db.read(move |conn| post::list(conn, roots.as_deref(), campaign_id, before, limit)).await?;
    Ok(Page::of(rows, &page, |row| row.id.to_string()).map(PostView::from))
}
