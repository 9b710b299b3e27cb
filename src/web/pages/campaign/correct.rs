//! Correcting a campaign: the text is written, then looked at once more beside what it will do, then issued.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::domain::id::CampaignId;
use crate::service::campaign::{self, CORRECTION_CHARS, ProposalView, WouldCorrect};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/campaign_correct.html")]
struct CorrectPage {
    v: View,
    would: WouldCorrect,
    text: String,
    /// Whether the text is written and only looked at once more.
    checks: bool,
    errors: Vec<FieldError>,
    /// Whether it is to be a drill.
    drill: bool,
    /// What waits for a second person.
    waits: Option<ProposalView>,
    /// Proposals that ended.
    ended: Vec<ProposalView>,
}

impl CorrectPage {
    const MOST: usize = CORRECTION_CHARS;

    fn proposed(&self, proposal: &ProposalView) -> String {
        let when = self.v.when(&proposal.proposed_at);
        self.v.two("correct-proposed", ("who", proposal.proposed_by.clone()), ("when", when))
    }

    fn say(&self, error: &FieldError) -> String {
        self.v.refusal(&error.code, &error.message)
    }
}

async fn shown(req: &HttpRequest, app: &App, signed: &Signed, id: CampaignId, text: &str) -> Result<CorrectPage, Failure> {
    let would = campaign::would_correct(app, &signed.caller, id, None).await?;
    let all = campaign::proposals(app, &signed.caller, id).await?;
    let (mut waits, ended): (Vec<_>, Vec<_>) = all.into_iter().partition(|proposal| proposal.ended_at.is_none());
    let v = View::of_user(req, signed);
    let text = text.to_owned();
    Ok(CorrectPage { v, would, text, checks: false, errors: Vec::new(), drill: false, waits: waits.pop(), ended })
}

/// Where the text is written.
///
/// # Errors
/// The use case's refusals; not found outside the caller's units.
pub async fn ask(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    page(&shown(&req, &app, &signed, read_id(&id)?, "").await?)
}

/// Shows the text beside what it will do; goes back to it; or issues it. Nothing typed is lost on the way.
///
/// # Errors
/// As [`ask`].
pub async fn perform(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let (id, text, drill) = (read_id(&path)?, form.get("text"), form.get("drill") == "yes");
    let done = match form.get("step") {
        "issue" => campaign::propose_correction(&app, &signed.caller, id, text, drill).await.map(drop),
        "confirm" => campaign::confirm_correction(&app, &signed.caller, id).await.map(drop),
        "withdraw" => campaign::withdraw_correction(&app, &signed.caller, id).await,
        "write" => return page(&CorrectPage { drill, ..shown(&req, &app, &signed, id, text).await? }),
        _ => campaign::would_correct(&app, &signed.caller, id, Some(text)).await.map(drop),
    };
    match (done, form.get("step")) {
        (Ok(()), "issue" | "confirm" | "withdraw") => Ok(see_other(&format!("/campaigns/{id}"))),
        (Ok(()), _) => page(&CorrectPage { checks: true, drill, ..shown(&req, &app, &signed, id, text).await? }),
        (Err(ServiceError::Invalid(errors)), _) => {
            let shown = shown(&req, &app, &signed, id, text).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &CorrectPage { errors, drill, ..shown })
        }
        (Err(error), _) => Err(error.into()),
    }
}
