//! Handles: what each platform permits as an account's name, and when two handles name the same account.

use std::fmt;

use super::character;
use super::platform::Platform;

/// Why a handle is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// Nothing was given, or only an @.
    #[error("the handle is empty; give the account's name on {platform}, without the @")]
    Empty {
        /// The platform.
        platform: Platform,
    },
    /// An address instead of a name.
    #[error("the handle is a web address; give only the account's name on {platform}, as it stands after the host")]
    Address {
        /// The platform.
        platform: Platform,
    },
    /// Fewer characters than the platform permits.
    #[error("a handle on {platform} has at least {min} characters; check it for a slip")]
    TooShort {
        /// The platform.
        platform: Platform,
        /// The fewest it permits.
        min: usize,
    },
    /// More characters than the platform permits.
    #[error("a handle on {platform} has at most {max} characters; check it for a slip")]
    TooLong {
        /// The platform.
        platform: Platform,
        /// The most it permits.
        max: usize,
    },
    /// An invisible, control or direction character.
    #[error("character {position} of the handle is {what}; type the handle anew instead of pasting it")]
    Invisible {
        /// Its position in characters, from 1.
        position: usize,
        /// What it is.
        what: &'static str,
    },
    /// A letter beyond A to Z, which may only look like one, or a combining mark.
    #[error(
        "character {position} of the handle (U+{code_point:04X}) is not a plain letter A to Z; type the handle anew, in plain letters"
    )]
    LookAlike {
        /// Its position in characters, from 1.
        position: usize,
        /// Its code point.
        code_point: u32,
    },
    /// A plain character that the platform does not permit.
    #[error("the handle has the character {character:?}, which {platform} does not permit; check it for a slip")]
    Character {
        /// The platform.
        platform: Platform,
        /// The character.
        character: char,
    },
    /// Right characters in the wrong order: a dot at the end, two dots in a row, digits only.
    #[error("the handle does not have the form of one on {platform}: {rule}")]
    Form {
        /// The platform.
        platform: Platform,
        /// The rule it breaks.
        rule: &'static str,
    },
}

impl HandleError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "handle.empty",
            Self::Address { .. } => "handle.address",
            Self::TooShort { .. } => "handle.too_short",
            Self::TooLong { .. } => "handle.too_long",
            Self::Invisible { .. } => "handle.invisible",
            Self::LookAlike { .. } => "handle.look_alike",
            Self::Character { .. } => "handle.character",
            Self::Form { .. } => "handle.form",
        }
    }
}

/// An account's name on its platform.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Handle {
    platform: Platform,
    entered: String,
    normalised: String,
}

impl Handle {
    /// Reads a handle; spaces around it and a leading @ are dropped.
    ///
    /// LinkedIn knows people and companies under the same names, so a handle there is `in/name`, `company/name`,
    /// `school/name` or `showcase/name`; a bare name is a person's. YouTube's is an @handle or a channel id (`UC…`),
    /// Facebook's a name or a numeric profile id.
    ///
    /// # Errors
    /// [`HandleError`] says what was wrong.
    pub fn parse(input: &str, platform: Platform) -> Result<Self, HandleError> {
        let trimmed = input.trim();
        if let Some((position, why)) = character::first_unwanted(trimmed) {
            return Err(HandleError::Invisible { position, what: why.words() });
        }
        if let Some((i, c)) = trimmed.chars().enumerate().find(|(_, c)| !c.is_ascii()) {
            return Err(HandleError::LookAlike { position: i + 1, code_point: u32::from(c) });
        }
        let at = trimmed.starts_with('@');
        let entered = trimmed.trim_start_matches('@').trim_end_matches('/');
        if entered.is_empty() {
            return Err(HandleError::Empty { platform });
        }
        let lower = entered.to_ascii_lowercase();
        if lower.contains("://") || lower.starts_with("www.") || lower.contains(".com/") {
            return Err(HandleError::Address { platform });
        }
        let normalised = match platform {
            Platform::X => plain(platform, &lower, 1, 15, "_")?,
            Platform::Instagram | Platform::Threads => dotted(platform, &lower, 1, 30)?,
            Platform::Tiktok => dotted(platform, &lower, 2, 24)?,
            Platform::Facebook => facebook(&lower)?,
            Platform::Youtube => youtube(entered, &lower, at)?,
            Platform::Linkedin => linkedin(&lower)?,
        };
        Ok(Self { platform, entered: entered.to_owned(), normalised })
    }
    /// The platform.
    #[must_use]
    pub const fn platform(&self) -> Platform {
        self.platform
    }
    /// The handle as entered, without @.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.entered
    }
    /// The form by which two handles are the same account: lower case, Facebook's without dots, LinkedIn's with its
    /// `in/` or `company/`; a YouTube channel id keeps its case, which matters.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
    /// Whether this is a number or channel id that the platform gave, not a name that someone chose.
    #[must_use]
    pub fn is_platform_id(&self) -> bool {
        is_platform_id(self.platform, &self.normalised)
    }
    /// The address of the account's profile.
    #[must_use]
    pub fn profile_url(&self) -> String {
        let name = &self.normalised;
        match self.platform {
            Platform::X => format!("https://x.com/{name}"),
            Platform::Instagram => format!("https://www.instagram.com/{name}/"),
            Platform::Facebook => format!("https://www.facebook.com/{name}"),
            Platform::Tiktok => format!("https://www.tiktok.com/@{name}"),
            Platform::Youtube if self.is_platform_id() => format!("https://www.youtube.com/channel/{name}"),
            Platform::Youtube => format!("https://www.youtube.com/@{name}"),
            Platform::Linkedin => format!("https://www.linkedin.com/{name}"),
            Platform::Threads => format!("https://www.threads.com/@{name}"),
        }
    }
}

impl fmt::Display for Handle {
    /// `@name`, or `in/name` on LinkedIn, or the bare id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.platform == Platform::Linkedin || self.is_platform_id() {
            f.write_str(&self.normalised)
        } else {
            write!(f, "@{}", self.entered)
        }
    }
}

/// Whether a normalised handle is the platform's own id of the account.
#[must_use]
pub fn is_platform_id(platform: Platform, normalised: &str) -> bool {
    match platform {
        Platform::Facebook => normalised.bytes().all(|b| b.is_ascii_digit()),
        Platform::Youtube => is_channel_id(normalised),
        _ => false,
    }
}

fn is_channel_id(s: &str) -> bool {
    s.len() == 24 && s.starts_with("UC") && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

/// Letters, digits and the given signs, within a length.
fn plain(platform: Platform, s: &str, min: usize, max: usize, signs: &str) -> Result<String, HandleError> {
    if let Some(character) = s.chars().find(|&c| !(c.is_ascii_alphanumeric() || signs.contains(c))) {
        return Err(HandleError::Character { platform, character });
    }
    if s.len() < min {
        return Err(HandleError::TooShort { platform, min });
    }
    if s.len() > max {
        return Err(HandleError::TooLong { platform, max });
    }
    if !s.bytes().any(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(HandleError::Form { platform, rule: "it has a letter or a digit" });
    }
    Ok(s.to_owned())
}

fn dotted(platform: Platform, s: &str, min: usize, max: usize) -> Result<String, HandleError> {
    let name = plain(platform, s, min, max, "._")?;
    if name.ends_with('.') {
        return Err(HandleError::Form { platform, rule: "no dot stands at its end" });
    }
    let strict = matches!(platform, Platform::Instagram | Platform::Threads);
    if strict && (name.starts_with('.') || name.contains("..")) {
        return Err(HandleError::Form { platform, rule: "no dot stands at its start, nor two in a row" });
    }
    Ok(name)
}

/// A name (dots are ignored by Facebook), a numeric id, or a page's address ending in its id: `Kantor-Pajak-100064512345678`.
fn facebook(s: &str) -> Result<String, HandleError> {
    const PLATFORM: Platform = Platform::Facebook;
    if let Some((_, id)) = s.rsplit_once('-') {
        plain(PLATFORM, s, 1, 120, ".-")?;
        let is_id = id.len() >= 8 && id.bytes().all(|b| b.is_ascii_digit());
        return if is_id {
            plain(PLATFORM, id, 8, 20, "")
        } else {
            Err(HandleError::Character { platform: PLATFORM, character: '-' })
        };
    }
    let name: String = plain(PLATFORM, s, 1, 70, ".")?.split('.').collect();
    if name.len() > 50 {
        return Err(HandleError::TooLong { platform: PLATFORM, max: 50 });
    }
    Ok(name)
}

fn youtube(entered: &str, lower: &str, at: bool) -> Result<String, HandleError> {
    const PLATFORM: Platform = Platform::Youtube;
    if let Some(id) = entered.strip_prefix("channel/") {
        return if is_channel_id(id) {
            Ok(id.to_owned())
        } else {
            Err(HandleError::Form { platform: PLATFORM, rule: "a channel id is UC and 22 characters more" })
        };
    }
    if !at && is_channel_id(entered) {
        return Ok(entered.to_owned());
    }
    let name = plain(PLATFORM, lower, 3, 30, "._-")?;
    let edge = |c: char| "._-".contains(c);
    if name.starts_with(edge) || name.ends_with(edge) {
        return Err(HandleError::Form { platform: PLATFORM, rule: "it begins and ends with a letter or a digit" });
    }
    Ok(name)
}

fn linkedin(s: &str) -> Result<String, HandleError> {
    const PLATFORM: Platform = Platform::Linkedin;
    const KINDS: [&str; 4] = ["in", "company", "school", "showcase"];
    let (kind, slug) = s.split_once('/').unwrap_or(("in", s));
    if !KINDS.contains(&kind) || KINDS.contains(&slug) {
        return Err(HandleError::Form { platform: PLATFORM, rule: "it begins with in/, company/, school/ or showcase/" });
    }
    let slug = plain(PLATFORM, slug, 2, 100, "-")?;
    Ok(format!("{kind}/{slug}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use Platform::{Facebook, Instagram, Linkedin, Threads, Tiktok, X, Youtube};

    #[test]
    fn each_platform_has_its_form_and_its_profile() {
        for (platform, input, normalised, url) in [
            (X, " @KemenkeuRI ", "kemenkeuri", "https://x.com/kemenkeuri"),
            (Instagram, "Kemenkeu.RI", "kemenkeu.ri", "https://www.instagram.com/kemenkeu.ri/"),
            (Threads, "@kemenkeu_ri", "kemenkeu_ri", "https://www.threads.com/@kemenkeu_ri"),
            (Tiktok, "@Kemenkeu.RI", "kemenkeu.ri", "https://www.tiktok.com/@kemenkeu.ri"),
            (Facebook, "Kemen.Keu.RI", "kemenkeuri", "https://www.facebook.com/kemenkeuri"),
            (Facebook, "100064512345678", "100064512345678", "https://www.facebook.com/100064512345678"),
            (Facebook, "Kantor-Pajak-100064512345678", "100064512345678", "https://www.facebook.com/100064512345678"),
            (Youtube, "@KemenkeuRI", "kemenkeuri", "https://www.youtube.com/@kemenkeuri"),
            (
                Youtube,
                "UCaBcDeFgHiJkLmNoPqRsT_-",
                "UCaBcDeFgHiJkLmNoPqRsT_-",
                "https://www.youtube.com/channel/UCaBcDeFgHiJkLmNoPqRsT_-",
            ),
            (Linkedin, "Siti-Rahma", "in/siti-rahma", "https://www.linkedin.com/in/siti-rahma"),
            (Linkedin, "company/Kemenkeu-RI/", "company/kemenkeu-ri", "https://www.linkedin.com/company/kemenkeu-ri"),
        ] {
            let handle = Handle::parse(input, platform).unwrap();
            assert_eq!((handle.normalised(), handle.profile_url().as_str()), (normalised, url));
            assert_eq!(Handle::parse(handle.normalised(), platform).unwrap().normalised(), normalised);
        }
    }

    #[test]
    fn refuses_by_code() {
        for (platform, input, expected) in [
            (X, "@", "handle.empty"),
            (X, "https://x.com/kemenkeu", "handle.address"),
            (X, "x.com/kemenkeu", "handle.address"),
            (X, "abcdefghijklmnop", "handle.too_long"),
            (X, "kemen.keu", "handle.character"),
            (X, "kemen keu", "handle.character"),
            (X, "k\u{435}menkeu", "handle.look_alike"),
            (X, "ｋemenkeu", "handle.look_alike"),
            (X, "kemenke\u{301}u", "handle.look_alike"),
            (X, "\u{301}\u{301}", "handle.look_alike"),
            (X, "kemen\u{200d}keu", "handle.invisible"),
            (X, "kemen\u{202e}keu", "handle.invisible"),
            (Instagram, "kemenkeu.", "handle.form"),
            (Instagram, "kemen..keu", "handle.form"),
            (Threads, ".kemenkeu", "handle.form"),
            (Tiktok, "a", "handle.too_short"),
            (Tiktok, "kemenkeu.", "handle.form"),
            (Facebook, "...", "handle.form"),
            (Facebook, "kemen-keu", "handle.character"),
            (Youtube, "ab", "handle.too_short"),
            (Youtube, "-abc", "handle.form"),
            (Youtube, "channel/abc", "handle.form"),
            (Linkedin, "groups/abc", "handle.form"),
            (Linkedin, "in/a_b", "handle.character"),
            (Linkedin, "in/", "handle.form"),
        ] {
            assert_eq!(Handle::parse(input, platform).unwrap_err().code(), expected, "{platform} {input:?}");
        }
    }
}
