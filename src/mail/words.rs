//! The mails' words: Fluent texts of `locales/<language>/mail.ftl`, compiled in. Indonesian is complete; another language falls back to it.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, static_loader};

use crate::domain::locale::Locale;

mod sentences;
use sentences::Sentences;

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "id",
        // Isolation marks protect against names of the other writing direction; those with overrides are refused, and the marks
        // show as boxes in some clients and break addresses that are copied.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static INDONESIAN: LazyLock<LanguageIdentifier> = LazyLock::new(|| LanguageIdentifier::from_bytes(b"id").unwrap_or_default());
static ENGLISH: LazyLock<LanguageIdentifier> = LazyLock::new(|| LanguageIdentifier::from_bytes(b"en").unwrap_or_default());

/// Texts without values, as they were looked up; keys are the program's own, so there are as many as the words file has.
type Said = LazyLock<RwLock<HashMap<String, String>>>;
static SAID_IN_INDONESIAN: Said = LazyLock::new(RwLock::default);
static SAID_IN_ENGLISH: Said = LazyLock::new(RwLock::default);

static SENTENCES_IN_INDONESIAN: LazyLock<Sentences> = LazyLock::new(|| Sentences::of(include_str!("../../locales/id/mail.ftl")));
static SENTENCES_IN_ENGLISH: LazyLock<Sentences> = LazyLock::new(|| Sentences::of(include_str!("../../locales/en/mail.ftl")));

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Words {
    language: &'static LanguageIdentifier,
    locale: Locale,
}

impl Words {
    /// The words of `locale`.
    pub fn of(locale: Locale) -> Self {
        let language = match locale {
            Locale::Id => &INDONESIAN,
            Locale::En => &ENGLISH,
        };
        Self { language, locale }
    }

    /// The language's tag, for `lang` attributes.
    pub fn tag(&self) -> &'static str {
        crate::domain::text_enum::TextEnum::as_str(self.locale)
    }

    /// The text of `key`. Looked up once: each mail says the same dozens of sentences.
    pub fn say(&self, key: &str) -> String {
        let said = match self.locale {
            Locale::Id => &SAID_IN_INDONESIAN,
            Locale::En => &SAID_IN_ENGLISH,
        };
        if let Some(text) = said.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return text.clone();
        }
        let text = self.look_up(key, &HashMap::new());
        said.write().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), text.clone());
        text
    }

    /// The text of `key` with its values put in.
    pub fn fill(&self, key: &str, values: &[(&'static str, &str)]) -> String {
        let sentences = match self.locale {
            Locale::Id => &*SENTENCES_IN_INDONESIAN,
            Locale::En => &*SENTENCES_IN_ENGLISH,
        };
        if let Some(text) = sentences.fill(key, values) {
            return text;
        }
        self.look_up(key, &values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect())
    }

    /// The text of `key` for `count`, in the right plural.
    pub fn count(&self, key: &str, count: i64) -> String {
        self.look_up(key, &HashMap::from([("count", FluentValue::from(count))]))
    }

    /// The text of `key` for `count`, in the right plural, with its values put in.
    pub fn count_with(&self, key: &str, count: i64, values: &[(&'static str, &str)]) -> String {
        let mut all: HashMap<_, _> = values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
        all.insert("count", FluentValue::from(count));
        self.look_up(key, &all)
    }

    /// A sentence of ours, wrapped for the plain part. What somebody is to copy is not wrapped.
    pub fn wrap(&self, text: impl AsRef<str>) -> String {
        wrapped(text.as_ref(), LINE)
    }

    fn look_up(&self, key: &str, values: &HashMap<&'static str, FluentValue<'_>>) -> String {
        // A key that exists nowhere shows as itself; a test renders every mail in every language and looks for that.
        TEXTS
            .lookup_single_language(self.language, key, Some(values))
            .or_else(|_| TEXTS.lookup_single_language(&INDONESIAN, key, Some(values)))
            .unwrap_or_else(|_| format!("⟦{key}⟧"))
    }
}

/// Characters a line of the plain part, so that a quoting client does not break it again.
const LINE: usize = 74;

/// Breaks lines at spaces; a word that is longer, such as an address, stays whole.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (n, line) in text.lines().enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let mut used = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > width {
                out.push('\n');
                used = 0;
            } else if used > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys() {
        let keys = |text: &str| {
            let mut keys: Vec<String> =
                text.lines().filter(|l| l.starts_with("mail-")).filter_map(|l| Some(l.split_once(" =")?.0.to_owned())).collect();
            keys.sort();
            keys
        };
        let indonesian = keys(include_str!("../../locales/id/mail.ftl"));
        assert!(indonesian.len() > 50);
        assert_eq!(indonesian, keys(include_str!("../../locales/en/mail.ftl")));
        for key in &indonesian {
            assert_eq!(indonesian.iter().filter(|k| *k == key).count(), 1, "{key} is there twice");
        }
    }

    #[test]
    fn sentences_say_what_fluent_says() {
        let names =
            ["action", "platform", "title", "until", "by", "handle", "institution", "unit", "name", "count", "at", "days"];
        for (locale, sentences) in [(Locale::Id, &*SENTENCES_IN_INDONESIAN), (Locale::En, &*SENTENCES_IN_ENGLISH)] {
            let words = Words::of(locale);
            let mut compared = 0;
            for key in sentences.keys() {
                let values: Vec<_> = names.iter().map(|name| (*name, "a\n<b> {x} ⟦")).collect();
                let Some(text) = sentences.fill(key, &values) else { continue };
                let all = values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
                assert_eq!(text, words.look_up(key, &all), "{key}");
                compared += usize::from(text.contains('⟦'));
            }
            assert!(compared > 15, "{compared} sentences with values");
        }
        // Plurals are Fluent's.
        assert_eq!(SENTENCES_IN_ENGLISH.fill("mail-in-days", &[("count", "2")]), None);
    }

    #[test]
    fn lines_are_broken_at_spaces_and_words_stay_whole() {
        assert_eq!(wrapped("aa bb cc", 5), "aa bb\ncc");
        assert_eq!(wrapped("https://example.org/long b", 5), "https://example.org/long\nb");
        assert_eq!(wrapped("a\n\nb  c", 9), "a\n\nb  c");
        assert_eq!(wrapped("", 5), "");
    }

    #[test]
    fn plurals_follow_the_language() {
        assert_eq!(Words::of(Locale::En).count("mail-in-days", 1), "in 1 day");
        assert_eq!(Words::of(Locale::En).count("mail-in-days", 2), "in 2 days");
        assert_eq!(Words::of(Locale::Id).count("mail-in-days", 2), "2 hari lagi");
        assert_eq!(Words::of(Locale::Id).say("mail-no-such-key"), "⟦mail-no-such-key⟧");
    }
}
