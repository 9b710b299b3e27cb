//! What is held about a member: to read, and to take away as a file. Nobody else sees it.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{hours_said, view_of};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::service::ServiceError;
use crate::service::task::{self, MyData};
use crate::web::error::Failure;
use crate::web::l10n;
use crate::web::pages::page;
use crate::web::view::View;

/// Lines of each list on the page; the file has all.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "pages/my_data.html")]
struct DataPage {
    v: View,
    token: String,
    data: MyData,
}

impl DataPage {
    #[allow(clippy::unused_self)] // A template reaches it by the page.
    fn first<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        all.get(..SHOWN).unwrap_or(all)
    }
    fn hours(&self) -> String {
        hours_said(&self.v, self.data.profile.mail_hours)
    }
    /// What happened, in words for its member; the log's own word where there is none.
    fn event(&self, kind: &EventKind) -> String {
        let key = format!("mydata-event-{}", kind.to_string().replace(['.', '_'], "-"));
        l10n::find(self.v.locale, &key, &[]).unwrap_or_else(|| kind.to_string())
    }
}

/// The page.
///
/// # Errors
/// `link.*` for a link that does not open it.
pub async fn show(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let data = task::my_data(&app, &token).await?;
    page(&DataPage { v: view_of(&req, data.profile.locale, &data.profile.zone), token: token.into_inner(), data })
}

/// The same as a JSON file.
///
/// # Errors
/// As [`show`].
pub async fn download(app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let data = task::my_data(&app, &token).await?;
    let json = serde_json::to_string_pretty(&data).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let name = format!("attachment; filename=\"gaung-data-{}.json\"", data.made_at.format("%Y-%m-%d"));
    Ok(HttpResponse::Ok().content_type("application/json").insert_header((header::CONTENT_DISPOSITION, name)).body(json))
}
