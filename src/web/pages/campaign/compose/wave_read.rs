//! From a wave's form to its plan: what can't be read is a fault of its field, named by its place in the content.

use chrono::NaiveDateTime;

use super::task_form::TaskForm;
use super::wave_form::{AudienceForm, LengthForm, WaveForm};
use crate::domain::audience::Audience;
use crate::domain::content::{TaskPlan, WavePlan};
use crate::domain::id::{AccountId, UnitId, WaveId};
use crate::domain::kind::AccountKind;
use crate::domain::text_enum::TextEnum as _;
use crate::domain::wave::Timing;
use crate::service::FieldError;

/// Reads a form; `i` is the wave's place in the campaign, from 0, `excluded` the accounts behind the handles it leaves out.
///
/// # Errors
/// Every field that can't be read.
pub fn plan(form: &WaveForm, id: WaveId, i: usize, excluded: Vec<AccountId>) -> Result<WavePlan, Vec<FieldError>> {
    let mut reader = Reader { at: format!("waves[{i}]"), faults: Vec::new() };
    let timing = reader.timing(form);
    let open_minutes = reader.needed("open_minutes", &form.open);
    let remind_minutes_before_end = reader.length("remind_minutes_before_end", &form.remind);
    let grace_minutes = reader.length("grace_minutes", &form.grace);
    let audience = reader.audience(&form.audience, excluded);
    let tasks: Vec<TaskPlan> = form.tasks.iter().enumerate().filter_map(|(j, task)| reader.task(j, task)).collect();
    let layer = form.layer();
    if layer.is_none() {
        reader.add("layer", "choice.missing", "Choose one of the list");
    }
    match (timing, layer) {
        (Some(timing), Some(layer)) if reader.faults.is_empty() => Ok(WavePlan {
            id,
            name: form.name.trim().to_owned(),
            layer,
            timing,
            open_minutes: open_minutes.unwrap_or_default(),
            grace_minutes,
            remind_minutes_before_end,
            audience,
            tasks,
        }),
        _ => Err(reader.faults),
    }
}

struct Reader {
    at: String,
    faults: Vec<FieldError>,
}

impl Reader {
    fn add(&mut self, field: &str, code: &str, message: &str) {
        self.faults.push(FieldError::new(format!("{}.{field}", self.at), code, message));
    }

    fn length(&mut self, field: &str, length: &LengthForm) -> Option<u32> {
        let minutes = length.minutes();
        if minutes.is_none() && !length.is_blank() {
            self.add(field, "number.unreadable", "Write a whole number");
        }
        minutes
    }

    fn needed(&mut self, field: &str, length: &LengthForm) -> Option<u32> {
        if length.is_blank() {
            self.add(field, "number.missing", "Write a number");
            return None;
        }
        self.length(field, length)
    }

    fn number(&mut self, field: &str, text: &str) -> Option<u32> {
        let text = text.trim();
        let read = text.parse().ok();
        if read.is_none() && !text.is_empty() {
            self.add(field, "number.unreadable", "Write a whole number");
        }
        read
    }

    fn timing(&mut self, form: &WaveForm) -> Option<Timing> {
        if form.when == "at" {
            let local = form.local.trim();
            let read = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
            let found = read.iter().find_map(|format| NaiveDateTime::parse_from_str(local, format).ok());
            if found.is_none() {
                self.add("timing.local", "time.unreadable", "Write the day and time like 2026-11-27T09:00");
            }
            return Some(Timing::At { local: found?, zone: form.zone.trim().to_owned() });
        }
        let Ok(wave_id) = form.source.parse() else {
            self.add("timing.wave_id", "choice.missing", "Choose one of the list");
            return None;
        };
        let minutes = if form.delay.is_blank() { Some(0) } else { self.length("timing.minutes", &form.delay) }?;
        match form.when.as_str() {
            "after" => Some(Timing::After { wave_id, minutes }),
            "cascade" => Some(Timing::Cascade { wave_id, minutes }),
            _ => {
                self.add("timing.local", "choice.missing", "Choose one of the list");
                None
            }
        }
    }

    fn audience(&mut self, form: &AudienceForm, exclude_accounts: Vec<AccountId>) -> Audience {
        let units = |ids: &[String]| ids.iter().filter_map(|id| id.parse::<UnitId>().ok()).collect::<Vec<_>>();
        let words = |text: &str| {
            let words = text.split([',', '\n', ';']).map(|word| word.trim().to_lowercase());
            words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
        };
        Audience {
            units: units(&form.units),
            exclude_units: units(&form.exclude_units),
            kinds: form.kinds.iter().filter_map(|kind| AccountKind::parse(kind).ok()).collect(),
            languages: words(&form.languages),
            topics: words(&form.topics),
            min_followers: self.number("audience.min_followers", &form.min_followers),
            exclude_accounts,
            sample: self.number("audience.sample", &form.sample),
            weekly_cap: self.number("audience.weekly_cap", &form.weekly_cap),
        }
    }

    fn task(&mut self, j: usize, task: &TaskForm) -> Option<TaskPlan> {
        match task.plan(&format!("{}.tasks[{j}]", self.at)) {
            Ok(plan) => Some(plan),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }
}

/// The handles that were typed, one a line or separated by commas.
#[must_use]
pub fn handles(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
