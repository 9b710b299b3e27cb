//! The composer without script: rows come and go, what is typed stays, what is wrong is said at its field, a faster person is not overwritten.

use gaung::domain::content::TargetPlan;
use gaung::domain::id::WaveId;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::platform::Platform;
use gaung::domain::wave::Timing;
use gaung::service::campaign::{self, CampaignView};
use reqwest::StatusCode;

use crate::support::campaign::{draft, four_layers, freeze, jakarta, post, task, wave};
use crate::support::database::Engine;
use crate::support::http::{Client, Served, location, text};
use crate::support::world::World;

async fn stored(world: &World, id: &str) -> CampaignView {
    campaign::get(world.app(), &world.lead, id.parse().unwrap()).await.unwrap()
}

/// The fields of a page's form as a browser would send them back, without its buttons.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split("<form method=\"post\" class=\"stack\"").nth(1).and_then(|rest| rest.split("</form>").next()).unwrap();
    let attr = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
        Some(value.replace("&#34;", "\"").replace("&#38;", "&"))
    };
    let mut found = Vec::new();
    for part in form.split('<').skip(1) {
        let (tag, rest) = part.split_once('>').unwrap_or((part, ""));
        let name = attr(tag, "name");
        match tag.split([' ', '\n']).next().unwrap() {
            "input" if (tag.contains("type=\"checkbox\"") || tag.contains("type=\"radio\"")) && !tag.contains(" checked") => {}
            "input" => found.push((name.unwrap(), attr(tag, "value").unwrap_or_default())),
            "textarea" => found.push((name.unwrap(), rest.trim_start_matches('\n').to_owned())),
            "select" => found.push((name.unwrap(), String::new())),
            "option" => {
                let last = found.last_mut().unwrap();
                if last.1.is_empty() || tag.contains(" selected") {
                    last.1 = attr(tag, "value").unwrap();
                }
            }
            _ => {}
        }
    }
    found
}

fn with(mut fields: Vec<(String, String)>, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = (*value).to_owned(),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    fields
}

async fn send(client: &Client, path: &str, fields: &[(String, String)]) -> reqwest::Response {
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post(path, &pairs).await
}

async fn a_campaign_is_written_without_script(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    // Another row keeps what was typed; nothing is stored.
    let page = text(lead.get("/campaigns/new").await, StatusCode::OK).await;
    let typed = with(
        fields(&page),
        &[
            ("unit", &world.root.to_string()),
            ("title", "Pekan <b>literasi</b>"),
            ("message", "Kelas terbuka untuk umum."),
            ("facts-0-text", "Gratis"),
            ("facts-0-source_url", "https://kemencontoh.example/kelas"),
            ("avoid-0", "Janji imbal hasil"),
            ("act", "add-fact"),
        ],
    );
    let more = text(send(&lead, "/campaigns/new", &typed).await, StatusCode::OK).await;
    assert!(more.contains("id=\"facts-1-text\"") && more.contains("Janji imbal hasil"), "{more}");
    assert!(more.contains("literasi") && !more.contains("<b>literasi"), "{more}");
    let fewer = with(fields(&more), &[("act", "remove-fact-1")]);
    let fewer = text(send(&lead, "/campaigns/new", &fewer).await, StatusCode::OK).await;
    assert!(!fewer.contains("id=\"facts-1-text\"") && fewer.contains("https://kemencontoh.example/kelas"), "{fewer}");
    assert!(!text(lead.get("/campaigns").await, StatusCode::OK).await.contains("literasi"));

    let made = location(&send(&lead, "/campaigns/new", &with(fields(&fewer), &[("act", "save")])).await);
    let path = made.strip_suffix("/edit?saved=1").unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    let first = stored(&world, &id).await;
    assert_eq!((first.content.facts.len(), first.content.avoid.as_slice()), (1, ["Janji imbal hasil".to_owned()].as_slice()));
    // What is missing leads to its field.
    let page = text(lead.get(&made).await, StatusCode::OK).await;
    assert!(page.contains("Tersimpan.") && page.contains(&format!("href=\"{path}/edit#waves\"")), "{page}");

    // A wave comes with what is usual for its layer.
    let added =
        location(&send(&lead, &format!("{path}/edit"), &with(fields(&page), &[("new-layer", "0"), ("act", "add-wave")])).await);
    let wave_page = text(lead.get(&added).await, StatusCode::OK).await;
    assert!(wave_page.contains("href=\"#tasks-0-brief\"") && wave_page.contains("Akun resmi menerbitkan"), "{wave_page}");
    let typed = with(
        fields(&wave_page),
        &[("local", "2026-11-27T09:00"), ("tasks-0-brief", "Terbitkan."), ("open-n", "2"), ("open-unit", "days")],
    );
    let typed = with(typed, &[("tasks-0-variants-0-text", "Kelas gratis dibuka."), ("act", "save")]);
    assert_eq!(location(&send(&lead, &added, &typed).await), format!("{added}?saved=1"));
    let content = stored(&world, &id).await.content;
    let wave = &content.waves[0];
    assert_eq!((wave.layer, wave.open_minutes, wave.tasks[0].variants.len()), (Layer::Main, 2880, 1));
    assert!(
        matches!(&wave.timing, Timing::At { local, zone } if local.to_string() == "2026-11-27 09:00:00" && zone == "Asia/Jakarta")
    );
    // The next one follows it by cascade; nothing is missing once it has a brief.
    let page = text(lead.get(&format!("{path}/edit")).await, StatusCode::OK).await;
    let added =
        location(&send(&lead, &format!("{path}/edit"), &with(fields(&page), &[("new-layer", "3"), ("act", "add-wave")])).await);
    let page = text(lead.get(&added).await, StatusCode::OK).await;
    let typed = with(fields(&page), &[("tasks-0-brief", "Bagikan bila berkenan."), ("tasks-0-action", "share"), ("act", "save")]);
    assert_eq!(send(&lead, &added, &typed).await.status(), StatusCode::SEE_OTHER);
    let last = stored(&world, &id).await.content;
    assert_eq!(last.waves[1].timing.waits_for(), Some(last.waves[0].id));
    let page = text(lead.get(&format!("{path}/edit")).await, StatusCode::OK).await;
    assert!(page.contains("Semua sudah lengkap"), "{page}");
    assert!(!page.contains('⟦') && !wave_page.contains('⟦'));
    // The first is not removed while the second waits for it.
    let remove = format!("{path}/waves/{}/remove", last.waves[0].id);
    let version = stored(&world, &id).await.version.to_string();
    let kept = text(lead.post(&remove, &[("version", &version)]).await, StatusCode::CONFLICT).await;
    assert!(kept.contains("Ajakan kepada pegawai"), "{kept}");
    let remove = format!("{path}/waves/{}/remove", last.waves[1].id);
    text(lead.get(&remove).await, StatusCode::OK).await;
    assert_eq!(lead.post(&remove, &[("version", &version)]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(stored(&world, &id).await.content.waves.len(), 1);
}

async fn what_is_wrong_is_said_at_its_field_and_stays(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let fields_of_new = [
        ("unit", ""),
        ("title", "Judul saya"),
        ("message", "Satu kalimat. Dan satu lagi."),
        ("facts-0-text", "Fakta saya"),
        ("facts-0-source_url", "http://tanpa-s.example"),
    ];
    let page = text(lead.post("/campaigns/new", &fields_of_new).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    for (anchor, typed) in [("unit", "Judul saya"), ("message", "Dan satu lagi."), ("facts-0-source_url", "tanpa-s")] {
        assert!(page.contains(&format!("href=\"#{anchor}\"")) && page.contains(typed), "{anchor}: {page}");
    }
    assert!(page.contains("id=\"message-error\"") && page.contains("data-autofocus"), "{page}");

    let made = draft(&world, four_layers()).await;
    let wave: WaveId = made.content.waves[3].id;
    let path = format!("/campaigns/{}/waves/{wave}/edit", made.id);
    let page = text(lead.get(&path).await, StatusCode::OK).await;
    let typed = with(
        fields(&page),
        &[("open-n", "sebentar"), ("exclude_accounts", "@tidakada"), ("tasks-0-brief", "Arahan baru"), ("act", "save")],
    );
    let wrong = text(send(&lead, &path, &typed).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    for (anchor, typed) in [("open-n", "sebentar"), ("exclude_accounts", "@tidakada"), ("open-n", "Arahan baru")] {
        assert!(wrong.contains(&format!("href=\"#{anchor}\"")) && wrong.contains(typed), "{anchor}: {wrong}");
    }
    assert_eq!(stored(&world, &made.id.to_string()).await.version, 1);
    // Two tasks on one platform, and texts that are copies of one another.
    let typed = with(fields(&page), &[("act", "0:add-variant")]);
    let more = text(send(&lead, &path, &typed).await, StatusCode::OK).await;
    let typed = with(fields(&more), &[("tasks-0-variants-2-text", "KELAS GRATIS dibuka untuk umum!"), ("act", "look")]);
    let looked = text(send(&lead, &path, &typed).await, StatusCode::OK).await;
    assert!(looked.contains("Teks 1 dan teks 3 mirip 100 %"), "{looked}");
    let typed = with(fields(&page), &[("act", "add-task")]);
    let two = text(send(&lead, &path, &typed).await, StatusCode::OK).await;
    let typed = with(fields(&two), &[("tasks-1-platform", "x"), ("tasks-1-brief", "a"), ("act", "save")]);
    let twice = text(send(&lead, &path, &typed).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(twice.contains("href=\"#tasks-1-platform\""), "{twice}");
    let long = with(fields(&page), &[("tasks-0-variants-0-text", &"panjang ".repeat(40)), ("act", "look")]);
    let long = text(send(&lead, &path, &long).await, StatusCode::OK).await;
    assert!(long.contains("39 karakter terlalu panjang") && long.contains("319 / 280"), "{long}");
}

async fn an_audience_is_counted_while_it_is_chosen(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let made = draft(&world, four_layers()).await;
    let wave = made.content.waves[3].id;
    let (path, look) = (format!("/campaigns/{}/waves/{wave}/edit", made.id), format!("/campaigns/{}/waves/{wave}/look", made.id));
    let page = text(lead.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("<b class=\"num\">2</b>"), "both branches' advocates: {page}");
    let north = with(fields(&page), &[("units", &world.north.unit.to_string())]);
    let one = text(send(&lead, &look, &north).await, StatusCode::OK).await;
    assert!(one.contains("<b class=\"num\">1</b>") && !one.contains("<html"), "{one}");
    let handle = world.account_row(world.north.account(AccountKind::Advocate)).handle;
    let none = with(north.clone(), &[("exclude_accounts", &format!("@{handle}"))]);
    let none = text(send(&lead, &look, &none).await, StatusCode::OK).await;
    assert!(none.contains("<b class=\"num\">0</b>"), "{none}");
    // Kept, and found again by its handle.
    let saved = with(north, &[("exclude_accounts", &handle), ("act", "save")]);
    assert_eq!(send(&lead, &path, &saved).await.status(), StatusCode::SEE_OTHER);
    let audience = stored(&world, &made.id.to_string()).await.content.waves[3].audience.clone();
    assert_eq!(
        (audience.units, audience.exclude_accounts),
        (vec![world.north.unit], vec![world.north.account(AccountKind::Advocate)])
    );
    assert!(text(lead.get(&path).await, StatusCode::OK).await.contains(&handle));
    // Who runs no campaigns there sees none of it.
    for other in [&world.south_lead, &world.approver] {
        let status = served.browser(other).post(&look, &[]).await.status();
        assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status), "{status}");
    }
}

async fn a_faster_person_is_named_and_nothing_typed_is_lost(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let made = draft(&world, four_layers()).await;
    let path = format!("/campaigns/{}/edit", made.id);
    let old = fields(&text(lead.get(&path).await, StatusCode::OK).await);
    let mut content = made.content.clone();
    content.message = "Kelas literasi keuangan terbuka sampai 6 Desember.".into();
    let other =
        world.user("penulis-lain", &[gaung::domain::role::Grant { role: gaung::domain::role::Role::Lead, unit_id: world.root }]);
    campaign::edit(world.app(), &other, made.id, 1, content).await.unwrap();
    let typed = with(old, &[("title", "Judul saya"), ("act", "save")]);
    let page = text(send(&lead, &path, &typed).await, StatusCode::CONFLICT).await;
    assert!(page.contains("penulis-lain") && page.contains("Judul saya"), "{page}");
    assert!(page.contains("<del>6</del>") && page.contains("<ins>5</ins>"), "{page}");
    assert_eq!(stored(&world, &made.id.to_string()).await.content.title, "Pekan literasi keuangan");
    // The same on a wave's page, with the old version in its form.
    let wave = format!("/campaigns/{}/waves/{}/edit", made.id, made.content.waves[0].id);
    let form = fields(&text(lead.get(&wave).await, StatusCode::OK).await);
    let late = with(form, &[("version", "1"), ("name", "Nama saya"), ("act", "save")]);
    let page = text(send(&lead, &wave, &late).await, StatusCode::CONFLICT).await;
    assert!(page.contains("Nama saya") && page.contains("penulis-lain"), "{page}");
    // Saving again is a decision, and goes through.
    let again = with(fields(&page), &[("act", "save")]);
    assert_eq!(send(&lead, &wave, &again).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(stored(&world, &made.id.to_string()).await.content.waves[0].name, "Nama saya");
}

async fn the_list_says_when_and_how_far(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let empty = text(lead.get("/campaigns").await, StatusCode::OK).await;
    assert!(empty.contains("Tulis kampanye pertama"), "{empty}");
    draft(&world, four_layers()).await;
    let live = crate::support::campaign::released(&world, four_layers()).await;
    let page = text(lead.get("/campaigns").await, StatusCode::OK).await;
    assert!(page.contains("27 Nov 2026, 09.00 WIB") && page.contains("Unit KEMENCONTOH"), "{page}");
    world.change(|tx| {
        use diesel::prelude::*;
        use gaung::store::schema::wave_counts::dsl;
        diesel::update(dsl::wave_counts.find(live.content.waves[0].id))
            .set((dsl::planned.eq(10), dsl::done.eq(4)))
            .execute(tx.conn)?;
        Ok(())
    });
    let page = text(lead.get("/campaigns?state=released").await, StatusCode::OK).await;
    assert!(page.contains("<progress max=\"10\" value=\"4\"") && page.contains("dari 10 selesai"), "{page}");
    assert!(text(lead.get("/campaigns?state=paused").await, StatusCode::OK).await.contains("Lihat semua kampanye"));
}

async fn a_freeze_and_a_target_off_limits_are_told_while_writing(engine: Engine) {
    let world = World::new(engine);
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    freeze(&world, "2026-12-09T17:00:00Z", "2026-12-13T17:00:00Z");
    let mut content = four_layers();
    let target = post(&world, world.north.account(AccountKind::KolExternal), None);
    content.waves.truncate(1);
    content.waves.push(wave(
        Layer::Advocacy,
        jakarta("2026-11-27T10:00:00"),
        task(Action::Share, TargetPlan::Post { post_id: target }),
    ));
    let made = draft(&world, content).await;
    let wave = made.content.waves[1].id;
    let (path, look) = (format!("/campaigns/{}/waves/{wave}/edit", made.id), format!("/campaigns/{}/waves/{wave}/look", made.id));
    let (frozen, needs, off) = ("Pilkada", "penyetuju kedua", "Sasarannya ada di daftar");
    let page = text(lead.get(&path).await, StatusCode::OK).await;
    assert!(!page.contains(frozen) && !page.contains(off), "{page}");
    // As soon as the date is set, before anything is saved: which election, when, what it asks for.
    let typed = with(fields(&page), &[("when", "at"), ("local", "2026-12-10T10:00"), ("act", "look")]);
    let seen = text(send(&lead, &look, &typed).await, StatusCode::OK).await;
    assert!(seen.contains(frozen) && seen.contains(needs) && seen.contains("14 Des"), "{seen}");
    let other = text(send(&lead, &look, &with(typed.clone(), &[("local", "2026-12-15T10:00")])).await, StatusCode::OK).await;
    assert!(!other.contains(frozen), "{other}");
    // Saved: on the wave's page and on the campaign's first one.
    let saved = location(&send(&lead, &path, &with(typed.clone(), &[("act", "save")])).await);
    for page in [saved, format!("/campaigns/{}/edit", made.id)] {
        let shown = text(lead.get(&page).await, StatusCode::OK).await;
        assert!(shown.contains(frozen) && shown.contains(needs) && !shown.contains('⟦'), "{page}: {shown}");
    }
    // A target that goes on the list is told the same way.
    let handle = world.account_row(world.north.account(AccountKind::KolExternal)).handle;
    gaung::service::neutrality::block(world.app(), &world.admin, Platform::X, handle, "Calon".into()).await.unwrap();
    let seen = text(send(&lead, &look, &typed).await, StatusCode::OK).await;
    assert!(seen.contains(off) && seen.contains("href=\"#tasks-0-target\""), "{seen}");
}

on_both!(
    a_campaign_is_written_without_script,
    what_is_wrong_is_said_at_its_field_and_stays,
    an_audience_is_counted_while_it_is_chosen,
    a_faster_person_is_named_and_nothing_typed_is_lost,
    the_list_says_when_and_how_far,
    a_freeze_and_a_target_off_limits_are_told_while_writing,
);
