//! What an auditor takes away: an assignment's way, a sample, a dossier with its archive, a workbook.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};

use calamine::{Reader as _, Xlsx};
use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::clock::Clock as _;
use gaung::domain::account::AccountState;
use gaung::domain::event::{EventGroup, EventKind};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::role::{Grant, Role};
use gaung::domain::text_enum::TextEnum as _;
use gaung::ledger::draw::order;
use gaung::service::dossier::{self, Texts};
use gaung::service::log::export::{COLUMNS, workbook};
use gaung::service::log::journey::{self, Missing};
use gaung::service::log::look_up::{self, Meant};
use gaung::service::log::{self, LogFilter};
use gaung::service::sample::{self, Draw};
use gaung::service::{PageRequest, ServiceError, task};
use gaung::store::StoreError;
use gaung::store::schema::{accounts, completions};
use gaung::store::tx::NewEntry;
use gaung::store::types::At;
use sha2::{Digest as _, Sha256};

use crate::support::campaigns::{assigned, complete, now, opened, publish_wave, released_in};
use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage};
use crate::support::world::World;

async fn pages_go_both_ways(engine: Engine) {
    let world = World::new(engine);
    opened(&world, "p", 9).await;
    let all = log::list(world.app(), &world.auditor, LogFilter::default(), PageRequest::first(200)).await.unwrap().items;
    let (oldest, middle) = (all.last().unwrap(), &all[all.len() / 2]);
    let wanted = PageRequest::first(2).after(log::cursor(oldest));
    let (newer, more) = log::newer(world.app(), &world.auditor, LogFilter::default(), wanted).await.unwrap();
    assert_eq!(more, Some(log::cursor(&newer[0])));
    assert_eq!(newer, all[all.len() - 3..all.len() - 1]);
    let placed = log::placed(world.app(), &world.auditor, middle.id).await.unwrap();
    assert_eq!((placed.newer.as_ref(), placed.older.as_ref()), (all.get(all.len() / 2 - 1), all.get(all.len() / 2 + 1)));
    assert_eq!(placed.leaf_hash.len(), 64);
    let last = log::placed(world.app(), &world.auditor, oldest.id).await.unwrap();
    assert_eq!(last.older, None);
    let group = LogFilter { group: Some(EventGroup::Waves), ..LogFilter::default() };
    let waves = log::list(world.app(), &world.auditor, group, PageRequest::first(200)).await.unwrap().items;
    let expected: Vec<_> = all.iter().filter(|e| e.kind.as_str().starts_with("wave.")).cloned().collect();
    assert!(!expected.is_empty());
    assert_eq!(waves, expected);
    for kind in EventKind::ALL {
        assert!(kind.group().kinds().any(|other| other == *kind));
    }
}

async fn names_are_found_within_reach(engine: Engine) {
    let world = World::new(engine);
    let opened = opened(&world, "n", 1).await;
    let find = |text: &'static str| look_up::campaign(world.app(), &world.auditor, text);
    assert_eq!(find("spt LEBIH").await.unwrap(), Meant::One(opened.campaign_id, "Lapor SPT lebih awal".into()));
    assert_eq!(find("100%").await.unwrap(), Meant::Nothing, "signs of a pattern stand for themselves");
    let units = look_up::unit(world.app(), &world.auditor, "unit").await.unwrap();
    assert!(matches!(&units, Meant::Several(found) if found.len() > 3), "{units:?}");
    assert_eq!(
        look_up::unit(world.app(), &world.auditor, "unit utr").await.unwrap(),
        Meant::One(world.north.unit, "Unit UTR".into())
    );
    let unit_id = world.south.unit;
    let south = world.user("south-auditor", &[Grant { role: Role::Auditor, unit_id }]);
    assert_eq!(look_up::unit(world.app(), &south, "utr").await.unwrap(), Meant::Nothing);
    assert_eq!(look_up::campaign(world.app(), &south, "spt").await.unwrap(), Meant::Nothing, "the root's campaign");
    assert!(matches!(look_up::campaign(world.app(), &world.lead, "spt").await, Err(ServiceError::Forbidden)));
}

async fn a_campaigns_log_is_whole_for_its_units_auditor(engine: Engine) {
    let world = World::new(engine);
    let unit_id = world.north.unit;
    let auditor = world.user("north-auditor", &[Grant { role: Role::Auditor, unit_id }]);
    let id = released_in(&world, unit_id, vec![publish_wave(now(&world) + TimeDelta::hours(1))]).await;
    // As the service writes of mails and of what was withdrawn: about a campaign, and no unit.
    let written = world.app().db.write_blocking(world.lead.actor(), |tx| {
        tx.record(NewEntry::new(EventKind::AssignmentsWithdrawn).campaign(id));
        tx.record(NewEntry::new(EventKind::AssignmentsWithdrawn));
        Ok::<_, StoreError>(())
    });
    written.unwrap();
    let of = LogFilter { campaign: Some(id), ..LogFilter::default() };
    let read = async |caller, filter: &LogFilter| {
        log::list(world.app(), caller, filter.clone(), PageRequest::first(200)).await.unwrap().items
    };
    let whole = read(&world.auditor, &of).await;
    assert!(whole.iter().any(|entry| entry.kind == EventKind::AssignmentsWithdrawn && entry.unit_id.is_none()));
    assert_eq!(read(&auditor, &of).await, whole);
    assert!(read(&auditor, &LogFilter::default()).await.iter().all(|entry| entry.unit_id.is_some()));
    let south = world.user("south-auditor", &[Grant { role: Role::Auditor, unit_id: world.south.unit }]);
    assert_eq!(read(&south, &of).await, [], "not theirs");
}

async fn an_assignment_is_followed_from_release_to_answer(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "j", 2).await;
    let done = assigned(world.app(), crowd.wave_id).remove(0);
    let read = || journey::read(world.app(), &world.auditor, done.id);
    let fresh = read().await.unwrap();
    let kinds: Vec<EventKind> = fresh.steps.iter().map(|step| step.entry.kind).collect();
    assert_eq!(kinds, [EventKind::CampaignReleased, EventKind::WaveOpened, EventKind::WaveAssigned]);
    assert_eq!(fresh.missing, [Missing::Mail, Missing::Answer]);
    assert!(fresh.steps.iter().all(|step| step.open) && fresh.steps[0].text("content_hash").is_some());
    world.change(|tx| complete(tx, &done));
    let answered = read().await.unwrap();
    assert_eq!(answered.steps.last().unwrap().entry.kind, EventKind::AssignmentDone);
    assert_eq!(answered.missing, [Missing::Mail, Missing::Evidence], "a bare word can't be checked");
    let shown = format!("{answered:?}");
    let member = world.member_row(done.member_id);
    let account = world.account_row(done.account_id);
    for personal in [&member.name, &member.email, &account.handle, &account.display_name] {
        assert!(!shown.contains(personal.as_str()), "{personal}: {shown}");
    }
    let office = world.user("office-auditor", &[Grant { role: Role::Auditor, unit_id: done.unit_id }]);
    let within = journey::read(world.app(), &office, done.id).await.unwrap();
    assert!(!within.steps[0].open && within.steps.last().unwrap().open, "a step above the reader's units is told, not opened");
    let south = world.user("south-auditor", &[Grant { role: Role::Auditor, unit_id: world.south.unit }]);
    assert!(matches!(journey::read(world.app(), &south, done.id).await, Err(ServiceError::NotFound(_))));
    assert!(matches!(journey::read(world.app(), &world.lead, done.id).await, Err(ServiceError::Forbidden)));
}

async fn a_sample_is_drawn_again_by_its_seed(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "s", 12).await;
    let people = assigned(world.app(), crowd.wave_id);
    for done in &people[..10] {
        world.change(|tx| complete(tx, done));
    }
    world.test.advance(TimeDelta::seconds(1));
    let until = world.test.clock.now();
    let draw = |seed: &str, n| Draw { seed: seed.into(), n, campaign_id: None, until };
    let of = |draw| sample::draw(world.app(), &world.auditor, draw);
    let one = of(draw("a", 4)).await.unwrap();
    assert_eq!((one.items.len(), one.strata[0].population, one.strata[0].drawn), (4, 10, 4));
    let mut expected: Vec<_> = people[..10].iter().map(|a| (order("a", a.id.uuid()), a.id)).collect();
    expected.sort();
    assert_eq!(
        one.items.iter().map(|i| i.assignment_id).collect::<Vec<_>>(),
        expected[..4].iter().map(|(_, id)| *id).collect::<Vec<_>>()
    );
    assert_eq!(one.items[0].hash, hex::encode(expected[0].0));
    assert_ne!(of(draw("b", 4)).await.unwrap().items, one.items);
    // What happens later changes nothing about a draw of an earlier instant.
    world.test.advance(TimeDelta::seconds(1));
    world.change(|tx| complete(tx, &people[10]));
    let drawn = one.items[0].assignment_id;
    world.change(|tx| {
        let row = completions::table.filter(completions::assignment_id.eq(drawn));
        Ok(diesel::update(row).set(completions::undone_at.eq(At(tx.now))).execute(tx.conn)?)
    });
    assert_eq!(of(draw("a", 4)).await.unwrap(), one);
    let later = of(Draw { until: world.test.clock.now() + TimeDelta::seconds(1), ..draw("a", 500) }).await.unwrap();
    assert_eq!(later.items.len(), 10, "one came, one was taken back");
    assert!(later.items.iter().all(|item| item.assignment_id != drawn));
    let csv = String::from_utf8(sample::csv(&one).unwrap()).unwrap();
    assert!(csv.contains(&drawn.to_string()));
    for (seed, n) in [("", 1), ("a", 0), ("a", 501)] {
        assert!(matches!(of(draw(seed, n)).await, Err(ServiceError::Invalid(_))));
    }
    let south = world.user("south-auditor", &[Grant { role: Role::Auditor, unit_id: world.south.unit }]);
    assert!(sample::draw(world.app(), &south, draw("a", 4)).await.unwrap().items.is_empty());
    assert!(matches!(sample::draw(world.app(), &world.lead, draw("a", 4)).await, Err(ServiceError::Forbidden)));
}

async fn a_workbook_is_the_log_over_as_many_sheets_as_it_needs(engine: Engine) {
    let world = World::new(engine);
    opened(&world, "w", 3).await;
    world
        .app()
        .db
        .write_blocking(world.lead.actor(), |tx| {
            let entry = gaung::store::tx::NewEntry::new(EventKind::UnitChanged).unit(world.north.unit);
            tx.record(entry.subject("=cmd()").payload(serde_json::json!({ "changed": ["name"] })));
            Ok::<_, gaung::store::StoreError>(())
        })
        .unwrap();
    let all = log::list(world.app(), &world.auditor, LogFilter::default(), PageRequest::first(200)).await.unwrap().items;
    let mut bytes = Vec::new();
    workbook(world.app(), &world.auditor, LogFilter::default(), 4).await.unwrap().read_to_end(&mut bytes).unwrap();
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names().clone();
    assert_eq!(names.len(), all.len().div_ceil(3), "three entries and a header each: {names:?}");
    assert_eq!(names[..2], ["log", "log 2"]);
    let (mut ids, mut formulas) = (Vec::new(), 0);
    for name in &names {
        let sheet = book.worksheet_range(name).unwrap();
        let mut rows = sheet.rows();
        assert_eq!(rows.next().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(), COLUMNS);
        ids.extend(rows.map(|row| row[0].to_string()));
        formulas += book.worksheet_formula(name).unwrap().rows().flatten().filter(|cell| !cell.is_empty()).count();
    }
    assert_eq!(ids, all.iter().map(|entry| entry.id.to_string()).collect::<Vec<_>>());
    assert_eq!(formulas, 0);
    let some = LogFilter { kind: Some(EventKind::WaveOpened), ..LogFilter::default() };
    let mut bytes = Vec::new();
    workbook(world.app(), &world.auditor, some, 1000).await.unwrap().read_to_end(&mut bytes).unwrap();
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(book.worksheet_range("log").unwrap().rows().count(), 2);
}

async fn a_dossier_holds_what_is_on_record(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "d", 6).await;
    let done = assigned(world.app(), crowd.wave_id).remove(0);
    world.change(|tx| complete(tx, &done));
    let read = dossier::read(world.app(), &world.auditor, crowd.campaign_id).await.unwrap();
    assert_eq!((read.releases.len(), read.releases[0].by.as_str(), read.author.as_str()), (1, "approver", "lead"));
    assert_eq!(read.releases[0].content_hash, read.campaign.content_hash);
    assert_eq!((read.layers.len(), read.layers[0].planned), (1, 6));
    assert_eq!(read.layers[0].outcome.map(|o| (o.done, o.declined, o.expired)), Some((1, 0, 0)));
    assert_eq!((read.mail.planned, read.mail.open), (6, 6));
    let kinds: Vec<EventKind> = read.changes.iter().map(|entry| entry.kind).collect();
    let expected = [EventKind::CampaignCreated, EventKind::CampaignSubmitted, EventKind::CampaignReleased];
    assert_eq!(kinds[..3], expected);
    assert!(kinds.contains(&EventKind::WaveOpened) && !kinds.contains(&EventKind::WaveAssigned));
    assert_eq!(read.first.unwrap().kind, EventKind::CampaignCreated);
    let few = opened(&world, "few", 3).await;
    let small = dossier::read(world.app(), &world.auditor, few.campaign_id).await.unwrap();
    assert_eq!((small.layers[0].planned, small.layers[0].outcome), (3, None));
    assert!(matches!(dossier::read(world.app(), &world.lead, few.campaign_id).await, Err(ServiceError::Forbidden)));
    let south = world.user("south-auditor", &[Grant { role: Role::Auditor, unit_id: world.south.unit }]);
    assert!(matches!(dossier::read(world.app(), &south, few.campaign_id).await, Err(ServiceError::NotFound(_))));
}

async fn a_small_wave_does_not_follow_from_its_layer(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let wave = |planned: i64| {
        let id = stage.wave(Layer::Advocacy, None);
        world.change(|tx| {
            use gaung::store::schema::wave_counts::dsl;
            Ok(diesel::update(dsl::wave_counts.find(id)).set((dsl::planned.eq(planned), dsl::done.eq(1))).execute(tx.conn)?)
        });
    };
    let shown =
        || async { dossier::read(world.app(), &world.auditor, stage.campaign).await.unwrap().layers[0].outcome.is_some() };
    let public = || async {
        gaung::service::register::campaign::list(world.app(), PageRequest::default()).await.unwrap().items[0].layers[0]
            .figures
            .is_some()
    };
    wave(40);
    assert!(shown().await && public().await);
    wave(3);
    assert!(!shown().await && !public().await, "43 less the 40 that a lead sees are three people");
    wave(4);
    assert!(shown().await && public().await, "seven people together hide one another");
}

async fn an_archive_proves_itself(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "z", 6).await;
    let texts = Texts { page: "<!doctype html><title>x</title>".into(), readme: "read".into() };
    let file = dossier::archive(world.app(), &world.auditor, crowd.campaign_id, texts).await.unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let names: BTreeSet<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(
        names,
        ["README.txt", "SHA256SUMS", "content.json", "dossier.html", "entries.csv", "entries.json"].map(String::from).into()
    );
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let sums = String::from_utf8(part("SHA256SUMS")).unwrap();
    for name in names.iter().filter(|name| *name != "SHA256SUMS") {
        let line = format!("{}  {name}\n", hex::encode(Sha256::digest(part(name))));
        assert!(sums.contains(&line), "{name}: {sums}");
    }
    let hash = dossier::read(world.app(), &world.auditor, crowd.campaign_id).await.unwrap().campaign.content_hash;
    assert_eq!(hex::encode(Sha256::digest(part("content.json"))), hash, "the file is what was released");
    let entries: serde_json::Value = serde_json::from_slice(&part("entries.json")).unwrap();
    let csv = part("entries.csv");
    let rows: Vec<String> = csv::Reader::from_reader(csv.as_slice()).records().map(|row| row.unwrap()[0].to_owned()).collect();
    let ids: Vec<&str> = entries.as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect();
    assert!(rows.len() > 4);
    assert_eq!(ids, rows);
    let first = entries[0]["id"].as_str().unwrap().parse().unwrap();
    let placed = log::placed(world.app(), &world.auditor, first).await.unwrap();
    assert_eq!(entries[0]["leaf_hash"], placed.leaf_hash);
}

async fn a_checked_post_ends_the_way(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let account = world.north.account(AccountKind::KolInternal);
    let asked = stage.asked(Layer::Opinion, account, &Asking::of(Action::Create));
    let handle = world.account_row(account).handle;
    let done = stage.done(&asked, Some(&format!("https://x.com/{handle}/status/1851234567890123456"))).await;
    task::complete(world.app(), &stage.token(&asked), done).await.unwrap();
    let read = journey::read(world.app(), &world.auditor, asked.id).await.unwrap();
    assert!(read.missing.contains(&Missing::Check) && !read.missing.contains(&Missing::Answer), "{:?}", read.missing);
    assert!(read.missing.contains(&Missing::Release), "this campaign was put there by hand");
    let kinds: Vec<EventKind> = read.steps.iter().map(|step| step.entry.kind).collect();
    assert!(kinds.contains(&EventKind::AssignmentDone) && kinds.contains(&EventKind::PostRegistered), "{kinds:?}");
    assert_eq!(read.steps.iter().find_map(|step| step.text("level")), Some("linked"));
    // The account leaves the service; the auditor still sees the way.
    world.change(|tx| {
        Ok(diesel::update(accounts::table.find(account)).set(accounts::state.eq(AccountState::Retired)).execute(tx.conn)?)
    });
    assert_eq!(journey::read(world.app(), &world.auditor, asked.id).await.unwrap(), read);
}

on_both!(
    pages_go_both_ways,
    names_are_found_within_reach,
    a_campaigns_log_is_whole_for_its_units_auditor,
    an_assignment_is_followed_from_release_to_answer,
    a_sample_is_drawn_again_by_its_seed,
    a_workbook_is_the_log_over_as_many_sheets_as_it_needs,
    a_dossier_holds_what_is_on_record,
    a_small_wave_does_not_follow_from_its_layer,
    an_archive_proves_itself,
    a_checked_post_ends_the_way,
);
