//! What a campaign's content must satisfy before it can be submitted. Every fault is found at once, each with its path.

use std::collections::HashSet;

use super::{CampaignContent, TargetPlan, TaskPlan, WavePlan};
use crate::domain::kind::{AccountKind, Action};
use crate::domain::refusal::Refusal as _;
use crate::domain::target::{TargetClass, TargetRefusal, may_target};
use crate::domain::wave::Timing;
use crate::domain::zone;

/// A fault in the content: where, a stable code, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFault {
    /// A JSON-path-like place, e.g. `waves[1].tasks[0].brief`.
    pub path: String,
    /// A stable code.
    pub code: &'static str,
    /// One sentence for people.
    pub message: String,
}

const TITLE_CHARS: usize = 120;
const MESSAGE_CHARS: usize = 280;
const TEXT_CHARS: usize = 5_000;
const LIST_ITEMS: usize = 50;
/// A wave stays open for at least a quarter of an hour and at most 90 days.
const OPEN_MINUTES: std::ops::RangeInclusive<u32> = 15..=129_600;

struct Checker<'a> {
    content: &'a CampaignContent,
    switched_off: &'a [Action],
    faults: Vec<ContentFault>,
}

impl Checker<'_> {
    fn add(&mut self, path: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.faults.push(ContentFault { path: path.into(), code, message: message.into() });
    }
    fn text(&mut self, path: impl Into<String>, text: &str, max: usize) {
        let path = path.into();
        if text.trim().is_empty() {
            self.add(path, "content.empty", "Write something here");
        } else if text.chars().count() > max {
            self.add(path, "content.too_long", format!("Use at most {max} characters"));
        } else if text.chars().any(|c| c == '\0' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || is_bidi(c)) {
            self.add(path, "content.control_character", "Remove invisible control characters");
        }
    }
}

/// Explicit bidirectional formatting characters (Unicode TR 9), which can make a text read otherwise than it is.
const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Every fault in the content; empty when it may be submitted. `switched_off` are actions that the organisation does not use.
#[must_use]
pub fn check(content: &CampaignContent, switched_off: &[Action]) -> Vec<ContentFault> {
    let mut faults = Checker { content, switched_off, faults: Vec::new() };
    faults.text("title", &content.title, TITLE_CHARS);
    if content.title.contains(['\n', '\r']) {
        faults.add("title", "content.line_break", "The title is a single line");
    }
    faults.text("message", &content.message, MESSAGE_CHARS);
    if is_several_sentences(&content.message) {
        faults.add("message", "campaign.message_not_one_sentence", "Say the message in a single sentence");
    }
    for (i, fact) in content.facts.iter().enumerate() {
        faults.text(format!("facts[{i}].text"), &fact.text, 500);
        let https = url::Url::parse(&fact.source_url).is_ok_and(|u| u.scheme() == "https" && u.host_str().is_some());
        if !https {
            faults.add(format!("facts[{i}].source_url"), "fact.source_not_https", "Give the source as a full https address");
        }
    }
    for (i, item) in content.avoid.iter().enumerate() {
        faults.text(format!("avoid[{i}]"), item, 500);
    }
    for (name, len) in [("facts", content.facts.len()), ("avoid", content.avoid.len()), ("waves", content.waves.len())] {
        if len > LIST_ITEMS {
            faults.add(name, "content.too_many", format!("Use at most {LIST_ITEMS}"));
        }
    }
    if content.waves.is_empty() {
        faults.add("waves", "campaign.no_waves", "Add at least one wave");
    }
    faults.ids();
    for (i, wave) in content.waves.iter().enumerate() {
        faults.wave(i, wave);
    }
    faults.faults
}

/// A full stop, question or exclamation mark followed by a space and a capital or digit starts another sentence.
fn is_several_sentences(text: &str) -> bool {
    let text = text.trim();
    if text.contains('\n') {
        return true;
    }
    let chars: Vec<char> = text.chars().collect();
    chars.windows(3).any(|w| matches!(w, [end, gap, next] if ".!?".contains(*end) && gap.is_whitespace() && next.is_uppercase()))
}

impl Checker<'_> {
    fn ids(&mut self) {
        let content = self.content;
        let mut seen = HashSet::new();
        let waves = content.waves.iter().map(|w| w.id.uuid());
        let tasks = content.tasks().map(|(_, t)| t.id.uuid());
        let variants = content.tasks().flat_map(|(_, t)| t.variants.iter().map(|v| v.id.uuid()));
        if !waves.chain(tasks).chain(variants).all(|id| seen.insert(id)) {
            self.add("waves", "content.repeated_id", "Two waves, tasks or variants have the same id; leave ids of new ones out");
        }
    }

    fn wave(&mut self, i: usize, wave: &WavePlan) {
        let at = |field: &str| format!("waves[{i}].{field}");
        self.text(at("name"), &wave.name, TITLE_CHARS);
        if !OPEN_MINUTES.contains(&wave.open_minutes) {
            self.add(at("open_minutes"), "wave.open_minutes", "A wave stays open for 15 minutes to 90 days");
        }
        if wave.remind_minutes_before_end.is_some_and(|m| m == 0 || m >= wave.open_minutes) {
            self.add(at("remind_minutes_before_end"), "wave.reminder", "The reminder comes after the opening and before the end");
        }
        match &wave.timing {
            Timing::At { zone: name, .. } => {
                if let Err(error) = zone::parse(name) {
                    self.add(at("timing.zone"), "zone.unknown", error.to_string());
                }
            }
            Timing::After { wave_id, .. } | Timing::Cascade { wave_id, .. } => {
                if self.content.waves.iter().take(i).all(|w| w.id != *wave_id) {
                    self.add(at("timing.wave_id"), "wave.not_an_earlier_wave", "A wave waits for one that stands before it");
                }
            }
        }
        for kind in &wave.audience.kinds {
            if kind.layer() != wave.layer {
                self.add(
                    at("audience.kinds"),
                    "audience.kind_of_other_layer",
                    format!("{kind} accounts are not of layer {}", wave.layer),
                );
            }
        }
        if wave.audience.sample == Some(0) {
            self.add(at("audience.sample"), "audience.sample", "A sample has at least one account");
        }
        if wave.tasks.is_empty() {
            self.add(at("tasks"), "wave.no_tasks", "Add at least one task");
        }
        let mut platforms = HashSet::new();
        for (j, task) in wave.tasks.iter().enumerate() {
            if !platforms.insert(task.platform) {
                self.add(
                    at(&format!("tasks[{j}].platform")),
                    "wave.platform_twice",
                    "A wave has one task a platform; use another wave",
                );
            }
            self.task((i, wave), (j, task));
        }
    }

    fn task(&mut self, (i, wave): (usize, &WavePlan), (j, task): (usize, &TaskPlan)) {
        let at = |field: &str| format!("waves[{i}].tasks[{j}].{field}");
        self.text(at("brief"), &task.brief, TEXT_CHARS);
        let kinds: Vec<_> = if wave.audience.kinds.is_empty() {
            AccountKind::of_layer(wave.layer).collect()
        } else {
            wave.audience.kinds.clone()
        };
        if let Some(kind) = kinds.iter().find(|k| !k.may(task.action)) {
            self.add(at("action"), "account.action_not_for_kind", format!("{kind} accounts may not be asked to {}", task.action));
        }
        if self.switched_off.contains(&task.action) {
            self.add(at("action"), "action.switched_off", format!("This organisation does not use {}", task.action));
        }
        if task.evidence_required && !task.action.leaves_address() {
            self.add(at("evidence_required"), "task.no_evidence_possible", "A like leaves no address, so none can be required");
        }
        self.plan_target((i, wave), task, &at("target"));
        if !task.action.has_text() && !task.variants.is_empty() {
            self.add(at("variants"), "task.no_text", "A like has no text");
        }
        if task.variants.len() > LIST_ITEMS {
            self.add(at("variants"), "content.too_many", format!("Use at most {LIST_ITEMS}"));
        }
        for (k, variant) in task.variants.iter().enumerate() {
            self.text(at(&format!("variants[{k}].text")), &variant.text, TEXT_CHARS);
        }
    }

    /// Checks what the document alone can tell; registered posts and claims are looked up by the service.
    fn plan_target(&mut self, (i, wave): (usize, &WavePlan), task: &TaskPlan, path: &str) {
        let refusal = match &task.target {
            TargetPlan::Message if !may_target(wave.layer, TargetClass::Message) => Some(TargetRefusal::NotForThisLayer),
            TargetPlan::Claim { .. } if !may_target(wave.layer, TargetClass::Claim) => Some(TargetRefusal::NotForThisLayer),
            TargetPlan::PostOf { wave_id } => match self.content.waves.iter().take(i).find(|w| w.id == *wave_id) {
                None => Some(TargetRefusal::NotAnEarlierWave),
                Some(source) if !may_target(wave.layer, TargetClass::Post(source.layer)) => Some(TargetRefusal::NotForThisLayer),
                Some(source) if !task.action.crosses_platforms() && source.tasks.iter().all(|t| t.platform != task.platform) => {
                    Some(TargetRefusal::OtherPlatform)
                }
                Some(_) => None,
            },
            TargetPlan::Message | TargetPlan::Claim { .. } | TargetPlan::Post { .. } => None,
        };
        if let Some(refusal) = refusal {
            self.add(path, refusal.code(), refusal.to_string());
        }
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
