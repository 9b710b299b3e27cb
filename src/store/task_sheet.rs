//! Everything about one assignment that its page shows and its member's acts depend on, read in one statement.

use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Nullable, SmallInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::kept::kept;
use super::manner::Manner;
use super::schema::{campaigns, variants};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::sql::{Js, Ts, Uid};
use super::types::{At, Doc};
use crate::domain::assignment::AssignmentState;
use crate::domain::campaign::CampaignState;
use crate::domain::content::{CampaignContent, TargetPlan};
use crate::domain::id::{AccountId, AssignmentId, CampaignId, MemberId, PostId, TaskId, UnitId, VariantId, WaveId};
use crate::domain::kind::{AccountKind, Action};
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::domain::platform::Platform;
use crate::domain::wave::WaveState;

macro_rules! sheet {
    ($($(#[$meta:meta])* $field:ident: $type:ty = $sql:ty),+ $(,)?) => {
        /// An assignment with all it hangs on.
        #[derive(Debug, Clone, QueryableByName)]
        pub struct TaskSheet {
            $($(#[$meta])* #[diesel(sql_type = $sql)] pub $field: $type),+
        }
    };
}

sheet! {
    /// The assignment.
    id: AssignmentId = Uid,
    /// What is asked.
    task_id: TaskId = Uid,
    /// In which wave.
    wave_id: WaveId = Uid,
    /// In which campaign.
    campaign_id: CampaignId = Uid,
    /// Of which account.
    account_id: AccountId = Uid,
    /// Of whom.
    member_id: MemberId = Uid,
    /// The unit that it counts for.
    unit_id: UnitId = Uid,
    /// Where it stands.
    state: AssignmentState = Text,
    /// When it was settled.
    settled_at: Option<At> = Nullable<Ts>,
    /// Its deadline.
    expires_at: At = Ts,
    /// The version of its links.
    link_version: i32 = Integer,
    /// Its place in the spread of variants.
    variant_no: i32 = Integer,
    /// The member's name.
    member_name: String = Text,
    /// The member's language.
    member_locale: Locale = Text,
    /// The member's zone.
    member_zone: String = Text,
    /// Whether the member is active.
    member_state: MemberState = Text,
    /// How the log names the member.
    subject_ref: String = Text,
    /// The campaign's unit.
    sponsor_name: String = Text,
    /// The campaign's author.
    asked_by: String = Text,
    /// The campaign's title.
    title: String = Text,
    /// Where the campaign stands.
    campaign_state: CampaignState = Text,
    /// The wave's name.
    wave_name: String = Text,
    /// Where the wave stands.
    wave_state: WaveState = Text,
    /// How to do it.
    brief: String = Text,
    /// What to do.
    action: Action = Text,
    /// Where.
    platform: Platform = Text,
    /// What it points at, as planned.
    target: Doc<TargetPlan> = Js,
    /// Whether it asks for the member's own words.
    own_words: bool = Bool,
    /// Whether *Done* needs an address.
    evidence_required: bool = Bool,
    /// The account's handle as entered.
    handle: String = Text,
    /// The name the account shows.
    account_name: String = Text,
    /// What the account is.
    kind: AccountKind = Text,
    /// The account's layer.
    layer: i16 = SmallInt,
    /// The account's unit.
    account_unit_id: UnitId = Uid,
    /// The post it points at.
    post_id: Option<PostId> = Nullable<Uid>,
    /// The post's address.
    post_url: Option<String> = Nullable<Text>,
    /// Where the post is.
    post_platform: Option<Platform> = Nullable<Text>,
    /// The name that the post's account shows.
    post_owner: Option<String> = Nullable<Text>,
    /// The handle of the post's account.
    post_handle: Option<String> = Nullable<Text>,
    /// That handle in its compared form.
    post_handle_norm: Option<String> = Nullable<Text>,
    /// The unit of the post's account.
    post_unit: Option<String> = Nullable<Text>,
    /// The claim it answers.
    claim: Option<String> = Nullable<Text>,
    /// Where the claim was seen.
    claim_seen_url: Option<String> = Nullable<Text>,
    /// What is true.
    claim_fact: Option<String> = Nullable<Text>,
    /// Where that can be read.
    claim_source_url: Option<String> = Nullable<Text>,
}

/// The statement up to what the assignment's id is compared with.
macro_rules! sheet_where {
    ($end:literal) => {
        concat!(
            "SELECT a.id, a.task_id, a.wave_id, a.campaign_id, a.account_id, a.member_id, a.unit_id, a.state, a.settled_at, \
            a.expires_at, a.link_version, a.variant_no, m.name AS member_name, m.locale AS member_locale, m.zone AS member_zone, \
            m.state AS member_state, m.subject_ref, u.name AS sponsor_name, author.name AS asked_by, c.title, c.state AS campaign_state, \
            w.name AS wave_name, w.state AS wave_state, t.brief, t.action, t.platform, t.target, t.own_words, t.evidence_required, \
            ac.handle, ac.display_name AS account_name, ac.kind, ac.layer, ac.unit_id AS account_unit_id, p.id AS post_id, \
            p.url AS post_url, p.platform AS post_platform, pa.display_name AS post_owner, pa.handle AS post_handle, \
            pa.handle_norm AS post_handle_norm, pu.name AS post_unit, cl.claim, cl.seen_url AS claim_seen_url, cl.fact AS claim_fact, \
            cl.source_url AS claim_source_url \
            FROM assignments a JOIN members m ON m.id = a.member_id JOIN campaigns c ON c.id = a.campaign_id \
            JOIN units u ON u.id = c.unit_id JOIN users author ON author.id = c.author_id JOIN waves w ON w.id = a.wave_id \
            JOIN tasks t ON t.id = a.task_id JOIN accounts ac ON ac.id = a.account_id LEFT JOIN posts p ON p.id = t.target_post_id \
            LEFT JOIN accounts pa ON pa.id = p.account_id LEFT JOIN units pu ON pu.id = p.unit_id \
            LEFT JOIN claims cl ON cl.id = t.target_claim_id WHERE a.id ",
            $end
        )
    };
}

/// The sheet of an assignment, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: AssignmentId) -> Result<Option<TaskSheet>, StoreError> {
    Ok(kept::<Uid, _>(sheet_where!("= "), id, "").get_result(conn).optional()?)
}

/// The sheets of those of these assignments for which no completion stands. They stay locked until the commit, in the order of their ids,
/// so that two batches never wait for each other.
///
/// # Errors
/// The database's failure.
pub fn lock_open(tx: &mut Tx<'_>, ids: &[AssignmentId]) -> Result<Vec<TaskSheet>, StoreError> {
    // Completions come by the thousand: by figures from before, all that stand would be read for each batch.
    tx.go_on_in(Manner::by_index())?;
    match tx.conn {
        // One text however many they are, so that its plan is made once. Not NOT EXISTS: that may be joined with all completions that
        // stand, this is looked up for each. Who had to wait for an assignment sees it as it is then; a
        // completion that came without a change to it meets the rule that one stands.
        Conn::Pg(conn) => {
            let open = concat!(
                ") AND (SELECT d.id FROM completions d WHERE d.assignment_id = a.id AND d.undone_at IS NULL LIMIT 1) IS NULL ",
                "ORDER BY a.id FOR UPDATE OF a"
            );
            Ok(kept::<Array<Uid>, _>(sheet_where!("= ANY("), ids.to_vec(), open).load(conn)?)
        }
        Conn::Lite(_) => {
            let mut sql = SqlText::new();
            sql.push(sheet_where!("IN ")).ids(ids);
            sql.push(" AND NOT EXISTS (SELECT 1 FROM completions d WHERE d.assignment_id = a.id AND d.undone_at IS NULL)");
            Ok(sql.query().load(tx.conn)?)
        }
    }
}

/// What the campaign says.
///
/// # Errors
/// The database's failure.
pub fn content(conn: &mut Conn, id: CampaignId) -> Result<CampaignContent, StoreError> {
    Ok(campaigns::table.find(id).select(campaigns::content).first::<Doc<CampaignContent>>(conn)?.0)
}

/// The suggested texts of a task, in order.
///
/// # Errors
/// The database's failure.
pub fn texts(conn: &mut Conn, id: TaskId) -> Result<Vec<(VariantId, Locale, String)>, StoreError> {
    Ok(variants::table
        .filter(variants::task_id.eq(id))
        .order((variants::ordinal.asc(), variants::id.asc()))
        .select((variants::id, variants::locale, variants::body))
        .load(conn)?)
}
