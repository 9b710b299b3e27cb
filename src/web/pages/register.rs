//! The public register: no sign-in, no script.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::page;
use crate::app::App;
use crate::service::register::{self, Register};
use crate::web::error::Failure;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register.html")]
struct RegisterPage {
    v: View,
    register: Register,
}

/// Who speaks for this institution, and what was asked of them.
///
/// # Errors
/// As the use case.
pub async fn show(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let register = register::read(&app).await?;
    page(&RegisterPage { v: View::of_request(&req), register })
}
