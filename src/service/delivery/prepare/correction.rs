//! The mail of a correction. It keeps no hours and heeds no pause: it is about what the person has published.

use chrono::{DateTime, Utc};

use super::{Mail, addressed, zone_or_default};
use crate::app::App;
use crate::domain::outbox::MailState;
use crate::mail::message::{ListHeaders, MailHeaders};
use crate::mail::render::{CorrectionMail, MailContext};
use crate::service::delivery::verdict;
use crate::service::task::{correction_token, pause_token};
use crate::store::correction::CorrectionFacts;
use crate::store::delivery::{AssignmentFacts, TaskFacts};
use crate::store::outbox::{Claimed, Verdict};

/// Whether the person is still to be asked.
fn still_wanted(person: &AssignmentFacts, facts: &CorrectionFacts) -> Result<DateTime<Utc>, Verdict> {
    if person.member_state.is_gone() {
        return Err(verdict(MailState::Suppressed, "the member has left".to_owned()));
    }
    if facts.suppressed {
        return Err(verdict(MailState::Suppressed, "the address is suppressed".to_owned()));
    }
    if facts.answer.is_some() {
        return Err(verdict(MailState::Cancelled, "the member has answered the correction".to_owned()));
    }
    facts.done_at.map(|at| at.0).ok_or_else(|| verdict(MailState::Cancelled, "the completion was taken back".to_owned()))
}

pub(super) fn correction_mail(
    app: &App,
    claimed: &Claimed,
    (person, task): (&AssignmentFacts, &TaskFacts),
    facts: &CorrectionFacts,
    now: DateTime<Utc>,
) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    let done_at = still_wanted(person, facts)?;
    let base = &config.institution.base_url;
    let context = CorrectionMail {
        locale: person.locale,
        member_name: person.name.clone(),
        institution: config.institution.name.clone(),
        sponsor_unit: task.sponsor_unit.clone(),
        campaign_title: task.campaign_title.clone(),
        correction: facts.body.clone(),
        action: task.action,
        platform: task.platform,
        account_handle: person.handle.clone(),
        post_url: facts.post_url.clone(),
        done_at,
        zone: zone_or_default(config, &person.zone),
        answer_url: format!("{base}/c/{}", correction_token(app, person.id, person.link_version)),
        register_url: format!("{base}/register/campaigns/{}", facts.slug),
    };
    let list = ListHeaders {
        unsubscribe_url: format!("{base}/u/{}", pause_token(app, person.member_id, person.member_link_version)),
        unsubscribe_mailto: None,
        list_id: format!("campaigns.{}", config.message_id_domain()),
    };
    let mail = addressed(app, claimed.id, (&person.name, &person.email), MailContext::Correction(context), now)?;
    Ok(Box::new(Mail {
        headers: MailHeaders { list: Some(list), campaign: Some(task.campaign_id.to_string()), ..mail.headers },
        ..mail
    }))
}
