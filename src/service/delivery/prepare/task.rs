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
use crate::store::preference;

/// How long a task's link still answers after the deadline: it then says that the time is over.
const LINK_AFTERLIFE: TimeDelta = TimeDelta::days(30);

/// The seconds between wish and hand-over can change everything, so the domain is asked again.
fn still_wanted(config: &Config, person: &AssignmentFacts, now: DateTime<Utc>) -> Result<(), Verdict> {
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

/// Every mail about a task passes here, so the member's permitted hours are kept here: outside them it waits for the next.
fn in_permitted_hours(config: &Config, person: &AssignmentFacts, now: DateTime<Utc>) -> Result<(), Verdict> {
    let Some(hours) = preference::hours(person.mail_from, person.mail_until, person.mail_days) else { return Ok(()) };
    let next = hours.next(now, zone_or_default(config, &person.zone));
    if next <= now {
        return Ok(());
    }
    let why = Some("waits for the member's permitted hours".to_owned());
    Err(Verdict { state: MailState::Pending, retry_at: Some(next), why })
}

/// What an assignment's deadline goes by in a calendar.
pub(in crate::service) fn calendar_uid(config: &Config, id: AssignmentId) -> String {
    format!("task-{id}@{}", config.message_id_domain())
}

pub(super) fn task_mail(
    app: &App,
    claimed: &Claimed,
    (person, task): (&AssignmentFacts, &TaskFacts),
    now: DateTime<Utc>,
) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    still_wanted(config, person, now)?;
    in_permitted_hours(config, person, now)?;
    let base = &config.institution.base_url;
    let version = |v: i32| u32::try_from(v).unwrap_or_default();
    let link = app.tokens.seal(
        Purpose::Task,
        person.id.uuid(),
        version(person.link_version),
        Some(person.expires_at.0 + LINK_AFTERLIFE),
    );
    let pause = app.tokens.seal(Purpose::Pause, person.member_id.uuid(), version(person.member_link_version), None);
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
    let list = ListHeaders {
        unsubscribe_url: format!("{base}/u/{pause}"),
        unsubscribe_mailto: None,
        list_id: format!("campaigns.{}", config.message_id_domain()),
    };
    let context = if claimed.kind == MailKind::Reminder { MailContext::Reminder(context) } else { MailContext::Task(context) };
    let mail = addressed(app, claimed.id, (&person.name, &person.email), context, now)?;
    Ok(Box::new(Mail {
        headers: MailHeaders { list: Some(list), campaign: Some(task.campaign_id.to_string()), ..mail.headers },
        ..mail
    }))
}
