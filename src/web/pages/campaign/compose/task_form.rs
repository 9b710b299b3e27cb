//! A wave's task as it stands in the form, with its suggested texts.

use super::basics_form::remove;
use crate::domain::content::{TargetPlan, TaskPlan, VariantPlan};
use crate::domain::id::{TaskId, VariantId};
use crate::domain::kind::Action;
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;
use crate::service::FieldError;
use crate::web::extract::Fields;

/// A task in the form.
#[derive(Debug, Clone, Default)]
pub struct TaskForm {
    /// Its id, kept over edits.
    pub id: String,
    /// On which platform.
    pub platform: String,
    /// What to do.
    pub action: String,
    /// What it points at: `message`, `wave:<id>`, `post:<id>` or `claim:<id>`.
    pub target: String,
    /// How.
    pub brief: String,
    /// Whether *Done* needs an address.
    pub evidence: bool,
    /// Whether it asks for the member's own words.
    pub own_words: bool,
    /// Suggested texts.
    pub variants: Vec<VariantForm>,
}

/// A suggested text in the form.
#[derive(Debug, Clone, Default)]
pub struct VariantForm {
    /// Its id, kept over edits.
    pub id: String,
    /// Its language.
    pub locale: String,
    /// The text.
    pub text: String,
}

impl VariantForm {
    /// An empty one in a language.
    #[must_use]
    pub fn blank(locale: Locale) -> Self {
        Self { id: String::new(), locale: locale.to_string(), text: String::new() }
    }
}

/// A target's word in the form.
#[must_use]
pub fn target_word(target: &TargetPlan) -> String {
    match target {
        TargetPlan::Message => "message".to_owned(),
        TargetPlan::PostOf { wave_id } => format!("wave:{wave_id}"),
        TargetPlan::Post { post_id } => format!("post:{post_id}"),
        TargetPlan::Claim { claim_id, .. } => format!("claim:{claim_id}"),
    }
}

/// The target that a word of the form stands for.
#[must_use]
pub fn read_target(word: &str) -> Option<TargetPlan> {
    match word.split_once(':') {
        None => (word == "message").then_some(TargetPlan::Message),
        Some(("wave", id)) => Some(TargetPlan::PostOf { wave_id: id.parse().ok()? }),
        Some(("post", id)) => Some(TargetPlan::Post { post_id: id.parse().ok()? }),
        Some(("claim", id)) => Some(TargetPlan::Claim { claim_id: id.parse().ok()?, words: None }),
        Some(_) => None,
    }
}

impl TaskForm {
    /// The form of a task as it is stored.
    #[must_use]
    pub fn of(task: &TaskPlan) -> Self {
        let variant = |v: &VariantPlan| VariantForm { id: v.id.to_string(), locale: v.locale.to_string(), text: v.text.clone() };
        Self {
            id: task.id.to_string(),
            platform: task.platform.to_string(),
            action: task.action.to_string(),
            target: target_word(&task.target),
            brief: task.brief.clone(),
            evidence: task.evidence_required,
            own_words: task.own_words,
            variants: task.variants.iter().map(variant).collect(),
        }
    }
    /// The `i`-th task of a form as it was typed.
    #[must_use]
    pub fn read(fields: &Fields, i: usize) -> Self {
        let at = |field: &str| format!("tasks-{i}-{field}");
        let text = |field: &str| fields.get(&at(field)).to_owned();
        let variant = |j: usize| VariantForm {
            id: text(&format!("variants-{j}-id")),
            locale: text(&format!("variants-{j}-locale")),
            text: text(&format!("variants-{j}-text")),
        };
        Self {
            id: text("id"),
            platform: text("platform"),
            action: text("action"),
            target: text("target"),
            brief: text("brief"),
            evidence: fields.is_set(&at("evidence_required")),
            own_words: fields.is_set(&at("own_words")),
            variants: (0..fields.rows(&at("variants"))).map(variant).collect(),
        }
    }
    /// Adds or removes a suggested text: `add-variant` or `remove-variant-<n>`.
    pub fn change(&mut self, act: &str, locale: Locale) -> bool {
        if act == "add-variant" {
            self.variants.push(VariantForm::blank(locale));
            return true;
        }
        act.strip_prefix("remove-variant-").is_some_and(|n| remove(&mut self.variants, n))
    }
    /// The platform, where it can be read.
    #[must_use]
    pub fn on(&self) -> Option<Platform> {
        Platform::parse(&self.platform).ok()
    }
    /// Whether suggested texts make sense for what is asked.
    #[must_use]
    pub fn has_text(&self) -> bool {
        Action::parse(&self.action).map_or(true, Action::has_text)
    }
    /// Leaves out texts in which nothing was written.
    pub fn tidy(&mut self) {
        self.variants.retain(|variant| !variant.text.trim().is_empty());
    }
    /// The task, or the faults of what can't be read; `path` is its place in the content.
    ///
    /// # Errors
    /// One fault a field.
    pub fn plan(&self, path: &str) -> Result<TaskPlan, Vec<FieldError>> {
        let unread = |field: &str| vec![FieldError::new(format!("{path}.{field}"), "choice.missing", "Choose one of the list")];
        let mut variants = Vec::with_capacity(self.variants.len());
        for (j, variant) in self.variants.iter().enumerate() {
            let locale = Locale::parse(&variant.locale).map_err(|_| unread(&format!("variants[{j}].locale")))?;
            let text = variant.text.trim().replace("\r\n", "\n");
            variants.push(VariantPlan { id: variant.id.parse().unwrap_or_else(|_| VariantId::new()), locale, text });
        }
        Ok(TaskPlan {
            id: self.id.parse().unwrap_or_else(|_| TaskId::new()),
            platform: self.on().ok_or_else(|| unread("platform"))?,
            action: Action::parse(&self.action).map_err(|_| unread("action"))?,
            brief: self.brief.trim().replace("\r\n", "\n"),
            target: read_target(&self.target).ok_or_else(|| unread("target"))?,
            own_words: self.own_words,
            evidence_required: self.evidence,
            variants,
        })
    }
}
