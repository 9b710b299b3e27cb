//! Pause, come back, leave: one press each, by the member's own link or that of one of their tasks.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::domain::member::MemberState;
use crate::service::task::{self, MyTasks};
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::pages::{page, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/pause.html")]
struct PausePage {
    v: View,
    token: String,
    mine: MyTasks,
}

impl PausePage {
    fn is(&self, state: MemberState) -> bool {
        self.mine.standing.state == state
    }
}

/// The page; looking changes nothing.
///
/// # Errors
/// `link.*` for a link that opens nothing.
pub async fn show(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let mine = task::my_tasks(&app, &token).await?;
    page(&PausePage { v: view_of(&req, mine.standing.locale, &mine.zone), token: token.into_inner(), mine })
}

/// What the member pressed.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `member.left`.
pub async fn act(req: HttpRequest, app: web::Data<App>, token: web::Path<String>, form: Fields) -> Result<HttpResponse, Failure> {
    match form.get("act") {
        "pause" => task::pause_all(&app, &token).await?,
        "resume" => task::resume(&app, &token).await?,
        "leave" => task::leave(&app, &token, form.get("nonce")).await?,
        _ => return Err(Failure::Malformed { code: "form.act", message: "The form says nothing that can be done".into() }),
    };
    Ok(see_other(req.path()))
}
