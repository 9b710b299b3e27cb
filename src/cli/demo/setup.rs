//! Fills an empty installation the way people would: files are imported, a second person confirms disclosures, members confirm
//! through the link in their mail.

use std::io::Cursor;

use anyhow::{Context as _, bail, ensure};
use chrono::TimeDelta;
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::institution::{self, Files};
use super::mailbox::Reader;
use crate::app::App;
use crate::clock::ManualClock;
use crate::domain::id::UnitId;
use crate::domain::role::{Grant, Role};
use crate::jobs;
use crate::service::consent::Whom;
use crate::service::import::{ImportKind, ImportOptions};
use crate::service::page::PageRequest;
use crate::service::user::NewUser;
use crate::service::{Caller, consent, disclosure, import, unit, user};

/// How many people act at once.
pub(super) const AT_ONCE: usize = 8;

/// Somebody who signs in to the console.
pub(super) struct ConsoleUser {
    pub email: String,
    pub password: String,
    pub caller: Caller,
}

/// The people at the desks.
pub(super) struct Desks {
    pub root: UnitId,
    pub registrar: ConsoleUser,
    pub lead: ConsoleUser,
    pub approver: ConsoleUser,
    pub auditor: ConsoleUser,
}

/// Imports the institution and appoints the desks, a coordinator in each unit among them.
pub(super) async fn found(app: &App, files: &Files) -> anyhow::Result<Desks> {
    apply(app, ImportKind::Units, &files.units).await?;
    let units = unit::list(app, &Caller::Operator).await?;
    let root = units.iter().find(|u| u.parent_id.is_none()).context("the imported units have no root")?.id;
    apply(app, ImportKind::Members, &files.members).await?;
    apply(app, ImportKind::Accounts, &files.accounts).await?;
    for unit in units.iter().filter(|u| u.parent_id.is_some()) {
        let name = format!("Koordinator {}", unit.code);
        let email = format!("pic.{}@klp.example.id", unit.code.to_lowercase());
        appoint(app, (&name, &email), &[(Role::Coordinator, unit.id)]).await?;
    }
    let registrar = appoint(app, ("Wahyu Setiawan", "admin@klp.example.id"), &[(Role::Admin, root)]).await?;
    let lead = appoint(app, ("Sari Lestari", "lead@klp.example.id"), &[(Role::Lead, root)]).await?;
    let approver = appoint(app, ("Hadi Gunawan", "approver@klp.example.id"), &[(Role::Approver, root)]).await?;
    let auditor = appoint(app, ("Maria Situmorang", "auditor@klp.example.id"), &[(Role::Auditor, root)]).await?;
    Ok(Desks { root, registrar, lead, approver, auditor })
}

async fn apply(app: &App, kind: ImportKind, csv: &str) -> anyhow::Result<()> {
    let source = Cursor::new(csv.as_bytes().to_vec());
    let report = import::import(app, &Caller::Operator, kind, source, ImportOptions::default()).await?;
    if let Some(error) = report.errors.first() {
        bail!(
            "the demo's own file has a fault: line {}, {}: {}",
            error.line,
            error.column.as_deref().unwrap_or("row"),
            error.message
        );
    }
    Ok(())
}

async fn appoint(app: &App, (name, email): (&str, &str), roles: &[(Role, UnitId)]) -> anyhow::Result<ConsoleUser> {
    // Four words of chance: the password is real and is printed once.
    let password = format!("demo-{}", hex::encode(rand::random::<[u8; 8]>()));
    let new = NewUser {
        name: name.to_owned(),
        email: email.to_owned(),
        password: password.clone(),
        locale: None,
        zone: None,
        roles: roles.iter().map(|(role, unit_id)| Grant { role: *role, unit_id: *unit_id }).collect(),
    };
    let view = user::add(app, &Caller::Operator, new).await?;
    let caller = user::caller_of(app, view.id).await?;
    Ok(ConsoleUser { email: email.to_owned(), password, caller })
}

/// A second person looks at every filed disclosure and confirms it.
pub(super) async fn confirm_disclosures(app: &App, checker: &Caller) -> anyhow::Result<u64> {
    let mut confirmed = 0;
    loop {
        let page = disclosure::list_waiting(app, checker, PageRequest::first(200)).await?;
        if page.items.is_empty() {
            return Ok(confirmed);
        }
        let ids: Vec<_> = page.items.iter().map(|d| d.id).collect();
        confirmed += ids.len() as u64;
        let work = futures_util::stream::iter(ids).map(|id| disclosure::confirm(app, checker, id));
        work.buffer_unordered(AT_ONCE).try_for_each(|_| async { Ok(()) }).await?;
    }
}

/// Asks everybody to confirm; those who do open the link in their mail and press the button. Returns how many did.
pub(super) async fn collect_consents(
    app: &App,
    clock: &ManualClock,
    (lead, root): (&Caller, UnitId),
    reader: &mut Reader,
    agrees: impl Fn(&str) -> bool,
) -> anyhow::Result<u64> {
    consent::request(app, lead, Whom::Unit(root)).await?;
    let mut given = 0;
    loop {
        let progress = jobs::tick(app).await;
        ensure!(progress.failed == 0, "a sweep failed while the requests went out");
        let letters = reader.read(app).await?;
        if letters.is_empty() && progress.done == 0 {
            clock.advance(TimeDelta::hours(1));
            return Ok(given);
        }
        let tokens: Vec<String> =
            letters.iter().filter(|l| agrees(&l.rcpt_to)).filter_map(|l| l.link("/o/").map(str::to_owned)).collect();
        given += tokens.len() as u64;
        let work = futures_util::stream::iter(tokens).map(|token| async move { consent::give(app, &token).await });
        work.buffer_unordered(AT_ONCE).try_for_each(|()| async { Ok(()) }).await?;
    }
}

/// The files of a demo of this size.
pub(super) fn files(seed: u64, members: u32) -> Files {
    institution::files(seed, members)
}
