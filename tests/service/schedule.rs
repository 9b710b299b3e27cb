//! Recurring campaigns: each occurrence makes one released campaign, once, or is held with its reason.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::campaign::CampaignState;
use gaung::domain::content::{CampaignContent, TargetPlan};
use gaung::domain::event::EventKind;
use gaung::domain::id::{CampaignId, ScheduleId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::recurrence::MissedPolicy;
use gaung::domain::wave::{Timing, WaveState};
use gaung::service::campaign::{self, CampaignView};
use gaung::service::schedule::{self, NewSchedule, ScheduleView};
use gaung::service::{Caller, PageRequest, dispatch};
use gaung::store::StoreError;
use gaung::store::schedule::OccurrenceOutcome::{self, Fired, Held};
use gaung::store::schema::{ledger_entries, posts, releases};
use gaung::store::types::{At, Doc};

use crate::support::campaign::{at, code, draft, four_layers, freeze, jakarta, post, released, task, wave, waves_of};
use crate::support::database::Engine;
use crate::support::world::World;

fn weekly() -> NewSchedule {
    NewSchedule {
        pattern: "0  9 * * 5".into(),
        zone: "Asia/Jakarta".into(),
        policy: MissedPolicy::Latest,
        grace_s: 3_600,
        ends_at: None,
    }
}

/// A released template and its schedule.
async fn scheduled(world: &World, content: CampaignContent, new: NewSchedule) -> (CampaignView, ScheduleView) {
    let template = released(world, content).await;
    let schedule = schedule::add(world.app(), &world.lead, template.id, new).await.expect("a schedule");
    (template, schedule)
}

async fn fire(world: &World) -> (u64, u64) {
    let progress = schedule::fire_due(world.app()).await.expect("the sweep");
    (progress.done, progress.failed)
}

/// What became of a schedule's occurrences, oldest first.
async fn outcomes(world: &World, id: ScheduleId) -> Vec<(String, OccurrenceOutcome, Option<CampaignId>)> {
    let (_, mut occurrences) = schedule::get(world.app(), &world.auditor, id).await.unwrap();
    occurrences.reverse();
    occurrences.into_iter().map(|o| (o.planned_at.format("%d %H:%M").to_string(), o.outcome, o.campaign_id)).collect()
}

/// The reasons for which occurrences were held.
fn reasons(world: &World) -> Vec<String> {
    let found = world.app().db.read_blocking(|conn| {
        let held = ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::ScheduleHeld)).order(ledger_entries::id);
        Ok::<_, StoreError>(held.select(ledger_entries::payload).load::<Doc<serde_json::Value>>(conn)?)
    });
    found.unwrap().into_iter().map(|doc| doc.0["reason"].as_str().unwrap().to_owned()).collect()
}

async fn a_schedule_starts_after_its_templates_own_opening(engine: Engine) {
    let world = World::new(engine);
    let (template, added) = scheduled(&world, four_layers(), weekly()).await;
    assert_eq!((added.pattern.as_str(), added.zone.as_str()), ("0 9 * * 5", "Asia/Jakarta"));
    assert_eq!((added.campaign_id, added.title.as_str(), added.unit_id), (template.id, "Pekan literasi keuangan", world.root));
    // The template itself opens on Friday the 27th.
    assert_eq!(added.next_due_at, Some(at("2026-12-04T02:00:00Z")));
    assert_eq!(world.entries(EventKind::ScheduleAdded), 1);
    let listed = schedule::list(world.app(), &world.auditor, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, std::slice::from_ref(&added));
    assert_eq!(schedule::get(world.app(), &world.lead, added.id).await.unwrap(), (added, vec![]));
}

async fn each_fault_of_a_schedule_is_named(engine: Engine) {
    let world = World::new(engine);
    let template = released(&world, four_layers()).await;
    let with = |change: fn(&mut NewSchedule)| {
        let mut new = weekly();
        change(&mut new);
        schedule::add(world.app(), &world.lead, template.id, new)
    };
    assert_eq!(code(with(|n| n.zone = "Asia/Jakrta".into()).await), "zone zone.unknown");
    assert_eq!(code(with(|n| n.pattern = "0 9 * *".into()).await), "pattern recurrence.fields");
    assert_eq!(code(with(|n| n.pattern = "* * * * *".into()).await), "pattern recurrence.too_often");
    assert_eq!(code(with(|n| n.pattern = "0 9 31 2 *".into()).await), "pattern recurrence.never");
    assert_eq!(code(with(|n| n.grace_s = 604_801).await), "grace_s schedule.grace");
    assert_eq!(code(with(|n| n.ends_at = Some(at("2026-11-30T00:00:00Z"))).await), "ends_at recurrence.never_before_end");
    assert_eq!(code(with(|n| n.ends_at = Some(at("2020-01-01T00:00:00Z"))).await), "ends_at recurrence.end_before_start");
    assert_eq!(code(with(|n| n.ends_at = Some(at("9999-01-01T00:00:00Z"))).await), "ends_at recurrence.year");
    with(|_| ()).await.unwrap();
    // The same again would do everything twice.
    assert_eq!(code(with(|_| ()).await), "conflict");
}

async fn only_a_released_campaign_is_repeated_and_only_within_reach(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let unreleased = draft(&world, four_layers()).await;
    let add = |caller, id| schedule::add(app, caller, id, weekly());
    assert_eq!(code(add(&world.lead, unreleased.id).await), "schedule.template_not_released");
    let (live, added) = scheduled(&world, four_layers(), weekly()).await;
    for (caller, expected) in [(&world.north_lead, "it was not found"), (&world.approver, "forbidden")] {
        assert_eq!(code(add(caller, live.id).await), expected);
    }
    assert_eq!(code(add(&world.lead, CampaignId::new()).await), "it was not found");
    assert_eq!(code(schedule::stop(app, &world.north_lead, added.id).await), "it was not found");
    assert_eq!(code(schedule::stop(app, &world.lead, ScheduleId::new()).await), "it was not found");
    assert_eq!(code(schedule::stop(app, &world.auditor, added.id).await), "forbidden");
    assert_eq!(code(schedule::get(app, &world.south_coordinator, added.id).await), "it was not found");
    let seen = |caller: &Caller| {
        let caller = caller.clone();
        async move { schedule::list(app, &caller, PageRequest::default()).await.unwrap().items.len() }
    };
    assert_eq!((seen(&world.north_lead).await, seen(&world.lead).await, seen(&Caller::Operator).await), (0, 1, 1));
    campaign::cancel(app, &world.lead, live.id, "x").await.unwrap();
    assert_eq!(code(add(&world.lead, live.id).await), "schedule.template_not_released");
}

async fn an_occurrence_makes_one_released_campaign_with_shifted_times(engine: Engine) {
    let world = World::new(engine);
    let mut content = four_layers();
    // The day after, at half past eight in Jayapura: two hours ahead of Jakarta.
    let jayapura = Timing::At { local: "2026-11-28T08:30:00".parse().unwrap(), zone: "Asia/Jayapura".into() };
    content.waves.push(wave(Layer::Opinion, jayapura, task(Action::Create, TargetPlan::Message)));
    let (template, added) = scheduled(&world, content, weekly()).await;
    world.test.clock.set(at("2026-12-04T01:59:59Z"));
    assert_eq!(fire(&world).await, (0, 0));
    world.test.clock.set(at("2026-12-04T02:00:01Z"));
    assert_eq!(fire(&world).await, (1, 0));
    assert_eq!(fire(&world).await, (0, 0));
    let done = outcomes(&world, added.id).await;
    let [(planned, Fired, Some(id))] = &done[..] else { panic!("{done:?}") };
    assert_eq!(planned, "04 02:00");

    let made = campaign::get(world.app(), &world.lead, *id).await.unwrap();
    assert_eq!((made.state, made.schedule_id), (CampaignState::Released, Some(added.id)));
    assert_eq!((made.author_id, made.submitted_by), (template.author_id, template.submitted_by));
    assert_eq!(made.released_at, Some(at("2026-12-04T02:00:01Z")));
    assert_eq!(made.content.title, template.content.title);
    assert_ne!(made.content_hash, template.content_hash);
    assert_ne!(made.slug, template.slug);
    let waves = &made.content.waves;
    assert!(waves.iter().zip(&template.content.waves).all(|(a, b)| a.id != b.id && a.tasks[0].id != b.tasks[0].id));
    assert_eq!(waves[0].timing, jakarta("2026-12-04T09:00:00"));
    assert_eq!(waves[3].timing, Timing::Cascade { wave_id: waves[0].id, minutes: 5 });
    assert_eq!(waves[3].tasks[0].target, TargetPlan::PostOf { wave_id: waves[0].id });
    let opens: Vec<_> = waves_of(&world, &made).iter().map(|w| w.opens_at.map(|at| at.0)).collect();
    let (friday, saturday) = (Some(at("2026-12-04T02:00:00Z")), Some(at("2026-12-04T23:30:00Z")));
    assert_eq!(opens, [friday, None, None, None, saturday]);
    let release = world.app().db.read_blocking(|conn| {
        let of = releases::table.filter(releases::campaign_id.eq(made.id)).filter(releases::voided_at.is_null());
        Ok::<_, StoreError>(
            of.select((releases::content_hash, releases::released_by)).first::<(String, gaung::domain::id::UserId)>(conn)?,
        )
    });
    assert_eq!(release.unwrap(), (made.content_hash, world.approver.user_id().unwrap()));
    assert_eq!((world.entries(EventKind::ScheduleFired), world.entries(EventKind::CampaignReleased)), (1, 2));

    let (after, _) = schedule::get(world.app(), &world.lead, added.id).await.unwrap();
    assert_eq!(after.next_due_at, Some(at("2026-12-11T02:00:00Z")));
    // A clock that goes back, and forward again, makes nothing twice.
    world.test.clock.set(at("2026-12-03T00:00:00Z"));
    assert_eq!(fire(&world).await, (0, 0));
    world.test.clock.set(at("2026-12-04T02:00:30Z"));
    assert_eq!(fire(&world).await, (0, 0));
    assert_eq!(outcomes(&world, added.id).await.len(), 1);
}

async fn two_sweeps_at_once_make_one_campaign(engine: Engine) {
    let world = World::new(engine);
    let (_, added) = scheduled(&world, four_layers(), weekly()).await;
    world.test.clock.set(at("2026-12-04T02:00:00Z"));
    let sweeps = (0..6).map(|_| {
        tokio::spawn({
            let app = world.app().clone();
            async move { schedule::fire_due(&app).await.unwrap() }
        })
    });
    let mut done = (0, 0);
    for sweep in sweeps.collect::<Vec<_>>() {
        let progress = sweep.await.unwrap();
        done = (done.0 + progress.done, done.1 + progress.failed);
    }
    assert_eq!(done, (1, 0));
    assert_eq!(outcomes(&world, added.id).await.len(), 1);
}

/// Hourly, three hours of grace, down from half past nine to four in the afternoon, when the wave's own grace is an hour.
async fn missed(engine: Engine, policy: MissedPolicy) -> (World, Vec<(String, OccurrenceOutcome)>) {
    let world = World::new(engine);
    let mut content = four_layers();
    content.waves[0].timing = jakarta("2026-11-23T09:00:00");
    let new = NewSchedule { pattern: "0 * * * *".into(), grace_s: 3 * 3_600, policy, ..weekly() };
    let (_, added) = scheduled(&world, content, new).await;
    world.test.advance(TimeDelta::minutes(6 * 60 + 30));
    assert_eq!(fire(&world).await, (6, 0));
    assert_eq!(fire(&world).await, (0, 0));
    let done = outcomes(&world, added.id).await;
    assert!(done.iter().all(|(_, outcome, made)| made.is_some() == (*outcome == Fired)));
    (world, done.into_iter().map(|(planned, outcome, _)| (planned, outcome)).collect())
}

fn expected(from_the_third: [OccurrenceOutcome; 4]) -> Vec<(String, OccurrenceOutcome)> {
    let outcomes = [Held, Held].into_iter().chain(from_the_third);
    (3..).zip(outcomes).map(|(hour, outcome)| (format!("23 0{hour}:00"), outcome)).collect()
}

async fn what_was_missed_follows_the_policy(engine: Engine) {
    let (world, done) = missed(engine, MissedPolicy::None).await;
    assert_eq!(done, expected([Held; 4]));
    assert_eq!(reasons(&world), ["schedule.missed"; 6]);
    let (_, done) = missed(engine, MissedPolicy::Latest).await;
    assert_eq!(done, expected([Held, Held, Held, Fired]));
    let (world, done) = missed(engine, MissedPolicy::All).await;
    assert_eq!(done, expected([Held, Fired, Fired, Fired]));
    // What the schedule lets happen late, its waves do not hold for being late.
    dispatch::open_due_waves(world.app()).await.unwrap();
    let page = campaign::list(world.app(), &world.lead, campaign::ListCampaigns::default()).await.unwrap();
    let made: Vec<_> = page.items.iter().filter(|c| c.schedule_id.is_some()).map(|c| c.id).collect();
    assert_eq!(made.len(), 3);
    for id in made {
        let view = campaign::get(world.app(), &world.lead, id).await.unwrap();
        assert_eq!(waves_of(&world, &view)[0].state, WaveState::Opening);
    }
}

async fn a_template_without_its_release_is_not_repeated(engine: Engine) {
    let world = World::new(engine);
    let (edited, first) = scheduled(&world, four_layers(), weekly()).await;
    let mut content = edited.content.clone();
    content.paid = true;
    campaign::edit(world.app(), &world.lead, edited.id, edited.version, content).await.unwrap();
    world.test.clock.set(at("2026-12-04T02:00:00Z"));
    assert_eq!(fire(&world).await, (1, 0));
    assert_eq!(reasons(&world), ["schedule.template_changed"]);
    assert_eq!(outcomes(&world, first.id).await, [("04 02:00".into(), Held, None)]);
    schedule::stop(world.app(), &world.lead, first.id).await.unwrap();

    let mut later = four_layers();
    later.waves[0].timing = jakarta("2026-12-07T09:00:00");
    let (cancelled, _) = scheduled(&world, later, weekly()).await;
    campaign::cancel(world.app(), &world.lead, cancelled.id, "x").await.unwrap();
    world.test.clock.set(at("2026-12-11T02:00:00Z"));
    assert_eq!(fire(&world).await, (1, 0));
    assert_eq!(reasons(&world)[1..], ["schedule.template_not_released"]);
}

async fn an_occurrence_in_a_freeze_or_with_a_fault_is_held(engine: Engine) {
    let world = World::new(engine);
    let target = post(&world, world.north.account(AccountKind::Official), None);
    let mut content = four_layers();
    content.waves.truncate(1);
    let share = task(Action::Share, TargetPlan::Post { post_id: target });
    content.waves.push(wave(Layer::Advocacy, jakarta("2026-11-27T10:00:00"), share));
    let (_, added) = scheduled(&world, content, weekly()).await;
    freeze(&world, "2026-12-04T04:30:00Z", "2026-12-05T00:00:00Z");
    world.test.clock.set(at("2026-12-04T02:00:00Z"));
    assert_eq!(fire(&world).await, (1, 0));
    assert_eq!(reasons(&world), ["campaign.election_freeze"]);
    world.change(|tx| {
        diesel::update(posts::table.find(target)).set(posts::removed_at.eq(At(tx.now))).execute(tx.conn)?;
        Ok(())
    });
    world.test.clock.set(at("2026-12-11T02:00:00Z"));
    assert_eq!(fire(&world).await, (1, 0));
    assert_eq!(reasons(&world), ["campaign.election_freeze", "target.not_registered"]);
    let held = outcomes(&world, added.id).await;
    assert_eq!(held, [("04 02:00".into(), Held, None), ("11 02:00".into(), Held, None)]);
    let page = campaign::list(world.app(), &world.lead, campaign::ListCampaigns::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
}

async fn a_stopped_or_ended_schedule_fires_no_more(engine: Engine) {
    let world = World::new(engine);
    let new = NewSchedule { ends_at: Some(at("2026-12-04T02:00:00Z")), ..weekly() };
    let (template, ending) = scheduled(&world, four_layers(), new).await;
    world.test.clock.set(at("2026-12-04T02:00:00Z"));
    assert_eq!(fire(&world).await, (1, 0));
    assert_eq!(schedule::get(world.app(), &world.lead, ending.id).await.unwrap().0.next_due_at, None);
    let stopped = schedule::add(world.app(), &world.lead, template.id, weekly()).await.unwrap();
    assert_eq!(stopped.next_due_at, Some(at("2026-12-11T02:00:00Z")));
    schedule::stop(world.app(), &world.lead, stopped.id).await.unwrap();
    schedule::stop(world.app(), &world.lead, stopped.id).await.unwrap();
    assert_eq!(world.entries(EventKind::ScheduleStopped), 1);
    let (row, _) = schedule::get(world.app(), &world.lead, stopped.id).await.unwrap();
    assert_eq!((row.stopped_at, row.next_due_at), (Some(at("2026-12-04T02:00:00Z")), None));
    world.test.clock.set(at("2026-12-25T02:00:00Z"));
    assert_eq!(fire(&world).await, (0, 0));
}

async fn the_wall_clock_is_kept_when_the_clock_changes(engine: Engine) {
    let world = World::new(engine);
    let berlin = |local: &str| Timing::At { local: local.parse().unwrap(), zone: "Europe/Berlin".into() };
    let mut content = four_layers();
    content.waves.truncate(1);
    content.waves[0].timing = berlin("2027-03-19T09:00:00");
    let third = wave(Layer::Opinion, berlin("2027-03-22T08:00:00"), task(Action::Create, TargetPlan::Message));
    content.waves.push(third);
    let (_, added) = scheduled(&world, content, NewSchedule { zone: "Europe/Berlin".into(), ..weekly() }).await;
    assert_eq!(added.next_due_at, Some(at("2027-03-26T08:00:00Z")));
    world.test.clock.set(at("2027-03-26T08:00:00Z"));
    assert_eq!(fire(&world).await, (1, 0));
    // Summer time begins on Sunday the 28th: Monday at eight is an hour nearer.
    let made = outcomes(&world, added.id).await[0].2.unwrap();
    let view = campaign::get(world.app(), &world.lead, made).await.unwrap();
    let opens: Vec<_> = waves_of(&world, &view).iter().map(|w| w.opens_at.map(|at| at.0)).collect();
    assert_eq!(opens, [Some(at("2027-03-26T08:00:00Z")), Some(at("2027-03-29T06:00:00Z"))]);
    let (after, _) = schedule::get(world.app(), &world.lead, added.id).await.unwrap();
    assert_eq!(after.next_due_at, Some(at("2027-04-02T07:00:00Z")));
}

on_both!(
    a_schedule_starts_after_its_templates_own_opening,
    each_fault_of_a_schedule_is_named,
    only_a_released_campaign_is_repeated_and_only_within_reach,
    an_occurrence_makes_one_released_campaign_with_shifted_times,
    two_sweeps_at_once_make_one_campaign,
    what_was_missed_follows_the_policy,
    a_template_without_its_release_is_not_repeated,
    an_occurrence_in_a_freeze_or_with_a_fault_is_held,
    a_stopped_or_ended_schedule_fires_no_more,
    the_wall_clock_is_kept_when_the_clock_changes,
);
