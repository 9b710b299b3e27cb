//! The sealed log for everybody: the page that says how to check it without trusting anybody here, and the files that are checked.

pub mod files;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use super::register::{Links, page, setting};
use crate::app::App;
use crate::service::seal::{self, Badge, Checkpoint, Status};
use crate::web::error::Failure;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/ledger.html")]
struct LedgerPage {
    v: View,
    links: Links,
    s: Status,
}

impl LedgerPage {
    /// The word for what is known of the log's being whole.
    const fn badge(&self) -> &'static str {
        word(&self.s.badge)
    }
    /// The key that signs now, for the commands to be copied; its place where there is none yet.
    fn vkey(&self) -> &str {
        self.s.keys.first().map_or("…", |key| key.vkey.as_str())
    }
    /// The last part of the words' keys for a key: whether it signs, leaves, or is a former one.
    fn standing(&self, key: &seal::key::Known) -> &'static str {
        match (key.until_size, key.retires_at) {
            (Some(_), _) => "former",
            (None, Some(_)) => "leaving",
            (None, None) => "signs",
        }
    }
}

/// The last part of the words' keys for a badge.
pub const fn word(badge: &Badge) -> &'static str {
    match badge {
        Badge::Intact { .. } => "intact",
        Badge::Broken { .. } => "broken",
        Badge::NotChecked => "unchecked",
    }
}

/// Up to which entry the log was found whole, and when.
pub fn intact(v: &View, size: &i64, at: &DateTime<Utc>) -> String {
    v.two("seal-intact-about", ("count", v.num(size)), ("when", v.when(at)))
}

/// Which entry is not what was sealed, and when that was found.
pub fn broken(v: &View, entry: &i64, at: &DateTime<Utc>) -> String {
    v.two("seal-broken-about", ("entry", entry.to_string()), ("when", v.when(at)))
}

/// How many entries a checkpoint is of, and when it was signed, in the words of a key.
pub fn latest(v: &View, key: &str, checkpoint: &Checkpoint) -> String {
    v.two(key, ("count", v.num(&checkpoint.size)), ("when", v.when(&checkpoint.signed_at)))
}

/// The page.
///
/// # Errors
/// The database's failure.
pub async fn show(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (v, links) = setting(&req);
    let s = seal::status(&app).await?;
    page(&req, &LedgerPage { v, links, s })
}
