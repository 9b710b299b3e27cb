//! The auditor's pages over HTTP: the log and its filters, an entry, an assignment's way, the files, the dossier, samples.

use std::io::{Cursor, Read as _};

use calamine::{Reader as _, Xlsx};
use gaung::domain::event::{EventGroup, EventKind};
use gaung::domain::locale::Locale;
use gaung::domain::role::{Grant, Role};
use gaung::domain::text_enum::TextEnum as _;
use gaung::service::PageRequest;
use gaung::service::log::journey::Missing;
use gaung::service::log::{self, LogFilter};
use gaung::store::tx::NewEntry;
use gaung::web::l10n;
use reqwest::StatusCode;

use crate::support::campaigns::{assigned, complete, opened};
use crate::support::database::Engine;
use crate::support::http::{Served, location, text};
use crate::support::world::World;

async fn the_log_speaks_in_words_and_filters_by_name(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "l", 2).await;
    let served = Served::start(world.app());
    let auditor = served.browser(&world.auditor);
    let page = text(auditor.get("/log").await, StatusCode::OK).await;
    for part in ["Kampanye dirilis", "Gelombang dibuka", "<optgroup label=\"Surel\">", "audit-day", "Sistem", "/log.xlsx"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains('⟦') && !page.contains("audit-chips"), "{page}");
    let named = text(auditor.get("/log?campaign=lapor+spt&kind=waves").await, StatusCode::OK).await;
    let id = crowd.campaign_id.to_string();
    assert!(named.contains("Kampanye: Lapor SPT lebih awal") && named.contains("Kejadian: Gelombang"), "{named}");
    assert!(
        named.contains(&format!("/log.csv?kind=waves&#38;campaign={id}")) && !named.contains("Kampanye dirilis</span>"),
        "{named}"
    );
    let several = text(auditor.get("/log?unit=unit").await, StatusCode::OK).await;
    assert!(several.contains("Unit mana yang dimaksud?") && several.contains("Unit UTR"), "{several}");
    let nothing = text(auditor.get("/log?unit=tidakada").await, StatusCode::OK).await;
    assert!(nothing.contains("Tidak ada unit dengan nama") && nothing.contains("value=\"tidakada\""), "{nothing}");
    let bad = text(auditor.get("/log?kind=x&from=kemarin&assignment=1").await, StatusCode::OK).await;
    assert!(
        bad.contains("id=\"problem-title\"") && bad.contains("value=\"kemarin\"") && bad.contains("id=\"from-error\""),
        "{bad}"
    );
    text(auditor.get("/log.csv?kind=x").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    for path in ["/log", "/log.csv", "/log.xlsx", "/samples", "/samples?seed=a&n=1", "/samples.csv?seed=a&n=1"] {
        text(served.browser(&world.lead).get(path).await, StatusCode::FORBIDDEN).await;
        assert_eq!(location(&served.anonymous().get(path).await).split('?').next(), Some("/sign-in"));
    }
}

async fn pages_lead_there_and_back(engine: Engine) {
    let world = World::new(engine);
    for _ in 0..3 {
        let written = world.app().db.write_blocking(world.lead.actor(), |tx| {
            (0..40).for_each(|_| tx.record(NewEntry::new(EventKind::UserSignedIn)));
            Ok::<_, gaung::store::StoreError>(())
        });
        written.unwrap();
    }
    let served = Served::start(world.app());
    let auditor = served.browser(&world.auditor);
    let link = |page: &str, rel: &str| {
        let at = page.find(&format!("class=\"btn plain\" rel=\"{rel}\" href=\""))?;
        let rest = &page[at..];
        let rest = &rest[rest.find("href=\"")? + 6..];
        Some(rest[..rest.find('"')?].replace("&#38;", "&"))
    };
    let rows = |page: &str| page.split("<a href=\"/log/").skip(1).map(|part| part[..36].to_owned()).collect::<Vec<_>>();
    let first = text(auditor.get("/log").await, StatusCode::OK).await;
    assert_eq!((rows(&first).len(), link(&first, "prev")), (50, None));
    let second = text(auditor.get(&link(&first, "next").unwrap()).await, StatusCode::OK).await;
    let third = text(auditor.get(&link(&second, "next").unwrap()).await, StatusCode::OK).await;
    assert_eq!(link(&third, "next"), None);
    let back = text(auditor.get(&link(&third, "prev").unwrap()).await, StatusCode::OK).await;
    assert_eq!(rows(&back), rows(&second));
    let start = text(auditor.get(&link(&back, "prev").unwrap()).await, StatusCode::OK).await;
    assert_eq!((rows(&start), link(&start, "prev")), (rows(&first), None));
}

async fn an_entry_and_an_assignment_have_their_pages(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "e", 2).await;
    let done = assigned(world.app(), crowd.wave_id).remove(0);
    world.change(|tx| complete(tx, &done));
    let served = Served::start(world.app());
    let auditor = served.browser(&world.auditor);
    let all = log::list(world.app(), &world.auditor, LogFilter::default(), PageRequest::first(100)).await.unwrap().items;
    for entry in &all {
        let page = text(auditor.get(&format!("/log/{}", entry.id)).await, StatusCode::OK).await;
        assert!(page.contains("Sidik daun") && !page.contains('⟦'), "{page}");
    }
    let released = all.iter().find(|entry| entry.kind == EventKind::CampaignReleased).unwrap();
    let page = text(auditor.get(&format!("/log/{}?lang=en", released.id)).await, StatusCode::OK).await;
    assert!(
        page.contains("Campaign released, by User") && page.contains("Lapor SPT lebih awal") && page.contains("content_hash"),
        "{page}"
    );
    let way = text(auditor.get(&format!("/log/assignments/{}", done.id)).await, StatusCode::OK).await;
    for part in [
        "Kampanye dirilis",
        "Gelombang dibuka",
        "Penugasan dinyatakan selesai",
        "Belum ada surel terkirim",
        "Tidak dapat diperiksa",
    ] {
        assert!(way.contains(part), "{part}: {way}");
    }
    let (member, account) = (world.member_row(done.member_id), world.account_row(done.account_id));
    for personal in [&member.name, &member.email, &member.employee_no, &account.handle] {
        assert!(!way.contains(personal.as_str()), "{personal}: {way}");
    }
    let south = world.user("south-auditor", &[Grant { role: Role::Auditor, unit_id: world.south.unit }]);
    for path in [format!("/log/assignments/{}", done.id), format!("/log/{}", released.id), "/log/assignments/x".into()] {
        text(served.browser(&south).get(&path).await, StatusCode::NOT_FOUND).await;
    }
}

async fn files_can_be_taken_away(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "f", 6).await;
    let served = Served::start(world.app());
    let auditor = served.browser(&world.auditor);
    let answer = auditor.get("/log.xlsx?kind=campaign.released").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"gaung-log.xlsx\"");
    let mut book = Xlsx::new(Cursor::new(answer.bytes().await.unwrap())).unwrap();
    let sheet = book.worksheet_range("log").unwrap();
    assert_eq!((sheet.rows().count(), sheet.rows().nth(1).unwrap()[2].to_string()), (2, "campaign.released".to_owned()));
    let path = format!("/campaigns/{}/dossier", crowd.campaign_id);
    let page = text(auditor.get(&path).await, StatusCode::OK).await;
    for part in ["Berkas kampanye", "approver", "Lapor pajak kini cukup lima menit", "Perubahan keadaan", "dossier.zip"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let archive = auditor.get(&format!("{path}.zip")).await.bytes().await.unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut html = String::new();
    zip.by_name("dossier.html").unwrap().read_to_string(&mut html).unwrap();
    assert!(html.contains("Lapor pajak kini cukup lima menit") && !html.contains("/assets/") && !html.contains('⟦'), "{html}");
    let mut readme = String::new();
    zip.by_name("README.txt").unwrap().read_to_string(&mut readme).unwrap();
    assert!(readme.contains("sha256sum content.json"), "{readme}");
    for caller in [&world.lead, &world.coordinator] {
        text(served.browser(caller).get(&path).await, StatusCode::FORBIDDEN).await;
        text(served.browser(caller).get(&format!("{path}.zip")).await, StatusCode::FORBIDDEN).await;
    }
    for page in [page, html] {
        for (member_id, account_id) in &crowd.people {
            let (member, account) = (world.member_row(*member_id), world.account_row(*account_id));
            assert!(!page.contains(&member.name) && !page.contains(&member.email) && !page.contains(&account.handle), "{page}");
        }
    }
}

async fn a_sample_stands_in_its_address(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "s", 6).await;
    for done in &assigned(world.app(), crowd.wave_id) {
        world.change(|tx| complete(tx, done));
    }
    world.test.advance(chrono::TimeDelta::seconds(1));
    let served = Served::start(world.app());
    let auditor = served.browser(&world.auditor);
    let before = world.all_entries();
    let empty = text(auditor.get("/samples").await, StatusCode::OK).await;
    assert!(empty.contains("Sampel tampil di sini") && !empty.contains("problem-title"), "{empty}");
    let asked = auditor.get("/samples?seed=a%27b&n=3&campaign=lapor").await;
    let address = location(&asked);
    assert!(address.contains("until=") && address.contains(&format!("campaign={}", crowd.campaign_id)), "{address}");
    let drawn = text(auditor.get(&address).await, StatusCode::OK).await;
    assert_eq!(drawn.matches("href=\"/log/assignments/").count(), 3, "{drawn}");
    assert_eq!(text(auditor.get(&address).await, StatusCode::OK).await, drawn);
    let csv = text(auditor.get(&address.replace("/samples", "/samples.csv")).await, StatusCode::OK).await;
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let wrong = text(auditor.get("/samples?seed=&n=9999").await, StatusCode::OK).await;
    assert!(
        wrong.contains("id=\"seed-error\"") && wrong.contains("id=\"n-error\"") && wrong.contains("value=\"9999\""),
        "{wrong}"
    );
    assert_eq!(world.all_entries(), before, "a draw changes nothing");
}

async fn a_draw_is_announced_and_then_drawn(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "s", 6).await;
    for done in &assigned(world.app(), crowd.wave_id) {
        world.change(|tx| complete(tx, done));
    }
    let served = Served::start(world.app());
    let auditor = served.browser(&world.auditor);
    let announce = || auditor.post("/samples", &[("n", "3"), ("campaign", "")]);
    let refused = text(announce().await, StatusCode::CONFLICT).await;
    assert!(refused.contains("titik periksa"), "{refused}");
    crate::service::seal::seal(world.app()).await;
    let page = location(&announce().await);
    let waiting = text(auditor.get(&page).await, StatusCode::OK).await;
    assert!(waiting.contains("Menunggu nilai publik") && !waiting.contains("name=\"value\""), "not covered yet: {waiting}");
    crate::service::seal::seal(world.app()).await;
    let waiting = text(auditor.get(&page).await, StatusCode::OK).await;
    assert!(waiting.contains("name=\"value\"") && !waiting.contains("findings.csv"), "{waiting}");
    let empty = text(auditor.post(&page, &[("act", "draw"), ("value", "")]).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(empty.contains("id=\"value-error\""), "{empty}");
    // Also with what a shell would take for its own.
    let drawn = auditor.post(&page, &[("act", "draw"), ("value", "IHSG '7412,81' $HOME")]).await;
    assert_eq!(location(&drawn), page);
    let shown = text(auditor.get(&page).await, StatusCode::OK).await;
    let plain = shown.replace("&#39;", "'").replace("&#38;", "&");
    let command = plain.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap();
    let run = std::process::Command::new("bash").args(["-c", command]).output().unwrap();
    let seed = String::from_utf8(run.stdout).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(seed.len() == 64 && plain.contains(&format!(">{seed}<")), "{command} gives {seed}");
    assert!(plain.contains("gaung ledger sample EXPORT --sample "), "{plain}");
    let again = text(auditor.post(&page, &[("act", "draw"), ("value", "other")]).await, StatusCode::CONFLICT).await;
    assert!(again.contains("sudah diambil"), "{again}");
    let list = text(auditor.get("/samples").await, StatusCode::OK).await;
    assert!(list.contains("IHSG "), "{list}");
}

#[test]
fn every_kind_of_entry_has_its_words() {
    let mut wanted: Vec<String> =
        EventKind::ALL.iter().map(|kind| format!("event-{}", kind.as_str().replace('.', "-"))).collect();
    wanted.extend(EventGroup::ALL.iter().map(|group| format!("event-group-{group}")));
    wanted.extend(Missing::ALL.iter().flat_map(|m| [format!("audit-missing-{m}"), format!("audit-missing-about-{m}")]));
    wanted.extend(["system", "operator", "user", "member"].map(|actor| format!("audit-actor-{actor}")));
    for locale in Locale::ALL {
        let missing: Vec<_> = wanted.iter().filter(|key| l10n::find(*locale, key, &[]).is_none()).collect();
        assert!(missing.is_empty(), "{locale}: {missing:?}");
    }
}

on_both!(
    the_log_speaks_in_words_and_filters_by_name,
    pages_lead_there_and_back,
    an_entry_and_an_assignment_have_their_pages,
    files_can_be_taken_away,
    a_sample_stands_in_its_address,
    a_draw_is_announced_and_then_drawn,
);
