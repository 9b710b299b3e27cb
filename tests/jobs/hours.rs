//! The institution's working calendar, what the preview says of it beforehand, reminders, and the leads' report of the day.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::campaign::CampaignState;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::service::{campaign, daily_report, preview};
use gaung::store::schema::{assignments, campaigns, outbox as rows};
use gaung::store::{StoreError, due};

use super::{kept, replica, seconds, settled_tick, tick};
use crate::support::campaigns::{assigned, counts, due as due_crowd, mail_states, mails, now, opened};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

const OFFICE: &[(&str, &str)] = &[
    ("GAUNG__MAIL__HOURS__FROM", "10:00"),
    ("GAUNG__MAIL__HOURS__UNTIL", "16:00"),
    ("GAUNG__MAIL__HOURS__DAYS", "mon,tue,wed,thu,fri"),
    ("GAUNG__MAIL__HOURS__ON_HOLIDAYS", "false"),
];

async fn mail_waits_for_the_institutions_hours_and_the_pages_say_until_when(engine: Engine) {
    // It is Monday, 09:00.
    let world = World::with_env(engine, OFFICE);
    let app = world.app();
    let crowd = opened(&world, "a", 3).await;
    settled_tick(&world).await;
    assert_eq!(mail_states(app, crowd.wave_id), [(MailState::Pending, 3)]);
    let ten = mails(app, crowd.wave_id)[0].next_attempt_at.0;
    assert_eq!(ten.with_timezone(&chrono_tz::Asia::Jakarta).format("%a %H:%M").to_string(), "Mon 10:00");
    let page = campaign::dashboard(app, &world.lead, crowd.campaign_id).await.unwrap();
    assert_eq!(page.next_mail_at, Some(ten));
    let last = page.last_mail_at.unwrap();
    assert!(last >= ten && last < ten + TimeDelta::minutes(1), "{last}");
    world.test.advance(ten - now(&world));
    settled_tick(&world).await;
    assert_eq!(mail_states(app, crowd.wave_id), [(MailState::Sent, 3)]);
    let page = campaign::dashboard(app, &world.lead, crowd.campaign_id).await.unwrap();
    assert_eq!((page.next_mail_at, page.last_mail_at), (None, None));
}

async fn what_can_not_come_in_time_is_cancelled_and_was_said_before(engine: Engine) {
    let sundays = [("GAUNG__MAIL__HOURS__DAYS", "sun")];
    let world = World::with_env(engine, &sundays);
    let app = world.app();
    let crowd = due_crowd(&world, "a", 6).await;
    let said = preview::preview(app, &world.lead, crowd.campaign_id).await.unwrap();
    let wave = &said.waves[0];
    assert_eq!((wave.asked, wave.last_mail_at), (6, None));
    assert_eq!(wave.too_late.iter().map(|late| (late.label.as_str(), late.people)).collect::<Vec<_>>(), [("WIB", Some(6))]);
    settled_tick(&world).await;
    let row = counts(app, crowd.wave_id);
    assert_eq!((row.mail_planned, row.mail_cancelled), (6, 6));
    let why = mails(app, crowd.wave_id)[0].last_error.clone().unwrap();
    assert_eq!(why, "no permitted time is left before the deadline");
    assert!(kept(&world).is_empty());
}

async fn the_preview_says_when_the_last_mail_leaves_and_withholds_few(engine: Engine) {
    let world = World::with_env(engine, OFFICE);
    let app = world.app();
    let crowd = due_crowd(&world, "a", 6).await;
    let hours = gaung::domain::mail_hours::MailHours::new(60, 120, 0b100_0000).unwrap();
    let mail = gaung::domain::mail_hours::Choice { hours: Some(hours), ..Default::default() };
    let chosen = gaung::store::preference::Preferences { mail, paused_until: None };
    world.change(|tx| gaung::store::preference::save(tx, crowd.people[0].0, chosen));
    let said = preview::preview(app, &world.lead, crowd.campaign_id).await.unwrap();
    let wave = &said.waves[0];
    let last = wave.last_mail_at.unwrap().with_timezone(&chrono_tz::Asia::Jakarta);
    assert_eq!(last.format("%a %H:%M").to_string(), "Mon 10:00");
    assert_eq!(
        wave.too_late.iter().map(|late| late.people).collect::<Vec<_>>(),
        [None],
        "one person's choice is nobody's business"
    );
}

/// Makes the reminders of everybody who was told due.
fn remind_now(world: &World) {
    world.change(|tx| {
        let told = assignments::table.filter(assignments::state.eq("notified"));
        Ok(diesel::update(told).set(assignments::remind_at.eq(Some(gaung::store::types::At(tx.now)))).execute(tx.conn)?)
    });
}

fn reminders(world: &World) -> i64 {
    let query = rows::table.filter(rows::kind.eq(MailKind::Reminder)).count();
    world.app().db.read_blocking(|conn| Ok::<_, StoreError>(query.get_result(conn)?)).unwrap()
}

async fn nobody_is_reminded_of_what_is_over_or_stands_still(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let crowd = opened(&world, "a", 3).await;
    settled_tick(&world).await;
    remind_now(&world);
    // A pause that has not committed yet: the other connection must not plan for it (SQLite has one writer, so there it waits).
    if !app.db.is_sqlite() {
        let other = replica(&world);
        let id = crowd.campaign_id;
        world.change(|tx| {
            diesel::update(campaigns::table.find(id)).set(campaigns::state.eq(CampaignState::Paused)).execute(tx.conn)?;
            let planned = std::thread::scope(|threads| {
                let work = || other.db.write_blocking(gaung::domain::actor::Actor::System, |tx| due::remind(tx, id, 100));
                threads.spawn(work).join().expect("no panic")
            })?;
            assert_eq!(planned, 0, "none is planned while the campaign is being paused");
            diesel::update(campaigns::table.find(id)).set(campaigns::state.eq(CampaignState::Running)).execute(tx.conn)?;
            Ok(())
        });
    }
    campaign::pause(app, &world.lead, crowd.campaign_id, "sebentar").await.unwrap();
    tick(&world).await;
    assert_eq!(reminders(&world), 0);
    campaign::resume(app, &world.lead, crowd.campaign_id).await.unwrap();
    // The service was away until after the deadline.
    let over = assigned(app, crowd.wave_id)[0].expires_at.0;
    world.test.advance(over - now(&world));
    tick(&world).await;
    assert_eq!(reminders(&world), 0);
    invariants::check(app);
}

async fn leads_get_one_report_a_working_day(engine: Engine) {
    let world = World::with_env(engine, OFFICE);
    let app = world.app();
    daily_report::want(app, &world.lead, true).await.unwrap();
    daily_report::want(app, &world.north_lead, true).await.unwrap();
    let reports = |world: &World| kept(world).into_iter().filter(|mail| !mail.rcpt_to.starts_with('a')).count();
    let _ = opened(&world, "a", 3).await;
    tick(&world).await;
    let first = kept(&world);
    assert!(
        !first.is_empty() && first.iter().all(|mail| mail.subject.contains("23")),
        "{:?}",
        first.iter().map(|m| &m.subject).collect::<Vec<_>>()
    );
    let per_person = super::addresses(&first);
    assert!(per_person.values().all(|n| *n == 1), "{per_person:?}");
    let leads = per_person.len();
    assert_eq!(leads, 1, "the north's lead runs no campaign: {per_person:?}");
    let other = replica(&world);
    for _ in 0..2 {
        let (one, two) = tokio::join!(gaung::jobs::tick(app), gaung::jobs::tick(&other));
        assert_eq!((one.failed, two.failed), (0, 0));
    }
    assert_eq!(reports(&world), leads, "one a day, whoever ticks");
    // Tuesday, 07:29:59 and 07:30:00.
    let tomorrow: chrono::DateTime<chrono::Utc> = "2026-11-24T00:29:59Z".parse().unwrap();
    world.test.advance(tomorrow - now(&world));
    tick(&world).await;
    assert_eq!(reports(&world), leads);
    assert_eq!(daily_report::is_wanted(app, &world.lead).await.unwrap(), Some(true));
    daily_report::want(app, &world.lead, false).await.unwrap();
    assert_eq!(daily_report::is_wanted(app, &world.auditor).await.unwrap(), Some(false), "they get the checkpoint");
    assert_eq!(daily_report::is_wanted(app, &world.approver).await.unwrap(), None);
    world.test.advance(seconds(1));
    tick(&world).await;
    assert_eq!(reports(&world), leads + leads - 1, "who wants none gets none");
    // Saturday.
    world.test.advance(TimeDelta::days(4));
    tick(&world).await;
    assert_eq!(reports(&world), leads + leads - 1);
    invariants::check(app);
}

async fn auditors_get_the_checkpoint_once_a_working_day(engine: Engine) {
    let world = World::with_env(engine, OFFICE);
    let app = world.app();
    daily_report::want(app, &world.auditor, true).await.unwrap();
    let mails = |world: &World| kept(world).into_iter().filter(|mail| mail.rcpt_to.starts_with("auditor@")).collect::<Vec<_>>();
    // Monday, nine: past the time, within its grace; it is sealed in this tick, and mailed in the next.
    for _ in 0..3 {
        tick(&world).await;
    }
    let other = replica(&world);
    gaung::jobs::tick(&other).await;
    let first = mails(&world);
    assert_eq!(first.len(), 1, "one a day, whoever ticks");
    let raw = String::from_utf8_lossy(&first[0].raw).into_owned();
    assert!(raw.contains("127.0.0.1/ledger") && raw.contains("/menu#report"), "{raw}");
    let tomorrow: chrono::DateTime<chrono::Utc> = "2026-11-24T00:29:59Z".parse().unwrap();
    world.test.advance(tomorrow - now(&world));
    tick(&world).await;
    assert_eq!(mails(&world).len(), 1);
    world.test.advance(seconds(1));
    tick(&world).await;
    tick(&world).await;
    assert_eq!(mails(&world).len(), 2);
    daily_report::want(app, &world.auditor, false).await.unwrap();
    world.test.advance(TimeDelta::days(1));
    tick(&world).await;
    assert_eq!(mails(&world).len(), 2, "who wants none gets none");
    invariants::check(app);
}

on_both!(
    auditors_get_the_checkpoint_once_a_working_day,
    mail_waits_for_the_institutions_hours_and_the_pages_say_until_when,
    what_can_not_come_in_time_is_cancelled_and_was_said_before,
    the_preview_says_when_the_last_mail_leaves_and_withholds_few,
    nobody_is_reminded_of_what_is_over_or_stands_still,
    leads_get_one_report_a_working_day,
);
