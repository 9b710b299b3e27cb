//! How a command ends: what it says on stderr, and its exit code.

use std::process::ExitCode;

use crate::app::BuildError;
use crate::config::ConfigError;
use crate::service::ServiceError;
use crate::store::StoreError;

/// How a command that ran to its end came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is well: 0.
    Done,
    /// It was reported that something is not: 1.
    Faulty,
    /// `gaung ledger verify`: it contradicts what was signed before: 2.
    Contradicts,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Faulty => Self::from(1),
            Outcome::Contradicts => Self::from(2),
        }
    }
}

/// Why a command could not do what it was asked to. Says what and what to do, never a secret.
#[derive(Debug)]
pub enum Failure {
    /// What was given is refused or has faults: 1.
    Refused(anyhow::Error),
    /// The configuration, the database or the machine does not allow it: 3.
    Environment(anyhow::Error),
    /// A mail server asked, and reads a code of sysexits.h.
    Sysexit {
        /// The code.
        code: u8,
        /// Why.
        error: anyhow::Error,
    },
}

impl Failure {
    /// What was given is refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused(anyhow::Error::msg(message.into()))
    }
    /// The surroundings do not allow it.
    pub fn environment(message: impl Into<String>) -> Self {
        Self::Environment(anyhow::Error::msg(message.into()))
    }
    /// Why.
    #[must_use]
    pub fn into_error(self) -> anyhow::Error {
        match self {
            Self::Refused(error) | Self::Environment(error) | Self::Sysexit { error, .. } => error,
        }
    }
    /// Says so, and gives the exit code.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        let (code, error) = match self {
            Self::Refused(error) => (1, error),
            Self::Environment(error) => (3, error),
            Self::Sysexit { code, error } => (*code, error),
        };
        super::output::complain(&format!("gaung: {}", whole(error)));
        ExitCode::from(code)
    }
}

/// The error with its causes; a cause that the error repeats already is left out.
fn whole(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Environment(error.into())
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::Environment(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Environment(error.into())
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Invalid(faults) => {
                let lines = faults.iter().map(|fault| match fault.field.as_str() {
                    "" => fault.message.clone(),
                    field => format!("{field}: {}", fault.message),
                });
                Self::refused(lines.collect::<Vec<_>>().join("\n       "))
            }
            ServiceError::Busy { .. } => {
                Self::environment("the database is busy or does not answer; try again, or run `gaung doctor`")
            }
            ServiceError::Internal(why) => Self::environment(format!("an internal error: {why}")),
            other => Self::Refused(other.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use anyhow::Context as _;

    use super::*;
    use crate::service::FieldError;

    #[test]
    fn faults_of_the_input_are_refusals_that_name_their_fields_and_faults_of_the_service_are_not() {
        let faults = vec![FieldError::new("email", "e", "is no address"), FieldError::new("", "x", "is too much")];
        let Failure::Refused(error) = Failure::from(ServiceError::Invalid(faults)) else { panic!("not a refusal") };
        assert_eq!(error.to_string(), "email: is no address\n       is too much");
        assert!(matches!(Failure::from(ServiceError::NotFound("the unit")), Failure::Refused(_)));
        assert!(matches!(Failure::from(ServiceError::Busy { retry_after_s: 1 }), Failure::Environment(_)));
        assert!(matches!(Failure::from(StoreError::Busy), Failure::Environment(_)));
    }

    #[test]
    fn each_cause_is_told_once() {
        let error = Err::<(), _>(StoreError::Down("disk full".into())).context("can't copy").unwrap_err();
        assert_eq!(whole(&error), "can't copy: the database failed: disk full");
        let error = anyhow::Error::from(StoreError::Busy).context("the database is busy, again");
        assert_eq!(whole(&error), "the database is busy, again");
    }
}
