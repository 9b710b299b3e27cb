//! Who calls the API: by a bearer token (RFC 6750), never by a cookie.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};

use crate::app::App;
use crate::service::Caller;
use crate::service::session;
use crate::service::user::UserView;
use crate::web::error::Failure;

/// The API's caller.
#[derive(Debug, Clone)]
pub struct ApiCaller {
    /// Who calls.
    pub caller: Caller,
    /// Their profile.
    pub user: UserView,
}

/// The bearer token of a request.
#[must_use]
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl ApiCaller {
    /// The caller behind a token.
    ///
    /// # Errors
    /// [`Failure::TokenNeeded`] for a token that is not valid (any more).
    pub async fn of_token(app: &App, token: Option<&str>) -> Result<Self, Failure> {
        let token = token.ok_or(Failure::TokenNeeded)?;
        let found = session::bearer(app, token).await?;
        found.map(|(user, caller)| Self { caller, user }).ok_or(Failure::TokenNeeded)
    }
}

impl FromRequest for ApiCaller {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            // The wrapper for repeated requests may have looked already.
            if let Some(known) = req.extensions().get::<Self>() {
                return Ok(known.clone());
            }
            let app = req.app_data::<web::Data<App>>().ok_or(Failure::TokenNeeded)?;
            Self::of_token(app, bearer_token(req.headers())).await
        })
    }
}
