//! Who is signed in to the console: by an opaque token in a cookie that only this host sees.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, web};

use crate::app::App;
use crate::service::Caller;
use crate::service::restore;
use crate::service::session;
use crate::service::user::UserView;
use crate::web::error::Failure;

/// The cookie's name on https, and on http during development, where browsers refuse the prefix.
pub const SESSION_COOKIES: [&str; 2] = ["__Host-gaung", "gaung"];

/// The name of the session's cookie for this installation.
#[must_use]
pub fn session_cookie_name(app: &App) -> &'static str {
    let [secure, plain] = SESSION_COOKIES;
    if app.config.institution.base_url.starts_with("https://") { secure } else { plain }
}

/// A signed-in console user. Without one a page sends the browser to sign in first.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Who calls.
    pub caller: Caller,
    /// Their profile.
    pub user: UserView,
    /// Whether nothing is sent because the database was restored.
    pub dispatch_held: bool,
}

impl Signed {
    /// Who is signed in, if anybody is.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn find(req: &HttpRequest) -> Result<Option<Self>, Failure> {
        let Some(app) = req.app_data::<web::Data<App>>() else { return Ok(None) };
        let Some(cookie) = req.cookie(session_cookie_name(app)) else { return Ok(None) };
        let found = session::resume(app, cookie.value()).await?;
        let Some((user, caller)) = found else { return Ok(None) };
        Ok(Some(Self { caller, user, dispatch_held: restore::is_held(app).await? }))
    }
}

impl FromRequest for Signed {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let is_reading = matches!(*req.method(), Method::GET | Method::HEAD);
            match Self::find(&req).await? {
                Some(signed) => Ok(signed),
                // What was posted is lost anyway: go on to the start.
                None if is_reading => Err(Failure::SignInNeeded { next: req.uri().to_string() }),
                None => Err(Failure::SignInNeeded { next: "/".into() }),
            }
        })
    }
}

/// Where to go after signing in: an address of ours, or the start. `//host` and `/\host` lead elsewhere (open redirect).
#[must_use]
pub fn safe_next(next: &str) -> &str {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if inside && next.is_ascii() && next.len() <= 2000 { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn only_addresses_of_ours_are_gone_to() {
        for inside in ["/", "/campaigns", "/log?kind=mail.sent&from=2026-01-01"] {
            assert_eq!(safe_next(inside), inside);
        }
        for outside in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil", "/a\r\nb", "x"]
        {
            assert_eq!(safe_next(outside), "/", "{outside}");
        }
    }
}
