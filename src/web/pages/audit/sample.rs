//! Drawing a sample: the seed, the number and the instant stand in the address, so that the same address draws the same sample.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentDisposition};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

use crate::app::App;
use crate::domain::id::CampaignId;
use crate::domain::role::Act;
use crate::service::log::look_up::{self, Meant};
use crate::service::sample::kept::{self, Kept};
use crate::service::sample::{self, Draw, MOST, Sample};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/samples.html")]
struct SamplePage {
    v: View,
    query: Fields,
    f: Faults,
    campaign: Option<(CampaignId, String)>,
    campaigns: Vec<(CampaignId, String)>,
    until: Option<DateTime<Utc>>,
    sample: Option<Sample>,
    csv_url: String,
    kept: Vec<Kept>,
}

impl SamplePage {
    fn typed(&self, field: &str) -> &str {
        self.query.get(field).trim()
    }
    /// A command that repeats the first item's hash.
    fn command(&self, sample: &Sample) -> Option<String> {
        let first = sample.items.first()?;
        let seed = self.typed("seed").replace('\'', "'\\''");
        Some(format!("printf '%s\\n%s' '{seed}' '{}' | sha256sum", first.assignment_id))
    }
}

/// What the address asks for.
struct Asked {
    draw: Option<Draw>,
    campaign: Option<(CampaignId, String)>,
    errors: Vec<FieldError>,
    /// Whether the address says every part by itself.
    is_whole: bool,
}

async fn read(app: &App, signed: &Signed, query: &Fields, v: &View) -> Result<Asked, Failure> {
    let mut errors = Vec::new();
    let mut fault = |field: &str, text: String| errors.push(FieldError::new(field, format!("sample.{field}"), text));
    let seed = query.filled("seed").map(str::to_owned);
    if seed.as_ref().is_none_or(|seed| seed.chars().count() > 200) {
        fault("seed", v.s("sample-bad-seed"));
    }
    let n = query.filled("n").and_then(|text| text.parse().ok()).filter(|n| (1..=MOST).contains(n));
    if n.is_none() {
        fault("n", v.s("sample-bad-n"));
    }
    let until = query.filled("until").map(|text| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()));
    if matches!(until, Some(Err(_))) {
        fault("until", v.s("sample-bad-until"));
    }
    let campaign = match query.filled("campaign") {
        None => None,
        Some(text) => match look_up::campaign(app, &signed.caller, text).await? {
            Meant::One(id, name) => Some((id, name)),
            Meant::Several(_) => {
                fault("campaign", v.s("audit-several"));
                None
            }
            Meant::Nothing => {
                fault("campaign", v.s("audit-no-campaign"));
                None
            }
        },
    };
    let named_by_id = query.filled("campaign").is_none_or(|text| text.parse::<CampaignId>().is_ok());
    let is_whole = query.filled("until").is_some() && named_by_id;
    let campaign_id = campaign.as_ref().map(|(id, _)| *id);
    // To the microsecond, as the databases keep time and as the address says it.
    let until = until.and_then(Result::ok).unwrap_or(v.now);
    let draw = match (seed, n) {
        (Some(seed), Some(n)) if errors.is_empty() => Some(Draw { seed, n, campaign_id, until }),
        _ => None,
    };
    Ok(Asked { draw, campaign, errors, is_whole })
}

/// The whole address of a draw.
fn address(path: &str, draw: &Draw) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("seed", &draw.seed).append_pair("n", &draw.n.to_string());
    if let Some(id) = draw.campaign_id {
        pairs.append_pair("campaign", &id.to_string());
    }
    pairs.append_pair("until", &draw.until.to_rfc3339_opts(SecondsFormat::Micros, true));
    format!("{path}?{}", pairs.finish())
}

/// The page: the form, and the sample once the address says which.
///
/// # Errors
/// Forbidden for who may not read the log.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    signed.caller.reach(Act::ViewLog)?;
    let v = View::of_user(&req, &signed);
    let query = query.0;
    let campaigns = look_up::latest_campaigns(&app, &signed.caller).await?;
    let is_asked = ["seed", "n", "campaign", "until"].iter().any(|field| query.filled(field).is_some());
    if !is_asked {
        let (f, csv_url) = (Faults::default(), String::new());
        let kept = kept::list(&app, &signed.caller).await?;
        return page(&SamplePage { v, query, f, campaign: None, campaigns, until: None, sample: None, csv_url, kept });
    }
    let asked = read(&app, &signed, &query, &v).await?;
    let (sample, csv_url, until) = match asked.draw {
        // The address is made to say everything, so that it repeats the draw.
        Some(draw) if !asked.is_whole => return Ok(see_other(&address("/samples", &draw))),
        Some(draw) => {
            let (csv_url, until) = (address("/samples.csv", &draw), draw.until);
            (Some(sample::draw(&app, &signed.caller, draw).await?), csv_url, Some(until))
        }
        None => (None, String::new(), None),
    };
    let f = Faults::new(&v, &asked.errors);
    page(&SamplePage { v, query, f, campaign: asked.campaign, campaigns, until, sample, csv_url, kept: Vec::new() })
}

/// The page again, with what is wrong with the form that keeps a sample.
///
/// # Errors
/// As [`show`].
pub async fn with_faults(
    app: &App,
    signed: &Signed,
    (v, f, query): (View, Faults, Fields),
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    let campaigns = look_up::latest_campaigns(app, &signed.caller).await?;
    let kept = kept::list(app, &signed.caller).await?;
    let csv_url = String::new();
    page_with(status, &SamplePage { v, query, f, campaign: None, campaigns, until: None, sample: None, csv_url, kept })
}

/// The sample as CSV.
///
/// # Errors
/// As [`show`]; [`ServiceError::Invalid`] for an address that draws nothing.
pub async fn csv(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    signed.caller.reach(Act::ViewLog)?;
    let asked = read(&app, &signed, &query.0, &View::of_user(&req, &signed)).await?;
    let draw = asked.draw.ok_or(ServiceError::Invalid(asked.errors))?;
    let file = sample::csv(&sample::draw(&app, &signed.caller, draw).await?)?;
    let kept = (header::CONTENT_DISPOSITION, ContentDisposition::attachment("gaung-sample.csv"));
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(kept).body(file))
}
