//! Members as a coordinator keeps them. Whether a person consented, paused or left by their own choice is theirs: it is not shown here.

mod desk;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use desk::{by_numbers, kept, search};

use super::address_change::{self, WaitingAddress};
use super::caller::Caller;
use super::error::ServiceError;
use super::form::Faults;
use super::page::{Page, PageRequest};
use super::{consent, erase};
use crate::app::App;
use crate::domain::address_change::AddressAsker;
use crate::domain::email::{EmailAddress, EmailError};
use crate::domain::event::EventKind;
use crate::domain::id::{MemberId, UnitId};
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::domain::person_name::{EmployeeNumber, EmployeeNumberError, PersonName, PersonNameError};
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum as _;
use crate::domain::zone::{self, ZoneError};
use crate::store::member::{self, MemberRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, Unique, subject, unit};

/// A member as people enter them.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberForm {
    /// The unit they belong to.
    pub unit_id: UnitId,
    /// The employee number.
    pub employee_no: String,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// `id` or `en`; empty: the installation's.
    #[serde(default)]
    pub locale: String,
    /// The IANA zone; empty: the unit's.
    #[serde(default)]
    pub zone: String,
}

/// A member as callers see them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// The unit they belong to.
    pub unit_id: UnitId,
    /// The employee number.
    pub employee_no: String,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The language they are written to in.
    pub locale: Locale,
    /// The IANA zone they work in.
    pub zone: String,
    /// The address that waits to be confirmed by its reader; told of one member, not in lists.
    pub new_address: Option<WaitingAddress>,
    /// When they were added.
    pub created_at: DateTime<Utc>,
    /// What a change must name.
    pub version: i32,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        let MemberRow { id, unit_id, employee_no, name, email, locale, zone, created_at, version, .. } = row;
        Self { id, unit_id, employee_no, name, email, locale, zone, new_address: None, created_at: created_at.0, version }
    }
}

/// The fields of a member as text, from a form or a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub employee_no: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub locale: &'a str,
    pub zone: &'a str,
}

/// A member whose fields were found right.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub employee_no: EmployeeNumber,
    pub name: PersonName,
    pub email: EmailAddress,
    pub locale: Option<Locale>,
    pub zone: Option<chrono_tz::Tz>,
}

impl Draft {
    /// Reads the fields; notes every fault.
    pub(crate) fn read(fields: Fields<'_>, faults: &mut Faults) -> Option<Self> {
        let employee_no = faults.take("employee_no", EmployeeNumber::parse(fields.employee_no), EmployeeNumberError::code);
        let name = faults.take("name", PersonName::parse(fields.name), PersonNameError::code);
        let email = faults.take("email", EmailAddress::parse(fields.email), EmailError::code);
        let locale = match fields.locale.trim() {
            "" => Some(None),
            word => faults.take("locale", Locale::parse(&word.to_ascii_lowercase()), |_| "locale.unknown").map(Some),
        };
        let zone = match fields.zone.trim() {
            "" => Some(None),
            name => faults.take("zone", zone::parse(name), ZoneError::code).map(Some),
        };
        Some(Self { employee_no: employee_no?, name: name?, email: email?, locale: locale?, zone: zone? })
    }

    /// A new row: active, asked for nothing yet.
    pub(crate) fn into_row(self, unit_id: UnitId, zone: &str, locale: Locale, now: DateTime<Utc>) -> MemberRow {
        MemberRow {
            id: MemberId::new(),
            unit_id,
            subject_ref: subject::new_ref(),
            employee_no: self.employee_no.as_str().to_owned(),
            employee_no_norm: self.employee_no.normalised().to_owned(),
            name: self.name.as_str().to_owned(),
            email: self.email.as_str().to_owned(),
            email_norm: self.email.normalised().to_owned(),
            locale: self.locale.unwrap_or(locale),
            zone: self.zone.map_or_else(|| zone.to_owned(), |z| z.name().to_owned()),
            state: MemberState::Active,
            participate_version: None,
            operate_version: None,
            link_version: 1,
            created_at: At(now),
            updated_at: At(now),
            version: 1,
        }
    }

    /// Puts the draft into a row; gives the names of what changed. A new address revokes the links that the old one was sent;
    /// the consent stays: it is the person's, not the address's.
    pub(crate) fn apply(&self, row: &mut MemberRow, unit_id: UnitId) -> Vec<&'static str> {
        let locale = self.locale.unwrap_or(row.locale);
        let zone = self.zone.map_or(row.zone.as_str(), |z| z.name());
        let changed: Vec<&'static str> = [
            ("employee_no", row.employee_no != self.employee_no.as_str()),
            ("name", row.name != self.name.as_str()),
            ("email", row.email != self.email.as_str()),
            ("unit", row.unit_id != unit_id),
            ("locale", row.locale != locale),
            ("zone", row.zone != zone),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect();
        if row.email_norm != self.email.normalised() {
            row.link_version += 1;
        }
        row.zone = zone.to_owned();
        row.locale = locale;
        row.unit_id = unit_id;
        row.employee_no = self.employee_no.as_str().to_owned();
        row.employee_no_norm = self.employee_no.normalised().to_owned();
        row.name = self.name.as_str().to_owned();
        row.email = self.email.as_str().to_owned();
        row.email_norm = self.email.normalised().to_owned();
        changed
    }
}

/// What the log commits to about a person, apart from the log.
fn detail(row: &MemberRow) -> Value {
    json!({ "employee_no": row.employee_no, "name": row.name, "email": row.email, "locale": row.locale, "zone": row.zone })
}

pub(crate) fn added(row: &MemberRow) -> NewEntry {
    NewEntry::new(EventKind::MemberAdded).unit(row.unit_id).subject(&row.subject_ref).detail(detail(row))
}

pub(crate) fn changed(row: &MemberRow, changed: &[&str]) -> NewEntry {
    let entry = NewEntry::new(EventKind::MemberChanged).unit(row.unit_id).subject(&row.subject_ref);
    entry.payload(json!({ "changed": changed })).detail(detail(row))
}

pub(super) fn taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::Taken(Unique::EmployeeNumber) => {
            ServiceError::field("employee_no", "member.employee_no_taken", "Another member has this employee number")
        }
        StoreError::Taken(Unique::MemberEmail) => ServiceError::field(
            "email",
            "member.email_taken",
            "Another member has this address; addresses are the same in upper and lower case",
        ),
        other => other.into(),
    }
}

/// The member, unless they were erased: then there is nobody of that id.
pub(super) fn living(conn: &mut Conn, id: MemberId) -> Result<MemberRow, StoreError> {
    let found = member::find(conn, id)?.filter(|row| row.state != MemberState::Erased);
    found.ok_or(StoreError::Missing("the member"))
}

/// Puts right what a wish names; gives the names of what changed. A new address revokes the links that the old one was sent.
pub(super) fn put_right(row: &mut MemberRow, wish: &super::data_request::Wish) -> Result<Vec<&'static str>, ServiceError> {
    let or = |wished: &str, stands: &str| if wished.is_empty() { stands.to_owned() } else { wished.to_owned() };
    let (name, email, zone) = (or(&wish.name, &row.name), or(&wish.email, &row.email), or(&wish.zone, &row.zone));
    let locale = row.locale.as_str();
    let mut faults = Faults::default();
    let fields = Fields { employee_no: &row.employee_no, name: &name, email: &email, locale, zone: &zone };
    let draft = Draft::read(fields, &mut faults);
    let draft = faults.finish(draft)?;
    let unit_id = row.unit_id;
    Ok(draft.apply(row, unit_id))
}

fn read(form: &MemberForm) -> Result<Draft, ServiceError> {
    let MemberForm { employee_no, name, email, locale, zone, .. } = form;
    let mut faults = Faults::default();
    let draft = Draft::read(Fields { employee_no, name, email, locale, zone }, &mut faults);
    faults.finish(draft)
}

/// A member with the new address that waits, if one does.
pub(super) fn with_waiting(conn: &mut Conn, row: MemberRow, now: DateTime<Utc>) -> Result<Member, ServiceError> {
    let new_address = address_change::waiting_of(conn, row.id, now)?;
    Ok(Member { new_address, ..row.into() })
}

/// Adds a member. They are asked for nothing until they opt in.
///
/// # Errors
/// `Invalid` for faults, a number or an address in use; `NotFound` for a unit outside the caller's reach.
pub async fn add(app: &App, caller: &Caller, form: MemberForm) -> Result<Member, ServiceError> {
    let (this, who) = (app.clone(), caller.clone());
    let locale = app.config.institution.default_locale;
    app.db
        .write(caller.actor(), move |tx| {
            who.check(tx.conn, Act::ManageMembers, form.unit_id)?;
            let zone = unit::get(tx.conn, form.unit_id)?.zone;
            let row = read(&form)?.into_row(form.unit_id, &zone, locale, tx.now);
            member::insert(tx, &row).map_err(taken)?;
            erase::revive(tx, &this, &[&row.email_norm])?;
            tx.record(added(&row));
            Ok(row.into())
        })
        .await
}

/// Changes a member; another `unit_id` moves them. Another address of somebody who agreed to something waits until its reader confirms it.
///
/// # Errors
/// As [`add`]; `Conflict` when `version` is not the current one.
pub async fn change(app: &App, caller: &Caller, id: MemberId, version: i32, form: MemberForm) -> Result<Member, ServiceError> {
    let (this, who) = (app.clone(), caller.clone());
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = living(tx.conn, id)?;
            who.check(tx.conn, Act::ManageMembers, row.unit_id)?;
            who.check(tx.conn, Act::ManageMembers, form.unit_id)?;
            if row.version != version {
                return Err(StoreError::Stale.into());
            }
            let before = row.clone();
            let mut differences = read(&form)?.apply(&mut row, form.unit_id);
            if let Some(wanted) = address_change::held_back(&before, &mut row, &mut differences) {
                address_change::check(tx.conn, &row, &wanted)?;
                address_change::ask(tx, &row, wanted, AddressAsker::Desk)?;
            }
            if differences.is_empty() {
                tx.without_entry("the member is as before");
            } else {
                member::save(tx, &row).map_err(taken)?;
                erase::revive(tx, &this, &[&row.email_norm])?;
                tx.record(changed(&row, &differences));
                row.version += 1;
            }
            let now = tx.now;
            with_waiting(tx.conn, row, now)
        })
        .await
}

/// Records that a person left the institution: they are asked nothing more, their consents end, their links open nothing.
/// Saying it again, also of somebody who left by themselves, changes nothing and says nothing.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn leave(app: &App, caller: &Caller, id: MemberId) -> Result<(), ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = living(tx.conn, id)?;
            who.check(tx.conn, Act::ManageMembers, row.unit_id)?;
            if row.state == MemberState::Left {
                tx.without_entry("the member had left before");
                return Ok(());
            }
            consent::withdraw_all(tx, &mut row)?;
            row.state = MemberState::Left;
            row.link_version += 1;
            member::save(tx, &row)?;
            tx.record(NewEntry::new(EventKind::MemberLeft).unit(row.unit_id).subject(&row.subject_ref));
            Ok(())
        })
        .await
}

/// Takes somebody back who left. They are asked for nothing until they opt in anew. Of anybody else it changes nothing and says
/// nothing: who paused comes back by their own choice.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn take_back(app: &App, caller: &Caller, id: MemberId) -> Result<(), ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = living(tx.conn, id)?;
            who.check(tx.conn, Act::ManageMembers, row.unit_id)?;
            if row.state != MemberState::Left {
                tx.without_entry("the member had not left");
                return Ok(());
            }
            row.state = MemberState::Active;
            member::save(tx, &row)?;
            tx.record(NewEntry::new(EventKind::MemberResumed).unit(row.unit_id).subject(&row.subject_ref));
            Ok(())
        })
        .await
}

/// One member.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn get(app: &App, caller: &Caller, id: MemberId) -> Result<Member, ServiceError> {
    let (who, now) = (caller.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            let row = living(conn, id)?;
            who.check(conn, Act::ViewOrganisation, row.unit_id)?;
            with_waiting(conn, row, now)
        })
        .await
}

/// The members that the caller sees, by the time they were added; with `unit_id`, those of that unit and below.
///
/// # Errors
/// `NotFound` for a unit outside the caller's reach; `Invalid` for a cursor that no page gave.
pub async fn list(
    app: &App,
    caller: &Caller,
    unit_id: Option<UnitId>,
    request: PageRequest,
) -> Result<Page<Member>, ServiceError> {
    let who = caller.clone();
    let after = request.after_id()?;
    app.db
        .read(move |conn| {
            let roots = who.roots_within(conn, Act::ViewOrganisation, unit_id)?;
            let rows = member::list(conn, roots.as_deref(), after, request.rows())?;
            Ok(Page::of(rows, &request, |row| row.id.to_string()).map(Member::from))
        })
        .await
}
