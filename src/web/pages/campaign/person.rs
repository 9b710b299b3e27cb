//! One wave as one chosen person would get it: the mail and the task page, side by side; and a test mail to oneself.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::domain::id::{AccountId, CampaignId, WaveId};
use crate::domain::role::Act;
use crate::service::ServiceError;
use crate::service::campaign::{self, CampaignView};
use crate::service::preview::{self, AskedPerson, MemberPreview};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::QueryFields;
use crate::web::pages::mailbox::MAIL_POLICY;
use crate::web::pages::member;
use crate::web::pages::{page, see_other};
use crate::web::view::View;

/// A member's page in a frame of ours: it looks as it will look, and nothing on it can be sent or run.
const TASK_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'; sandbox allow-same-origin";

#[derive(Template)]
#[template(path = "pages/campaign_person.html")]
struct PersonPage {
    v: View,
    campaign: CampaignView,
    wave_id: WaveId,
    wave: String,
    found: Option<MemberPreview>,
    email: String,
    is_sent: bool,
    may_test: bool,
}

impl PersonPage {
    fn is_chosen(&self, person: &AskedPerson) -> bool {
        self.found.as_ref().is_some_and(|found| found.person.account_id == person.account_id)
    }
    /// Where the two frames get their documents.
    fn source(&self, what: &str) -> String {
        let account = self.found.as_ref().map(|found| found.person.account_id.to_string()).unwrap_or_default();
        format!("/campaigns/{}/preview/{}/{what}?account={account}", self.campaign.id, self.wave_id)
    }
}

fn read((id, wave): (String, String)) -> Result<(CampaignId, WaveId), Failure> {
    Ok((read_id(&id)?, wave.parse().map_err(|_| Failure::NoRoute)?))
}

async fn look(app: &App, signed: &Signed, at: (CampaignId, WaveId), query: &QueryFields) -> Result<MemberPreview, ServiceError> {
    let account: Option<AccountId> = query.0.filled("account").and_then(|text| text.parse().ok());
    preview::preview_member(app, &signed.caller, at, account).await
}

/// The page; `?account=` chooses a person.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let (id, wave_id) = read(path.into_inner())?;
    let campaign = campaign::get(&app, &signed.caller, id).await?;
    let wave = campaign.content.wave(wave_id).map(|wave| wave.name.clone()).ok_or(ServiceError::NotFound("it"))?;
    let found = match look(&app, &signed, (id, wave_id), &query).await {
        // Nobody is asked: the page says so.
        Err(ServiceError::NotFound(_)) => None,
        other => Some(other?),
    };
    let v = View::of_user(&req, &signed);
    page(&PersonPage {
        may_test: v.may(Act::RunCampaigns) || v.may(Act::ReleaseCampaigns),
        email: signed.user.email.clone(),
        is_sent: query.0.is_set("sent"),
        v,
        campaign,
        wave_id,
        wave,
        found,
    })
}

/// The mail's HTML, under a policy that lets it do nothing.
///
/// # Errors
/// Not found outside the caller's units, or where that person is not asked.
pub async fn mail(
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let found = look(&app, &signed, read(path.into_inner())?, &query).await?;
    let policy = (header::CONTENT_SECURITY_POLICY, MAIL_POLICY);
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(policy).body(found.mail.html))
}

/// The task's page, read-only.
///
/// # Errors
/// As [`mail`].
pub async fn task(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let found = look(&app, &signed, read(path.into_inner())?, &query).await?;
    let mut shown = member::task::preview(&req, found.task)?;
    let policy = header::HeaderValue::from_static(TASK_POLICY);
    shown.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(shown)
}

/// Mails the wave's mail to whoever asks for it.
///
/// # Errors
/// Not found outside the caller's units; forbidden for readers.
pub async fn mail_test(app: web::Data<App>, signed: Signed, path: web::Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (id, wave_id) = read(path.into_inner())?;
    preview::mail_test(&app, &signed.caller, (id, wave_id)).await?;
    Ok(see_other(&format!("/campaigns/{id}/preview/{wave_id}?sent=1")))
}
