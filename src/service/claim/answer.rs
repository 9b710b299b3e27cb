//! Answers to a claim: the posts that its tasks brought, and those that somebody files by their address.

use serde_json::json;
use utoipa::ToSchema;

use super::{check_either, entry};
use crate::app::App;
use crate::domain::claim::{ClaimRefusal, ClaimStep};
use crate::domain::event::EventKind;
use crate::domain::handle::{Handle, HandleError};
use crate::domain::id::{CampaignId, ClaimId, PostId};
use crate::domain::post_url::{PostUrl, platform_of};
use crate::domain::refusal::Refusal as _;
use crate::domain::role::Act;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::post::{self, NewPost};
use crate::store::account::{self, AccountRow};
use crate::store::claim::{self, answer as rows};
use crate::store::{Conn, Tx};

/// An answer that somebody files by hand.
#[derive(Debug, Clone, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// The post's address.
    pub url: String,
    /// The account's handle, needed where the address does not show whose post it is.
    #[serde(default)]
    pub handle: String,
}

/// An answer that was put on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ToSchema)]
pub struct Answered {
    /// The registered post.
    pub post_id: PostId,
}

fn url_fault(code: &str, message: String) -> ServiceError {
    ServiceError::field("url", code, message)
}

/// The account on file that published this, by the handle given or by the one in the address.
fn publisher(conn: &mut Conn, new: &NewAnswer) -> Result<AccountRow, ServiceError> {
    let unknown = ClaimRefusal::UnknownAccount;
    let field = if new.handle.trim().is_empty() { "url" } else { "handle" };
    let fault = || ServiceError::field(field, unknown.code(), unknown.to_string());
    let platform = platform_of(&new.url).ok_or_else(|| {
        url_fault("post_url.platform", "This is not the address of a post on a platform that is known here".into())
    })?;
    let url = PostUrl::parse(&new.url, platform).map_err(|error| url_fault(error.code(), error.to_string()))?;
    let readings: Vec<String> = match (new.handle.trim(), url.owner_handle()) {
        ("", None) => return Err(fault()),
        // LinkedIn's addresses don't tell a person from a company.
        ("", Some(owner)) => vec![owner.to_owned(), format!("in/{owner}"), format!("company/{owner}")],
        (given, _) => vec![given.to_owned()],
    };
    for reading in readings {
        let handle = match Handle::parse(&reading, platform) {
            Ok(handle) => handle,
            Err(error) if field == "handle" => {
                return Err(ServiceError::field(field, HandleError::code(&error), error.to_string()));
            }
            Err(_) => continue,
        };
        if let Some(found) = account::find_by_handle(conn, platform, handle.normalised())? {
            return Ok(found);
        }
    }
    Err(fault())
}

/// Files an answer that was published: the post goes on the register, as any post of an account on file, and with the claim.
///
/// # Errors
/// `Invalid` for an address or account that cannot be; the refusals of registering a post; `claim.not_confirmed`, `claim.closed`,
/// `claim.answers_another`; `NotFound` outside the caller's reach.
pub async fn answer(app: &App, caller: &Caller, id: ClaimId, new: NewAnswer) -> Result<Answered, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let row = claim::get(tx.conn, id)?;
            check_either(tx.conn, &who, Act::RunCampaigns, &row)?;
            row.state.check(ClaimStep::Answer)?;
            let account = publisher(tx.conn, &new)?;
            let post = NewPost { campaign_id: None, wave_id: None, account_id: account.id, url: new.url.trim().to_owned() };
            let post_id = post::register_within(tx, &who, &post)?;
            if rows::claim_of(tx.conn, post_id)?.is_some_and(|of| of != id) {
                return Err(ClaimRefusal::AnswersAnother.into());
            }
            answered_by(tx, id, post_id, None)?;
            Ok(Answered { post_id })
        })
        .await
}

/// Puts a registered post with the claim that it answers. A post that answers a claim already stays with that one.
pub(in crate::service) fn answered_by(
    tx: &mut Tx<'_>,
    id: ClaimId,
    post_id: PostId,
    campaign_id: Option<CampaignId>,
) -> Result<(), ServiceError> {
    let added_by = tx.actor.user_id();
    if !rows::add(tx, id, post_id, added_by)? {
        tx.without_entry("the post is on file as an answer already");
        return Ok(());
    }
    claim::take_up(tx, id)?;
    let row = claim::get(tx.conn, id)?;
    let mut made = entry(EventKind::ClaimAnswerFiled, &row);
    made.campaign_id = campaign_id;
    tx.record(made.payload(json!({ "claim_id": id, "post_id": post_id, "answers": row.answers })));
    Ok(())
}

/// Notes that a campaign which answers the claim was released.
pub(in crate::service) fn take_up(tx: &mut Tx<'_>, id: ClaimId, campaign_id: CampaignId) -> Result<(), ServiceError> {
    if claim::take_up(tx, id)? {
        let row = claim::get(tx.conn, id)?;
        let made = entry(EventKind::ClaimTakenUp, &row).campaign(campaign_id);
        tx.record(made.payload(json!({ "claim_id": id, "state": row.state })));
    }
    Ok(())
}
