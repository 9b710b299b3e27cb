//! The public register: who speaks for this institution, and what was asked of them. Read without signing in.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::error::ServiceError;
use crate::app::App;
use crate::domain::account::Engagement;
use crate::domain::campaign::CampaignState;
use crate::domain::handle::Handle;
use crate::domain::id::CampaignId;
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::store::register;

/// Accounts that one page names.
const ACCOUNTS: i64 = 1_000;
/// Campaigns that one page names.
const CAMPAIGNS: i64 = 50;

/// The register as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// Accounts of layers 0 to 2.
    pub accounts: Vec<PublicAccount>,
    /// How many employees' accounts take part; none where the number is too small to tell.
    pub advocates: Option<i64>,
    /// Campaigns that ran, latest first.
    pub campaigns: Vec<PublicCampaign>,
}

/// An account and its disclosure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAccount {
    /// The name it shows.
    pub name: String,
    /// What it is.
    pub kind: AccountKind,
    /// Where.
    pub platform: Platform,
    /// Its handle.
    pub handle: String,
    /// Its profile.
    pub profile_url: Option<String>,
    /// How an outside opinion leader is engaged.
    pub engagement: Option<Engagement>,
    /// The unit that runs it.
    pub unit: String,
    /// The public statement.
    pub statement: String,
    /// Where it stands.
    pub statement_url: String,
    /// When a second person saw it there.
    pub checked_at: DateTime<Utc>,
}

/// A campaign that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicCampaign {
    /// The campaign.
    pub id: CampaignId,
    /// Where it stands.
    pub state: CampaignState,
    /// Its title.
    pub title: String,
    /// Its one message.
    pub message: String,
    /// The unit whose campaign it is.
    pub sponsor: String,
    /// Whether anybody was paid.
    pub paid: bool,
    /// When its first wave opened.
    pub started_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// Its numbers by layer.
    pub layers: Vec<PublicLayer>,
}

/// A campaign's numbers on a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicLayer {
    /// The layer's number.
    pub layer: i16,
    /// Tasks that were given, and done; none for a group too small to tell.
    pub figures: Option<(i64, i64)>,
}

/// Reads the register.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn read(app: &App) -> Result<Register, ServiceError> {
    let now = app.clock.now();
    let least = i64::from(app.config.privacy.small_group);
    app.db
        .read(move |conn| {
            let accounts = register::accounts(conn, now, ACCOUNTS)?;
            let advocates = register::advocates(conn, now)?;
            let campaigns = register::campaigns(conn, CAMPAIGNS)?;
            let ids: Vec<CampaignId> = campaigns.iter().map(|c| c.id).collect();
            let mut layers: HashMap<CampaignId, Vec<PublicLayer>> = HashMap::new();
            for row in register::layers(conn, &ids)? {
                let figures = (row.asked >= least).then_some((row.asked, row.done));
                layers.entry(row.campaign_id).or_default().push(PublicLayer { layer: row.layer, figures });
            }
            Ok(Register {
                accounts: accounts.into_iter().map(public_account).collect(),
                advocates: (advocates >= least).then_some(advocates),
                campaigns: campaigns.into_iter().map(|row| public_campaign(row, &mut layers)).collect(),
            })
        })
        .await
}

fn public_account(row: register::AccountRow) -> PublicAccount {
    let profile_url = Handle::parse(&row.handle, row.platform).ok().map(|handle| handle.profile_url());
    PublicAccount {
        name: row.display_name,
        kind: row.kind,
        platform: row.platform,
        handle: row.handle,
        profile_url,
        engagement: row.engagement,
        unit: row.unit,
        statement: row.statement,
        statement_url: row.url,
        checked_at: row.checked_at.0,
    }
}

fn public_campaign(row: register::CampaignRow, layers: &mut HashMap<CampaignId, Vec<PublicLayer>>) -> PublicCampaign {
    let content = row.content.0;
    PublicCampaign {
        id: row.id,
        state: row.state,
        title: content.title,
        message: content.message,
        sponsor: row.sponsor,
        paid: content.paid,
        started_at: row.started_at.0,
        ended_at: row.ended_at.map(|at| at.0),
        layers: layers.remove(&row.id).unwrap_or_default(),
    }
}
