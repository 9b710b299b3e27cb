//! What members chose for themselves: the hours at which they are mailed, and until when they paused.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::delivery::AssignmentFacts;
use super::error::StoreError;
use super::schema::{member_preferences, members};
use super::tx::Tx;
use super::types::At;
use crate::domain::id::MemberId;
use crate::domain::mail_hours::{Choice, DayTime, MailHours};
use crate::domain::member::MemberState;

/// What one member chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// When they are mailed, and whether all at once.
    pub mail: Choice,
    /// When they come back by themselves; none: when they say so.
    pub paused_until: Option<DateTime<Utc>>,
}

/// Hours as stored; those that make no sense, or are not there, are none.
#[must_use]
pub fn hours(from: Option<i32>, until: Option<i32>, days: Option<i32>) -> Option<MailHours> {
    MailHours::new(u16::try_from(from?).ok()?, u16::try_from(until?).ok()?, u8::try_from(days?).ok()?).ok()
}

/// What was chosen about mail, as stored.
#[must_use]
pub fn choice(hours: Option<MailHours>, digest_at: Option<i32>, on_holidays: bool) -> Choice {
    let digest_at = digest_at.and_then(|minutes| DayTime::at(u16::try_from(minutes).ok()?));
    Choice { hours, digest_at, on_holidays }
}

impl AssignmentFacts {
    /// When the person wants task mail.
    #[must_use]
    pub fn choice(&self) -> Choice {
        choice(hours(self.mail_from, self.mail_until, self.mail_days), self.digest_at, self.on_holidays)
    }
}

/// What a member chose.
///
/// # Errors
/// The database's failure.
pub fn of(conn: &mut Conn, id: MemberId) -> Result<Preferences, StoreError> {
    use member_preferences as p;
    type Row = (Option<i32>, Option<i32>, Option<i32>, Option<At>, Option<i32>, bool);
    let columns = (p::mail_from, p::mail_until, p::mail_days, p::paused_until, p::digest_at, p::on_holidays);
    let found: Option<Row> = p::table.find(id).select(columns).first(conn).optional()?;
    let chosen = found.map(|(from, until, days, paused, digest_at, on_holidays)| Preferences {
        mail: choice(hours(from, until, days), digest_at, on_holidays),
        paused_until: paused.map(|at| at.0),
    });
    Ok(chosen.unwrap_or_default())
}

/// Keeps what a member chose.
///
/// # Errors
/// The database's failure.
pub fn save(tx: &mut Tx<'_>, id: MemberId, chosen: Preferences) -> Result<(), StoreError> {
    use member_preferences as p;
    let part = |f: fn(MailHours) -> i32| chosen.mail.hours.map(f);
    let values = (
        p::mail_from.eq(part(|hours| hours.from().into())),
        p::mail_until.eq(part(|hours| hours.until().into())),
        p::mail_days.eq(part(|hours| hours.days().into())),
        p::paused_until.eq(chosen.paused_until.map(At)),
        p::digest_at.eq(chosen.mail.digest_at.map(|time| i32::from(time.minutes()))),
        p::on_holidays.eq(chosen.mail.on_holidays),
    );
    if diesel::update(p::table.find(id)).set(values).execute(tx.conn)? == 0 {
        diesel::insert_into(p::table).values((p::member_id.eq(id), values)).execute(tx.conn)?;
    }
    Ok(())
}

/// Members whose pause is over at `now`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_back(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<MemberId>, StoreError> {
    use member_preferences as p;
    let over = p::table.inner_join(members::table.on(members::id.eq(p::member_id))).filter(p::paused_until.le(At(now)));
    let paused = over.filter(members::state.eq(MemberState::Paused)).order(p::paused_until.asc()).limit(limit);
    Ok(paused.select(p::member_id).load(conn)?)
}
