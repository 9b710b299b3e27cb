//! The mail program's unsubscribe button (RFC 8058): a POST that needs nothing else. Opening the address shows a button and changes nothing.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::domain::member::MemberState;
use crate::service::task::{self, MyTasks};
use crate::web::error::Failure;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/unsubscribe.html")]
struct UnsubscribePage {
    v: View,
    token: String,
    mine: MyTasks,
}

impl UnsubscribePage {
    fn is_active(&self) -> bool {
        self.mine.standing.state == MemberState::Active
    }
}

/// The page with its button.
///
/// # Errors
/// `link.*` for a link that opens nothing.
pub async fn show(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let mine = task::my_tasks(&app, &token).await?;
    page(&UnsubscribePage { v: view_of(&req, mine.standing.locale, &mine.zone), token: token.into_inner(), mine })
}

/// Unsubscribes; answers directly, because a redirect may not be followed (RFC 8058 section 3.1).
///
/// # Errors
/// `link.*` for a link that opens nothing.
pub async fn unsubscribe(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    task::unsubscribe(&app, &token).await?;
    show(req, app, token).await
}
