//! Waves open once, on time, in chunks that survive an interruption, on any number of replicas; late or paused ones do not open.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::outbox::MailState;
use gaung::domain::wave::WaveState;
use gaung::service::{campaign, delivery, dispatch};

use super::{addresses, break_at, kept, mend, replica, seconds, settled_tick, smtp_world, tick};
use crate::support::campaign::{code, freeze};
use crate::support::campaigns::{
    assigned, campaign_state, counts, due, mail_states, now, opened, publish_wave, released, wave_row, wave_state,
};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::smtp_server::{Script, SmtpServer};
use crate::support::world::World;

async fn a_wave_opens_at_its_time_and_once(engine: Engine) {
    let world = World::new(engine);
    let plan = publish_wave(now(&world) + TimeDelta::hours(1));
    let id = plan.id;
    let campaign = released(&world, vec![plan]).await;
    let app = world.app();
    settled_tick(&world).await;
    world.test.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!((wave_state(app, id), campaign_state(app, campaign)), (WaveState::Planned, CampaignState::Released));
    world.test.advance(TimeDelta::microseconds(1));
    settled_tick(&world).await;
    let row = wave_row(app, id);
    assert_eq!((row.state, campaign_state(app, campaign)), (WaveState::Open, CampaignState::Running));
    assert_eq!(row.opened_at.map(|at| at.0), Some(now(&world)));
    assert_eq!(row.closes_at.map(|at| at.0), Some(now(&world) + TimeDelta::hours(24)));
    assert_eq!(assigned(app, id).len(), 2, "one official account in each branch");
    assert_eq!(addresses(&kept(&world)).into_values().collect::<Vec<_>>(), [1, 1]);
    for hours in [1, 5, 17] {
        world.test.advance(TimeDelta::hours(hours));
        settled_tick(&world).await;
    }
    let once = [EventKind::WaveOpened, EventKind::CampaignStarted, EventKind::WaveAssigned, EventKind::WaveFilled];
    assert_eq!(once.map(|kind| world.entries(kind)), [1; 4]);
    let mails = kept(&world).len();
    assert_eq!((world.entries(EventKind::MailSent), mails), (4, 4), "a task and, an hour before the end, a reminder each");
}

async fn a_fill_that_was_interrupted_goes_on_where_it_stopped(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__CAMPAIGN__CHUNK_SIZE", "3")]);
    let crowd = due(&world, "a", 10).await;
    let app = world.app();
    let fragile = crowd.people[7].1;
    break_at(&world, fragile);
    for _ in 0..3 {
        assert_eq!(gaung::jobs::tick(app).await.failed, 1, "the chunk fails, the tick lives");
    }
    let (made, row) = (assigned(app, crowd.wave_id), wave_row(app, crowd.wave_id));
    assert_eq!(row.state, WaveState::Opening);
    assert!(!made.is_empty() && made.len() <= 7, "what was made before stays, nothing behind it is made: {}", made.len());
    assert_eq!(mail_states(app, crowd.wave_id), [(MailState::Sent, made.len())], "and its mail goes out meanwhile");
    invariants::check(app);

    // Paused in between, it stands still; resumed, it goes on from the cursor.
    campaign::pause(app, &world.lead, crowd.campaign_id, "Tunggu").await.unwrap();
    mend(&world);
    settled_tick(&world).await;
    assert_eq!(assigned(app, crowd.wave_id).len(), made.len());
    campaign::resume(app, &world.lead, crowd.campaign_id).await.unwrap();
    settled_tick(&world).await;
    let all = assigned(app, crowd.wave_id);
    assert_eq!(all.iter().map(|a| a.account_id).collect::<BTreeSet<_>>(), crowd.people.iter().map(|p| p.1).collect());
    assert_eq!((all.len(), wave_state(app, crowd.wave_id)), (10, WaveState::Open));
    assert!(made.iter().all(|m| all.iter().any(|a| a.id == m.id)), "nothing was made anew");
    assert_eq!(addresses(&kept(&world)).into_values().collect::<Vec<_>>(), [1; 10]);
    assert_eq!((world.entries(EventKind::WaveOpened), world.entries(EventKind::WaveFilled)), (1, 1));
    assert!(world.entries(EventKind::WaveAssigned) >= 4, "ten people in chunks of three");
}

async fn replicas_at_once_make_and_send_each_thing_once(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let env = [("GAUNG__CAMPAIGN__CHUNK_SIZE", "7"), ("GAUNG__MAIL__BATCH_SIZE", "5")];
    let world = smtp_world(engine, &server, &env);
    let (first, second) = (due(&world, "a", 40).await, due(&world, "b", 20).await);
    let replicas = [world.app().clone(), replica(&world), replica(&world)];
    let ticks = replicas.map(|app| {
        tokio::spawn(async move {
            for _ in 0..4 {
                gaung::jobs::tick(&app).await;
            }
        })
    });
    for ticked in ticks {
        ticked.await.unwrap();
    }
    // A replica that lost a race, or met a busy database, leaves the rest to the next tick.
    settled_tick(&world).await;
    for (crowd, n) in [(&first, 40), (&second, 20)] {
        let accounts: Vec<_> = assigned(world.app(), crowd.wave_id).into_iter().map(|a| a.account_id).collect();
        assert_eq!((accounts.len(), accounts.into_iter().collect::<BTreeSet<_>>().len()), (n, n));
        assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, n)]);
        assert_eq!(counts(world.app(), crowd.wave_id).planned, i64::try_from(n).unwrap());
    }
    assert_eq!((server.message_count(), server.message_ids().len()), (60, 60), "each mail once");
    assert_eq!((world.entries(EventKind::WaveOpened), world.entries(EventKind::WaveFilled)), (2, 2));
    assert_eq!((world.entries(EventKind::MailSent), world.entries(EventKind::MailUnknown)), (60, 0));
}

async fn replicas_that_open_one_wave_at_once_do_not_stand_in_each_others_way(engine: Engine) {
    let world = World::new(engine);
    let mut waves = Vec::new();
    for n in 0..8 {
        waves.push(due(&world, &format!("r{n}"), 1).await.wave_id);
    }
    let replicas: Vec<_> = (0..4).map(|_| replica(&world)).collect();
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(replicas.len()));
    let opening = replicas.into_iter().map(|app| {
        let start = std::sync::Arc::clone(&start);
        tokio::spawn(async move {
            start.wait().await;
            dispatch::open_due_waves(&app).await.unwrap()
        })
    });
    let mut all = dispatch::Progress::default();
    for one in opening.collect::<Vec<_>>() {
        all += one.await.unwrap();
    }
    assert_eq!((all.done, all.failed), (8, 0), "each by one of them, and the others see that it is done");
    assert!(waves.iter().all(|id| wave_state(world.app(), *id) == WaveState::Opening));
    assert_eq!(world.entries(EventKind::WaveOpened), 8);
}

async fn a_wave_past_its_grace_is_held_and_says_so(engine: Engine) {
    let world = World::new(engine);
    let at = now(&world) + TimeDelta::hours(1);
    let mut strict = publish_wave(at);
    strict.grace_minutes = Some(10);
    let (strict_id, usual) = (strict.id, publish_wave(at));
    let usual_id = usual.id;
    let app = world.app();
    let (held, late) = (released(&world, vec![strict]).await, released(&world, vec![usual]).await);
    // The service was down for an hour: just within the organisation's grace, past this wave's own.
    world.test.advance(TimeDelta::hours(2));
    settled_tick(&world).await;
    assert_eq!((wave_state(app, usual_id), campaign_state(app, late)), (WaveState::Open, CampaignState::Running));
    let row = wave_row(app, strict_id);
    assert_eq!((row.state, row.held_reason.as_deref()), (WaveState::Held, Some("wave.late")));
    assert_eq!((campaign_state(app, held), assigned(app, strict_id).len()), (CampaignState::Released, 0));
    assert_eq!(world.entries(EventKind::WaveHeld), 1);
    assert!(invariants::dump(app).iter().any(|l| l.contains("wave.held") && l.contains("late_s") && l.contains("3600")));
    world.test.advance(TimeDelta::days(3));
    settled_tick(&world).await;
    assert_eq!(campaign_state(app, held), CampaignState::Released, "a held wave waits for a person");
    campaign::open_held_wave(app, &world.lead, strict_id).await.unwrap();
    settled_tick(&world).await;
    assert_eq!((wave_state(app, strict_id), wave_row(app, strict_id).held_reason), (WaveState::Open, None));
}

async fn a_freeze_put_on_the_calendar_after_the_release_holds_the_wave(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let start = now(&world);
    let plan = publish_wave(start + TimeDelta::hours(1));
    let (id, campaign) = (plan.id, released(&world, vec![plan]).await);
    // It begins while the wave would still be open.
    let freeze_at = [start + TimeDelta::hours(20), start + TimeDelta::hours(90)].map(|at| at.to_rfc3339());
    freeze(&world, &freeze_at[0], &freeze_at[1]);
    world.test.advance(TimeDelta::hours(1));
    settled_tick(&world).await;
    let row = wave_row(app, id);
    assert_eq!((row.state, row.held_reason.as_deref()), (WaveState::Held, Some("campaign.election_freeze")));
    assert_eq!((assigned(app, id).len(), kept(&world).len(), world.entries(EventKind::WaveHeld)), (0, 0, 1));
    // Opening it by hand is no way around the freeze; a second approver's reason is.
    assert_eq!(code(campaign::open_held_wave(app, &world.lead, id).await), "campaign.election_freeze");
    campaign::give_freeze_reason(app, &world.second_approver, campaign, "Layanan rutin, tanpa tokoh").await.unwrap();
    campaign::open_held_wave(app, &world.lead, id).await.unwrap();
    settled_tick(&world).await;
    assert_eq!((wave_state(app, id), assigned(app, id).len()), (WaveState::Open, 2));
}

async fn a_paused_campaign_stands_still_and_goes_on_where_it_was(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let at = now(&world);
    let running = opened(&world, "a", 3).await;
    let plan = publish_wave(at + TimeDelta::hours(1));
    let (id, planned) = (plan.id, released(&world, vec![plan]).await);
    for campaign in [running.campaign_id, planned] {
        campaign::pause(app, &world.lead, campaign, "Tunggu").await.unwrap();
    }
    world.test.advance(TimeDelta::hours(1));
    settled_tick(&world).await;
    assert_eq!((wave_state(app, id), kept(&world).len()), (WaveState::Planned, 0), "nothing opens, nothing is sent");
    for campaign in [running.campaign_id, planned] {
        campaign::resume(app, &world.lead, campaign).await.unwrap();
    }
    settled_tick(&world).await;
    assert_eq!((wave_state(app, id), kept(&world).len()), (WaveState::Open, 5));
    assert_eq!(addresses(&kept(&world)).into_values().collect::<Vec<_>>(), [1; 5]);

    // Paused beyond the grace, a wave is held once the campaign goes on.
    let plan = publish_wave(now(&world) + TimeDelta::hours(1));
    let (id, planned) = (plan.id, released(&world, vec![plan]).await);
    campaign::pause(app, &world.lead, planned, "Tunggu").await.unwrap();
    world.test.advance(TimeDelta::hours(3));
    settled_tick(&world).await;
    assert_eq!(wave_state(app, id), WaveState::Planned);
    campaign::resume(app, &world.lead, planned).await.unwrap();
    settled_tick(&world).await;
    assert_eq!(wave_state(app, id), WaveState::Held);
}

async fn a_cancelled_campaign_stops_at_once(engine: Engine) {
    let world = World::new(engine);
    let (open, ahead) = (opened(&world, "a", 3).await, due(&world, "b", 3).await);
    let app = world.app();
    for campaign in [open.campaign_id, ahead.campaign_id] {
        campaign::cancel(app, &world.lead, campaign, "Isi keliru").await.unwrap();
    }
    settled_tick(&world).await;
    world.test.advance(TimeDelta::days(2));
    settled_tick(&world).await;
    assert_eq!((kept(&world).len(), wave_state(app, ahead.wave_id)), (0, WaveState::Cancelled));
    assert_eq!(mail_states(app, open.wave_id), [(MailState::Cancelled, 3)]);
    assert_eq!(campaign_state(app, open.campaign_id), CampaignState::Cancelled);
}

async fn each_sweep_alone_changes_nothing_twice(engine: Engine) {
    let world = World::new(engine);
    let crowd = due(&world, "a", 4).await;
    let app = world.app();
    // Runs a sweep that must move so much, then again, when it must move nothing.
    macro_rules! moves {
        ($sweep:path, $done:expr) => {
            assert_eq!($sweep(app).await.unwrap().done, $done, stringify!($sweep));
            let before = invariants::dump(app);
            assert!($sweep(app).await.unwrap().is_idle(), stringify!($sweep));
            assert_eq!(invariants::dump(app), before, stringify!($sweep));
        };
    }
    moves!(dispatch::open_due_waves, 1);
    moves!(dispatch::fill_opening_waves, 1);
    moves!(dispatch::hold_waiting_in_vain, 0);
    moves!(dispatch::plan_reminders, 0);
    moves!(delivery::rescue_lost_claims, 0);
    moves!(delivery::deliver_due_mail, 4);
    world.test.advance(TimeDelta::hours(23));
    moves!(dispatch::plan_reminders, 4);
    moves!(dispatch::close_due_waves, 0);
    moves!(dispatch::finish_campaigns, 0);
    moves!(delivery::deliver_due_mail, 4);
    world.test.advance(TimeDelta::hours(1) + seconds(1));
    moves!(dispatch::close_due_waves, 5);
    moves!(dispatch::finish_campaigns, 1);
    assert_eq!(campaign_state(app, crowd.campaign_id), CampaignState::Finished);
    tick(&world).await;
    invariants::check(app);
    let beat = gaung::service::heartbeat::last_tick(app).await.unwrap();
    assert_eq!(beat, Some(now(&world)));
}

on_both!(
    a_wave_opens_at_its_time_and_once,
    a_fill_that_was_interrupted_goes_on_where_it_stopped,
    replicas_at_once_make_and_send_each_thing_once,
    replicas_that_open_one_wave_at_once_do_not_stand_in_each_others_way,
    a_freeze_put_on_the_calendar_after_the_release_holds_the_wave,
    a_wave_past_its_grace_is_held_and_says_so,
    a_paused_campaign_stands_still_and_goes_on_where_it_was,
    a_cancelled_campaign_stops_at_once,
    each_sweep_alone_changes_nothing_twice,
);
