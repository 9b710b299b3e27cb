//! A write in progress: the connection, one time, the actor, and the log entries that the commit will carry.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use serde_json::Value;

use super::db::Conn;
use super::error::StoreError;
use super::manner::Manner;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, EntryId, UnitId, WaveId};

/// A log entry to be appended. `payload` holds no personal data; `detail` may: it is committed to with a salt and kept apart.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its id, in order of making.
    pub id: EntryId,
    /// What happened.
    pub kind: EventKind,
    /// Who did it, where a write carries what several did; else the write's actor.
    pub by: Option<Actor>,
    /// The unit it concerns.
    pub unit_id: Option<UnitId>,
    /// The campaign it concerns.
    pub campaign_id: Option<CampaignId>,
    /// The wave it concerns.
    pub wave_id: Option<WaveId>,
    /// The assignment it concerns.
    pub assignment_id: Option<AssignmentId>,
    /// The person it concerns, by random reference.
    pub subject_ref: Option<String>,
    /// Facts without personal data.
    pub payload: Value,
    /// Personal detail: only its salted commitment goes into the log.
    pub detail: Option<Value>,
}

impl NewEntry {
    /// An entry of this kind with nothing else said.
    #[must_use]
    pub fn new(kind: EventKind) -> Self {
        Self {
            id: EntryId::new(),
            kind,
            by: None,
            unit_id: None,
            campaign_id: None,
            wave_id: None,
            assignment_id: None,
            subject_ref: None,
            payload: Value::Object(serde_json::Map::new()),
            detail: None,
        }
    }
    /// Done by somebody else than the write's actor.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.by = Some(actor);
        self
    }
    /// Concerns this unit.
    #[must_use]
    pub const fn unit(mut self, id: UnitId) -> Self {
        self.unit_id = Some(id);
        self
    }
    /// Concerns this campaign.
    #[must_use]
    pub const fn campaign(mut self, id: CampaignId) -> Self {
        self.campaign_id = Some(id);
        self
    }
    /// Concerns this wave.
    #[must_use]
    pub const fn wave(mut self, id: WaveId) -> Self {
        self.wave_id = Some(id);
        self
    }
    /// Concerns this assignment.
    #[must_use]
    pub const fn assignment(mut self, id: AssignmentId) -> Self {
        self.assignment_id = Some(id);
        self
    }
    /// Concerns the person of this reference.
    #[must_use]
    pub fn subject(mut self, subject_ref: impl Into<String>) -> Self {
        self.subject_ref = Some(subject_ref.into());
        self
    }
    /// Facts without personal data.
    #[must_use]
    pub fn payload(mut self, payload: Value) -> Self {
        self.payload = payload;
        self
    }
    /// Personal detail, which stays outside the log.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }
}

/// A write in progress. Only [`super::Db::write`] makes one.
pub struct Tx<'c> {
    /// The connection, inside its transaction.
    pub conn: &'c mut Conn,
    /// The one time of this write.
    pub now: DateTime<Utc>,
    /// Who writes.
    pub actor: Actor,
    /// How PostgreSQL runs it.
    pub(super) manner: Manner,
    pub(super) entries: Vec<NewEntry>,
    pub(super) silent: Option<&'static str>,
    pub(super) recorded: u64,
}

impl<'c> Tx<'c> {
    pub(super) const fn new(conn: &'c mut Conn, now: DateTime<Utc>, actor: Actor, manner: Manner) -> Self {
        Self { conn, now, actor, manner, entries: Vec::new(), silent: None, recorded: 0 }
    }

    /// Adds an entry to what the commit will carry.
    pub fn record(&mut self, entry: NewEntry) {
        self.recorded += 1;
        self.entries.push(entry);
    }

    /// Writes the entries gathered so far, within this transaction; a write of very many rows keeps its memory flat with it.
    ///
    /// # Errors
    /// The database's failure.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        let entries = std::mem::take(&mut self.entries);
        super::ledger::append(self.conn, self.now, &self.actor, &entries)
    }

    /// Says that entries were written by a set-based statement of the store.
    pub const fn recorded_set(&mut self, entries: u64) {
        self.recorded += entries;
    }

    /// Says why this write needs no entry: nothing changed, or only leases, counters and sessions did.
    pub const fn without_entry(&mut self, why: &'static str) {
        self.silent = Some(why);
    }

    /// Goes on in this manner until the end; says nothing to PostgreSQL where the transaction was begun so.
    ///
    /// # Errors
    /// The database's failure.
    pub(super) fn go_on_in(&mut self, manner: Manner) -> Result<(), StoreError> {
        if let (Conn::Pg(conn), false) = (&mut *self.conn, self.manner.covers(manner)) {
            conn.batch_execute(manner.settings().trim_start_matches("; "))?;
            self.manner = manner;
        }
        Ok(())
    }

    /// Appends the collected entries; refuses a write that recorded none and did not say why. Returns how many were recorded.
    pub(super) fn finish(self) -> Result<u64, StoreError> {
        if self.recorded == 0 && self.silent.is_none() {
            return Err(StoreError::Inconsistent("a write recorded no log entry".into()));
        }
        super::ledger::append(self.conn, self.now, &self.actor, &self.entries)?;
        Ok(self.recorded)
    }
}
