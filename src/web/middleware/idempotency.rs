//! A POST to the API that carries an Idempotency-Key is done once: the same request again gets the same answer.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, web};

use crate::app::App;
use crate::service::idempotency::{self, Answer, Begun, Claim};
use crate::web::error::Failure;
use crate::web::extract::api_caller::bearer_token;
use crate::web::extract::{ApiCaller, body};

const KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Answers once.
///
/// # Errors
/// Those of the handlers within; a refusal is an answer.
pub async fn answer_once(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = req.headers().get(KEY).map(|value| value.to_str().unwrap_or_default().to_owned());
    let (Some(key), true, Some(app)) = (key, applies(&req), req.app_data::<web::Data<App>>().cloned()) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let begun = match begin(&app, &mut req, &key).await {
        Ok(begun) => begun,
        Err(failure) => return Ok(req.error_response(failure)),
    };
    match begun {
        Begun::Answered(answer) => Ok(req.into_response(replay(answer))),
        Begun::New(claim) => {
            let res = next.call(req).await?.map_into_boxed_body();
            finish(&app, claim, res).await
        }
    }
}

/// Tokens are left out: each is shown once, and kept nowhere.
fn applies(req: &ServiceRequest) -> bool {
    req.method() == Method::POST && req.path().starts_with("/api/") && req.path() != "/api/v1/tokens"
}

async fn begin(app: &App, req: &mut ServiceRequest, key: &str) -> Result<Begun, Failure> {
    let caller = ApiCaller::of_token(app, bearer_token(req.headers())).await?;
    let limit = if body::is_type(req.request(), "text/csv") { body::CSV_LIMIT } else { body::JSON_LIMIT };
    let mut payload = req.take_payload();
    let read = body::read(&mut payload, limit).await?;
    let hash = idempotency::request_hash(req.method().as_str(), &req.uri().to_string(), &read);
    req.set_payload(whole(read));
    let begun = idempotency::begin(app, &caller.caller, key, hash).await?;
    req.extensions_mut().insert(caller);
    Ok(begun)
}

/// The body that was read, put back for the handler.
fn whole(body: Vec<u8>) -> Payload {
    let chunk = Ok::<_, PayloadError>(web::Bytes::from(body));
    Payload::Stream { payload: Box::pin(futures_util::stream::iter([chunk])) }
}

fn replay(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((REPLAYED, "true"));
    if let Some(location) = answer.location {
        response.insert_header((header::LOCATION, location));
    }
    if answer.body.is_empty() {
        return response.finish();
    }
    let is_problem = status.is_client_error();
    response.content_type(if is_problem { "application/problem+json" } else { "application/json" }).body(answer.body)
}

/// Keeps the answer; a failure on our side, or a refusal for the moment, gives the key free instead.
async fn finish(app: &App, claim: Claim, res: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let status = res.status();
    let passing = status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    if passing {
        note(claim.release(app).await);
        return Ok(res);
    }
    let (req, res) = res.into_parts();
    let (head, body) = res.into_parts();
    let bytes = to_bytes(body).await.map_err(actix_web::error::ErrorInternalServerError)?;
    let location = head.headers().get(header::LOCATION).and_then(|v: &HeaderValue| v.to_str().ok()).map(str::to_owned);
    let answer = Answer { status: status.as_u16(), location, body: String::from_utf8_lossy(&bytes).into_owned() };
    note(claim.settle(app, answer).await);
    Ok(ServiceResponse::new(req, head.set_body(BoxBody::new(bytes))))
}

/// The request itself is done: that its answer could not be kept is for the log.
fn note(kept: Result<(), crate::service::ServiceError>) {
    if let Err(error) = kept {
        tracing::error!(%error, "an answer could not be kept under its idempotency key");
    }
}
