//! Mail that came back: handed in by a mail gateway, and listed.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{ListQuery, list_query, listed};
use crate::app::App;
use crate::domain::bounce::{ReportKind, ReportSource};
use crate::domain::id::CampaignId;
use crate::service::mail_report::{self, Incoming, LARGEST, MailReportView, Received};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::ApiCaller;
use crate::web::extract::body::{self, Query, is_type};

/// A message as it came (RFC 5322).
#[derive(Debug)]
pub struct Message(Vec<u8>);

impl FromRequest for Message {
    type Error = Failure;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_message = is_type(req, "message/rfc822");
        let mut payload = payload.take();
        Box::pin(async move {
            if !is_message {
                return Err(Failure::UnsupportedType { expected: "message/rfc822" });
            }
            body::read(&mut payload, LARGEST).await.map(Self)
        })
    }
}

/// What the gateway knows beside the message.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct HandIn {
    /// To whom the message's envelope was addressed.
    recipient: Option<String>,
}

/// Hands in a message that came back: a bounce, a complaint, an automatic reply. The same message counts once, however often it comes.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(
    post,
    path = "/api/v1/mail/reports",
    tag = "mail",
    params(HandIn),
    request_body(content = String, content_type = "message/rfc822"),
    responses((status = 200, body = Received))
)]
pub async fn hand_in(app: web::Data<App>, by: ApiCaller, query: Query<HandIn>, body: Message) -> Result<HttpResponse, Failure> {
    let incoming = Incoming { source: ReportSource::Api, recipient: query.0.recipient, raw: body.0 };
    Ok(HttpResponse::Ok().json(mail_report::hand_in(&app, &by.caller, incoming).await?))
}

list_query! {
    /// Which reports.
    pub struct ReportQuery {
        /// Only those of this kind.
        kind: Option<ReportKind>,
    }
}

/// Everything that came back, the newest first.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/mail/reports", tag = "mail", params(ReportQuery), responses((status = 200, body = Page<MailReportView>)))]
pub async fn list_all(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<ReportQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &mail_report::list_all(&app, &by.caller, query.0.kind, query.0.page()).await?))
}

/// What came back for a campaign's mails, the newest first: what is about delivery, not about what a person wants.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/reports", tag = "mail", params(("id" = CampaignId, Path), ListQuery), responses((status = 200, body = Page<MailReportView>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &mail_report::list(&app, &by.caller, *id, query.0.page()).await?))
}
