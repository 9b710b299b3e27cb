//! Which accounts somebody may mean who asks about one: by a handle, a profile's address, or the address of a post that names its owner.

use super::address::Address;
use super::sites::{self, Site};
use super::{PostUrl, PostUrlError};
use crate::domain::handle::Handle;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;

/// Why a question names no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// Nothing was typed.
    #[error("type a handle such as @example, or paste the address of a profile or post")]
    Empty,
    /// A host that only redirects.
    #[error("this is a short link: open it, and paste the address that the browser then shows")]
    ShortLink,
    /// Another site.
    #[error("this address is of none of the platforms in the register")]
    OtherSite,
    /// An address that names no account.
    #[error("this address names no account: paste the address of the profile, or type the handle")]
    NoAccount,
    /// Neither a handle nor an address.
    #[error("this is neither a handle nor an address: type a handle such as @example")]
    Unreadable,
}

impl AskError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "ask.empty",
            Self::ShortLink => "ask.short_link",
            Self::OtherSite => "ask.other_site",
            Self::NoAccount => "ask.no_account",
            Self::Unreadable => "ask.unreadable",
        }
    }
}

/// The accounts that a question may be about: one for an address; for a bare handle the account of that name on each platform.
///
/// # Errors
/// [`AskError`] says what to type instead.
pub fn asked_about(input: &str) -> Result<Vec<Handle>, AskError> {
    let input = input.trim();
    if input.is_empty() {
        return Err(AskError::Empty);
    }
    if !looks_like_address(input) {
        let mut found: Vec<Handle> = Platform::ALL.iter().filter_map(|p| Handle::parse(input, *p).ok()).collect();
        // A bare name on LinkedIn may be a company's as well as a person's.
        if !input.contains('/') {
            let name = input.trim_start_matches('@');
            found.extend(Handle::parse(&format!("company/{name}"), Platform::Linkedin));
        }
        return if found.is_empty() { Err(AskError::Unreadable) } else { Ok(found) };
    }
    let address = Address::read(input).map_err(|error| match error {
        PostUrlError::Empty => AskError::Empty,
        _ => AskError::Unreadable,
    })?;
    let platform = match sites::site_of(&address.host) {
        Some(Site::Platform(platform)) => platform,
        Some(Site::Redirect) => return Err(AskError::ShortLink),
        None => return Err(AskError::OtherSite),
    };
    let found = match PostUrl::parse(input, platform) {
        Ok(post) => post.owner_handle().map(|owner| candidates(owner, platform)).unwrap_or_default(),
        Err(PostUrlError::ShortLink { .. }) => return Err(AskError::ShortLink),
        Err(_) => profile(platform, &address).into_iter().collect(),
    };
    if found.is_empty() { Err(AskError::NoAccount) } else { Ok(found) }
}

/// A scheme, or a host with a path: no handle has either, but for LinkedIn's `in/name`.
fn looks_like_address(input: &str) -> bool {
    let host = input.split(['/', '?', '#']).next().unwrap_or_default();
    input.contains("://") || (host.contains('.') && (input.contains('/') || sites::site_of(&host.to_ascii_lowercase()).is_some()))
}

/// The owner that a post's address shows; LinkedIn's does not tell a person from a company.
fn candidates(owner: &str, platform: Platform) -> Vec<Handle> {
    if platform == Platform::Linkedin && !owner.contains('/') {
        let kinds = ["in", "company", "school", "showcase"];
        return kinds.iter().filter_map(|kind| Handle::parse(&format!("{kind}/{owner}"), platform).ok()).collect();
    }
    let prefix = if platform == Platform::Youtube && !owner.starts_with("UC") { "@" } else { "" };
    Handle::parse(&format!("{prefix}{owner}"), platform).into_iter().collect()
}

fn profile(platform: Platform, address: &Address) -> Option<Handle> {
    let segments: Vec<&str> = address.segments.iter().map(String::as_str).collect();
    let name = match (platform, segments.as_slice()) {
        (Platform::X, ["home" | "explore" | "search" | "i" | "hashtag" | "settings" | "messages" | "notifications", ..])
        | (Platform::Instagram, ["explore" | "stories" | "direct" | "accounts" | "p" | "reel" | "reels" | "tv", ..])
        | (Platform::Facebook, ["groups" | "watch" | "events" | "share" | "photo" | "hashtag" | "marketplace", ..]) => {
            return None;
        }
        (Platform::Facebook, ["profile.php"]) => address.param("id")?.to_owned(),
        (Platform::Facebook, ["people" | "pages", .., id]) => (*id).to_owned(),
        (Platform::Facebook, ["p", name]) => (*name).to_owned(),
        (Platform::Tiktok | Platform::Threads, [name, ..]) if name.starts_with('@') => (*name).to_owned(),
        (Platform::Youtube, ["channel", id, ..]) => format!("channel/{id}"),
        (Platform::Youtube, [name, ..]) if name.starts_with('@') => (*name).to_owned(),
        (Platform::Linkedin, [kind, name, ..]) => format!("{kind}/{name}"),
        (Platform::X | Platform::Instagram | Platform::Facebook, [name, ..]) => (*name).to_owned(),
        _ => return None,
    };
    Handle::parse(&name, platform).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn said(input: &str) -> Vec<String> {
        asked_about(input).unwrap().iter().map(|h| format!("{}:{}", h.platform(), h.normalised())).collect()
    }

    #[test]
    fn addresses_name_one_account() {
        for (input, expected) in [
            ("https://x.com/KemenkeuRI", "x:kemenkeuri"),
            ("x.com/KemenkeuRI?s=20", "x:kemenkeuri"),
            ("https://twitter.com/KemenkeuRI/status/1851234567890123456", "x:kemenkeuri"),
            ("https://www.instagram.com/kemenkeu.ri/", "instagram:kemenkeu.ri"),
            ("https://www.tiktok.com/@kemenkeu.ri/video/7301234567890123456", "tiktok:kemenkeu.ri"),
            ("https://www.youtube.com/@KemenkeuRI/videos", "youtube:kemenkeuri"),
            ("https://youtube.com/channel/UCaBcDeFgHiJkLmNoPqRsT_-", "youtube:UCaBcDeFgHiJkLmNoPqRsT_-"),
            ("https://www.facebook.com/profile.php?id=100064512345678", "facebook:100064512345678"),
            ("https://m.facebook.com/Kemen.Keu.RI", "facebook:kemenkeuri"),
            ("https://id.linkedin.com/company/kemenkeu-ri/about", "linkedin:company/kemenkeu-ri"),
            ("https://www.threads.net/@kemenkeu_ri", "threads:kemenkeu_ri"),
        ] {
            assert_eq!(said(input), [expected], "{input}");
        }
    }

    #[test]
    fn a_bare_handle_may_be_on_any_platform() {
        let found = said("@KemenkeuRI");
        assert!(found.contains(&"x:kemenkeuri".into()) && found.contains(&"youtube:kemenkeuri".into()), "{found:?}");
        assert!(found.contains(&"linkedin:in/kemenkeuri".into()) && found.contains(&"linkedin:company/kemenkeuri".into()));
        assert_eq!(said("company/kemenkeu-ri"), ["linkedin:company/kemenkeu-ri"]);
        assert!(said("kemenkeu.ri").contains(&"instagram:kemenkeu.ri".into()));
    }

    #[test]
    fn what_names_no_account_is_said() {
        for (input, code) in [
            ("  ", "ask.empty"),
            ("https://t.co/abc", "ask.short_link"),
            ("https://contoh.example/akun", "ask.other_site"),
            ("https://x.com/search?q=pajak", "ask.no_account"),
            ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "ask.no_account"),
            ("siapa kamu?", "ask.unreadable"),
            ("javascript:alert(1)", "ask.unreadable"),
        ] {
            assert_eq!(asked_about(input).unwrap_err().code(), code, "{input}");
        }
    }
}
