//! The mails' texts, in both languages: complete in the plain part, harmless in the HTML part.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use gaung::domain::kind::{Action, ConsentKind};
use gaung::domain::locale::Locale;
use gaung::domain::platform::Platform;
use gaung::domain::text_enum::TextEnum;
use gaung::mail::render::{
    AskedAccount, CorrectionMail, DigestMail, MailContext, OptInMail, ReleaseRequestMail, RenderError, Rendered, SignInMail,
    TaskMail, render,
};
use gaung::mail::sample::{MESSAGES, Setting, message};

fn now() -> DateTime<Utc> {
    "2026-08-15T01:00:00Z".parse().unwrap()
}

pub fn task(locale: Locale) -> TaskMail {
    TaskMail {
        locale,
        member_name: "Sari & Dewi".to_owned(),
        institution: "Kementerian Contoh".to_owned(),
        sponsor_unit: "Direktorat Komunikasi".to_owned(),
        campaign_title: "Pajak <adil>".to_owned(),
        message: "Pajak membangun negeri.".to_owned(),
        action: Action::Share,
        platform: Platform::Instagram,
        account_handle: "@saridewi".to_owned(),
        consent: ConsentKind::Participate,
        brief: "Baris satu.\nBaris dua <script>alert(1)</script>".to_owned(),
        target_url: Some("https://www.instagram.com/p/abc?x=1&y=2".to_owned()),
        claim: None,
        variants: vec!["Varian pertama".to_owned(), "Varian kedua".to_owned()],
        own_words_required: false,
        deadline: "2026-08-17T08:00:00Z".parse().unwrap(),
        zone: Tz::Asia__Makassar,
        calendar_uid: "task-1@gaung.example.go.id".to_owned(),
        task_url: format!("https://gaung.example.go.id/t/{}", "k".repeat(120)),
        decline_url: "https://gaung.example.go.id/t/k/decline".to_owned(),
        pause_url: "https://gaung.example.go.id/p/k".to_owned(),
        register_url: "https://gaung.example.go.id/register".to_owned(),
    }
}

fn opt_in(locale: Locale, consent: ConsentKind) -> OptInMail {
    OptInMail {
        locale,
        member_name: "Budi".to_owned(),
        institution: "Kementerian Contoh".to_owned(),
        consent,
        consent_text: "Saya setuju …\nKedua.".to_owned(),
        accounts: vec![AskedAccount { platform: Platform::Tiktok, handle: "@budi".to_owned() }],
        expires_at: "2026-08-29T01:00:00Z".parse().unwrap(),
        zone: Tz::Asia__Jayapura,
        confirm_url: "https://gaung.example.go.id/c/1".to_owned(),
        register_url: "https://gaung.example.go.id/register".to_owned(),
    }
}

fn release(locale: Locale) -> ReleaseRequestMail {
    ReleaseRequestMail {
        locale,
        approver_name: "Ibu Rina".to_owned(),
        institution: "Kementerian Contoh".to_owned(),
        author_name: "Pak Joko".to_owned(),
        sponsor_unit: "Direktorat Komunikasi".to_owned(),
        campaign_title: "Pajak adil".to_owned(),
        message: "Pajak membangun negeri.".to_owned(),
        waves: 4,
        first_opens_at: Some("2026-08-15T02:00:00Z".parse().unwrap()),
        zone: Tz::Asia__Jakarta,
        review_url: "https://gaung.example.go.id/console/campaigns/1".to_owned(),
    }
}

fn sign_in(locale: Locale) -> SignInMail {
    SignInMail {
        locale,
        name: "Ibu Rina".to_owned(),
        institution: "Kementerian Contoh".to_owned(),
        expires_at: "2026-08-15T01:10:00Z".parse().unwrap(),
        zone: Tz::Asia__Jakarta,
        sign_in_url: "https://gaung.example.go.id/sign-in/link/k".to_owned(),
    }
}

fn all(locale: Locale) -> Vec<MailContext> {
    vec![
        MailContext::Task(task(locale)),
        MailContext::Reminder(task(locale)),
        MailContext::OptIn(opt_in(locale, ConsentKind::Participate)),
        MailContext::OptIn(opt_in(locale, ConsentKind::Operate)),
        MailContext::ReleaseRequest(release(locale)),
        MailContext::SignIn(sign_in(locale)),
    ]
}

fn rendered(context: &MailContext) -> Rendered {
    render(context, now()).unwrap()
}

#[test]
fn every_mail_in_every_language_is_whole() {
    for locale in Locale::ALL {
        for context in all(*locale) {
            let mail = rendered(&context);
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(!part.contains('⟦') && !part.contains("{$") && !part.contains("{{"), "{part}");
                assert!(!part.trim().is_empty());
            }
            assert!(mail.html.contains(&format!("<html lang=\"{locale}\"")));
            assert!(!mail.subject.contains('\n') && mail.subject.chars().count() <= 150);
            assert!(!mail.text.contains("\n\n\n"), "gaps in:\n{}", mail.text);
            assert!(!mail.text.contains('<') || mail.text.contains("<adil>"), "markup in the plain part");
        }
    }
}

#[test]
fn the_plain_part_of_a_task_says_everything() {
    let mail = task(Locale::Id);
    let text = rendered(&MailContext::Task(mail.clone())).text;
    for needed in [
        "Halo Sari & Dewi,",
        "Kementerian Contoh",
        "Direktorat Komunikasi",
        "Pajak <adil>",
        "Bagikan unggahan ini di Instagram dengan akun @saridewi.",
        "Pajak membangun negeri.",
        "Baris satu.\nBaris dua",
        "https://www.instagram.com/p/abc?x=1&y=2\n",
        "1. Varian pertama",
        "2. Varian kedua",
        "Senin, 17 Agustus 2026 pukul 16.00 WITA (2 hari lagi)",
        "Ini sukarela.",
        "Anda telah menyetujui",
        mail.decline_url.as_str(),
        &mail.pause_url,
        &mail.register_url,
    ] {
        assert!(holds(&text, needed), "{needed:?} is missing in:\n{text}");
    }
    assert!(text.lines().any(|l| l == mail.task_url), "the link stands alone on its line");
    let english = rendered(&MailContext::Task(task(Locale::En))).text;
    for needed in [
        "Hello Sari & Dewi,",
        "Monday, 17 August 2026 at 16:00 WITA (in 2 days)",
        "This is voluntary.",
        "declining has no consequence",
    ] {
        assert!(holds(&english, needed), "{needed:?} is missing in:\n{english}");
    }
}

#[test]
fn the_html_part_escapes_what_people_wrote_and_loads_nothing() {
    for locale in Locale::ALL {
        for context in all(*locale) {
            let html = rendered(&context).html;
            for forbidden in ["<script", "<img", "<link", "@import", "url(", "src=", "<adil>", "<form", "<iframe", "background="]
            {
                assert!(!html.contains(forbidden), "{forbidden}");
            }
            assert!(html.contains("name=\"viewport\"") && html.contains("prefers-color-scheme: dark"));
            assert!(html.len() < 30_000, "clients cut long mails: {}", html.len());
        }
    }
    let html = rendered(&MailContext::Task(task(Locale::Id))).html;
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"));
    assert!(html.contains("Baris satu.<br"));
    assert!(html.contains(&format!("href=\"{}\"", task(Locale::Id).task_url)));
}

#[test]
fn a_task_without_target_brief_or_variants_has_no_empty_headings() {
    let bare = TaskMail { target_url: None, brief: String::new(), variants: vec![], action: Action::Like, ..task(Locale::En) };
    let mail = rendered(&MailContext::Task(bare));
    for part in [&mail.text, &mail.html] {
        for heading in ["The post in question", "Brief", "Suggested wording"] {
            assert!(!part.contains(heading), "{heading}");
        }
    }
    assert!(!mail.text.contains("\n\n\n"), "{}", mail.text);
}

#[test]
fn own_words_operators_and_reminders_are_said() {
    let own = TaskMail { own_words_required: true, consent: ConsentKind::Operate, ..task(Locale::Id) };
    let mail = rendered(&MailContext::Reminder(own));
    assert!(mail.subject.starts_with("Pengingat: "), "{}", mail.subject);
    for needed in ["gunakan kata-kata Anda sendiri", "sebagai pengelola akun @saridewi", "masih terbuka"] {
        assert!(holds(&mail.text, needed), "{needed:?} is missing in:\n{}", mail.text);
    }
}

#[test]
fn subjects_name_action_platform_and_deadline_and_stay_short() {
    let mail = rendered(&MailContext::Task(task(Locale::En)));
    assert_eq!(mail.subject, "Share this post on Instagram by 17 Aug 16:00 WITA: Pajak <adil>");
    let long = rendered(&MailContext::Task(TaskMail { campaign_title: "panjang ".repeat(100), ..task(Locale::Id) }));
    assert_eq!(long.subject.chars().count().max(140), long.subject.chars().count());
    assert!(long.subject.ends_with('…') && long.subject.chars().count() <= 150);
}

#[test]
fn the_other_mails_say_their_point() {
    let mail = rendered(&MailContext::OptIn(opt_in(Locale::Id, ConsentKind::Participate)));
    for needed in [
        "https://gaung.example.go.id/c/1\n",
        "@budi (TikTok)",
        "Saya setuju …\nKedua.",
        "sukarela",
        "Sabtu, 29 Agustus 2026 pukul 10.00 WIT",
    ] {
        assert!(holds(&mail.text, needed), "{needed:?} is missing in:\n{}", mail.text);
    }
    let mail = rendered(&MailContext::ReleaseRequest(release(Locale::En)));
    for needed in [
        "Hello Ibu Rina,",
        "Pak Joko",
        "4 waves",
        "Saturday, 15 August 2026 at 09:00 WIB (in 60 minutes)",
        "/console/campaigns/1\n",
    ] {
        assert!(holds(&mail.text, needed), "{needed:?} is missing in:\n{}", mail.text);
    }
    let later = ReleaseRequestMail { first_opens_at: None, waves: 1, ..release(Locale::En) };
    let text = rendered(&MailContext::ReleaseRequest(later)).text;
    assert!(text.contains("1 wave\n") && text.contains("no fixed time yet"), "{text}");
}

#[test]
fn an_institution_that_asks_by_itself_is_named_once() {
    let own = TaskMail { sponsor_unit: "Kementerian Contoh".to_owned(), ..task(Locale::Id) };
    let mail = rendered(&MailContext::Task(own));
    assert!(holds(&mail.text, "Kementerian Contoh mengajak Anda"), "{}", mail.text);
    assert!(!mail.text.contains("melalui"), "{}", mail.text);
}

#[test]
fn only_web_addresses_become_links() {
    for bad in ["javascript:alert(1)", "data:text/html,x", "https://", "http://a b", "https://x\ny", ""] {
        let result = render(&MailContext::Task(TaskMail { target_url: Some(bad.to_owned()), ..task(Locale::Id) }), now());
        assert_eq!(result, Err(RenderError::Link { field: "target_url" }), "{bad}");
        let result = render(
            &MailContext::OptIn(OptInMail { confirm_url: bad.to_owned(), ..opt_in(Locale::Id, ConsentKind::Operate) }),
            now(),
        );
        assert_eq!(result, Err(RenderError::Link { field: "confirm_url" }), "{bad}");
    }
}

/// Whether the text says so, wherever its lines are broken.
fn holds(text: &str, needed: &str) -> bool {
    text.contains(needed) || text.replace('\n', " ").contains(needed)
}

fn setting(locale: Locale) -> Setting {
    Setting {
        locale,
        institution: "Kementerian Contoh".to_owned(),
        base_url: "https://gaung.example.go.id".to_owned(),
        zone: Tz::Asia__Makassar,
        now: now(),
    }
}

/// Every message there is, with the facts of the preview.
pub fn samples() -> Vec<(&'static str, Locale, MailContext)> {
    let all = MESSAGES.into_iter().flat_map(|name| Locale::ALL.iter().map(move |locale| (name, *locale)));
    all.map(|(name, locale)| (name, locale, message(&setting(locale), name).unwrap())).collect()
}

#[test]
fn every_sample_is_whole_small_and_loads_nothing() {
    for (name, locale, context) in samples() {
        let mail = rendered(&context);
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(!part.contains('⟦') && !part.contains("{$") && !part.trim().is_empty(), "{name} {locale}: {part}");
        }
        for forbidden in ["<script", "<img", "<link", "@import", "url(", "src=", "<form", "<iframe", "background=", "@font-face"]
        {
            assert!(!mail.html.contains(forbidden), "{name} {locale}: {forbidden}");
        }
        assert!(mail.html.len() < 30_000, "{name} {locale}: {} bytes; Gmail cuts at 102 kB, phones sooner", mail.html.len());
        assert!(mail.subject.chars().count() <= 150 && !mail.subject.contains('\n'), "{name} {locale}");
        assert!(mail.text.ends_with('\n') && !mail.text.ends_with("\n\n") && !mail.text.contains("\n\n\n"), "{name} {locale}");
        assert!(mail.text.lines().all(|line| line.trim_end() == line), "{name} {locale}: spaces at a line's end");
        // Every link of the HTML part stands in the plain part too: it is complete in itself.
        for link in mail.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let plain = link.replace("&#38;", "&").replace("&amp;", "&");
            assert!(mail.text.contains(&plain), "{name} {locale}: {plain} is missing in the plain part");
        }
        assert_eq!(mail.html.matches("class=\"btn\"").count(), 1, "{name} {locale}: one button");
        assert!(mail.html.contains("prefers-color-scheme: dark") && mail.html.contains("name=\"viewport\""), "{name} {locale}");
    }
}

#[test]
fn a_digest_lists_only_what_it_is_given_and_a_report_withholds_small_groups() {
    let Some(MailContext::Digest(digest)) = message(&setting(Locale::En), "digest") else { panic!("no digest") };
    let one = DigestMail { items: digest.items[..1].to_vec(), ..digest.clone() };
    let mail = rendered(&MailContext::Digest(one));
    assert!(mail.subject.starts_with("1 task is waiting"), "{}", mail.subject);
    assert!(!mail.text.contains("TikTok"), "{}", mail.text);
    assert_eq!(mail.calendar.unwrap().matches("BEGIN:VEVENT").count(), 1);
    let all = rendered(&MailContext::Digest(digest));
    assert!(all.subject.starts_with("3 tasks are waiting"), "{}", all.subject);
    assert_eq!(all.calendar.unwrap().matches("BEGIN:VEVENT").count(), 3);
    let report = rendered(&message(&setting(Locale::En), "daily_report").unwrap());
    for needed in
        ["613 of 1,284 done (47%)", "3 asked; the outcome is withheld", "7 mails could not be delivered", "1 mail may or may not"]
    {
        assert!(holds(&report.text, needed), "{needed:?} is missing in:\n{}", report.text);
    }
}

#[test]
fn a_correction_says_what_to_do_with_what_was_done() {
    let Some(MailContext::Correction(mail)) = message(&setting(Locale::En), "correction") else { panic!("no correction") };
    for (action, needed) in [
        (Action::Like, "Take back your like"),
        (Action::Share, "Remove your share"),
        (Action::Comment, "Change or remove your comment"),
        (Action::Publish, "Fix your post"),
    ] {
        let text = rendered(&MailContext::Correction(CorrectionMail { action, ..mail.clone() })).text;
        assert!(holds(&text, needed), "{needed:?} is missing in:\n{text}");
    }
    let bad = CorrectionMail { post_url: Some("javascript:alert(1)".into()), ..mail };
    assert_eq!(render(&MailContext::Correction(bad), now()), Err(RenderError::Link { field: "post_url" }));
}

/// The words as a reader sees them, and the HTML part; a change shows in review.
#[test]
fn mails_read_as_before() {
    for (name, locale, context) in samples() {
        let mail = rendered(&context);
        insta::assert_snapshot!(format!("{name}_{locale}_txt"), format!("{}\n\n{}", mail.subject, mail.text));
        insta::assert_snapshot!(format!("{name}_{locale}_html"), mail.html);
    }
}
