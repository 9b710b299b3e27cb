//! What a campaign says, as it stands in its form: every field a text, whether or not it can be read.

use crate::domain::content::{CampaignContent, Fact};
use crate::web::extract::Fields;

/// The first page of the composer.
#[derive(Debug, Clone, Default)]
pub struct BasicsForm {
    /// The sponsoring unit; asked for a new campaign only.
    pub unit: String,
    /// The version that the form is of.
    pub version: String,
    /// The title.
    pub title: String,
    /// The one message.
    pub message: String,
    /// Each fact and its source.
    pub facts: Vec<FactForm>,
    /// What to avoid.
    pub avoid: Vec<String>,
    /// Whether anybody is paid.
    pub paid: bool,
}

/// A fact in the form.
#[derive(Debug, Clone, Default)]
pub struct FactForm {
    /// The fact.
    pub text: String,
    /// Its source.
    pub source_url: String,
}

impl FactForm {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty() && self.source_url.trim().is_empty()
    }
}

impl BasicsForm {
    /// The form of a content as it is stored.
    #[must_use]
    pub fn of(content: &CampaignContent, version: i32) -> Self {
        let fact = |fact: &Fact| FactForm { text: fact.text.clone(), source_url: fact.source_url.clone() };
        Self {
            unit: String::new(),
            version: version.to_string(),
            title: content.title.clone(),
            message: content.message.clone(),
            facts: content.facts.iter().map(fact).collect(),
            avoid: content.avoid.clone(),
            paid: content.paid,
        }
    }
    /// The form as it was typed.
    #[must_use]
    pub fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).to_owned();
        let fact = |i| FactForm { text: text(&format!("facts-{i}-text")), source_url: text(&format!("facts-{i}-source_url")) };
        Self {
            unit: text("unit"),
            version: text("version"),
            title: text("title"),
            message: text("message"),
            facts: (0..fields.rows("facts")).map(fact).collect(),
            avoid: (0..fields.rows("avoid")).map(|i| text(&format!("avoid-{i}"))).collect(),
            paid: fields.is_set("paid"),
        }
    }
    /// Adds or removes a row, where that is what the pressed button asks for; says where the reader goes on.
    pub fn change(&mut self, act: &str) -> Option<String> {
        match act.rsplit_once('-') {
            Some(("add", "fact")) => {
                self.facts.push(FactForm::default());
                Some(format!("facts-{}-text", self.facts.len() - 1))
            }
            Some(("add", "avoid")) => {
                self.avoid.push(String::new());
                Some(format!("avoid-{}", self.avoid.len() - 1))
            }
            Some(("remove-fact", n)) => remove(&mut self.facts, n).then(|| "facts".to_owned()),
            Some(("remove-avoid", n)) => remove(&mut self.avoid, n).then(|| "avoid".to_owned()),
            _ => None,
        }
    }
    /// Leaves out the rows in which nothing was written.
    pub fn tidy(&mut self) {
        self.facts.retain(|fact| !fact.is_blank());
        self.avoid.retain(|text| !text.trim().is_empty());
    }
    /// Gives an empty list one row to begin in.
    pub fn pad(&mut self) {
        if self.facts.is_empty() {
            self.facts.push(FactForm::default());
        }
        if self.avoid.is_empty() {
            self.avoid.push(String::new());
        }
    }
    /// Puts what was typed into a content.
    pub fn apply(&self, content: &mut CampaignContent) {
        let line = |text: &str| text.trim().replace("\r\n", "\n");
        content.title = line(&self.title);
        content.message = line(&self.message);
        content.facts =
            self.facts.iter().map(|f| Fact { text: line(&f.text), source_url: f.source_url.trim().to_owned() }).collect();
        content.avoid = self.avoid.iter().map(|text| line(text)).collect();
        content.paid = self.paid;
    }
}

/// Removes the row with this number, if it is there.
pub fn remove<T>(rows: &mut Vec<T>, number: &str) -> bool {
    match number.parse::<usize>() {
        Ok(n) if n < rows.len() => {
            rows.remove(n);
            true
        }
        _ => false,
    }
}
