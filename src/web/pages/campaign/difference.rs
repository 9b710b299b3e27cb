//! A campaign's content taken apart into what people call its parts, so that two versions of it can be laid side by side.

use std::collections::HashMap;

use super::plan;
use crate::domain::content::{CampaignContent, TaskPlan, WavePlan};
use crate::domain::difference::{Difference, Part, differences};
use crate::domain::id::UnitId;
use crate::web::view::View;
use crate::web::when;

/// What changed from one content to another, in words.
#[must_use]
pub fn between(v: &View, units: &HashMap<UnitId, String>, before: &CampaignContent, after: &CampaignContent) -> Vec<Difference> {
    differences(&parts(v, units, before), &parts(v, units, after))
}

struct Parts<'a> {
    v: &'a View,
    units: &'a HashMap<UnitId, String>,
    content: &'a CampaignContent,
    parts: Vec<Part>,
}

fn parts(v: &View, units: &HashMap<UnitId, String>, content: &CampaignContent) -> Vec<Part> {
    let mut parts = Parts { v, units, content, parts: Vec::new() };
    parts.add("title".into(), v.s("composer-at-title"), &content.title);
    parts.add("message".into(), v.s("composer-at-message"), &content.message);
    for (i, fact) in content.facts.iter().enumerate() {
        let text = format!("{} ({})", fact.text, fact.source_url);
        parts.add(format!("facts.{i}"), v.a("composer-fact-n", "n", i + 1), &text);
    }
    for (i, text) in content.avoid.iter().enumerate() {
        parts.add(format!("avoid.{i}"), v.a("composer-avoid-n", "n", i + 1), text);
    }
    parts.add("paid".into(), v.s("composer-at-paid"), &parts.yes(content.paid));
    for wave in &content.waves {
        parts.wave(wave);
    }
    parts.parts
}

impl Parts<'_> {
    fn add(&mut self, key: String, label: String, text: &str) {
        self.parts.push(Part { key, label, text: text.to_owned() });
    }
    fn yes(&self, yes: bool) -> String {
        self.v.s(if yes { "composer-yes" } else { "composer-no" })
    }

    fn wave(&mut self, wave: &WavePlan) {
        let v = self.v;
        let name = v.a("composer-wave-named", "wave", &wave.name);
        let label = |field: &str| format!("{name} · {}", v.word("composer-at", field));
        let mut add = |field: &str, text: &str| {
            self.parts.push(Part { key: format!("{}.{field}", wave.id), label: label(field), text: text.to_owned() })
        };
        add("name", &wave.name);
        add("layer", &v.word("composer-layer", wave.layer));
        add("timing", &plan::timing(v, self.content, &wave.timing).0);
        let or_usual =
            |minutes: Option<u32>| minutes.map_or_else(|| v.s("composer-usual"), |m| when::length(v.locale, i64::from(m) * 60));
        add("open_minutes", &when::length(v.locale, i64::from(wave.open_minutes) * 60));
        add("remind_minutes_before_end", &or_usual(wave.remind_minutes_before_end));
        add("grace_minutes", &or_usual(wave.grace_minutes));
        self.audience(wave, &name);
        for task in &wave.tasks {
            self.task(task, &name);
        }
    }

    fn audience(&mut self, wave: &WavePlan, name: &str) {
        let (v, rule) = (self.v, &wave.audience);
        let names = |ids: &[UnitId]| {
            let names = ids.iter().map(|id| self.units.get(id).cloned().unwrap_or_else(|| id.to_string()));
            names.collect::<Vec<_>>().join(", ")
        };
        let number = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
        let kinds: Vec<String> = rule.kinds.iter().map(|kind| v.word("kind", kind)).collect();
        let fields = [
            ("units", names(&rule.units)),
            ("exclude_units", names(&rule.exclude_units)),
            ("kinds", kinds.join(", ")),
            ("languages", rule.languages.join(", ")),
            ("topics", rule.topics.join(", ")),
            ("min_followers", number(rule.min_followers)),
            ("exclude_accounts", v.many("composer-accounts-n", rule.exclude_accounts.len())),
            ("sample", number(rule.sample)),
            ("weekly_cap", number(rule.weekly_cap)),
        ];
        for (field, text) in fields {
            let label = format!("{name} · {}", v.word("composer-at", field));
            self.add(format!("{}.{field}", wave.id), label, &text);
        }
    }

    fn task(&mut self, task: &TaskPlan, wave: &str) {
        let v = self.v;
        let name = format!("{wave} · {}", v.word("platform", task.platform));
        let fields = [
            ("action", v.word("do", task.action)),
            ("target", plan::target(v, self.content, &task.target)),
            ("brief", task.brief.clone()),
            ("own_words", self.yes(task.own_words)),
            ("evidence_required", self.yes(task.evidence_required)),
        ];
        for (field, text) in fields {
            self.add(format!("{}.{field}", task.id), format!("{name} · {}", v.word("composer-at", field)), &text);
        }
        for (i, variant) in task.variants.iter().enumerate() {
            let label = format!("{name} · {}", v.a("composer-text-n", "n", i + 1));
            self.add(variant.id.to_string(), label, &format!("{} [{}]", variant.text, variant.locale));
        }
    }
}
