//! Short texts that people write: one line or several, in NFC, without characters that no reader sees.

use unicode_normalization::UnicodeNormalization;

use super::character;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing was written.
    #[error("nothing is written here; write something")]
    Empty,
    /// Too many characters.
    #[error("the text has {characters} characters; at most {max} are allowed")]
    TooLong {
        /// How many there are.
        characters: usize,
        /// How many there may be.
        max: usize,
    },
    /// A character that may not stand in a text.
    #[error("line {line}, character {position} of the text is {what}; type it anew")]
    Character {
        /// The line of the text, from 1.
        line: usize,
        /// Its position in the line in characters, from 1.
        position: usize,
        /// What it is.
        what: &'static str,
    },
}

impl TextError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "text.empty",
            Self::TooLong { .. } => "text.too_long",
            Self::Character { .. } => "text.character",
        }
    }
}

/// Reads one line of at most `max` characters.
///
/// # Errors
/// [`TextError`]; a line break is one.
pub fn line(input: &str, max: usize) -> Result<String, TextError> {
    let text: String = input.trim().nfc().collect();
    check_line(&text, 1)?;
    check_length(text, max)
}

/// Reads a text of one or more lines, at most `max` characters. Line ends become LF.
///
/// # Errors
/// [`TextError`].
pub fn paragraphs(input: &str, max: usize) -> Result<String, TextError> {
    let text: String = input.trim().replace("\r\n", "\n").nfc().collect();
    for (i, line) in text.split('\n').enumerate() {
        check_line(line, i + 1)?;
    }
    check_length(text, max)
}

fn check_line(text: &str, line: usize) -> Result<(), TextError> {
    match character::first_unwanted(text) {
        Some((position, why)) => Err(TextError::Character { line, position, what: why.words() }),
        None => Ok(()),
    }
}

fn check_length(text: String, max: usize) -> Result<String, TextError> {
    match text.chars().count() {
        0 => Err(TextError::Empty),
        characters if characters > max => Err(TextError::TooLong { characters, max }),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_paragraphs() {
        assert_eq!(line("  Pajak naik  ", 20).as_deref(), Ok("Pajak naik"));
        assert_eq!(line("e\u{301}", 1).as_deref(), Ok("é"));
        assert_eq!(line(" ", 20).map_err(|e| e.code()), Err("text.empty"));
        assert_eq!(line("abc", 2), Err(TextError::TooLong { characters: 3, max: 2 }));
        assert_eq!(line("a\nb", 20).map_err(|e| e.code()), Err("text.character"));
        assert_eq!(paragraphs("a\r\nb\n", 20).as_deref(), Ok("a\nb"));
        let hidden = paragraphs("a\nb\u{202e}c", 20);
        assert!(matches!(hidden, Err(TextError::Character { line: 2, position: 2, .. })), "{hidden:?}");
    }
}
