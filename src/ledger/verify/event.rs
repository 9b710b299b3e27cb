//! An entry as the domain's rules need it: which kind, when, of what, and the few words of its payload that a rule looks at.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

/// The form of the leaves that is known here.
const FORM: u64 = 1;

/// What happened, as far as a rule asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Nothing that a rule asks for.
    Other,
    /// The log goes on from another one, so what it tells of may have begun there.
    Continues,
    /// A campaign's content was written: its hash.
    Written(Box<str>),
    /// A campaign was released: the hash of what was.
    Released(Box<str>),
    /// A release was voided.
    Voided,
    /// A campaign ended: cancelled, corrected, finished.
    Ended,
    /// A wave opened.
    Opened,
    /// A range of assignments was made: the first id and the last.
    Made(u128, u128),
    /// A wave was filled.
    Filled,
    /// A wave closed.
    Closed,
    /// A completion: whether it waits to be confirmed.
    Done(bool),
    /// A completion that waited was confirmed.
    Confirmed,
    /// A task was declined.
    Declined,
    /// An answer was taken back: whether it was one that waited, and whether the assignment was over by then.
    Undone(bool, bool),
    /// A deadline passed.
    Expired,
    /// A reviewer looked: whether it was right.
    Looked(bool),
}

/// An entry, as far as a rule asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id; 0 of a form that is not known here.
    pub id: u128,
    /// The time of the transaction that wrote it: microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// Its campaign.
    pub campaign: Option<u128>,
    /// Its wave.
    pub wave: Option<u128>,
    /// Its assignment.
    pub assignment: Option<u128>,
    /// What happened.
    pub what: What,
}

/// A leaf's bytes, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// An entry of a known form, with its kind.
    Entry(Event, Box<str>),
    /// An entry of a form that a later version writes.
    OtherForm,
    /// No entry.
    NoEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form<'a> {
    v: u64,
    id: Uuid,
    at_us: i64,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, rename = "actor")]
    _actor: Option<Cow<'a, str>>,
    #[serde(rename = "unit")]
    _unit: Option<Uuid>,
    campaign: Option<Uuid>,
    wave: Option<Uuid>,
    assignment: Option<Uuid>,
    #[serde(borrow, rename = "subject")]
    _subject: Option<Cow<'a, str>>,
    #[serde(rename = "payload")]
    _payload: IgnoredAny,
    #[serde(borrow, rename = "commitment")]
    _commitment: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// The words of a payload that rules look at.
#[derive(Deserialize, Default)]
struct Words<'a> {
    #[serde(borrow, default)]
    content_hash: Option<Cow<'a, str>>,
    #[serde(default)]
    first_id: Option<Uuid>,
    #[serde(default)]
    last_id: Option<Uuid>,
    #[serde(default)]
    suspected: bool,
    #[serde(borrow, default)]
    was: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    state: Option<Cow<'a, str>>,
    #[serde(default)]
    ok: bool,
}

#[derive(Deserialize)]
struct WithWords<'a> {
    #[serde(borrow)]
    payload: Words<'a>,
}

/// Reads a leaf.
#[must_use]
pub fn read(leaf: &[u8]) -> Read {
    let Ok(form) = serde_json::from_slice::<Form<'_>>(leaf) else {
        return match serde_json::from_slice::<Version>(leaf) {
            Ok(Version { v }) if v != FORM => Read::OtherForm,
            _ => Read::NoEntry,
        };
    };
    if form.v != FORM {
        return Read::OtherForm;
    }
    let Some(what) = what(&form.kind, leaf).filter(|_| !form.id.is_nil()) else { return Read::NoEntry };
    let id = |id: Option<Uuid>| id.map(|id| id.as_u128());
    let event = Event {
        id: form.id.as_u128(),
        at_us: form.at_us,
        campaign: id(form.campaign),
        wave: id(form.wave),
        assignment: id(form.assignment),
        what,
    };
    Read::Entry(event, form.kind.into())
}

/// What a kind says; none where its payload lacks what that kind must say.
fn what(kind: &str, leaf: &[u8]) -> Option<What> {
    let plain = match kind {
        "release.voided" => What::Voided,
        "campaign.cancelled" | "campaign.corrected" | "campaign.finished" => What::Ended,
        "wave.opened" => What::Opened,
        "wave.filled" => What::Filled,
        "wave.closed" => What::Closed,
        "completion.confirmed" => What::Confirmed,
        "assignment.declined" => What::Declined,
        "assignment.expired" => What::Expired,
        "ledger.restarted" => What::Continues,
        "campaign.created" | "campaign.edited" | "campaign.released" | "wave.assigned" | "assignment.done"
        | "assignment.undone" | "assignment.checked" => {
            let WithWords { payload } = serde_json::from_slice(leaf).ok()?;
            return with_words(kind, payload);
        }
        _ => What::Other,
    };
    Some(plain)
}

fn with_words(kind: &str, words: Words<'_>) -> Option<What> {
    Some(match kind {
        "campaign.released" => What::Released(words.content_hash?.into()),
        "wave.assigned" => What::Made(words.first_id?.as_u128(), words.last_id?.as_u128()),
        "assignment.done" => What::Done(words.suspected),
        "assignment.undone" => What::Undone(
            words.was.as_deref() == Some("suspected"),
            matches!(words.state.as_deref(), Some("expired" | "withdrawn")),
        ),
        "assignment.checked" => What::Looked(words.ok),
        _ => What::Written(words.content_hash?.into()),
    })
}
