//! The name of a request in the log, in its answer's header and on error pages: made here, or taken over from a proxy of ours.

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use tracing_actix_web::RequestId;

use super::extract::is_trusted_peer;
use crate::app::App;

/// The header that carries it, in and out.
pub const HEADER: &str = "x-request-id";
/// The longest name that is taken over.
const LONGEST: usize = 64;

/// A request's name.
#[derive(Debug, Clone)]
struct Name(String);

/// Names a request that has just come in.
pub(super) fn give(req: &ServiceRequest) -> String {
    let made = || req.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let app = req.app_data::<actix_web::web::Data<App>>();
    let trusted = app.is_some_and(|app| is_trusted_peer(req.peer_addr(), &app.config.server.trusted_proxies));
    let given = req.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|name| trusted && is_plain(name));
    let name = given.map_or_else(made, str::to_owned);
    req.extensions_mut().insert(Name(name.clone()));
    name
}

/// The name of a request.
pub fn of(req: &impl HttpMessage) -> String {
    req.extensions().get::<Name>().map(|name| name.0.clone()).unwrap_or_default()
}

/// Letters, digits and a few marks: nothing that could be taken for something else in a log or on a page.
fn is_plain(name: &str) -> bool {
    (8..=LONGEST).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_is_taken_over() {
        assert!(is_plain("0a1b2c3d-4e5f"));
        for name in ["", "short", "with space in it", "line\nbreak-in-it", "<script>alert(1)", &"a".repeat(65)] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
