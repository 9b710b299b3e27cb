//! Whether the promises hold, and the numbers of the whole installation: for the operator at the command line and the end of a demo.

use super::error::ServiceError;
use crate::app::App;
pub use crate::store::promises::{Broken, Totals};
use crate::store::{StoreError, promises};

/// Compares every promise with the rows, and counts the installation, in one snapshot where the database gives one.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn check(app: &App) -> Result<(Vec<Broken>, Totals), ServiceError> {
    let found = app.db.read(|conn| Ok::<_, StoreError>((promises::check(conn)?, promises::totals(conn)?))).await?;
    Ok(found)
}
