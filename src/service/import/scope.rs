//! Where an import may change something: the units that exist, by code, and which of them the caller reaches.

use std::collections::{HashMap, HashSet};

use super::reader::{CsvRow, RowError};
use crate::domain::id::UnitId;
use crate::domain::role::Act;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::store::Conn;
use crate::store::unit::{self, UnitRow};

/// The units there are, and the caller's reach among them.
pub(super) struct Scope {
    by_code: HashMap<String, UnitRow>,
    zones: HashMap<UnitId, String>,
    /// None: everywhere.
    reach: Option<HashSet<UnitId>>,
}

impl Scope {
    pub(super) fn load(conn: &mut Conn, caller: &Caller, act: Act) -> Result<Self, ServiceError> {
        let rows = unit::list(conn)?;
        let reach = caller.reach(act)?.map(|roots| below(&rows, &roots));
        let zones = rows.iter().map(|row| (row.id, row.zone.clone())).collect();
        Ok(Self { by_code: rows.into_iter().map(|row| (row.code_norm.clone(), row)).collect(), zones, reach })
    }
    /// The unit with this code in its compared form.
    pub(super) fn unit(&self, code_norm: &str) -> Option<&UnitRow> {
        self.by_code.get(code_norm)
    }
    /// Every unit there is.
    pub(super) fn units(&self) -> impl Iterator<Item = &UnitRow> {
        self.by_code.values()
    }
    /// Whether the caller may act in this unit.
    pub(super) fn reaches(&self, id: UnitId) -> bool {
        self.reach.as_ref().is_none_or(|reach| reach.contains(&id))
    }
    /// Whether the caller may act everywhere: then they may add roots.
    pub(super) const fn is_everywhere(&self) -> bool {
        self.reach.is_none()
    }
    /// The zone of a unit.
    pub(super) fn zone(&self, id: UnitId) -> Option<&str> {
        self.zones.get(&id).map(String::as_str)
    }
    /// The unit that a row names in `unit_code`, if it exists and the caller reaches it.
    pub(super) fn named(&self, row: &CsvRow) -> Result<UnitId, RowError> {
        let code = row.get("unit_code");
        if code.is_empty() {
            return Err(row.error("unit_code", "import.unit_missing", "The unit is missing; give the code of a unit on file"));
        }
        let Some(unit) = self.unit(&code.to_uppercase()) else {
            let message = format!("There is no unit with the code {:?}; import the units first", clip(code));
            return Err(row.error("unit_code", "import.unknown_unit", message));
        };
        if self.reaches(unit.id) { Ok(unit.id) } else { Err(outside(row, "unit_code")) }
    }
}

/// The fault of a row that concerns something outside the caller's units.
pub(super) fn outside(row: &CsvRow, column: &str) -> RowError {
    row.error(
        column,
        "import.outside_your_units",
        "This lies outside the units you look after; leave the row to their coordinator",
    )
}

/// A text, short enough to be repeated in a message.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

fn below(rows: &[UnitRow], roots: &[UnitId]) -> HashSet<UnitId> {
    let mut children: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
    for row in rows {
        if let Some(parent_id) = row.parent_id {
            children.entry(parent_id).or_default().push(row.id);
        }
    }
    let mut reached = HashSet::new();
    let mut waiting = roots.to_vec();
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            waiting.extend(children.get(&id).into_iter().flatten());
        }
    }
    reached
}
