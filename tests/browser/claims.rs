//! The claims desk in the browser: claims in every state to look at, and one claim's way from a phone to the public register.

use chrono::TimeDelta;
use gaung::app::App;
use gaung::domain::id::UnitId;
use gaung::service::claim::{self, Claim, ClaimForm, NewAnswer};

use super::chrome::{Browser, Device};
use super::scene::{Desks, Scene};

fn form(unit_id: UnitId, text: &str, fact: &str) -> ClaimForm {
    let source = if fact.is_empty() { "" } else { "https://klp.example.id/kantor-wilayah/jadwal" };
    ClaimForm {
        unit_id,
        claim: text.into(),
        seen_url: "https://x.com/kabar_simpang/status/1790000000000000001".into(),
        seen_at: None,
        fact: fact.into(),
        source_url: source.into(),
        answer_unit_id: None,
        answer_user_id: None,
    }
}

/// Claims in every state; one is answered and shown to the public.
pub async fn on_file(app: &App, desks: &Desks, root: UnitId) {
    let filed = |text: &'static str, fact: &'static str| async move {
        claim::file(app, &desks.lead, form(root, text, fact)).await.expect("a claim")
    };
    let confirmed = |c: Claim| async move { claim::confirm(app, &desks.approver, c.id, c.version).await.expect("confirmed") };
    let answered = |c: Claim, n: u8| async move {
        let url = format!("https://x.com/klp_ri/status/17900000000000001{n:02}");
        claim::answer(app, &desks.lead, c.id, NewAnswer { url, handle: String::new() }).await.expect("an answer");
        claim::publish(app, &desks.lead, c.id, c.version, true).await.expect("public")
    };
    let fact = "Kantor wilayah tetap buka sampai 30 Desember.\nJam layanan tidak berubah.";
    let open = filed("Loket pindah ke kota lain mulai pekan depan.", "").await;
    let (by, reason) = (&desks.lead, "Tidak lagi beredar.");
    let closed = filed("Semua layanan dihentikan.", fact).await;
    claim::withdraw(app, by, closed.id, closed.version, reason).await.expect("withdrawn");
    filed("Antrean hanya untuk yang membayar.", "Antrean gratis untuk semua orang.").await;
    confirmed(filed("Formulir lama tidak berlaku.", "Formulir lama berlaku sampai akhir tahun.").await).await;
    let done = answered(confirmed(filed("Petugas meminta biaya tambahan.", "Tidak ada biaya tambahan.").await).await, 1).await;
    claim::close(app, by, done.id, done.version).await.expect("closed");
    answered(confirmed(filed("Kantor wilayah tutup selama bulan Desember.", fact).await).await, 2).await;
    claim::change(app, by, open.id, open.version, form(root, "Loket pindah ke kota lain mulai besok.", ""))
        .await
        .expect("changed");
}

/// The page's words hold this.
async fn says(browser: &Browser, wanted: &str) {
    let said = browser.words().await;
    assert!(said.contains(wanted), "{wanted}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_goes_from_a_phone_to_its_answer_in_the_public_register() {
    let scene = Scene::new().await;
    let browser = Browser::open(&scene.served.base, Device::Phone390).await;
    browser.session(&scene.session(&scene.desks.lead)).await;
    browser.goto("/claims").await;
    browser.press("main a.btn.primary[href='/claims/new']").await;
    // A blocked account's address is refused, and nothing typed is lost.
    let wrong = "Iuran naik tiga kali lipat mulai Januari.";
    browser.fill("#claim", wrong).await;
    browser.fill("#seen_url", "https://x.com/calon_contoh/status/1790000000000000555").await;
    browser.press("main form[method=post] button.btn.primary").await;
    browser.find(".summary a[href='#seen_url']").await;
    assert_eq!(browser.eval("document.activeElement.className").await, "summary");
    assert_eq!(browser.eval("document.querySelector('#claim').value").await, wrong);
    browser.fill("#seen_url", "https://x.com/kabar_simpang/status/1790000000000000555").await;
    browser.press("main form[method=post] button.btn.primary").await;
    browser.find("#answers").await;
    says(&browser, "Perlu fakta").await;
    let path = browser.path().await.split('?').next().unwrap_or_default().to_owned();
    // The fact follows; who wrote it does not confirm it.
    browser.goto(&format!("{path}/edit")).await;
    browser.fill("#fact", "Iuran tidak naik.").await;
    browser.fill("#source_url", "https://klp.example.id/iuran").await;
    browser.press("main form[method=post] button.btn.primary").await;
    browser.find("#answers").await;
    says(&browser, "menunggu orang kedua").await;
    assert_eq!(browser.eval("document.querySelector('button[value=confirm]') === null").await, true);
    browser.session(&scene.session(&scene.desks.approver)).await;
    browser.goto(&path).await;
    browser.press("button[value=confirm]").await;
    browser.find(".notice.good").await;
    says(&browser, "Siap dijawab").await;
    // One button starts the campaign that answers it: the task points at the claim.
    browser.session(&scene.session(&scene.desks.lead)).await;
    browser.goto(&path).await;
    browser.press(&format!("form[action='{path}/campaign'] button")).await;
    browser.find("#tasks-0-target").await;
    let id = path.trim_start_matches("/claims/");
    assert_eq!(browser.eval("document.querySelector('#tasks-0-target').value").await, format!("claim:{id}"));
    assert_eq!(browser.eval("document.querySelector('#tasks-0-action').value").await, "answer");
    assert_eq!(browser.axe().await, Vec::<String>::new());
    browser.goto(&path).await;
    says(&browser, "Jawaban: Iuran naik").await;
    // An answer that was published is filed by its address; the register shows it once that is wanted.
    scene.clock.advance(TimeDelta::minutes(5));
    browser.press("details summary").await;
    browser.fill("#url", "https://x.com/klp_ri/status/1790000000000000777").await;
    browser.press("button[value=answer]").await;
    browser.find("button[value=close]").await;
    says(&browser, "Sedang dijawab").await;
    browser.press("#sure").await;
    browser.press("button[value=publish]").await;
    browser.find("button[value=hide]").await;
    browser.press("button[value=close]").await;
    browser.find("button[value=reopen]").await;
    says(&browser, "Terjawab").await;
    assert_eq!(browser.axe().await, Vec::<String>::new());
    browser.goto("/register/claims").await;
    says(&browser, wrong).await;
    says(&browser, "1790000000000000777").await;
    assert_eq!(browser.axe().await, Vec::<String>::new());
}
