//! The configuration in force, for those who manage users. Secrets are masked before anybody sees them.

use std::sync::Arc;

use super::caller::Caller;
use super::error::ServiceError;
use crate::app::App;
use crate::config::Config;
use crate::domain::role::Act;

/// The configuration in force.
///
/// # Errors
/// `Forbidden` for who manages no users.
pub fn show(app: &App, caller: &Caller) -> Result<Arc<Config>, ServiceError> {
    caller.reach(Act::ManageUsers)?;
    Ok(Arc::clone(&app.config))
}
