//! The register as data: one JSON document, and CSV files for spreadsheets.

use std::io;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{open, setting};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::export_csv::CsvWriter;
use crate::service::register::{PublicAccount, PublicCampaign, PublicCorrection, account, campaign};
use crate::web::error::Failure;

/// The document. Its form is kept; what is added later is added beside.
#[derive(Serialize)]
struct Document {
    version: u8,
    institution: String,
    register: String,
    /// No figure is given about fewer people than this.
    least_group: u32,
    accounts: Vec<Account>,
    /// Employees' accounts that take part; null where too few to tell.
    employees_accounts: Option<i64>,
    campaigns: Vec<Campaign>,
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

/// Everything as one JSON document.
///
/// # Errors
/// The database's failure.
pub async fn json(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (v, links) = setting(&req);
    let (_, employees_accounts) = account::around(&app).await?;
    let accounts = account::all(&app).await?.into_iter().map(|account| {
        let page = links.whole(&format!("/register/accounts/{}", account.id));
        Account { badge: format!("{page}/badge.svg"), page, account }
    });
    let campaigns = campaign::all(&app).await?.into_iter();
    let campaigns = campaigns.map(|c| {
        let page = links.whole(&format!("/register/campaigns/{}", c.slug));
        Campaign::of(c, page)
    });
    let document = Document {
        version: 1,
        institution: v.institution,
        register: links.whole("/register"),
        least_group: app.config.privacy.small_group,
        accounts: accounts.collect(),
        employees_accounts,
        campaigns: campaigns.collect(),
    };
    let body = serde_json::to_vec_pretty(&document).map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(open(&req, "application/json", body))
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn accounts_file(accounts: Vec<PublicAccount>, page: impl Fn(&PublicAccount) -> String) -> io::Result<Vec<u8>> {
    let mut file = CsvWriter::for_spreadsheet(Vec::new())?;
    file.row([
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
    ])?;
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

/// The accounts as CSV.
///
/// # Errors
/// The database's failure.
pub async fn accounts_csv(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (_, links) = setting(&req);
    let accounts = account::all(&app).await?;
    let file = accounts_file(accounts, |account| links.whole(&format!("/register/accounts/{}", account.id)));
    Ok(open(&req, "text/csv; charset=utf-8", file.map_err(|error| ServiceError::Internal(error.to_string()))?))
}

fn campaigns_file(campaigns: Vec<PublicCampaign>, page: impl Fn(&PublicCampaign) -> String) -> io::Result<Vec<u8>> {
    let mut file = CsvWriter::for_spreadsheet(Vec::new())?;
    let head = ["slug", "title", "message", "sponsor", "paid", "state", "started_at", "ended_at"].map(String::from);
    let numbers = (0..4).flat_map(|layer| [format!("layer_{layer}_asked"), format!("layer_{layer}_done")]);
    file.row(head.into_iter().chain(numbers).chain(["page".to_owned()]))?;
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
        file.row(head.into_iter().chain(numbers).chain([page]))?;
    }
    file.finish()
}

/// The campaigns as CSV.
///
/// # Errors
/// The database's failure.
pub async fn campaigns_csv(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (_, links) = setting(&req);
    let campaigns = campaign::all(&app).await?;
    let file = campaigns_file(campaigns, |c| links.whole(&format!("/register/campaigns/{}", c.slug)));
    Ok(open(&req, "text/csv; charset=utf-8", file.map_err(|error| ServiceError::Internal(error.to_string()))?))
}
