//! Ways through the work, as people go them: from desk to desk, by what stands on the pages.

use chrono::TimeDelta;
use gaung::service::user;

use super::chrome::{Browser, Device};
use super::scene::Scene;

/// The main form's button.
const GO: &str = "main form[method=post] button.btn.primary";

/// Follows the mail that somebody got last to the first page of this kind.
async fn follow_mail(browser: &Browser, to: &str, head: &str) {
    browser.goto("/mailbox").await;
    browser.fill("#to", to).await;
    browser.press("form[action='/mailbox'] button").await;
    browser.find("#to[value*='@']").await;
    browser.press("main tbody a[href^='/mailbox/']").await;
    let link = browser.find(&format!("main .links a[href*='{head}']")).await;
    let address = link.attr("href").await.expect("a page").expect("an address");
    assert_eq!(browser.goto(&address).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_signs_in_where_they_wanted_to_go_and_out_again() {
    let scene = Scene::new().await;
    let id = scene.desks.lead.user_id().expect("a user");
    user::set_password(&scene.app, &scene.desks.admin, id, "kuda-laut-menari-42".into()).await.expect("a password");
    let browser = Browser::open(&scene.served.base, Device::Desktop1280).await;
    let wanted = format!("/campaigns/{}", scene.running);
    browser.goto(&wanted).await;
    browser.fill("#email", "lead@klp.example.id").await;
    browser.fill("#password", "bukan-kuda-laut").await;
    browser.press(GO).await;
    browser.find(".summary").await;
    let focused = browser.eval("document.activeElement.className").await;
    assert_eq!(focused, "summary", "the summary has the focus");
    assert_eq!(browser.eval("document.querySelector('#email').value").await, "lead@klp.example.id");
    assert_eq!(browser.eval("document.querySelector('#password').value").await, "", "a password is not sent back");
    browser.fill("#password", "kuda-laut-menari-42").await;
    browser.press(GO).await;
    browser.find(".side").await;
    assert_eq!(browser.path().await, wanted);
    browser.press("form[action='/sign-out'] button").await;
    browser.find("#email").await;
    browser.goto(&wanted).await;
    assert!(browser.path().await.starts_with("/sign-in?next="), "{}", browser.path().await);
}

/// A campaign that is asked for in the scene is released, mailed, done on a phone, seen by its lead and found in the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_message_goes_from_desk_to_desk() {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Desktop1280).await;
    let campaign = format!("/campaigns/{}", scene.submitted);

    browser.session(&scene.session(&scene.desks.approver)).await;
    browser.goto(&campaign).await;
    browser.press(&format!("a[href='{campaign}/do/release']")).await;
    let asked = browser.words().await;
    assert!(asked.contains("Antrean daring kantor wilayah"), "what is released is said: {asked}");
    browser.press(GO).await;
    browser.arrive(&campaign).await;

    scene.clock.advance(TimeDelta::days(4) + TimeDelta::minutes(1));
    scene.drain().await;
    let asked = scene.tasks(scene.submitted);
    let sari = &asked[0];
    let (email, handle) = (scene.email(sari.member), scene.handle(sari.account));

    browser.session("").await;
    browser.device(Device::Phone390).await;
    follow_mail(&browser, &email, "/t/").await;
    let task = browser.path().await;
    let shown = browser.words().await;
    for words in ["Antrean daring kantor wilayah", "sukarela", handle.as_str()] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // One tap takes a text along, and says so.
    browser
        .cdp("Browser.grantPermissions", serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }))
        .await;
    browser.press("button[data-copy]").await;
    browser.find("button[data-copy].is-done").await;
    let (copied, first) = (
        browser.eval("navigator.clipboard.readText()").await,
        browser.eval("document.querySelector('.copy-text').textContent.trim()").await,
    );
    assert_eq!(copied, first);
    // Without the disclosure it is refused; what was typed stays, and the focus is on what is wrong.
    let url = format!("https://x.com/{handle}/status/1234567890123456789");
    let has_address = browser.eval("document.querySelector('#url') !== null").await == true;
    if has_address {
        browser.fill("#url", &url).await;
    }
    browser.press("button[value=done]").await;
    browser.find(".summary a[href='#disclosure']").await;
    assert_eq!(browser.eval("document.activeElement.className").await, "summary");
    if has_address {
        assert_eq!(browser.eval("document.querySelector('#url').value").await, url.as_str());
    }
    scene.clock.advance(TimeDelta::seconds(40));
    browser.press("#disclosure").await;
    browser.press("button[value=done]").await;
    browser.find("[data-face=done]").await;
    assert_eq!(browser.path().await, task);
    assert_eq!(browser.axe().await, Vec::<String>::new());

    browser.device(Device::Desktop1280).await;
    browser.session(&scene.session(&scene.desks.lead)).await;
    browser.goto(&campaign).await;
    let progress = browser.words().await;
    let wanted = format!("1 dari {}", asked.len());
    assert!(progress.contains(&wanted), "{wanted}: {progress}");
    assert!(!progress.contains(&handle) && !progress.contains(&email), "a lead sees numbers, not people: {progress}");

    browser.session(&scene.session(&scene.desks.auditor)).await;
    browser.goto("/log").await;
    browser.press("#kind option[value='assignment.done']").await;
    browser.fill("#campaign", &scene.submitted.to_string()).await;
    browser.press("form[action='/log'] button.primary").await;
    browser.find("#campaign[value]:not([value=''])").await;
    let entries = browser.eval("document.querySelectorAll('main tbody tr:not(.audit-day)').length").await;
    assert_eq!(entries, 1, "{}", browser.words().await);
    browser.press("main tbody a[href^='/log/']").await;
    browser.find("main pre").await;
    let entry = browser.words().await;
    assert!(entry.contains("assignment.done") && entry.contains("Antrean daring kantor wilayah"), "{entry}");
    assert!(!entry.contains(&handle) && !entry.contains(&email), "the log names nobody: {entry}");
    // That a form was refused, once and on purpose, is all that the console says.
    let complaints = browser.complaints().await;
    assert!(complaints.iter().all(|complaint| complaint.contains("status of 422")), "{complaints:#?}");
}
