//! Assignments, mails, completions, and the counters that belong to them.

use super::entries::Ids;
use super::people::domain;
use super::{Filler, Plan, Wave};
use crate::store::error::StoreError;

/// A mail leaves each so many microseconds.
const PER_MAIL: i64 = 3_000;

impl Wave {
    fn last(&self) -> i64 {
        self.first + self.members - 1
    }
    /// What became of member `n`'s mail.
    fn mail(&self) -> String {
        format!(
            "(CASE WHEN (n * 13 + {no}) % 1000 < 3 THEN 'failed' WHEN (n * 13 + {no}) % 1000 < 30 THEN 'suppressed' \
             WHEN (n * 13 + {no}) % 1000 < 32 THEN 'unknown' WHEN (n * 13 + {no}) % 1000 >= {waits} THEN 'pending' ELSE 'sent' END)",
            no = self.no,
            waits = 1_000 - self.waiting
        )
    }
    fn sent(&self) -> String {
        format!("((n * 13 + {no}) % 1000 >= 32 AND (n * 13 + {no}) % 1000 < {waits})", no = self.no, waits = 1_000 - self.waiting)
    }
    /// Below 11 it was done, at 11 declined; the others did not answer.
    fn answer(&self) -> String {
        format!("((n * 7 + {}) % 20)", self.no)
    }
    pub(super) fn is_sent(&self) -> String {
        self.sent()
    }
    pub(super) fn is_done(&self) -> String {
        format!("({} AND {} < 11)", self.sent(), self.answer())
    }
    pub(super) fn is_checked(&self) -> String {
        format!("({} AND {} = 0)", self.sent(), self.answer())
    }
    pub(super) fn is_declined(&self) -> String {
        format!("({} AND {} = 11)", self.sent(), self.answer())
    }
    pub(super) fn is_expired(&self) -> String {
        if self.over { format!("NOT ({} AND {} < 12)", self.sent(), self.answer()) } else { "1 = 0".to_owned() }
    }
    /// A reminder went to who had not answered.
    fn is_reminded(&self) -> String {
        format!("({} AND {} >= 12)", self.sent(), self.answer())
    }
    pub(super) fn mailed_at(&self) -> String {
        format!("{} + (n - {}) * {PER_MAIL}", self.opened.timestamp_micros(), self.first)
    }
    /// Some time within the window after the mail, to the second.
    pub(super) fn answered_at(&self) -> String {
        let began = self.opened.timestamp_micros() + self.members * PER_MAIL;
        let last = if self.over { self.closes } else { self.opened + (self.closes - self.opened) / 4 };
        let window = ((last.timestamp_micros() - began) / 1_000_000).max(60);
        format!("{began} + ((n * 7919) % {window}) * 1000000")
    }
    pub(super) fn series(&self) -> (i64, i64) {
        (self.first, self.last())
    }
}

impl Filler<'_> {
    /// A wave's assignments with all that follows from them; returns how many entries that were.
    ///
    /// # Errors
    /// The database's failure.
    pub fn wave(&mut self, plan: &Plan, wave: &Wave) -> Result<i64, StoreError> {
        let ids = Ids::of(wave);
        self.assignments(plan, wave, &ids)?;
        self.completions(plan, wave, &ids)?;
        self.mails(plan, wave, &ids)?;
        self.counters(wave)?;
        let entries = self.entries_of(plan, wave, &ids)?;
        self.stand(wave)?;
        Ok(entries)
    }

    fn assignments(&mut self, plan: &Plan, w: &Wave, ids: &Ids) -> Result<(), StoreError> {
        let sql = self.sql;
        let (first, last) = w.series();
        let state = format!(
            "CASE WHEN {checked} THEN 'checked' WHEN {done} THEN 'done' WHEN {declined} THEN 'declined' WHEN {expired} THEN 'expired' \
             WHEN {sent} THEN 'notified' ELSE 'planned' END",
            checked = w.is_checked(),
            done = w.is_done(),
            declined = w.is_declined(),
            expired = w.is_expired(),
            sent = w.is_sent()
        );
        let none = sql.no_instant();
        let (mailed, answered) = (sql.at(&w.mailed_at()), sql.at(&w.answered_at()));
        let (opened, closes) = (sql.instant(w.opened), sql.instant(w.closes));
        self.run(&format!(
            "INSERT INTO assignments (id, task_id, wave_id, campaign_id, account_id, member_id, unit_id, state, planned_at, notified_at, \
             settled_at, checked_at, expires_at, link_version, variant_no) \
             SELECT {id}, {task}, {wave}, {campaign}, {account}, {member}, {unit}, {state}, {opened}, CASE WHEN {sent} THEN {mailed} ELSE {none} END, \
             CASE WHEN {done} OR {declined} THEN {answered} WHEN {expired} THEN {closes} ELSE {none} END, \
             CASE WHEN {checked} THEN {answered} ELSE {none} END, {closes}, 1, CAST(n % 1000000 AS INTEGER) FROM {all}",
            id = sql.id(&ids.assignments, "n"),
            task = sql.uid(w.task_id.uuid()),
            wave = sql.uid(w.id.uuid()),
            campaign = sql.uid(w.campaign_id.uuid()),
            account = sql.id(&plan.ids.own, "n"),
            member = sql.id(&plan.ids.members, "n"),
            unit = sql.id(&plan.ids.units, &plan.unit_no("n")),
            sent = w.is_sent(),
            done = w.is_done(),
            declined = w.is_declined(),
            expired = w.is_expired(),
            checked = w.is_checked(),
            all = sql.series(first, last),
        ))?;
        Ok(())
    }

    fn completions(&mut self, plan: &Plan, w: &Wave, ids: &Ids) -> Result<(), StoreError> {
        let sql = self.sql;
        let (first, last) = w.series();
        let linked = format!("{} < 5", w.answer());
        self.run(&format!(
            "INSERT INTO completions (id, assignment_id, account_id, wave_id, level, url, url_key, own_words, suspected, completed_at, \
             checked_at) SELECT {id}, {assignment}, {account}, {wave}, \
             CASE WHEN {checked} THEN 'checked' WHEN {linked} THEN 'linked' ELSE 'declared' END, \
             CASE WHEN {linked} THEN 'https://x.com/pegawai_' || n || '/status/' || (1800000000000000000 + n * 1000 + {no}) END, \
             CASE WHEN {linked} THEN 'x:' || (1800000000000000000 + n * 1000 + {no}) END, FALSE, FALSE, {at}, \
             CASE WHEN {checked} THEN {at} ELSE {none} END FROM {all} WHERE {done}",
            id = sql.id(&ids.completions, "n"),
            assignment = sql.id(&ids.assignments, "n"),
            account = sql.id(&plan.ids.own, "n"),
            wave = sql.uid(w.id.uuid()),
            checked = w.is_checked(),
            no = w.no,
            at = sql.at(&w.answered_at()),
            none = sql.no_instant(),
            all = sql.series(first, last),
            done = w.is_done(),
        ))?;
        let quarter = 900_000_000_i64;
        let at = sql.at(&format!("({} / {quarter}) * {quarter}", sql.micros("completed_at")));
        self.run(&format!(
            "INSERT INTO wave_pace (wave_id, quarter_at, done, linked, checked) SELECT wave_id, {at}, count(*), \
             sum(CASE WHEN level <> 'declared' THEN 1 ELSE 0 END), sum(CASE WHEN level = 'checked' THEN 1 ELSE 0 END) \
             FROM completions WHERE id >= {low} AND id <= {high} GROUP BY wave_id, {at}",
            low = sql.id(&ids.completions, "0"),
            high = sql.id(&ids.completions, "4294967295"),
        ))?;
        Ok(())
    }

    fn mails(&mut self, plan: &Plan, w: &Wave, ids: &Ids) -> Result<(), StoreError> {
        let sql = self.sql;
        let (first, last) = w.series();
        let (opened, mailed) = (sql.instant(w.opened), sql.at(&w.mailed_at()));
        let later = sql.at(&format!("{} + 86400000000", w.mailed_at()));
        let kinds = [
            ("task", &ids.mails, "1 = 1".to_owned(), w.mail(), mailed),
            ("reminder", &ids.reminders, w.is_reminded(), "'sent'".to_owned(), later),
        ];
        for (kind, prefix, wanted, state, at) in kinds {
            self.run(&format!(
                "INSERT INTO outbox (id, kind, assignment_id, wave_id, campaign_id, member_id, state, held, attempt, deferrals, \
                 next_attempt_at, last_error, settled_at, created_at, domain) \
                 SELECT {id}, '{kind}', {assignment}, {wave}, {campaign}, {member}, {state}, FALSE, CASE WHEN {state} = 'pending' THEN 0 ELSE 1 END, \
                 0, {opened}, CASE WHEN {state} = 'failed' THEN '550 5.1.1 no such user' END, CASE WHEN {state} = 'pending' THEN {none} ELSE {at} END, \
                 {opened}, CASE WHEN {state} IN ('sent', 'failed', 'unknown') THEN {domain} END FROM {all} WHERE {wanted}",
                id = sql.id(prefix, "n"),
                assignment = sql.id(&ids.assignments, "n"),
                wave = sql.uid(w.id.uuid()),
                campaign = sql.uid(w.campaign_id.uuid()),
                member = sql.id(&plan.ids.members, "n"),
                none = sql.no_instant(),
                domain = domain("n"),
                all = sql.series(first, last),
            ))?;
        }
        Ok(())
    }

    fn counters(&mut self, w: &Wave) -> Result<(), StoreError> {
        let wave = self.sql.uid(w.id.uuid());
        let (first, last) = w.series();
        let all = self.sql.series(first, last);
        let one = |condition: String| format!("CAST(coalesce(sum(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)");
        let mail = w.mail();
        let in_state = |state: &str| one(format!("{mail} = '{state}'"));
        let (planned, reminded) = (w.members, one(w.is_reminded()));
        self.run(&format!(
            "UPDATE wave_counts SET planned = {planned}, done = x.done, declined = x.declined, expired = x.expired, \
             mail_planned = {planned} + x.reminded, mail_sent = x.sent + x.reminded, mail_failed = x.failed, \
             mail_suppressed = x.suppressed, mail_unknown = x.unknown FROM (SELECT {done} AS done, {declined} AS declined, \
             {expired} AS expired, {reminded} AS reminded, {sent} AS sent, {failed} AS failed, {suppressed} AS suppressed, \
             {unknown} AS unknown FROM {all}) x WHERE wave_id = {wave}",
            done = one(w.is_done()),
            declined = one(w.is_declined()),
            expired = one(w.is_expired()),
            sent = in_state("sent"),
            failed = in_state("failed"),
            suppressed = in_state("suppressed"),
            unknown = in_state("unknown"),
        ))?;
        Ok(())
    }

    /// The counters by unit, of every wave at once.
    ///
    /// # Errors
    /// The database's failure.
    pub fn unit_counters(&mut self) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO wave_unit_counts (wave_id, unit_id, planned, done, declined, expired) SELECT wave_id, unit_id, count(*), \
             sum(CASE WHEN state IN ('done', 'checked') THEN 1 ELSE 0 END), sum(CASE WHEN state = 'declined' THEN 1 ELSE 0 END), \
             sum(CASE WHEN state = 'expired' THEN 1 ELSE 0 END) FROM assignments GROUP BY wave_id, unit_id",
        )?;
        Ok(())
    }

    fn stand(&mut self, w: &Wave) -> Result<(), StoreError> {
        let (opened, closes, none) = (self.sql.instant(w.opened), self.sql.instant(w.closes), self.sql.no_instant());
        let (wave, campaign) = (self.sql.uid(w.id.uuid()), self.sql.uid(w.campaign_id.uuid()));
        let (state, closed) = if w.over { ("closed", closes.as_str()) } else { ("open", none) };
        self.run(&format!(
            "UPDATE waves SET state = '{state}', opens_at = {opened}, opened_at = {opened}, filled_at = {opened}, closes_at = {closes}, \
             closed_at = {closed} WHERE id = {wave}"
        ))?;
        // The approvers' mails: they were read when the campaign was released.
        self.run(&format!(
            "UPDATE outbox SET state = 'sent', attempt = 1, settled_at = created_at WHERE campaign_id = {campaign} AND kind = 'release_request'"
        ))?;
        let state = if w.over { "finished" } else { "running" };
        self.run(&format!(
            "UPDATE campaigns SET state = '{state}', started_at = coalesce(started_at, {opened}), ended_at = {closed} WHERE id = {campaign}"
        ))?;
        Ok(())
    }
}
