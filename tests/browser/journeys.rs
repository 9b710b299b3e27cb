//! Ways through the work, as people go them: from desk to desk, by what stands on the pages.

use chrono::TimeDelta;
use gaung::service::page::PageRequest;
use gaung::service::{schedule, user};

use super::chrome::{Browser, Device};
use super::scene::Scene;

/// The campaign that goes from desk to desk.
const TITLE: &str = "Pelatihan digital untuk warga";
/// The main form's button.
const GO: &str = "main form[method=post] button.btn.primary";

/// The addresses of all links of the page shown that match, in order, each once.
async fn addresses(browser: &Browser, css: &str) -> Vec<String> {
    let script = format!("[...new Set([...document.querySelectorAll(\"{css}\")].map((a) => a.href.split('#')[0]))].join(' ')");
    browser.eval(&script).await.as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Follows a mail that somebody got, the newest first, to the page of this kind that is about something: a mail may hold several tasks.
async fn follow_mail(browser: &Browser, to: &str, about: &str, head: &str) {
    browser.goto("/mailbox").await;
    browser.fill("#to", to).await;
    browser.press("form[action='/mailbox'] button").await;
    browser.find("#to[value*='@']").await;
    for mail in addresses(browser, "main tbody a[href^='/mailbox/']").await {
        browser.goto(&mail).await;
        for page in addresses(browser, &format!("main .links a[href*='{head}']")).await {
            assert_eq!(browser.goto(&page).await, 200);
            if browser.words().await.contains(about) {
                return;
            }
        }
    }
    panic!("no mail about {about}");
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

/// An admin imports people and accounts: what is wrong in a file is told row by row; the mended file comes in.
async fn imports(browser: &Browser, scene: &Scene) {
    browser.session(&scene.session(&scene.desks.admin)).await;
    let members = "employee_no,name,email,unit_code\n\
        19920202 201902 2 001,Laras Ayuningtyas,laras@klp.example.id,BPSDM\n\
        19930303 201903 1 002,Yosef Wenda,yosef@klp.example.id,BPSDM\n";
    let faulty = members.replace("yosef@klp.example.id", "yosef klp.example.id");
    upload(browser, scene, "members", &faulty).await;
    let told = browser.words().await;
    assert!(told.contains("email") && told.contains('3'), "{told}");
    assert_eq!(browser.eval(&format!("document.querySelector('{GO}') === null")).await, true, "nothing to apply");
    upload(browser, scene, "members", members).await;
    browser.press(GO).await;
    browser.find("a[href='/import?kind=accounts']").await;
    let accounts = "employee_no,kind,platform,handle,display_name,disclosure_statement,disclosure_url\n\
        19920202 201902 2 001,advocate,x,@laras_a,Laras,Pegawai KLP,https://x.com/laras_a\n\
        19930303 201903 1 002,advocate,x,@yosefwenda,Yosef,Pegawai KLP,https://x.com/yosefwenda\n";
    upload(browser, scene, "accounts", accounts).await;
    browser.press(GO).await;
    browser.find("main a.plain[href='/accounts']").await;
}

async fn upload(browser: &Browser, scene: &Scene, kind: &str, csv: &str) {
    let file = scene.file(&format!("{kind}.csv"), csv);
    browser.goto(&format!("/import?kind={kind}")).await;
    browser.find("#file").await.send_keys(file).await.expect("a file");
    browser.press(GO).await;
    browser.find("#found").await;
}

/// The unit is asked for consent, a person agrees by the link in the mail, an approver confirms what the account says of itself.
async fn takes_part(browser: &Browser, scene: &Scene, email: &str, handle: &str) {
    browser.goto("/units").await;
    let unit = browser.eval("[...document.querySelectorAll('main a[href^=\"/units/\"]')].find((a) => a.textContent.includes('Badan Pengembangan')).pathname").await;
    let unit = unit.as_str().expect("a unit").to_owned();
    browser.goto(&format!("{unit}/ask")).await;
    browser.press(GO).await;
    browser.find("main [role=status]").await;
    scene.drain().await;
    browser.session("").await;
    browser.device(Device::Phone390).await;
    follow_mail(browser, email, "", "/o/").await;
    browser.press("button[value=give]").await;
    browser.find("[data-face=given]").await;
    browser.device(Device::Desktop1280).await;
    browser.session(&scene.session(&scene.desks.approver)).await;
    browser.goto("/disclosures").await;
    let row = format!(
        "[...document.querySelectorAll('main tr')].find((row) => row.textContent.includes('{handle}')).querySelector('a[href^=\"/disclosures/\"]').pathname"
    );
    let disclosure = browser.eval(&row).await;
    browser.goto(disclosure.as_str().expect("a disclosure")).await;
    browser.press("button[value=confirm]").await;
    browser.arrive("/disclosures").await;
}

/// A lead writes a campaign, checks it and asks for its release; gives its path.
async fn composes(browser: &Browser, scene: &Scene) -> String {
    browser.session(&scene.session(&scene.desks.lead)).await;
    browser.goto("/campaigns/new").await;
    browser.fill("#title", TITLE).await;
    browser.fill("#message", "Pendaftaran pelatihan digital dibuka sampai akhir bulan.").await;
    browser.press("main button.primary[value=save]").await;
    browser.find("#waves").await;
    let edit = browser.path().await.split('?').next().unwrap_or_default().to_owned();
    browser.press("button[value=add-fact]").await;
    browser.fill("#facts-0-text", "Pelatihan tidak dipungut biaya.").await;
    browser.fill("#facts-0-source_url", "https://klp.example.id/pelatihan").await;
    browser.press("#new-layer option[value='3']").await;
    browser.press("button[value=add-wave]").await;
    browser.find("#tasks-0-target").await;
    browser.fill("#name", "Ajakan kepada pegawai").await;
    // Soon: another campaign's second wave asks the same people tomorrow, and three tasks a week are the most.
    let opens = (scene.clock.shared().now() + TimeDelta::hours(3)).with_timezone(&chrono_tz::Asia::Jakarta);
    browser.eval(&format!("document.querySelector('#local').value = '{}'", opens.format("%Y-%m-%dT%H:%M"))).await;
    browser.press("#tasks-0-action option[value=share]").await;
    browser.press("#tasks-0-target option[value^='post:']").await;
    browser.fill("#tasks-0-brief", "Bagikan bila Anda berkenan.").await;
    browser.press("button[value='0:add-variant']").await;
    browser.fill("#tasks-0-variants-0-text", "Pelatihan digital kini terbuka untuk siapa saja. #PegawaiKLP").await;
    browser.press("main .save-bar button[value=save]").await;
    browser.find("main [role=status]").await;
    let campaign = edit.trim_end_matches("/edit").to_owned();
    browser.goto(&format!("{campaign}/preview")).await;
    let checked = browser.words().await;
    assert!(checked.contains("Ajakan kepada pegawai"), "{checked}");
    browser.goto(&campaign).await;
    browser.press(&format!("a[href='{campaign}/do/submit']")).await;
    browser.arrive(&format!("{campaign}/do/submit")).await;
    browser.press(GO).await;
    browser.arrive(&campaign).await;
    campaign
}

/// The approver, a second person, looks at it and releases it.
async fn releases(browser: &Browser, scene: &Scene, campaign: &str) {
    browser.session(&scene.session(&scene.desks.approver)).await;
    browser.goto(campaign).await;
    browser.press(&format!("a[href='{campaign}/do/release']")).await;
    browser.arrive(&format!("{campaign}/do/release")).await;
    let asked = browser.words().await;
    assert!(asked.contains(TITLE), "what is released is said: {asked}");
    browser.press(GO).await;
    browser.arrive(campaign).await;
}

/// A member does the task on a phone, by the link in the mail.
async fn does_it(browser: &Browser, scene: &Scene, email: &str, handle: &str) {
    browser.session("").await;
    browser.device(Device::Phone390).await;
    follow_mail(browser, email, TITLE, "/t/").await;
    let task = browser.path().await;
    let shown = browser.words().await;
    for words in [TITLE, "sukarela", handle] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // One tap takes a text along, and says so.
    let allowed = serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.cdp("Browser.grantPermissions", allowed).await;
    browser.press("button[data-copy]").await;
    browser.find("button[data-copy].is-done").await;
    let copied = browser.eval("navigator.clipboard.readText()").await;
    assert_eq!(copied, browser.eval("document.querySelector('.copy-text').textContent.trim()").await);
    // Without the disclosure it is refused, and the focus is on what is wrong.
    browser.press("button[value=done]").await;
    browser.find(".summary a[href='#disclosure']").await;
    assert_eq!(browser.eval("document.activeElement.className").await, "summary");
    scene.clock.advance(TimeDelta::seconds(40));
    browser.press("#disclosure").await;
    browser.press("button[value=done]").await;
    browser.find("[data-face=done]").await;
    assert_eq!(browser.path().await, task);
    assert_eq!(browser.axe().await, Vec::<String>::new());
    browser.device(Device::Desktop1280).await;
}

/// The auditor finds the one completion in the log, which names nobody.
async fn finds_it(browser: &Browser, scene: &Scene, campaign: &str, (email, handle): (&str, &str)) {
    browser.session(&scene.session(&scene.desks.auditor)).await;
    browser.goto("/log").await;
    browser.press("#kind option[value='assignment.done']").await;
    browser.fill("#campaign", campaign.trim_start_matches("/campaigns/")).await;
    browser.press("form[action='/log'] button.primary").await;
    browser.find("#campaign[value]:not([value=''])").await;
    let entries = browser.eval("document.querySelectorAll('main tbody a[href^=\"/log/0\"]').length").await;
    assert_eq!(entries, 1, "{}", browser.words().await);
    browser.press("main tbody a[href^='/log/0']").await;
    browser.find("main pre").await;
    let entry = browser.words().await;
    assert!(entry.contains("assignment.done") && entry.contains(TITLE), "{entry}");
    assert!(!entry.contains(handle) && !entry.contains(email), "the log names nobody: {entry}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_message_goes_from_a_file_to_the_log() {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Desktop1280).await;
    let (email, handle) = ("laras@klp.example.id", "laras_a");
    // Once a week at nine it asks the same people, and three tasks a week are the most.
    let planned = schedule::list(&scene.app, &scene.desks.lead, PageRequest::first(50)).await.expect("schedules");
    for planned in planned.items {
        schedule::stop(&scene.app, &scene.desks.lead, planned.id).await.expect("stopped");
    }
    imports(&browser, &scene).await;
    takes_part(&browser, &scene, email, handle).await;
    let campaign = composes(&browser, &scene).await;
    releases(&browser, &scene, &campaign).await;

    // Time passes in steps: a wave that is found hours after its time is held, not opened.
    let id = campaign.trim_start_matches("/campaigns/").parse().expect("an id");
    for _ in 0..72 {
        if !scene.tasks(id).is_empty() {
            break;
        }
        scene.clock.advance(TimeDelta::minutes(40));
        scene.drain().await;
    }
    does_it(&browser, &scene, email, handle).await;

    browser.session(&scene.session(&scene.desks.lead)).await;
    browser.goto(&campaign).await;
    let progress = browser.words().await;
    let asked = scene.tasks(id).len();
    let wanted = format!("1 dari {asked}");
    assert!(progress.contains(&wanted), "{wanted}: {progress}");
    assert!(!progress.contains(handle) && !progress.contains(email), "a lead sees numbers, not people: {progress}");

    finds_it(&browser, &scene, &campaign, (email, handle)).await;
    // That a form was refused, on purpose, is all that the console says.
    let complaints = browser.complaints().await;
    assert!(complaints.iter().all(|complaint| complaint.contains("status of 422")), "{complaints:#?}");
}
