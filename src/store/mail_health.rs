//! How each destination and each campaign fares with its last mails: counted where results are written down.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{campaign_mail, mail_domains};
use super::tx::{NewEntry, Tx};
use super::types::At;
use crate::domain::breaker::{Limit, Tally, Window, rest};
use crate::domain::event::EventKind;
use crate::domain::id::CampaignId;

/// When a destination rests and when a campaign stops.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How long a window is.
    pub window: TimeDelta,
    /// What makes a destination rest.
    pub destination: Limit,
    /// The first rest; it doubles.
    pub first_rest: TimeDelta,
    /// What stops a campaign.
    pub campaign: Limit,
}

/// A destination as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = mail_domains, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DestinationRow {
    /// The domain after the @, lower case, ASCII.
    pub domain: String,
    /// When it was first mailed.
    pub first_sent_at: At,
    /// When its next paced mail may leave.
    pub next_slot_at: At,
    /// When the window began.
    pub window_began_at: At,
    /// Mails taken in the window.
    pub delivered: i64,
    /// Put off.
    pub deferred: i64,
    /// Refused.
    pub refused: i64,
    /// Rests in a row.
    pub rests: i32,
    /// Until when it rests.
    pub resting_until: Option<At>,
    /// Why.
    pub resting_why: Option<String>,
}

impl DestinationRow {
    /// A destination that was never mailed.
    #[must_use]
    pub fn new(domain: &str, now: DateTime<Utc>) -> Self {
        let now = At(now);
        Self {
            domain: domain.to_owned(),
            first_sent_at: now,
            next_slot_at: now,
            window_began_at: now,
            delivered: 0,
            deferred: 0,
            refused: 0,
            rests: 0,
            resting_until: None,
            resting_why: None,
        }
    }

    /// Until when it rests, and why, if it does at `now`.
    #[must_use]
    pub fn resting(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, &str)> {
        let until = self.resting_until.map(|at| at.0).filter(|until| *until > now)?;
        Some((until, self.resting_why.as_deref().unwrap_or_default()))
    }

    const fn window(&self) -> Window {
        let tally = Tally { delivered: self.delivered, deferred: self.deferred, refused: self.refused };
        Window { began_at: self.window_began_at.0, tally }
    }

    fn set_window(&mut self, window: Window) {
        self.window_began_at = At(window.began_at);
        (self.delivered, self.deferred, self.refused) = (window.tally.delivered, window.tally.deferred, window.tally.refused);
    }

    /// Counts results; says whether it begins to rest.
    fn count(&mut self, more: Tally, now: DateTime<Utc>, rules: &Rules) -> bool {
        let window = self.window().with(more, now, rules.window);
        self.set_window(window);
        // After a rest a few are enough to tell that nothing has changed.
        let least = if self.rests > 0 { rules.destination.least.min(3) } else { rules.destination.least };
        let limit = Limit { least, ..rules.destination };
        if self.resting(now).is_some() {
            return false;
        }
        if limit.stops_destination(window.tally) {
            let rests = u32::try_from(self.rests).unwrap_or_default();
            self.resting_until = Some(At(now + rest(rests, rules.first_rest)));
            let bad = window.tally.deferred + window.tally.refused;
            self.resting_why = Some(format!("{bad} of {} mails were refused or put off", window.tally.total()));
            self.rests = self.rests.saturating_add(1);
            self.set_window(Window { began_at: now, tally: Tally::default() });
            return true;
        }
        if self.rests > 0 && window.tally.delivered >= least {
            // It takes mail again.
            (self.rests, self.resting_until, self.resting_why) = (0, None, None);
        }
        false
    }
}

/// These destinations, as far as they were mailed before.
///
/// # Errors
/// The database's failure.
pub fn destinations(conn: &mut Conn, domains: &[String]) -> Result<Vec<DestinationRow>, StoreError> {
    if domains.is_empty() {
        return Ok(Vec::new());
    }
    let rows = mail_domains::table.filter(mail_domains::domain.eq_any(domains.to_vec()));
    Ok(rows.select(DestinationRow::as_select()).load(conn)?)
}

/// The destinations that rest at `now`, the one that wakes first at the top.
///
/// # Errors
/// The database's failure.
pub fn resting(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<DestinationRow>, StoreError> {
    let rows = mail_domains::table.filter(mail_domains::resting_until.gt(At(now))).order(mail_domains::resting_until.asc());
    Ok(rows.limit(limit).select(DestinationRow::as_select()).load(conn)?)
}

/// The destination, locked until this write ends; made where it is new.
///
/// # Errors
/// The database's failure.
pub fn lock(tx: &mut Tx<'_>, domain: &str) -> Result<DestinationRow, StoreError> {
    let row = DestinationRow::new(domain, tx.now);
    match tx.conn {
        Conn::Pg(conn) => {
            diesel::insert_into(mail_domains::table).values(&row).on_conflict_do_nothing().execute(conn)?;
            let found = mail_domains::table.find(domain).for_update();
            Ok(found.select(DestinationRow::as_select()).first(conn)?)
        }
        // One writer at a time.
        Conn::Lite(conn) => {
            diesel::insert_into(mail_domains::table).values(&row).on_conflict_do_nothing().execute(conn)?;
            Ok(mail_domains::table.find(domain).select(DestinationRow::as_select()).first(conn)?)
        }
    }
}

/// Saves what was locked.
///
/// # Errors
/// The database's failure.
pub fn save(tx: &mut Tx<'_>, row: &DestinationRow) -> Result<(), StoreError> {
    diesel::update(mail_domains::table.find(&row.domain)).set(row).execute(tx.conn)?;
    Ok(())
}

/// Counts what became of mails to each destination; one that refuses too much rests, which the log says. Returns those that begin to
/// rest, and until when.
///
/// # Errors
/// The database's failure.
pub fn note_destinations(
    tx: &mut Tx<'_>,
    tallies: &BTreeMap<String, Tally>,
    rules: &Rules,
) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
    let mut rested = Vec::new();
    // In the order of their names, so that two workers never wait for each other.
    for (domain, tally) in tallies.iter().filter(|(_, tally)| !tally.is_empty()) {
        let mut row = lock(tx, domain)?;
        if row.count(*tally, tx.now, rules) {
            let until = row.resting_until.map(|at| at.0);
            rested.extend(until.map(|until| (row.domain.clone(), until)));
            let entry = NewEntry::new(EventKind::DestinationRested);
            // A small domain may be one person's.
            let detail = serde_json::json!({ "domain": row.domain, "why": row.resting_why });
            tx.record(entry.payload(serde_json::json!({ "until": until })).detail(detail));
        }
        save(tx, &row)?;
    }
    Ok(rested)
}

/// Counts what became of each campaign's mails; returns the campaigns that must stop, with the window that says so.
///
/// # Errors
/// The database's failure.
pub fn note_campaigns(
    tx: &mut Tx<'_>,
    tallies: &BTreeMap<CampaignId, Tally>,
    rules: &Rules,
) -> Result<Vec<(CampaignId, Tally)>, StoreError> {
    type Row = (At, i64, i64, i64);
    let mut stopped = Vec::new();
    for (id, tally) in tallies.iter().filter(|(_, tally)| !tally.is_empty()) {
        let columns = (campaign_mail::window_began_at, campaign_mail::delivered, campaign_mail::deferred, campaign_mail::refused);
        let fresh = (campaign_mail::campaign_id.eq(id), campaign_mail::window_began_at.eq(At(tx.now)));
        let (began_at, delivered, deferred, refused): Row = match tx.conn {
            Conn::Pg(conn) => {
                diesel::insert_into(campaign_mail::table).values(fresh).on_conflict_do_nothing().execute(conn)?;
                campaign_mail::table.find(id).for_update().select(columns).first(conn)?
            }
            Conn::Lite(conn) => {
                diesel::insert_into(campaign_mail::table).values(fresh).on_conflict_do_nothing().execute(conn)?;
                campaign_mail::table.find(id).select(columns).first(conn)?
            }
        };
        let window = Window { began_at: began_at.0, tally: Tally { delivered, deferred, refused } };
        let mut window = window.with(*tally, tx.now, rules.window);
        if rules.campaign.stops_campaign(window.tally) {
            stopped.push((*id, window.tally));
            // Whoever resumes it begins with a clean window.
            window = Window { began_at: tx.now, tally: Tally::default() };
        }
        diesel::update(campaign_mail::table.find(id))
            .set((
                campaign_mail::window_began_at.eq(At(window.began_at)),
                campaign_mail::delivered.eq(window.tally.delivered),
                campaign_mail::deferred.eq(window.tally.deferred),
                campaign_mail::refused.eq(window.tally.refused),
            ))
            .execute(tx.conn)?;
    }
    Ok(stopped)
}
