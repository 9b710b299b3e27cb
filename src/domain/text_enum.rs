//! One way to give an enum its stable text form, used in the database, in JSON, in CSV and in URLs.

/// A value outside the closed list of a text enum: what was expected, and what came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not one of: {expected}")]
pub struct UnknownWord {
    /// The words that would have been accepted, separated by commas.
    pub expected: String,
    /// What was given.
    pub value: String,
}

/// An enum whose variants have stable words.
pub trait TextEnum: Sized + Copy + 'static {
    /// Every variant, in order.
    const ALL: &'static [Self];
    /// The stable word of this variant.
    fn as_str(self) -> &'static str;
    /// The variant of a word; the match is exact.
    ///
    /// # Errors
    /// [`UnknownWord`] names the words that exist.
    fn parse(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|v| v.as_str() == word).ok_or_else(|| UnknownWord {
            expected: Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", "),
            value: word.chars().take(64).collect(),
        })
    }
}

/// Declares an enum together with its words: `text_enum! { /// doc  pub enum Kind { /// doc  Official = "official", … } }`.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $word)] $variant),+
        }
        impl $crate::domain::text_enum::TextEnum for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::domain::text_enum::TextEnum::as_str(*self))
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::domain::text_enum::UnknownWord;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                <Self as $crate::domain::text_enum::TextEnum>::parse(s)
            }
        }
    };
}
