//! Writing a campaign: title and message as fields, the rest of the content as its JSON document. What was typed is kept.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::domain::content::CampaignContent;
use crate::domain::id::{CampaignId, UnitId};
use crate::domain::role::Act;
use crate::service::unit::{self, Unit};
use crate::service::{FieldError, ServiceError, campaign};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/campaign_edit.html")]
struct EditPage {
    v: View,
    id: Option<CampaignId>,
    units: Vec<Unit>,
    unit: String,
    version: String,
    title: String,
    message: String,
    content: String,
    errors: Vec<FieldError>,
}

impl EditPage {
    fn say(&self, error: &FieldError) -> String {
        self.v.refusal(&error.code, &error.message)
    }
    /// The field to jump to: everything inside the document is in one box.
    fn anchor<'e>(&self, error: &'e FieldError) -> &'e str {
        match error.field.as_str() {
            field @ ("title" | "message" | "unit") => field,
            _ => "content",
        }
    }
    fn is_wrong(&self, field: &str) -> bool {
        self.errors.iter().any(|error| self.anchor(error) == field)
    }
}

/// The content without what has a field of its own.
fn document(content: &CampaignContent) -> String {
    let mut value = serde_json::to_value(content).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("title");
        fields.remove("message");
    }
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

/// The content that was typed.
fn read(form: &Fields) -> Result<CampaignContent, ServiceError> {
    let text = form.filled("content").unwrap_or("{}");
    let wrong = |error: serde_json::Error| ServiceError::field("content", "json.syntax", error.to_string());
    // First by itself: then a fault's line and column are those in the box.
    let mut value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).map_err(wrong)?;
    for field in ["title", "message"] {
        value.insert(field.to_owned(), form.get(field).trim().into());
    }
    serde_json::from_value(value.into()).map_err(|error| ServiceError::field("content", "json.shape", error.to_string()))
}

/// An empty form.
///
/// # Errors
/// [`ServiceError::Forbidden`] for those who may not write campaigns.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed) -> Result<HttpResponse, Failure> {
    signed.caller.reach(Act::RunCampaigns)?;
    page(&form_page(&req, &app, &signed).await?)
}

async fn form_page(req: &HttpRequest, app: &App, signed: &Signed) -> Result<EditPage, Failure> {
    Ok(EditPage {
        v: View::of_user(req, signed),
        id: None,
        units: unit::list(app, &signed.caller).await?,
        unit: String::new(),
        version: String::new(),
        title: String::new(),
        message: String::new(),
        content: "{\n  \"facts\": [],\n  \"avoid\": [],\n  \"waves\": []\n}".into(),
        errors: Vec::new(),
    })
}

/// The form with what was typed in it.
fn typed(shown: EditPage, form: &Fields, errors: Vec<FieldError>) -> EditPage {
    let text = |field: &str| form.get(field).to_owned();
    EditPage {
        unit: text("unit"),
        version: text("version"),
        title: text("title"),
        message: text("message"),
        content: text("content"),
        errors,
        ..shown
    }
}

/// Creates a draft.
///
/// # Errors
/// The use case's refusals; faults show the form again.
pub async fn create(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let made = async {
        let unit: UnitId = form.get("unit").parse().map_err(|_| ServiceError::field("unit", "unit.missing", "Choose a unit"))?;
        campaign::create(&app, &signed.caller, unit, read(&form)?).await
    };
    match made.await {
        Ok(made) => Ok(see_other(&format!("/campaigns/{}", made.id))),
        Err(ServiceError::Invalid(errors)) => {
            let shown = typed(form_page(&req, &app, &signed).await?, &form, errors);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
        Err(error) => Err(error.into()),
    }
}

/// The form with the content as it stands.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn edit(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    signed.caller.reach(Act::RunCampaigns)?;
    let found = campaign::get(&app, &signed.caller, read_id(&id)?).await?;
    let shown = EditPage {
        id: Some(found.id),
        unit: found.unit_id.to_string(),
        version: found.version.to_string(),
        title: found.content.title.clone(),
        message: found.content.message.clone(),
        content: document(&found.content),
        ..form_page(&req, &app, &signed).await?
    };
    page(&shown)
}

/// Replaces the content.
///
/// # Errors
/// The use case's refusals; faults show the form again.
pub async fn save(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let id = read_id(&id)?;
    let version = form.get("version").parse().map_err(|_| ServiceError::Conflict("load the page again".into()))?;
    let saved = match read(&form) {
        Ok(content) => campaign::edit(&app, &signed.caller, id, version, content).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"))),
        Err(ServiceError::Invalid(errors)) => {
            let shown = typed(form_page(&req, &app, &signed).await?, &form, errors);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &EditPage { id: Some(id), ..shown })
        }
        Err(error) => Err(error.into()),
    }
}
