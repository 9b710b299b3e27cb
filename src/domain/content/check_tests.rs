//! Each fault of a campaign's content is found and named by its path.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::domain::audience::Audience;
use crate::domain::content::{Fact, VariantPlan};
use crate::domain::id::{TaskId, VariantId, WaveId};
use crate::domain::kind::Layer;
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;

fn task(action: Action, target: TargetPlan) -> TaskPlan {
    TaskPlan {
        id: TaskId::new(),
        platform: Platform::X,
        action,
        brief: "Say it in your own way.".into(),
        target,
        own_words: false,
        evidence_required: false,
        variants: Vec::new(),
    }
}

fn wave(layer: Layer, timing: Timing, task: TaskPlan) -> WavePlan {
    WavePlan {
        id: WaveId::new(),
        name: "Wave".into(),
        layer,
        timing,
        open_minutes: 60,
        grace_minutes: None,
        remind_minutes_before_end: Some(15),
        audience: Audience::default(),
        tasks: vec![task],
    }
}

fn at_nine() -> Timing {
    Timing::At { local: "2026-11-27T09:00:00".parse().unwrap(), zone: "Asia/Jakarta".into() }
}

/// Four layers: publish, create, rephrase, share.
fn good() -> CampaignContent {
    let main = wave(Layer::Main, at_nine(), task(Action::Publish, TargetPlan::Message));
    let source = main.id;
    let post = TargetPlan::PostOf { wave_id: source };
    let cascade = Timing::Cascade { wave_id: source, minutes: 5 };
    let opinion = wave(Layer::Opinion, Timing::After { wave_id: source, minutes: 30 }, task(Action::Create, TargetPlan::Message));
    let talk = wave(Layer::Conversation, cascade.clone(), task(Action::Rephrase, post.clone()));
    let mut share = task(Action::Share, post);
    share.variants = vec![VariantPlan { id: VariantId::new(), locale: Locale::Id, text: "Kelas gratis dibuka.".into() }];
    CampaignContent {
        title: "Financial literacy week".into(),
        message: "The classes are open to everybody until 5 December.".into(),
        facts: vec![Fact { text: "Free of charge".into(), source_url: "https://example.go.id/classes".into() }],
        avoid: vec!["Promising returns".into()],
        paid: false,
        waves: vec![main, opinion, talk, wave(Layer::Advocacy, cascade, share)],
    }
}

fn codes(change: impl FnOnce(&mut CampaignContent)) -> Vec<(String, &'static str)> {
    let mut content = good();
    change(&mut content);
    check(&content, &[]).into_iter().map(|f| (f.path, f.code)).collect()
}

#[test]
fn a_good_campaign_has_no_faults() {
    assert_eq!(check(&good(), &[]), []);
}

#[test]
fn each_fault_is_named_by_its_path() {
    let one = |path: &str, code: &'static str| vec![(path.to_owned(), code)];
    assert_eq!(codes(|c| c.title = " ".into()), one("title", "content.empty"));
    assert_eq!(codes(|c| c.title = "a\nb".into()), one("title", "content.line_break"));
    assert_eq!(codes(|c| c.message = "One. Two.".into()), one("message", "campaign.message_not_one_sentence"));
    assert_eq!(codes(|c| c.message = "x".repeat(281)), one("message", "content.too_long"));
    assert_eq!(codes(|c| c.message = "a\u{202E}b".into()), one("message", "content.control_character"));
    assert_eq!(codes(|c| c.facts[0].source_url = "http://a.id".into()), one("facts[0].source_url", "fact.source_not_https"));
    assert_eq!(codes(|c| c.waves.clear()), one("waves", "campaign.no_waves"));
    assert_eq!(codes(|c| c.waves[1].open_minutes = 5)[0], ("waves[1].open_minutes".into(), "wave.open_minutes"));
    assert_eq!(codes(|c| c.waves[0].tasks.clear())[0], ("waves[0].tasks".into(), "wave.no_tasks"));
    assert_eq!(codes(|c| c.waves[3].audience.sample = Some(0)), one("waves[3].audience.sample", "audience.sample"));
    let zone = Timing::At { local: "2026-11-27T09:00:00".parse().unwrap(), zone: "Asia/Jakrata".into() };
    assert_eq!(codes(|c| c.waves[0].timing = zone), one("waves[0].timing.zone", "zone.unknown"));
}

#[test]
fn kinds_actions_and_targets_follow_the_tables() {
    let has = |found: Vec<(String, &'static str)>, code: &str| found.iter().any(|(_, c)| *c == code);
    assert!(has(codes(|c| c.waves[3].tasks[0].action = Action::Publish), "account.action_not_for_kind"));
    assert!(has(codes(|c| c.waves[3].tasks[0].target = TargetPlan::Message), "target.not_for_this_layer"));
    assert!(has(codes(|c| c.waves[3].audience.kinds = vec![AccountKind::Official]), "audience.kind_of_other_layer"));
    assert!(has(codes(|c| c.waves[3].tasks[0].platform = Platform::Tiktok), "target.other_platform"));
    assert!(has(codes(|c| c.waves.swap(0, 3)), "target.not_an_earlier_wave"));
    assert!(has(codes(|c| c.waves.swap(0, 3)), "wave.not_an_earlier_wave"));
    let twice = |c: &mut CampaignContent| {
        let task = c.waves[0].tasks[0].clone();
        c.waves[0].tasks.push(task);
    };
    assert!(has(codes(twice), "wave.platform_twice"));
    assert!(has(codes(twice), "content.repeated_id"));
    let like = |c: &mut CampaignContent| {
        c.waves[3].tasks[0].action = Action::Like;
        c.waves[3].tasks[0].evidence_required = true;
    };
    assert!(has(codes(like), "task.no_evidence_possible"));
    assert!(has(codes(like), "task.no_text"));
    let faults = check(&good(), &[Action::Share]);
    assert_eq!(faults.iter().map(|f| f.code).collect::<Vec<_>>(), ["action.switched_off"]);
}
