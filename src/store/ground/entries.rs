//! The log: the entries that assignments make, and a history of everything else.

use chrono::{DateTime, TimeDelta, Utc};

use super::dialect::{Prefix, one_of};
use super::{Filler, Plan, Wave};
use crate::domain::id::{CampaignId, WaveId};
use crate::store::error::StoreError;

/// Entries of the history in one statement.
const CHUNK: i64 = 250_000;

/// What the ids of a wave's rows begin with.
#[derive(Debug, Clone)]
pub struct Ids {
    pub(super) assignments: Prefix,
    pub(super) completions: Prefix,
    pub(super) mails: Prefix,
    pub(super) reminders: Prefix,
}

impl Ids {
    pub(super) fn of(wave: &Wave) -> Self {
        let next = |n: i64| Prefix::at(wave.opened + TimeDelta::milliseconds(wave.no * 4 + n));
        Self { assignments: next(0), completions: next(1), mails: next(2), reminders: next(3) }
    }
}

const COLUMNS: &str = "INSERT INTO ledger_entries (id, at, kind, actor_kind, actor_ref, unit_id, campaign_id, wave_id, assignment_id, \
     subject_ref, payload, commitment) ";

/// What people and the service do all year, a share each: the word, and whether a user, a member or the system does it.
const YEAR: [&str; 16] = [
    "member.changed",
    "member.changed",
    "member.changed",
    "consent.requested",
    "consent.given",
    "account.changed",
    "disclosure.filed",
    "disclosure.confirmed",
    "user.signed_in",
    "mail.sent",
    "mail.sent",
    "mail.sent",
    "mail.sent",
    "mail.sent",
    "mail.reported",
    "mail.suppressed",
];
/// Of sixteen entries, the first so many are about a person and no campaign.
const PERSONAL: i64 = 9;

impl Filler<'_> {
    pub(super) fn entries_of(&mut self, plan: &Plan, w: &Wave, ids: &Ids) -> Result<i64, StoreError> {
        let sql = self.sql;
        let (first, last) = w.series();
        let member = sql.id_text(&plan.ids.subjects, "n");
        let after = |s: i64| w.opened + TimeDelta::milliseconds(w.no * 8 + s);
        let system = ("'system'".to_owned(), "'system'".to_owned());
        let themselves = ("'member'".to_owned(), member.clone());
        let reviewer = ("'user'".to_owned(), "'reviewer'".to_owned());
        let kinds = [
            ("mail.sent", w.is_sent(), w.mailed_at(), &system, r#"{"kind":"task","attempt":1}"#),
            ("assignment.done", w.is_done(), w.answered_at(), &themselves, r#"{"level":"declared"}"#),
            ("assignment.checked", w.is_checked(), w.answered_at(), &reviewer, "{}"),
            ("assignment.declined", w.is_declined(), w.answered_at(), &themselves, "{}"),
            ("assignment.expired", w.is_expired(), w.closes.timestamp_micros().to_string(), &system, "{}"),
        ];
        let mut written = 0;
        for ((kind, wanted, at, (actor_kind, actor), payload), no) in kinds.into_iter().zip(0..) {
            let prefix = Prefix::at(after(no));
            written += self.run(&format!(
                "{COLUMNS} SELECT {id}, {at}, '{kind}', {actor_kind}, {actor}, {unit}, {campaign}, {wave}, {assignment}, {member}, \
                 {payload}, NULL FROM {all} WHERE {wanted} ORDER BY {at}",
                id = sql.id(&prefix, "n"),
                at = sql.at(&at),
                // The service writes no unit where it writes of a mail.
                unit = if no == 0 { sql.no_id().to_owned() } else { sql.id(&plan.ids.units, &plan.unit_no("n")) },
                campaign = sql.uid(w.campaign_id.uuid()),
                wave = sql.uid(w.id.uuid()),
                assignment = sql.id(&ids.assignments, "n"),
                payload = sql.json(&format!("'{payload}'")),
                all = sql.series(first, last),
            ))?;
        }
        Ok(written)
    }

    /// Entries of a whole year about everybody, evenly over the time; the first campaign has a third of those about one.
    ///
    /// # Errors
    /// The database's failure.
    pub fn history(&mut self, plan: &Plan, campaigns: &[(CampaignId, WaveId)], lead: &str) -> Result<(), StoreError> {
        let span = plan.until.timestamp_micros() - plan.from.timestamp_micros();
        let step = (span / plan.history.max(1)).max(1);
        let mut from = 0;
        while from < plan.history {
            let to = (from + CHUNK).min(plan.history) - 1;
            let began = plan.from + TimeDelta::microseconds(from * step);
            self.history_chunk(plan, campaigns, (from, to, step, began), lead)?;
            from = to + 1;
        }
        Ok(())
    }

    fn history_chunk(
        &mut self,
        plan: &Plan,
        campaigns: &[(CampaignId, WaveId)],
        (from, to, step, began): (i64, i64, i64, DateTime<Utc>),
        lead: &str,
    ) -> Result<(), StoreError> {
        let sql = self.sql;
        let prefix = Prefix::at(began);
        let many = campaigns.len().max(1);
        let rows: Vec<String> = (0..)
            .zip(campaigns)
            .map(|(k, (campaign, wave))| format!("({k}, {}, {})", sql.uid(campaign.uuid()), sql.uid(wave.uuid())))
            .collect();
        let values = if sql.sqlite {
            format!("(SELECT column1 AS k, column2 AS campaign, column3 AS wave FROM (VALUES {}))", rows.join(", "))
        } else {
            format!("(SELECT * FROM (VALUES {}) v(k, campaign, wave))", rows.join(", "))
        };
        // Not n itself: neighbours in time are not neighbours in an office.
        let who = format!("((s.n * 7919) % {})", plan.members.max(1));
        let is_personal = format!("s.n % 16 < {PERSONAL}");
        let with_detail = "s.n % 16 < 8 AND s.n % 64 < 16";
        let nth = format!("CASE WHEN s.n % 3 = 0 THEN 0 ELSE (s.n / 16) % {many} END");
        let kind = format!("CASE WHEN s.n % 100003 = 17 THEN 'target.blocked' ELSE {} END", one_of("s.n", &YEAR));
        let (id, at) = (sql.id(&prefix, "s.n"), sql.at(&format!("{} + s.n * {step}", plan.from.timestamp_micros())));
        let subject = sql.id_text(&plan.ids.subjects, &who);
        self.run(&format!(
            "{COLUMNS} SELECT {id}, {at}, {kind}, CASE WHEN s.n % 16 IN (3, 7) THEN 'user' WHEN {is_personal} THEN 'member' ELSE 'system' END, \
             CASE WHEN s.n % 16 IN (3, 7) THEN '{lead}' WHEN {is_personal} THEN {subject} ELSE 'system' END, \
             CASE WHEN {is_personal} THEN {unit} ELSE {no_id} END, \
             CASE WHEN {is_personal} THEN {no_id} ELSE c.campaign END, CASE WHEN {is_personal} THEN {no_id} ELSE c.wave END, {no_id}, {subject}, \
             {payload}, CASE WHEN {with_detail} THEN {salt} END FROM {all} JOIN {values} c ON c.k = {nth} ORDER BY s.n",
            unit = sql.id(&plan.ids.units, &plan.unit_no(&who)),
            no_id = sql.no_id(),
            payload = sql.json("'{\"via\":\"page\"}'"),
            salt = sql.salt("s.n"),
            all = sql.series(from, to),
        ))?;
        self.run(&format!(
            "INSERT INTO ledger_secrets (entry_id, salt, detail) SELECT {id}, {salt}, {detail} FROM {all} WHERE {with_detail}",
            salt = sql.salt("s.n + 1"),
            detail = sql.json("'{\"name\":\"Ratna Wulandari ' || s.n || '\"}'"),
            all = sql.series(from, to),
        ))?;
        Ok(())
    }
}
