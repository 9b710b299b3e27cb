//! A person's name, safe in a mail header and on a page, and an employee number with its comparable form.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::character::{self, Unwanted};

/// The longest name, in characters after NFC.
pub const MAX_NAME_CHARACTERS: usize = 120;
/// The longest employee number, in characters of its normalised form.
pub const MAX_EMPLOYEE_NUMBER_CHARACTERS: usize = 40;

/// Why a name is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    /// Nothing was given.
    #[error("the name is empty; give the person's name")]
    Empty,
    /// More than 120 characters.
    #[error("the name has {characters} characters; at most 120 are allowed, so shorten it or leave out titles")]
    TooLong {
        /// How many there are.
        characters: usize,
    },
    /// A line break: in a mail header it would start a new header.
    #[error("character {position} of the name is a line break; write the name on one line")]
    LineBreak {
        /// Its position in characters, from 1.
        position: usize,
    },
    /// Another character that may not stand in a name.
    #[error("character {position} of the name is {what}; type the name anew")]
    Character {
        /// Its position in characters, from 1.
        position: usize,
        /// What it is.
        what: &'static str,
    },
    /// There is no letter in it.
    #[error("the name has no letter in it; give the person's name")]
    NoLetter,
}

impl PersonNameError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "person_name.empty",
            Self::TooLong { .. } => "person_name.too_long",
            Self::LineBreak { .. } => "person_name.line_break",
            Self::Character { .. } => "person_name.character",
            Self::NoLetter => "person_name.no_letter",
        }
    }
}

/// A person's name: 1 to 120 characters, NFC, one space between words, nothing that a mail header or a page could trip over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name; spaces around it are dropped, runs of spaces become one.
    ///
    /// # Errors
    /// [`PersonNameError`] says what was wrong, and where.
    pub fn parse(input: &str) -> Result<Self, PersonNameError> {
        let given = input.trim_matches(' ');
        for (i, c) in given.chars().enumerate() {
            let position = i + 1;
            match character::unwanted(c) {
                // Scripts such as Persian and Malayalam spell with the two joiners.
                None => {}
                Some(Unwanted::Invisible) if matches!(c, '\u{200C}' | '\u{200D}') => {}
                Some(Unwanted::LineBreak) => return Err(PersonNameError::LineBreak { position }),
                Some(why) => return Err(PersonNameError::Character { position, what: why.words() }),
            }
        }
        let name = given.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect::<String>();
        if name.is_empty() {
            return Err(PersonNameError::Empty);
        }
        let characters = name.chars().count();
        if characters > MAX_NAME_CHARACTERS {
            return Err(PersonNameError::TooLong { characters });
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(PersonNameError::NoLetter);
        }
        Ok(Self(name))
    }
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for PersonName {
    type Err = PersonNameError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

/// Why an employee number is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmployeeNumberError {
    /// Nothing was given, or only spaces, dots and dashes.
    #[error("the employee number is empty; give it, or leave the column out")]
    Empty,
    /// More than 40 characters.
    #[error("the employee number has {characters} characters; at most 40 are allowed")]
    TooLong {
        /// How many there are, without spaces, dots and dashes.
        characters: usize,
    },
    /// A character other than a letter, a digit, a space, a dot or a dash.
    #[error("the employee number has the character {character:?}; only A to Z, 0 to 9, spaces, dots and dashes are allowed")]
    Character {
        /// The character.
        character: char,
    },
    /// A spreadsheet turned the number into something like 1.99E+17.
    #[error("the employee number {given:?} was rounded by a spreadsheet; format the column as text and enter the number again")]
    Rounded {
        /// The value as given.
        given: String,
    },
}

impl EmployeeNumberError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "employee_number.empty",
            Self::TooLong { .. } => "employee_number.too_long",
            Self::Character { .. } => "employee_number.character",
            Self::Rounded { .. } => "employee_number.rounded",
        }
    }
}

/// The number by which an institution knows an employee (in Indonesia the 18-digit NIP).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmployeeNumber {
    entered: String,
    normalised: String,
}

impl EmployeeNumber {
    /// Reads an employee number.
    ///
    /// # Errors
    /// [`EmployeeNumberError`] says what was wrong.
    pub fn parse(input: &str) -> Result<Self, EmployeeNumberError> {
        let entered = input.trim();
        let mut normalised = String::new();
        let mut characters = 0_usize;
        for c in entered.nfkc().flat_map(char::to_uppercase) {
            if c == ' ' || c == '.' || is_dash(c) {
                continue;
            }
            if !c.is_ascii_alphanumeric() {
                let rounded = c == '+' && normalised.ends_with('E');
                return Err(if rounded {
                    EmployeeNumberError::Rounded { given: entered.chars().take(40).collect() }
                } else {
                    EmployeeNumberError::Character { character: c }
                });
            }
            characters += 1;
            if characters <= MAX_EMPLOYEE_NUMBER_CHARACTERS {
                normalised.push(c);
            }
        }
        match characters {
            0 => Err(EmployeeNumberError::Empty),
            1..=MAX_EMPLOYEE_NUMBER_CHARACTERS => Ok(Self { entered: entered.to_owned(), normalised }),
            _ => Err(EmployeeNumberError::TooLong { characters }),
        }
    }
    /// The number as entered, without spaces around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.entered
    }
    /// The form by which two numbers are the same: NFKC, upper case, no spaces, dots or dashes.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn collapses_spaces_and_composes() {
        assert_eq!(PersonName::parse("  Siti   Rahma\u{a0}, S.E. ").unwrap().as_str(), "Siti Rahma , S.E.");
        assert_eq!(PersonName::parse("Jose\u{301}").unwrap().as_str(), "Jos\u{e9}");
        assert_eq!(PersonName::parse("A").unwrap().as_str(), "A");
        assert_eq!(PersonName::parse("می\u{200c}نا").unwrap().as_str(), "می\u{200c}نا");
        assert_eq!(PersonName::parse(&"ñ".repeat(120)).unwrap().as_str().chars().count(), 120);
    }

    #[test]
    fn refuses_what_would_break_a_header_or_a_page() {
        for (input, expected) in [
            ("", "person_name.empty"),
            ("   ", "person_name.empty"),
            ("Siti\r\nBcc: all@a.id", "person_name.line_break"),
            ("Siti\n", "person_name.line_break"),
            ("Siti\u{2028}Rahma", "person_name.line_break"),
            ("Siti\0", "person_name.character"),
            ("Siti\tRahma", "person_name.character"),
            ("\u{202e}itiS", "person_name.character"),
            ("Siti\u{feff}", "person_name.character"),
            ("Andr\u{fffd}", "person_name.character"),
            ("\u{301}\u{301}", "person_name.no_letter"),
            ("...", "person_name.no_letter"),
        ] {
            assert_eq!(PersonName::parse(input).unwrap_err().code(), expected, "{input:?}");
        }
        assert_eq!(PersonName::parse(&"a".repeat(121)), Err(PersonNameError::TooLong { characters: 121 }));
    }

    #[test]
    fn employee_numbers_meet_in_one_form() {
        let a = EmployeeNumber::parse(" 19870412 201012 1-004 ").unwrap();
        assert_eq!((a.as_str(), a.normalised()), ("19870412 201012 1-004", "198704122010121004"));
        assert_eq!(EmployeeNumber::parse("１９８7–ab.c").unwrap().normalised(), "1987ABC");
        for (input, expected) in [
            (" -. ", "employee_number.empty"),
            ("12/34", "employee_number.character"),
            ("12\u{200b}34", "employee_number.character"),
            ("А12", "employee_number.character"),
            ("1.98704E+17", "employee_number.rounded"),
        ] {
            assert_eq!(EmployeeNumber::parse(input).unwrap_err().code(), expected, "{input:?}");
        }
        assert!(EmployeeNumber::parse(&"9".repeat(40)).is_ok());
        assert_eq!(EmployeeNumber::parse(&"9".repeat(41)).unwrap_err().code(), "employee_number.too_long");
    }
}
