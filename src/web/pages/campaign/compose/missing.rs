//! What still stands between a draft and its submission, each with the way to its field.

use super::anchor;
use crate::domain::content::CampaignContent;
use crate::domain::id::CampaignId;
use crate::service::FieldError;
use crate::service::campaign::{CampaignCheck, NearIdentical};
use crate::web::l10n;
use crate::web::view::View;

/// Something that is missing or wrong.
pub struct Missing {
    /// Where, in words.
    pub place: String,
    /// What to do.
    pub text: String,
    /// The way there.
    pub url: String,
}

/// Everything that a check found, in the order of the content.
#[must_use]
pub fn list(v: &View, id: CampaignId, content: &CampaignContent, faults: &[FieldError]) -> Vec<Missing> {
    let missing = |fault: &FieldError| Missing {
        place: place(v, content, &fault.field),
        text: v.refusal(&fault.code, &fault.message),
        url: url(id, content, &fault.field),
    };
    faults.iter().map(missing).collect()
}

/// The texts that are nearly the same, in words, each with the way there.
#[must_use]
pub fn near(v: &View, id: CampaignId, content: &CampaignContent, check: &CampaignCheck) -> Vec<Missing> {
    let missing = |near: &NearIdentical| Missing {
        place: place(v, content, &near.path),
        text: near_words(v, near),
        url: url(id, content, &format!("{}.variants[{}].text", near.path, near.second)),
    };
    check.near_identical.iter().map(missing).collect()
}

/// "Text 1 and text 3 are 92 % alike".
#[must_use]
pub fn near_words(v: &View, near: &NearIdentical) -> String {
    let number = |n: usize| l10n::Value::from(n.to_string());
    let values =
        [("first", number(near.first + 1)), ("second", number(near.second + 1)), ("percent", number(usize::from(near.percent)))];
    l10n::say(v.locale, "composer-near", &values)
}

/// The page and field of a place in the content.
fn url(id: CampaignId, content: &CampaignContent, path: &str) -> String {
    let Some((i, rest)) = path.strip_prefix("waves[").and_then(|rest| rest.split_once(']')) else {
        return format!("/campaigns/{id}/edit#{}", anchor(path));
    };
    let wave = i.parse::<usize>().ok().and_then(|i| content.waves.get(i));
    match wave {
        Some(wave) => format!("/campaigns/{id}/waves/{}/edit#{}", wave.id, anchor(rest.trim_start_matches('.'))),
        None => format!("/campaigns/{id}/edit#waves"),
    }
}

/// A place in the content, in words: "Gelombang “Akun resmi” · Tugas 1 · Arahan".
#[must_use]
pub fn place(v: &View, content: &CampaignContent, path: &str) -> String {
    let words = path.split('.').filter_map(|segment| {
        let (name, i) =
            segment.split_once('[').map_or((segment, None), |(name, i)| (name, i.trim_end_matches(']').parse::<usize>().ok()));
        let number = |i: usize| (i + 1).to_string();
        Some(match (name, i) {
            ("timing" | "audience", _) => return None,
            ("waves", Some(i)) => {
                let name = content.waves.get(i).map(|wave| wave.name.clone()).filter(|name: &String| !name.trim().is_empty());
                v.a("composer-wave-named", "wave", name.unwrap_or_else(|| number(i)))
            }
            ("tasks", Some(i)) => v.a("composer-task-n", "n", number(i)),
            ("variants", Some(i)) => v.a("composer-text-n", "n", number(i)),
            ("facts", Some(i)) => v.a("composer-fact-n", "n", number(i)),
            ("avoid", Some(i)) => v.a("composer-avoid-n", "n", number(i)),
            (name, _) => l10n::find(v.locale, &format!("composer-at-{name}"), &[]).unwrap_or_else(|| name.to_owned()),
        })
    });
    words.collect::<Vec<_>>().join(" · ")
}
