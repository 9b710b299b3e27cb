//! The page with every message: both languages, the HTML in a frame that may do nothing.

use gaung::service::mail_preview::MESSAGES;
use reqwest::StatusCode;

use crate::support::database::Engine;
use crate::support::http::{Served, text};
use crate::support::world::World;

async fn every_message_is_shown_in_both_languages(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let admin = served.browser(&world.admin);
    for name in MESSAGES {
        let page = text(admin.get(&format!("/mail/preview?message={name}")).await, StatusCode::OK).await;
        for locale in ["id", "en"] {
            let frame = format!("/mail/preview/{name}/{locale}");
            assert!(page.contains(&format!("src=\"{frame}\"")) && page.contains("sandbox=\""), "{name}: {page}");
            let html = admin.get(&frame).await;
            let policy = html.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
            assert!(text(html, StatusCode::OK).await.contains(&format!("<html lang=\"{locale}\"")), "{name}");
        }
    }
    assert_eq!(admin.get("/mail/preview?message=spam").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/mail/preview/task/fr").await.status(), StatusCode::NOT_FOUND);
}

on_both!(every_message_is_shown_in_both_languages);
