//! Claims in every state to look at.

use gaung::app::App;
use gaung::domain::id::UnitId;
use gaung::service::claim::{self, Claim, ClaimForm, NewAnswer};

use super::scene::Desks;

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
