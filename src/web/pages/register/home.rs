//! The register's first page: what it is, the look-up, and the accounts by name.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Links, page, setting};
use crate::app::App;
use crate::domain::id::UnitId;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;
use crate::service::PageRequest;
use crate::service::register::{Ask, PublicAccount, account};
use crate::service::seal::{self, Checkpoint as CheckpointRow};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register.html")]
struct Home {
    v: View,
    links: Links,
    accounts: Vec<PublicAccount>,
    platforms: &'static [Platform],
    units: Vec<(UnitId, String)>,
    advocates: Option<i64>,
    ask: Ask,
    next: Option<String>,
    checkpoint: Option<CheckpointRow>,
}

impl Home {
    fn is_filtered(&self) -> bool {
        self.ask != Ask::default()
    }
    fn is_platform(&self, platform: &Platform) -> bool {
        self.ask.platform == Some(*platform)
    }
    fn is_unit(&self, unit: &UnitId) -> bool {
        self.ask.unit_id == Some(*unit)
    }
    /// Whether a row begins a layer.
    fn begins(&self, index: &usize) -> bool {
        let layer = |i: usize| self.accounts.get(i).map(|account| account.layer);
        *index == 0 || layer(*index) != layer(index - 1)
    }
}

/// The page. A filter that can't be read is left out.
///
/// # Errors
/// A cursor that no page gave; the database's failure.
pub async fn show(req: HttpRequest, app: web::Data<App>, query: QueryFields) -> Result<HttpResponse, Failure> {
    let query = query.0;
    let (v, links) = setting(&req);
    let ask = Ask {
        platform: query.filled("platform").and_then(|word| Platform::parse(word).ok()),
        unit_id: query.filled("unit").and_then(|id| id.parse().ok()),
    };
    let wanted = PageRequest { after: query.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = account::list(&app, ask, wanted).await?;
    let (units, advocates) = account::around(&app).await?;
    let platform = ask.platform.map(|p| p.as_str()).unwrap_or_default();
    let unit = ask.unit_id.map(|id| id.to_string()).unwrap_or_default();
    let next = found.next.map(|after| links.with("/register", &[("platform", platform), ("unit", &unit), ("after", &after)]));
    let accounts = found.items;
    let checkpoint = seal::serve::latest(&app).await?;
    page(&req, &Home { v, links, accounts, platforms: Platform::ALL, units, advocates, ask, next, checkpoint })
}
