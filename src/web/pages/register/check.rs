//! Is this account affiliated? Asked by handle, profile or post.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Links, page, setting};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::register::{Answer, account};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::faults::Faults;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register_check.html")]
struct Check {
    v: View,
    links: Links,
    q: String,
    f: Faults,
    answer: Option<Answer>,
}

impl Check {
    /// The accounts it was about, in one line.
    fn asked(&self, answer: &Answer) -> String {
        let names = answer.asked.iter().map(|(platform, handle)| format!("{handle} ({})", self.v.word("platform", platform)));
        names.collect::<Vec<_>>().join(" · ")
    }
}

/// The question, and its answer where one was asked. What can't be read is said beside what was typed.
///
/// # Errors
/// The database's failure.
pub async fn show(req: HttpRequest, app: web::Data<App>, query: QueryFields) -> Result<HttpResponse, Failure> {
    let (v, links) = setting(&req);
    let q: String = query.0.get("q").trim().chars().take(2_048).collect();
    let (answer, f) = match query.0.filled("q") {
        None => (None, Faults::default()),
        Some(_) => match account::check(&app, &q).await {
            Ok(answer) => (Some(answer), Faults::default()),
            Err(ServiceError::Invalid(errors)) => (None, Faults::new(&v, &errors)),
            Err(error) => return Err(error.into()),
        },
    };
    page(&req, &Check { v, links, q, f, answer })
}
