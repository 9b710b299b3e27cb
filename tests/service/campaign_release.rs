//! From submission to release: four eyes, the seen content, election freezes, and the rows that a release makes.

use diesel::prelude::*;
use gaung::domain::campaign::CampaignState;
use gaung::domain::content::{ClaimWords, TargetPlan};
use gaung::domain::event::EventKind;
use gaung::domain::id::UserId;
use gaung::domain::kind::{AccountKind, Action, Layer};
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::role::{Grant, Role};
use gaung::domain::wave::{Timing, WaveState};
use gaung::service::campaign::{self, FreezeOverlap};
use gaung::store::StoreError;
use gaung::store::plan::{TaskPlanRow, VariantPlanRow};
use gaung::store::schema::{ledger_entries, outbox, posts, tasks, users, variants, wave_counts};
use gaung::store::types::At;

use crate::support::app::monday_morning;
use crate::support::campaign::{
    at, claim, code, draft, four_layers, freeze, id_of, jakarta, post, released, submitted, task, wave, waves_of,
};
use crate::support::database::Engine;
use crate::support::world::World;

/// Whom release requests go to.
fn asked(world: &World) -> Vec<UserId> {
    let found = world.app().db.read_blocking(|conn| {
        let mails = outbox::table.filter(outbox::kind.eq(MailKind::ReleaseRequest)).filter(outbox::state.eq(MailState::Pending));
        Ok::<_, StoreError>(mails.order(outbox::user_id).select(outbox::user_id).load::<Option<UserId>>(conn)?)
    });
    found.unwrap().into_iter().flatten().collect()
}

async fn submitting_asks_every_other_approver_of_the_unit_once(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let approver_of = |name: &str, unit_id| world.user(name, &[Grant { role: Role::Approver, unit_id }]);
    let (north, below, south) = (
        approver_of("north-approver", world.north.unit),
        approver_of("office-approver", world.north.office),
        approver_of("south-approver", world.south.unit),
    );
    let gone = id_of(&approver_of("gone-approver", world.north.unit));
    world.change(|tx| {
        diesel::update(users::table.find(gone)).set(users::active.eq(false)).execute(tx.conn)?;
        Ok(())
    });
    // One who may do both never releases what they submitted, so they are not asked either.
    let both = world.user("both", &[Role::Lead, Role::Approver].map(|role| Grant { role, unit_id: world.north.unit }));
    let made = campaign::create(app, &world.north_lead, world.north.unit, four_layers()).await.unwrap();
    let waiting = campaign::submit(app, &both, made.id, 1, false).await.unwrap();
    assert_eq!((waiting.state, waiting.submitted_by), (CampaignState::Submitted, Some(id_of(&both))));
    assert_eq!(waiting.submitted_at, Some(monday_morning()));
    let mut expected = [&world.approver, &world.second_approver, &north].map(id_of);
    expected.sort_unstable();
    let mut found = asked(&world);
    found.sort_unstable();
    assert_eq!(found, expected, "not {below:?}, {south:?}, {gone}");
    assert_eq!(world.entries(EventKind::CampaignSubmitted), 1);
    // Returned and submitted again with the same content: nobody is asked twice.
    let back = campaign::return_to_author(app, &north, made.id, " Sebut tanggalnya. ").await.unwrap();
    assert_eq!((back.state, back.note.as_str(), back.submitted_by), (CampaignState::Draft, "Sebut tanggalnya.", None));
    assert_eq!(world.entries(EventKind::CampaignReturned), 1);
    let again = campaign::submit(app, &both, made.id, back.version, false).await.unwrap();
    assert_eq!(again.note, "");
    assert_eq!(asked(&world).len(), 3);
}

async fn each_step_is_refused_in_the_wrong_state(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let made = draft(&world, four_layers()).await;
    let hash = made.content_hash.clone();
    assert_eq!(code(campaign::release(app, &world.approver, made.id, &hash).await), "campaign.not_submitted");
    assert_eq!(code(campaign::return_to_author(app, &world.approver, made.id, "x").await), "campaign.not_submitted");
    assert_eq!(code(campaign::give_freeze_reason(app, &world.approver, made.id, "x").await), "campaign.not_submitted");
    assert_eq!(code(campaign::submit(app, &world.lead, made.id, 7, false).await), "conflict");
    let waiting = campaign::submit(app, &world.lead, made.id, 1, false).await.unwrap();
    assert_eq!(code(campaign::submit(app, &world.lead, made.id, waiting.version, false).await), "campaign.not_draft");
    assert_eq!(code(campaign::return_to_author(app, &world.approver, made.id, " ").await), "note content.empty");
    let long = "x".repeat(1_001);
    assert_eq!(code(campaign::return_to_author(app, &world.approver, made.id, &long).await), "note content.too_long");
    assert_eq!(
        code(campaign::give_freeze_reason(app, &world.approver, made.id, "a\0b").await),
        "reason content.control_character"
    );
    let live = campaign::release(app, &world.approver, made.id, &hash).await.unwrap();
    assert_eq!((live.state, live.released_at), (CampaignState::Released, Some(monday_morning())));
    assert_eq!(code(campaign::release(app, &world.approver, made.id, &hash).await), "campaign.not_submitted");
    assert_eq!(code(campaign::return_to_author(app, &world.approver, made.id, "x").await), "campaign.not_submitted");
    assert_eq!(code(campaign::submit(app, &world.lead, made.id, live.version, false).await), "campaign.not_draft");
    assert_eq!(world.entries(EventKind::CampaignReleased), 1);
}

async fn a_release_needs_another_person_who_saw_this_content(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    let both = |name: &str| world.user(name, &[Role::Lead, Role::Approver].map(|role| Grant { role, unit_id: world.root }));
    let (author, submitter) = (both("author"), both("submitter"));
    let made = campaign::create(app, &author, world.root, four_layers()).await.unwrap();
    campaign::submit(app, &submitter, made.id, 1, false).await.unwrap();
    for caller in [&author, &submitter] {
        let refused = campaign::release(app, caller, made.id, &made.content_hash).await;
        assert_eq!(code(refused), "campaign.author_may_not_release");
    }
    let other = campaign::release(app, &world.approver, made.id, &"0".repeat(64)).await;
    assert_eq!(code(other), "campaign.content_changed");
    campaign::release(app, &world.approver, made.id, &made.content_hash).await.unwrap();
}

async fn what_came_up_since_the_submission_stops_the_release(engine: Engine) {
    let world = World::new(engine);
    let target = post(&world, world.north.account(AccountKind::Official), None);
    let mut content = four_layers();
    content.waves[3].tasks[0].target = TargetPlan::Post { post_id: target };
    content.waves[3].timing = jakarta("2026-11-27T10:00:00");
    let waiting = submitted(&world, content).await;
    world.change(|tx| {
        diesel::update(posts::table.find(target)).set(posts::removed_at.eq(At(tx.now))).execute(tx.conn)?;
        Ok(())
    });
    let refused = campaign::release(world.app(), &world.approver, waiting.id, &waiting.content_hash).await;
    assert_eq!(code(refused), "campaign.content_invalid");
    let late = submitted(&world, four_layers()).await;
    world.test.advance(chrono::TimeDelta::days(5));
    let refused = campaign::release(world.app(), &world.approver, late.id, &late.content_hash).await;
    assert_eq!(code(refused), "campaign.opens_in_the_past");
    assert_eq!(waves_of(&world, &late).len(), 0);
}

async fn an_election_freeze_needs_a_second_approvers_reason_for_this_content(engine: Engine) {
    let world = World::new(engine);
    let app = world.app();
    freeze(&world, "2026-11-27T03:00:00Z", "2026-11-28T00:00:00Z");
    let both = world.user("both", &[Role::Lead, Role::Approver].map(|role| Grant { role, unit_id: world.root }));
    let made = campaign::create(app, &world.lead, world.root, four_layers()).await.unwrap();
    let waiting = campaign::submit(app, &both, made.id, 1, false).await.unwrap();
    let check = campaign::check(app, &world.approver, made.id).await.unwrap();
    assert_eq!(
        check.freezes,
        [FreezeOverlap {
            label: "Pilkada".into(),
            starts_at: at("2026-11-27T03:00:00Z"),
            ends_at: at("2026-11-28T00:00:00Z"),
            waves: made.content.waves.iter().map(|w| w.id).collect(),
        }]
    );
    assert_eq!((check.faults, check.freeze_reason_by), (vec![], None));
    let release = |caller, hash: &str| {
        let hash = hash.to_owned();
        async move { campaign::release(app, caller, made.id, &hash).await }
    };
    assert_eq!(code(release(&world.approver, &waiting.content_hash).await), "campaign.election_freeze");
    // Neither the submitter nor the one who releases is the second approver.
    let own = campaign::give_freeze_reason(app, &both, made.id, "x").await;
    assert_eq!(code(own), "campaign.freeze_needs_second_approver");
    campaign::give_freeze_reason(app, &world.approver, made.id, "Layanan rutin").await.unwrap();
    let own = release(&world.approver, &waiting.content_hash).await;
    assert_eq!(code(own), "campaign.freeze_needs_second_approver");
    campaign::give_freeze_reason(app, &world.second_approver, made.id, "Layanan rutin, tanpa tokoh").await.unwrap();
    let check = campaign::check(app, &world.approver, made.id).await.unwrap();
    assert_eq!(check.freeze_reason_by, Some(id_of(&world.second_approver)));
    assert_eq!(world.entries(EventKind::FreezeReasonGiven), 2);
    // A reason holds for the content that it was given for.
    let mut content = made.content.clone();
    content.paid = true;
    let edited = campaign::edit(app, &world.lead, made.id, waiting.version, content).await.unwrap();
    let edited = campaign::submit(app, &world.lead, made.id, edited.version, false).await.unwrap();
    assert_eq!(code(release(&world.approver, &edited.content_hash).await), "campaign.election_freeze");
    campaign::give_freeze_reason(app, &world.second_approver, made.id, "Sama").await.unwrap();
    release(&world.approver, &edited.content_hash).await.unwrap();
}

async fn a_freeze_that_no_wave_can_reach_is_none_of_its_business(engine: Engine) {
    let world = World::new(engine);
    // One ends as the first wave opens (two in the morning, UTC).
    freeze(&world, "2026-11-20T00:00:00Z", "2026-11-27T02:00:00Z");
    // The last: grace of the source, 72 hours for the post, five minutes, grace, two hours open: 30 November, 06:05.
    freeze(&world, "2026-11-30T06:05:00Z", "2026-12-20T00:00:00Z");
    let made = draft(&world, four_layers()).await;
    assert_eq!(campaign::check(world.app(), &world.lead, made.id).await.unwrap().freezes, []);
    freeze(&world, "2026-11-30T06:04:59Z", "2026-12-20T00:00:00Z");
    let freezes = campaign::check(world.app(), &world.lead, made.id).await.unwrap().freezes;
    let waiting: Vec<_> = made.content.waves[2..].iter().map(|w| w.id).collect();
    assert_eq!(freezes.into_iter().map(|f| f.waves).collect::<Vec<_>>(), [waiting]);
    // A fixed wave is open from its time for as long as planned.
    freeze(&world, "2026-11-27T04:00:00Z", "2026-11-27T04:01:00Z");
    let freezes = campaign::check(world.app(), &world.lead, made.id).await.unwrap().freezes;
    assert!(freezes.iter().all(|f| !f.waves.contains(&made.content.waves[0].id)));
}

async fn a_release_makes_the_plans_rows(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__CAMPAIGN__WAVE_GRACE_S", "1800")]);
    let mut content = four_layers();
    content.waves[1].grace_minutes = Some(7);
    content.waves[2].remind_minutes_before_end = Some(15);
    content.waves[3].audience.units = vec![world.north.unit];
    content.waves[3].tasks[0].own_words = true;
    content.waves[3].tasks[0].evidence_required = true;
    let misinformation = claim(&world, world.north.unit, None);
    let official = post(&world, world.north.account(AccountKind::Official), None);
    let makassar = Timing::At { local: "2026-11-28T09:00:00".parse().unwrap(), zone: "Asia/Makassar".into() };
    let words = ClaimWords {
        claim: "Kelasnya berbayar".into(),
        seen_url: None,
        fact: "Kelasnya gratis".into(),
        source_url: "https://kemencontoh.example/kelas".into(),
    };
    let answer = TargetPlan::Claim { claim_id: misinformation, words: Some(words) };
    content.waves.push(wave(Layer::Conversation, makassar.clone(), task(Action::Answer, answer)));
    let like = task(Action::Like, TargetPlan::Post { post_id: official });
    content.waves.push(wave(Layer::Advocacy, makassar, like));
    let live = released(&world, content.clone()).await;
    assert_eq!(live.content, content);

    let rows = waves_of(&world, &live);
    let source = content.waves[0].id;
    assert!(rows.iter().all(|w| w.state == WaveState::Planned && w.unit_id == world.root && w.open_s == 7_200));
    assert_eq!(rows.iter().map(|w| w.ordinal).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(rows.iter().map(|w| w.layer).collect::<Vec<_>>(), [0, 1, 2, 3, 2, 3]);
    let opens: Vec<_> = rows.iter().map(|w| w.opens_at.map(|at| at.0)).collect();
    let (friday, saturday) = (Some(at("2026-11-27T02:00:00Z")), Some(at("2026-11-28T01:00:00Z")));
    assert_eq!(opens, [friday, None, None, None, saturday, saturday]);
    let waits: Vec<_> = rows.iter().map(|w| (w.waits_for, w.cascade)).collect();
    let cascade = (Some(source), true);
    assert_eq!(waits, [(None, false), (Some(source), false), cascade, cascade, (None, false), (None, false)]);
    assert_eq!(rows.iter().map(|w| w.grace_s).collect::<Vec<_>>(), [1_800, 420, 1_800, 1_800, 1_800, 1_800]);
    // By default after 60 percent of the time: two fifths before the end.
    assert_eq!(rows[0].remind_before_end_s, Some(2_880));
    assert_eq!(rows[2].remind_before_end_s, Some(900));
    assert_eq!(rows[3].audience.0.units, [world.north.unit]);

    let (made, texts, counted) = world
        .app()
        .db
        .read_blocking(|conn| {
            let made = tasks::table.order(tasks::id).select(TaskPlanRow::as_select()).load(conn)?;
            let texts = variants::table.order(variants::ordinal).select(VariantPlanRow::as_select()).load(conn)?;
            let zero = wave_counts::planned.eq(0).and(wave_counts::mail_planned.eq(0));
            Ok::<_, StoreError>((made, texts, wave_counts::table.filter(zero).count().get_result::<i64>(conn)?))
        })
        .unwrap();
    assert_eq!((made.len(), counted), (6, 6));
    for (wave, planned) in content.tasks() {
        let row = made.iter().find(|t| t.id == planned.id).unwrap();
        assert_eq!((row.wave_id, row.campaign_id, row.ordinal, &row.target.0), (wave.id, live.id, 0, &planned.target));
        assert_eq!((row.platform, row.action, &row.brief), (planned.platform, planned.action, &planned.brief));
        assert_eq!((row.own_words, row.evidence_required), (planned.own_words, planned.evidence_required));
        assert_eq!(row.target_post_id, matches!(planned.target, TargetPlan::Post { .. }).then_some(official));
        assert_eq!(row.target_claim_id, matches!(planned.target, TargetPlan::Claim { .. }).then_some(misinformation));
    }
    let planned = &content.waves[3].tasks[0];
    let expected: Vec<_> = planned.variants.iter().map(|v| (v.id, planned.id, v.locale, v.text.clone())).collect();
    assert_eq!(texts.into_iter().map(|v| (v.id, v.task_id, v.locale, v.body)).collect::<Vec<_>>(), expected);
}

async fn no_reminder_is_planned_where_the_organisation_wants_none(engine: Engine) {
    let world = World::with_env(engine, &[("GAUNG__CAMPAIGN__REMIND_AFTER_PERCENT", "0")]);
    let live = released(&world, four_layers()).await;
    assert!(waves_of(&world, &live).iter().all(|w| w.remind_before_end_s.is_none()));
}

async fn the_log_names_hashes_and_keeps_words_apart(engine: Engine) {
    let world = World::new(engine);
    let waiting = submitted(&world, four_layers()).await;
    campaign::return_to_author(world.app(), &world.approver, waiting.id, "Rahasia Budi").await.unwrap();
    let payloads: Vec<String> = world
        .app()
        .db
        .read_blocking(|conn| {
            let entries =
                ledger_entries::table.filter(ledger_entries::campaign_id.eq(waiting.id)).select(ledger_entries::payload);
            let found = entries.load::<gaung::store::types::Doc<serde_json::Value>>(conn)?;
            Ok::<_, StoreError>(found.into_iter().map(|doc| doc.0.to_string()).collect())
        })
        .unwrap();
    assert_eq!(payloads.len(), 3);
    assert!(payloads.iter().all(|p| p.contains(&waiting.content_hash) && !p.contains("Budi")), "{payloads:?}");
}

on_both!(
    submitting_asks_every_other_approver_of_the_unit_once,
    each_step_is_refused_in_the_wrong_state,
    a_release_needs_another_person_who_saw_this_content,
    what_came_up_since_the_submission_stops_the_release,
    an_election_freeze_needs_a_second_approvers_reason_for_this_content,
    a_freeze_that_no_wave_can_reach_is_none_of_its_business,
    a_release_makes_the_plans_rows,
    no_reminder_is_planned_where_the_organisation_wants_none,
    the_log_names_hashes_and_keeps_words_apart,
);
