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
