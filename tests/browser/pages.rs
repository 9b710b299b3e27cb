//! Every page route, in both languages and both themes: accessible, as wide as its screen, quiet, and usable by keyboard.

use gaung::domain::locale::Locale;

use super::catalogue::{self, Visit, Who};
use super::chrome::{Browser, Device};
use super::scene::Scene;

/// What is wrong with a page; the browser is at it.
async fn faults(browser: &Browser, device: Device) -> Vec<String> {
    let mut found = browser.missing_words().await;
    found.extend(browser.overflow(device).await);
    browser.shorten().await;
    found.extend(browser.axe().await);
    found.extend(browser.axe_in_the_dark().await);
    found.extend(browser.keyboard().await);
    found.extend(browser.complaints().await);
    found
}

async fn look(browser: &Browser, device: Device, visit: &Visit) -> Vec<String> {
    let _ = browser.complaints().await;
    let status = browser.goto(&visit.path).await;
    let mut found = Vec::new();
    if status != visit.status {
        found.push(format!("answers {status}, not {}", visit.status));
    }
    let mut rest = faults(browser, device).await;
    // That a page answers with a refusal is what the console then says.
    rest.retain(|fault| visit.status == 200 || !fault.contains("Failed to load resource"));
    found.extend(rest);
    found
}

/// The members' pages on a phone and the console on a desktop; the other language the other way round.
fn device(path: &str, locale: Locale) -> Device {
    let members = ["/t/", "/p/", "/u/", "/o/", "/m/"].iter().any(|head| path.starts_with(head));
    if members == (locale == Locale::Id) { Device::Phone390 } else { Device::Desktop1280 }
}

async fn every_page(locale: Locale) {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Desktop1280).await;
    browser.language(locale).await;
    let mut report = Vec::new();
    let mut visits = Vec::new();
    for pattern in catalogue::pages() {
        match catalogue::visits(&scene, pattern) {
            Some(known) => visits.extend(known),
            None => report.push(format!("{pattern}: where is it? Add it to tests/browser/catalogue.rs")),
        }
    }
    visits.extend(catalogue::refusals(&scene));
    let (mut who, mut screen) = (Who::Public, Device::Desktop1280);
    for visit in &visits {
        if visit.who != who {
            browser.session(&visit.session(&scene)).await;
            who = visit.who;
        }
        let wanted = device(&visit.path, locale);
        if wanted != screen {
            browser.device(wanted).await;
            screen = wanted;
        }
        let found = look(&browser, screen, visit).await;
        report.extend(found.into_iter().map(|fault| format!("{} ({:?}, {locale}, {screen:?}): {fault}", visit.path, visit.who)));
    }
    assert!(report.is_empty(), "{} faults on {} pages:\n{}", report.len(), visits.len(), report.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_indonesian() {
    every_page(Locale::Id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_english() {
    every_page(Locale::En).await;
}
