//! The faults of a form, said in the reader's language: once in the summary and in the same words at the field.

use super::view::View;
use crate::service::FieldError;

/// What was wrong with what was typed.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

/// One fault.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The field's name, which is also its id on the page; empty when it concerns the whole form.
    pub field: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl Faults {
    /// The faults that a use case found.
    #[must_use]
    pub fn new(v: &View, errors: &[FieldError]) -> Self {
        Self(errors.iter().map(|e| Fault { field: e.field.clone(), text: v.refusal(&e.code, &e.message) }).collect())
    }
    /// One fault, in words that are the reader's already.
    pub fn one(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self(vec![Fault { field: field.into(), text: text.into() }])
    }
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// All of them, for the summary.
    #[must_use]
    pub fn all(&self) -> &[Fault] {
        &self.0
    }
    /// What is wrong with one field.
    #[must_use]
    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|fault| fault.field == field).map(|fault| fault.text.as_str())
    }
}
