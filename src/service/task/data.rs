//! Everything that is held about a member, for their own eyes: to read, and to take away.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::data_also::{self as also, MyAddress, MyCorrection, MyDisclosure, MyPost, MyRequest};
use super::settings::own;
use crate::app::App;
use crate::domain::account::AccountState;
use crate::domain::assignment::{AssignmentState, EvidenceLevel};
use crate::domain::bounce::ReportKind;
use crate::domain::event::EventKind;
use crate::domain::handle::Handle;
use crate::domain::id::CampaignId;
use crate::domain::kind::{AccountKind, Action, ConsentKind};
use crate::domain::locale::Locale;
use crate::domain::mail_hours::{DayTime, MailHours};
use crate::domain::member::MemberState;
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::platform::Platform;
use crate::domain::suppression::{SuppressionReason, SuppressionScope};
use crate::service::ServiceError;
use crate::service::consent::{current_text, current_version};
use crate::store::member::MemberRow;
use crate::store::personal::{self, AnswerRow};
use crate::store::{Conn, account, consent, mail_report, preference, suppression, unit};

/// The most of each kind that is read: more than a member of any number of years has.
pub(super) const MOST: i64 = 100_000;

/// Everything that is held about a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyData {
    /// When it was put together.
    pub made_at: DateTime<Utc>,
    /// Who holds it.
    pub institution: String,
    /// The person.
    pub profile: Profile,
    /// Their accounts.
    pub accounts: Vec<MyAccount>,
    /// What they were asked to agree to, the oldest first.
    pub consents: Vec<MyConsent>,
    /// What they were asked to do, and what they answered; the newest first.
    pub assignments: Vec<MyAnswer>,
    /// What was mailed to them, the newest first.
    pub mails: Vec<MyMail>,
    /// What came back for those mails, the newest first.
    pub reports: Vec<MyReport>,
    /// How many of the last mails came back for a time.
    pub soft_bounces: i64,
    /// What is no longer sent to their address.
    pub suppressions: Vec<MySuppression>,
    /// What was declared about their accounts, the newest first.
    pub disclosures: Vec<MyDisclosure>,
    /// What was published with their own accounts and registered, the newest first.
    pub posts: Vec<MyPost>,
    /// What they were asked to correct, and what they answered.
    pub corrections: Vec<MyCorrection>,
    /// What they asked for about their data, the newest first.
    pub requests: Vec<MyRequest>,
    /// Addresses that were asked for in the place of theirs, the newest first.
    pub addresses: Vec<MyAddress>,
    /// How many mails to them the built-in mailbox keeps.
    pub kept_mails: i64,
    /// The log's entries under their reference, the newest first.
    pub log: Vec<MyEntry>,
}

/// A member's profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// The employee number.
    pub employee_no: String,
    /// The address.
    pub email: String,
    /// The unit's name.
    pub unit: String,
    /// The language they are written to in.
    pub locale: Locale,
    /// Their IANA zone.
    pub zone: String,
    /// When mail may come; none: when the institution sends.
    pub mail_hours: Option<MailHours>,
    /// At which time of their day all of it comes in one mail; none: as it comes.
    pub digest_at: Option<DayTime>,
    /// Whether it may come on holidays, where the institution keeps them.
    pub on_holidays: bool,
    /// Whether they may be asked.
    pub state: MemberState,
    /// When a pause ends by itself.
    pub paused_until: Option<DateTime<Utc>>,
    /// How the log names them.
    pub subject_ref: String,
    /// When they were added.
    pub created_at: DateTime<Utc>,
    /// When their record was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An account of the member's, or one that they help to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyAccount {
    /// What it is.
    pub kind: AccountKind,
    /// Where it lives.
    pub platform: Platform,
    /// The handle as people write it.
    pub handle: String,
    /// The name it shows.
    pub name: String,
    /// Whether it is in service.
    pub state: AccountState,
    /// Whether the member is who is asked; else they help to run it.
    pub is_asked: bool,
    /// How many follow it, as entered.
    pub followers: Option<i64>,
    /// Its topics, as entered.
    pub topics: Vec<String>,
    /// Whether the public register names it.
    pub public_name: Option<bool>,
    /// Until when its disclosure is current.
    pub disclosed_until: Option<DateTime<Utc>>,
}

/// A consent that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyConsent {
    /// What for.
    pub kind: ConsentKind,
    /// The version of the text.
    pub text_version: String,
    /// The text, where it is the one in force.
    pub text: Option<String>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When it was given.
    pub given_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// What was asked, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyAnswer {
    /// The campaign's title.
    pub campaign: String,
    /// What was asked.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// Of which account.
    pub handle: String,
    /// Where it stands.
    pub state: AssignmentState,
    /// When it was made.
    pub planned_at: DateTime<Utc>,
    /// When its mail was handed over.
    pub notified_at: Option<DateTime<Utc>>,
    /// When the member first answered.
    pub first_answered_at: Option<DateTime<Utc>>,
    /// When it was done, declined, expired or withdrawn.
    pub settled_at: Option<DateTime<Utc>>,
    /// When a reviewer checked it.
    pub checked_at: Option<DateTime<Utc>>,
    /// The deadline.
    pub expires_at: DateTime<Utc>,
    /// How well the completion is evidenced.
    pub evidence: Option<EvidenceLevel>,
    /// The address that was given.
    pub url: Option<String>,
    /// Whether the member said that the words were their own.
    pub own_words: Option<bool>,
}

/// A mail to the member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyMail {
    /// What it says.
    pub kind: MailKind,
    /// Where it stands.
    pub state: MailState,
    /// When it was put in the outbox.
    pub created_at: DateTime<Utc>,
    /// When it goes out, if it still waits.
    pub goes_out_at: Option<DateTime<Utc>>,
    /// When it was sent, or came to its end.
    pub settled_at: Option<DateTime<Utc>>,
}

/// What came back for a mail to the member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyReport {
    /// What.
    pub kind: ReportKind,
    /// The receiver's code.
    pub status: Option<String>,
    /// The receiver's words.
    pub words: Option<String>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What is no longer sent to the member's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MySuppression {
    /// What.
    pub scope: SuppressionScope,
    /// The campaign, where it is about one.
    pub campaign_id: Option<CampaignId>,
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// An entry of the log under the member's reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyEntry {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: EventKind,
    /// Facts without personal data.
    pub payload: serde_json::Value,
    /// Personal detail, which only its salted commitment stands for in the log.
    pub detail: Option<serde_json::Value>,
}

/// Everything that is held about the member whose own link it is.
///
/// # Errors
/// `link.*`; or the database's failure.
pub async fn my_data(app: &App, token: &str) -> Result<MyData, ServiceError> {
    let link = own(app, token)?;
    let this = app.clone();
    app.db
        .read_at_length(move |conn| {
            let member = link.member(conn)?;
            held(&this, conn, member)
        })
        .await
}

/// Everything that is held about a member.
pub(in crate::service) fn held(app: &App, conn: &mut Conn, member: MemberRow) -> Result<MyData, ServiceError> {
    Ok(MyData {
        made_at: app.clock.now(),
        institution: app.config.institution.name.clone(),
        accounts: accounts(conn, &member)?,
        consents: consents(app, conn, &member)?,
        assignments: personal::answers(conn, member.id, MOST)?.into_iter().map(answer).collect(),
        mails: personal::mails(conn, member.id, MOST)?.into_iter().map(mail).collect(),
        reports: mail_report::list_of_member(conn, member.id, MOST)?.into_iter().map(report).collect(),
        soft_bounces: mail_report::soft_bounces(conn, &member.email_norm)?,
        suppressions: suppressions(conn, &member)?,
        disclosures: also::disclosures(conn, member.id)?,
        posts: also::posts(conn, member.id)?,
        corrections: also::corrections(conn, member.id)?,
        requests: also::requests(conn, member.id)?,
        addresses: also::addresses(conn, member.id)?,
        kept_mails: also::kept_mails(conn, &member)?,
        log: also::entries(conn, &member)?,
        profile: profile(conn, member)?,
    })
}

fn profile(conn: &mut Conn, member: MemberRow) -> Result<Profile, ServiceError> {
    let chosen = preference::of(conn, member.id)?;
    Ok(Profile {
        unit: unit::get(conn, member.unit_id)?.name,
        name: member.name,
        employee_no: member.employee_no,
        email: member.email,
        locale: member.locale,
        zone: member.zone,
        mail_hours: chosen.mail.hours,
        digest_at: chosen.mail.digest_at,
        on_holidays: chosen.mail.on_holidays,
        state: member.state,
        paused_until: chosen.paused_until.filter(|_| member.state == MemberState::Paused),
        subject_ref: member.subject_ref,
        created_at: member.created_at.0,
        updated_at: member.updated_at.0,
    })
}

fn accounts(conn: &mut Conn, member: &MemberRow) -> Result<Vec<MyAccount>, ServiceError> {
    let mut found = Vec::new();
    for row in account::list_by_member(conn, member.id)? {
        found.push(MyAccount {
            kind: row.kind,
            platform: row.platform,
            handle: written(&row.handle, row.platform),
            name: row.display_name,
            state: row.state,
            is_asked: true,
            followers: Some(row.followers.into()),
            topics: account::topics(conn, row.id)?,
            public_name: Some(row.public_name),
            disclosed_until: row.disclosed_until.map(|at| at.0),
        });
    }
    for (kind, platform, handle, name, state) in personal::operated(conn, member.id)? {
        found.push(MyAccount {
            kind,
            platform,
            handle: written(&handle, platform),
            name,
            state,
            is_asked: false,
            followers: None,
            topics: Vec::new(),
            public_name: None,
            disclosed_until: None,
        });
    }
    Ok(found)
}

fn written(handle: &str, platform: Platform) -> String {
    Handle::parse(handle, platform).map_or_else(|_| handle.to_owned(), |handle| handle.to_string())
}

fn consents(app: &App, conn: &mut Conn, member: &MemberRow) -> Result<Vec<MyConsent>, ServiceError> {
    let rows = consent::list_by_member(conn, member.id)?.into_iter();
    let shown = rows.map(|row| MyConsent {
        text: (row.text_version == current_version(app, row.kind)).then(|| current_text(app, row.kind, member.locale).to_owned()),
        kind: row.kind,
        text_version: row.text_version,
        requested_at: row.requested_at.0,
        given_at: row.given_at.map(|at| at.0),
        withdrawn_at: row.withdrawn_at.map(|at| at.0),
    });
    Ok(shown.collect())
}

fn answer(row: AnswerRow) -> MyAnswer {
    MyAnswer {
        campaign: row.title,
        action: row.action,
        platform: row.platform,
        handle: written(&row.handle, row.platform),
        state: row.state,
        planned_at: row.planned_at.0,
        notified_at: row.notified_at.map(|at| at.0),
        first_answered_at: row.opened_at.map(|at| at.0),
        settled_at: row.settled_at.map(|at| at.0),
        checked_at: row.checked_at.map(|at| at.0),
        expires_at: row.expires_at.0,
        evidence: row.level,
        url: row.url,
        own_words: row.own_words,
    }
}

fn mail(row: personal::MailRow) -> MyMail {
    MyMail {
        kind: row.kind,
        state: row.state,
        created_at: row.created_at.0,
        goes_out_at: row.state.is_open().then_some(row.next_attempt_at.0),
        settled_at: row.settled_at.map(|at| at.0),
    }
}

fn report(row: mail_report::MailReportRow) -> MyReport {
    MyReport { kind: row.kind, status: row.status, words: row.detail, received_at: row.received_at.0 }
}

fn suppressions(conn: &mut Conn, member: &MemberRow) -> Result<Vec<MySuppression>, ServiceError> {
    let rows = suppression::list_of(conn, &member.email_norm)?.into_iter();
    Ok(rows
        .map(|row| MySuppression { scope: row.scope, campaign_id: row.campaign_id, reason: row.reason, since: row.created_at.0 })
        .collect())
}
