//! Every message with made-up facts, for previews and for the tests that look at all of them. One place, so that none is forgotten.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::render::{
    AskedAccount, CheckpointMail, CorrectionMail, DailyReportMail, DigestItem, DigestMail, LogState, MailContext, NextOpening,
    NoticeMail, NoticeWords, OptInMail, ReleaseRequestMail, ReportedCampaign, SignInMail, TaskMail, said_of_request,
};
use crate::domain::content::ClaimWords;
use crate::domain::data_request::RequestKind;
use crate::domain::kind::{Action, ConsentKind};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;

/// What every sample shares.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The language.
    pub locale: Locale,
    /// The institution that writes.
    pub institution: String,
    /// Where its service is, without a slash at the end.
    pub base_url: String,
    /// The reader's zone.
    pub zone: Tz,
    /// When it is.
    pub now: DateTime<Utc>,
}

/// The names of the messages, as the preview takes them.
pub const MESSAGES: [&str; 17] = [
    "task",
    "operator_task",
    "answer_task",
    "reminder",
    "test",
    "digest",
    "correction",
    "opt_in",
    "operate",
    "release_request",
    "sign_in",
    "daily_report",
    "request_to_confirm",
    "request_refused",
    "address_to_confirm",
    "address_asked",
    "checkpoint",
];

/// The message of this name with made-up facts; `None` for another name.
#[must_use]
pub fn message(setting: &Setting, name: &str) -> Option<MailContext> {
    Some(match name {
        "task" => MailContext::Task(setting.task()),
        "operator_task" => MailContext::Task(setting.operator_task()),
        "answer_task" => MailContext::Task(setting.answer_task()),
        "reminder" => MailContext::Reminder(setting.task()),
        "test" => MailContext::Test(setting.task()),
        "digest" => MailContext::Digest(setting.digest()),
        "correction" => MailContext::Correction(setting.correction()),
        "opt_in" => MailContext::OptIn(setting.consent(ConsentKind::Participate)),
        "operate" => MailContext::OptIn(setting.consent(ConsentKind::Operate)),
        "release_request" => MailContext::ReleaseRequest(setting.release_request()),
        "sign_in" => MailContext::SignIn(setting.sign_in()),
        "daily_report" => MailContext::DailyReport(setting.daily_report()),
        "request_to_confirm" => MailContext::Notice(setting.notice(NoticeWords::RequestToConfirm)),
        "request_refused" => MailContext::Notice(setting.notice(NoticeWords::RequestRefused)),
        "address_to_confirm" => MailContext::Notice(NoticeMail {
            name: "Sari".to_owned(),
            about: "sari.rahmawati@example.go.id".to_owned(),
            quote: None,
            url: setting.token("a"),
            ..setting.notice(NoticeWords::AddressToConfirm)
        }),
        "address_asked" => MailContext::Notice(NoticeMail {
            about: "s***@example.go.id".to_owned(),
            quote: None,
            url: format!("{}/settings", setting.token("m")),
            ..setting.notice(NoticeWords::AddressAsked)
        }),
        "checkpoint" => MailContext::Checkpoint(setting.checkpoint()),
        _ => return None,
    })
}

const TITLE: &str = "Pajak kita, sekolah kita";
const MESSAGE: &str = "Satu dari lima rupiah pajak kembali ke sekolah: begini cara memeriksanya di daerah Anda.";
const UNIT: &str = "Direktorat Komunikasi Publik";
const MEMBER: &str = "Sari Dewi Rahmawati";
const USER: &str = "Rina Kusuma";

impl Setting {
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// A path with a token as long as real ones are.
    fn token(&self, page: &str) -> String {
        self.at(&format!("/{page}/EQGYqBxPJ3yOnVUfLj1MW2oAAAABAGm9mDBo7d3kq2H0c4oYt1s9-wXz"))
    }

    fn in_hours(&self, hours: i64) -> DateTime<Utc> {
        self.now + TimeDelta::hours(hours)
    }

    fn day(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    fn task(&self) -> TaskMail {
        TaskMail {
            locale: self.locale,
            member_name: MEMBER.to_owned(),
            institution: self.institution.clone(),
            sponsor_unit: UNIT.to_owned(),
            campaign_title: TITLE.to_owned(),
            message: MESSAGE.to_owned(),
            action: Action::Share,
            platform: Platform::Instagram,
            account_handle: "@saridewi".to_owned(),
            consent: ConsentKind::Participate,
            brief: "Ceritakan satu sekolah di dekat Anda yang sudah diperbaiki.\nJangan menyebut nama murid.".to_owned(),
            target_url: Some("https://www.instagram.com/p/C9xYz0aBcDe/".to_owned()),
            claim: None,
            variants: vec![
                "Sekolah adik saya tahun ini dapat atap baru. Dananya bisa dilacak sampai ke rupiah terakhir.".to_owned(),
                "Baru tahu anggaran sekolah di kecamatan sendiri bisa dibuka siapa saja. Sudah coba?".to_owned(),
            ],
            own_words_required: false,
            deadline: self.in_hours(52),
            zone: self.zone,
            calendar_uid: "task-0198b5e2-7a10-7c3e-9d55-1f2e3d4c5b6a@gaung.example.go.id".to_owned(),
            task_url: self.token("t"),
            decline_url: format!("{}#decline", self.token("t")),
            pause_url: self.token("p"),
            register_url: self.at("/register"),
        }
    }

    fn operator_task(&self) -> TaskMail {
        TaskMail {
            action: Action::Publish,
            platform: Platform::X,
            account_handle: "@KemenContoh".to_owned(),
            consent: ConsentKind::Operate,
            brief: String::new(),
            target_url: None,
            variants: vec![MESSAGE.to_owned()],
            own_words_required: true,
            ..self.task()
        }
    }

    fn answer_task(&self) -> TaskMail {
        TaskMail {
            action: Action::Answer,
            platform: Platform::X,
            account_handle: "@InfoPajak".to_owned(),
            consent: ConsentKind::Operate,
            brief: "Balas di tempat klaim ini beredar; sebutkan fakta dan sumbernya.".to_owned(),
            target_url: None,
            claim: Some(ClaimWords {
                claim: "Mulai Januari semua tabungan dipotong pajak baru.".to_owned(),
                seen_url: Some("https://x.com/kabar_simpang/status/1790000000000000000".to_owned()),
                fact: "Tidak ada pajak baru atas tabungan. Pajak atas bunga simpanan tidak berubah sejak 2000.".to_owned(),
                source_url: "https://www.example.go.id/siaran/tabungan".to_owned(),
            }),
            variants: vec![
                "Tidak ada pajak baru atas tabungan. Aturannya di sini: https://www.example.go.id/siaran/tabungan".to_owned(),
            ],
            ..self.task()
        }
    }

    fn digest(&self) -> DigestMail {
        let item = |n: u8, action, platform, handle: &str, title: &str| DigestItem {
            action,
            platform,
            account_handle: handle.to_owned(),
            campaign_title: title.to_owned(),
            sponsor_unit: UNIT.to_owned(),
            deadline: self.in_hours(6 + i64::from(n) * 20),
            reminder: n == 0,
            task_url: self.token("t"),
            calendar_uid: format!("task-0198b5e2-7a10-7c3e-9d55-1f2e3d4c5b6{n}@gaung.example.go.id"),
        };
        DigestMail {
            locale: self.locale,
            member_name: MEMBER.to_owned(),
            institution: self.institution.clone(),
            items: vec![
                item(0, Action::Like, Platform::Facebook, "sari.dewi", "Posyandu dekat rumah"),
                item(1, Action::Share, Platform::Instagram, "@saridewi", TITLE),
                item(2, Action::Create, Platform::Tiktok, "@saridewi", TITLE),
            ],
            zone: self.zone,
            tasks_url: self.token("m"),
            pause_url: self.token("p"),
            settings_url: format!("{}/settings", self.token("m")),
            register_url: self.at("/register"),
        }
    }

    fn correction(&self) -> CorrectionMail {
        CorrectionMail {
            locale: self.locale,
            member_name: MEMBER.to_owned(),
            institution: self.institution.clone(),
            sponsor_unit: UNIT.to_owned(),
            campaign_title: TITLE.to_owned(),
            correction: "Kami menulis satu dari lima rupiah; yang benar satu dari enam.\nAngka yang benar ada di laporan anggaran 2026, halaman 14."
                .to_owned(),
            action: Action::Share,
            platform: Platform::Instagram,
            account_handle: "@saridewi".to_owned(),
            post_url: Some("https://www.instagram.com/p/D0aBcDeFgHi/".to_owned()),
            done_at: self.in_hours(-20),
            zone: self.zone,
            answer_url: self.token("c"),
            register_url: self.at("/register/campaigns/pajak-kita-sekolah-kita"),
        }
    }

    fn consent(&self, consent: ConsentKind) -> OptInMail {
        let (platform, handle) = match consent {
            ConsentKind::Participate => (Platform::Instagram, "@saridewi"),
            ConsentKind::Operate => (Platform::X, "@KemenContoh"),
        };
        OptInMail {
            locale: self.locale,
            member_name: MEMBER.to_owned(),
            institution: self.institution.clone(),
            consent,
            consent_text: "Saya bersedia menerima ajakan mendukung pesan resmi lembaga dengan akun saya sendiri.\n\
                 Saya boleh menolak tugas mana pun tanpa alasan, menjeda, atau berhenti kapan saja."
                .to_owned(),
            accounts: vec![AskedAccount { platform, handle: handle.to_owned() }],
            expires_at: self.in_hours(30 * 24),
            zone: self.zone,
            confirm_url: self.token("o"),
            register_url: self.at("/register"),
        }
    }

    fn release_request(&self) -> ReleaseRequestMail {
        ReleaseRequestMail {
            locale: self.locale,
            approver_name: USER.to_owned(),
            institution: self.institution.clone(),
            author_name: "Joko Prasetyo".to_owned(),
            sponsor_unit: UNIT.to_owned(),
            campaign_title: TITLE.to_owned(),
            message: MESSAGE.to_owned(),
            waves: 4,
            first_opens_at: Some(self.in_hours(18)),
            zone: self.zone,
            review_url: self.at("/campaigns/0198b5e2-7a10-7c3e-9d55-1f2e3d4c5b6a/review"),
        }
    }

    fn sign_in(&self) -> SignInMail {
        SignInMail {
            locale: self.locale,
            name: USER.to_owned(),
            institution: self.institution.clone(),
            expires_at: self.now + TimeDelta::minutes(10),
            zone: self.zone,
            sign_in_url: self.token("sign-in/link"),
        }
    }

    fn checkpoint(&self) -> CheckpointMail {
        let signed_at = self.now - TimeDelta::seconds(1);
        CheckpointMail {
            locale: self.locale,
            name: USER.to_owned(),
            institution: self.institution.clone(),
            day: self.day(),
            size: 48_213,
            signed_at,
            checkpoint: "gaung.example.go.id/ledger\n48213\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n\n\
                \u{2014} gaung.example.go.id/ledger qmsxYRn2i6mEsdpN38wPRgUVsCPEy6mzZb3jd4sTX0lK5cZp7SDZHkY0MSPjCnFv/\
                nxDTr8qLq0Vj6ZzYF2oEXz2gAc="
                .to_owned(),
            state: LogState::Intact(48_000),
            zone: self.zone,
            verify_url: self.at("/ledger"),
            settings_url: self.at("/menu#report"),
        }
    }

    fn daily_report(&self) -> DailyReportMail {
        let url = self.at("/campaigns/0198b5e2-7a10-7c3e-9d55-1f2e3d4c5b6a");
        let quiet = ReportedCampaign {
            title: "Posyandu dekat rumah".to_owned(),
            asked: 3,
            done: None,
            mails_failed: 0,
            mails_unknown: 0,
            next: None,
            last_mail_at: None,
            paused_because: None,
            url: url.clone(),
        };
        let busy = ReportedCampaign {
            title: TITLE.to_owned(),
            asked: 1_284,
            done: Some(613),
            mails_failed: 7,
            mails_unknown: 1,
            next: Some(NextOpening { wave: "Pegawai di daerah".to_owned(), at: Some(self.in_hours(20)) }),
            last_mail_at: Some(self.in_hours(3)),
            ..quiet.clone()
        };
        let stopped = ReportedCampaign {
            title: "Tanggap banjir".to_owned(),
            asked: 90,
            done: Some(12),
            next: Some(NextOpening { wave: "Tanggapan".to_owned(), at: None }),
            paused_because: Some("banyak surel ditolak oleh kantor.example.go.id".to_owned()),
            ..quiet.clone()
        };
        DailyReportMail {
            locale: self.locale,
            name: USER.to_owned(),
            institution: self.institution.clone(),
            day: self.day(),
            campaigns: vec![busy, stopped, quiet],
            zone: self.zone,
            console_url: self.at("/campaigns"),
            settings_url: self.at("/settings"),
        }
    }

    fn notice(&self, words: NoticeWords) -> NoticeMail {
        let refused = words == NoticeWords::RequestRefused;
        let kind = if refused { RequestKind::Correct } else { RequestKind::Erase };
        let reason = "Nomor pegawai berasal dari sistem kepegawaian; mohon perbaiki di sana lebih dahulu.";
        NoticeMail {
            locale: self.locale,
            name: MEMBER.to_owned(),
            institution: self.institution.clone(),
            words,
            about: said_of_request(self.locale, kind),
            by: String::new(),
            quote: refused.then(|| reason.to_owned()),
            url: if refused { format!("{}/data", self.token("m")) } else { self.token("d") },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_message_and_every_message_renders() {
        for locale in [Locale::Id, Locale::En] {
            let setting = Setting {
                locale,
                institution: "Kementerian Contoh".into(),
                base_url: "https://gaung.example.go.id".into(),
                zone: Tz::Asia__Jakarta,
                now: DateTime::UNIX_EPOCH,
            };
            for name in MESSAGES {
                let context = message(&setting, name).unwrap();
                assert!(crate::mail::render::render(&context, setting.now).is_ok(), "{name}");
            }
            assert_eq!(message(&setting, "nothing"), None);
        }
    }
}
