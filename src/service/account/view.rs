//! Accounts as people enter them and as callers see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::account::{AccountState, Engagement};
use crate::domain::id::{AccountId, MemberId, UnitId};
use crate::domain::kind::{AccountKind, Layer};
use crate::domain::platform::Platform;
use crate::service::error::ServiceError;
use crate::store::account::{self, AccountRow};
use crate::store::{Conn, StoreError};

/// An account as people enter it.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    /// Whose it is, or who is asked on the institution's behalf.
    pub member_id: MemberId,
    /// The unit it belongs to; none: the person's. A white-label account names its operating unit.
    pub unit_id: Option<UnitId>,
    /// What it is.
    pub kind: AccountKind,
    /// Where it lives.
    pub platform: Platform,
    /// The handle, with or without @.
    pub handle: String,
    /// The name it shows; empty: the handle.
    #[serde(default)]
    pub display_name: String,
    /// The language it speaks, a BCP 47 tag; empty: `id`.
    #[serde(default)]
    pub language: String,
    /// How many follow it.
    #[serde(default)]
    pub followers: u32,
    /// What it writes about.
    #[serde(default)]
    pub topics: Vec<String>,
    /// How an outside opinion leader is engaged.
    pub engagement: Option<Engagement>,
    /// Whether the public register names a layer-3 account: only where the employee chose so.
    #[serde(default)]
    pub public_name: bool,
    /// The people who run an institution's account besides the one who is asked.
    #[serde(default)]
    pub operators: Vec<MemberId>,
}

/// An account as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The unit it belongs to.
    pub unit_id: UnitId,
    /// Whose it is, or who is asked.
    pub member_id: MemberId,
    /// What it is.
    pub kind: AccountKind,
    /// The kind's layer.
    pub layer: Layer,
    /// Where it lives.
    pub platform: Platform,
    /// The handle as entered.
    pub handle: String,
    /// The name it shows.
    pub display_name: String,
    /// The language it speaks.
    pub language: String,
    /// How many follow it.
    pub followers: i32,
    /// What it writes about, in alphabetical order.
    pub topics: Vec<String>,
    /// How an outside opinion leader is engaged.
    pub engagement: Option<Engagement>,
    /// Whether the public register names a layer-3 account.
    pub public_name: bool,
    /// The people who run it besides the one who is asked.
    pub operators: Vec<MemberId>,
    /// Whether it is in service.
    pub state: AccountState,
    /// Until when its confirmed disclosure is current; none without one.
    pub disclosed_until: Option<DateTime<Utc>>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// What a change must name.
    pub version: i32,
}

/// One account with its topics and operators.
pub(super) fn of(conn: &mut Conn, row: AccountRow) -> Result<Account, ServiceError> {
    of_many(conn, vec![row])?.pop().ok_or(ServiceError::NotFound("it"))
}

/// Accounts with their topics and operators, in the same order.
pub(super) fn of_many(conn: &mut Conn, rows: Vec<AccountRow>) -> Result<Vec<Account>, ServiceError> {
    let ids: Vec<AccountId> = rows.iter().map(|row| row.id).collect();
    let mut topics: HashMap<AccountId, Vec<String>> = gathered(account::topics_of(conn, &ids)?);
    let mut operators: HashMap<AccountId, Vec<MemberId>> = gathered(account::operators_of(conn, &ids)?);
    rows.into_iter()
        .map(|row| {
            let topics = topics.remove(&row.id).unwrap_or_default();
            let operators = operators.remove(&row.id).unwrap_or_default();
            with(row, topics, operators)
        })
        .collect()
}

fn gathered<T>(pairs: Vec<(AccountId, T)>) -> HashMap<AccountId, Vec<T>> {
    let mut map: HashMap<AccountId, Vec<T>> = HashMap::new();
    for (id, item) in pairs {
        map.entry(id).or_default().push(item);
    }
    map
}

fn with(row: AccountRow, topics: Vec<String>, operators: Vec<MemberId>) -> Result<Account, ServiceError> {
    let layer = Layer::from_number(row.layer)
        .ok_or_else(|| StoreError::Inconsistent(format!("account {} has layer {}", row.id, row.layer)))?;
    Ok(Account {
        id: row.id,
        unit_id: row.unit_id,
        member_id: row.member_id,
        kind: row.kind,
        layer,
        platform: row.platform,
        handle: row.handle,
        display_name: row.display_name,
        language: row.language,
        followers: row.followers,
        topics,
        engagement: row.engagement,
        public_name: row.public_name,
        operators,
        state: row.state,
        disclosed_until: row.disclosed_until.map(|at| at.0),
        created_at: row.created_at.0,
        version: row.version,
    })
}
