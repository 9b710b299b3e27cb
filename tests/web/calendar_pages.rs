//! The calendar as a lead uses it: what opens when, moving by form with its undo, what a release loses by it, and a feed that is read
//! back by another program's parser.

use chrono::{DateTime, TimeDelta, Utc};
use gaung::domain::campaign::CampaignState;
use gaung::domain::content::TargetPlan;
use gaung::domain::event::EventKind;
use gaung::domain::id::{CampaignId, WaveId};
use gaung::domain::kind::{Action, Layer};
use gaung::domain::platform::Platform;
use gaung::domain::wave::Timing;
use gaung::service::campaign::{self, CampaignView};
use gaung::service::{calendar, neutrality};
use reqwest::StatusCode;

use crate::support::campaigns::{campaign_state, content, now, publish_wave, released, task, wave};
use crate::support::database::Engine;
use crate::support::http::{Client, Served, location, text};
use crate::support::stage::code;
use crate::support::world::World;

async fn page(client: &Client, path: &str) -> String {
    text(client.get(path).await, StatusCode::OK).await
}

fn cascade(source: WaveId) -> gaung::domain::content::WavePlan {
    let target = TargetPlan::PostOf { wave_id: source };
    let mut plan =
        wave(Layer::Advocacy, Timing::Cascade { wave_id: source, minutes: 30 }, vec![task(Platform::X, Action::Share, target)]);
    plan.name = "Pegawai".into();
    plan
}

async fn draft(world: &World, at: DateTime<Utc>) -> (CampaignView, WaveId) {
    let first = publish_wave(at);
    let id = first.id;
    let second = cascade(id);
    let view = campaign::create(world.app(), &world.lead, world.root, content(vec![first, second])).await.unwrap();
    (view, id)
}

fn wanted(id: CampaignId, wave: WaveId, version: i32, local: &str) -> Vec<(String, String)> {
    let pairs = [("campaign", id.to_string()), ("wave", wave.to_string()), ("version", version.to_string())];
    let when = [("local", local.to_owned()), ("zone", "Asia/Jakarta".to_owned())];
    pairs.into_iter().chain(when).map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn post(client: &Client, fields: &[(String, String)]) -> reqwest::Response {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post("/calendar/move", &fields).await
}

/// The test's clock stands on a Monday morning; a day of the week after, in its own words.
fn later(world: &World, days: i64) -> DateTime<Utc> {
    let today = now(world).date_naive() + TimeDelta::days(days);
    today.and_hms_opt(2, 0, 0).unwrap().and_utc()
}

fn month(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Asia::Jakarta).format("%Y-%m").to_string()
}

async fn the_month_and_the_week_show_what_opens_and_what_is_an_estimate(engine: Engine) {
    let world = World::new(engine);
    let at = later(&world, 3);
    let (view, _) = draft(&world, at).await;
    neutrality::add_freeze(world.app(), &world.admin, "Pemilu contoh".into(), at - TimeDelta::hours(1), at + TimeDelta::hours(5))
        .await
        .unwrap();
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let shown = page(&lead, &format!("/calendar?month={}", month(at))).await;
    let link = format!("/campaigns/{}", view.id);
    assert_eq!(shown.matches(&format!("href=\"{link}\"")).count(), 4, "two openings and two closings: {shown}");
    for words in ["09.00", "≈ 09.30", "Pemilu contoh", "draggable=\"true\"", "<th scope=\"col\">", "Kalender"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(shown.matches("draggable").count(), 1, "a wave that waits for another is not moved by itself");
    assert!(!shown.contains('⟦'), "{shown}");
    let week = at.with_timezone(&chrono_tz::Asia::Jakarta).format("%G-W%V");
    let shown = page(&lead, &format!("/calendar?week={week}&lang=en")).await;
    assert!(shown.contains("09:00") && shown.contains("estimate") && !shown.contains('⟦'), "{shown}");
    // Another month holds nothing of it, and says what would be there.
    let empty = page(&lead, "/calendar?month=2031-05").await;
    assert!(empty.contains("Mei 2031") && empty.contains("akan tampil di sini"), "{empty}");
    // The auditor looks and moves nothing; the south's lead sees nothing of the root's.
    let audited = page(&served.browser(&world.auditor), &format!("/calendar?month={}", month(at))).await;
    assert!(audited.contains(&link) && !audited.contains("draggable"), "{audited}");
    let south = page(&served.browser(&world.south_lead), &format!("/calendar?month={}", month(at))).await;
    assert!(!south.contains(&link), "{south}");
}

async fn a_wave_is_moved_by_form_and_back(engine: Engine) {
    let world = World::new(engine);
    let (view, wave_id) = draft(&world, later(&world, 3)).await;
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let form = page(&lead, &format!("/calendar/move?campaign={}&wave={wave_id}", view.id)).await;
    assert!(form.contains("Pegawai"), "what moves along is named: {form}");
    let target = (later(&world, 5) + TimeDelta::hours(7)).format("%Y-%m-%dT09:00").to_string();
    // Faults keep what was typed.
    let mut faulty = wanted(view.id, wave_id, view.version, "soon");
    faulty[4].1 = "Asia/Jakrta".into();
    let again = text(post(&lead, &faulty).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(
        again.contains("value=\"soon\"") && again.contains("value=\"Asia/Jakrta\"") && again.contains("href=\"#local\""),
        "{again}"
    );
    let past =
        text(post(&lead, &wanted(view.id, wave_id, view.version, "2020-01-01T09:00")).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(past.await.contains("sudah lewat"));
    let moved = location(&post(&lead, &wanted(view.id, wave_id, view.version, &target)).await);
    let after = campaign::get(world.app(), &world.lead, view.id).await.unwrap();
    let local = |view: &CampaignView| match &view.content.waves[0].timing {
        Timing::At { local, .. } => local.format("%Y-%m-%dT%H:%M").to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(local(&after), target);
    // The page offers to move it back, and does.
    let shown = page(&lead, &moved).await;
    assert!(shown.contains("dipindahkan ke") && shown.contains(&format!("value=\"{}\"", local(&view))), "{shown}");
    location(&post(&lead, &wanted(view.id, wave_id, after.version, &local(&view))).await);
    assert_eq!(local(&campaign::get(world.app(), &world.lead, view.id).await.unwrap()), local(&view));
    // Somebody else's change is not overwritten.
    let stale = text(post(&lead, &wanted(view.id, wave_id, view.version, &target)).await, StatusCode::CONFLICT).await;
    assert!(stale.contains("sementara itu") && stale.contains(&format!("value=\"{target}\"")), "{stale}");
    // Who may not run campaigns, or not here, moves nothing.
    let path = format!("/calendar/move?campaign={}&wave={wave_id}", view.id);
    assert_eq!(served.browser(&world.auditor).get(&path).await.status(), StatusCode::FORBIDDEN);
    let south = served.browser(&world.south_lead);
    assert_eq!(south.get(&path).await.status(), StatusCode::NOT_FOUND);
    let other = post(&south, &wanted(view.id, wave_id, after.version, &target)).await;
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
    // A wave that waits has no time to move.
    let waiting = calendar::look(world.app(), &world.lead, view.id, view.content.waves[1].id).await;
    assert_eq!(code(waiting), "calendar.not_fixed");
}

async fn moving_a_released_wave_says_that_the_release_goes(engine: Engine) {
    let world = World::new(engine);
    let plan = publish_wave(later(&world, 3));
    let wave_id = plan.id;
    let id = released(&world, vec![plan]).await;
    let version = campaign::get(world.app(), &world.lead, id).await.unwrap().version;
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    let target = (later(&world, 4) + TimeDelta::hours(7)).format("%Y-%m-%dT10:30").to_string();
    let mut fields = wanted(id, wave_id, version, &target);
    let check = text(post(&lead, &fields).await, StatusCode::OK).await;
    assert!(check.contains("membatalkan rilisnya") && check.contains("Pindahkan dan batalkan rilis"), "{check}");
    assert_eq!(campaign_state(world.app(), id), CampaignState::Released, "nothing happened yet");
    fields.push(("sure".into(), "1".into()));
    let moved = location(&post(&lead, &fields).await);
    assert!(moved.contains("voided=1"), "{moved}");
    assert_eq!(campaign_state(world.app(), id), CampaignState::Draft);
    assert_eq!(world.entries(EventKind::ReleaseVoided), 1);
}

async fn a_feed_is_read_by_other_programs_until_it_is_revoked(engine: Engine) {
    let world = World::new(engine);
    let at = later(&world, 3);
    let (view, wave_id) = draft(&world, at).await;
    let served = Served::start(world.app());
    let lead = served.browser(&world.lead);
    assert!(page(&lead, "/calendar/feed").await.contains("Buat alamat"));
    assert_eq!(location(&lead.post("/calendar/feed", &[("act", "make")]).await), "/calendar/feed");
    let shown = page(&lead, "/calendar/feed").await;
    let start = shown.find("href=\"/calendar/").unwrap() + 6;
    let hrefs: Vec<&str> = shown[start..].split('"').collect();
    let path = (*hrefs.iter().find(|href| href.ends_with(".ics")).unwrap()).to_owned();
    let phone = served.anonymous();
    let answer = phone.get(&path).await;
    assert!(answer.headers().get("content-type").unwrap().to_str().unwrap().starts_with("text/calendar"));
    let ics = text(answer, StatusCode::OK).await;
    assert!(ics.lines().all(|line| line.len() <= 75) && ics.contains("\r\n"), "{ics}");
    let calendars: Vec<_> = ical::IcalParser::new(ics.as_bytes()).collect::<Result<_, _>>().expect("RFC 5545");
    let events = &calendars[0].events;
    let of = |event: &ical::parser::ical::component::IcalEvent, name: &str| {
        event.properties.iter().find(|p| p.name == name).and_then(|p| p.value.clone()).unwrap_or_default()
    };
    let first = events.iter().find(|event| of(event, "UID").contains(&wave_id.to_string())).expect("the wave");
    assert_eq!(of(first, "DTSTART"), at.format("%Y%m%dT%H%M%SZ").to_string());
    assert!(of(first, "SUMMARY").starts_with(&view.content.title) && of(first, "STATUS") == "TENTATIVE");
    assert_eq!(events.len(), 2, "the cascade's estimate too");
    let lead_mail = "lead@kemencontoh.example";
    assert!(!ics.contains(lead_mail) && !ics.contains("ATTENDEE") && !ics.contains("ORGANIZER"), "{ics}");
    // A new address takes the old one's place; a revoked one opens nothing; a made-up one neither.
    lead.post("/calendar/feed", &[("act", "make")]).await;
    assert_eq!(phone.get(&path).await.status(), StatusCode::NOT_FOUND);
    let feed = calendar::feed(world.app(), &world.lead).await.unwrap().unwrap();
    let current = format!("/calendar/{}.ics", feed.token);
    text(phone.get(&current).await, StatusCode::OK).await;
    lead.post("/calendar/feed", &[("act", "revoke")]).await;
    for gone in [current.as_str(), "/calendar/nonsense.ics"] {
        assert_eq!(phone.get(gone).await.status(), StatusCode::NOT_FOUND, "{gone}");
    }
    assert_eq!((world.entries(EventKind::CalendarFeedMade), world.entries(EventKind::CalendarFeedRevoked)), (2, 1));
}

async fn a_feed_reaches_as_far_as_its_user_does_now(engine: Engine) {
    let world = World::new(engine);
    draft(&world, later(&world, 3)).await;
    let feed = calendar::create_feed(world.app(), &world.south_lead).await.unwrap();
    assert!(calendar::read_feed(world.app(), &feed.token).await.unwrap().calendar.waves.is_empty());
    let feed = calendar::create_feed(world.app(), &world.lead).await.unwrap();
    assert!(!calendar::read_feed(world.app(), &feed.token).await.unwrap().calendar.waves.is_empty());
    let id = world.lead.user_id().unwrap();
    world.change(|tx| {
        use diesel::prelude::*;
        use gaung::store::schema::user_roles;
        Ok(diesel::delete(user_roles::table.filter(user_roles::user_id.eq(id))).execute(tx.conn)?)
    });
    assert_eq!(code(calendar::read_feed(world.app(), &feed.token).await), "not_found");
}

on_both!(
    the_month_and_the_week_show_what_opens_and_what_is_an_estimate,
    a_wave_is_moved_by_form_and_back,
    moving_a_released_wave_says_that_the_release_goes,
    a_feed_is_read_by_other_programs_until_it_is_revoked,
    a_feed_reaches_as_far_as_its_user_does_now,
);
