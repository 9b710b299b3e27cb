//! Where an import stands: in a read, where it only looks, or in the one write, where it changes rows.

use chrono::{DateTime, Utc};

use crate::store::{Conn, Tx};

/// A read or a write in progress.
pub(super) enum Ground<'a, 'c> {
    /// A dry run.
    Look(&'a mut Conn, DateTime<Utc>),
    /// The real thing.
    Write(&'a mut Tx<'c>),
}

impl<'c> Ground<'_, 'c> {
    /// The connection.
    pub(super) const fn conn(&mut self) -> &mut Conn {
        match self {
            Self::Look(conn, _) => conn,
            Self::Write(tx) => tx.conn,
        }
    }
    /// The one time of this import.
    pub(super) const fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Look(_, now) => *now,
            Self::Write(tx) => tx.now,
        }
    }
    /// The write, if it is one.
    pub(super) const fn tx(&mut self) -> Option<&mut Tx<'c>> {
        match self {
            Self::Look(..) => None,
            Self::Write(tx) => Some(tx),
        }
    }
}
