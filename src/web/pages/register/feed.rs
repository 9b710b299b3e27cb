//! The register as an Atom feed (RFC 4287).

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

use super::{Links, open, setting};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::register::news::{self, News};
use crate::web::error::Failure;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register_feed.xml")]
struct Feed {
    v: View,
    links: Links,
    entries: Vec<Entry>,
    updated: String,
}

/// An entry, in words.
struct Entry {
    id: String,
    title: String,
    link: String,
    updated: String,
    published: String,
    text: String,
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The text without characters that XML 1.0 can't hold.
fn plain(text: String) -> String {
    text.chars().filter(|c| matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))).collect()
}

fn entry(v: &View, links: &Links, piece: News) -> Entry {
    let at = piece.at();
    match piece {
        News::Campaign(c) => Entry {
            id: format!("urn:uuid:{}", c.id),
            title: plain(v.a(
                match (&c.correction, c.ended_at) {
                    (Some(_), _) => "register-feed-corrected",
                    (None, Some(_)) => "register-feed-ended",
                    (None, None) => "register-feed-began",
                },
                "title",
                &c.title,
            )),
            link: links.whole(&format!("/register/campaigns/{}", c.slug)),
            updated: time(at),
            published: time(c.started_at),
            text: plain(match &c.correction {
                Some(correction) => format!("{} — {}", correction.text, c.sponsor),
                None => format!("{} — {}", c.message, c.sponsor),
            }),
        },
        News::Account(a) => Entry {
            id: format!("urn:uuid:{}", a.id),
            title: plain(v.a(
                "register-feed-account",
                "name",
                format!("{} ({}, {})", a.name, a.handle, v.word("platform", a.platform)),
            )),
            link: links.whole(&format!("/register/accounts/{}", a.id)),
            updated: time(at),
            published: time(at),
            text: plain(format!("{} — {}", a.statement, a.unit)),
        },
    }
}

/// The feed.
///
/// # Errors
/// The database's failure.
pub async fn atom(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let (v, links) = setting(&req);
    let news = news::latest(&app).await?;
    // An empty feed has its time too (RFC 4287 section 4.2.15), and the same one each time.
    let updated = time(news.first().map(News::at).unwrap_or_default());
    let entries = news.into_iter().map(|piece| entry(&v, &links, piece)).collect();
    let feed = Feed { v, links, entries, updated };
    let body = feed.render().map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(open(&req, "application/atom+xml; charset=utf-8", body.into_bytes()))
}
