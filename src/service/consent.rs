//! Consent: asking people to opt in or to confirm a role, and what they answer through their link. Who answered what is shown to
//! nobody but that person.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::caller::Caller;
use super::error::ServiceError;
use crate::app::App;
use crate::auth::task_token::Purpose;
use crate::domain::account::AccountState;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::{ConsentId, MemberId, UnitId};
use crate::domain::kind::{AccountKind, ConsentKind};
use crate::domain::locale::Locale;
use crate::domain::member::{MemberRefusal, MemberState};
use crate::domain::outbox::MailKind;
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::store::consent::{self, ConsentRow};
use crate::store::member::{self, MemberRow};
use crate::store::outbox::{self, NewMail};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, Tx, account};

/// The most members one request may name.
pub const MAX_MEMBERS: usize = 1_000;
/// Members read at once where a whole unit is asked.
const CHUNK: i64 = 1_000;

/// Who is to be asked.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// These members; at most 1,000.
    Members(Vec<MemberId>),
    /// Everybody in this unit and below.
    Unit(UnitId),
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Requested {
    /// How many members were looked at.
    pub members: u64,
    /// How many requests went out; withheld where so few members were looked at that it would tell who had answered.
    pub requests: Option<u64>,
}

/// The text version in force for a kind of consent.
#[must_use]
pub fn current_version(app: &App, kind: ConsentKind) -> &str {
    match kind {
        ConsentKind::Participate => &app.config.consent.participate_version,
        ConsentKind::Operate => &app.config.consent.operate_version,
    }
}

/// The text in force for a kind of consent.
#[must_use]
pub fn current_text(app: &App, kind: ConsentKind, locale: Locale) -> &str {
    match kind {
        ConsentKind::Participate => app.config.consent.participate_text.in_locale(locale),
        ConsentKind::Operate => app.config.consent.operate_text.in_locale(locale),
    }
}

/// The token of a consent's link, good until `expires` and until the member's links are revoked.
#[must_use]
pub fn seal_link(app: &App, id: ConsentId, link_version: i32, expires: Option<DateTime<Utc>>) -> String {
    app.tokens.seal(Purpose::OptIn, id.uuid(), u32::try_from(link_version).unwrap_or_default(), expires)
}

/// Asks members for the consents that their accounts need and that they have not given in the current text version. Who was asked
/// for that version before gets no second mail; who paused or left is not asked.
///
/// # Errors
/// `NotFound` for a member or unit outside the caller's reach; `Invalid` for more than 1,000 members.
pub async fn request(app: &App, caller: &Caller, whom: Whom) -> Result<Requested, ServiceError> {
    let who = caller.clone();
    let versions = [ConsentKind::Participate, ConsentKind::Operate].map(|kind| (kind, current_version(app, kind).to_owned()));
    let small_group = u64::from(app.config.privacy.small_group);
    app.db
        .write(caller.actor(), move |tx| {
            let (mut members, mut requests) = (0_u64, 0_u64);
            let mut ask = |tx: &mut Tx<'_>, rows: &[MemberRow]| -> Result<(), StoreError> {
                members += rows.len() as u64;
                requests += request_of(tx, rows, &versions)?;
                Ok(())
            };
            match whom {
                Whom::Members(ids) => {
                    let rows = named(tx, &who, &ids)?;
                    ask(tx, &rows)?;
                }
                Whom::Unit(unit_id) => {
                    who.check(tx.conn, Act::ManageMembers, unit_id)?;
                    let mut after = None;
                    loop {
                        let rows = member::list(tx.conn, Some(&[unit_id]), after, CHUNK)?;
                        let Some(last) = rows.last() else { break };
                        after = Some(last.id);
                        ask(tx, &rows)?;
                    }
                }
            }
            if requests == 0 {
                tx.without_entry("nobody had to be asked");
            }
            Ok(Requested { members, requests: (members >= small_group).then_some(requests) })
        })
        .await
}

fn named(tx: &mut Tx<'_>, caller: &Caller, ids: &[MemberId]) -> Result<Vec<MemberRow>, ServiceError> {
    if ids.len() > MAX_MEMBERS {
        return Err(ServiceError::field("members", "consent.too_many", "Name at most 1,000 members, or a unit"));
    }
    let distinct: Vec<MemberId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let rows = member::list_by_ids(tx.conn, &distinct)?;
    if rows.len() != distinct.len() {
        return Err(ServiceError::NotFound("it"));
    }
    for unit_id in rows.iter().map(|row| row.unit_id).collect::<BTreeSet<_>>() {
        caller.check(tx.conn, Act::ManageMembers, unit_id)?;
    }
    Ok(rows)
}

/// Which consents the accounts of each of these members need.
fn needed(conn: &mut Conn, ids: &[MemberId]) -> Result<BTreeMap<MemberId, BTreeSet<ConsentKind>>, StoreError> {
    let mut needed: BTreeMap<MemberId, BTreeSet<ConsentKind>> = BTreeMap::new();
    for row in account::list_by_members(conn, ids)? {
        if row.state != AccountState::Retired {
            needed.entry(row.member_id).or_default().insert(row.kind.consent());
        }
    }
    Ok(needed)
}

fn request_of(tx: &mut Tx<'_>, members: &[MemberRow], versions: &[(ConsentKind, String)]) -> Result<u64, StoreError> {
    let active: Vec<MemberId> = members.iter().filter(|m| m.state == MemberState::Active).map(|m| m.id).collect();
    let needed = needed(tx.conn, &active)?;
    let asked: Vec<MemberId> = needed.keys().copied().collect();
    let open: HashMap<(MemberId, ConsentKind, String), ConsentId> = consent::list_open(tx.conn, &asked)?
        .into_iter()
        .map(|row| ((row.member_id, row.kind, row.text_version), row.id))
        .collect();
    let mut rows = Vec::new();
    let mut mails = Vec::new();
    for member in members {
        for (kind, version) in versions {
            let wanted = needed.get(&member.id).is_some_and(|kinds| kinds.contains(kind));
            if !wanted || member.consented(*kind) == Some(version) || open.contains_key(&(member.id, *kind, version.clone())) {
                continue;
            }
            let row = ConsentRow {
                id: ConsentId::new(),
                member_id: member.id,
                kind: *kind,
                text_version: version.clone(),
                requested_at: At(tx.now),
                given_at: None,
                withdrawn_at: None,
            };
            let entry = NewEntry::new(EventKind::ConsentRequested).unit(member.unit_id).subject(&member.subject_ref);
            tx.record(entry.payload(json!({ "kind": kind, "text_version": version })));
            let mut mail = NewMail::new(MailKind::OptIn);
            mail.member_id = Some(member.id);
            mail.consent_id = Some(row.id);
            mail.dedupe = Some(format!("optin:{}", row.id));
            mails.push(mail);
            rows.push(row);
        }
    }
    consent::insert_many(tx, &rows)?;
    outbox::enqueue(tx, &mails)?;
    Ok(rows.len() as u64)
}

/// An account that a consent is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ConsentAccount {
    /// What it is.
    pub kind: AccountKind,
    /// Where it lives.
    pub platform: Platform,
    /// Its handle.
    pub handle: String,
}

/// What a person sees when they open their link.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ConsentPage {
    /// What is asked for.
    pub kind: ConsentKind,
    /// The person's name.
    pub member_name: String,
    /// The person's language.
    pub locale: Locale,
    /// The person's zone.
    pub zone: String,
    /// The version of the text.
    pub text_version: String,
    /// The text, in the person's language.
    pub text: String,
    /// The accounts on file that it is about.
    pub accounts: Vec<ConsentAccount>,
    /// Since when it is given; none where it is not, or not any more.
    pub given_at: Option<DateTime<Utc>>,
    /// When it was refused or withdrawn, where it is not given.
    pub refused_at: Option<DateTime<Utc>>,
    /// Whether the person agreed to an earlier version of the text.
    pub is_again: bool,
    /// The token of the person's own page.
    #[serde(skip)]
    pub own_token: String,
}

/// What a link leads to.
struct Linked {
    consent: ConsentRow,
    member: MemberRow,
}

fn open_link(app: &App, conn: &mut Conn, token: &str, now: DateTime<Utc>) -> Result<Linked, ServiceError> {
    let opened = app.tokens.open(Purpose::OptIn, token, now).map_err(|_| MemberRefusal::ConsentUnknown)?;
    let consent = consent::find(conn, ConsentId::from_uuid(opened.uuid))?.ok_or(MemberRefusal::ConsentUnknown)?;
    let member = member::get(conn, consent.member_id)?;
    if u32::try_from(member.link_version) != Ok(opened.version) {
        return Err(MemberRefusal::ConsentUnknown.into());
    }
    if member.state.is_gone() {
        return Err(MemberRefusal::Left.into());
    }
    Ok(Linked { consent, member })
}

/// What the person sees; changes nothing.
///
/// # Errors
/// `Refused` with `consent.unknown` for a link that is not valid, `consent.text_changed`, or `member.left`.
pub async fn view_by_token(app: &App, token: &str) -> Result<ConsentPage, ServiceError> {
    let (this, token, now) = (app.clone(), token.to_owned(), app.clock.now());
    app.db
        .read(move |conn| {
            let Linked { consent, member } = open_link(&this, conn, &token, now)?;
            check_version(&this, &consent)?;
            let accounts = account::list_by_member(conn, member.id)?
                .into_iter()
                .filter(|row| row.state != AccountState::Retired && row.kind.consent() == consent.kind)
                .map(|row| ConsentAccount { kind: row.kind, platform: row.platform, handle: row.handle })
                .collect();
            let given = given_row(conn, &consent)?;
            let earlier = consent::list_by_member(conn, member.id)?;
            let is_again =
                |row: &ConsentRow| row.kind == consent.kind && row.text_version != consent.text_version && row.given_at.is_some();
            Ok(ConsentPage {
                refused_at: consent.withdrawn_at.filter(|_| given.is_none()).map(|at| at.0),
                is_again: earlier.iter().any(is_again),
                own_token: super::task::pause_token(&this, member.id, member.link_version),
                kind: consent.kind,
                text: current_text(&this, consent.kind, member.locale).to_owned(),
                member_name: member.name,
                locale: member.locale,
                zone: member.zone,
                text_version: consent.text_version,
                accounts,
                given_at: given.and_then(|row| row.given_at).map(|at| at.0),
            })
        })
        .await
}

fn check_version(app: &App, consent: &ConsentRow) -> Result<(), MemberRefusal> {
    let current = current_version(app, consent.kind) == consent.text_version;
    if current { Ok(()) } else { Err(MemberRefusal::ConsentTextChanged) }
}

/// The consent in force of this one's member, kind and version; the link may belong to an earlier one that was withdrawn.
fn given_row(conn: &mut Conn, like: &ConsentRow) -> Result<Option<ConsentRow>, StoreError> {
    let open = consent::list_open(conn, &[like.member_id])?;
    Ok(open.into_iter().find(|row| row.kind == like.kind && row.text_version == like.text_version && row.given_at.is_some()))
}

/// The actor behind a link. The write opens the link once more: what it leads to may have changed meanwhile.
async fn actor_of(app: &App, token: &str) -> Result<Actor, ServiceError> {
    let (this, token, now) = (app.clone(), token.to_owned(), app.clock.now());
    let subject_ref = app.db.read(move |conn| open_link(&this, conn, &token, now).map(|l| l.member.subject_ref)).await?;
    Ok(Actor::Member { subject_ref })
}

/// The person agrees. Agreeing again changes nothing.
///
/// # Errors
/// As [`view_by_token`].
pub async fn give(app: &App, token: &str) -> Result<(), ServiceError> {
    let actor = actor_of(app, token).await?;
    let (this, token) = (app.clone(), token.to_owned());
    app.db
        .write(actor, move |tx| {
            let Linked { consent, mut member } = open_link(&this, tx.conn, &token, tx.now)?;
            check_version(&this, &consent)?;
            if given_row(tx.conn, &consent)?.is_some() {
                tx.without_entry("the consent was given before");
                return Ok(());
            }
            let given_at = Some(At(tx.now));
            let open = consent::list_open(tx.conn, &[member.id])?;
            let same = |row: &&ConsentRow| row.kind == consent.kind && row.text_version == consent.text_version;
            match open.iter().find(same) {
                Some(row) => consent::save(tx, &ConsentRow { given_at, ..row.clone() })?,
                // Withdrawn before: the old row stays as it is, and a new one says that they agreed anew.
                None => {
                    let anew = ConsentRow { id: ConsentId::new(), given_at, withdrawn_at: None, ..consent.clone() };
                    consent::insert_many(tx, &[anew])?;
                }
            }
            member.set_consented(consent.kind, Some(consent.text_version.clone()));
            member::save(tx, &member)?;
            tx.record(entry(EventKind::ConsentGiven, &member, &consent));
            Ok(())
        })
        .await
}

/// The person withdraws their consent, or refuses it. Doing it again changes nothing.
///
/// # Errors
/// `Refused` with `consent.unknown` or `member.left`; an outdated text can be withdrawn from too.
pub async fn withdraw(app: &App, token: &str) -> Result<(), ServiceError> {
    let actor = actor_of(app, token).await?;
    let (this, token) = (app.clone(), token.to_owned());
    app.db
        .write(actor, move |tx| {
            let Linked { consent, mut member } = open_link(&this, tx.conn, &token, tx.now)?;
            if withdraw_kinds(tx, &mut member, &[consent.kind])? {
                member::save(tx, &member)?;
            } else {
                tx.without_entry("nothing was given or asked for any more");
            }
            Ok(())
        })
        .await
}

fn entry(kind: EventKind, member: &MemberRow, consent: &ConsentRow) -> NewEntry {
    let payload = json!({ "kind": consent.kind, "text_version": consent.text_version });
    NewEntry::new(kind).unit(member.unit_id).subject(&member.subject_ref).payload(payload)
}

/// Ends every consent of a member, asked for or given; the caller saves the member.
///
/// # Errors
/// The database's failure.
pub(crate) fn withdraw_all(tx: &mut Tx<'_>, member: &mut MemberRow) -> Result<bool, StoreError> {
    withdraw_kinds(tx, member, &[ConsentKind::Participate, ConsentKind::Operate])
}

fn withdraw_kinds(tx: &mut Tx<'_>, member: &mut MemberRow, kinds: &[ConsentKind]) -> Result<bool, StoreError> {
    let open = consent::list_open(tx.conn, &[member.id])?;
    let mut any = false;
    for row in open.into_iter().filter(|row| kinds.contains(&row.kind)) {
        let withdrawn = ConsentRow { withdrawn_at: Some(At(tx.now)), ..row };
        consent::save(tx, &withdrawn)?;
        tx.record(entry(EventKind::ConsentWithdrawn, member, &withdrawn));
        any = true;
    }
    for kind in kinds {
        any |= member.consented(*kind).is_some();
        member.set_consented(*kind, None);
    }
    Ok(any)
}
