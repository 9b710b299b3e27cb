//! Faults of an input, collected field by field, so that a person hears of all of them at once.

use super::error::{FieldError, ServiceError};

/// A fault in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field's name.
    pub field: &'static str,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub fn add(&mut self, field: &'static str, code: &'static str, message: impl Into<String>) {
        self.0.push(Fault { field, code, message: message.into() });
    }
    /// The value that was read, or a fault in `field` where it could not be.
    pub fn take<T, E: std::error::Error>(
        &mut self,
        field: &'static str,
        read: Result<T, E>,
        code: impl FnOnce(&E) -> &'static str,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(field, code(&error), error.to_string());
                None
            }
        }
    }
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The faults, in the order in which they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
    /// The whole input, if every field was right.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with every fault.
    pub fn finish<T>(self, whole: Option<T>) -> Result<T, ServiceError> {
        match whole {
            Some(whole) if self.is_empty() => Ok(whole),
            _ => Err(ServiceError::Invalid(self.0.into_iter().map(|f| FieldError::new(f.field, f.code, f.message)).collect())),
        }
    }
}
