//! Removing a wave: first what goes with it, and which waves would be left waiting for it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::read_id;
use crate::app::App;
use crate::domain::content::{CampaignContent, TargetPlan, WavePlan};
use crate::domain::id::WaveId;
use crate::service::ServiceError;
use crate::service::campaign::{self, CampaignView};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/composer_remove.html")]
struct RemovePage {
    v: View,
    f: Faults,
    campaign: CampaignView,
    wave: WavePlan,
    waiting: Vec<String>,
    texts: i64,
}

impl RemovePage {
    fn texts(&self) -> String {
        self.v.n("composer-texts", self.texts)
    }
}

/// The names of the waves that wait for this one or point at its post.
fn waiting(content: &CampaignContent, id: WaveId) -> Vec<String> {
    let needs = |wave: &&WavePlan| {
        wave.timing.waits_for() == Some(id) || wave.tasks.iter().any(|task| task.target == TargetPlan::PostOf { wave_id: id })
    };
    content.waves.iter().filter(needs).map(|wave| wave.name.clone()).collect()
}

async fn shown(req: &HttpRequest, app: &App, signed: &Signed, (id, wave): (String, String)) -> Result<RemovePage, Failure> {
    let campaign = campaign::get_to_edit(app, &signed.caller, read_id(&id)?).await?;
    let wave_id: WaveId = wave.parse().map_err(|_| Failure::NoRoute)?;
    let wave = campaign.content.wave(wave_id).cloned().ok_or(ServiceError::NotFound("it"))?;
    Ok(RemovePage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        waiting: waiting(&campaign.content, wave_id),
        texts: i64::try_from(wave.tasks.iter().map(|task| task.variants.len()).sum::<usize>()).unwrap_or(i64::MAX),
        wave,
        campaign,
    })
}

/// Says what goes with the wave.
///
/// # Errors
/// Not found outside the caller's units; refused once a wave has opened.
pub async fn ask(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Failure> {
    page(&shown(&req, &app, &signed, path.into_inner()).await?)
}

/// Removes the wave from the draft.
///
/// # Errors
/// As [`ask`]; a wave that others wait for, or a newer version, shows the page again.
pub async fn remove(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, Failure> {
    let shown = shown(&req, &app, &signed, path.into_inner()).await?;
    let (id, version) = (shown.campaign.id, shown.campaign.version);
    if !shown.waiting.is_empty() {
        let text = shown.v.a("composer-remove-waiting", "waves", shown.waiting.join(", "));
        return page_with(StatusCode::CONFLICT, &RemovePage { f: Faults::one("", text), ..shown });
    }
    let mut content = shown.campaign.content.clone();
    content.waves.retain(|wave| wave.id != shown.wave.id);
    let saved = match fields.get("version") == version.to_string() {
        true => campaign::edit(&app, &signed.caller, id, version, content).await,
        false => Err(ServiceError::Conflict(String::new())),
    };
    match saved {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}/edit?saved=1"))),
        Err(ServiceError::Conflict(_)) => {
            let text = shown.v.s("composer-stale");
            page_with(StatusCode::CONFLICT, &RemovePage { f: Faults::one("", text), ..shown })
        }
        Err(error) => Err(error.into()),
    }
}
