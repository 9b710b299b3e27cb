//! Units, members, accounts, blocked targets and election freezes from files: first a dry run that names every bad row, then all rows or none.

mod accounts;
mod ground;
pub mod kept;
mod members;
mod neutrality;
pub mod reader;
mod report;
mod scope;
mod seen;
mod spool;
mod units;

use std::fs::File;
use std::io::{BufReader, Read};

use serde_json::json;

use super::caller::Caller;
use super::error::ServiceError;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::UploadId;
use crate::domain::locale::Locale;
use crate::domain::role::Act;
use crate::store::tx::NewEntry;
use crate::store::{StoreError, upload};
use ground::Ground;
use reader::{CsvTable, HeaderSpec};
use report::Findings;
pub use report::{ImportNotice, ImportReport};
use scope::Scope;
use spool::Spooled;

crate::text_enum! {
    /// What a file holds.
    pub enum ImportKind {
        /// The tree of units.
        Units = "units",
        /// The people of the units.
        Members = "members",
        /// The accounts of the people, with their disclosures.
        Accounts = "accounts",
        /// Accounts that no task may point at.
        BlockedTargets = "blocked_targets",
        /// The election calendar.
        Freezes = "freezes",
    }
}

impl ImportKind {
    /// The columns that such a file may have.
    #[must_use]
    pub const fn columns(self) -> HeaderSpec<'static> {
        match self {
            Self::Units => HeaderSpec { required: &["code", "name", "parent_code"], optional: &["zone"] },
            Self::Members => {
                HeaderSpec { required: &["employee_no", "name", "email", "unit_code"], optional: &["locale", "zone"] }
            }
            Self::BlockedTargets => HeaderSpec { required: &["platform", "handle", "label"], optional: &[] },
            Self::Freezes => HeaderSpec { required: &["label", "starts_at", "ends_at"], optional: &["zone"] },
            Self::Accounts => HeaderSpec {
                required: &["kind", "platform", "handle"],
                optional: &[
                    "employee_no",
                    "display_name",
                    "unit_code",
                    "language",
                    "followers",
                    "topics",
                    "engagement",
                    "public_name",
                    "operators",
                    "disclosure_statement",
                    "disclosure_url",
                ],
            },
        }
    }
    /// The right that importing it takes.
    #[must_use]
    pub const fn act(self) -> Act {
        match self {
            Self::Units => Act::ManageUnits,
            Self::Members => Act::ManageMembers,
            Self::Accounts => Act::ManageAccounts,
            Self::BlockedTargets | Self::Freezes => Act::ManageNeutrality,
        }
    }
}

/// Hears how many rows were read, every few hundred rows.
pub type OnProgress = Box<dyn FnMut(u64) + Send>;

/// How a file is imported.
#[derive(Default)]
pub struct ImportOptions {
    /// Check everything, change nothing.
    pub dry_run: bool,
    /// Hears how far the import is.
    pub on_progress: Option<OnProgress>,
    /// What an earlier check of the same file promised: the import does exactly that or nothing.
    pub checked: Option<Checked>,
}

/// What a check of a kept file promised.
#[derive(Debug, Clone, Copy)]
pub struct Checked {
    /// The kept file.
    pub upload_id: UploadId,
    /// Rows that add something.
    pub new: u64,
    /// Rows that change something.
    pub changed: u64,
}

impl std::fmt::Debug for ImportOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportOptions").field("dry_run", &self.dry_run).finish_non_exhaustive()
    }
}

/// What the parts of an import share.
struct Pass {
    app: App,
    scope: Scope,
    /// Rows whose address was that of somebody who was erased.
    came_back: u64,
    findings: Findings,
    default_locale: Locale,
    default_zone: &'static str,
    on_progress: Option<OnProgress>,
}

impl Pass {
    /// Tells how many rows were read so far.
    fn progress(&mut self) {
        if let Some(tell) = &mut self.on_progress {
            tell(self.findings.rows);
        }
    }
}

/// Why a pass ended without a commit.
enum Ended {
    /// Rows had faults: the report says which.
    Faulty(Box<Findings>),
    /// What is on file is not what it was when the file was checked.
    Moved(Box<Findings>),
    /// It could not go on.
    Failed(ServiceError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
impl From<ServiceError> for Ended {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

/// Imports a file. With a fault in any row nothing is changed, and the report names each fault; the same holds for a dry run.
/// Importing the same file again finds everything unchanged.
///
/// An empty cell leaves what is on file; a row that is not in the file leaves its unit, member or account as it is. Consent is never
/// imported: only the person gives it.
///
/// # Errors
/// `Forbidden` for who may import nothing of this kind anywhere; `Invalid` for a file above 512 MiB; `Conflict` when somebody else
/// changed the same rows meanwhile. Faults of the file are in the report, not here.
pub async fn import(
    app: &App,
    caller: &Caller,
    kind: ImportKind,
    source: impl Read + Send + 'static,
    options: ImportOptions,
) -> Result<ImportReport, ServiceError> {
    caller.reach(kind.act())?;
    let spooled = spool::take(app.config.data.dir.clone(), source).await?;
    import_spooled(app, caller, kind, spooled, options).await
}

/// Imports a file that was taken whole.
async fn import_spooled(
    app: &App,
    caller: &Caller,
    kind: ImportKind,
    spooled: Spooled,
    options: ImportOptions,
) -> Result<ImportReport, ServiceError> {
    let checked = options.checked;
    let (app, actor, caller, dry_run) = (app.clone(), caller.actor(), caller.clone(), options.dry_run);
    let db = app.db.clone();
    let sha256 = spooled.sha256.clone();
    let work = move |mut ground: Ground<'_, '_>| -> Result<Findings, Ended> {
        if matches!(kind, ImportKind::BlockedTargets | ImportKind::Freezes) {
            caller.check_whole(ground.conn(), kind.act())?;
        }
        let scope = Scope::load(ground.conn(), &caller, kind.act())?;
        let institution = &app.config.institution;
        let mut pass = Pass {
            app: app.clone(),
            scope,
            came_back: 0,
            findings: Findings::default(),
            default_locale: institution.default_locale,
            default_zone: institution.default_zone.name(),
            on_progress: options.on_progress,
        };
        read_all(&mut pass, &mut ground, kind, spooled.file)?;
        Ok(pass.findings)
    };
    let ended = if dry_run {
        let now = db.clock().now();
        db.read_at_length(move |conn| work(Ground::Look(conn, now))).await
    } else {
        let sha256 = sha256.clone();
        db.write_at_length(actor, move |tx| {
            let findings = work(Ground::Write(tx))?;
            if !findings.is_clean() {
                return Err(Ended::Faulty(Box::new(findings)));
            }
            if let Some(promised) = checked {
                if (findings.new, findings.changed) != (promised.new, promised.changed) {
                    return Err(Ended::Moved(Box::new(findings)));
                }
                upload::mark_applied(tx, promised.upload_id)?;
            }
            record(tx, kind, &findings, &sha256);
            Ok(findings)
        })
        .await
    };
    match ended {
        Ok(findings) => Ok(findings.into_report(kind, dry_run, sha256)),
        Err(Ended::Faulty(findings)) => Ok(findings.into_report(kind, dry_run, sha256)),
        // As far as the file goes, this was a check.
        Err(Ended::Moved(findings)) => Ok(findings.into_report(kind, true, sha256)),
        Err(Ended::Failed(error)) => Err(error),
    }
}

fn record(tx: &mut crate::store::Tx<'_>, kind: ImportKind, findings: &Findings, sha256: &str) {
    if findings.new + findings.changed == 0 {
        tx.without_entry("the file held nothing new");
        return;
    }
    let payload = json!({ "kind": kind, "sha256": sha256, "rows": findings.rows, "new": findings.new,
        "changed": findings.changed, "unchanged": findings.unchanged });
    tx.record(NewEntry::new(EventKind::Imported).payload(payload));
}

fn read_all(pass: &mut Pass, ground: &mut Ground<'_, '_>, kind: ImportKind, file: File) -> Result<(), Ended> {
    let mut table = match CsvTable::open(BufReader::with_capacity(1 << 16, file), &kind.columns()) {
        Ok(table) => table,
        Err(error) => {
            pass.findings.refuse_file(&error);
            return Ok(());
        }
    };
    match kind {
        ImportKind::Units => units::run(pass, ground, &mut table)?,
        ImportKind::Members => members::run(pass, ground, &mut table)?,
        ImportKind::Accounts => accounts::run(pass, ground, &mut table)?,
        ImportKind::BlockedTargets => neutrality::targets(pass, ground, &mut table)?,
        ImportKind::Freezes => neutrality::freezes(pass, ground, &mut table)?,
    }
    pass.progress();
    pass.findings.notice_all(&table.notices());
    pass.findings.notice_erased(pass.came_back);
    Ok(())
}
