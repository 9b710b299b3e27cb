//! The pages' words: Fluent texts of `locales/<language>/`, compiled in. Both languages have every key; a test holds them to it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, static_loader};

use crate::domain::locale::Locale;

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "id",
        // Isolation marks would be copied along with addresses and texts.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static INDONESIAN: LazyLock<LanguageIdentifier> = LazyLock::new(|| LanguageIdentifier::from_bytes(b"id").unwrap_or_default());
static ENGLISH: LazyLock<LanguageIdentifier> = LazyLock::new(|| LanguageIdentifier::from_bytes(b"en").unwrap_or_default());

/// A value put into a text.
pub type Value<'a> = FluentValue<'a>;

/// The text of `key` in a language, with its values; none where the language lacks it.
#[must_use]
pub fn find(locale: Locale, key: &str, values: &[(&'static str, Value<'_>)]) -> Option<String> {
    let language: &LanguageIdentifier = match locale {
        Locale::Id => &INDONESIAN,
        Locale::En => &ENGLISH,
    };
    let values: HashMap<Cow<'static, str>, FluentValue<'_>> =
        values.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    TEXTS.lookup_single_language(language, key, Some(&values)).ok()
}

/// As [`find`]; a key that exists nowhere shows as itself, and the test that renders every page looks for that.
#[must_use]
pub fn say(locale: Locale, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
    find(locale, key, values).unwrap_or_else(|| format!("⟦{key}⟧"))
}
