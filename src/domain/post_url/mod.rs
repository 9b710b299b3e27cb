//! Addresses of posts: which are accepted as evidence, their one canonical form, and whose post they show.

mod address;
mod error;
mod facebook;
mod linkedin;
mod profile;
mod sites;

pub use error::PostUrlError;
pub use profile::{AskError, asked_about};

use super::handle::{Handle, is_platform_id};
use super::platform::Platform;
use address::Address;
use sites::Site;

/// The longest address accepted, in octets.
pub const MAX_OCTETS: usize = 2_048;

/// The address of a post, or of one comment under a post, on a known platform.
///
/// Two addresses show the same post when platform and [`PostUrl::external_id`] are equal: some platforms answer at several
/// canonical addresses (with and without the owner's handle), and on X any handle may stand before `/status/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PostUrl {
    platform: Platform,
    canonical: String,
    owner: Option<String>,
    external_id: String,
}

/// Whether a post's address shows that it belongs to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Belongs {
    /// The address shows this account.
    Yes,
    /// The address shows another account.
    No {
        /// The handle it shows, normalised.
        found: String,
    },
    /// The address does not show whose post it is, or shows a number where the account on file has a name.
    NotShown,
}

impl PostUrl {
    /// Reads the address of a post on a platform: without tracking parameters, fragment and mobile host, with https.
    /// A missing scheme is added; punctuation that a mail program or a sentence glued on is cut off. Nothing is fetched.
    ///
    /// # Errors
    /// [`PostUrlError`] says what was wrong and what to do.
    pub fn parse(input: &str, platform: Platform) -> Result<Self, PostUrlError> {
        let address = Address::read(input)?;
        match sites::site_of(&address.host) {
            Some(Site::Platform(found)) if found == platform => {}
            Some(Site::Platform(found)) => return Err(PostUrlError::OtherPlatform { found, expected: platform }),
            Some(Site::Redirect) => return Err(PostUrlError::ShortLink { link: address.host }),
            None => return Err(PostUrlError::NotPlatform { host: address.host, expected: platform }),
        }
        let segments: Vec<&str> = address.segments.iter().map(String::as_str).collect();
        let found = sites::recognise(platform, &address, &segments).map_err(|miss| miss.error(platform, &address.host))?;
        Ok(Self { platform, canonical: found.canonical, owner: found.owner, external_id: found.id })
    }
    /// The platform.
    #[must_use]
    pub const fn platform(&self) -> Platform {
        self.platform
    }
    /// The canonical address; reading it again gives the same value.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
    /// The normalised handle of the account whose post this is, where the address shows it. On LinkedIn it stands without
    /// `in/` or `company/`, which a post's address does not tell. The address of a comment shows no owner: the handle in
    /// it is that of the post's author.
    #[must_use]
    pub fn owner_handle(&self) -> Option<&str> {
        self.owner.as_deref()
    }
    /// The platform's own id of the post (or `post/comment/id` for a comment): unique within the platform.
    #[must_use]
    pub fn external_id(&self) -> &str {
        &self.external_id
    }
    /// Whether the address shows that the post is this account's.
    #[must_use]
    pub fn belongs_to(&self, handle: &Handle) -> Belongs {
        if handle.platform() != self.platform {
            return Belongs::NotShown;
        }
        let Some(owner) = self.owner.as_deref() else { return Belongs::NotShown };
        let on_file = match self.platform {
            Platform::Linkedin => handle.normalised().split_once('/').map_or(handle.normalised(), |(_, slug)| slug),
            _ => handle.normalised(),
        };
        if owner == on_file {
            Belongs::Yes
        } else if is_platform_id(self.platform, owner) != handle.is_platform_id() {
            Belongs::NotShown
        } else {
            Belongs::No { found: owner.to_owned() }
        }
    }
}

impl std::fmt::Display for PostUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.canonical)
    }
}

/// The platform of an address, by its host alone; `None` for anything else, unreadable addresses and short links included.
#[must_use]
pub fn platform_of(url: &str) -> Option<Platform> {
    match sites::site_of(&Address::read(url).ok()?.host)? {
        Site::Platform(platform) => Some(platform),
        Site::Redirect => None,
    }
}
