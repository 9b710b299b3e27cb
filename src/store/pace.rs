//! How a wave goes on over time: what was done per quarter of an hour, maintained beside the counters.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{wave_pace, waves};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use crate::domain::assignment::EvidenceLevel;
use crate::domain::id::{CampaignId, WaveId};

/// The seconds that one row covers.
pub const QUARTER_S: i64 = 900;

/// What moved in a quarter of an hour. What was taken back counts negative when it was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = wave_pace)]
pub struct PaceRow {
    /// The wave.
    pub wave_id: WaveId,
    /// When the quarter began.
    pub quarter_at: At,
    /// Done.
    pub done: i64,
    /// Of those, with an address of the account's.
    pub linked: i64,
    /// Of those, checked by a reviewer.
    pub checked: i64,
}

/// A movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A completion began to count.
    Done(EvidenceLevel),
    /// A completion was taken back.
    Undone(EvidenceLevel),
    /// A reviewer found a linked completion right.
    Checked,
}

impl Step {
    const fn moves(self) -> (i64, i64, i64) {
        const fn worth(level: EvidenceLevel) -> (i64, i64) {
            match level {
                EvidenceLevel::Declared => (0, 0),
                EvidenceLevel::Linked => (1, 0),
                EvidenceLevel::Checked => (1, 1),
            }
        }
        match self {
            Self::Done(level) => {
                let (linked, checked) = worth(level);
                (1, linked, checked)
            }
            Self::Undone(level) => {
                let (linked, checked) = worth(level);
                (-1, -linked, -checked)
            }
            Self::Checked => (0, 0, 1),
        }
    }
}

/// The quarter of an hour in which an instant lies.
pub(super) fn quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = at.timestamp();
    DateTime::from_timestamp(seconds - seconds.rem_euclid(QUARTER_S), 0).unwrap_or(at)
}

/// Adds a movement, in the transaction of the change that it counts. Late in it: the row is busy.
///
/// # Errors
/// The database's failure.
pub fn add(tx: &mut Tx<'_>, wave_id: WaveId, step: Step) -> Result<(), StoreError> {
    let (done, linked, checked) = step.moves();
    let mut sql = SqlText::new();
    sql.push("INSERT INTO wave_pace (wave_id, quarter_at, done, linked, checked) VALUES (").id(wave_id);
    sql.push(", ").at(quarter(tx.now)).push(", ").big(done).push(", ").big(linked).push(", ").big(checked);
    sql.push(") ON CONFLICT (wave_id, quarter_at) DO UPDATE SET done = wave_pace.done + excluded.done, ");
    sql.push("linked = wave_pace.linked + excluded.linked, checked = wave_pace.checked + excluded.checked");
    sql.query().execute(tx.conn)?;
    Ok(())
}

/// The movements of a campaign's waves, by time.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, campaign_id: CampaignId) -> Result<Vec<PaceRow>, StoreError> {
    let of_campaign = waves::table.filter(waves::campaign_id.eq(campaign_id)).select(waves::id);
    let found = wave_pace::table.filter(wave_pace::wave_id.eq_any(of_campaign));
    Ok(found.order((wave_pace::quarter_at.asc(), wave_pace::wave_id.asc())).select(PaceRow::as_select()).load(conn)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_instant_lies_in_its_quarter_of_an_hour() {
        let said = |text: &str| quarter(text.parse().unwrap()).to_rfc3339();
        assert_eq!(said("2026-11-22T10:14:59.9Z"), "2026-11-22T10:00:00+00:00");
        assert_eq!(said("2026-11-22T10:15:00Z"), "2026-11-22T10:15:00+00:00");
        assert_eq!(said("1969-12-31T23:59:59Z"), "1969-12-31T23:45:00+00:00");
    }

    #[test]
    fn what_is_taken_back_undoes_what_was_added() {
        for level in [EvidenceLevel::Declared, EvidenceLevel::Linked, EvidenceLevel::Checked] {
            let ((a, b, c), (x, y, z)) = (Step::Done(level).moves(), Step::Undone(level).moves());
            assert_eq!((a + x, b + y, c + z), (0, 0, 0));
        }
    }
}
