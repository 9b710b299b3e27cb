//! The mail about one task: whether it is still wanted, whether now is the time, what it says.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Mail, addressed, variants_for, zone_or_default};
use crate::app::App;
use crate::auth::task_token::Purpose;
use crate::config::Config;
use crate::domain::account::{AccountRefusal, Standing};
use crate::domain::id::AssignmentId;
use crate::domain::kind::ConsentKind;
use crate::domain::member::MemberState;
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::refusal::Refusal as _;
use crate::mail::message::{ListHeaders, MailHeaders};
use crate::mail::render::{MailContext, TaskMail};
use crate::service::delivery::verdict;
use crate::store::delivery::{AssignmentFacts, TaskFacts};
use crate::store::outbox::{Claimed, Verdict};

/// How long a task's link still answers after the deadline: it then says that the time is over.
const LINK_AFTERLIFE: TimeDelta = TimeDelta::days(30);

/// The seconds between wish and hand-over can change everything, so the domain is asked again.
pub(super) fn still_wanted(config: &Config, person: &AssignmentFacts, now: DateTime<Utc>) -> Result<(), Verdict> {
    if !person.state.is_open() || person.expires_at.0 <= now {
        return Err(verdict(MailState::Cancelled, format!("the assignment is {}", person.state)));
    }
    let (given, current) = match person.kind.consent() {
        ConsentKind::Participate => (&person.participate_version, &config.consent.participate_version),
        ConsentKind::Operate => (&person.operate_version, &config.consent.operate_version),
    };
    let standing = Standing {
        state: person.account_state,
        disclosed_until: person.disclosed_until.map(|at| at.0),
        member_active: person.member_state == MemberState::Active,
        consented: given.as_ref() == Some(current),
    };
    let refused = |refusal: AccountRefusal| verdict(MailState::Suppressed, refusal.code().to_owned());
    standing.check(now).map_err(refused)?;
    if person.suppressed {
        return Err(verdict(MailState::Suppressed, "the address is suppressed".to_owned()));
    }
    Ok(())
}

/// Every mail about a task passes here, so the permitted hours are kept here: outside them it waits for the next. One that would have
/// to wait beyond its task's deadline is of no use to anybody.
pub(super) fn at_a_permitted_time(
    app: &App,
    person: &AssignmentFacts,
    made: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Verdict> {
    let permitted = app.calendar.permitted(&person.choice());
    match permitted.departs(made, now, zone_or_default(&app.config, &person.zone)) {
        Some(next) if next <= now => Ok(()),
        Some(next) if next < person.expires_at.0 => Err(waits(next)),
        _ => Err(without_time()),
    }
}

pub(super) fn waits(until: DateTime<Utc>) -> Verdict {
    let why = Some("waits for the member's permitted hours".to_owned());
    Verdict { state: MailState::Pending, retry_at: Some(until), why }
}

pub(super) fn without_time() -> Verdict {
    verdict(MailState::Cancelled, "no permitted time is left before the deadline".to_owned())
}

/// What opens one task.
pub(super) fn task_link(app: &App, person: &AssignmentFacts) -> String {
    let version = u32::try_from(person.link_version).unwrap_or_default();
    app.tokens.seal(Purpose::Task, person.id.uuid(), version, Some(person.expires_at.0 + LINK_AFTERLIFE))
}

/// What opens the member's own pages.
pub(super) fn pause_link(app: &App, person: &AssignmentFacts) -> String {
    let version = u32::try_from(person.member_link_version).unwrap_or_default();
    app.tokens.seal(Purpose::Pause, person.member_id.uuid(), version, None)
}

/// The headers by which a mail program offers to unsubscribe.
pub(super) fn member_list(config: &Config, own_link: &str) -> ListHeaders {
    ListHeaders {
        unsubscribe_url: format!("{}/u/{own_link}", config.institution.base_url),
        unsubscribe_mailto: None,
        list_id: format!("campaigns.{}", config.message_id_domain()),
    }
}

/// What an assignment's deadline goes by in a calendar.
pub(in crate::service) fn calendar_uid(config: &Config, id: AssignmentId) -> String {
    format!("task-{id}@{}", config.message_id_domain())
}

pub(super) fn task_mail(
    app: &App,
    claimed: &Claimed,
    (person, task, made): (&AssignmentFacts, &TaskFacts, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    still_wanted(config, person, now)?;
    if claimed.kind.keeps_hours() {
        at_a_permitted_time(app, person, made, now)?;
    }
    let base = &config.institution.base_url;
    let (link, pause) = (task_link(app, person), pause_link(app, person));
    let context = TaskMail {
        locale: person.locale,
        member_name: person.name.clone(),
        institution: config.institution.name.clone(),
        sponsor_unit: task.sponsor_unit.clone(),
        campaign_title: task.campaign_title.clone(),
        message: task.message.clone(),
        action: task.action,
        platform: task.platform,
        account_handle: person.handle.clone(),
        consent: person.kind.consent(),
        brief: task.brief.clone(),
        target_url: task.target_url.clone(),
        claim: task.claim.clone(),
        variants: variants_for(&task.variants, person.locale, person.variant_no),
        own_words_required: task.own_words,
        deadline: person.expires_at.0,
        zone: zone_or_default(config, &person.zone),
        calendar_uid: calendar_uid(config, person.id),
        task_url: format!("{base}/t/{link}"),
        decline_url: format!("{base}/t/{link}#decline"),
        pause_url: format!("{base}/p/{pause}"),
        register_url: format!("{base}/register"),
    };
    let list = member_list(config, &pause);
    let context = if claimed.kind == MailKind::Reminder { MailContext::Reminder(context) } else { MailContext::Task(context) };
    let mail = addressed(app, claimed.id, (&person.name, &person.email), context, now)?;
    Ok(Box::new(Mail {
        headers: MailHeaders { list: Some(list), campaign: Some(task.campaign_id.to_string()), ..mail.headers },
        ..mail
    }))
}
