//! Why a recurrence is refused.

/// Why a recurrence is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// Nothing was given.
    #[error("the recurrence is empty; give five fields such as 0 9 * * 1-5 (nine o'clock, Monday to Friday)")]
    Empty,
    /// More than 256 characters.
    #[error("the recurrence has {characters} characters; at most 256 are allowed")]
    TooLong {
        /// How many there are.
        characters: usize,
    },
    /// Other than five fields.
    #[error("the recurrence has {count} fields; give five: minute, hour, day of month, month, day of week")]
    Fields {
        /// How many there are.
        count: usize,
    },
    /// A field that cannot be read, or has a value that does not exist.
    #[error("the {name} field {given:?} is not right; use numbers in its range, *, lists a,b, ranges a-b or steps */n")]
    Field {
        /// The field's name.
        name: &'static str,
        /// What was given.
        given: String,
    },
    /// The fields are right one by one but not together.
    #[error("the recurrence {given:?} cannot be read; give five fields such as 0 9 * * 1-5")]
    Pattern {
        /// What was given.
        given: String,
    },
    /// More often than every 15 minutes.
    #[error("the recurrence comes due every {minutes} minutes at its closest; leave at least 15 minutes between")]
    TooOften {
        /// The shortest distance between two times, in minutes.
        minutes: u32,
    },
    /// Nothing within five years.
    #[error("the recurrence never comes due within five years; check day and month (a 31st of a short month never comes)")]
    Never,
    /// Nothing before the end.
    #[error("the recurrence never comes due between its start and its end; move the end, or change the recurrence")]
    NeverBeforeEnd,
    /// The end is before the start.
    #[error("the end is before the start; exchange them")]
    EndBeforeStart,
    /// Start or end outside the years planned for.
    #[error("the year {year} is out of range; dates from 1970 to 2099 are allowed")]
    Year {
        /// The year given.
        year: i32,
    },
}

impl RecurrenceError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "recurrence.empty",
            Self::TooLong { .. } => "recurrence.too_long",
            Self::Fields { .. } => "recurrence.fields",
            Self::Field { .. } => "recurrence.field",
            Self::Pattern { .. } => "recurrence.pattern",
            Self::TooOften { .. } => "recurrence.too_often",
            Self::Never => "recurrence.never",
            Self::NeverBeforeEnd => "recurrence.never_before_end",
            Self::EndBeforeStart => "recurrence.end_before_start",
            Self::Year { .. } => "recurrence.year",
        }
    }
}
