//! A campaign that runs: pausing, resuming, cancelling, single waves by hand, and its page.

use diesel::prelude::*;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::campaign::CampaignState;
use gaung::domain::content::TargetPlan;
use gaung::domain::event::EventKind;
use gaung::domain::id::{AssignmentId, CampaignId, UnitId, WaveId};
use gaung::domain::kind::AccountKind;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::wave::WaveState;
use gaung::service::campaign::{self, CampaignView, MailCounts, Outcome};
use gaung::store::outbox::{self, NewMail};
use gaung::store::schema::{assignments, campaigns, outbox as mails, tasks, wave_counts, wave_unit_counts, waves};
use gaung::store::types::At;
use gaung::store::{StoreError, wave};

use crate::support::app::monday_morning;
use crate::support::campaign::{at, code, draft, four_layers, freeze, jakarta, post, released, set_wave, waves_of};
use crate::support::database::Engine;
use crate::support::world::World;

/// Every state a campaign can be in, and what becomes of each step there.
async fn every_step_from_every_state(engine: Engine) {
    use CampaignState::{Cancelled, Corrected, Draft, Finished, Paused, Released, Running, Submitted};
    let world = World::new(engine);
    let app = world.app();
    let table = [
        (Draft, "campaign.not_pausable", "campaign.not_paused", "cancelled"),
        (Submitted, "campaign.not_pausable", "campaign.not_paused", "cancelled"),
        (Released, "paused", "campaign.not_paused", "cancelled"),
        (Running, "paused", "campaign.not_paused", "cancelled"),
        (Paused, "campaign.not_pausable", "released", "cancelled"),
        (Finished, "campaign.not_pausable", "campaign.not_paused", "campaign.not_cancellable"),
        (Cancelled, "campaign.not_pausable", "campaign.not_paused", "campaign.not_cancellable"),
        (Corrected, "campaign.not_pausable", "campaign.not_paused", "campaign.not_cancellable"),
    ];
    let outcome = |result: Result<CampaignView, _>| match result {
        Ok(view) => view.state.to_string(),
        refused => code(refused),
    };
    for (state, pause, resume, cancel) in table {
        let id = draft(&world, four_layers()).await.id;
        let put = || set_campaign(&world, id, state);
        put();
        assert_eq!(outcome(campaign::pause(app, &world.lead, id, "x").await), pause, "pause {state}");
        put();
        assert_eq!(outcome(campaign::resume(app, &world.lead, id).await), resume, "resume {state}");
        put();
        assert_eq!(outcome(campaign::cancel(app, &world.lead, id, "x").await), cancel, "cancel {state}");
    }
}

fn set_campaign(world: &World, id: CampaignId, state: CampaignState) {
    world.change(|tx| {
        diesel::update(campaigns::table.find(id)).set(campaigns::state.eq(state)).execute(tx.conn)?;
        Ok(())
    });
}

/// An assignment of the wave with a mail in each open state; returns the assignment.
fn work(world: &World, live: &CampaignView, wave_no: usize) -> AssignmentId {
    let (id, wave_id, campaign_id) = (AssignmentId::new(), live.content.waves[wave_no].id, live.id);
    let task_id = live.content.waves[wave_no].tasks[0].id;
    let (account_id, member_id) = (world.north.account(AccountKind::Official), world.north.member(AccountKind::Official));
    world.change(|tx| {
        diesel::insert_into(assignments::table)
            .values((
                assignments::id.eq(id),
                assignments::task_id.eq(task_id),
                assignments::wave_id.eq(wave_id),
                assignments::campaign_id.eq(campaign_id),
                assignments::account_id.eq(account_id),
                assignments::member_id.eq(member_id),
                assignments::unit_id.eq(world.north.unit),
                assignments::state.eq(AssignmentState::Notified),
                assignments::planned_at.eq(At(tx.now)),
                assignments::expires_at.eq(At(tx.now)),
                assignments::link_version.eq(1),
                assignments::variant_no.eq(0),
            ))
            .execute(tx.conn)?;
        for (kind, assignment_id) in
            [(MailKind::Task, Some(id)), (MailKind::Reminder, Some(id)), (MailKind::ReleaseRequest, None)]
        {
            let mail = NewMail {
                assignment_id,
                wave_id: Some(wave_id),
                campaign_id: Some(campaign_id),
                member_id: Some(member_id),
                ..NewMail::new(kind)
            };
            outbox::enqueue(tx, &[mail])?;
        }
        let of = |kind| mails::table.filter(mails::campaign_id.eq(campaign_id)).filter(mails::kind.eq(kind));
        diesel::update(of(MailKind::Reminder)).set(mails::state.eq(MailState::Deferred)).execute(tx.conn)?;
        let sending = of(MailKind::ReleaseRequest).filter(mails::wave_id.eq(wave_id));
        diesel::update(sending).set(mails::state.eq(MailState::Sending)).execute(tx.conn)?;
        diesel::update(wave_counts::table.find(wave_id))
            .set((wave_counts::planned.eq(1), wave_counts::mail_planned.eq(3)))
            .execute(tx.conn)?;
        Ok(())
    });
    id
}

/// The campaign's task mails: kind, state, held.
fn mails_of(world: &World, live: &CampaignView) -> Vec<(MailKind, MailState, bool)> {
    let id = live.id;
    let found = world.app().db.read_blocking(|conn| {
        let of = mails::table.filter(mails::campaign_id.eq(id)).filter(mails::wave_id.is_not_null()).order(mails::id);
        Ok::<_, StoreError>(of.select((mails::kind, mails::state, mails::held)).load(conn)?)
    });
    found.unwrap()
}

async fn a_pause_keeps_unsent_mail_back_and_a_resume_lets_it_go_on(engine: Engine) {
    use MailKind::{ReleaseRequest, Reminder, Task};
    use MailState::{Deferred, Pending, Sending};
    let world = World::new(engine);
    let app = world.app();
    let live = released(&world, four_layers()).await;
    work(&world, &live, 0);
    let paused = campaign::pause(app, &world.lead, live.id, "menunggu data").await.unwrap();
    assert_eq!((paused.state, paused.paused_at), (CampaignState::Paused, Some(monday_morning())));
    assert_eq!(mails_of(&world, &live), [(Task, Pending, true), (Reminder, Deferred, true), (ReleaseRequest, Sending, true)]);
    let resumed = campaign::resume(app, &world.lead, live.id).await.unwrap();
    assert_eq!((resumed.state, resumed.paused_at), (CampaignState::Released, None));
    assert!(mails_of(&world, &live).iter().all(|(_, _, held)| !held));
    // Once a wave has opened it goes on as running.
    campaign::pause(app, &world.lead, live.id, "lagi").await.unwrap();
    world.change(|tx| {
        let wave = waves::table.find(live.content.waves[0].id);
        diesel::update(wave).set(waves::opened_at.eq(At(tx.now))).execute(tx.conn)?;
        Ok(())
    });
    assert_eq!(campaign::resume(app, &world.lead, live.id).await.unwrap().state, CampaignState::Running);
    assert_eq!((world.entries(EventKind::CampaignPaused), world.entries(EventKind::CampaignResumed)), (2, 2));
    assert_eq!(code(campaign::pause(app, &world.lead, live.id, " ").await), "reason content.empty");
}

async fn a_cancelled_campaign_ends_its_waves_assignments_and_unsent_mail(engine: Engine) {
    use MailState::{Cancelled, Sending};
    let world = World::new(engine);
    let live = released(&world, four_layers()).await;
    let assignment = work(&world, &live, 0);
    for (wave, state) in live.content.waves.iter().zip([WaveState::Open, WaveState::Closed, WaveState::Held, WaveState::Opening])
    {
        set_wave(&world, wave.id, state, None);
    }
    let ended = campaign::cancel(world.app(), &world.lead, live.id, "keliru").await.unwrap();
    assert_eq!((ended.state, ended.ended_at), (CampaignState::Cancelled, Some(monday_morning())));
    let states: Vec<_> = waves_of(&world, &live).iter().map(|w| w.state).collect();
    assert_eq!(states, [WaveState::Cancelled, WaveState::Closed, WaveState::Cancelled, WaveState::Cancelled]);
    // What is being sent finishes.
    assert_eq!(mails_of(&world, &live).iter().map(|m| m.1).collect::<Vec<_>>(), [Cancelled, Cancelled, Sending]);
    let state = world.app().db.read_blocking(|conn| {
        Ok::<_, StoreError>(assignments::table.find(assignment).select(assignments::state).first::<AssignmentState>(conn)?)
    });
    assert_eq!(state.unwrap(), AssignmentState::Withdrawn);
    assert_eq!(world.entries(EventKind::CampaignCancelled), 1);
    let view = campaign::view(world.app(), &world.auditor, live.id).await.unwrap();
    assert_eq!(view.waves[0].withdrawn, 1);
    assert_eq!(view.waves[0].mail, MailCounts { planned: 3, cancelled: 2, open: 1, ..MailCounts::default() });
}

fn state_of(world: &World, id: WaveId) -> (WaveState, Option<At>, Option<String>) {
    let found = world.app().db.read_blocking(|conn| {
        let wave = waves::table.find(id).select((waves::state, waves::opens_at, waves::held_reason));
        Ok::<_, StoreError>(wave.first(conn)?)
    });
    found.unwrap()
}

async fn skipping_a_wave_holds_those_that_wait_for_it(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let live = released(&world, four_layers()).await;
    let ids: Vec<WaveId> = live.content.waves.iter().map(|w| w.id).collect();
    // One of them knows its time already: its post has come.
    world.change(|tx| {
        diesel::update(waves::table.find(ids[3])).set(waves::opens_at.eq(At(tx.now))).execute(tx.conn)?;
        Ok(())
    });
    campaign::skip_wave(app, &world.lead, ids[0], "sudah tayang").await.unwrap();
    assert_eq!(state_of(&world, ids[0]).0, WaveState::Skipped);
    for id in &ids[1..3] {
        assert_eq!(state_of(&world, *id), (WaveState::Held, None, Some("wave.source_skipped".into())));
    }
    assert_eq!(state_of(&world, ids[3]).0, WaveState::Planned);
    assert_eq!((world.entries(EventKind::WaveSkipped), world.entries(EventKind::WaveHeld)), (1, 2));
    // A held one may be left out too; one that is over may not.
    campaign::skip_wave(app, &world.lead, ids[1], "tidak perlu").await.unwrap();
    assert_eq!(state_of(&world, ids[1]), (WaveState::Skipped, None, None));
    for state in [WaveState::Opening, WaveState::Open, WaveState::Closed, WaveState::Skipped, WaveState::Cancelled] {
        set_wave(&world, ids[2], state, None);
        assert_eq!(code(campaign::skip_wave(app, &world.lead, ids[2], "x").await), "wave.not_skippable");
    }
    assert_eq!(code(campaign::skip_wave(app, &world.lead, ids[3], "").await), "reason content.empty");
    assert_eq!(code(campaign::skip_wave(app, &world.south_lead, ids[3], "x").await), "it was not found");
    assert_eq!(code(campaign::skip_wave(app, &world.lead, WaveId::new(), "x").await), "it was not found");
    assert_eq!(code(campaign::skip_wave(app, &world.approver, ids[3], "x").await), "forbidden");
    campaign::cancel(app, &world.lead, live.id, "x").await.unwrap();
    assert_eq!(code(campaign::skip_wave(app, &world.lead, ids[3], "x").await), "wave.campaign_not_running");
}

async fn a_held_wave_opens_by_hand_once_it_has_a_target(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let live = released(&world, four_layers()).await;
    let (source, cascade) = (live.content.waves[0].id, live.content.waves[2].id);
    let open = || campaign::open_held_wave(app, &world.lead, cascade);
    assert_eq!(code(open().await), "wave.not_held");
    set_wave(&world, cascade, WaveState::Held, Some("wave.no_post_came"));
    assert_eq!(code(open().await), "wave.no_target");
    assert_eq!(code(campaign::open_held_wave(app, &world.south_lead, cascade).await), "it was not found");
    let target = post(&world, world.north.account(AccountKind::Official), Some(source));
    campaign::pause(app, &world.lead, live.id, "x").await.unwrap();
    assert_eq!(code(open().await), "wave.campaign_not_running");
    campaign::resume(app, &world.lead, live.id).await.unwrap();
    // Nothing goes out in an election freeze by hand either.
    freeze(&world, "2026-11-23T03:00:00Z", "2026-11-24T00:00:00Z");
    assert_eq!(code(open().await), "campaign.election_freeze");
    campaign::give_freeze_reason(app, &world.second_approver, live.id, "Layanan rutin").await.unwrap();
    open().await.unwrap();
    assert_eq!(state_of(&world, cascade), (WaveState::Planned, Some(At(monday_morning())), None));
    let task_id = live.content.waves[2].tasks[0].id;
    let fixed = world.app().db.read_blocking(|conn| {
        Ok::<_, StoreError>(tasks::table.find(task_id).select(tasks::target_post_id).first::<Option<_>>(conn)?)
    });
    assert_eq!(fixed.unwrap(), Some(target));
    assert_eq!(world.entries(EventKind::WaveMadeDue), 1);
    // The sweep finds it due.
    let due = world.app().db.read_blocking(|conn| wave::list_due(conn, monday_morning(), 0, 10)).unwrap();
    assert_eq!(due, [cascade]);
}

fn count(world: &World, wave_id: WaveId, unit_id: UnitId, [planned, done, declined, expired]: [i64; 4]) {
    world.change(|tx| {
        diesel::insert_into(wave_unit_counts::table)
            .values((
                wave_unit_counts::wave_id.eq(wave_id),
                wave_unit_counts::unit_id.eq(unit_id),
                wave_unit_counts::planned.eq(planned),
                wave_unit_counts::done.eq(done),
                wave_unit_counts::declined.eq(declined),
                wave_unit_counts::expired.eq(expired),
            ))
            .execute(tx.conn)?;
        diesel::update(wave_counts::table.find(wave_id))
            .set((
                wave_counts::planned.eq(wave_counts::planned + planned),
                wave_counts::done.eq(wave_counts::done + done),
                wave_counts::declined.eq(wave_counts::declined + declined),
                wave_counts::expired.eq(wave_counts::expired + expired),
            ))
            .execute(tx.conn)?;
        Ok(())
    });
}

async fn the_page_shows_times_waits_and_counts_and_withholds_small_groups(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let unreleased = draft(&world, four_layers()).await;
    assert_eq!(campaign::view(app, &world.auditor, unreleased.id).await.unwrap().waves, []);
    let mut content = four_layers();
    content.waves[0].timing = jakarta("2026-11-27T09:00:00");
    let live = released(&world, content).await;
    let ids: Vec<WaveId> = live.content.waves.iter().map(|w| w.id).collect();
    count(&world, ids[0], world.north.unit, [20, 9, 1, 3]);
    count(&world, ids[0], world.south.unit, [4, 2, 1, 0]);
    count(&world, ids[0], world.south.office, [6, 5, 0, 0]);
    count(&world, ids[1], world.north.unit, [3, 2, 0, 0]);
    set_wave(&world, ids[2], WaveState::Held, Some("wave.no_post_came"));
    let page = campaign::view(app, &world.auditor, live.id).await.unwrap();
    assert_eq!(page.campaign, live);
    assert!(page.release_id.is_some() && page.released_by == world.approver.user_id().ok());
    let [main, opinion, talk, share] = &page.waves[..] else { panic!("four waves") };
    assert_eq!((main.zone.as_str(), main.opens_at), ("Asia/Jakarta", Some(at("2026-11-27T02:00:00Z"))));
    assert_eq!((main.planned, main.outcome), (30, Some(Outcome { done: 16, declined: 2, expired: 3 })));
    let shown: Vec<_> = main.units.iter().map(|u| (u.unit_id, u.planned, u.outcome.map(|o| o.done))).collect();
    // The office is withheld as well: else the small unit's figures would follow from the total.
    assert_eq!(shown, [(world.south.unit, 4, None), (world.south.office, 6, None), (world.north.unit, 20, Some(9))]);
    assert_eq!((opinion.planned, opinion.outcome, opinion.waits_for, opinion.cascade), (3, None, Some(ids[0]), false));
    assert_eq!((talk.state, talk.held_reason.as_deref(), talk.cascade), (WaveState::Held, Some("wave.no_post_came"), true));
    assert_eq!((share.planned, share.outcome), (0, Some(Outcome { done: 0, declined: 0, expired: 0 })));
    assert_eq!((share.opens_at, share.waits_for), (None, Some(ids[0])));
    assert_eq!(live.content.waves[3].tasks[0].target, TargetPlan::PostOf { wave_id: ids[0] });
}

on_both!(
    every_step_from_every_state,
    a_pause_keeps_unsent_mail_back_and_a_resume_lets_it_go_on,
    a_cancelled_campaign_ends_its_waves_assignments_and_unsent_mail,
    skipping_a_wave_holds_those_that_wait_for_it,
    a_held_wave_opens_by_hand_once_it_has_a_target,
    the_page_shows_times_waits_and_counts_and_withholds_small_groups,
);
