//! Moving a campaign or a wave on: each act has a page that says what will happen, and a button that does it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::plan::{self, PlannedWave};
use super::read_id;
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::id::{CampaignId, WaveId};
use crate::domain::role::Act;
use crate::service::campaign::{self, CampaignView, NearIdentical};
use crate::service::{Caller, FieldError, ServiceError, preview};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

/// Something that can be done with a campaign.
#[derive(Debug)]
pub struct CampaignAct {
    /// Its word in addresses and texts.
    pub word: &'static str,
    /// The right it takes.
    pub right: Act,
    /// The states it starts from.
    pub from: &'static [CampaignState],
    /// Whether a reason or note is asked for.
    reason: bool,
}

use CampaignState::{Cancelled, Draft, Finished, Paused, Released, Running, Submitted};

/// Everything that can be done with a campaign. The use cases check it all again.
#[rustfmt::skip]
pub const ACTS: &[CampaignAct] = &[
    CampaignAct { word: "submit",        right: Act::RunCampaigns,     from: &[Draft],                                      reason: false },
    CampaignAct { word: "release",       right: Act::ReleaseCampaigns, from: &[Submitted],                                  reason: false },
    CampaignAct { word: "return",        right: Act::ReleaseCampaigns, from: &[Submitted],                                  reason: true },
    CampaignAct { word: "freeze-reason", right: Act::ReleaseCampaigns, from: &[Submitted, Released],                        reason: true },
    CampaignAct { word: "pause",         right: Act::RunCampaigns,     from: &[Released, Running],                          reason: true },
    CampaignAct { word: "resume",        right: Act::RunCampaigns,     from: &[Paused],                                     reason: false },
    CampaignAct { word: "cancel",        right: Act::RunCampaigns,     from: &[Draft, Submitted, Released, Running, Paused], reason: true },
    // Has pages of its own: correct.rs.
    CampaignAct { word: "correct",       right: Act::RunCampaigns,     from: &[Running, Paused, Finished, Cancelled],       reason: false },
];

/// What is done with a wave.
const WAVE_ACTS: [(&str, bool); 2] = [("open", false), ("skip", true)];

#[derive(Template)]
#[template(path = "pages/campaign_act.html")]
struct ActPage {
    v: View,
    campaign: CampaignView,
    waves: Vec<PlannedWave>,
    word: String,
    wave: Option<String>,
    asks_reason: bool,
    near_identical: Vec<NearIdentical>,
    asked: Option<i64>,
    reason: String,
    errors: Vec<FieldError>,
}

impl ActPage {
    fn shows_content(&self) -> bool {
        matches!(self.word.as_str(), "submit" | "release")
    }
    /// What the button does, and to how many.
    fn button(&self) -> String {
        match (self.word.as_str(), self.asked) {
            ("submit", Some(asked)) => self.v.a("preview-submit", "n", self.v.num(&asked)),
            ("release", Some(asked)) => self.v.a("review-release", "n", self.v.num(&asked)),
            (word, _) => self.v.word("act", word),
        }
    }
    fn say(&self, error: &FieldError) -> String {
        self.v.refusal(&error.code, &error.message)
    }
}

fn known(word: &str) -> Result<&'static CampaignAct, Failure> {
    ACTS.iter().find(|act| act.word == word).ok_or(Failure::NoRoute)
}

async fn act_page(req: &HttpRequest, app: &App, signed: &Signed, id: CampaignId, word: &str) -> Result<ActPage, Failure> {
    let campaign = campaign::get(app, &signed.caller, id).await?;
    let v = View::of_user(req, signed);
    let near_identical =
        if word == "submit" { campaign::check(app, &signed.caller, id).await?.near_identical } else { Vec::new() };
    let asked = match word {
        "submit" | "release" => Some(preview::preview(app, &signed.caller, id).await?.waves.iter().map(|wave| wave.asked).sum()),
        _ => None,
    };
    Ok(ActPage {
        asked,
        waves: plan::waves(&v, &campaign.content),
        v,
        campaign,
        word: word.to_owned(),
        wave: None,
        asks_reason: ACTS.iter().any(|act| act.word == word && act.reason),
        near_identical,
        reason: String::new(),
        errors: Vec::new(),
    })
}

/// Says what an act will do.
///
/// # Errors
/// Not found for another act, or a campaign outside the caller's units.
pub async fn ask(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    known(&word)?;
    page(&act_page(&req, &app, &signed, read_id(&id)?, &word).await?)
}

/// Does it. Faults show the page again with what was typed.
///
/// # Errors
/// The use case's refusals as pages of their own.
pub async fn perform(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    let (id, act) = (read_id(&id)?, known(&word)?);
    match run(&app, &signed.caller, id, act.word, &form).await {
        Ok(()) => Ok(see_other(&format!("/campaigns/{id}"))),
        Err(ServiceError::Invalid(errors)) => {
            let shown = act_page(&req, &app, &signed, id, act.word).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &ActPage { errors, reason: form.get("reason").to_owned(), ..shown })
        }
        Err(error) => Err(error.into()),
    }
}

async fn run(app: &App, caller: &Caller, id: CampaignId, word: &str, form: &Fields) -> Result<(), ServiceError> {
    let reason = form.get("reason");
    match word {
        "submit" => {
            let version = form.get("version").parse().map_err(|_| ServiceError::Conflict("load the page again".into()))?;
            campaign::submit(app, caller, id, version, form.is_set("acknowledge")).await.map(drop)
        }
        "release" => campaign::release(app, caller, id, form.get("hash")).await.map(drop),
        "return" => campaign::return_to_author(app, caller, id, reason).await.map(drop),
        "freeze-reason" => campaign::give_freeze_reason(app, caller, id, reason).await,
        "pause" => campaign::pause(app, caller, id, reason).await.map(drop),
        "resume" => campaign::resume(app, caller, id).await.map(drop),
        "cancel" => campaign::cancel(app, caller, id, reason).await.map(drop),
        _ => Err(ServiceError::NotFound("the act")),
    }
}

/// The wave and the act that an address names.
fn read_wave(path: (String, String, String)) -> Result<(CampaignId, WaveId, &'static str, bool), Failure> {
    let (id, wave, word) = path;
    let known = WAVE_ACTS.iter().find(|(known, _)| *known == word);
    let (word, reason) = known.ok_or(Failure::NoRoute)?;
    Ok((read_id(&id)?, wave.parse().map_err(|_| Failure::NoRoute)?, word, *reason))
}

async fn wave_page(
    req: &HttpRequest,
    app: &App,
    signed: &Signed,
    at: (CampaignId, WaveId, &str, bool),
) -> Result<ActPage, Failure> {
    let (id, wave_id, word, asks_reason) = at;
    let shown = act_page(req, app, signed, id, word).await?;
    let wave = shown.campaign.content.wave(wave_id).map(|wave| wave.name.clone()).ok_or(Failure::NoRoute)?;
    Ok(ActPage { wave: Some(wave), asks_reason, word: format!("wave-{word}"), ..shown })
}

/// Says what an act will do to a wave.
///
/// # Errors
/// As [`ask`].
pub async fn ask_wave(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Failure> {
    page(&wave_page(&req, &app, &signed, read_wave(path.into_inner())?).await?)
}

/// Does it to a wave.
///
/// # Errors
/// As [`perform`].
pub async fn perform_wave(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String, String)>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let at = read_wave(path.into_inner())?;
    let (id, wave_id, word, _) = at;
    let done = match word {
        "open" => campaign::open_held_wave(&app, &signed.caller, wave_id).await,
        _ => campaign::skip_wave(&app, &signed.caller, wave_id, form.get("reason")).await,
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/campaigns/{id}"))),
        Err(ServiceError::Invalid(errors)) => {
            let shown = wave_page(&req, &app, &signed, at).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &ActPage { errors, reason: form.get("reason").to_owned(), ..shown })
        }
        Err(error) => Err(error.into()),
    }
}
