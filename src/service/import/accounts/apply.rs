//! What a row of an accounts file changes, and the changing.

use super::found::Found;
use super::row::Wanted;
use crate::domain::account::DisclosureState;
use crate::domain::event::EventKind;
use crate::domain::id::{AccountId, MemberId, UnitId};
use crate::service::account::{self as accounts, Draft};
use crate::service::disclosure;
use crate::service::import::Ended;
use crate::store::Tx;
use crate::store::account::{self, AccountRow};
use crate::store::disclosure::{self as disclosures};
use crate::store::member::MemberRow;

/// What one row changes.
pub(super) struct Change {
    draft: Draft,
    unit_id: UnitId,
    member_id: MemberId,
    subject_ref: String,
    before: Option<AccountRow>,
    operators: Vec<MemberId>,
    /// The names of what differs from what is on file.
    what: Vec<&'static str>,
    disclosure: Option<disclosure::Draft>,
}

impl Change {
    pub(super) fn of(
        found: &Found,
        wanted: &Wanted,
        (draft, operators): (Draft, Vec<MemberId>),
        (person, unit_id): (&MemberRow, UnitId),
    ) -> Self {
        let before = found.account(wanted).cloned();
        let mut what = Vec::new();
        let mut disclosed = false;
        if let Some(before) = &before {
            let mut after = before.clone();
            what = draft.apply(&mut after, unit_id);
            let same = [
                ("member", before.member_id == person.id),
                ("topics", found.topics(before.id) == draft.topics()),
                ("operators", found.operators(before.id) == operators),
            ];
            what.extend(same.into_iter().filter_map(|(name, same)| (!same).then_some(name)));
            after.member_id = person.id;
            disclosed = !accounts::is_moved(before, &after)
                && wanted.disclosure.as_ref().is_some_and(|draft| {
                    found.disclosures(before.id).iter().any(|row| row.statement == draft.statement && row.url == draft.url)
                });
        }
        let disclosure = if disclosed { None } else { wanted.disclosure.clone() };
        let subject_ref = person.subject_ref.clone();
        Self { draft, unit_id, member_id: person.id, subject_ref, before, operators, what, disclosure }
    }
    /// Whether it adds an account.
    pub(super) const fn is_new(&self) -> bool {
        self.before.is_none()
    }
    /// Whether it changes nothing.
    pub(super) const fn is_idle(&self) -> bool {
        self.before.is_some() && self.what.is_empty() && self.disclosure.is_none()
    }
}

/// Changes a chunk: new accounts in a few statements, changed ones each by itself.
pub(super) fn apply(tx: &mut Tx<'_>, changes: Vec<Change>) -> Result<(), Ended> {
    let (new, changed): (Vec<Change>, Vec<Change>) = changes.into_iter().partition(Change::is_new);
    let mut filed = Vec::new();
    let rows: Vec<AccountRow> = new.iter().map(|c| c.draft.new_row(c.unit_id, c.member_id, tx.now)).collect();
    account::insert_many(tx, &rows)?;
    let pairs = || rows.iter().zip(&new);
    let topics: Vec<(AccountId, &str)> =
        pairs().flat_map(|(row, c)| c.draft.topics().iter().map(|topic| (row.id, topic.as_str()))).collect();
    account::insert_topics(tx, &topics)?;
    let operators: Vec<(AccountId, MemberId)> =
        pairs().flat_map(|(row, c)| c.operators.iter().map(|member| (row.id, *member))).collect();
    account::insert_operators(tx, &operators)?;
    for (row, change) in rows.iter().zip(&new) {
        tx.record(accounts::added(row, &change.subject_ref));
    }
    filed.extend(rows.into_iter().zip(new));
    for change in changed {
        filed.extend(save(tx, change)?);
    }
    file(tx, filed)?;
    Ok(tx.flush()?)
}

/// Saves a changed account; gives it back with its change.
fn save(tx: &mut Tx<'_>, change: Change) -> Result<Option<(AccountRow, Change)>, Ended> {
    let Some(before) = &change.before else { return Ok(None) };
    let mut row = before.clone();
    if !change.what.is_empty() {
        change.draft.apply(&mut row, change.unit_id);
        row.member_id = change.member_id;
        accounts::side_tables(tx, row.id, &change.draft, &change.operators)?;
        accounts::end_disclosure_if_moved(tx, before, &mut row)?;
        account::save(tx, &row)?;
        tx.record(accounts::changed(&row, &change.subject_ref, &change.what));
    }
    Ok(Some((row, change)))
}

/// Files the disclosures that came along, each in place of one that still waits.
fn file(tx: &mut Tx<'_>, filed: Vec<(AccountRow, Change)>) -> Result<(), Ended> {
    let filed_by = tx.actor.reference().to_owned();
    let mut rows = Vec::new();
    for (account, change) in filed {
        let Some(draft) = change.disclosure else { continue };
        if change.before.is_some() {
            disclosures::replace_all(tx, account.id, &[DisclosureState::Filed])?;
        }
        let row = draft.into_row(account.id, &filed_by, tx.now);
        tx.record(disclosure::entry(EventKind::DisclosureFiled, &account, &change.subject_ref, &row));
        rows.push(row);
    }
    Ok(disclosures::insert_many(tx, &rows)?)
}
