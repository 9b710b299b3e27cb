//! API tokens, and who one belongs to.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::service::session;
use crate::service::user::UserView;
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, ClientIp, JsonBody};

/// What a console user signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The address.
    email: String,
    /// The password.
    password: String,
}

/// A bearer token (RFC 6750).
#[derive(Serialize, ToSchema)]
pub struct Token {
    /// The token. Shown once.
    token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

/// Issues a token.
///
/// # Errors
/// Wrong credentials, or too many attempts.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = Credentials, responses((status = 201, body = Token)), security(()))]
pub async fn issue(app: web::Data<App>, client: ClientIp, body: JsonBody<Credentials>) -> Result<HttpResponse, Failure> {
    let Credentials { email, password } = body.0;
    let issued = session::issue_token(&app, &email, password, client.0).await?;
    Ok(HttpResponse::Created().json(Token { token: issued.token, token_type: "Bearer", expires_at: issued.expires_at }))
}

/// Who calls.
///
/// # Errors
/// None but a missing token.
#[utoipa::path(get, path = "/api/v1/me", tag = "tokens", responses((status = 200, body = UserView)))]
pub async fn me(by: ApiCaller) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(by.user))
}
