//! Which host belongs to whom, and what a post's address looks like on each platform (Facebook and LinkedIn have their own files).

use super::address::Address;
use super::{PostUrlError, facebook, linkedin};
use crate::domain::handle::{Handle, HandleError};
use crate::domain::platform::Platform;

/// Whose host it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// A platform's own.
    Platform(Platform),
    /// One that only redirects.
    Redirect,
}

/// Hosts that redirect: they hide where they lead, so they are no evidence.
const REDIRECTS: [&str; 36] = [
    "t.co",
    "pic.twitter.com",
    "pic.x.com",
    "fb.watch",
    "fb.me",
    "fb.gg",
    "l.facebook.com",
    "lm.facebook.com",
    "instagr.am",
    "ig.me",
    "l.instagram.com",
    "l.threads.net",
    "l.threads.com",
    "vm.tiktok.com",
    "vt.tiktok.com",
    "lnkd.in",
    "y2u.be",
    "bit.ly",
    "bitly.com",
    "j.mp",
    "tinyurl.com",
    "goo.gl",
    "is.gd",
    "v.gd",
    "ow.ly",
    "buff.ly",
    "dlvr.it",
    "ift.tt",
    "trib.al",
    "rb.gy",
    "cutt.ly",
    "shorturl.at",
    "s.id",
    "linktr.ee",
    "rebrand.ly",
    "t.ly",
];

/// A platform's domains and the subdomains under which the same posts are shown.
const DOMAINS: [(&str, Platform, &[&str]); 12] = [
    ("x.com", Platform::X, &["www", "mobile", "m"]),
    ("twitter.com", Platform::X, &["www", "mobile", "m"]),
    ("instagram.com", Platform::Instagram, &["www", "m"]),
    ("facebook.com", Platform::Facebook, &["www", "m", "web", "mobile", "touch", "mbasic", "free"]),
    ("fb.com", Platform::Facebook, &["www", "m"]),
    ("tiktok.com", Platform::Tiktok, &["www", "m"]),
    ("youtube.com", Platform::Youtube, &["www", "m", "music"]),
    ("youtu.be", Platform::Youtube, &["www"]),
    ("youtube-nocookie.com", Platform::Youtube, &["www"]),
    ("linkedin.com", Platform::Linkedin, &["www", "m", "touch"]),
    ("threads.net", Platform::Threads, &["www"]),
    ("threads.com", Platform::Threads, &["www"]),
];

/// Whose host this is.
pub(super) fn site_of(host: &str) -> Option<Site> {
    let plain = host.strip_prefix("www.").unwrap_or(host);
    if REDIRECTS.contains(&plain) {
        return Some(Site::Redirect);
    }
    DOMAINS.iter().find_map(|&(domain, platform, subdomains)| {
        let sub = host.strip_suffix(domain)?;
        let known =
            sub.is_empty() || sub.strip_suffix('.').is_some_and(|sub| subdomains.contains(&sub) || is_locale(platform, sub));
        known.then_some(Site::Platform(platform))
    })
}

/// `id-id.facebook.com`, `id.linkedin.com`.
fn is_locale(platform: Platform, sub: &str) -> bool {
    let letters = |s: &str| s.len() == 2 && s.bytes().all(|b| b.is_ascii_lowercase());
    match platform {
        Platform::Facebook => sub.split_once('-').is_some_and(|(a, b)| letters(a) && letters(b)),
        Platform::Linkedin => letters(sub),
        _ => false,
    }
}

/// A post that was recognised.
pub(super) struct Found {
    pub canonical: String,
    pub owner: Option<String>,
    pub id: String,
}

/// An address on the right platform that is no post's.
pub(super) enum Miss {
    Home,
    Profile,
    Share,
    Other,
    Owner(HandleError),
}

impl Miss {
    pub(super) fn error(self, platform: Platform, host: &str) -> PostUrlError {
        match self {
            Self::Home => PostUrlError::Home { platform },
            Self::Profile => PostUrlError::Profile { platform },
            Self::Share => PostUrlError::ShortLink { link: format!("{host}/share") },
            Self::Other => PostUrlError::NotAPost { platform },
            Self::Owner(error) => PostUrlError::Owner(error),
        }
    }
}

pub(super) fn recognise(platform: Platform, address: &Address, segments: &[&str]) -> Result<Found, Miss> {
    if segments.is_empty() {
        return Err(Miss::Home);
    }
    match platform {
        Platform::X => x(segments),
        Platform::Instagram => instagram(segments),
        Platform::Facebook => facebook::recognise(address, segments),
        Platform::Tiktok => tiktok(segments),
        Platform::Youtube => youtube(address, segments),
        Platform::Linkedin => linkedin::recognise(address, segments),
        Platform::Threads => threads(segments),
    }
}

/// A handle in a path, normalised.
pub(super) fn owner(platform: Platform, segment: &str) -> Result<String, Miss> {
    Handle::parse(segment, platform).map(|h| h.normalised().to_owned()).map_err(Miss::Owner)
}

/// A number of 1 to 25 digits, without leading zero.
pub(super) fn number(s: &str) -> Result<&str, Miss> {
    let good = (1..=25).contains(&s.len()) && !s.starts_with('0') && s.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(s) } else { Err(Miss::Other) }
}

/// Letters, digits, `_` and `-` (base64url), within a length.
pub(super) fn code(s: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<&str, Miss> {
    let good = lengths.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if good { Ok(s) } else { Err(Miss::Other) }
}

fn x(segments: &[&str]) -> Result<Found, Miss> {
    const P: Platform = Platform::X;
    let (owner, id) = match *segments {
        ["i", "web" | "status", "status", id] | ["i", "status", id] => (None, number(id)?),
        [name, "status" | "statuses", id] | [name, "status" | "statuses", id, "photo" | "video", _] => {
            (Some(owner(P, name)?), number(id)?)
        }
        ["home" | "explore" | "search" | "notifications" | "messages" | "i" | "hashtag" | "settings", ..] => {
            return Err(Miss::Other);
        }
        [_] | [_, "media" | "likes" | "with_replies" | "articles"] => return Err(Miss::Profile),
        _ => return Err(Miss::Other),
    };
    let name = owner.as_deref().unwrap_or("i/web");
    Ok(Found { canonical: format!("https://x.com/{name}/status/{id}"), id: id.to_owned(), owner })
}

fn instagram(segments: &[&str]) -> Result<Found, Miss> {
    let (name, rest) = match *segments {
        ["p" | "reel" | "reels" | "tv", ..] => (None, segments),
        ["share", ..] => return Err(Miss::Share),
        ["explore" | "stories" | "direct" | "accounts" | "s", ..] => return Err(Miss::Other),
        [name, ref rest @ ..] => (Some(name), rest),
        [] => return Err(Miss::Home),
    };
    let (kind, id, comment) = match *rest {
        [] | ["reels" | "tagged"] if name.is_some() => return Err(Miss::Profile),
        [kind @ ("p" | "reel" | "reels" | "tv"), id] => (kind, id, None),
        [kind @ ("p" | "reel" | "reels" | "tv"), id, "c", comment]
        | [kind @ ("p" | "reel" | "reels" | "tv"), id, "c", _, "r", comment] => (kind, id, Some(number(comment)?)),
        _ => return Err(Miss::Other),
    };
    let kind = if kind == "reels" { "reel" } else { kind };
    let owner = name.map(|n| owner(Platform::Instagram, n)).transpose()?;
    let id = code(id, 5..=64)?;
    let base = owner.as_ref().map_or_else(String::new, |o| format!("{o}/"));
    let canonical = format!("https://www.instagram.com/{base}{kind}/{id}/");
    Ok(match comment {
        None => Found { canonical, id: id.to_owned(), owner },
        Some(c) => Found { canonical: format!("{canonical}c/{c}/"), id: format!("{id}/comment/{c}"), owner: None },
    })
}

fn tiktok(segments: &[&str]) -> Result<Found, Miss> {
    match *segments {
        [name, kind @ ("video" | "photo"), id] if name.starts_with('@') => {
            let (owner, id) = (owner(Platform::Tiktok, name)?, number(id)?);
            let canonical = format!("https://www.tiktok.com/@{owner}/{kind}/{id}");
            Ok(Found { canonical, id: id.to_owned(), owner: Some(owner) })
        }
        // Both forms redirect to the full address, which shows the owner.
        ["t" | "v", _] => Err(Miss::Share),
        [name, ..] if name.starts_with('@') => Err(Miss::Profile),
        _ => Err(Miss::Other),
    }
}

fn youtube(address: &Address, segments: &[&str]) -> Result<Found, Miss> {
    let video = |id: &str| {
        let id = code(id, 11..=11)?;
        let canonical = format!("https://www.youtube.com/watch?v={id}");
        Ok(match address.param("lc") {
            Some(lc) if lc.split('.').all(|part| code(part, 5..=64).is_ok()) => {
                Found { canonical: format!("{canonical}&lc={lc}"), id: format!("{id}/comment/{lc}"), owner: None }
            }
            _ => Found { canonical, id: id.to_owned(), owner: None },
        })
    };
    let post = |id: &str, owner: Option<String>| {
        let id = code(id, 20..=64)?;
        let canonical = match &owner {
            Some(channel) => format!("https://www.youtube.com/channel/{channel}/community?lb={id}"),
            None => format!("https://www.youtube.com/post/{id}"),
        };
        Ok(Found { canonical, id: id.to_owned(), owner })
    };
    match *segments {
        [id] if address.host.ends_with("youtu.be") => video(id),
        ["watch"] => video(address.param("v").ok_or(Miss::Other)?),
        ["shorts" | "live" | "embed" | "v", id] => video(id),
        ["post", id] => post(id, None),
        ["channel", channel, "community"] if address.param("lb").is_some() => {
            let channel = owner(Platform::Youtube, &format!("channel/{channel}"))?;
            post(address.param("lb").unwrap_or_default(), Some(channel))
        }
        ["channel" | "c" | "user", ..] => Err(Miss::Profile),
        [name, ..] if name.starts_with('@') => Err(Miss::Profile),
        _ => Err(Miss::Other),
    }
}

fn threads(segments: &[&str]) -> Result<Found, Miss> {
    match *segments {
        [name, "post", id] | [name, "post", id, "media"] if name.starts_with('@') => {
            let (owner, id) = (owner(Platform::Threads, name)?, code(id, 5..=64)?);
            let canonical = format!("https://www.threads.com/@{owner}/post/{id}");
            Ok(Found { canonical, id: id.to_owned(), owner: Some(owner) })
        }
        ["t", id] => {
            let id = code(id, 5..=64)?;
            Ok(Found { canonical: format!("https://www.threads.com/t/{id}"), id: id.to_owned(), owner: None })
        }
        [name, ..] if name.starts_with('@') => Err(Miss::Profile),
        _ => Err(Miss::Other),
    }
}
