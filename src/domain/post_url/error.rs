//! Why the address of a post is refused.

use crate::domain::handle::HandleError;
use crate::domain::platform::Platform;

/// Why the address of a post is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostUrlError {
    /// Nothing was given.
    #[error("the address is empty; open the post and copy its address")]
    Empty,
    /// More than 2,048 octets.
    #[error("the address has {octets} characters; at most 2,048 are allowed, so copy it from the post itself")]
    TooLong {
        /// Its length in octets.
        octets: usize,
    },
    /// A space, control, direction or invisible character, or a backslash inside.
    #[error("character {position} of the address is {what}; copy the address anew, alone")]
    Character {
        /// Its position in characters, from 1.
        position: usize,
        /// What it is.
        what: &'static str,
    },
    /// Encoded twice, or as a whole, by a program that passed it on.
    #[error("the address was encoded by a program it passed through; open the post and copy its address there")]
    Encoded,
    /// A scheme other than http and https.
    #[error("the address begins with {scheme:?}; only https addresses of posts are accepted")]
    Scheme {
        /// The scheme given, cut to 32 characters.
        scheme: String,
    },
    /// A user name or password before the host.
    #[error("the address has a user name before the host (an @); open the post and copy its address")]
    UserInfo,
    /// A port after the host.
    #[error("the address has a port number; open the post and copy its address")]
    Port,
    /// An IP address in any notation.
    #[error("the address leads to an IP address, not to a platform; open the post and copy its address")]
    IpAddress,
    /// A host with other than plain characters, which may only look like a platform's.
    #[error("the host has characters other than a to z, 0 to 9, dots and dashes; open the post and copy its address")]
    HostCharacter,
    /// Not a web address.
    #[error("this is not a web address; it should look like https://www.instagram.com/p/…")]
    Malformed,
    /// The host of no platform.
    #[error("{host} is not {expected}; give the address of the post on {expected}")]
    NotPlatform {
        /// The host.
        host: String,
        /// The platform asked for.
        expected: Platform,
    },
    /// Another platform's address.
    #[error("this address is on {found}, but the task is on {expected}; give the address of the post on {expected}")]
    OtherPlatform {
        /// The platform of the address.
        found: Platform,
        /// The platform asked for.
        expected: Platform,
    },
    /// A short or share link, which does not show where it leads.
    #[error("{link} is a short link, which does not show where it leads; open it and copy the full address")]
    ShortLink {
        /// The host, or host and path, of such links.
        link: String,
    },
    /// The platform's home page.
    #[error("this is the home page of {platform}; open the post itself and copy its address")]
    Home {
        /// The platform.
        platform: Platform,
    },
    /// An account's page.
    #[error("this is the page of an account on {platform}; open the post itself and copy its address")]
    Profile {
        /// The platform.
        platform: Platform,
    },
    /// Another page of the platform.
    #[error("this is not the address of a post on {platform}, which looks like {}", example(*.platform))]
    NotAPost {
        /// The platform.
        platform: Platform,
    },
    /// The account's name inside the address is none.
    #[error("the account's name in the address is not right: {0}")]
    Owner(#[from] HandleError),
}

impl PostUrlError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "post_url.empty",
            Self::TooLong { .. } => "post_url.too_long",
            Self::Character { .. } => "post_url.character",
            Self::Encoded => "post_url.encoded",
            Self::Scheme { .. } => "post_url.scheme",
            Self::UserInfo => "post_url.user_info",
            Self::Port => "post_url.port",
            Self::IpAddress => "post_url.ip_address",
            Self::HostCharacter => "post_url.host_character",
            Self::Malformed => "post_url.malformed",
            Self::NotPlatform { .. } => "post_url.not_platform",
            Self::OtherPlatform { .. } => "post_url.other_platform",
            Self::ShortLink { .. } => "post_url.short_link",
            Self::Home { .. } => "post_url.home",
            Self::Profile { .. } => "post_url.profile",
            Self::NotAPost { .. } => "post_url.not_a_post",
            Self::Owner(_) => "post_url.owner",
        }
    }
}

/// What the address of a post looks like.
const fn example(platform: Platform) -> &'static str {
    match platform {
        Platform::X => "https://x.com/name/status/123…",
        Platform::Instagram => "https://www.instagram.com/p/ABC…",
        Platform::Facebook => "https://www.facebook.com/name/posts/123…",
        Platform::Tiktok => "https://www.tiktok.com/@name/video/123…",
        Platform::Youtube => "https://www.youtube.com/watch?v=ABC…",
        Platform::Linkedin => "https://www.linkedin.com/posts/name_…-activity-123…",
        Platform::Threads => "https://www.threads.com/@name/post/ABC…",
    }
}
