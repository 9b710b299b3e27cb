//! How the domain says no: a stable code for programs, one sentence for people.

/// A refusal that a caller can show and a program can branch on.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// The stable code, `noun.reason`; never reworded.
    fn code(&self) -> &'static str;
}

/// Declares an aggregate's refusals: `refusals! { /// doc  pub enum WaveRefusal { /// doc  Late = "wave.late": "The wave …" } }`.
#[macro_export]
macro_rules! refusals {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal : $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        pub enum $name { $($(#[$vmeta])* #[error($text)] $variant),+ }
        impl $name {
            /// Every refusal of this aggregate.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
        impl $crate::domain::refusal::Refusal for $name {
            fn code(&self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}
