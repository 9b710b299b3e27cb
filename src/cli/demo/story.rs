//! The campaign that the demo runs: one message, four layers, each wave started by what came before it.

use chrono::NaiveDateTime;

use crate::domain::audience::Audience;
use crate::domain::content::{CampaignContent, Fact, TargetPlan, TaskPlan, VariantPlan, WavePlan};
use crate::domain::id::{PostId, TaskId, VariantId, WaveId};
use crate::domain::kind::{Action, Layer};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::domain::wave::Timing;

/// Official accounts publish; leaders explain; service accounts answer in their own words; employees who want to carry it on.
pub(super) fn four_layers(opens: NaiveDateTime) -> CampaignContent {
    let publish = wave("Akun resmi menerbitkan", Layer::Main, at(opens), 4 * 60, |platform| {
        let brief = "Terbitkan pesan utama dengan gambar yang tersedia di folder kampanye. Sebutkan tanggal dan tautan layanan.";
        task(platform, Action::Publish, TargetPlan::Message, brief)
    });
    let source = publish.id;
    let post = TargetPlan::PostOf { wave_id: source };
    let explain = wave(
        "Pemimpin dan pakar menjelaskan",
        Layer::Opinion,
        Timing::After { wave_id: source, minutes: 60 },
        12 * 60,
        |platform| {
            let brief = "Jelaskan dengan sudut pandang Anda mengapa layanan satu pintu memudahkan warga. Cantumkan jabatan atau kerja sama Anda.";
            TaskPlan { own_words: true, variants: Vec::new(), ..task(platform, Action::Create, TargetPlan::Message, brief) }
        },
    );
    let talk = wave(
        "Akun layanan menyampaikan ulang",
        Layer::Conversation,
        Timing::Cascade { wave_id: source, minutes: 30 },
        10 * 60,
        |p| {
            let brief = "Sampaikan ulang dengan gaya akun Anda dan jawab pertanyaan yang sering muncul. Sertakan tautan sumber.";
            task(p, Action::Rephrase, post.clone(), brief)
        },
    );
    let share = wave(
        "Pegawai yang berkenan membagikan",
        Layer::Advocacy,
        Timing::Cascade { wave_id: source, minutes: 120 },
        24 * 60,
        |p| {
            let brief =
                "Bagikan unggahan resmi bila Anda berkenan. Cantumkan bahwa Anda pegawai kementerian di profil atau unggahan.";
            task(p, Action::Share, post.clone(), brief)
        },
    );
    CampaignContent {
        title: "Pekan Layanan Satu Pintu".into(),
        message: "Mulai pekan ini semua layanan kementerian dapat diurus dari satu pintu, daring maupun di kantor wilayah."
            .into(),
        facts: vec![
            Fact {
                text: "42 jenis layanan kini berada dalam satu portal.".into(),
                source_url: "https://klp.example.id/layanan/satu-pintu".into(),
            },
            Fact {
                text: "Kantor wilayah melayani pukul 08.00 sampai 16.00 waktu setempat.".into(),
                source_url: "https://klp.example.id/kantor-wilayah".into(),
            },
        ],
        avoid: vec!["Menjanjikan waktu penyelesaian yang pasti".into(), "Membandingkan dengan instansi lain".into()],
        paid: false,
        waves: vec![publish, explain, talk, share],
    }
}

/// A small campaign that is open while somebody looks at the demo.
pub(super) fn open_now(opens: NaiveDateTime, post: PostId) -> CampaignContent {
    let mut share = wave("Ajakan kepada pegawai", Layer::Advocacy, at(opens), 3 * 24 * 60, |platform| {
        let brief = "Bagikan unggahan resmi tentang jam layanan bila Anda berkenan.";
        task(platform, Action::Share, TargetPlan::Post { post_id: post }, brief)
    });
    share.tasks.retain(|t| t.platform == Platform::X);
    share.audience = Audience { sample: Some(40), ..Audience::default() };
    CampaignContent {
        title: "Jam layanan akhir tahun".into(),
        message: "Kantor wilayah tetap buka sampai 30 Desember dengan jam layanan yang disesuaikan.".into(),
        facts: vec![Fact {
            text: "Jadwal tiap kantor wilayah ada di laman resmi.".into(),
            source_url: "https://klp.example.id/kantor-wilayah/jadwal".into(),
        }],
        avoid: Vec::new(),
        paid: false,
        waves: vec![share],
    }
}

fn at(local: NaiveDateTime) -> Timing {
    Timing::At { local, zone: "Asia/Jakarta".into() }
}

fn wave(name: &str, layer: Layer, timing: Timing, open_minutes: u32, task: impl Fn(Platform) -> TaskPlan) -> WavePlan {
    WavePlan {
        id: WaveId::new(),
        name: name.into(),
        layer,
        timing,
        open_minutes,
        grace_minutes: None,
        remind_minutes_before_end: Some(open_minutes / 4),
        audience: Audience::default(),
        tasks: vec![task(Platform::X), task(Platform::Instagram)],
    }
}

fn task(platform: Platform, action: Action, target: TargetPlan, brief: &str) -> TaskPlan {
    let texts = [
        (
            Locale::Id,
            "Mengurus layanan kementerian kini cukup lewat satu pintu. Daftar lengkapnya ada di unggahan resmi. #PegawaiKLP",
        ),
        (
            Locale::Id,
            "Saya sudah mencoba portal satu pintu: pilih layanan, unggah berkas, pantau prosesnya. Silakan dicoba. #PegawaiKLP",
        ),
        (Locale::Id, "Tidak perlu lagi berpindah loket. Kantor wilayah di daerah Anda juga sudah siap membantu. #PegawaiKLP"),
        (
            Locale::En,
            "All of the ministry's services now start at one door, online or at a regional office near you. #KLPemployee",
        ),
        (Locale::En, "One portal, 42 services, and people at the regional offices who help you through it. #KLPemployee"),
    ];
    let variants = texts.map(|(locale, text)| VariantPlan { id: VariantId::new(), locale, text: text.into() });
    TaskPlan {
        id: TaskId::new(),
        platform,
        action,
        brief: brief.into(),
        target,
        own_words: false,
        evidence_required: action == Action::Publish,
        variants: variants.into(),
    }
}
