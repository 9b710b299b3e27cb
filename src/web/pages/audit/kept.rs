//! A kept sample: announcing it, drawing it by a public value, recording what was found item by item, its result, sealing it.

use actix_web::http::header::{self, ContentDisposition};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::domain::finding::Finding;
use crate::domain::id::SampleId;
use crate::domain::proportion::Share;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum;
use crate::service::log::look_up::{self, Meant};
use crate::service::sample::Outcome;
use crate::service::sample::announce;
use crate::service::sample::kept::{self, Item, Page, SEED_DOMAIN};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::org::{read_id, refused};
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/sample.html")]
struct SamplePage {
    v: View,
    f: Faults,
    p: Page,
    /// The item to look at now: the first without a finding.
    next: Option<i32>,
    /// What was typed as the public value and refused.
    typed: String,
}

impl SamplePage {
    fn title(&self) -> String {
        if self.p.kept.is_waiting() { self.v.s("kept-announced") } else { self.v.a("kept-title", "value", &self.p.kept.value) }
    }
    /// How anybody gets the seed of an announced sample by themselves.
    fn seed_command(&self) -> Option<String> {
        let plan = self.p.kept.plan.as_ref().filter(|_| !self.p.kept.is_waiting())?;
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let lines = [SEED_DOMAIN, &plan.origin, &plan.size.to_string(), &plan.root].map(quoted).join(" ");
        Some(format!("{{ printf '%s\\n' {lines}; printf %s {}; }} | sha256sum", quoted(&self.p.kept.value)))
    }
    /// How anybody draws it again.
    fn command(&self) -> String {
        format!("gaung ledger sample EXPORT --sample {}", self.p.kept.id)
    }
    #[allow(clippy::unused_self)] // A template reaches it by the page.
    fn is(&self, item: &Item, finding: &Finding) -> bool {
        item.finding == Some(*finding)
    }
    /// Whether an item's form stands open.
    fn is_next(&self, item: &Item) -> bool {
        self.next == Some(item.no)
    }
    /// 93.4 % (86.5–97.1 %)
    fn said(&self, share: &Share) -> String {
        let percent = |share: f64| {
            let text = format!("{:.1}", share * 100.0);
            if self.v.code() == "id" { text.replace('.', ",") } else { text }
        };
        format!("{} % ({}–{} %)", percent(share.estimate), percent(share.low), percent(share.high))
    }
    fn progress(&self, all: &Outcome) -> String {
        self.v.two("kept-progress", ("found", all.found.to_string()), ("items", all.items.to_string()))
    }
    fn all(&self) -> Option<&Outcome> {
        self.p.outcomes.first()
    }
    fn is_finished(&self) -> bool {
        self.p.items.iter().all(|item| item.finding.is_some())
    }
}

/// Announces a draw; faults show the form's page again.
///
/// # Errors
/// Forbidden for who records no findings.
pub async fn announce(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let campaign = match form.filled("campaign") {
        None => Ok(None),
        Some(text) => match look_up::campaign(&app, &signed.caller, text).await? {
            Meant::One(id, _) => Ok(Some(id)),
            Meant::Several(_) | Meant::Nothing => {
                Err(ServiceError::Invalid(vec![FieldError::new("campaign", "audit.no_campaign", "No campaign has this title")]))
            }
        },
    };
    let n = form.get("n").parse().unwrap_or_default();
    let announced = match campaign {
        Ok(campaign_id) => announce::announce(&app, &signed.caller, n, campaign_id).await,
        Err(error) => Err(error),
    };
    match announced {
        Ok(id) => Ok(see_other(&format!("/samples/{id}"))),
        Err(error) => {
            let v = View::of_user(&req, &signed);
            let (status, f) = refused(&v, error)?;
            super::sample::with_faults(&app, &signed, (v, f, form), status).await
        }
    }
}

async fn sample_page(req: &HttpRequest, app: &App, signed: &Signed, id: SampleId) -> Result<SamplePage, Failure> {
    let p = kept::show(app, &signed.caller, id).await?;
    let next = p.items.iter().find(|item| item.finding.is_none()).map(|item| item.no);
    Ok(SamplePage { v: View::of_user(req, signed), f: Faults::default(), p, next, typed: String::new() })
}

/// One sample.
///
/// # Errors
/// Not found for who does not see it.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    page(&sample_page(&req, &app, &signed, read_id(&id)?).await?)
}

/// Draws what was announced, records a finding, or seals all of them.
///
/// # Errors
/// As [`show`]; faults and refusals show the page again.
pub async fn act(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let id: SampleId = read_id(&id)?;
    let done = match form.get("act") {
        "draw" => announce::draw(&app, &signed.caller, id, form.get("value")).await.map(|()| String::new()),
        "seal" => kept::seal(&app, &signed.caller, id).await.map(|_| String::new()),
        "record" => match (form.get("no").parse::<i32>(), Finding::parse(form.get("finding"))) {
            (Ok(no), Ok(finding)) => kept::record(&app, &signed.caller, id, no, (finding, form.get("note")))
                .await
                .map(|()| format!("#item-{}", no + 1)),
            _ => Err(ServiceError::field("finding", "sample.finding", "Choose what you found")),
        },
        _ => Err(ServiceError::field("", "form.act", "This form does not say what to do")),
    };
    match done {
        Ok(place) => Ok(see_other(&format!("/samples/{id}{place}"))),
        Err(error) => {
            let shown = sample_page(&req, &app, &signed, id).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &SamplePage { f, typed: form.get("value").to_owned(), ..shown })
        }
    }
}

/// The findings as CSV: once sealed, the file whose SHA-256 stands in the log.
///
/// # Errors
/// As [`show`].
pub async fn findings(app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let file = kept::findings(&app, &signed.caller, read_id(&id)?).await?;
    let kept = (header::CONTENT_DISPOSITION, ContentDisposition::attachment("gaung-findings.csv"));
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(kept).body(file))
}
