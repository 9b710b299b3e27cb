//! The platforms on which accounts live.

crate::text_enum! {
    /// A social media platform whose addresses and handles Gaung can read.
    pub enum Platform {
        /// X, formerly Twitter.
        X = "x",
        /// Instagram.
        Instagram = "instagram",
        /// Facebook.
        Facebook = "facebook",
        /// TikTok.
        Tiktok = "tiktok",
        /// YouTube.
        Youtube = "youtube",
        /// LinkedIn.
        Linkedin = "linkedin",
        /// Threads.
        Threads = "threads",
    }
}

impl Platform {
    /// The most characters that a text may have there, by the platform's own published rules for ordinary accounts.
    #[must_use]
    pub const fn text_limit(self) -> usize {
        match self {
            Self::X => 280,
            Self::Threads => 500,
            Self::Instagram | Self::Tiktok => 2_200,
            Self::Linkedin => 3_000,
            Self::Youtube => 5_000,
            Self::Facebook => 63_206,
        }
    }
    /// How many characters the platform counts an address as, where it counts every address the same.
    #[must_use]
    pub const fn address_length(self) -> Option<usize> {
        match self {
            Self::X => Some(23),
            _ => None,
        }
    }
    /// How long a text is as the platform counts it.
    #[must_use]
    pub fn text_length(self, text: &str) -> usize {
        let characters = text.chars().count();
        let Some(address) = self.address_length() else { return characters };
        let addresses = text.split_whitespace().filter(|word| word.starts_with("https://") || word.starts_with("http://"));
        addresses.fold(characters, |length, word| length - word.chars().count() + address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_its_platform_counts_it() {
        let text = "Baca https://klp.example.id/layanan/satu-pintu/daftar-lengkap-semua-layanan ya";
        assert_eq!(Platform::Threads.text_length(text), text.chars().count());
        assert_eq!(Platform::X.text_length(text), "Baca ".len() + 23 + " ya".len());
        assert_eq!(Platform::X.text_length("https://a.id https://a.id"), 23 + 1 + 23);
        assert_eq!(Platform::X.text_length("é👍"), 2);
    }
}
