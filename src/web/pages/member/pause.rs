//! Pause, come back, leave: one press each, by the member's own link or that of one of their tasks.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::domain::member::MemberState;
use crate::service::task::{self, MyTasks};
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::extract::body::QueryFields;
use crate::web::pages::{page, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/pause.html")]
struct PausePage {
    v: View,
    token: String,
    mine: MyTasks,
    /// Whether leaving is looked at once more before it is done.
    asks: bool,
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
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    token: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let mine = task::my_tasks(&app, &token).await?;
    let asks = query.0.get("ask") == "leave" && mine.standing.state != MemberState::Left;
    let v = view_of(&req, mine.standing.locale, &mine.zone);
    page(&PausePage { v, token: token.into_inner(), mine, asks })
}

/// What the member pressed.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `member.left`.
pub async fn act(req: HttpRequest, app: web::Data<App>, token: web::Path<String>, form: Fields) -> Result<HttpResponse, Failure> {
    match form.get("act") {
        "pause" => match form.get("days").parse() {
            Ok(days) => task::pause_for(&app, &token, days).await?,
            Err(_) => task::pause_all(&app, &token).await?,
        },
        "resume" => task::resume(&app, &token).await?,
        "leave" => task::leave(&app, &token, form.get("nonce")).await?,
        _ => return Err(Failure::Malformed { code: "form.act", message: "The form says nothing that can be done".into() }),
    };
    Ok(see_other(req.path()))
}
