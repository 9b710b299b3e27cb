//! Notices: to a member about what they asked for about their data, to a console user about what waits for them.

use chrono::{DateTime, Utc};

use super::{Mail, addressed};
use crate::app::App;
use crate::domain::data_request::{NoticeTopic, RequestState};
use crate::domain::email::EmailAddress;
use crate::domain::id::{AddressChangeId, DataRequestId, MemberId, ProposalId};
use crate::domain::outbox::MailState;
use crate::domain::suppression::Silence;
use crate::mail::render::{MailContext, NoticeMail, NoticeWords, said_of_request};
use crate::service::address_change::token;
use crate::service::delivery::facts::legible;
use crate::service::delivery::verdict;
use crate::service::task::{first_name, pause_token, right_token};
use crate::store::notice::NoticeRow;
use crate::store::outbox::{Claimed, Verdict};
use crate::store::{Conn, StoreError, address_change, campaign, data_request, member, notice, proposal, suppression, user};

type Ready = Result<Box<Mail>, Verdict>;

/// A notice, or why it is not sent.
pub(super) fn notice_mail(app: &App, conn: &mut Conn, claimed: &Claimed, now: DateTime<Utc>) -> Result<Ready, StoreError> {
    let row = match legible(notice::get(conn, claimed.id))? {
        Ok(row) => row,
        Err(why) => return Ok(Err(verdict(MailState::Failed, why))),
    };
    match (row.topic, claimed.member_id) {
        (NoticeTopic::RequestToConfirm | NoticeTopic::RequestAnswered, Some(id)) => {
            of_request(app, conn, (claimed, row), id, now)
        }
        (NoticeTopic::AddressToConfirm | NoticeTopic::AddressAsked, Some(id)) => of_address(app, conn, (claimed, row), id, now),
        (NoticeTopic::RequestDue, None) => of_due(app, conn, (claimed, row), now),
        (NoticeTopic::CorrectionToConfirm | NoticeTopic::DrillToConfirm | NoticeTopic::DrillDone, None) => {
            of_proposal(app, conn, (claimed, row), now)
        }
        _ => Ok(Err(verdict(MailState::Failed, "the notice names nobody".to_owned()))),
    }
}

fn of_proposal(
    app: &App,
    conn: &mut Conn,
    (claimed, row): (&Claimed, NoticeRow),
    now: DateTime<Utc>,
) -> Result<Ready, StoreError> {
    let nobody = || Ok(Err(verdict(MailState::Cancelled, "there is nobody to tell, or nothing to tell of any more".to_owned())));
    let Some(found) = proposal::find(conn, ProposalId::from_uuid(row.about_id.uuid()))? else { return nobody() };
    let Some(user_id) = claimed.user_id else { return nobody() };
    let person = user::get(conn, user_id)?;
    let waits = found.ended_at.is_none();
    if !person.active || (waits == (row.topic == NoticeTopic::DrillDone)) {
        return nobody();
    }
    let campaign = campaign::get(conn, found.campaign_id)?;
    let proposer = user::get(conn, found.proposed_by)?.name;
    let (words, by, quote) = match row.topic {
        NoticeTopic::DrillDone => {
            let minutes = found.ended_at.map_or(0, |at| (at.0 - found.proposed_at.0).num_minutes());
            let confirmer = match found.confirmed_by {
                Some(id) => user::get(conn, id)?.name,
                None => String::new(),
            };
            (NoticeWords::DrillDone, format!("{proposer}, {confirmer}: {minutes} min."), None)
        }
        NoticeTopic::DrillToConfirm => (NoticeWords::DrillToConfirm, proposer, Some(found.body.clone())),
        _ => (NoticeWords::CorrectionToConfirm, proposer, Some(found.body.clone())),
    };
    let context = NoticeMail {
        locale: person.locale,
        name: person.name.clone(),
        institution: app.config.institution.name.clone(),
        words,
        about: campaign.title,
        by,
        quote,
        url: format!("{}/campaigns/{}/do/correct", app.config.institution.base_url, campaign.id),
    };
    Ok(addressed(app, claimed.id, (&person.name, &person.email), MailContext::Notice(context), now).map(Box::new))
}

/// To the new address: confirm it. To the one on file: another was asked for.
fn of_address(
    app: &App,
    conn: &mut Conn,
    (claimed, row): (&Claimed, NoticeRow),
    id: MemberId,
    now: DateTime<Utc>,
) -> Result<Ready, StoreError> {
    let person = member::get(conn, id)?;
    let found = address_change::find(conn, AddressChangeId::from_uuid(row.about_id.uuid()))?;
    let Some(change) = found.filter(|_| !person.state.is_gone()) else {
        return Ok(Err(verdict(MailState::Cancelled, "the change of address is no longer wanted".to_owned())));
    };
    let asks = row.topic == NoticeTopic::AddressToConfirm;
    if asks && (change.settled_at.is_some() || change.expires_at.0 <= now) {
        return Ok(Err(verdict(MailState::Cancelled, "the change of address stands otherwise by now".to_owned())));
    }
    let base = &app.config.institution.base_url;
    let (words, to, url) = if asks {
        (NoticeWords::AddressToConfirm, &change.email, format!("{base}/a/{}", token(app, &change)))
    } else {
        let own = pause_token(app, person.id, person.link_version);
        // Once the new address is confirmed, links are the new reader's.
        let url = if change.settled_at.is_none() { format!("{base}/m/{own}/settings") } else { format!("{base}/register") };
        (NoticeWords::AddressAsked, &change.old_email, url)
    };
    if EmailAddress::parse(to).is_ok_and(|to| suppression::is_suppressed(conn, to.normalised(), Silence::All).unwrap_or(true)) {
        return Ok(Err(verdict(MailState::Suppressed, "the address is suppressed".to_owned())));
    }
    // A mistyped address is somebody else's: they learn a first name at most.
    let name = if asks { first_name(&person.name).to_owned() } else { person.name.clone() };
    let context = NoticeMail {
        locale: person.locale,
        name: name.clone(),
        institution: app.config.institution.name.clone(),
        words,
        about: if asks { change.email.clone() } else { masked(&change.email) },
        by: String::new(),
        quote: None,
        url,
    };
    Ok(addressed(app, claimed.id, (&name, to), MailContext::Notice(context), now).map(Box::new))
}

/// An address of which its owner knows the rest: b***@example.org.
fn masked(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}***@{domain}")
}

/// To whoever answers: until when. Neither whose request it is nor what it is about stands in the mail.
fn of_due(app: &App, conn: &mut Conn, (claimed, row): (&Claimed, NoticeRow), now: DateTime<Utc>) -> Result<Ready, StoreError> {
    let nobody = || Ok(Err(verdict(MailState::Cancelled, "there is nobody to tell, or it is answered".to_owned())));
    let Some(found) = data_request::find(conn, DataRequestId::from_uuid(row.about_id.uuid()))? else { return nobody() };
    let Some(user_id) = claimed.user_id else { return nobody() };
    let person = user::get(conn, user_id)?;
    if !person.active || found.state != RequestState::Open {
        return nobody();
    }
    let context = NoticeMail {
        locale: person.locale,
        name: person.name.clone(),
        institution: app.config.institution.name.clone(),
        words: NoticeWords::RequestDue,
        about: found.due_at.0.with_timezone(&app.config.institution.default_zone).format("%d-%m-%Y %H:%M %Z").to_string(),
        by: String::new(),
        quote: None,
        url: format!("{}/data-requests/{}", app.config.institution.base_url, found.id),
    };
    Ok(addressed(app, claimed.id, (&person.name, &person.email), MailContext::Notice(context), now).map(Box::new))
}

fn of_request(
    app: &App,
    conn: &mut Conn,
    (claimed, row): (&Claimed, NoticeRow),
    id: MemberId,
    now: DateTime<Utc>,
) -> Result<Ready, StoreError> {
    let person = member::get(conn, id)?;
    let Some(request) = data_request::find(conn, DataRequestId::from_uuid(row.about_id.uuid()))? else {
        return Ok(Err(verdict(MailState::Failed, "the request is no longer there".to_owned())));
    };
    if suppression::is_suppressed(conn, &person.email_norm, Silence::All)? {
        return Ok(Err(verdict(MailState::Suppressed, "the address is suppressed".to_owned())));
    }
    let base = &app.config.institution.base_url;
    let own_page = || format!("{base}/m/{}/data", pause_token(app, person.id, person.link_version));
    let (words, quote, url) = match (row.topic, request.state) {
        (NoticeTopic::RequestToConfirm, RequestState::Unconfirmed) => {
            let token = right_token(app, &request, person.link_version);
            (NoticeWords::RequestToConfirm, None, format!("{base}/d/{token}"))
        }
        (NoticeTopic::RequestAnswered, RequestState::Granted) => (NoticeWords::RequestGranted, None, own_page()),
        (NoticeTopic::RequestAnswered, RequestState::Refused) => {
            (NoticeWords::RequestRefused, Some(request.answer.clone()), own_page())
        }
        _ => return Ok(Err(verdict(MailState::Cancelled, "the request stands otherwise by now".to_owned()))),
    };
    let context = NoticeMail {
        locale: person.locale,
        name: person.name.clone(),
        institution: app.config.institution.name.clone(),
        words,
        about: said_of_request(person.locale, request.kind),
        by: String::new(),
        quote,
        url,
    };
    Ok(addressed(app, claimed.id, (&person.name, &person.email), MailContext::Notice(context), now).map(Box::new))
}
