//! The register as data: one JSON document, and CSV files for spreadsheets.

use std::io;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::stream;
use serde::Serialize;

use super::pieces::{Pager, send};
use super::{Links, setting};
use crate::app::App;
use crate::service::export_csv::CsvWriter;
use crate::service::register::{Ask, PublicAccount, PublicCampaign, PublicCorrection, account, campaign, claim};
use crate::service::{Page, ServiceError};
use crate::web::error::Failure;

/// The document's beginning. Its form is kept; what is added later is added beside.
#[derive(Serialize)]
struct Head {
    version: u8,
    institution: String,
    register: String,
    /// No figure is given about fewer people than this.
    least_group: u32,
    /// Employees' accounts that take part; null where too few to tell.
    employees_accounts: Option<i64>,
}

#[derive(Serialize)]
struct Account {
    page: String,
    badge: String,
    #[serde(flatten)]
    account: PublicAccount,
}

#[derive(Serialize)]
struct Campaign {
    page: String,
    slug: String,
    title: String,
    message: String,
    sponsor: String,
    paid: bool,
    state: String,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    correction: Option<PublicCorrection>,
    layers: Vec<Layer>,
}

#[derive(Serialize)]
struct Layer {
    layer: i16,
    withheld: bool,
    asked: Option<i64>,
    done: Option<i64>,
}

impl Campaign {
    fn of(c: PublicCampaign, page: String) -> Self {
        let layers = c.layers.iter().map(|l| Layer {
            layer: l.layer,
            withheld: l.figures.is_none(),
            asked: l.figures.map(|(asked, _)| asked),
            done: l.figures.map(|(_, done)| done),
        });
        Self {
            page,
            layers: layers.collect(),
            slug: c.slug,
            title: c.title,
            message: c.message,
            sponsor: c.sponsor,
            paid: c.paid,
            state: c.state.to_string(),
            started_at: c.started_at,
            ended_at: c.ended_at,
            correction: c.correction,
        }
    }
}

/// Where the document stands.
enum Step {
    Head,
    Accounts(Pager),
    Campaigns(Pager),
    Claims(Pager),
    End,
}

/// Everything as one JSON document, an item a line.
///
/// # Errors
/// The database's failure.
pub async fn json(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (v, links) = setting(&req);
    let pieces = stream::unfold(Step::Head, move |step| {
        let (app, links, institution) = (app.clone(), links.clone(), v.institution.clone());
        async move {
            match step {
                Step::End => None,
                step => Some(match piece(&app, &links, institution, step).await {
                    Ok((bytes, next)) => (Ok(bytes), next),
                    Err(error) => (Err(error), Step::End),
                }),
            }
        }
    });
    send(&req, "application/json", pieces).await
}

async fn piece(app: &App, links: &Links, institution: String, step: Step) -> Result<(Vec<u8>, Step), ServiceError> {
    match step {
        Step::Head => {
            let head = Head {
                version: 1,
                institution,
                register: links.whole("/register"),
                least_group: app.config.privacy.small_group,
                employees_accounts: account::advocates(app).await?,
            };
            let mut bytes = written(&head)?;
            bytes.pop();
            bytes.extend_from_slice(b",\n\"accounts\":[");
            Ok((bytes, Step::Accounts(Pager::default())))
        }
        Step::Accounts(mut pager) => {
            let Some(request) = pager.request() else {
                return Ok((b"\n],\n\"campaigns\":[".to_vec(), Step::Campaigns(Pager::default())));
            };
            let page = account::list(app, Ask::default(), request).await?.map(|account| {
                let page = links.whole(&format!("/register/accounts/{}", account.id));
                Account { badge: format!("{page}/badge.svg"), page, account }
            });
            Ok((lines(&mut pager, page)?, Step::Accounts(pager)))
        }
        Step::Campaigns(mut pager) => {
            let Some(request) = pager.request() else {
                return Ok((b"\n],\n\"claims\":[".to_vec(), Step::Claims(Pager::default())));
            };
            let page = campaign::list(app, request).await?.map(|c| {
                let page = links.whole(&format!("/register/campaigns/{}", c.slug));
                Campaign::of(c, page)
            });
            Ok((lines(&mut pager, page)?, Step::Campaigns(pager)))
        }
        Step::Claims(mut pager) => {
            let Some(request) = pager.request() else { return Ok((b"\n]}\n".to_vec(), Step::End)) };
            let page = claim::list(app, request).await?;
            Ok((lines(&mut pager, page)?, Step::Claims(pager)))
        }
        Step::End => Ok((Vec::new(), Step::End)),
    }
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, ServiceError> {
    serde_json::to_vec(value).map_err(|error| ServiceError::Internal(error.to_string()))
}

/// The items of a page, each on its own line, with commas between them.
fn lines<T: Serialize>(pager: &mut Pager, page: Page<T>) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::new();
    for item in pager.turn(page) {
        bytes.extend_from_slice(if pager.begins() { b"\n" } else { b",\n" });
        bytes.append(&mut written(&item)?);
    }
    Ok(bytes)
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

const ACCOUNT_COLUMNS: [&str; 14] = [
    "id",
    "name",
    "platform",
    "handle",
    "profile_url",
    "kind",
    "layer",
    "engagement",
    "unit",
    "statement",
    "statement_url",
    "checked_at",
    "expires_at",
    "page",
];

/// Rows of a file; the first ones follow its header.
fn rows(is_first: bool, header: impl FnOnce() -> Vec<String>) -> io::Result<CsvWriter<Vec<u8>>> {
    if !is_first {
        return Ok(CsvWriter::new(Vec::new()));
    }
    let mut file = CsvWriter::for_spreadsheet(Vec::new())?;
    file.row(header())?;
    Ok(file)
}

fn account_rows(is_first: bool, accounts: Vec<PublicAccount>, page: impl Fn(&PublicAccount) -> String) -> io::Result<Vec<u8>> {
    let mut file = rows(is_first, || ACCOUNT_COLUMNS.map(String::from).to_vec())?;
    for a in accounts {
        let page = page(&a);
        file.row([
            a.id.to_string(),
            a.name,
            a.platform.to_string(),
            a.handle,
            a.profile_url.unwrap_or_default(),
            a.kind.to_string(),
            a.layer.to_string(),
            a.engagement.map(|e| e.to_string()).unwrap_or_default(),
            a.unit,
            a.statement,
            a.statement_url,
            time(a.checked_at),
            time(a.expires_at),
            page,
        ])?;
    }
    file.finish()
}

fn in_memory(error: io::Error) -> ServiceError {
    ServiceError::Internal(error.to_string())
}

/// The accounts as CSV.
///
/// # Errors
/// The database's failure.
pub async fn accounts_csv(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (_, links) = setting(&req);
    let pieces = stream::try_unfold(Pager::default(), move |mut pager| {
        let (app, links) = (app.clone(), links.clone());
        async move {
            let Some(request) = pager.request() else { return Ok(None) };
            let accounts = pager.turn(account::list(&app, Ask::default(), request).await?);
            let page = |account: &PublicAccount| links.whole(&format!("/register/accounts/{}", account.id));
            let bytes = account_rows(pager.begins(), accounts, page).map_err(in_memory)?;
            Ok::<_, ServiceError>(Some((bytes, pager)))
        }
    });
    send(&req, "text/csv; charset=utf-8", pieces).await
}

/// The columns stay in their order; what is added later is added at the end.
fn campaign_columns() -> Vec<String> {
    let head = ["slug", "title", "message", "sponsor", "paid", "state", "started_at", "ended_at"].map(String::from);
    let numbers = (0..4).flat_map(|layer| [format!("layer_{layer}_asked"), format!("layer_{layer}_done")]);
    let tail = ["page", "correction", "corrected_at"].map(String::from);
    head.into_iter().chain(numbers).chain(tail).collect()
}

fn campaign_rows(
    is_first: bool,
    campaigns: Vec<PublicCampaign>,
    page: impl Fn(&PublicCampaign) -> String,
) -> io::Result<Vec<u8>> {
    let mut file = rows(is_first, campaign_columns)?;
    for c in campaigns {
        let numbers = (0..4).flat_map(|layer| match c.layers.iter().find(|l| l.layer == layer) {
            None => [String::new(), String::new()],
            Some(found) => match found.figures {
                Some((asked, done)) => [asked.to_string(), done.to_string()],
                None => ["withheld".to_owned(), "withheld".to_owned()],
            },
        });
        let numbers: Vec<String> = numbers.collect();
        let page = page(&c);
        let ended = c.ended_at.map(time).unwrap_or_default();
        let head = [c.slug, c.title, c.message, c.sponsor, c.paid.to_string(), c.state.to_string(), time(c.started_at), ended];
        let (correction, at) = c.correction.map(|it| (it.text, time(it.issued_at))).unwrap_or_default();
        file.row(head.into_iter().chain(numbers).chain([page, correction, at]))?;
    }
    file.finish()
}

/// The campaigns as CSV.
///
/// # Errors
/// The database's failure.
pub async fn campaigns_csv(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (_, links) = setting(&req);
    let pieces = stream::try_unfold(Pager::default(), move |mut pager| {
        let (app, links) = (app.clone(), links.clone());
        async move {
            let Some(request) = pager.request() else { return Ok(None) };
            let campaigns = pager.turn(campaign::list(&app, request).await?);
            let page = |campaign: &PublicCampaign| links.whole(&format!("/register/campaigns/{}", campaign.slug));
            let bytes = campaign_rows(pager.begins(), campaigns, page).map_err(in_memory)?;
            Ok::<_, ServiceError>(Some((bytes, pager)))
        }
    });
    send(&req, "text/csv; charset=utf-8", pieces).await
}
