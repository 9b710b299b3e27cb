//! Writing a campaign: creating it, replacing its content, reading and listing. An edit of a released campaign voids its release.

use serde_json::{Value, json};

use super::references::with_words;
use super::{CampaignSummary, CampaignView, guard, hash_of, reach, renewed};
use crate::app::App;
use crate::domain::campaign::{CampaignRefusal, CampaignState, Step};
use crate::domain::content::CampaignContent;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, UnitId};
use crate::domain::role::Act;
use crate::domain::wave::WaveState;
use crate::service::page::{Page, PageRequest};
use crate::service::{Caller, ServiceError};
use crate::store::campaign::{self, CampaignFilter, CampaignRow};
use crate::store::reference::{PartIds, parts_are_taken};
use crate::store::tx::NewEntry;
use crate::store::types::{At, Doc};
use crate::store::{Tx, plan, release};

/// The most a content may weigh as JSON, in bytes.
const CONTENT_BYTES: usize = 256 * 1024;

/// Creates a draft in a unit. Its content may still have faults; see [`super::check`].
///
/// # Errors
/// `Invalid` for a content that cannot be kept; `NotFound` for a unit out of reach; `Forbidden` for the operator: a campaign
/// has a named author.
pub async fn create(app: &App, caller: &Caller, unit_id: UnitId, content: CampaignContent) -> Result<CampaignView, ServiceError> {
    let author_id = caller.user_id()?;
    accept(&content)?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            caller.check(tx.conn, Act::RunCampaigns, unit_id)?;
            let id = CampaignId::new();
            // A content copied from a released campaign brings that campaign's ids along.
            let taken = parts_are_taken(tx.conn, id, &part_ids(&content))?;
            let content = if taken { renewed(&content) } else { content };
            let content = with_words(tx.conn, unit_id, content)?;
            let row = CampaignRow {
                id,
                unit_id,
                slug: new_slug(&content.title, id),
                title: content.title.clone(),
                state: CampaignState::Draft,
                content_hash: hash_of(unit_id, &content)?,
                content: Doc(content),
                author_id,
                submitted_by: None,
                submitted_at: None,
                released_at: None,
                started_at: None,
                paused_at: None,
                ended_at: None,
                note: String::new(),
                schedule_id: None,
                created_at: At(tx.now),
                updated_at: At(tx.now),
                version: 1,
            };
            campaign::insert(tx, &row)?;
            let payload = json!({ "content_hash": row.content_hash, "slug": row.slug });
            tx.record(NewEntry::new(EventKind::CampaignCreated).unit(unit_id).campaign(id).payload(payload));
            Ok(row.into())
        })
        .await
}

/// Replaces a campaign's content as a whole; it is a draft afterwards. The same content again changes nothing.
///
/// # Errors
/// `Conflict` when somebody changed it meanwhile; `Refused` once a wave has opened; `Invalid`, `NotFound`, `Forbidden`.
pub async fn edit(
    app: &App,
    caller: &Caller,
    id: CampaignId,
    expected_version: i32,
    content: CampaignContent,
) -> Result<CampaignView, ServiceError> {
    accept(&content)?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reach(tx.conn, &caller, Act::RunCampaigns, id)?;
            guard(&row, expected_version)?;
            let state = row.state.after(Step::Edit)?;
            let content = with_words(tx.conn, row.unit_id, content)?;
            let previous_hash = std::mem::replace(&mut row.content_hash, hash_of(row.unit_id, &content)?);
            if previous_hash == row.content_hash {
                tx.without_entry("the content is the same");
                return Ok(row.into());
            }
            void_release(tx, &row)?;
            row.state = state;
            row.title.clone_from(&content.title);
            row.content = Doc(content);
            row.submitted_by = None;
            row.submitted_at = None;
            row.released_at = None;
            campaign::save(tx, &mut row)?;
            let payload = json!({ "content_hash": row.content_hash, "previous_hash": previous_hash, "version": row.version });
            tx.record(NewEntry::new(EventKind::CampaignEdited).unit(row.unit_id).campaign(id).payload(payload));
            Ok(row.into())
        })
        .await
}

/// Takes back what a release made: only possible while no wave has opened.
fn void_release(tx: &mut Tx<'_>, row: &CampaignRow) -> Result<(), ServiceError> {
    let waves = plan::list_waves(tx.conn, row.id)?;
    let unopened = |state| matches!(state, WaveState::Planned | WaveState::Held | WaveState::Skipped);
    if !waves.iter().all(|wave| unopened(wave.state) && wave.opened_at.is_none()) {
        return Err(CampaignRefusal::NotEditable.into());
    }
    let Some(voided) = release::void_current(tx, row.id)? else { return Ok(()) };
    plan::delete(tx, row.id)?;
    let payload = json!({ "release_id": voided.id, "content_hash": voided.content_hash });
    tx.record(NewEntry::new(EventKind::ReleaseVoided).unit(row.unit_id).campaign(row.id).payload(payload));
    Ok(())
}

/// A campaign.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn get(app: &App, caller: &Caller, id: CampaignId) -> Result<CampaignView, ServiceError> {
    let caller = caller.clone();
    app.db.read(move |conn| Ok(reach(conn, &caller, Act::ViewCampaigns, id)?.into())).await
}

/// A campaign for its composer.
///
/// # Errors
/// `NotFound` where the caller runs no campaigns, `Refused` once a wave has opened or it is over, `Forbidden`.
pub async fn get_to_edit(app: &App, caller: &Caller, id: CampaignId) -> Result<CampaignView, ServiceError> {
    let caller = caller.clone();
    let found = app.db.read(move |conn| {
        let row = reach(conn, &caller, Act::RunCampaigns, id)?;
        row.state.after(Step::Edit)?;
        Ok(row.into())
    });
    found.await
}

/// Which campaigns a list holds.
#[derive(Debug, Clone, Default)]
pub struct ListCampaigns {
    /// Only those in this state.
    pub state: Option<CampaignState>,
    /// Which page.
    pub page: PageRequest,
}

/// The campaigns in the caller's reach, newest first.
///
/// # Errors
/// `Forbidden`; `Invalid` for a cursor that no page gave.
pub async fn list(app: &App, caller: &Caller, wanted: ListCampaigns) -> Result<Page<CampaignSummary>, ServiceError> {
    let roots = caller.reach(Act::ViewCampaigns)?;
    let filter = CampaignFilter { roots, state: wanted.state, before: wanted.page.after_id()? };
    let rows = wanted.page.rows();
    let found = app.db.read(move |conn| campaign::list(conn, &filter, rows)).await?;
    Ok(Page::of(found, &wanted.page, |row| row.id.to_string()).map(Into::into))
}

/// What every content must satisfy to be kept at all.
fn accept(content: &CampaignContent) -> Result<(), ServiceError> {
    if content.title.trim().is_empty() {
        return Err(ServiceError::field("title", "content.empty", "Give the campaign a title"));
    }
    let json = serde_json::to_value(content).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let bytes = json.to_string().len();
    if bytes > CONTENT_BYTES {
        let message =
            format!("The content has {bytes} bytes; at most {CONTENT_BYTES} are kept. Shorten it or split the campaign");
        return Err(ServiceError::field("", "content.too_large", message));
    }
    if has_nul(&json) {
        return Err(ServiceError::field("", "content.control_character", "Remove invisible control characters (NUL)"));
    }
    Ok(())
}

/// PostgreSQL keeps no NUL in a text.
fn has_nul(json: &Value) -> bool {
    match json {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        _ => false,
    }
}

/// The ids of a content's waves, tasks and suggested texts.
pub(super) fn part_ids(content: &CampaignContent) -> PartIds {
    PartIds {
        waves: content.waves.iter().map(|w| w.id).collect(),
        tasks: content.tasks().map(|(_, t)| t.id).collect(),
        variants: content.tasks().flat_map(|(_, t)| t.variants.iter().map(|v| v.id)).collect(),
    }
}

/// The longest part of a slug that comes from the title, in characters.
const SLUG_CHARS: usize = 48;

/// A name for public addresses: the title's letters and digits, and the random end of the id.
pub(in crate::service) fn new_slug(title: &str, id: CampaignId) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG_CHARS {
            break;
        }
    }
    let id = id.uuid().simple().to_string();
    let end = id.get(20..).unwrap_or(&id);
    match slug.trim_end_matches('-') {
        "" => format!("campaign-{end}"),
        words => format!("{words}-{end}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_slug_has_only_plain_characters_and_ends_in_the_id() {
        let id: CampaignId = "01890000-0000-7000-8000-0123456789ab".parse().unwrap();
        assert_eq!(new_slug("  Kelas Gratis: SPT 2026! ", id), "kelas-gratis-spt-2026-0123456789ab");
        assert_eq!(new_slug("税務", id), "campaign-0123456789ab");
        assert_eq!(new_slug(&"a".repeat(500), id).len(), 48 + 13);
    }
}
