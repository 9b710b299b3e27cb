//! What is on file about a chunk of rows, looked up with one query a kind.

use std::collections::HashMap;

use super::row::Wanted;
use crate::domain::account::{AccountState, DisclosureState};
use crate::domain::id::{AccountId, MemberId};
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;
use crate::store::account::{self, AccountRow};
use crate::store::disclosure::{self, DisclosureRow};
use crate::store::member::{self, MemberRow};
use crate::store::{Conn, StoreError};

/// The people, accounts and disclosures that a chunk names.
pub(super) struct Found {
    members: HashMap<String, MemberRow>,
    accounts: HashMap<(Platform, String), AccountRow>,
    /// The accounts in service of each person, on each platform, that are their own.
    personal: HashMap<(MemberId, Platform), Vec<AccountId>>,
    topics: HashMap<AccountId, Vec<String>>,
    operators: HashMap<AccountId, Vec<MemberId>>,
    disclosures: HashMap<AccountId, Vec<DisclosureRow>>,
}

impl Found {
    pub(super) fn load(conn: &mut Conn, chunk: &[Wanted]) -> Result<Self, StoreError> {
        let mut numbers: Vec<String> = chunk.iter().flat_map(|w| w.operators.iter().chain([&w.person])).cloned().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let members = member::list_by_keys(conn, &numbers, &[])?;
        let mut accounts = HashMap::new();
        for platform in Platform::ALL {
            let theirs = chunk.iter().filter(|w| w.handle.platform() == *platform);
            let norms: Vec<String> = theirs.map(|w| w.handle.normalised().to_owned()).collect();
            for row in account::list_by_handles(conn, *platform, &norms)? {
                accounts.insert((row.platform, row.handle_norm.clone()), row);
            }
        }
        let ids: Vec<AccountId> = accounts.values().map(|row: &AccountRow| row.id).collect();
        let waiting_or_current = [DisclosureState::Filed, DisclosureState::Confirmed];
        let disclosures = disclosure::list_by_accounts(conn, &ids, &waiting_or_current)?;
        let people: Vec<MemberId> = members.iter().map(|row| row.id).collect();
        let in_service = account::list_by_members(conn, &people)?;
        let personal = in_service.into_iter().filter(|row| row.personal && row.state != AccountState::Retired);
        Ok(Self {
            personal: gathered(personal.map(|row| ((row.member_id, row.platform), row.id))),
            members: members.into_iter().map(|row| (row.employee_no_norm.clone(), row)).collect(),
            topics: gathered(account::topics_of(conn, &ids)?),
            operators: gathered(account::operators_of(conn, &ids)?),
            disclosures: gathered(disclosures.into_iter().map(|row| (row.account_id, row))),
            accounts,
        })
    }
    /// The person with this employee number in its compared form.
    pub(super) fn member(&self, number: &str) -> Option<&MemberRow> {
        self.members.get(number)
    }
    /// The account that a row names.
    pub(super) fn account(&self, wanted: &Wanted) -> Option<&AccountRow> {
        self.accounts.get(&(wanted.handle.platform(), wanted.handle.normalised().to_owned()))
    }
    /// Whether the person has an account of their own on that platform besides the one that the row names.
    pub(super) fn has_another(&self, person: MemberId, wanted: &Wanted, existing: Option<&AccountRow>) -> bool {
        let theirs = self.personal.get(&(person, wanted.handle.platform()));
        theirs.is_some_and(|ids| ids.iter().any(|id| existing.is_none_or(|existing| existing.id != *id)))
    }
    pub(super) fn topics(&self, id: AccountId) -> &[String] {
        self.topics.get(&id).map_or(&[], Vec::as_slice)
    }
    pub(super) fn operators(&self, id: AccountId) -> &[MemberId] {
        self.operators.get(&id).map_or(&[], Vec::as_slice)
    }
    /// The account's disclosures that wait or are confirmed.
    pub(super) fn disclosures(&self, id: AccountId) -> &[DisclosureRow] {
        self.disclosures.get(&id).map_or(&[], Vec::as_slice)
    }
}

fn gathered<K: std::hash::Hash + Eq, V>(pairs: impl IntoIterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut map: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in pairs {
        map.entry(key).or_default().push(value);
    }
    map
}
