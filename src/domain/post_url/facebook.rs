//! What a post's address looks like on Facebook, which has a dozen forms.

use super::address::Address;
use super::sites::{Found, Miss, code, number, owner};
use crate::domain::platform::Platform;

const P: Platform = Platform::Facebook;
const HOST: &str = "https://www.facebook.com";

pub(super) fn recognise(address: &Address, segments: &[&str]) -> Result<Found, Miss> {
    let param = |name: &str| address.param(name).ok_or(Miss::Other);
    let found = match *segments {
        ["share", ..] => return Err(Miss::Share),
        ["profile.php" | "people" | "pages" | "p", ..] => return Err(Miss::Profile),
        ["story.php" | "permalink.php"] => story(param("story_fbid")?, param("id")?)?,
        ["watch"] | ["watch", "live"] | ["video.php"] => plain(format!("{HOST}/watch/?v="), number(param("v")?)?),
        ["photo" | "photo.php"] => plain(format!("{HOST}/photo/?fbid="), number(param("fbid")?)?),
        ["reel" | "reels", id] => plain(format!("{HOST}/reel/"), number(id)?),
        ["groups", group, "posts" | "permalink", id] => {
            plain(format!("{HOST}/groups/{}/posts/", group_name(group)?), post_id(id)?)
        }
        ["groups" | "events" | "marketplace" | "watch" | "gaming" | "hashtag" | "home.php" | "reel" | "stories", ..] => {
            return Err(Miss::Other);
        }
        [page, "posts", id] | [page, "posts", _, id] => owned(page, "posts", post_id(id)?)?,
        [page, "videos", id] | [page, "videos", _, id] => owned(page, "videos", number(id)?)?,
        [page, "photos", id] | [page, "photos", _, id] => owned(page, "photos", number(id)?)?,
        [_] | [_, "posts" | "videos" | "photos" | "reels" | "about" | "followers" | "mentions"] => {
            return Err(Miss::Profile);
        }
        _ => return Err(Miss::Other),
    };
    Ok(match comment(address) {
        Some((query, comment)) => {
            let join = if found.canonical.contains('?') { '&' } else { '?' };
            Found {
                canonical: format!("{}{join}{query}", found.canonical),
                id: format!("{}/comment/{comment}", found.id),
                owner: None,
            }
        }
        None => found,
    })
}

fn plain(mut canonical: String, id: &str) -> Found {
    canonical.push_str(id);
    Found { canonical, id: id.to_owned(), owner: None }
}

fn owned(page: &str, kind: &str, id: &str) -> Result<Found, Miss> {
    let owner = owner(P, page)?;
    Ok(Found { canonical: format!("{HOST}/{owner}/{kind}/{id}"), id: id.to_owned(), owner: Some(owner) })
}

fn story(post: &str, page: &str) -> Result<Found, Miss> {
    let (post, page) = (post_id(post)?, number(page)?);
    let canonical = format!("{HOST}/permalink.php?story_fbid={post}&id={page}");
    Ok(Found { canonical, id: post.to_owned(), owner: Some(owner(P, page)?) })
}

/// A number, or `pfbid` with letters and digits.
fn post_id(s: &str) -> Result<&str, Miss> {
    match s.strip_prefix("pfbid") {
        Some(rest) if rest.bytes().all(|b| b.is_ascii_alphanumeric()) => code(rest, 10..=120).map(|_| s),
        _ => number(s),
    }
}

fn group_name(s: &str) -> Result<String, Miss> {
    let good = (1..=100).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if good && s.bytes().any(|b| b.is_ascii_alphanumeric()) { Ok(s.to_ascii_lowercase()) } else { Err(Miss::Other) }
}

/// The query that leads to one comment (or answer to a comment), and its id.
fn comment(address: &Address) -> Option<(String, String)> {
    let id = |name: &str| address.param(name).filter(|s| code(s.trim_end_matches('='), 1..=200).is_ok());
    let comment = id("comment_id")?;
    Some(match id("reply_comment_id") {
        Some(reply) => (format!("comment_id={comment}&reply_comment_id={reply}"), reply.to_owned()),
        None => (format!("comment_id={comment}"), comment.to_owned()),
    })
}
