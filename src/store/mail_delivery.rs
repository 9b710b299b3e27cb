//! A campaign's mails, counted for its delivery page: of very many, a part, so that no page waits for a count.

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use crate::domain::id::CampaignId;
use crate::domain::outbox::{MailKind, MailState};

/// Mails that are looked at, at most.
pub const LOOKED_AT: i64 = 50_000;

/// How many mails of a kind stand in a state.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct KindRow {
    /// The kind.
    #[diesel(sql_type = Text)]
    pub kind: MailKind,
    /// The state.
    #[diesel(sql_type = Text)]
    pub state: MailState,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// Of those, come back.
    #[diesel(sql_type = BigInt)]
    pub returned: i64,
}

/// A campaign's mails by kind and state, and how many there are together.
///
/// # Errors
/// The database's failure.
pub fn by_kind(conn: &mut Conn, id: CampaignId) -> Result<(Vec<KindRow>, i64), StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT kind, state, count(*) AS n, CAST(count(returned_at) AS BIGINT) AS returned FROM ");
    some(&mut sql, id);
    sql.push(" GROUP BY kind, state ORDER BY kind, state");
    let rows: Vec<KindRow> = sql.query().load(conn)?;
    let seen = rows.iter().map(|row| row.n).sum();
    Ok((rows, seen))
}

/// How a destination's mails of a campaign fare.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DomainRow {
    /// The domain.
    #[diesel(sql_type = Text)]
    pub domain: String,
    /// Mails that were prepared for it.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// Handed over.
    #[diesel(sql_type = BigInt)]
    pub sent: i64,
    /// Of those, come back.
    #[diesel(sql_type = BigInt)]
    pub returned: i64,
    /// Failed for good.
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    /// Still to be sent.
    #[diesel(sql_type = BigInt)]
    pub open: i64,
}

/// A campaign's mails by destination.
///
/// # Errors
/// The database's failure.
pub fn by_domain(conn: &mut Conn, id: CampaignId) -> Result<Vec<DomainRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT domain, count(*) AS n, CAST(sum(CASE WHEN state = 'sent' THEN 1 ELSE 0 END) AS BIGINT) AS sent, \
         CAST(count(returned_at) AS BIGINT) AS returned, CAST(sum(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS BIGINT) AS failed, \
         CAST(sum(CASE WHEN state IN ('pending', 'sending', 'deferred') THEN 1 ELSE 0 END) AS BIGINT) AS open FROM ",
    );
    some(&mut sql, id);
    sql.push(" WHERE domain IS NOT NULL GROUP BY domain");
    Ok(sql.query().load(conn)?)
}

fn some(sql: &mut SqlText, id: CampaignId) {
    sql.push("(SELECT kind, state, domain, returned_at FROM outbox WHERE campaign_id = ").id(id);
    sql.push(" LIMIT ").big(LOOKED_AT).push(") x");
}
