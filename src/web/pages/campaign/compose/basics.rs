//! The composer's first page: the message, its facts, what to avoid; and the way to each wave.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::plan::{self, PlannedWave};
use super::super::read_id;
use super::basics_form::BasicsForm;
use super::conflict::{self, Conflict};
use super::missing::{self, Missing};
use super::{at_fields, is_incomplete, new_wave};
use crate::app::App;
use crate::domain::content::CampaignContent;
use crate::domain::id::{CampaignId, UnitId, WaveId};
use crate::domain::kind::Layer;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum as _;
use crate::service::campaign::{self, CampaignView, FreezeOverlap};
use crate::service::unit::{self, Unit};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/composer_basics.html")]
struct BasicsPage {
    v: View,
    f: Faults,
    id: Option<CampaignId>,
    units: Vec<Unit>,
    form: BasicsForm,
    waves: Vec<PlannedWave>,
    missing: Vec<Missing>,
    near: Vec<Missing>,
    freezes: Vec<FreezeOverlap>,
    freeze_reason: bool,
    conflict: Option<Conflict>,
    is_saved: bool,
    was_released: bool,
    go_on: String,
}

/// A row of facts or of what to avoid, with its control's name.
struct Row<'a> {
    n: usize,
    name: String,
    text: &'a str,
    source_name: String,
    source_url: &'a str,
}

impl BasicsPage {
    fn facts(&self) -> Vec<Row<'_>> {
        let rows = self.form.facts.iter().enumerate().map(|(i, fact)| Row {
            n: i + 1,
            name: format!("facts-{i}-text"),
            text: &fact.text,
            source_name: format!("facts-{i}-source_url"),
            source_url: &fact.source_url,
        });
        rows.collect()
    }
    fn avoid(&self) -> Vec<Row<'_>> {
        let rows = self.form.avoid.iter().enumerate().map(|(i, text)| Row {
            n: i + 1,
            name: format!("avoid-{i}"),
            text,
            source_name: String::new(),
            source_url: "",
        });
        rows.collect()
    }
    fn layers(&self) -> Vec<(Layer, String)> {
        Layer::ALL.iter().map(|layer| (*layer, self.v.word("composer-layer", layer))).collect()
    }
    fn is_unit(&self, id: &UnitId) -> bool {
        self.form.unit == id.to_string()
    }
    fn goes_on_at(&self, id: impl AsRef<str>) -> bool {
        self.go_on == id.as_ref()
    }
}

/// The page of a campaign, or of one that does not exist yet.
async fn shown(
    (req, app, signed): (&HttpRequest, &App, &Signed),
    stored: Option<&CampaignView>,
    mut form: BasicsForm,
) -> Result<BasicsPage, Failure> {
    let v = View::of_user(req, signed);
    let (mut missing, mut near, mut waves) = (Vec::new(), Vec::new(), Vec::new());
    let (mut freezes, mut freeze_reason) = (Vec::new(), false);
    if let Some(stored) = stored {
        let check = campaign::check(app, &signed.caller, stored.id).await?;
        missing = missing::list(&v, stored.id, &stored.content, &check.faults);
        near = missing::near(&v, stored.id, &stored.content, &check);
        waves = plan::waves(&v, &stored.content);
        freeze_reason = check.freeze_reason_by.is_some();
        freezes = check.freezes;
    }
    let units = if stored.is_none() { units_to_write_in(app, signed).await? } else { Vec::new() };
    form.pad();
    Ok(BasicsPage {
        v,
        f: Faults::default(),
        id: stored.map(|stored| stored.id),
        units,
        form,
        waves,
        missing,
        near,
        freezes,
        freeze_reason,
        conflict: None,
        is_saved: false,
        was_released: stored.is_some_and(|stored| stored.released_at.is_some()),
        go_on: String::new(),
    })
}

/// The units in which the caller may write campaigns.
async fn units_to_write_in(app: &App, signed: &Signed) -> Result<Vec<Unit>, Failure> {
    let Some(roots) = signed.caller.reach(Act::RunCampaigns)? else { return Ok(unit::list(app, &signed.caller).await?) };
    let mut within: Option<u32> = None;
    let mut found = Vec::new();
    for unit in unit::list(app, &signed.caller).await? {
        if within.is_some_and(|top| unit.depth <= top) {
            within = None;
        }
        if within.is_none() && roots.contains(&unit.id) {
            within = Some(unit.depth);
        }
        if within.is_some() {
            found.push(unit);
        }
    }
    Ok(found)
}

/// An empty form.
///
/// # Errors
/// [`ServiceError::Forbidden`] for those who may not write campaigns.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed) -> Result<HttpResponse, Failure> {
    signed.caller.reach(Act::RunCampaigns)?;
    page(&shown((&req, &app, &signed), None, BasicsForm::default()).await?)
}

fn empty() -> CampaignContent {
    CampaignContent {
        title: String::new(),
        message: String::new(),
        facts: Vec::new(),
        avoid: Vec::new(),
        paid: false,
        waves: Vec::new(),
    }
}

/// The faults of this page's fields that are more than something still to come.
fn wrong(app: &App, content: &CampaignContent) -> Vec<FieldError> {
    let faults = campaign::faults_of(app, content).into_iter();
    faults
        .filter(|fault| !fault.field.starts_with("waves"))
        .filter(|fault| fault.field == "title" || !is_incomplete(fault))
        .collect()
}

/// Creates a draft.
///
/// # Errors
/// The use case's refusals; faults show the form again.
pub async fn create(req: HttpRequest, app: web::Data<App>, signed: Signed, fields: Fields) -> Result<HttpResponse, Failure> {
    signed.caller.reach(Act::RunCampaigns)?;
    let at = (&req, &**app, &signed);
    let mut form = BasicsForm::read(&fields);
    if let Some(go_on) = form.change(fields.get("act")) {
        return page(&BasicsPage { go_on, ..shown(at, None, form).await? });
    }
    form.tidy();
    let mut content = empty();
    form.apply(&mut content);
    let mut faults = wrong(&app, &content);
    let unit: Option<UnitId> = form.unit.parse().ok();
    if unit.is_none() {
        faults.insert(0, FieldError::new("unit", "unit.missing", "Choose a unit"));
    }
    let made = match unit {
        Some(unit) if faults.is_empty() => campaign::create(&app, &signed.caller, unit, content).await,
        _ => Err(ServiceError::Invalid(faults)),
    };
    match made {
        Ok(made) => Ok(see_other(&format!("/campaigns/{}/edit?saved=1", made.id))),
        Err(ServiceError::Invalid(faults)) => {
            let shown = shown(at, None, form).await?;
            let f = at_fields(&shown.v, &faults, "");
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &BasicsPage { f, ..shown })
        }
        Err(error) => Err(error.into()),
    }
}

/// The form with the content as it stands.
///
/// # Errors
/// Not found outside the caller's units; refused once a wave has opened.
pub async fn edit(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let stored = campaign::get_to_edit(&app, &signed.caller, read_id(&id)?).await?;
    let form = BasicsForm::of(&stored.content, stored.version);
    let shown = shown((&req, &app, &signed), Some(&stored), form).await?;
    page(&BasicsPage { is_saved: query.0.is_set("saved"), ..shown })
}

/// Keeps what was typed; a button for a wave also adds it or moves it.
///
/// # Errors
/// The use case's refusals; faults and a newer version show the form again.
pub async fn save(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Failure> {
    let at = (&req, &**app, &signed);
    let stored = campaign::get_to_edit(&app, &signed.caller, read_id(&id)?).await?;
    let act = fields.get("act");
    let mut form = BasicsForm::read(&fields);
    if let Some(go_on) = form.change(act) {
        return page(&BasicsPage { go_on, ..shown(at, Some(&stored), form).await? });
    }
    form.tidy();
    let mut content = stored.content.clone();
    form.apply(&mut content);
    if form.version != stored.version.to_string() {
        return stale(at, &stored, form, &content).await;
    }
    let faults = wrong(&app, &content);
    let to = arrange(&app, &View::of_user(&req, &signed), &mut content, (act, fields.get("new-layer")));
    let saved = match faults.is_empty() {
        true => campaign::edit(&app, &signed.caller, stored.id, stored.version, content.clone()).await,
        false => Err(ServiceError::Invalid(faults)),
    };
    match saved {
        Ok(_) => Ok(see_other(&match to {
            Some(wave) => format!("/campaigns/{}/waves/{wave}/edit", stored.id),
            None => format!("/campaigns/{}/edit?saved=1", stored.id),
        })),
        Err(ServiceError::Invalid(faults)) => {
            let shown = shown(at, Some(&stored), form).await?;
            let f = at_fields(&shown.v, &faults, "");
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &BasicsPage { f, ..shown })
        }
        // Somebody was faster between our reading and our writing.
        Err(ServiceError::Conflict(_)) => {
            let stored = campaign::get_to_edit(&app, &signed.caller, stored.id).await?;
            stale(at, &stored, form, &content).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Adds a wave at the end, or moves one before the wave that stands before it; says which wave is new.
fn arrange(app: &App, v: &View, content: &mut CampaignContent, (act, layer): (&str, &str)) -> Option<WaveId> {
    if act == "add-wave" {
        let wave = new_wave::wave(app, v, content, Layer::parse(layer).unwrap_or(Layer::Main));
        let id = wave.id;
        content.waves.push(wave);
        return Some(id);
    }
    let id: WaveId = act.strip_prefix("up-")?.parse().ok()?;
    let place = content.waves.iter().position(|wave| wave.id == id)?;
    content.waves.swap(place, place.saturating_sub(1));
    None
}

/// Says who was faster and how; the form then is of the version that is stored, so that saving again is a decision.
async fn stale(
    (req, app, signed): (&HttpRequest, &App, &Signed),
    stored: &CampaignView,
    form: BasicsForm,
    typed: &CampaignContent,
) -> Result<HttpResponse, Failure> {
    let mut shown = shown((req, app, signed), Some(stored), form).await?;
    shown.conflict = Some(conflict::with((app, signed, &shown.v), stored, typed).await?);
    shown.form.version = stored.version.to_string();
    page_with(StatusCode::CONFLICT, &shown)
}
