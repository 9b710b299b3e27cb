//! What members choose for themselves and see of themselves: language, zone, permitted hours, pauses that end, everything held.

use chrono::{DateTime, TimeDelta, Utc};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::locale::Locale;
use gaung::domain::mail_hours::MailHours;
use gaung::domain::member::MemberState;
use gaung::domain::outbox::MailState;
use gaung::jobs::schedule::tick;
use gaung::service::delivery;
use gaung::service::task::{self, SettingsForm, pause_token};

use crate::support::campaigns::{mail_of, now, opened};
use crate::support::database::Engine;
use crate::support::stage::{Asking, Stage, code};
use crate::support::world::World;

fn token(world: &World, id: gaung::domain::id::MemberId) -> String {
    let member = world.member_row(id);
    pause_token(world.app(), id, member.link_version)
}

fn form(nonce: String, hours: Option<(u16, u16, u8)>) -> SettingsForm {
    SettingsForm { locale: "en".into(), zone: "Asia/Jayapura".into(), hours, nonce, ..SettingsForm::default() }
}

const NIGHT: Option<(u16, u16, u8)> = Some((20 * 60, 22 * 60, 0b111_1111));

async fn choices_are_kept_and_recorded_once(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let id = world.north.member(AccountKind::Advocate);
    let own = token(&world, id);
    let found = task::settings(app, &own).await.unwrap();
    assert_eq!((found.zone.as_str(), found.mail.hours), ("Asia/Jakarta", None));
    let before = world.all_entries();
    task::choose(app, &own, form(found.nonce.clone(), NIGHT)).await.unwrap();
    task::choose(app, &own, form(found.nonce.clone(), NIGHT)).await.unwrap();
    assert_eq!(world.all_entries(), before + 1, "the same choice again is no change");
    let row = world.member_row(id);
    assert_eq!((row.locale, row.zone.as_str()), (Locale::En, "Asia/Jayapura"));
    let found = task::settings(app, &own).await.unwrap();
    assert_eq!(found.mail.hours, Some(MailHours::new(20 * 60, 22 * 60, 0b111_1111).unwrap()));
    // Every fault is named, and nothing is kept.
    let bad = SettingsForm {
        locale: "fr".into(),
        zone: "Mars/Base".into(),
        hours: Some((600, 610, 1)),
        nonce: found.nonce.clone(),
        ..SettingsForm::default()
    };
    let refused = task::choose(app, &own, bad).await;
    assert_eq!(code(refused), "locale:locale.unknown zone:zone.unknown from:hours.too_short");
    let no_day = form(found.nonce.clone(), Some((0, 1440, 0)));
    assert_eq!(code(task::choose(app, &own, no_day).await), "day:hours.no_day");
    assert_eq!(code(task::choose(app, &own, form("x".into(), None)).await), "form.not_from_page");
    assert_eq!(world.member_row(id).version, row.version);
    task::choose(app, &own, form(found.nonce, None)).await.unwrap();
    assert_eq!(task::settings(app, &own).await.unwrap().mail.hours, None);
}

async fn mail_waits_for_permitted_hours(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let crowd = opened(&world, "jam", 2).await;
    let (owl, lark) = (crowd.people[0].0, crowd.people[1].0);
    let own = token(&world, owl);
    let nonce = task::settings(app, &own).await.unwrap().nonce;
    let zone = SettingsForm { zone: "Asia/Jakarta".into(), ..form(nonce, NIGHT) };
    task::choose(app, &own, zone).await.unwrap();
    delivery::deliver_due_mail(app).await.unwrap();
    assert_eq!(mail_of(app, crowd.wave_id, lark).state, MailState::Sent);
    let waiting = mail_of(app, crowd.wave_id, owl);
    assert_eq!(waiting.state, MailState::Pending);
    let evening = waiting.next_attempt_at.0;
    let local = evening.with_timezone(&chrono_tz::Asia::Jakarta).format("%H:%M").to_string();
    assert_eq!(local, "20:00");
    assert!(evening - now(&world) < TimeDelta::days(1));
    let shelf = task::my_tasks(app, &own).await.unwrap().tasks;
    assert_eq!((shelf[0].shelf, shelf[0].mail_at), (task::Shelf::Coming, Some(evening)));
    world.test.advance(evening - now(&world) - TimeDelta::seconds(1));
    delivery::deliver_due_mail(app).await.unwrap();
    assert_eq!(mail_of(app, crowd.wave_id, owl).state, MailState::Pending);
    world.test.advance(TimeDelta::seconds(1));
    delivery::deliver_due_mail(app).await.unwrap();
    assert_eq!(mail_of(app, crowd.wave_id, owl).state, MailState::Sent);
}

async fn a_pause_ends_by_itself(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let (a, b) = (world.north.member(AccountKind::Advocate), world.south.member(AccountKind::Advocate));
    let state = |id| world.member_row(id).state;
    let started: DateTime<Utc> = now(&world);
    task::pause_for(app, &token(&world, a), 7).await.unwrap();
    task::pause_all(app, &token(&world, b)).await.unwrap();
    assert_eq!(task::my_tasks(app, &token(&world, a)).await.unwrap().paused_until, Some(started + TimeDelta::days(7)));
    // The unsubscribe button does not shorten or lengthen what the person chose.
    task::unsubscribe(app, &token(&world, a)).await.unwrap();
    world.test.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    tick(app).await;
    assert_eq!((state(a), state(b)), (MemberState::Paused, MemberState::Paused));
    // Choosing anew moves the end; without an end it never comes back by itself.
    task::pause_for(app, &token(&world, a), 14).await.unwrap();
    world.test.advance(TimeDelta::days(14));
    tick(app).await;
    assert_eq!((state(a), state(b)), (MemberState::Active, MemberState::Paused));
    assert_eq!(task::my_tasks(app, &token(&world, a)).await.unwrap().paused_until, None);
    // Who left stays away.
    task::pause_for(app, &token(&world, a), 1).await.unwrap();
    let nonce = task::my_tasks(app, &token(&world, a)).await.unwrap().nonce;
    task::leave(app, &token(&world, a), &nonce).await.unwrap();
    world.test.advance(TimeDelta::days(2));
    tick(app).await;
    assert_eq!(state(a), MemberState::Left);
}

async fn everything_held_is_shown_to_its_member_alone(engine: Engine) {
    let stage = Stage::new(engine);
    let world = &stage.world;
    let app = world.app();
    let asked = stage.asked(Layer::Advocacy, world.north.account(AccountKind::Advocate), &Asking::of(Action::Comment));
    let done = stage.done(&asked, None).await;
    task::complete(app, &stage.token(&asked), done).await.unwrap();
    let data = task::my_data(app, &token(world, asked.member_id)).await.unwrap();
    let row = world.member_row(asked.member_id);
    assert_eq!((&data.profile.name, &data.profile.email, &data.profile.subject_ref), (&row.name, &row.email, &row.subject_ref));
    assert_eq!(data.accounts.len(), 1);
    assert!(data.consents.iter().any(|consent| consent.given_at.is_some() && consent.text.is_some()), "{:?}", data.consents);
    assert_eq!(data.assignments.len(), 1);
    assert!(data.assignments[0].settled_at.is_some() && data.assignments[0].evidence.is_some());
    assert!(!data.mails.is_empty());
    assert!(data.log.iter().any(|entry| entry.kind == gaung::domain::event::EventKind::AssignmentDone));
    let other = world.member_row(world.south.member(AccountKind::Advocate));
    let json = serde_json::to_string(&data).unwrap();
    assert!(!json.contains(&other.subject_ref) && !json.contains(&other.email));
    // One task's link does not open it.
    assert_eq!(code(task::my_data(app, &stage.token(&asked)).await), "link.own_needed");
    assert_eq!(code(task::settings(app, &stage.token(&asked)).await), "link.own_needed");
    assert_eq!(code(task::my_data(app, "nonsense").await), "link.invalid");
}

on_both!(
    choices_are_kept_and_recorded_once,
    mail_waits_for_permitted_hours,
    a_pause_ends_by_itself,
    everything_held_is_shown_to_its_member_alone,
);
