//! From a claimed mail to what it says: or, where it is no longer wanted, to the state that says so.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::facts::{Facts, legible};
use super::verdict;
use crate::app::App;
use crate::auth::task_token::Purpose;
use crate::config::Config;
use crate::domain::account::{AccountRefusal, Standing};
use crate::domain::id::MailId;
use crate::domain::kind::ConsentKind;
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::refusal::Refusal as _;
use crate::domain::{content::CampaignContent, wave::Timing, zone};
use crate::mail::envelope::{Address, AddressError};
use crate::mail::message::{ListHeaders, MailHeaders, Party};
use crate::mail::render::{AskedAccount, MailContext, OptInMail, ReleaseRequestMail, SignInMail, TaskMail};
use crate::service::ServiceError;
use crate::service::session::link_token;
use crate::store::delivery::{self, AssignmentFacts, ConsentFacts, ReleaseFacts, TaskFacts};
use crate::store::outbox::{Claimed, Verdict};
use crate::store::sign_in_link::{self, LinkFacts};
use crate::store::{Conn, StoreError, preference, test_mail, user};

/// How long a task's link still answers after the deadline: it then says that the time is over.
const LINK_AFTERLIFE: TimeDelta = TimeDelta::days(30);
/// How long a request to confirm can be answered.
const OPT_IN_LIFE: TimeDelta = TimeDelta::days(30);

/// A mail ready to be composed, or settled without being sent.
#[derive(Debug)]
pub(super) struct Prepared {
    pub claimed: Claimed,
    pub mail: Result<Box<Mail>, Verdict>,
}

/// Everything that composing needs.
#[derive(Debug)]
pub(super) struct Mail {
    pub context: MailContext,
    pub headers: MailHeaders,
    pub recipient: Address,
}

/// Prepares a batch: reads facts for all of them, decides for each.
pub(super) async fn prepare(app: &App, claimed: &[Claimed]) -> Result<Vec<Prepared>, ServiceError> {
    let claimed = claimed.to_vec();
    let this = app.clone();
    app.db
        .read(move |conn| {
            let now = this.clock.now();
            let facts = Facts::of(conn, &claimed)?;
            let mut prepared = Vec::with_capacity(claimed.len());
            for claimed in claimed {
                let mail = one(&this, conn, &claimed, &facts, now)?;
                prepared.push(Prepared { claimed, mail });
            }
            Ok(prepared)
        })
        .await
}

fn one(
    app: &App,
    conn: &mut Conn,
    claimed: &Claimed,
    facts: &Facts,
    now: DateTime<Utc>,
) -> Result<Result<Box<Mail>, Verdict>, StoreError> {
    let failed = |why: String| verdict(MailState::Failed, why);
    let no_request = || Ok(Err(failed("the request is no longer there".to_owned())));
    match claimed.kind {
        MailKind::Task | MailKind::Reminder => {
            Ok(facts.get(claimed).map_err(failed).and_then(|(person, task)| task_mail(app, claimed, (person, task), now)))
        }
        MailKind::OptIn => {
            let Some(id) = claimed.consent_id else { return no_request() };
            let consent = legible(delivery::consent(conn, id))?;
            Ok(consent.map_err(failed).and_then(|consent| opt_in_mail(app, claimed, &consent, now)))
        }
        MailKind::ReleaseRequest => {
            let (Some(campaign_id), Some(user_id)) = (claimed.campaign_id, claimed.user_id) else { return no_request() };
            let release = legible(delivery::release(conn, campaign_id, user_id))?;
            Ok(release.map_err(failed).and_then(|release| release_mail(app, claimed, release, now)))
        }
        MailKind::Test => test_mail_of(app, conn, claimed, now),
        MailKind::SignIn => {
            let link = legible(sign_in_link::facts(conn, claimed.id))?;
            Ok(link.map_err(failed).and_then(|link| sign_in_mail(app, claimed, &link, now)))
        }
    }
}

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

fn task_mail(
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
    let mail = addressed(config, claimed.id, (&person.name, &person.email), context, now)?;
    Ok(Box::new(Mail {
        headers: MailHeaders { list: Some(list), campaign: Some(task.campaign_id.to_string()), ..mail.headers },
        ..mail
    }))
}

fn opt_in_mail(app: &App, claimed: &Claimed, consent: &ConsentFacts, now: DateTime<Utc>) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    let (current, text) = match consent.kind {
        ConsentKind::Participate => (&config.consent.participate_version, &config.consent.participate_text),
        ConsentKind::Operate => (&config.consent.operate_version, &config.consent.operate_text),
    };
    if consent.given || consent.text_version != *current {
        return Err(verdict(MailState::Cancelled, "the request was answered, or its text has changed".to_owned()));
    }
    if consent.member_state == MemberState::Left {
        return Err(verdict(MailState::Suppressed, "the member has left".to_owned()));
    }
    let Some(id) = claimed.consent_id else {
        return Err(verdict(MailState::Failed, "the request is no longer there".to_owned()));
    };
    let expires_at = now + OPT_IN_LIFE;
    let base = &config.institution.base_url;
    let context = OptInMail {
        locale: consent.locale,
        member_name: consent.name.clone(),
        institution: config.institution.name.clone(),
        consent: consent.kind,
        consent_text: text.in_locale(consent.locale).to_owned(),
        accounts: consent
            .accounts
            .iter()
            .map(|(platform, handle)| AskedAccount { platform: *platform, handle: handle.clone() })
            .collect(),
        expires_at,
        zone: zone_or_default(config, &consent.zone),
        confirm_url: format!("{base}/o/{}", crate::service::consent::seal_link(app, id, consent.link_version, Some(expires_at))),
        register_url: format!("{base}/register"),
    };
    addressed(config, claimed.id, (&consent.name, &consent.email), MailContext::OptIn(context), now).map(Box::new)
}

fn release_mail(app: &App, claimed: &Claimed, release: ReleaseFacts, now: DateTime<Utc>) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    if !release.waiting || !release.active {
        return Err(verdict(MailState::Cancelled, "the campaign no longer waits for this approver".to_owned()));
    }
    let id = claimed.campaign_id.map(|id| id.to_string()).unwrap_or_default();
    let context = ReleaseRequestMail {
        locale: release.locale,
        approver_name: release.approver_name.clone(),
        institution: config.institution.name.clone(),
        author_name: release.author_name,
        sponsor_unit: release.sponsor_unit,
        waves: i64::try_from(release.content.waves.len()).unwrap_or(i64::MAX),
        first_opens_at: first_opening(&release.content),
        campaign_title: release.content.title,
        message: release.content.message,
        zone: zone_or_default(config, &release.zone),
        review_url: format!("{}/campaigns/{id}/review", config.institution.base_url),
    };
    let to = (release.approver_name.as_str(), release.email.as_str());
    addressed(config, claimed.id, to, MailContext::ReleaseRequest(context), now).map(Box::new)
}

fn sign_in_mail(app: &App, claimed: &Claimed, link: &LinkFacts, now: DateTime<Utc>) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    if !link.active || link.used_at.is_some() || link.expires_at.0 <= now {
        return Err(verdict(MailState::Cancelled, "the link is over, or its user may not sign in".to_owned()));
    }
    let token = link_token(app, claimed.id, link.expires_at.0);
    let context = SignInMail {
        locale: link.locale,
        name: link.name.clone(),
        institution: config.institution.name.clone(),
        expires_at: link.expires_at.0,
        zone: zone_or_default(config, &link.zone),
        sign_in_url: format!("{}/sign-in/link/{token}", config.institution.base_url),
    };
    addressed(config, claimed.id, (&link.name, &link.email), MailContext::SignIn(context), now).map(Box::new)
}

fn test_mail_of(
    app: &App,
    conn: &mut Conn,
    claimed: &Claimed,
    now: DateTime<Utc>,
) -> Result<Result<Box<Mail>, Verdict>, StoreError> {
    let found = legible(test_mail::get(conn, claimed.id))?;
    let test = match found {
        Ok(test) => test,
        Err(why) => return Ok(Err(verdict(MailState::Failed, why))),
    };
    let user = user::get(conn, test.user_id)?;
    if !user.active {
        return Ok(Err(verdict(MailState::Cancelled, "the user may not sign in any more".to_owned())));
    }
    let context = crate::service::preview::test_context(conn, &app.config, &test, &user, now)?;
    let Some(context) = context else {
        return Ok(Err(verdict(MailState::Cancelled, "the wave is no longer in the campaign".to_owned())));
    };
    Ok(addressed(&app.config, claimed.id, (&user.name, &user.email), context, now).map(Box::new))
}

fn first_opening(content: &CampaignContent) -> Option<DateTime<Utc>> {
    let at = content.waves.iter().filter_map(|wave| match &wave.timing {
        Timing::At { local, zone: name } => zone::parse(name).ok().map(|tz| zone::resolve_local(*local, tz)),
        Timing::After { .. } | Timing::Cascade { .. } => None,
    });
    at.min()
}

/// Sender, recipient and the Message-ID, which is the outbox row's and so the same on every attempt.
fn addressed(
    config: &Config,
    id: MailId,
    (name, email): (&str, &str),
    context: MailContext,
    now: DateTime<Utc>,
) -> Result<Mail, Verdict> {
    let bad = |what: &str, error: AddressError| verdict(MailState::Failed, format!("{what}: {error}"));
    let recipient = Address::parse(email).map_err(|e| bad("the recipient's address", e))?;
    let from = Address::parse(&config.mail.from_address).map_err(|e| bad("the sender's address", e))?;
    let headers = MailHeaders {
        from: Party { name: config.from_name().to_owned(), address: from },
        to: Party { name: name.to_owned(), address: recipient.clone() },
        reply_to: None,
        sent_at: now,
        message_id: format!("<{id}@{}>", config.message_id_domain()),
        list: None,
        campaign: None,
    };
    Ok(Mail { context, headers, recipient })
}

/// The texts in the member's language, or all of them where there is none; each member's first one is another.
pub(in crate::service) fn variants_for(all: &[(Locale, String)], locale: Locale, variant_no: i32) -> Vec<String> {
    let own: Vec<&String> = all.iter().filter(|(l, _)| *l == locale).map(|(_, text)| text).collect();
    let mut texts: Vec<String> =
        if own.is_empty() { all.iter().map(|(_, text)| text.clone()).collect() } else { own.into_iter().cloned().collect() };
    if !texts.is_empty() {
        let first = usize::try_from(variant_no).unwrap_or_default() % texts.len();
        texts.rotate_left(first);
    }
    texts
}

/// The zone on file was checked when it was taken in; should the time-zone data drop it, the institution's stands in, and the log says so.
fn zone_or_default(config: &Config, name: &str) -> Tz {
    zone::parse(name).unwrap_or_else(|error| {
        tracing::warn!(%error, "a stored zone is unknown; the institution's is used");
        config.institution.default_zone
    })
}
