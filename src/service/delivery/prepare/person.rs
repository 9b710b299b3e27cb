//! Mails to one person by themselves: consent, release, sign-in, a test.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Mail, addressed, zone_or_default};
use crate::app::App;
use crate::domain::content::CampaignContent;
use crate::domain::kind::ConsentKind;
use crate::domain::outbox::MailState;
use crate::domain::wave::Timing;
use crate::domain::zone;
use crate::mail::render::{AskedAccount, MailContext, OptInMail, ReleaseRequestMail, SignInMail};
use crate::service::delivery::facts::legible;
use crate::service::delivery::verdict;
use crate::service::session::link_token;
use crate::store::delivery::{ConsentFacts, ReleaseFacts};
use crate::store::outbox::{Claimed, Verdict};
use crate::store::sign_in_link::LinkFacts;
use crate::store::{Conn, StoreError, test_mail, user};

/// How long a request to confirm can be answered.
const OPT_IN_LIFE: TimeDelta = TimeDelta::days(30);

pub(super) fn opt_in_mail(
    app: &App,
    claimed: &Claimed,
    consent: &ConsentFacts,
    now: DateTime<Utc>,
) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    let (current, text) = match consent.kind {
        ConsentKind::Participate => (&config.consent.participate_version, &config.consent.participate_text),
        ConsentKind::Operate => (&config.consent.operate_version, &config.consent.operate_text),
    };
    if consent.given || consent.text_version != *current {
        return Err(verdict(MailState::Cancelled, "the request was answered, or its text has changed".to_owned()));
    }
    if consent.member_state.is_gone() {
        return Err(verdict(MailState::Suppressed, "the member has left".to_owned()));
    }
    if consent.suppressed {
        return Err(verdict(MailState::Suppressed, "the address is suppressed".to_owned()));
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
    addressed(app, claimed.id, (&consent.name, &consent.email), MailContext::OptIn(context), now).map(Box::new)
}

pub(super) fn release_mail(
    app: &App,
    claimed: &Claimed,
    release: ReleaseFacts,
    now: DateTime<Utc>,
) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    if !release.waiting || !release.active {
        return Err(verdict(MailState::Cancelled, "the campaign no longer waits for this approver".to_owned()));
    }
    if release.suppressed {
        return Err(verdict(MailState::Suppressed, "the address is suppressed".to_owned()));
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
    addressed(app, claimed.id, to, MailContext::ReleaseRequest(context), now).map(Box::new)
}

pub(super) fn sign_in_mail(app: &App, claimed: &Claimed, link: &LinkFacts, now: DateTime<Utc>) -> Result<Box<Mail>, Verdict> {
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
    addressed(app, claimed.id, (&link.name, &link.email), MailContext::SignIn(context), now).map(Box::new)
}

pub(super) fn test_mail_of(
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
    Ok(addressed(app, claimed.id, (&user.name, &user.email), context, now).map(Box::new))
}

fn first_opening(content: &CampaignContent) -> Option<DateTime<Utc>> {
    let at = content.waves.iter().filter_map(|wave| match &wave.timing {
        Timing::At { local, zone: name } => zone::parse(name).ok().map(|tz| zone::resolve_local(*local, tz)),
        Timing::After { .. } | Timing::Cascade { .. } => None,
    });
    at.min()
}
