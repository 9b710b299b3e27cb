//! Waves that wait for others: some time after an opening, or for a post, which becomes what their tasks point at.

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::domain::content::{TargetPlan, WavePlan};
use gaung::domain::event::EventKind;
use gaung::domain::id::{BlockedTargetId, WaveId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::platform::Platform;
use gaung::domain::wave::{Timing, WaveState};
use gaung::store::neutrality::{self, BlockedTargetRow};
use gaung::store::schema::posts;
use gaung::store::types::At;

use super::{kept, settled_tick};
use crate::support::campaigns::{assigned, now, publish_wave, register_post, released, task, tasks, wave, wave_row, wave_state};
use crate::support::database::Engine;
use crate::support::world::World;

/// A wave of inside opinion leaders and outside ones on X, each to make something that points at another wave's post.
fn about(timing: Timing, source: WaveId) -> WavePlan {
    wave(Layer::Opinion, timing, vec![task(Platform::X, Action::Create, TargetPlan::PostOf { wave_id: source })])
}

fn held_for(world: &World, id: WaveId) -> Option<String> {
    let row = wave_row(world.app(), id);
    assert_eq!(row.held_reason.is_some(), row.state == WaveState::Held);
    row.held_reason
}

async fn a_wave_opens_some_time_after_another_did(engine: Engine) {
    let world = World::new(engine);
    let first = publish_wave(now(&world) + TimeDelta::hours(1));
    let ask = vec![task(Platform::X, Action::Create, TargetPlan::Message)];
    let after = wave(Layer::Opinion, Timing::After { wave_id: first.id, minutes: 60 }, ask.clone());
    let mut last = wave(Layer::Opinion, Timing::After { wave_id: after.id, minutes: 0 }, vec![]);
    last.tasks = vec![task(Platform::Instagram, Action::Create, TargetPlan::Message)];
    let ids = [first.id, after.id, last.id];
    released(&world, vec![first, after, last]).await;
    let states = || ids.map(|id| wave_state(world.app(), id));
    // Ten minutes late: what follows counts from when the first really opened.
    world.test.advance(TimeDelta::minutes(70));
    settled_tick(&world).await;
    assert_eq!(states(), [WaveState::Open, WaveState::Planned, WaveState::Planned]);
    world.test.advance(TimeDelta::minutes(60) - TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!(states(), [WaveState::Open, WaveState::Planned, WaveState::Planned]);
    world.test.advance(TimeDelta::microseconds(1));
    // A follower without delay is known to be due only now, so it opens with the next tick.
    gaung::jobs::tick(world.app()).await;
    settled_tick(&world).await;
    assert_eq!(states(), [WaveState::Open; 3]);
    assert_eq!((assigned(world.app(), ids[1]).len(), assigned(world.app(), ids[2]).len()), (4, 0));
    assert_eq!(world.entries(EventKind::CampaignStarted), 1);
}

async fn a_post_wakes_the_next_wave_and_becomes_its_target(engine: Engine) {
    let world = World::new(engine);
    let first = publish_wave(now(&world) + TimeDelta::hours(1));
    let cascade = about(Timing::Cascade { wave_id: first.id, minutes: 30 }, first.id);
    let (source, id) = (first.id, cascade.id);
    released(&world, vec![first, cascade]).await;
    world.test.advance(TimeDelta::hours(1));
    settled_tick(&world).await;
    world.test.advance(TimeDelta::hours(2));
    settled_tick(&world).await;
    assert_eq!((wave_state(world.app(), id), wave_row(world.app(), id).opens_at), (WaveState::Planned, None));
    let post = register_post(&world, world.north.account(AccountKind::Official), Some(source));
    world.test.advance(TimeDelta::minutes(10));
    register_post(&world, world.south.account(AccountKind::Official), Some(source));
    world.test.advance(TimeDelta::minutes(20) - TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!(wave_state(world.app(), id), WaveState::Planned, "half an hour after the first post");
    world.test.advance(TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!(wave_state(world.app(), id), WaveState::Open);
    assert_eq!(tasks(world.app(), id)[0].target_post_id, Some(post), "the first one counts");
    let url: String = world
        .app()
        .db
        .read_blocking(|conn| Ok::<_, gaung::store::StoreError>(posts::table.find(post).select(posts::url).first(conn)?))
        .unwrap();
    let told: Vec<_> = kept(&world).into_iter().filter(|m| m.received_at.0 == now(&world)).collect();
    assert_eq!(told.len(), 4);
    for mail in told {
        let parsed = mail_parser::MessageParser::default().parse(&mail.raw).unwrap();
        assert!(parsed.body_text(0).unwrap().contains(&url), "the mail shows the post");
    }
}

async fn each_platform_gets_its_own_target_and_a_wave_waits_for_all(engine: Engine) {
    let world = World::new(engine);
    let north = &world.north;
    let person = world.member(north.unit, "G1");
    let gram_official = world.account(person, AccountKind::Official, Platform::Instagram, "kemen_gram");
    let fan = world.account(world.member(north.unit, "G2"), AccountKind::Advocate, Platform::Instagram, "fan_gram");
    let publish = |platform| task(platform, Action::Publish, TargetPlan::Message);
    let mut first = publish_wave(now(&world) + TimeDelta::hours(1));
    first.tasks = vec![publish(Platform::X), publish(Platform::Instagram)];
    let target = TargetPlan::PostOf { wave_id: first.id };
    let cascade = |minutes| Timing::Cascade { wave_id: first.id, minutes };
    // A like must happen where the post is; new content may point anywhere.
    let likes = [Platform::X, Platform::Instagram].map(|p| task(p, Action::Like, target.clone()));
    let like = wave(Layer::Advocacy, cascade(0), likes.to_vec());
    let create = wave(Layer::Opinion, cascade(0), vec![task(Platform::Facebook, Action::Create, target)]);
    let (source, like_id, create_id) = (first.id, like.id, create.id);
    released(&world, vec![first, like, create]).await;
    world.test.advance(TimeDelta::hours(1));
    settled_tick(&world).await;
    let on_x = register_post(&world, north.account(AccountKind::Official), Some(source));
    settled_tick(&world).await;
    assert_eq!(wave_state(world.app(), create_id), WaveState::Open);
    assert_eq!(tasks(world.app(), create_id)[0].target_post_id, Some(on_x), "none on its own platform: the first of all");
    assert_eq!(wave_state(world.app(), like_id), WaveState::Planned, "Instagram's post is still missing");
    world.test.advance(TimeDelta::minutes(50));
    let on_gram = register_post(&world, gram_official, Some(source));
    settled_tick(&world).await;
    assert_eq!(wave_state(world.app(), like_id), WaveState::Open);
    let targets: Vec<_> = tasks(world.app(), like_id).into_iter().map(|t| (t.platform, t.target_post_id)).collect();
    assert_eq!(targets, [(Platform::X, Some(on_x)), (Platform::Instagram, Some(on_gram))]);
    let asked: Vec<_> = assigned(world.app(), like_id).into_iter().map(|a| a.account_id).collect();
    assert_eq!((asked.len(), asked.contains(&fan)), (3, true));
}

async fn a_wave_without_a_target_is_held(engine: Engine) {
    let world = World::new(engine);
    let (north, south) = (&world.north, &world.south);
    let mut first = publish_wave(now(&world) + TimeDelta::hours(1));
    first.tasks.push(task(Platform::Instagram, Action::Publish, TargetPlan::Message));
    let target = TargetPlan::PostOf { wave_id: first.id };
    let cascade = Timing::Cascade { wave_id: first.id, minutes: 0 };
    // Needs posts on two platforms, and only one will come.
    let both = [Platform::X, Platform::Instagram].map(|p| task(p, Action::Like, target.clone()));
    let half = wave(Layer::Advocacy, cascade.clone(), both.to_vec());
    // Does not wait for a post, so it is due without one.
    let blind = about(Timing::After { wave_id: first.id, minutes: 5 }, first.id);
    let (source, half_id, blind_id) = (first.id, half.id, blind.id);
    released(&world, vec![first, half, blind]).await;
    // The same with another source, whose account gets on the list of candidates' accounts after release.
    let second = publish_wave(now(&world) + TimeDelta::hours(1));
    let barred = about(Timing::Cascade { wave_id: second.id, minutes: 0 }, second.id);
    let (second_source, barred_id) = (second.id, barred.id);
    released(&world, vec![second, barred]).await;
    // A post that was chosen beforehand and is taken off the register in time.
    let chosen = register_post(&world, south.account(AccountKind::Official), None);
    let mut fixed = publish_wave(now(&world) + TimeDelta::hours(1));
    fixed.layer = Layer::Opinion;
    fixed.tasks = vec![task(Platform::X, Action::Create, TargetPlan::Post { post_id: chosen })];
    let fixed_id = fixed.id;
    released(&world, vec![fixed]).await;
    world.change(|tx| Ok(diesel::update(posts::table.find(chosen)).set(posts::removed_at.eq(At(tx.now))).execute(tx.conn)?));

    world.test.advance(TimeDelta::hours(1));
    settled_tick(&world).await;
    assert_eq!(held_for(&world, fixed_id).as_deref(), Some("wave.no_target"));
    let handle = world.account_row(south.account(AccountKind::Official)).handle_norm;
    register_post(&world, north.account(AccountKind::Official), Some(source));
    register_post(&world, south.account(AccountKind::Official), Some(second_source));
    world.change(|tx| {
        let row = BlockedTargetRow {
            id: BlockedTargetId::new(),
            platform: Platform::X,
            handle: handle.clone(),
            handle_norm: handle,
            label: "Calon".into(),
            added_at: At(tx.now),
        };
        neutrality::insert_blocked(tx, &row)
    });
    // Taken away before the follower is due.
    world.change(|tx| {
        let gone = posts::table.filter(posts::wave_id.eq(source));
        Ok(diesel::update(gone).set(posts::removed_at.eq(At(tx.now))).execute(tx.conn)?)
    });
    world.test.advance(TimeDelta::minutes(5));
    settled_tick(&world).await;
    assert_eq!(held_for(&world, barred_id).as_deref(), Some("target.blocked"));
    assert_eq!(held_for(&world, blind_id).as_deref(), Some("wave.no_target"));
    assert_eq!(
        (held_for(&world, half_id), wave_state(world.app(), half_id)),
        (None, WaveState::Planned),
        "waits within its grace"
    );
    world.test.advance(TimeDelta::hours(1));
    settled_tick(&world).await;
    assert_eq!(held_for(&world, half_id).as_deref(), Some("wave.late"));
    assert_eq!(world.entries(EventKind::WaveHeld), 4);
    assert!([half_id, blind_id, barred_id, fixed_id].iter().all(|id| assigned(world.app(), *id).is_empty()));
}

async fn a_post_that_never_comes_is_not_waited_for_in_silence(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__CAMPAIGN__CASCADE_WAIT_H", "48")]);
    let first = publish_wave(now(&world) + TimeDelta::hours(1));
    let cascade = about(Timing::Cascade { wave_id: first.id, minutes: 0 }, first.id);
    let chained = about(Timing::Cascade { wave_id: cascade.id, minutes: 0 }, first.id);
    let (id, chained_id) = (cascade.id, chained.id);
    let campaign = released(&world, vec![first, cascade, chained]).await;
    world.test.advance(TimeDelta::hours(1));
    settled_tick(&world).await;
    world.test.advance(TimeDelta::hours(48) - TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!(wave_state(world.app(), id), WaveState::Planned);
    world.test.advance(TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!(held_for(&world, id).as_deref(), Some("wave.no_post_came"));
    assert_eq!(wave_state(world.app(), chained_id), WaveState::Planned, "its source has not opened, and says why itself");
    assert_eq!(world.entries(EventKind::WaveHeld), 1);
    assert!(
        !crate::support::campaigns::campaign_state(world.app(), campaign).eq(&gaung::domain::campaign::CampaignState::Finished)
    );
}

on_both!(
    a_wave_opens_some_time_after_another_did,
    a_post_wakes_the_next_wave_and_becomes_its_target,
    each_platform_gets_its_own_target_and_a_wave_waits_for_all,
    a_wave_without_a_target_is_held,
    a_post_that_never_comes_is_not_waited_for_in_silence,
);
