//! The receipt of what a member did: a file that proves, without this service, that the completion is in the log.

use std::time::Duration;

use super::link::TaskLink;
use crate::app::App;
use crate::service::ServiceError;
use crate::service::seal::proof::{self, Receipt};
use crate::store::completion;

/// Sealing follows an entry within a second or two: so long somebody who asks at once is kept waiting ...
const PATIENCE: Duration = Duration::from_secs(3);
/// ... and so often it is looked.
const LOOK: Duration = Duration::from_millis(250);

crate::refusals! {
    /// Why there is no receipt.
    pub enum ReceiptRefusal {
        /// Nothing was completed, or it was taken back.
        NothingDone = "receipt.nothing_done": "There is a receipt for what was completed",
        /// Sealing lags.
        NotSealed = "receipt.not_sealed": "The receipt is still being made: try again in a moment",
    }
}

/// The receipt of the completion that stands under a task's link.
///
/// # Errors
/// `link.*`; `receipt.nothing_done`; `receipt.not_sealed` where sealing lags.
pub async fn receipt(app: &App, token: &str) -> Result<Receipt, ServiceError> {
    let link = TaskLink::open(app, token)?;
    let id = app
        .db
        .read(move |conn| {
            let sheet = link.sheet(conn)?;
            match completion::find_current(conn, sheet.id)? {
                Some(_) => Ok(sheet.id),
                None => Err(ServiceError::from(ReceiptRefusal::NothingDone)),
            }
        })
        .await?;
    let looks = PATIENCE.as_millis() / LOOK.as_millis();
    for _ in 0..looks {
        if let Some(receipt) = app.db.read(move |conn| proof::of_completion(conn, id)).await? {
            return Ok(receipt);
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(ReceiptRefusal::NotSealed.into())
}
