//! Importing from CSV in the page: a file is checked first, then exactly that file is imported. Works without script.

use actix_multipart::{Field, Multipart};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use futures_util::StreamExt as _;

use super::{read_id, refused};
use crate::app::App;
use crate::domain::text_enum::TextEnum;
use crate::service::import::ImportKind;
use crate::service::import::kept::{self, Upload};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::{CSV_LIMIT, QueryFields};
use crate::web::extract::upload::upload;
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

/// Bad rows that a page shows; the rest is counted.
const SHOWN: usize = 200;
/// The largest of the form's small fields, in octets.
const SMALL: usize = 64;

/// What a kind's file may hold.
struct Columns {
    kind: ImportKind,
    /// A column's name, and whether it must be there.
    columns: Vec<(&'static str, bool)>,
}

#[derive(Template)]
#[template(path = "pages/org_import.html")]
struct ImportPage {
    v: View,
    f: Faults,
    kind: Option<ImportKind>,
    kinds: Vec<Columns>,
}

impl ImportPage {
    fn is_chosen(&self, kind: &ImportKind) -> bool {
        self.kind.as_ref() == Some(kind)
    }
    fn about(&self, kind: &ImportKind, column: &str) -> String {
        self.v.s(&format!("column-{kind}-{column}"))
    }
}

#[derive(Template)]
#[template(path = "pages/org_upload.html")]
struct UploadPage {
    v: View,
    f: Faults,
    u: Upload,
}

impl UploadPage {
    fn count(&self, number: &u64) -> String {
        self.v.num(&i64::try_from(*number).unwrap_or(i64::MAX))
    }
    /// What the button says: the act and its numbers.
    fn button(&self) -> String {
        let (new, changed) = (self.count(&self.u.found.new), self.count(&self.u.found.changed));
        match (self.u.found.new, self.u.found.changed) {
            (_, 0) => self.v.a("import-apply-new", "new", new),
            (0, _) => self.v.a("import-apply-changed", "changed", changed),
            _ => self.v.two("import-apply", ("new", new), ("changed", changed)),
        }
    }
    fn shown(&self) -> impl Iterator<Item = &kept::FoundFault> {
        self.u.found.errors.iter().take(SHOWN)
    }
    fn untold(&self) -> Option<String> {
        let untold = self.u.found.error_count.saturating_sub(self.u.found.errors.len().min(SHOWN) as u64);
        (untold > 0).then(|| self.v.a("import-untold", "count", self.count(&untold)))
    }
    fn has_work(&self) -> bool {
        self.u.found.new + self.u.found.changed > 0
    }
    fn column(&self, fault: &kept::FoundFault) -> String {
        fault.column.clone().unwrap_or_default()
    }
}

/// The kinds that somebody may import.
fn kinds(signed: &Signed) -> Vec<Columns> {
    let may = |kind: &&ImportKind| signed.caller.reach(kind.act()).is_ok();
    let columns = |kind: &ImportKind| {
        let spec = kind.columns();
        let required = spec.required.iter().map(|name| (*name, true));
        Columns { kind: *kind, columns: required.chain(spec.optional.iter().map(|name| (*name, false))).collect() }
    };
    ImportKind::ALL.iter().filter(may).map(columns).collect()
}

fn form_page(req: &HttpRequest, signed: &Signed, kind: Option<ImportKind>) -> Result<ImportPage, Failure> {
    let kinds = kinds(signed);
    if kinds.is_empty() {
        return Err(ServiceError::Forbidden.into());
    }
    Ok(ImportPage { v: View::of_user(req, signed), f: Faults::default(), kind, kinds })
}

/// The form; `?kind=` chooses what the file holds.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who may import nothing.
pub async fn form(req: HttpRequest, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let kind = query.0.filled("kind").and_then(|word| ImportKind::parse(word).ok());
    page(&form_page(&req, &signed, kind)?)
}

/// A file to begin from.
///
/// # Errors
/// Not found for another kind.
pub async fn template(_: Signed, kind: web::Path<String>) -> Result<HttpResponse, Failure> {
    let kind = ImportKind::parse(&kind).map_err(|_| Failure::NoRoute)?;
    let body = match kind {
        ImportKind::Units => include_str!("../../../../examples/units.csv"),
        ImportKind::Members => include_str!("../../../../examples/members.csv"),
        ImportKind::Accounts => include_str!("../../../../examples/accounts.csv"),
        ImportKind::BlockedTargets => include_str!("../../../../examples/blocked_targets.csv"),
        ImportKind::Freezes => include_str!("../../../../examples/freezes.csv"),
    };
    let name = format!("attachment; filename=\"{kind}.csv\"");
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/csv; charset=utf-8").insert_header((header::CONTENT_DISPOSITION, name));
    // With a mark, Excel reads it as UTF-8.
    Ok(answer.body(format!("\u{feff}{body}")))
}

fn unreadable() -> Failure {
    Failure::Malformed { code: "request.malformed", message: "The form could not be read; send it again".into() }
}

async fn small(field: &mut Field) -> Result<String, Failure> {
    let mut text = Vec::new();
    while let Some(piece) = field.next().await {
        text.extend_from_slice(&piece.map_err(|_| unreadable())?);
        if text.len() > SMALL {
            return Err(unreadable());
        }
    }
    String::from_utf8(text).map_err(|_| unreadable())
}

/// What came of a form with a file.
struct Taken {
    kind: Option<ImportKind>,
    checked: Result<crate::domain::id::UploadId, ServiceError>,
}

/// Reads the form as it arrives: the kind first, then the file, which is checked and kept.
async fn take(app: &App, signed: &Signed, mut body: Multipart) -> Result<Taken, Failure> {
    let mut kind = None;
    while let Some(field) = body.next().await {
        let mut field = field.map_err(|_| unreadable())?;
        match field.name().unwrap_or_default() {
            "kind" => kind = ImportKind::parse(&small(&mut field).await?).ok(),
            "file" => {
                let name = field.content_disposition().and_then(|shown| shown.get_filename()).unwrap_or_default().to_owned();
                let Some(kind) = kind.filter(|_| !name.is_empty()) else { break };
                let (feed, source) = upload();
                let checked = kept::check(app, &signed.caller, kind, &name, source);
                let (sent, checked) = futures_util::future::join(feed.pump(field), checked).await;
                let checked = match sent {
                    Err(Failure::TooLarge { .. }) => {
                        let message = format!("The file is larger than {} MiB; split it", CSV_LIMIT >> 20);
                        Err(ServiceError::field("file", "import.too_large", message))
                    }
                    Err(failure) => return Err(failure),
                    Ok(()) => checked,
                };
                return Ok(Taken { kind: Some(kind), checked });
            }
            _ => drop(small(&mut field).await?),
        }
    }
    let mut faults = Vec::new();
    if kind.is_none() {
        faults.push(FieldError::new("kind", "import.kind_missing", "Choose what the file holds"));
    }
    faults.push(FieldError::new("file", "import.file_missing", "Choose a CSV file"));
    Ok(Taken { kind, checked: Err(ServiceError::Invalid(faults)) })
}

/// Checks a file, and leads to what was found.
///
/// # Errors
/// The use case's, but for faults of the form, which show it again.
pub async fn check(req: HttpRequest, app: web::Data<App>, signed: Signed, body: Multipart) -> Result<HttpResponse, Failure> {
    let mut shown = form_page(&req, &signed, None)?;
    let taken = take(&app, &signed, body).await?;
    match taken.checked {
        Ok(id) => Ok(see_other(&format!("/import/{id}"))),
        Err(error) => {
            let (status, f) = refused(&shown.v, error)?;
            shown.kind = taken.kind;
            page_with(status, &ImportPage { f, ..shown })
        }
    }
}

/// What was found in a file.
///
/// # Errors
/// Not found for somebody else's, or after a day.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let u = kept::show(&app, &signed.caller, read_id(&id)?).await?;
    page(&UploadPage { v: View::of_user(&req, &signed), f: Faults::default(), u })
}

/// Imports it.
///
/// # Errors
/// As [`show`]; where what is on file has changed since, the page says so with the new numbers.
pub async fn apply(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let u = kept::apply(&app, &signed.caller, read_id(&id)?).await?;
    if u.applied_at.is_some() {
        return Ok(see_other(&format!("/import/{}", u.id)));
    }
    let v = View::of_user(&req, &signed);
    let f = Faults::one("", v.s("import-moved"));
    page_with(StatusCode::CONFLICT, &UploadPage { v, f, u })
}
