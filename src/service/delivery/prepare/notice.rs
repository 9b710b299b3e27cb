//! Notices: to a member about what they asked for about their data, to a console user about what waits for them.

use chrono::{DateTime, Utc};

use super::{Mail, addressed};
use crate::app::App;
use crate::domain::data_request::{NoticeTopic, RequestState};
use crate::domain::id::{DataRequestId, MemberId};
use crate::domain::outbox::MailState;
use crate::domain::suppression::Silence;
use crate::mail::render::{MailContext, NoticeMail, NoticeWords, said_of_request};
use crate::service::delivery::facts::legible;
use crate::service::delivery::verdict;
use crate::service::task::{pause_token, right_token};
use crate::store::notice::NoticeRow;
use crate::store::outbox::{Claimed, Verdict};
use crate::store::{Conn, StoreError, data_request, member, notice, suppression};

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
        _ => Ok(Err(verdict(MailState::Failed, "the notice names nobody".to_owned()))),
    }
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
