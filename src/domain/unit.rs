//! Units: the code by which files and people name one, and what the tree of units does not allow.

use unicode_normalization::UnicodeNormalization;

/// The longest code, in characters.
pub const MAX_CODE_CHARACTERS: usize = 40;

crate::refusals! {
    /// Why a unit may not be placed somewhere.
    pub enum UnitRefusal {
        /// It would be above itself.
        Cycle = "unit.cycle": "A unit cannot be moved below itself or below one of its own units",
    }
}

/// Why a code is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitCodeError {
    /// Nothing was given.
    #[error("the unit code is empty; give a short code such as DJP-KANWIL-03")]
    Empty,
    /// Too many characters.
    #[error("the unit code has {characters} characters; at most 40 are allowed")]
    TooLong {
        /// How many there are.
        characters: usize,
    },
    /// A character outside the list.
    #[error("the unit code holds {character:?}; letters A to Z, digits and . - _ / are allowed")]
    Character {
        /// The character.
        character: char,
    },
}

impl UnitCodeError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "unit_code.empty",
            Self::TooLong { .. } => "unit_code.too_long",
            Self::Character { .. } => "unit_code.character",
        }
    }
}

/// A unit's code, as entered and as compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnitCode {
    entered: String,
    normalised: String,
}

impl UnitCode {
    /// Reads a code; spaces around it are dropped.
    ///
    /// # Errors
    /// [`UnitCodeError`] says what was wrong.
    pub fn parse(input: &str) -> Result<Self, UnitCodeError> {
        let entered: String = input.trim().nfkc().take(4 * MAX_CODE_CHARACTERS).collect();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        if let Some(character) = entered.chars().find(|&c| !allowed(c)) {
            return Err(UnitCodeError::Character { character });
        }
        match entered.len() {
            0 => Err(UnitCodeError::Empty),
            1..=MAX_CODE_CHARACTERS => Ok(Self { normalised: entered.to_ascii_uppercase(), entered }),
            characters => Err(UnitCodeError::TooLong { characters }),
        }
    }
    /// The code as entered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.entered
    }
    /// The form by which two codes are the same: NFKC, upper case.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_compare_without_case() {
        let code = UnitCode::parse(" djp-Kanwil/03 ").map(|c| (c.as_str().to_owned(), c.normalised().to_owned()));
        assert_eq!(code, Ok(("djp-Kanwil/03".into(), "DJP-KANWIL/03".into())));
        for (input, expected) in [
            ("", "unit_code.empty"),
            ("a b", "unit_code.character"),
            ("A\u{200d}", "unit_code.character"),
            (&"x".repeat(41), "unit_code.too_long"),
        ] {
            assert_eq!(UnitCode::parse(input).map_err(|e| e.code()), Err(expected), "{input}");
        }
    }
}
