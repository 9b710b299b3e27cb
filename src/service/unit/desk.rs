//! Units as the coordinator's desk shows them: the tree with its sizes, and one unit with what surrounds it.

use std::collections::HashMap;

use super::{Unit, in_tree_order};
use crate::app::App;
use crate::domain::id::UnitId;
use crate::domain::role::{Act, Role};
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::store::unit::{self, COUNTED_TO};
use crate::store::user;

/// People with a role that are named at a unit.
const MAX_HOLDERS: i64 = 30;

/// How many people and accounts a unit itself has, without those below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Its members.
    pub members: i64,
    /// Its accounts.
    pub accounts: i64,
}

impl Sizes {
    /// Whether a number is where the counting stops: there are that many or more.
    #[must_use]
    pub const fn is_capped(number: i64) -> bool {
        number >= COUNTED_TO
    }
}

/// Somebody who may act in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Whether they hold it in a unit above.
    pub from_above: bool,
}

/// A unit with what surrounds it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The unit.
    pub unit: Unit,
    /// The units above it that the caller sees, the topmost first.
    pub above: Vec<Unit>,
    /// The units directly below it.
    pub below: Vec<(Unit, Sizes)>,
    /// Its own size.
    pub sizes: Sizes,
    /// Who may act in it.
    pub holders: Vec<Holder>,
}

/// The units in which the caller may do `act`, each before those below it.
///
/// # Errors
/// `Forbidden` where there is none.
pub async fn list_where(app: &App, caller: &Caller, act: Act) -> Result<Vec<Unit>, ServiceError> {
    let roots = caller.reach(act)?;
    let rows = app.db.read(|conn| unit::list(conn).map_err(ServiceError::from)).await?;
    Ok(in_tree_order(rows, roots.as_deref()))
}

/// The tree that the caller sees, with the size of each unit.
///
/// # Errors
/// `Forbidden` where the caller sees none.
pub async fn tree(app: &App, caller: &Caller) -> Result<Vec<(Unit, Sizes)>, ServiceError> {
    let roots = caller.reach(Act::ViewOrganisation)?;
    let read = app.db.read(|conn| Ok::<_, ServiceError>((unit::list(conn)?, unit::sizes(conn, None)?)));
    let (rows, sizes) = read.await?;
    let sizes: HashMap<UnitId, Sizes> =
        sizes.into_iter().map(|row| (row.unit_id, Sizes { members: row.members, accounts: row.accounts })).collect();
    let units = in_tree_order(rows, roots.as_deref()).into_iter();
    Ok(units.map(|unit| (sizes.get(&unit.id).copied().unwrap_or_default(), unit)).map(|(sizes, unit)| (unit, sizes)).collect())
}

/// One unit with what surrounds it.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn surroundings(app: &App, caller: &Caller, id: UnitId) -> Result<Surroundings, ServiceError> {
    let tree = tree(app, caller).await?;
    let (unit, sizes) = tree.iter().find(|(unit, _)| unit.id == id).cloned().ok_or(ServiceError::NotFound("it"))?;
    let mut above = Vec::new();
    let mut next = unit.parent_id;
    while let Some((found, _)) = next.and_then(|parent| tree.iter().find(|(unit, _)| unit.id == parent)) {
        next = found.parent_id;
        above.push(found.clone());
    }
    above.reverse();
    let below = tree.into_iter().filter(|(other, _)| other.parent_id == Some(id)).collect();
    let held = app.db.read(move |conn| user::holders(conn, id, MAX_HOLDERS).map_err(ServiceError::from)).await?;
    let holders = held.into_iter().map(|row| Holder { name: row.name, role: row.role, from_above: row.above > 0 }).collect();
    Ok(Surroundings { unit, above, below, sizes, holders })
}

/// Whether the caller may do `act` in a unit.
///
/// # Errors
/// The database's failure.
pub async fn may(app: &App, caller: &Caller, act: Act, id: UnitId) -> Result<bool, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn| match who.check(conn, act, id) {
            Ok(()) => Ok(true),
            Err(ServiceError::Forbidden | ServiceError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        })
        .await
}
