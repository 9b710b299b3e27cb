//! What a mail is told, read for a batch at once; and the built-in mailbox.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::schema::{accounts, campaigns, consents, mailbox, members, posts, tasks, units, users, variants};
use super::sql_text::SqlText;
use super::suppression::{is_suppressed, no_tasks};
use super::tx::Tx;
use super::types::sql::{Ts, Uid};
use super::types::{At, Doc};
use crate::domain::account::AccountState;
use crate::domain::assignment::AssignmentState;
use crate::domain::content::{CampaignContent, ClaimWords, TargetPlan};
use crate::domain::id::{AssignmentId, CampaignId, ConsentId, KeptId, MemberId, TaskId, UserId};
use crate::domain::kind::{AccountKind, Action, ConsentKind};
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::domain::platform::Platform;
use crate::domain::suppression::Silence;

/// An assignment with its person and account, as a mail needs it and as the decision to send it needs it.
#[derive(Debug, Clone, QueryableByName)]
pub struct AssignmentFacts {
    /// The assignment.
    #[diesel(sql_type = Uid)]
    pub id: AssignmentId,
    /// Its task.
    #[diesel(sql_type = Uid)]
    pub task_id: TaskId,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: AssignmentState,
    /// The deadline.
    #[diesel(sql_type = Ts)]
    pub expires_at: At,
    /// Fences its links.
    #[diesel(sql_type = Integer)]
    pub link_version: i32,
    /// Which variant comes first.
    #[diesel(sql_type = Integer)]
    pub variant_no: i32,
    /// The person.
    #[diesel(sql_type = Uid)]
    pub member_id: MemberId,
    /// The person's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The address as entered.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// The person's language.
    #[diesel(sql_type = Text)]
    pub locale: Locale,
    /// The person's IANA zone.
    #[diesel(sql_type = Text)]
    pub zone: String,
    /// Where the person stands.
    #[diesel(sql_type = Text)]
    pub member_state: MemberState,
    /// Fences the person's own links.
    #[diesel(sql_type = Integer)]
    pub member_link_version: i32,
    /// The text version consented to.
    #[diesel(sql_type = Nullable<Text>)]
    pub participate_version: Option<String>,
    /// The text version confirmed as operator.
    #[diesel(sql_type = Nullable<Text>)]
    pub operate_version: Option<String>,
    /// When the person's permitted hours begin, in minutes of their day.
    #[diesel(sql_type = Nullable<Integer>)]
    pub mail_from: Option<i32>,
    /// When they end.
    #[diesel(sql_type = Nullable<Integer>)]
    pub mail_until: Option<i32>,
    /// On which days of the week.
    #[diesel(sql_type = Nullable<Integer>)]
    pub mail_days: Option<i32>,
    /// At which minute of their day they want everything at once.
    #[diesel(sql_type = Nullable<Integer>)]
    pub digest_at: Option<i32>,
    /// Whether holidays are days like others to them.
    #[diesel(sql_type = Bool)]
    pub on_holidays: bool,
    /// Whether the address takes no tasks.
    #[diesel(sql_type = Bool)]
    pub suppressed: bool,
    /// The account's kind.
    #[diesel(sql_type = Text)]
    pub kind: AccountKind,
    /// The account's handle as entered.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// Where the account stands.
    #[diesel(sql_type = Text)]
    pub account_state: AccountState,
    /// Until when its disclosure is current.
    #[diesel(sql_type = Nullable<Ts>)]
    pub disclosed_until: Option<At>,
}

/// The facts of these assignments; at most a batch of the outbox.
///
/// # Errors
/// The database's failure.
pub fn assignments(conn: &mut Conn, ids: &[AssignmentId]) -> Result<Vec<AssignmentFacts>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(500) {
        let mut sql = SqlText::new();
        sql.push(&format!(
            "SELECT s.id, s.task_id, s.state, s.expires_at, s.link_version, s.variant_no, m.id AS member_id, m.name, m.email, m.locale, \
             m.zone, m.state AS member_state, m.link_version AS member_link_version, m.participate_version, m.operate_version, \
             p.mail_from, p.mail_until, p.mail_days, p.digest_at, coalesce(p.on_holidays, FALSE) AS on_holidays, \
             {} AS suppressed, \
             a.kind, a.handle, a.state AS account_state, a.disclosed_until \
             FROM assignments s JOIN members m ON m.id = s.member_id JOIN accounts a ON a.id = s.account_id \
             LEFT JOIN member_preferences p ON p.member_id = m.id WHERE ",
            no_tasks("m.email_norm", "s.campaign_id")
        ))
        .among("s.id", ids, conn.is_sqlite());
        found.extend(sql.kept().load::<AssignmentFacts>(conn)?);
    }
    Ok(found)
}

/// A task with its campaign, the same for everybody who is asked.
#[derive(Debug, Clone)]
pub struct TaskFacts {
    /// The campaign's title.
    pub campaign_title: String,
    /// The campaign's one message.
    pub message: String,
    /// The unit whose campaign it is.
    pub sponsor_unit: String,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// On which platform.
    pub platform: Platform,
    /// What to do.
    pub action: Action,
    /// How.
    pub brief: String,
    /// Whether the texts are only examples.
    pub own_words: bool,
    /// The address of the post.
    pub target_url: Option<String>,
    /// The claim that is answered, as it was released.
    pub claim: Option<ClaimWords>,
    /// Suggested texts with their languages, in order.
    pub variants: Vec<(Locale, String)>,
}

/// The facts of one task.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn task(conn: &mut Conn, id: TaskId) -> Result<TaskFacts, StoreError> {
    type Row = (CampaignId, Platform, Action, String, bool, Doc<TargetPlan>, Option<String>, Doc<CampaignContent>, String);
    let row: Row = tasks::table
        .inner_join(campaigns::table.on(campaigns::id.eq(tasks::campaign_id)))
        .inner_join(units::table.on(units::id.eq(campaigns::unit_id)))
        .left_join(posts::table.on(posts::id.nullable().eq(tasks::target_post_id)))
        .filter(tasks::id.eq(id))
        .select((
            tasks::campaign_id,
            tasks::platform,
            tasks::action,
            tasks::brief,
            tasks::own_words,
            tasks::target,
            posts::url.nullable(),
            campaigns::content,
            units::name,
        ))
        .first(conn)
        .optional()?
        .ok_or(StoreError::Missing("the task"))?;
    let (campaign_id, platform, action, brief, own_words, Doc(target), target_url, Doc(content), sponsor_unit) = row;
    let claim = super::claim::words_of(conn, &target)?;
    let variants = variants::table
        .filter(variants::task_id.eq(id))
        .order(variants::ordinal.asc())
        .select((variants::locale, variants::body))
        .load::<(Locale, String)>(conn)?;
    Ok(TaskFacts {
        campaign_title: content.title,
        message: content.message,
        sponsor_unit,
        campaign_id,
        platform,
        action,
        brief,
        own_words,
        target_url,
        claim,
        variants,
    })
}

/// A request for consent with its person and accounts.
#[derive(Debug, Clone)]
pub struct ConsentFacts {
    /// Which confirmation.
    pub kind: ConsentKind,
    /// The text version asked for.
    pub text_version: String,
    /// Whether it was given already.
    pub given: bool,
    /// The person's name.
    pub name: String,
    /// The person's address as entered.
    pub email: String,
    /// The person's language.
    pub locale: Locale,
    /// The person's IANA zone.
    pub zone: String,
    /// Where the person stands.
    pub member_state: MemberState,
    /// Whether the address gets nothing but account mail.
    pub suppressed: bool,
    /// Fences the person's own links.
    pub link_version: i32,
    /// The accounts on file that this confirmation is about.
    pub accounts: Vec<(Platform, String)>,
}

/// The facts of one request for consent.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn consent(conn: &mut Conn, id: ConsentId) -> Result<ConsentFacts, StoreError> {
    type Person = (MemberId, String, String, String, Locale, String, MemberState, i32);
    type Row = (ConsentKind, String, Option<At>, Option<At>, Person);
    let row: Row = consents::table
        .inner_join(members::table.on(members::id.eq(consents::member_id)))
        .filter(consents::id.eq(id))
        .select((
            consents::kind,
            consents::text_version,
            consents::given_at,
            consents::withdrawn_at,
            (
                members::id,
                members::name,
                members::email,
                members::email_norm,
                members::locale,
                members::zone,
                members::state,
                members::link_version,
            ),
        ))
        .first(conn)
        .optional()?
        .ok_or(StoreError::Missing("the consent"))?;
    let (kind, text_version, given_at, withdrawn_at, person) = row;
    let (member_id, name, email, email_norm, locale, zone, member_state, link_version) = person;
    let suppressed = is_suppressed(conn, &email_norm, Silence::All)?;
    let found = accounts::table
        .filter(accounts::member_id.eq(member_id))
        .order((accounts::platform.asc(), accounts::handle_norm.asc()))
        .select((accounts::platform, accounts::handle, accounts::kind))
        .load::<(Platform, String, AccountKind)>(conn)?;
    let accounts = found.into_iter().filter(|(_, _, k)| k.consent() == kind).map(|(p, h, _)| (p, h)).collect();
    let given = given_at.is_some() || withdrawn_at.is_some();
    Ok(ConsentFacts { kind, text_version, given, name, email, locale, zone, member_state, suppressed, link_version, accounts })
}

/// A campaign that waits for release, with the approver who is told.
#[derive(Debug, Clone)]
pub struct ReleaseFacts {
    /// The approver's name.
    pub approver_name: String,
    /// The approver's address.
    pub email: String,
    /// The approver's language.
    pub locale: Locale,
    /// The approver's IANA zone.
    pub zone: String,
    /// Whether the approver can still sign in.
    pub active: bool,
    /// Whether the address gets nothing but account mail.
    pub suppressed: bool,
    /// Who wrote the campaign.
    pub author_name: String,
    /// The unit whose campaign it is.
    pub sponsor_unit: String,
    /// The content.
    pub content: CampaignContent,
    /// Whether it still waits.
    pub waiting: bool,
}

/// The facts of one request for release.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn release(conn: &mut Conn, campaign_id: CampaignId, user_id: UserId) -> Result<ReleaseFacts, StoreError> {
    use crate::domain::campaign::CampaignState;
    let (state, Doc(content), author_name, sponsor_unit) = campaigns::table
        .inner_join(users::table.on(users::id.eq(campaigns::author_id)))
        .inner_join(units::table.on(units::id.eq(campaigns::unit_id)))
        .filter(campaigns::id.eq(campaign_id))
        .select((campaigns::state, campaigns::content, users::name, units::name))
        .first::<(CampaignState, Doc<CampaignContent>, String, String)>(conn)
        .optional()?
        .ok_or(StoreError::Missing("the campaign"))?;
    let (approver_name, email, email_norm, locale, zone, active) = users::table
        .find(user_id)
        .select((users::name, users::email, users::email_norm, users::locale, users::zone, users::active))
        .first::<(String, String, String, Locale, String, bool)>(conn)
        .optional()?
        .ok_or(StoreError::Missing("the user"))?;
    let waiting = state == CampaignState::Submitted;
    let suppressed = is_suppressed(conn, &email_norm, Silence::All)?;
    Ok(ReleaseFacts { approver_name, email, locale, zone, active, suppressed, author_name, sponsor_unit, content, waiting })
}

/// A mail in the built-in mailbox.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mailbox, treat_none_as_default_value = false)]
pub struct KeptMail {
    /// Its id, in order of arrival.
    pub id: KeptId,
    /// Its Message-ID.
    pub message_id: String,
    /// The envelope's sender.
    pub mail_from: String,
    /// The envelope's recipient, lower case.
    pub rcpt_to: String,
    /// The subject.
    pub subject: String,
    /// The message, RFC 5322.
    pub raw: Vec<u8>,
    /// When it arrived.
    pub received_at: At,
}

/// Keeps mails; one that is there already, by Message-ID, is not kept twice.
///
/// # Errors
/// The database's failure.
pub fn keep(tx: &mut Tx<'_>, mails: &[KeptMail]) -> Result<(), StoreError> {
    for chunk in mails.chunks(200) {
        match tx.conn {
            Conn::Pg(conn) => diesel::insert_into(mailbox::table).values(chunk).on_conflict_do_nothing().execute(conn)?,
            Conn::Lite(conn) => diesel::insert_into(mailbox::table).values(chunk).on_conflict_do_nothing().execute(conn)?,
        };
    }
    Ok(())
}

/// Kept mails, newest first, optionally of one recipient, before a given one.
///
/// # Errors
/// The database's failure.
pub fn kept(conn: &mut Conn, rcpt_to: Option<&str>, before: Option<KeptId>, limit: i64) -> Result<Vec<KeptMail>, StoreError> {
    let mut query = mailbox::table.order(mailbox::id.desc()).limit(limit).select(KeptMail::as_select()).into_boxed();
    if let Some(rcpt_to) = rcpt_to {
        query = query.filter(mailbox::rcpt_to.eq(rcpt_to.to_lowercase()));
    }
    if let Some(before) = before {
        query = query.filter(mailbox::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// Kept mails after a given one, oldest first.
///
/// # Errors
/// The database's failure.
pub fn kept_after(conn: &mut Conn, after: Option<KeptId>, limit: i64) -> Result<Vec<KeptMail>, StoreError> {
    let query = mailbox::table.order(mailbox::id.asc()).limit(limit).select(KeptMail::as_select());
    Ok(match after {
        Some(after) => query.filter(mailbox::id.gt(after)).load(conn)?,
        None => query.load(conn)?,
    })
}

/// One kept mail.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get_kept(conn: &mut Conn, id: KeptId) -> Result<KeptMail, StoreError> {
    let found = mailbox::table.find(id).select(KeptMail::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the mail"))
}
