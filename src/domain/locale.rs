//! The languages of pages and mails.

crate::text_enum! {
    /// A language Gaung speaks; Indonesian is the first and the fall-back.
    pub enum Locale {
        /// Bahasa Indonesia.
        Id = "id",
        /// English.
        En = "en",
    }
}

impl Locale {
    /// The best of an `Accept-Language` header (RFC 9110, section 12.5.4), by order of appearance; weights are ignored.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        header.split(',').find_map(|part| {
            let tag = part.split(';').next()?.trim().to_ascii_lowercase();
            match tag.split('-').next()? {
                "id" | "in" | "ms" => Some(Self::Id),
                "en" => Some(Self::En),
                _ => None,
            }
        })
    }
}
