//! The outbox: mails are put in with the change that causes them, claimed under a lease, and settled once.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::Nullable;

use super::counted::{Move, move_counted};
use super::db::Conn;
use super::error::StoreError;
use super::schema::outbox;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::Uid;
use crate::domain::id::{AssignmentId, CampaignId, ConsentId, MailId, MemberId, UserId, WaveId};
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::suppression::Silence;
use crate::domain::text_enum::TextEnum as _;

mod begin;
mod bulk;
mod claim;
pub mod digest;
mod front;
mod leases;
mod settle;
#[cfg(test)]
pub mod trial;
mod waiting;
mod when;
/// A mail that a statement changed.
#[derive(diesel::QueryableByName)]
struct Touched {
    #[diesel(sql_type = crate::store::types::sql::Uid)]
    id: MailId,
}

pub use begin::begin;
pub(super) use bulk::beside;
pub use bulk::{move_many, page_of_state};
pub use claim::{Claimed, Lost, claim, rescue};
pub use front::Front;
pub use settle::{Settlement, Verdict, accept_unknown, retry, settle};
pub use when::{find_last_at, find_next_at};

/// That none of the mails of the campaign `c` waits or is being sent, as each database finds out.
#[must_use]
pub(super) const fn nothing_open(is_sqlite: bool) -> &'static str {
    if is_sqlite {
        "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.campaign_id = c.id AND o.state IN ('pending', 'sending', 'deferred'))"
    } else {
        "NOT EXISTS (SELECT 1 FROM outbox_waiting w WHERE w.campaign_id = c.id) AND NOT EXISTS (SELECT 1 FROM outbox_leases l \
         CROSS JOIN LATERAL unnest(l.mails) AS m(id) JOIN outbox o ON o.id = m.id WHERE o.campaign_id = c.id AND o.state = 'sending')"
    }
}

/// A mail to be put into the outbox: its inputs, never its text.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// Its id, where something else is to carry the same; made when left out.
    pub id: Option<MailId>,
    /// What it says.
    pub kind: MailKind,
    /// The assignment it is about.
    pub assignment_id: Option<AssignmentId>,
    /// The wave it belongs to; its counters follow the mail.
    pub wave_id: Option<WaveId>,
    /// The campaign it belongs to.
    pub campaign_id: Option<CampaignId>,
    /// The member it goes to.
    pub member_id: Option<MemberId>,
    /// The console user it goes to.
    pub user_id: Option<UserId>,
    /// The consent it asks for.
    pub consent_id: Option<ConsentId>,
    /// A second mail with the same key is not put in.
    pub dedupe: Option<String>,
}

impl NewMail {
    /// A mail of this kind, to nobody yet.
    #[must_use]
    pub const fn new(kind: MailKind) -> Self {
        Self {
            id: None,
            kind,
            assignment_id: None,
            wave_id: None,
            campaign_id: None,
            member_id: None,
            user_id: None,
            consent_id: None,
            dedupe: None,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
struct NewRow<'a> {
    id: MailId,
    kind: MailKind,
    assignment_id: Option<AssignmentId>,
    wave_id: Option<WaveId>,
    campaign_id: Option<CampaignId>,
    member_id: Option<MemberId>,
    user_id: Option<UserId>,
    consent_id: Option<ConsentId>,
    dedupe: Option<&'a str>,
    state: MailState,
    next_attempt_at: At,
    created_at: At,
}

/// Mails go out in the order in which they fell due: an urgent one counts as due for as long as any queue may be.
pub(super) const AHEAD: TimeDelta = TimeDelta::days(1);

/// Puts mails into the outbox. One whose dedupe key is there already is left out in silence: it is the same mail.
///
/// # Errors
/// The database's failure.
pub fn enqueue(tx: &mut Tx<'_>, mails: &[NewMail]) -> Result<(), StoreError> {
    for chunk in mails.chunks(500) {
        let rows: Vec<NewRow<'_>> = chunk
            .iter()
            .map(|mail| NewRow {
                id: mail.id.unwrap_or_default(),
                kind: mail.kind,
                assignment_id: mail.assignment_id,
                wave_id: mail.wave_id,
                campaign_id: mail.campaign_id,
                member_id: mail.member_id,
                user_id: mail.user_id,
                consent_id: mail.consent_id,
                dedupe: mail.dedupe.as_deref(),
                state: MailState::Pending,
                next_attempt_at: At(if mail.kind.is_urgent() { tx.now - AHEAD } else { tx.now }),
                created_at: At(tx.now),
            })
            .collect();
        match tx.conn {
            Conn::Pg(conn) => diesel::insert_into(outbox::table).values(&rows).on_conflict_do_nothing().execute(conn)?,
            Conn::Lite(conn) => diesel::insert_into(outbox::table).values(&rows).on_conflict_do_nothing().execute(conn)?,
        };
    }
    Ok(())
}

/// Keeps a campaign's unsent mail back, or lets it go on. What is being sent is marked as well: it may yet be put off or put back.
///
/// # Errors
/// The database's failure.
pub fn hold_campaign(tx: &mut Tx<'_>, id: CampaignId, held: bool) -> Result<u64, StoreError> {
    let changed = diesel::update(outbox::table)
        .filter(outbox::campaign_id.eq(id))
        .filter(outbox::state.eq_any([MailState::Pending, MailState::Deferred, MailState::Sending]))
        .filter(outbox::held.ne(held))
        .set(outbox::held.eq(held))
        .execute(tx.conn)?;
    Ok(changed as u64)
}

/// Which unsent mails an act takes out of the outbox.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Campaign(CampaignId),
    Assignment(AssignmentId),
    Member(MemberId),
    /// Everything to a member, or everything about one campaign.
    MemberAll(MemberId, Option<CampaignId>),
    Wave(WaveId),
}

/// Cancels a campaign's unsent mail; what is being sent finishes. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn cancel_campaign(tx: &mut Tx<'_>, id: CampaignId) -> Result<u64, StoreError> {
    end_unsent(tx, Whose::Campaign(id), MailState::Cancelled)
}

/// Cancels an assignment's unsent mail: nobody is mailed about what is done or declined.
///
/// # Errors
/// The database's failure.
pub fn cancel_for_assignment(tx: &mut Tx<'_>, id: AssignmentId) -> Result<u64, StoreError> {
    end_unsent(tx, Whose::Assignment(id), MailState::Cancelled)
}

/// Cancels the unsent mail of many assignments. Returns how many of each wave: the caller moves the counters.
///
/// # Errors
/// The database's failure.
pub fn cancel_for_assignments(tx: &mut Tx<'_>, ids: &[AssignmentId]) -> Result<BTreeMap<WaveId, i64>, StoreError> {
    #[derive(QueryableByName)]
    struct Of {
        #[diesel(sql_type = Nullable<Uid>)]
        wave_id: Option<WaveId>,
    }
    let mut sql = SqlText::new();
    sql.push("UPDATE outbox SET state = 'cancelled', held = FALSE, last_error = NULL, settled_at = ").at(tx.now);
    sql.push(" WHERE ").among("assignment_id", ids, tx.conn.is_sqlite()).push(" AND kind IN ('task', 'reminder')");
    sql.still("state", &[MailState::Pending.as_str(), MailState::Deferred.as_str()]);
    let mut waves = BTreeMap::new();
    for of in sql.push(" RETURNING wave_id").clone().kept().load::<Of>(tx.conn)? {
        if let Some(wave_id) = of.wave_id {
            *waves.entry(wave_id).or_default() += 1;
        }
    }
    Ok(waves)
}

/// Cancels a wave's unsent mail: its window is over. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn cancel_for_wave(tx: &mut Tx<'_>, id: WaveId) -> Result<u64, StoreError> {
    end_unsent(tx, Whose::Wave(id), MailState::Cancelled)
}

/// Suppresses a member's unsent mail about tasks: the member paused or left.
///
/// # Errors
/// The database's failure.
pub fn suppress_for_member(tx: &mut Tx<'_>, id: MemberId) -> Result<u64, StoreError> {
    end_unsent(tx, Whose::Member(id), MailState::Suppressed)
}

/// Cancels everything unsent to a member: there is nobody to send it to any more. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn cancel_for_member(tx: &mut Tx<'_>, id: MemberId) -> Result<u64, StoreError> {
    end_unsent(tx, Whose::MemberAll(id, None), MailState::Cancelled)
}

/// Suppresses a member's unsent mail that the address shall no longer get. Nothing to a member is account mail.
///
/// # Errors
/// The database's failure.
pub fn suppress_for_address(tx: &mut Tx<'_>, id: MemberId, silence: Silence) -> Result<u64, StoreError> {
    match silence {
        Silence::Tasks => suppress_for_member(tx, id),
        Silence::Campaign(_) | Silence::All => end_unsent(tx, Whose::MemberAll(id, silence.campaign_id()), MailState::Suppressed),
    }
}

/// Moves unsent mail to a final state, the waves' counters with it.
fn end_unsent(tx: &mut Tx<'_>, whose: Whose, state: MailState) -> Result<u64, StoreError> {
    let (column, id) = match whose {
        Whose::Campaign(id) => ("campaign_id", id.uuid()),
        Whose::Assignment(id) => ("assignment_id", id.uuid()),
        Whose::Member(id) | Whose::MemberAll(id, _) => ("member_id", id.uuid()),
        Whose::Wave(id) => ("wave_id", id.uuid()),
    };
    let counter = if state == MailState::Cancelled { "mail_cancelled" } else { "mail_suppressed" };
    let now = tx.now;
    move_counted(
        tx,
        Move { table: "outbox", counter },
        |sql| {
            sql.push("state = ").text(state.as_str()).push(", settled_at = ").at(now).push(", held = FALSE, last_error = NULL");
        },
        |sql| {
            sql.push(column).push(" = ").id(MailId::from_uuid(id));
            sql.push(" AND state IN ('pending', 'deferred')");
            match whose {
                Whose::MemberAll(_, None) => sql,
                Whose::MemberAll(_, Some(campaign_id)) => sql.push(" AND campaign_id = ").id(campaign_id),
                _ => sql.push(" AND kind IN ('task', 'reminder')"),
            };
        },
    )
}
