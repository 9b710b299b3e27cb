//! Who calls a use case, and the one check of a permission: an act, somewhere in the tree of units.

use super::error::ServiceError;
use crate::domain::actor::Actor;
use crate::domain::id::{UnitId, UserId};
use crate::domain::role::{Act, Grant};
use crate::store::{Conn, unit};

/// A signed-in console user with their roles, or the operator at the command line, who may do everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A console user.
    User {
        /// The user.
        id: UserId,
        /// The user's random subject reference.
        subject_ref: String,
        /// The roles held.
        grants: Vec<Grant>,
    },
    /// Somebody at the command line of the machine.
    Operator,
}

impl Caller {
    /// As the log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::User { id, subject_ref, .. } => Actor::User { id: *id, subject_ref: subject_ref.clone() },
            Self::Operator => Actor::Operator,
        }
    }
    /// The console user's id.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] for the operator: some acts are bound to a named person.
    pub const fn user_id(&self) -> Result<UserId, ServiceError> {
        match self {
            Self::User { id, .. } => Ok(*id),
            Self::Operator => Err(ServiceError::Forbidden),
        }
    }
    /// The roots of the subtrees where the caller may do `act`; `None` means everywhere.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] when there is nowhere.
    pub fn reach(&self, act: Act) -> Result<Option<Vec<UnitId>>, ServiceError> {
        match self {
            Self::Operator => Ok(None),
            Self::User { grants, .. } => {
                let mut roots: Vec<UnitId> = grants.iter().filter(|g| g.role.may(act)).map(|g| g.unit_id).collect();
                roots.sort_unstable();
                roots.dedup();
                if roots.is_empty() { Err(ServiceError::Forbidden) } else { Ok(Some(roots)) }
            }
        }
    }
    /// Whether the caller may do `act` in `unit`.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the unit is outside the caller's reach: what one may not see looks as if it were not there.
    pub fn check(&self, conn: &mut Conn, act: Act, unit_id: UnitId) -> Result<(), ServiceError> {
        match self.reach(act)? {
            None => Ok(()),
            Some(roots) if unit::is_within(conn, unit_id, &roots)? => Ok(()),
            Some(_) => Err(ServiceError::NotFound("it")),
        }
    }
    /// The roots of what a list shows: the one unit asked for, or everything within the caller's reach (`None` means everywhere).
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a unit outside the reach, [`ServiceError::Forbidden`] when there is no reach at all.
    pub fn roots_within(&self, conn: &mut Conn, act: Act, unit_id: Option<UnitId>) -> Result<Option<Vec<UnitId>>, ServiceError> {
        match unit_id {
            None => self.reach(act),
            Some(unit_id) => {
                self.check(conn, act, unit_id)?;
                Ok(Some(vec![unit_id]))
            }
        }
    }
    /// Whether the caller may do `act` for the whole institution: from a root of the tree of units.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] for who may do it in a part only, or nowhere.
    pub fn check_whole(&self, conn: &mut Conn, act: Act) -> Result<(), ServiceError> {
        let Some(roots) = self.reach(act)? else { return Ok(()) };
        for root in roots {
            if unit::find(conn, root)?.is_some_and(|unit| unit.parent_id.is_none()) {
                return Ok(());
            }
        }
        Err(ServiceError::Forbidden)
    }
}
