//! The approver's page of one campaign: what changed since it was last released, whom it reaches, what to weigh; and the decision.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::compose::missing::{self, Missing};
use super::plan::{self, PlannedWave};
use super::{difference, list, read_id};
use crate::app::App;
use crate::domain::difference::Difference;
use crate::domain::id::CampaignId;
use crate::service::campaign::{self, CampaignCheck, Review};
use crate::service::preview::{self, CampaignPreview};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/campaign_review.html")]
struct ReviewPage {
    v: View,
    f: Faults,
    r: Review,
    check: CampaignCheck,
    preview: CampaignPreview,
    unit: String,
    total: i64,
    waves: Vec<PlannedWave>,
    differences: Option<Vec<Difference>>,
    missing: Vec<Missing>,
    near: Vec<Missing>,
    note: String,
    reason: String,
}

impl ReviewPage {
    /// Whether the caller can release it as things stand.
    fn may_release(&self) -> bool {
        let freeze_open = !self.check.freezes.is_empty() && (self.r.freeze_reason.is_none() || self.r.reason_is_own);
        self.r.is_waiting && !self.r.is_own && self.check.faults.is_empty() && !freeze_open
    }
    /// Whether a second approver's reason is still asked for.
    fn asks_reason(&self) -> bool {
        self.r.is_waiting && !self.r.is_own && !self.check.freezes.is_empty() && self.r.freeze_reason.is_none()
    }
    fn release_words(&self) -> String {
        self.v.a("review-release", "n", self.v.num(&self.total))
    }
}

async fn shown((req, app, signed): (&HttpRequest, &App, &Signed), id: CampaignId) -> Result<ReviewPage, Failure> {
    let r = campaign::review(app, &signed.caller, id).await?;
    let check = campaign::check(app, &signed.caller, id).await?;
    let found = preview::preview(app, &signed.caller, id).await?;
    let units = list::unit_names(app, signed).await?;
    let v = View::of_user(req, signed);
    let content = &r.campaign.content;
    let before = r.before.as_ref().and_then(|before| before.content.as_ref());
    Ok(ReviewPage {
        f: Faults::default(),
        differences: before.map(|before| difference::between(&v, &units, before, content)),
        missing: missing::list(&v, id, content, &check.faults),
        near: missing::near(&v, id, content, &check),
        waves: plan::waves(&v, content),
        unit: units.get(&r.campaign.unit_id).cloned().unwrap_or_default(),
        total: found.waves.iter().map(|wave| wave.asked).sum(),
        preview: found,
        v,
        r,
        check,
        note: String::new(),
        reason: String::new(),
    })
}

/// The page.
///
/// # Errors
/// Not found where the caller may not release.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    page(&shown((&req, &app, &signed), read_id(&id)?).await?)
}

/// Releases, returns, or puts a reason for a freeze on file. What the use case refuses is said on the page, with what was typed.
///
/// # Errors
/// Not found where the caller may not release.
pub async fn decide(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Failure> {
    let id = read_id(&id)?;
    let (note, reason) = (fields.get("note"), fields.get("reason"));
    let (done, to) = match fields.get("act") {
        "release" => {
            let released = campaign::release(&app, &signed.caller, id, fields.get("hash")).await;
            (released.map(drop), format!("/campaigns/{id}"))
        }
        "freeze-reason" => {
            (campaign::give_freeze_reason(&app, &signed.caller, id, reason).await, format!("/campaigns/{id}/review"))
        }
        _ => (campaign::return_to_author(&app, &signed.caller, id, note).await.map(drop), "/approvals".to_owned()),
    };
    let (status, errors) = match done {
        Ok(()) => return Ok(see_other(&to)),
        Err(ServiceError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(ServiceError::Refused { code, message }) => (StatusCode::CONFLICT, vec![FieldError::new("", code, message)]),
        Err(error) => return Err(error.into()),
    };
    let shown = shown((&req, &app, &signed), id).await?;
    let f = Faults::new(&shown.v, &errors);
    page_with(status, &ReviewPage { f, note: note.to_owned(), reason: reason.to_owned(), ..shown })
}
