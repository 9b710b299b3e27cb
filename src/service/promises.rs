//! Whether the promises hold, and the numbers of the whole installation: for the operator at the command line and the end of a demo.

use super::error::ServiceError;
use crate::app::App;
pub use crate::store::promises::{Broken, Totals};
use crate::store::{Conn, Manner, StoreError, promises};

/// Compares every promise with the rows, and counts the installation, in one snapshot where the database gives one.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn check(app: &App) -> Result<(Vec<Broken>, Totals), ServiceError> {
    let look = |conn: &mut Conn| Ok::<_, StoreError>((promises::check(conn)?, promises::totals(conn)?));
    Ok(app.db.read_in(Manner::whole_tables(), look).await?)
}
