//! The sweeps can fail: what is broken on purpose is reported. And two promises of the task page: its weight, and life without script.

use super::chrome::{Browser, Device};
use super::scene::Scene;

/// An image without words, faint letters, a field without a label, two buttons too small for a finger.
const BREAK: &str = "(() => {
    const main = document.querySelector('main');
    const image = new Image(); image.src = document.querySelector('link[rel=icon]').href; main.append(image);
    const faint = document.createElement('p'); faint.textContent = 'faint'; faint.style.color = '#aaa'; main.append(faint);
    main.append(document.createElement('input'));
    for (let i = 0; i < 2; i++) {
        const button = document.createElement('button'); button.textContent = 'x'; main.append(button);
        Object.assign(button.style, { width: '12px', height: '12px', minBlockSize: '0', padding: '0', border: '0', fontSize: '9px', color: '#000', background: '#fff' });
    }
})()";
/// Something broad, a button that shows no focus, and one that lies under a sheet.
const HIDE: &str = "(() => {
    const main = document.querySelector('main');
    const add = (name) => { const b = document.createElement('button'); b.id = name; b.textContent = name; main.append(b); return b; };
    const plain = add('plain'); plain.style.outline = 'none'; plain.addEventListener('focus', () => plain.style.setProperty('outline', 'none', 'important'));
    const wide = document.createElement('div'); wide.textContent = 'wide'; wide.style.width = '700px'; main.append(wide);
    const under = add('under'); under.addEventListener('focus', () => {
        const sheet = document.createElement('div'); main.append(sheet);
        Object.assign(sheet.style, { position: 'fixed', inset: '0', zIndex: '1000', background: '#fff' });
    });
})()";
/// A field that does not let go.
const TRAP: &str = "document.querySelector('#password').addEventListener('keydown', (e) => e.preventDefault())";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_broken_is_reported() {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Phone390).await;
    browser.goto(&format!("/t/{}", scene.open[0].token)).await;
    assert_eq!(browser.axe().await, Vec::<String>::new());
    browser.eval(BREAK).await;
    let found = browser.axe().await;
    for rule in ["image-alt", "color-contrast", "label", "target-size"] {
        assert!(found.iter().any(|finding| finding.starts_with(&format!("{rule}:"))), "{rule}: {found:#?}");
    }

    browser.goto("/sign-in").await;
    assert_eq!(browser.keyboard().await, Vec::<String>::new());
    assert_eq!(browser.overflow(Device::Phone390).await, Vec::<String>::new());
    browser.eval(HIDE).await;
    let found = [browser.overflow(Device::Phone390).await, browser.keyboard().await].concat();
    for said in ["too wide at 320", "the focus does not show on <button#plain", "something lies over the focused <button#under"] {
        assert!(found.iter().any(|finding| finding.contains(said)), "{said}: {found:#?}");
    }
    browser.goto("/sign-in").await;
    browser.eval(TRAP).await;
    let found = browser.keyboard().await;
    assert!(found.iter().any(|finding| finding.starts_with("Tab does not reach <button")), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_policy_refuses_is_reported() {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Phone390).await;
    browser.goto("/sign-in").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    let inject = "const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s); \
        document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p><img src=\"https://example.com/x.png\" alt>'); \
        new Promise((done) => setTimeout(done, 100))";
    browser.eval(inject).await;
    assert!(browser.eval("window.ran === undefined").await == true, "the script ran");
    let found = browser.complaints().await;
    for directive in ["policy: script-src-elem", "policy: style-src-attr", "policy: img-src", "console:"] {
        assert!(found.iter().any(|complaint| complaint.starts_with(directive)), "{directive}: {found:#?}");
    }
    browser.eval("setTimeout(() => { throw new Error('stumbled') }); new Promise((done) => setTimeout(done, 100))").await;
    let found = browser.complaints().await;
    assert!(found.iter().any(|complaint| complaint.contains("stumbled")), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_page_weighs_at_most_30_kb() {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Phone390).await;
    let weigh = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((e) => `${e.transferSize} ${new URL(e.name).pathname.slice(0, 30)}`)";
    browser.goto(&format!("/t/{}", scene.open[0].token)).await;
    let parts: Vec<String> = serde_json::from_value(browser.eval(weigh).await).expect("a list");
    let bytes: u64 = parts.iter().filter_map(|part| part.split(' ').next()?.parse::<u64>().ok()).sum();
    assert!(parts.iter().any(|part| part.contains("app.css")) && bytes > 3_000, "{parts:#?}");
    assert!(bytes <= 30 * 1024, "{bytes} bytes: {parts:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_is_done_without_script() {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Phone390).await;
    browser.scripts(false).await;
    let path = format!("/t/{}", scene.open[0].token);
    browser.goto(&path).await;
    assert!(browser.eval("document.documentElement.classList.contains('js')").await == false, "the script ran");
    // Pressed too early, the form says what is missing, and keeps what is there.
    browser.press("button[value=done]").await;
    browser.find(".summary a[href='#disclosure']").await;
    scene.clock.advance(chrono::TimeDelta::seconds(40));
    browser.press("#disclosure").await;
    browser.press("button[value=done]").await;
    browser.find("[data-face=done]").await;
    assert_eq!(browser.path().await, path);
    browser.press("[data-face=done] form button").await;
    browser.find("#decline").await;
    browser.press("#decline").await;
    browser.find("[data-face=declined]").await;
}
