//! Style, script and icons, compiled in. Their addresses carry a hash of their content, so browsers may keep them for a year.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::error::Failure;

#[derive(rust_embed::RustEmbed)]
#[folder = "assets/"]
struct Files;

static URLS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let names = Files::iter();
    names.map(|name| (name.to_string(), format!("/assets/{}/{name}", version(&name)))).collect()
});

fn version(name: &str) -> String {
    let hash = Files::get(name).map(|file| file.metadata.sha256_hash()).unwrap_or_default();
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The address of a file, with its version.
#[must_use]
pub fn url(name: &str) -> String {
    URLS.get(name).cloned().unwrap_or_else(|| format!("/assets/none/{name}"))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// A file. An old version's address still gives the file, but not for keeps.
///
/// # Errors
/// [`Failure::NoRoute`] for a file that does not exist.
pub async fn show(path: web::Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (asked, name) = path.into_inner();
    let file = Files::get(&name).ok_or(Failure::NoRoute)?;
    let keep = if asked == version(&name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let answer = HttpResponse::Ok()
        .content_type(media_type(&name))
        .insert_header((header::CACHE_CONTROL, keep))
        .body(file.data.into_owned());
    Ok(answer)
}
