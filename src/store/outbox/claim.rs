//! Taking mails under a lease, and what becomes of those whose lease ran out.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

use crate::domain::id::{AssignmentId, CampaignId, ConsentId, LeaseId, MailId, MemberId, UserId, WaveId};
use crate::domain::outbox::{MailKind, MailState};
use crate::store::error::StoreError;
use crate::store::manner::Manner;
use crate::store::schema::outbox;
use crate::store::tx::Tx;
use crate::store::types::sql::Uid;

use super::digest;
use super::front::{Front, Queue};
use super::leases::{self, Lapsed};
use super::settle::{Settlement, Verdict, settle};
use super::waiting::{Which, take};

/// A mail in a worker's hands. Its attempt number fences it: a settle that names another attempt changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Claimed {
    /// The mail.
    #[diesel(sql_type = Uid)]
    pub id: MailId,
    /// What it says.
    #[diesel(sql_type = Text)]
    pub kind: MailKind,
    /// The attempt this claim began, from 1.
    #[diesel(sql_type = Integer)]
    pub attempt: i32,
    /// How often a relay put it off.
    #[diesel(sql_type = Integer)]
    pub deferrals: i32,
    /// The assignment it is about.
    #[diesel(sql_type = Nullable<Uid>)]
    pub assignment_id: Option<AssignmentId>,
    /// The wave it belongs to.
    #[diesel(sql_type = Nullable<Uid>)]
    pub wave_id: Option<WaveId>,
    /// The campaign it belongs to.
    #[diesel(sql_type = Nullable<Uid>)]
    pub campaign_id: Option<CampaignId>,
    /// The member it goes to.
    #[diesel(sql_type = Nullable<Uid>)]
    pub member_id: Option<MemberId>,
    /// The console user it goes to.
    #[diesel(sql_type = Nullable<Uid>)]
    pub user_id: Option<UserId>,
    /// The consent it asks for.
    #[diesel(sql_type = Nullable<Uid>)]
    pub consent_id: Option<ConsentId>,
    /// The recipient's domain, once it had a place among that destination's mails.
    #[diesel(sql_type = Nullable<Text>)]
    pub domain: Option<String>,
    /// Under which lease it was taken; PostgreSQL only.
    #[diesel(sql_type = Nullable<Uid>)]
    pub lease_id: Option<LeaseId>,
}

/// Rows a statement; each id is one bind.
const CHUNK: usize = 500;

pub(super) const COLUMNS: &str =
    "id, kind, attempt, deferrals, assignment_id, wave_id, campaign_id, member_id, user_id, consent_id, domain, lease_id";

/// Claims up to `limit` due mails until `lease_until`: those that never failed first. Where more are due, what else is due to the same
/// members comes with them.
///
/// # Errors
/// The database's failure.
pub fn claim(tx: &mut Tx<'_>, front: &Front, limit: u32, lease_until: DateTime<Utc>) -> Result<Vec<Claimed>, StoreError> {
    tx.without_entry("a claim only takes a lease");
    // By figures from when little waited, it would read and sort all that waits now for each claim.
    tx.go_on_in(Manner::in_order())?;
    let mut claimed = next_of(tx, front, Queue::Pending, limit.into(), lease_until)?;
    let room = room(limit.into(), &claimed);
    if room > 0 {
        claimed.extend(next_of(tx, front, Queue::Deferred, room, lease_until)?);
    } else {
        claimed.extend(digest::claim_beside(tx, &claimed, lease_until)?);
    }
    Ok(claimed)
}

fn room(limit: i64, claimed: &[Claimed]) -> i64 {
    limit - i64::try_from(claimed.len()).unwrap_or(i64::MAX)
}

/// The next of a queue, from its front; where there is not enough, what fell due behind the front as well.
fn next_of(
    tx: &mut Tx<'_>,
    front: &Front,
    queue: Queue,
    limit: i64,
    lease_until: DateTime<Utc>,
) -> Result<Vec<Claimed>, StoreError> {
    let which = match queue {
        Queue::Pending => Which::Pending,
        Queue::Deferred => Which::Deferred,
    };
    let start = front.start(queue);
    let mut haul = take(tx, which, start, limit, lease_until)?;
    let room = room(limit, &haul.claimed);
    front.came(queue, start, haul.last.filter(|_| room == 0));
    if start.is_some() && room > 0 {
        haul.claimed.extend(take(tx, which, None, room, lease_until)?.claimed);
    }
    Ok(haul.claimed)
}

/// What a lost claim means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// What the worker had begun to hand over, nobody knows about, and a person decides; what it had not begun waits again.
    Unknown,
    /// Handing over and settling are one transaction, so what was not settled was not handed over.
    NotHandedOver,
}

/// A mail that so many workers died with before they began with it has failed: it may be what they died of.
const MOST_DEATHS: i32 = 8;

/// Gives up on claims whose lease ran out. Where their fate is not known they become `unknown` and are never sent again by
/// themselves; where it is known that nothing left, they wait again. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn rescue(tx: &mut Tx<'_>, limit: u32, lost: Lost) -> Result<usize, StoreError> {
    let lapsed = leases::lapsed(tx, limit)?;
    let (mut settlements, mut again) = (Vec::with_capacity(lapsed.len()), Vec::new());
    for Lapsed { claimed, untouched } in lapsed {
        let verdict = match lost {
            Lost::Unknown if !untouched => ended(MailState::Unknown, "the lease ran out before an answer"),
            Lost::Unknown | Lost::NotHandedOver if claimed.deferrals + 1 >= MOST_DEATHS => {
                ended(MailState::Failed, "given up: too many workers died with it in hand before they began to send it")
            }
            Lost::Unknown | Lost::NotHandedOver => {
                again.push(claimed.id);
                Verdict { state: MailState::Pending, retry_at: Some(tx.now), why: None }
            }
        };
        settlements.push(Settlement::new(claimed, verdict));
    }
    let n = settle(tx, &settlements)?;
    leases::end_lapsed(tx)?;
    for ids in again.chunks(CHUNK) {
        let waiting = outbox::table.filter(outbox::id.eq_any(ids.to_vec())).filter(outbox::state.eq(MailState::Pending));
        diesel::update(waiting).set(outbox::deferrals.eq(outbox::deferrals + 1)).execute(tx.conn)?;
    }
    Ok(n)
}

fn ended(state: MailState, why: &str) -> Verdict {
    Verdict { state, retry_at: None, why: Some(why.to_owned()) }
}
