//! Writing and checking campaigns: who may, what is kept, which faults are found, and what an edit does to a release.

use diesel::prelude::*;
use gaung::domain::campaign::CampaignState;
use gaung::domain::content::{CampaignContent, TargetPlan};
use gaung::domain::event::EventKind;
use gaung::domain::id::{AccountId, BlockedTargetId, ClaimId, PostId, UnitId, WaveId};
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::platform::Platform;
use gaung::domain::role::{Grant, Role};
use gaung::domain::wave::{Timing, WaveState};
use gaung::service::campaign::{self, ListCampaigns, NearIdentical};
use gaung::service::{Caller, PageRequest};
use gaung::store::StoreError;
use gaung::store::neutrality::{self, BlockedTargetRow};
use gaung::store::schema::{posts, releases, tasks, variants, wave_counts};
use gaung::store::types::At;

use crate::support::campaign::{
    claim, code, draft, four_layers, id_of, jakarta, post, released, set_wave, submitted, task, text, wave, waves_of,
};
use crate::support::database::Engine;
use crate::support::world::World;

async fn a_draft_is_kept_whole_and_its_hash_binds_content_and_unit(engine: Engine) {
    let world = World::new(engine);
    let content = four_layers();
    let made = draft(&world, content.clone()).await;
    assert_eq!((made.state, made.version, made.author_id), (CampaignState::Draft, 1, id_of(&world.lead)));
    assert!(made.slug.starts_with("pekan-literasi-keuangan-"), "{}", made.slug);
    let kept = campaign::get(world.app(), &world.auditor, made.id).await.unwrap();
    assert_eq!(kept, made);
    assert_eq!(kept.content, content);
    assert_eq!(world.entries(EventKind::CampaignCreated), 1);
    // The same words in another unit are another campaign.
    let elsewhere = campaign::create(world.app(), &world.north_lead, world.north.unit, content.clone()).await.unwrap();
    assert_ne!(elsewhere.content_hash, made.content_hash);
    assert_ne!(elsewhere.slug, made.slug);

    let mut other = content;
    other.avoid.push("Sindiran".into());
    let edited = campaign::edit(world.app(), &world.lead, made.id, 1, other.clone()).await.unwrap();
    assert_ne!(edited.content_hash, made.content_hash);
    assert_eq!((edited.version, edited.content.avoid.len()), (2, 2));
    assert_eq!(world.entries(EventKind::CampaignEdited), 1);
    // The same content again is no edit.
    let again = campaign::edit(world.app(), &world.lead, made.id, 2, other.clone()).await.unwrap();
    assert_eq!(again, edited);
    assert_eq!(world.entries(EventKind::CampaignEdited), 1);
    other.avoid.pop();
    assert_eq!(code(campaign::edit(world.app(), &world.lead, made.id, 1, other.clone()).await), "conflict");
    let back = campaign::edit(world.app(), &world.lead, made.id, 2, other).await.unwrap();
    assert_eq!(back.content_hash, made.content_hash);
}

async fn a_content_that_cannot_be_kept_is_refused_by_field(engine: Engine) {
    let world = World::new(engine);
    let with = |change: fn(&mut CampaignContent)| {
        let mut content = four_layers();
        change(&mut content);
        campaign::create(world.app(), &world.lead, world.root, content)
    };
    assert_eq!(code(with(|c| c.title = " \t".into()).await), "title content.empty");
    assert_eq!(code(with(|c| c.avoid = vec!["x".repeat(300_000)]).await), " content.too_large");
    assert_eq!(code(with(|c| c.avoid = vec!["a\0b".into()]).await), " content.control_character");
    // A draft may have every other fault, and the words for a NUL are no NUL.
    with(|c| {
        c.waves.clear();
        c.message = "\\u0000".into();
    })
    .await
    .unwrap();
}

async fn only_a_lead_writes_and_only_within_reach(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    for caller in [&world.admin, &world.approver, &world.coordinator, &world.auditor, &Caller::Operator] {
        assert_eq!(code(campaign::create(app, caller, world.root, four_layers()).await), "forbidden");
    }
    for unit in [world.root, world.south.unit, UnitId::new()] {
        assert_eq!(code(campaign::create(app, &world.north_lead, unit, four_layers()).await), "it was not found");
    }
    let north = campaign::create(app, &world.north_lead, world.north.office, four_layers()).await.unwrap();
    for (caller, expected) in [(&world.south_lead, "it was not found"), (&world.auditor, "forbidden")] {
        assert_eq!(code(campaign::edit(app, caller, north.id, 1, four_layers()).await), expected);
        assert_eq!(code(campaign::submit(app, caller, north.id, 1, false).await), expected);
        assert_eq!(code(campaign::pause(app, caller, north.id, "x").await), expected);
        assert_eq!(code(campaign::resume(app, caller, north.id).await), expected);
        assert_eq!(code(campaign::cancel(app, caller, north.id, "x").await), expected);
    }
    for caller in [&world.south_lead, &world.south_coordinator] {
        assert_eq!(code(campaign::get(app, caller, north.id).await), "it was not found");
        assert_eq!(code(campaign::check(app, caller, north.id).await), "it was not found");
        assert_eq!(code(campaign::view(app, caller, north.id).await), "it was not found");
    }
    let south_approver = world.user("south-approver", &[Grant { role: Role::Approver, unit_id: world.south.unit }]);
    for (caller, expected) in [(&south_approver, "it was not found"), (&world.north_lead, "forbidden")] {
        assert_eq!(code(campaign::release(app, caller, north.id, "x").await), expected);
        assert_eq!(code(campaign::return_to_author(app, caller, north.id, "x").await), expected);
        assert_eq!(code(campaign::give_freeze_reason(app, caller, north.id, "x").await), expected);
    }
    for caller in [&world.north_lead, &world.north_coordinator, &world.lead, &world.auditor, &Caller::Operator] {
        assert_eq!(campaign::get(app, caller, north.id).await.unwrap().id, north.id);
    }
}

async fn lists_are_scoped_filtered_and_newest_first(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(campaign::create(app, &world.north_lead, world.north.unit, four_layers()).await.unwrap().id);
    }
    let south = campaign::create(app, &world.south_lead, world.south.office, four_layers()).await.unwrap();
    let list = |caller: &Caller, state, page| {
        let caller = caller.clone();
        async move {
            let found = campaign::list(app, &caller, ListCampaigns { state, page }).await.unwrap();
            (found.items.into_iter().map(|c| c.id).collect::<Vec<_>>(), found.next)
        }
    };
    let (first, next) = list(&world.north_lead, None, PageRequest::first(2)).await;
    assert_eq!(first, [made[2], made[1]]);
    let (second, end) = list(&world.north_lead, None, PageRequest::first(2).after(next.unwrap())).await;
    assert_eq!((second, end), (vec![made[0]], None));
    assert_eq!(list(&world.south_coordinator, None, PageRequest::default()).await.0, [south.id]);
    assert_eq!(list(&world.auditor, None, PageRequest::default()).await.0.len(), 4);
    campaign::cancel(app, &world.lead, made[1], "salah unit").await.unwrap();
    assert_eq!(list(&world.auditor, Some(CampaignState::Cancelled), PageRequest::default()).await.0, [made[1]]);
    let bad = ListCampaigns { page: PageRequest::default().after("?"), state: None };
    assert_eq!(code(campaign::list(app, &world.auditor, bad).await), "after page.cursor");
    let nobody = world.user("nobody", &[]);
    assert_eq!(code(campaign::list(app, &nobody, ListCampaigns::default()).await), "forbidden");
}

/// The faults of a content in the north, as `path code`.
async fn faults(world: &World, content: CampaignContent) -> Vec<String> {
    let made = campaign::create(world.app(), &world.north_lead, world.north.unit, content).await.unwrap();
    let check = campaign::check(world.app(), &world.north_lead, made.id).await.unwrap();
    assert_eq!((check.version, &check.content_hash), (1, &made.content_hash));
    let listed: Vec<String> = check.faults.iter().map(|f| format!("{} {}", f.field, f.code)).collect();
    // Submitting says the same.
    match campaign::submit(world.app(), &world.north_lead, made.id, 1, true).await {
        Ok(_) => assert!(listed.is_empty(), "{listed:?}"),
        submit => assert_eq!(code(submit), listed.join(", ")),
    }
    listed
}

async fn a_good_content_has_no_faults(engine: Engine) {
    let world = World::new(engine);
    assert_eq!(faults(&world, four_layers()).await, Vec::<String>::new());
}

async fn an_audience_lies_within_the_campaigns_subtree(engine: Engine) {
    let world = World::new(engine);
    let mut content = four_layers();
    content.waves[0].audience.units = vec![world.north.office, world.south.unit, UnitId::new(), world.root];
    content.waves[1].audience.exclude_units = vec![world.north.unit, world.south.office];
    content.waves[3].audience.exclude_accounts =
        vec![world.north.account(AccountKind::Advocate), world.south.account(AccountKind::Advocate), AccountId::new()];
    assert_eq!(
        faults(&world, content).await,
        [
            "waves[0].audience.units[1] audience.unit_outside",
            "waves[0].audience.units[2] audience.unit_outside",
            "waves[0].audience.units[3] audience.unit_outside",
            "waves[1].audience.exclude_units[1] audience.unit_outside",
            "waves[3].audience.exclude_accounts[1] audience.account_outside",
            "waves[3].audience.exclude_accounts[2] audience.account_outside",
        ]
    );
}

async fn a_fixed_post_is_registered_allowed_and_on_the_same_platform(engine: Engine) {
    let world = World::new(engine);
    let north = |kind| post(&world, world.north.account(kind), None);
    let share = |post_id| {
        let mut content = four_layers();
        content.waves[3] =
            wave(Layer::Advocacy, jakarta("2026-11-27T10:00:00"), task(Action::Share, TargetPlan::Post { post_id }));
        content
    };
    assert_eq!(faults(&world, share(north(AccountKind::Official))).await, Vec::<String>::new());
    let refused = |why: &str| vec![format!("waves[3].tasks[0].target target.{why}")];
    assert_eq!(faults(&world, share(PostId::new())).await, refused("not_registered"));
    assert_eq!(faults(&world, share(north(AccountKind::Advocate))).await, refused("not_for_this_layer"));
    let outside = post(&world, world.south.account(AccountKind::Official), None);
    assert_eq!(faults(&world, share(outside)).await, refused("not_registered"));
    // What head office published stands above both regions: either may carry it.
    let director = world.member(world.root, "HQ-1");
    let head_office = world.account(director, AccountKind::Official, Platform::X, "kantorpusat");
    let above = post(&world, head_office, None);
    assert_eq!(faults(&world, share(above)).await, Vec::<String>::new());
    let removed = north(AccountKind::Official);
    world.change(|tx| {
        diesel::update(posts::table.find(removed)).set(posts::removed_at.eq(At(tx.now))).execute(tx.conn)?;
        Ok(())
    });
    assert_eq!(faults(&world, share(removed)).await, refused("not_registered"));
    let mut elsewhere = share(north(AccountKind::Official));
    elsewhere.waves[3].tasks[0].platform = Platform::Instagram;
    assert_eq!(faults(&world, elsewhere).await, refused("other_platform"));
    // A candidate's account is no target, whatever layer it is on.
    let candidate = north(AccountKind::KolExternal);
    assert_eq!(faults(&world, share(candidate)).await, Vec::<String>::new());
    block(&world, &world.account_row(world.north.account(AccountKind::KolExternal)).handle_norm);
    assert_eq!(faults(&world, share(candidate)).await, refused("blocked"));
}

fn block(world: &World, handle: &str) {
    world.change(|tx| {
        let row = BlockedTargetRow {
            id: BlockedTargetId::new(),
            platform: Platform::X,
            handle: handle.into(),
            handle_norm: handle.into(),
            label: "Calon".into(),
            added_at: At(tx.now),
        };
        neutrality::insert_blocked(tx, &row)
    });
}

async fn a_claim_is_on_file_and_not_a_candidates(engine: Engine) {
    let world = World::new(engine);
    block(&world, "calon01");
    let answer = |claim_id| {
        let mut content = four_layers();
        content.waves[2] = wave(
            Layer::Conversation,
            jakarta("2026-11-27T10:00:00"),
            task(Action::Answer, TargetPlan::Claim { claim_id, words: None }),
        );
        content
    };
    let refused = |why: &str| vec![format!("waves[2].tasks[0].target target.{why}")];
    assert_eq!(faults(&world, answer(claim(&world, world.north.unit, None))).await, Vec::<String>::new());
    let seen = Some("https://x.com/orang/status/1234567890");
    assert_eq!(faults(&world, answer(claim(&world, world.north.office, seen))).await, Vec::<String>::new());
    let candidate = Some("https://twitter.com/Calon01/status/1234567890?s=20");
    assert_eq!(faults(&world, answer(claim(&world, world.north.unit, candidate))).await, refused("blocked"));
    assert_eq!(faults(&world, answer(claim(&world, world.south.unit, None))).await, refused("not_registered"));
    assert_eq!(faults(&world, answer(ClaimId::new())).await, refused("not_registered"));
}

async fn times_lie_ahead_and_within_bounds(engine: Engine) {
    let world = World::new(engine);
    let with = |change: fn(&mut CampaignContent)| {
        let mut content = four_layers();
        change(&mut content);
        content
    };
    // It is Monday, nine in Jakarta and ten in Makassar.
    let past = faults(&world, with(|c| c.waves[0].timing = jakarta("2026-11-23T08:59:59"))).await;
    assert_eq!(past, ["waves[0].timing.local campaign.opens_in_the_past"]);
    let makassar = Timing::At { local: "2026-11-23T09:30:00".parse().unwrap(), zone: "Asia/Makassar".into() };
    let mut content = four_layers();
    content.waves[0].timing = makassar;
    assert_eq!(faults(&world, content).await, ["waves[0].timing.local campaign.opens_in_the_past"]);
    assert_eq!(faults(&world, with(|c| c.waves[0].timing = jakarta("2026-11-23T09:00:00"))).await, Vec::<String>::new());
    let far = faults(&world, with(|c| c.waves[0].timing = jakarta("9999-12-31T09:00:00"))).await;
    assert_eq!(far, ["waves[0].timing.local wave.year"]);
    assert_eq!(faults(&world, with(|c| c.waves[1].grace_minutes = Some(43_201))).await, ["waves[1].grace_minutes wave.grace"]);
    let delay = with(|c| c.waves[1].timing = Timing::After { wave_id: c.waves[0].id, minutes: u32::MAX });
    assert_eq!(faults(&world, delay).await, ["waves[1].timing.minutes wave.delay"]);
    assert_eq!(faults(&world, with(|c| c.waves.clear())).await, ["waves campaign.no_waves"]);
}

async fn an_action_that_is_switched_off_is_a_fault(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__CAMPAIGN__DISABLED_ACTIONS", "share")]);
    assert_eq!(faults(&world, four_layers()).await, ["waves[3].tasks[0].action action.switched_off"]);
}

async fn near_identical_texts_need_an_acknowledgement(engine: Engine) {
    let world = World::new(engine);
    let mut content = four_layers();
    content.waves[3].tasks[0].variants.push(text("KELAS GRATIS dibuka untuk umum!"));
    let made = draft(&world, content).await;
    let check = campaign::check(world.app(), &world.approver, made.id).await.unwrap();
    let pair = NearIdentical { path: "waves[3].tasks[0]".into(), first: 0, second: 2, percent: 100 };
    assert_eq!((check.faults, check.near_identical), (vec![], vec![pair]));
    let refused = campaign::submit(world.app(), &world.lead, made.id, 1, false).await;
    assert_eq!(code(refused), "campaign.near_identical_variants");
    let submitted = campaign::submit(world.app(), &world.lead, made.id, 1, true).await.unwrap();
    assert_eq!(submitted.state, CampaignState::Submitted);
}

async fn ids_of_another_campaign_are_renewed_or_refused(engine: Engine) {
    let world = World::new(engine);
    let first = released(&world, four_layers()).await;
    // A copy gets ids of its own, and its waves still wait for its own waves.
    let copy = draft(&world, first.content.clone()).await;
    let waves = &copy.content.waves;
    assert!(waves.iter().zip(&first.content.waves).all(|(a, b)| a.id != b.id && a.tasks[0].id != b.tasks[0].id));
    assert_eq!(waves[2].timing.waits_for(), Some(waves[0].id));
    assert_eq!(waves[3].tasks[0].target, TargetPlan::PostOf { wave_id: waves[0].id });
    let copy = campaign::submit(world.app(), &world.lead, copy.id, 1, false).await.unwrap();
    campaign::release(world.app(), &world.approver, copy.id, &copy.content_hash).await.unwrap();
    // An edit that brings them in is told so.
    let other = draft(&world, four_layers()).await;
    let edited = campaign::edit(world.app(), &world.lead, other.id, 1, first.content.clone()).await.unwrap();
    assert_eq!(code(campaign::submit(world.app(), &world.lead, other.id, edited.version, false).await), "waves content.id_taken");
}

fn rows(world: &World) -> [i64; 3] {
    let count = |conn: &mut gaung::store::Conn| {
        Ok::<_, StoreError>([
            wave_counts::table.count().get_result(conn)?,
            tasks::table.count().get_result(conn)?,
            variants::table.count().get_result(conn)?,
        ])
    };
    world.app().db.read_blocking(count).unwrap()
}

async fn an_edit_voids_the_release_and_takes_its_rows_back(engine: Engine) {
    let world = World::new(engine);
    let live = released(&world, four_layers()).await;
    assert_eq!(rows(&world), [4, 4, 2]);
    // A held wave has not opened: the campaign can still be mended.
    set_wave(&world, live.content.waves[1].id, WaveState::Held, Some("wave.late"));
    let mut content = live.content.clone();
    content.message = "Kelas literasi keuangan terbuka sampai 6 Desember.".into();
    let edited = campaign::edit(world.app(), &world.lead, live.id, live.version, content).await.unwrap();
    assert_eq!((edited.state, edited.released_at, edited.submitted_by), (CampaignState::Draft, None, None));
    assert_eq!(rows(&world), [0, 0, 0]);
    assert_eq!(waves_of(&world, &edited).len(), 0);
    assert_eq!(world.entries(EventKind::ReleaseVoided), 1);
    let voided = world.app().db.read_blocking(|conn| {
        Ok::<_, StoreError>(
            releases::table.select((releases::content_hash, releases::voided_at)).load::<(String, Option<At>)>(conn)?,
        )
    });
    assert_eq!(voided.unwrap(), [(live.content_hash, Some(At(edited.updated_at)))]);
    // The same campaign goes through the same door again, under the same ids.
    let again = campaign::submit(world.app(), &world.lead, edited.id, edited.version, false).await.unwrap();
    let again = campaign::release(world.app(), &world.second_approver, again.id, &again.content_hash).await.unwrap();
    let ids: Vec<WaveId> = waves_of(&world, &again).iter().map(|w| w.id).collect();
    assert_eq!(ids, again.content.waves.iter().map(|w| w.id).collect::<Vec<_>>());
}

async fn an_edit_of_a_submitted_campaign_makes_it_a_draft(engine: Engine) {
    let world = World::new(engine);
    let waiting = submitted(&world, four_layers()).await;
    let mut content = waiting.content.clone();
    content.paid = true;
    let edited = campaign::edit(world.app(), &world.lead, waiting.id, waiting.version, content).await.unwrap();
    assert_eq!((edited.state, edited.submitted_by, edited.submitted_at), (CampaignState::Draft, None, None));
    let late = campaign::release(world.app(), &world.approver, waiting.id, &waiting.content_hash).await;
    assert_eq!(code(late), "campaign.not_submitted");
    assert_eq!(world.entries(EventKind::ReleaseVoided), 0);
}

async fn a_campaign_that_opened_a_wave_is_not_edited(engine: Engine) {
    let world = World::new(engine);
    for state in [WaveState::Opening, WaveState::Open, WaveState::Closed] {
        let live = released(&world, four_layers()).await;
        set_wave(&world, live.content.waves[0].id, state, None);
        let mut content = live.content.clone();
        content.paid = true;
        let refused = campaign::edit(world.app(), &world.lead, live.id, live.version, content).await;
        assert_eq!(code(refused), "campaign.not_editable");
        assert_eq!(waves_of(&world, &live).len(), 4);
    }
    let live = released(&world, four_layers()).await;
    let ended = campaign::cancel(world.app(), &world.lead, live.id, "batal").await.unwrap();
    let mut content = live.content;
    content.paid = true;
    assert_eq!(code(campaign::edit(world.app(), &world.lead, live.id, ended.version, content).await), "campaign.not_editable");
}

on_both!(
    a_draft_is_kept_whole_and_its_hash_binds_content_and_unit,
    a_content_that_cannot_be_kept_is_refused_by_field,
    only_a_lead_writes_and_only_within_reach,
    lists_are_scoped_filtered_and_newest_first,
    a_good_content_has_no_faults,
    an_audience_lies_within_the_campaigns_subtree,
    a_fixed_post_is_registered_allowed_and_on_the_same_platform,
    a_claim_is_on_file_and_not_a_candidates,
    times_lie_ahead_and_within_bounds,
    an_action_that_is_switched_off_is_a_fault,
    near_identical_texts_need_an_acknowledgement,
    ids_of_another_campaign_are_renewed_or_refused,
    an_edit_voids_the_release_and_takes_its_rows_back,
    an_edit_of_a_submitted_campaign_makes_it_a_draft,
    a_campaign_that_opened_a_wave_is_not_edited,
);
