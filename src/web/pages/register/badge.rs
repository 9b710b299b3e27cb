//! A small picture that an account may show beside the link to its public page.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{open, setting};
use crate::app::App;
use crate::domain::id::AccountId;
use crate::domain::kind::{AccountKind, Layer};
use crate::service::ServiceError;
use crate::service::register::{Standing, account};
use crate::web::error::Failure;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register_badge.svg")]
struct Badge {
    v: View,
    /// Whether the account is listed now.
    in_force: bool,
    left: String,
    right: String,
}

/// The width of a letter at the badge's size, in units of the picture; the words are fitted to it.
const LETTER: usize = 7;

impl Badge {
    fn left_width(&self) -> usize {
        self.left.chars().count() * LETTER
    }
    fn right_width(&self) -> usize {
        self.right.chars().count() * LETTER
    }
    fn whole_width(&self) -> usize {
        self.left_at() + self.left_width() + self.right_width() + 30
    }
    const fn left_at(&self) -> usize {
        30
    }
    fn right_at(&self) -> usize {
        self.left_at() + self.left_width() + 20
    }
}

const fn word(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Official | AccountKind::Interactive => "register-badge-official",
        AccountKind::WhiteLabel => "register-badge-operated",
        AccountKind::KolInternal | AccountKind::KolExternal | AccountKind::Advocate => "register-badge-affiliated",
    }
}

/// The picture.
///
/// # Errors
/// Not found for what the public may not read by name.
pub async fn show(req: HttpRequest, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id: AccountId = id.parse().map_err(|_| Failure::NoRoute)?;
    let standing = account::get(&app, id).await?;
    let (v, _) = setting(&req);
    let (in_force, left) = match &standing {
        Standing::Listed(account) if Layer::from_number(account.layer).is_some() => (true, v.s(word(account.kind))),
        Standing::Listed(_) | Standing::Former(_) => (false, v.s("register-badge-former")),
    };
    let right = v.short_name.clone();
    let picture = Badge { v, in_force, left, right };
    let body = picture.render().map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(open(&req, "image/svg+xml", body.into_bytes()))
}
