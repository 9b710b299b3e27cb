//! One assignment from release to completion, as the log tells it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::words;
use crate::app::App;
use crate::domain::id::AssignmentId;
use crate::service::log::journey::{self, Journey, Step};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/audit_assignment.html")]
struct AssignmentPage {
    v: View,
    j: Journey,
}

impl AssignmentPage {
    /// How strongly a step stands out: an answer, a fault, or neither.
    fn tone(step: &Step) -> &'static str {
        use crate::domain::event::EventKind::{
            AssignmentChecked, AssignmentDone, CampaignReleased, CompletionConfirmed, MailFailed, MailSuppressed, MailUnknown,
            WaveHeld,
        };
        match step.entry.kind {
            CampaignReleased | AssignmentDone | CompletionConfirmed | AssignmentChecked => "good",
            MailFailed | MailUnknown | MailSuppressed | WaveHeld => "bad",
            _ => "plain",
        }
    }
}

/// The page.
///
/// # Errors
/// Not found for an assignment that is not there or outside the reader's reach.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id: AssignmentId = id.parse().map_err(|_| Failure::NoRoute)?;
    let j = journey::read(&app, &signed.caller, id).await?;
    page(&AssignmentPage { v: View::of_user(&req, &signed), j })
}
