//! Every promise, after a fault: what the database says against what the mail server took and what people were told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use diesel::prelude::*;
use gaung::domain::id::{AssignmentId, MailId};
use gaung::domain::outbox::MailState;
use gaung::store::StoreError;
use gaung::store::schema::outbox;

use super::ground::{Ground, literal};

/// What a round showed.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How often the fault struck.
    pub struck: u64,
    /// Mails said to be sent that nobody took, people without their mail, completions that were acknowledged and are not there.
    pub lost: u64,
    /// Mails that were taken twice, or taken and not known as sent or unknown.
    pub doubled: u64,
    /// Mails in doubt, for a person to decide.
    pub unknown: u64,
    /// Completions that were acknowledged.
    pub acknowledged: u64,
    /// From the end of the last fault until everything was settled, or until the service answered again.
    pub recovered: Duration,
}

impl Report {
    /// This round's numbers on top of those before; of the recoveries, the slowest.
    pub fn add(&mut self, other: &Self) {
        self.struck += other.struck;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.unknown += other.unknown;
        self.acknowledged += other.acknowledged;
        self.recovered = self.recovered.max(other.recovered);
    }
}

/// Looks at everything once all mails have ended. Panics where a promise of the rows is broken; counts what was lost and doubled.
#[track_caller]
pub fn check(ground: &Ground, acknowledged: &BTreeSet<AssignmentId>) -> Report {
    let site = &ground.site;
    crate::support::invariants::check(site.world.app());
    let mut report = Report { acknowledged: acknowledged.len() as u64, ..Report::default() };
    let taken = taken(ground);
    let known = known(ground);
    for (id, state) in &known {
        let count = taken.get(id).copied().unwrap_or(0);
        report.lost += u64::from(*state == MailState::Sent && count == 0);
        report.doubled += u64::from(count > 1 || (count > 0 && !matches!(state, MailState::Sent | MailState::Unknown)));
        report.unknown += u64::from(*state == MailState::Unknown);
    }
    let unheard: Vec<_> = taken.keys().filter(|id| !known.contains_key(*id)).collect();
    assert!(unheard.is_empty(), "the mail server took mails that are in no row: {unheard:?}");
    let sqlite = site.world.app().db.is_sqlite();
    let wave = literal(sqlite, ground.wave);
    let asked = site.number(&format!("SELECT count(*) AS n FROM assignments WHERE wave_id = {wave}"));
    report.lost += (ground.people as u64).saturating_sub(u64::try_from(asked).unwrap_or_default());
    assert!(asked <= ground.people as i64, "{asked} assignments for {} people", ground.people);
    let done = site.number("SELECT count(*) AS n FROM assignments WHERE state IN ('done', 'checked')");
    let entries = site.number("SELECT count(*) AS n FROM ledger_entries WHERE kind = 'assignment.done'");
    assert_eq!(entries, done, "a completion has one entry in the log");
    for id in acknowledged {
        let row = site.world.app().db.read_blocking(|conn| gaung::store::assignment::find(conn, *id)).expect("a read");
        report.lost += u64::from(row.is_none_or(|row| row.state.to_string() != "done"));
    }
    let of_wave =
        |kind: &str| site.number(&format!("SELECT count(*) AS n FROM ledger_entries WHERE kind = '{kind}' AND wave_id = {wave}"));
    assert_eq!(of_wave("mail.sent"), ground.mails("'sent'"), "each sent mail has one entry in the log");
    assert_eq!(of_wave("mail.unknown"), ground.mails("'unknown'"), "each doubt has one entry in the log");
    assert_eq!((of_wave("wave.opened"), of_wave("wave.filled")), (1, 1), "the wave was opened once and filled once");
    let log = gaung::service::seal::reconcile::reconcile(site.world.app(), |_, _| std::ops::ControlFlow::Continue(()));
    assert_eq!(log.expect("the log is read").finding, None, "the log is what was sealed, and every checkpoint is of it");
    report
}

/// How often the sink took each mail.
fn taken(ground: &Ground) -> BTreeMap<MailId, usize> {
    let ids = ground.site.sink.0.message_ids().into_iter();
    ids.map(|(id, count)| {
        let mail = id.trim_matches(['<', '>']).split('@').next().and_then(|left| left.parse().ok());
        (mail.unwrap_or_else(|| panic!("{id:?} is no Message-ID of ours")), count)
    })
    .collect()
}

/// What the database knows of each mail. What travelled inside another is that one's matter.
fn known(ground: &Ground) -> BTreeMap<MailId, MailState> {
    let query = outbox::table.filter(outbox::digest_id.is_null()).select((outbox::id, outbox::state));
    let read = |conn: &mut gaung::store::Conn| Ok::<_, StoreError>(query.load::<(MailId, MailState)>(conn)?);
    ground.site.world.app().db.read_blocking(read).expect("the mails").into_iter().collect()
}

/// No process of the site panicked.
#[track_caller]
pub fn nobody_panicked(ground: &Ground) {
    for (name, log) in logs(ground) {
        assert!(!log.contains("panicked"), "{name}: {log}");
    }
}

/// What the site's processes logged.
pub fn logs(ground: &Ground) -> Vec<(String, String)> {
    let files = std::fs::read_dir(ground.site.world.test.dir.path()).expect("the data directory").flatten();
    let logs = files.filter(|file| file.file_name().to_string_lossy().ends_with(".log"));
    logs.map(|file| {
        let text = std::fs::read(file.path()).unwrap_or_default();
        (file.file_name().to_string_lossy().into_owned(), String::from_utf8_lossy(&text).into_owned())
    })
    .collect()
}
