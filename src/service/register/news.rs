//! What is new in the register, for readers of its feed: campaigns that began, ended or were corrected, disclosures that were confirmed.

use chrono::{DateTime, Utc};

use super::{PublicAccount, PublicCampaign, account, campaign};
use crate::app::App;
use crate::service::error::ServiceError;
use crate::service::page::PageRequest;
use crate::store::register::account as store;

/// Entries that a feed holds.
const ENTRIES: usize = 50;

/// A piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A campaign began, ended or was corrected.
    Campaign(PublicCampaign),
    /// An account's disclosure was confirmed.
    Account(PublicAccount),
}

impl News {
    /// When it became so.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Campaign(campaign) => {
                let corrected = campaign.correction.as_ref().map(|correction| correction.issued_at);
                corrected.or(campaign.ended_at).unwrap_or(campaign.started_at)
            }
            Self::Account(account) => account.checked_at,
        }
    }
}

/// The latest news first.
///
/// # Errors
/// The database's failure.
pub async fn latest(app: &App) -> Result<Vec<News>, ServiceError> {
    let rows = u32::try_from(ENTRIES).unwrap_or(u32::MAX);
    let mut campaigns = campaign::list(app, PageRequest::first(rows)).await?.items;
    // A correction is news however long ago its campaign began.
    for corrected in campaign::corrected(app, rows).await? {
        if !campaigns.iter().any(|known| known.id == corrected.id) {
            campaigns.push(corrected);
        }
    }
    let (now, limit) = (app.clock.now(), i64::from(rows));
    let accounts = app.db.read(move |conn| store::latest(conn, now, limit)).await?;
    let accounts = accounts.into_iter().map(|row| News::Account(account::PublicAccount::from(row)));
    let mut news: Vec<News> = campaigns.into_iter().map(News::Campaign).chain(accounts).collect();
    news.sort_by_key(|piece| std::cmp::Reverse(piece.at()));
    news.truncate(ENTRIES);
    Ok(news)
}
