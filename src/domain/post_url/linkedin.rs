//! What a post's address looks like on LinkedIn.

use url::form_urlencoded::byte_serialize;

use super::address::Address;
use super::sites::{Found, Miss, code, number, owner};
use crate::domain::platform::Platform;

const HOST: &str = "https://www.linkedin.com";
/// The kinds of id under which LinkedIn keeps posts.
const KINDS: [&str; 3] = ["activity", "share", "ugcPost"];

pub(super) fn recognise(address: &Address, segments: &[&str]) -> Result<Found, Miss> {
    let found = match *segments {
        ["posts", slug] => post(slug)?,
        ["feed" | "embed", "update", urn] | ["embed", "feed", "update", urn] => update(urn)?,
        ["pulse", slug] => {
            let slug = code(slug, 3..=300)?.to_ascii_lowercase();
            Found { canonical: format!("{HOST}/pulse/{slug}"), id: format!("pulse:{slug}"), owner: None }
        }
        ["in" | "company" | "school" | "showcase" | "pub", ..] => return Err(Miss::Profile),
        ["feed"] => return Err(Miss::Home),
        _ => return Err(Miss::Other),
    };
    Ok(match comment(address) {
        Some((urn, id)) => {
            let urn: String = byte_serialize(urn.as_bytes()).collect();
            Found {
                canonical: format!("{}?commentUrn={urn}", found.canonical),
                id: format!("{}/comment/{id}", found.id),
                owner: None,
            }
        }
        None => found,
    })
}

/// `name_any-text-activity-7123…-AbCd`: the text is dropped, the owner and the id stay.
fn post(slug: &str) -> Result<Found, Miss> {
    let (name, rest) = slug.split_once('_').ok_or(Miss::Other)?;
    let (kind, id, tail) = KINDS.iter().find_map(|kind| kind_and_id(kind, rest)).ok_or(Miss::Other)?;
    let tail = match tail {
        "" => String::new(),
        tail => format!("-{}", code(tail, 1..=16)?),
    };
    let name = owner(Platform::Linkedin, &format!("in/{name}"))?;
    let name = name.strip_prefix("in/").unwrap_or(&name).to_owned();
    let canonical = format!("{HOST}/posts/{name}_{kind}-{id}{tail}");
    Ok(Found { canonical, id: format!("{kind}:{id}"), owner: Some(name) })
}

fn kind_and_id<'a>(kind: &'static str, rest: &'a str) -> Option<(&'static str, &'a str, &'a str)> {
    let at = rest.rfind(&format!("{kind}-"))?;
    let (before, after) = (rest.get(..at)?, rest.get(at + kind.len() + 1..)?);
    if !(before.is_empty() || before.ends_with('-')) {
        return None;
    }
    let (id, tail) = after.split_once('-').unwrap_or((after, ""));
    number(id).ok().filter(|id| id.len() >= 10).map(|id| (kind, id, tail))
}

fn update(urn: &str) -> Result<Found, Miss> {
    let (kind, id) = urn.strip_prefix("urn:li:").and_then(|s| s.split_once(':')).ok_or(Miss::Other)?;
    let kind = KINDS.iter().find(|k| **k == kind).ok_or(Miss::Other)?;
    let id = number(id)?;
    Ok(Found { canonical: format!("{HOST}/feed/update/urn:li:{kind}:{id}"), id: format!("{kind}:{id}"), owner: None })
}

/// `urn:li:comment:(activity:7123…,7124…)`, and the comment's number.
fn comment(address: &Address) -> Option<(&str, &str)> {
    let urn = address.param("commentUrn")?;
    let (post, id) = urn.strip_prefix("urn:li:comment:(")?.strip_suffix(')')?.split_once(',')?;
    let good = post.len() <= 60 && post.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':');
    number(id).ok().filter(|_| good).map(|id| (urn, id))
}
