//! A wave as it stands in its form: every field a text, whether or not it can be read.

use super::task_form::{TaskForm, VariantForm};
use crate::domain::audience::Audience;
use crate::domain::content::WavePlan;
use crate::domain::kind::{AccountKind, Layer};
use crate::domain::locale::Locale;
use crate::domain::text_enum::TextEnum as _;
use crate::domain::wave::Timing;
use crate::web::extract::Fields;

/// A length of time in the form: a number and its unit, `minutes`, `hours` or `days`.
#[derive(Debug, Clone, Default)]
pub struct LengthForm {
    /// The number, as typed.
    pub n: String,
    /// The unit.
    pub unit: String,
}

impl LengthForm {
    /// So many minutes, in the largest unit that divides them.
    #[must_use]
    pub fn of(minutes: u32) -> Self {
        let (n, unit) = match minutes {
            0 => (0, "minutes"),
            m if m % 1440 == 0 => (m / 1440, "days"),
            m if m % 60 == 0 => (m / 60, "hours"),
            m => (m, "minutes"),
        };
        Self { n: n.to_string(), unit: unit.to_owned() }
    }
    fn read(fields: &Fields, name: &str) -> Self {
        let text = |part: &str| fields.get(&format!("{name}-{part}")).to_owned();
        Self { n: text("n"), unit: text("unit") }
    }
    /// The minutes; none where the number can't be read.
    #[must_use]
    pub fn minutes(&self) -> Option<u32> {
        let n: u32 = self.n.trim().parse().ok()?;
        n.checked_mul(match self.unit.as_str() {
            "days" => 1440,
            "hours" => 60,
            _ => 1,
        })
    }
    /// Whether nothing was typed.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.n.trim().is_empty()
    }
}

/// The units of a length, as the form names them.
pub const LENGTH_UNITS: [&str; 3] = ["minutes", "hours", "days"];

/// Whom a wave asks, as it stands in the form.
#[derive(Debug, Clone, Default)]
pub struct AudienceForm {
    /// Units that are in, by id.
    pub units: Vec<String>,
    /// Units that are out.
    pub exclude_units: Vec<String>,
    /// Kinds of account.
    pub kinds: Vec<String>,
    /// Languages, separated by commas.
    pub languages: String,
    /// Topics, separated by commas.
    pub topics: String,
    /// The least number of followers.
    pub min_followers: String,
    /// Handles of accounts that are left out, one a line.
    pub exclude_accounts: String,
    /// Ask only so many.
    pub sample: String,
    /// At most so many tasks a person a week.
    pub weekly_cap: String,
}

/// A wave in the form.
#[derive(Debug, Clone, Default)]
pub struct WaveForm {
    /// The version of the campaign that the form is of.
    pub version: String,
    /// Its name.
    pub name: String,
    /// Its layer's number.
    pub layer: String,
    /// How it is timed: `at`, `after` or `cascade`.
    pub when: String,
    /// The wall-clock time.
    pub local: String,
    /// The zone of that time.
    pub zone: String,
    /// The wave it waits for.
    pub source: String,
    /// How long after that.
    pub delay: LengthForm,
    /// How long people have.
    pub open: LengthForm,
    /// How long before the end people are reminded.
    pub remind: LengthForm,
    /// How late it may open.
    pub grace: LengthForm,
    /// Whom it asks.
    pub audience: AudienceForm,
    /// What it asks.
    pub tasks: Vec<TaskForm>,
}

fn number(number: Option<u32>) -> String {
    number.map(|n| n.to_string()).unwrap_or_default()
}

fn audience(rule: &Audience, excluded: &[String]) -> AudienceForm {
    AudienceForm {
        units: rule.units.iter().map(ToString::to_string).collect(),
        exclude_units: rule.exclude_units.iter().map(ToString::to_string).collect(),
        kinds: rule.kinds.iter().map(ToString::to_string).collect(),
        languages: rule.languages.join(", "),
        topics: rule.topics.join(", "),
        min_followers: number(rule.min_followers),
        exclude_accounts: excluded.join("\n"),
        sample: number(rule.sample),
        weekly_cap: number(rule.weekly_cap),
    }
}

impl WaveForm {
    /// The form of a wave as it is stored; `excluded` are the handles of the accounts it leaves out, `zone` the sponsor unit's.
    #[must_use]
    pub fn of(wave: &WavePlan, excluded: &[String], zone: &str, version: i32) -> Self {
        let mut form = Self {
            version: version.to_string(),
            name: wave.name.clone(),
            layer: wave.layer.to_string(),
            zone: zone.to_owned(),
            open: LengthForm::of(wave.open_minutes),
            remind: wave.remind_minutes_before_end.map(LengthForm::of).unwrap_or_default(),
            grace: wave.grace_minutes.map(LengthForm::of).unwrap_or_default(),
            audience: audience(&wave.audience, excluded),
            tasks: wave.tasks.iter().map(TaskForm::of).collect(),
            ..Self::default()
        };
        match &wave.timing {
            Timing::At { local, zone } => {
                form.when = "at".to_owned();
                form.local = local.format("%Y-%m-%dT%H:%M").to_string();
                form.zone.clone_from(zone);
            }
            Timing::After { wave_id, minutes } => {
                (form.when, form.source, form.delay) = ("after".to_owned(), wave_id.to_string(), LengthForm::of(*minutes));
            }
            Timing::Cascade { wave_id, minutes } => {
                (form.when, form.source, form.delay) = ("cascade".to_owned(), wave_id.to_string(), LengthForm::of(*minutes));
            }
        }
        form
    }
    /// The form as it was typed.
    #[must_use]
    pub fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).to_owned();
        let all = |name: &str| fields.all(name).map(str::to_owned).collect::<Vec<_>>();
        Self {
            version: text("version"),
            name: text("name"),
            layer: text("layer"),
            when: text("when"),
            local: text("local"),
            zone: text("zone"),
            source: text("source"),
            delay: LengthForm::read(fields, "delay"),
            open: LengthForm::read(fields, "open"),
            remind: LengthForm::read(fields, "remind"),
            grace: LengthForm::read(fields, "grace"),
            audience: AudienceForm {
                units: all("units"),
                exclude_units: all("exclude_units"),
                kinds: all("kinds"),
                languages: text("languages"),
                topics: text("topics"),
                min_followers: text("min_followers"),
                exclude_accounts: text("exclude_accounts"),
                sample: text("sample"),
                weekly_cap: text("weekly_cap"),
            },
            tasks: (0..fields.rows("tasks")).map(|i| TaskForm::read(fields, i)).collect(),
        }
    }
    /// Changes the form where that is what the pressed button asks for; says where the reader goes on.
    pub fn change(&mut self, act: &str, locale: Locale, new_task: impl FnOnce(&Self) -> TaskForm) -> Option<String> {
        match act.split_once(':') {
            None if act == "add-task" => {
                let task = new_task(self);
                self.tasks.push(task);
                Some(format!("tasks-{}-platform", self.tasks.len() - 1))
            }
            None if act == "layer" => {
                let layer = self.layer();
                self.audience.kinds.retain(|kind| AccountKind::parse(kind).ok().map(AccountKind::layer) == layer);
                Some("layer".to_owned())
            }
            Some(("remove-task", n)) => super::basics_form::remove(&mut self.tasks, n).then(|| "tasks".to_owned()),
            Some((n, act)) => {
                let i: usize = n.parse().ok()?;
                let task = self.tasks.get_mut(i)?;
                if act == "action" {
                    return Some(format!("tasks-{i}-action"));
                }
                task.change(act, locale).then(|| match task.variants.len() {
                    0 => format!("tasks-{i}-action"),
                    n => format!("tasks-{i}-variants-{}-text", n - 1),
                })
            }
            None => None,
        }
    }
    /// Leaves out texts in which nothing was written.
    pub fn tidy(&mut self) {
        self.tasks.iter_mut().for_each(TaskForm::tidy);
    }
    /// Gives a task without suggested texts one to begin with.
    pub fn pad(&mut self, locale: Locale) {
        for task in self.tasks.iter_mut().filter(|task| task.variants.is_empty() && task.has_text()) {
            task.variants.push(VariantForm::blank(locale));
        }
    }
    /// The layer, where it can be read.
    #[must_use]
    pub fn layer(&self) -> Option<Layer> {
        Layer::parse(&self.layer).ok()
    }
}
