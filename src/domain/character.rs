//! Which characters never belong in a value that ends up in a mail header, on a page or in a comparison.

/// Why a character is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// A line break: CR, LF, VT, FF, NEL, or Unicode's line and paragraph separators.
    LineBreak,
    /// Any other control character (Unicode category Cc), NUL among them.
    Control,
    /// A mark, embedding, override or isolate of the bidirectional algorithm (UAX 9).
    Bidi,
    /// Takes no room on the screen: zero-width, filler, variation selector, tag.
    Invisible,
    /// A noncharacter, a private-use character, or U+FFFD, the trace of a wrong decoding.
    NotText,
}

impl Unwanted {
    /// What to call it in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::LineBreak => "a line break",
            Self::Control => "a control character",
            Self::Bidi => "a character that changes the writing direction",
            Self::Invisible => "an invisible character",
            Self::NotText => "a character that is no text (the sign of a wrong file encoding)",
        }
    }
}

/// The reason to refuse a character, if there is one. Letters, digits, marks, punctuation, symbols and plain spaces pass.
#[must_use]
pub const fn unwanted(c: char) -> Option<Unwanted> {
    let code = c as u32;
    if code & 0xFFFE == 0xFFFE {
        return Some(Unwanted::NotText);
    }
    match code {
        0x0A..=0x0D | 0x85 | 0x2028 | 0x2029 => Some(Unwanted::LineBreak),
        0x00..=0x1F | 0x7F..=0x9F => Some(Unwanted::Control),
        0x061C | 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069 => Some(Unwanted::Bidi),
        0x00AD
        | 0x034F
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200D
        | 0x2060..=0x2065
        | 0x206A..=0x206F
        | 0x3164
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0xFFA0
        | 0xFFF0..=0xFFFB
        | 0x1_BCA0..=0x1_BCA3
        | 0x1_D173..=0x1_D17A
        | 0xE_0000..=0xE_0FFF => Some(Unwanted::Invisible),
        0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFFFD | 0xF_0000..=0x10_FFFF => Some(Unwanted::NotText),
        _ => None,
    }
}

/// The first character of a text that is refused, with its position in characters, from 1.
#[must_use]
pub fn first_unwanted(text: &str) -> Option<(usize, Unwanted)> {
    text.chars().enumerate().find_map(|(i, c)| unwanted(c).map(|why| (i + 1, why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_kind_and_the_place() {
        assert_eq!(first_unwanted("Siti\r\nBcc: x"), Some((5, Unwanted::LineBreak)));
        assert_eq!(first_unwanted("a\0"), Some((2, Unwanted::Control)));
        assert_eq!(first_unwanted("\u{202E}cod"), Some((1, Unwanted::Bidi)));
        assert_eq!(first_unwanted("a\u{200B}b"), Some((2, Unwanted::Invisible)));
        assert_eq!(first_unwanted("Andr\u{FFFD}"), Some((5, Unwanted::NotText)));
        assert_eq!(first_unwanted("x\u{1FFFF}"), Some((2, Unwanted::NotText)));
        assert_eq!(first_unwanted("Łukasz Ñandú 王 👍 ’ \u{00A0}"), None);
    }
}
