//! The only map from failure to status. Never a cause, always a request id.

use actix_web::ResponseError;
use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::session::SignInFailure;
use crate::service::{FieldError, ServiceError};

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A use case said no.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A page needs a session; afterwards the browser goes on to `next`.
    #[error("sign in first")]
    SignInNeeded {
        /// Where the person wanted to go.
        next: String,
    },
    /// The API needs a valid bearer token.
    #[error("a valid bearer token is needed")]
    TokenNeeded,
    /// Wrong address or password.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    /// Too many attempts.
    #[error("too many attempts")]
    Limited {
        /// In how many seconds to try again.
        retry_after_s: u32,
    },
    /// The request came from another site's page.
    #[error("the request came from another site")]
    CrossSite,
    /// The request can't be read.
    #[error("{message}")]
    Malformed {
        /// A stable code.
        code: &'static str,
        /// One sentence for people.
        message: String,
    },
    /// A body of another type than the one asked for.
    #[error("the body must be {expected}")]
    UnsupportedType {
        /// The media type asked for.
        expected: &'static str,
    },
    /// A body above the limit.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A body that did not come in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// An edit that does not say which version it is of.
    #[error("name the version that this edit is of, in an If-Match header: the ETag of the last answer")]
    VersionNeeded,
    /// There is no such page.
    #[error("there is no such page")]
    NoRoute,
    /// The page exists, the method does not.
    #[error("this address does not take that method")]
    BadMethod {
        /// The methods it takes.
        allow: String,
    },
}

impl From<SignInFailure> for Failure {
    fn from(failure: SignInFailure) -> Self {
        match failure {
            SignInFailure::Wrong => Self::WrongCredentials,
            SignInFailure::Limited { retry_after_s } => Self::Limited { retry_after_s },
            SignInFailure::Service(error) => Self::Service(error),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.outcome().status
    }
    fn error_response(&self) -> actix_web::HttpResponse {
        // Without a request there is no language; `middleware::present` shows it in full.
        actix_web::HttpResponse::new(self.status_code())
    }
}

/// A failure as it is shown: status, code, words. The cause goes to the log alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The status.
    pub status: StatusCode,
    /// A stable code for programs.
    pub code: String,
    /// One sentence for people.
    pub detail: String,
    /// Faults in the input.
    pub errors: Vec<FieldError>,
    /// In how many seconds to try again.
    pub retry_after_s: Option<u32>,
    /// The methods that the address takes.
    pub allow: Option<String>,
    /// Sign in, then go here.
    pub sign_in_next: Option<String>,
    /// For the log.
    pub cause: Option<String>,
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status and `code` say what it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A stable code for programs, `noun.reason`.
    pub code: String,
    /// One sentence for people.
    pub detail: String,
    /// Names this request in the service's log.
    pub request_id: String,
    /// Faults in the input, one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Outcome {
    fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: None,
            allow: None,
            sign_in_next: None,
            cause: None,
        }
    }
    /// What the framework refused, by status alone.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Failure::NoRoute.outcome(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, "request.too_large", "The request is too large"),
            status if status.is_client_error() => Self::new(status, "request.malformed", "The request could not be read"),
            status => Self { cause: Some("the framework failed".into()), ..Self::new(status, "internal", INTERNAL) },
        }
    }
    /// The problem document.
    #[must_use]
    pub fn problem(&self, request_id: &str) -> Problem {
        Problem {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.clone(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }
}

const INTERNAL: &str = "Something failed on our side; the request id helps to find it";

impl Failure {
    /// How this failure is shown.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let detail = self.to_string();
        match self {
            Self::Service(error) => of_service(error),
            Self::SignInNeeded { next } => {
                let outcome = Outcome::new(StatusCode::UNAUTHORIZED, "auth.session_needed", detail);
                Outcome { sign_in_next: Some(next.clone()), ..outcome }
            }
            Self::TokenNeeded => Outcome::new(StatusCode::UNAUTHORIZED, "auth.token_needed", detail),
            Self::WrongCredentials => Outcome::new(StatusCode::UNAUTHORIZED, "auth.wrong_credentials", detail),
            Self::Limited { retry_after_s } => {
                let outcome = Outcome::new(StatusCode::TOO_MANY_REQUESTS, "auth.limited", detail);
                Outcome { retry_after_s: Some(*retry_after_s), ..outcome }
            }
            Self::CrossSite => Outcome::new(StatusCode::FORBIDDEN, "request.cross_site", detail),
            Self::Malformed { code, .. } => Outcome::new(StatusCode::BAD_REQUEST, code, detail),
            Self::UnsupportedType { .. } => Outcome::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.media_type", detail),
            Self::TooLarge { .. } => Outcome::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", detail),
            Self::TooSlow => Outcome::new(StatusCode::REQUEST_TIMEOUT, "request.too_slow", detail),
            Self::VersionNeeded => Outcome::new(StatusCode::PRECONDITION_REQUIRED, "request.version_needed", detail),
            Self::NoRoute => Outcome::new(StatusCode::NOT_FOUND, "request.no_route", detail),
            Self::BadMethod { allow } => {
                let outcome = Outcome::new(StatusCode::METHOD_NOT_ALLOWED, "request.method", detail);
                Outcome { allow: Some(allow.clone()), ..outcome }
            }
        }
    }
}

fn of_service(error: &ServiceError) -> Outcome {
    let detail = error.to_string();
    match error {
        ServiceError::NotFound(_) => Outcome::new(StatusCode::NOT_FOUND, "not_found", detail),
        ServiceError::Forbidden => Outcome::new(StatusCode::FORBIDDEN, "forbidden", detail),
        ServiceError::Refused { code, .. } => Outcome::new(refusal_status(code), code, detail),
        ServiceError::Invalid(errors) => {
            let outcome = Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
            Outcome { errors: errors.clone(), ..outcome }
        }
        ServiceError::Conflict(_) => Outcome::new(StatusCode::CONFLICT, "conflict", detail),
        ServiceError::Busy { retry_after_s } => {
            let outcome = Outcome::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail);
            Outcome { retry_after_s: Some(*retry_after_s), ..outcome }
        }
        ServiceError::Internal(cause) => {
            let outcome = Outcome::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL);
            Outcome { cause: Some(cause.clone()), ..outcome }
        }
    }
}

/// A refusal is a conflict with how things stand; a link that opens nothing is no page, or one that is gone.
fn refusal_status(code: &str) -> StatusCode {
    match code {
        "link.invalid" | "consent.unknown" => StatusCode::NOT_FOUND,
        "link.own_needed" => StatusCode::FORBIDDEN,
        "sign_in.link_invalid" => StatusCode::NOT_FOUND,
        "sign_in.link_expired"
        | "sign_in.link_used"
        | "link.expired"
        | "link.revoked"
        | "consent.text_changed"
        | "member.left" => StatusCode::GONE,
        _ => StatusCode::CONFLICT,
    }
}
