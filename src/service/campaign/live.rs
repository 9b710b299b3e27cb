//! A campaign's counts while somebody looks: one reader a process and campaign, however many look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::progress::{WaveProgress, counts, counts_of};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::id::CampaignId;
use crate::service::{Caller, ServiceError};

/// How often the counts are read.
pub const BEAT: Duration = Duration::from_secs(2);

/// A campaign's state and the counts of its waves.
pub type Counts = Arc<(CampaignState, Vec<WaveProgress>)>;

/// The campaigns that somebody looks at in this process.
#[derive(Default)]
pub struct LiveCounts(Mutex<HashMap<CampaignId, watch::Sender<Counts>>>);

impl LiveCounts {
    fn feeds(&self) -> MutexGuard<'_, HashMap<CampaignId, watch::Sender<Counts>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// How many campaigns are read just now.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.feeds().len()
    }
}

/// What a campaign's counts are now, and where each change of them comes out. The right to see them is asked once, here.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn follow(app: &App, caller: &Caller, id: CampaignId) -> Result<(Counts, watch::Receiver<Counts>), ServiceError> {
    let first = Arc::new(counts(app, caller, id).await?);
    let mut feeds = app.live.feeds();
    if let Some(feed) = feeds.get(&id) {
        return Ok((first, feed.subscribe()));
    }
    let (feed, receiver) = watch::channel(Arc::clone(&first));
    feeds.insert(id, feed);
    tokio::spawn(read(app.clone(), id));
    Ok((first, receiver))
}

/// Reads a campaign's counts until nobody looks any more.
async fn read(app: App, id: CampaignId) {
    loop {
        tokio::time::sleep(BEAT).await;
        {
            let mut feeds = app.live.feeds();
            if app.is_stopping() || feeds.get(&id).is_none_or(|feed| feed.receiver_count() == 0) {
                feeds.remove(&id);
                return;
            }
        }
        match counts_of(&app, id).await {
            Ok(found) => {
                if let Some(feed) = app.live.feeds().get(&id) {
                    feed.send_if_modified(|last| {
                        let is_new = **last != found;
                        if is_new {
                            *last = Arc::new(found);
                        }
                        is_new
                    });
                }
            }
            Err(error) => {
                // Whoever looks sees the stream end, and comes back.
                tracing::warn!(%error, "a campaign's counts could not be read");
                app.live.feeds().remove(&id);
                return;
            }
        }
    }
}
