//! The fields of an account, read and checked in one place for forms and files.

use chrono::{DateTime, Utc};

use crate::domain::account::{AccountRefusal, AccountState, Engagement, check_engagement};
use crate::domain::handle::{Handle, HandleError};
use crate::domain::id::{AccountId, MemberId, UnitId};
use crate::domain::kind::AccountKind;
use crate::domain::plain_text::{self, TextError};
use crate::domain::platform::Platform;
use crate::service::form::Faults;
use crate::store::account::AccountRow;
use crate::store::types::At;

/// The longest name an account shows, in characters.
const NAME_CHARACTERS: usize = 120;
/// The longest topic, in characters.
const TOPIC_CHARACTERS: usize = 40;
/// The most topics of an account.
const MAX_TOPICS: usize = 20;

/// The fields of an account that need reading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub platform: Platform,
    pub handle: &'a str,
    pub display_name: &'a str,
    pub language: &'a str,
    pub followers: u32,
    pub topics: &'a [&'a str],
    pub engagement: Option<Engagement>,
    pub public_name: bool,
}

/// An account whose fields were found right.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    kind: AccountKind,
    handle: Handle,
    display_name: String,
    language: String,
    followers: i32,
    topics: Vec<String>,
    engagement: Option<Engagement>,
    public_name: bool,
}

impl Draft {
    /// Reads the fields; notes every fault.
    pub(crate) fn read(kind: AccountKind, fields: Fields<'_>, faults: &mut Faults) -> Option<Self> {
        let handle = faults.take("handle", Handle::parse(fields.handle, fields.platform), HandleError::code);
        let shown = match (fields.display_name.trim(), &handle) {
            ("", Some(handle)) => handle.as_str().to_owned(),
            (shown, _) => shown.to_owned(),
        };
        let display_name = match (&handle, shown.is_empty()) {
            (None, true) => None,
            _ => faults.take("display_name", plain_text::line(&shown, NAME_CHARACTERS), TextError::code),
        };
        let language = read_language(fields.language, faults);
        let followers = i32::try_from(fields.followers).ok();
        if followers.is_none() {
            faults.add("followers", "account.followers", "The number of followers is too large; check it for a slip");
        }
        let topics = read_topics(fields.topics, faults);
        let Fields { engagement, public_name, .. } = fields;
        Some(Self {
            engagement,
            public_name,
            kind,
            handle: handle?,
            display_name: display_name?,
            language: language?,
            followers: followers?,
            topics: topics?,
        })
    }

    /// Whether engagement, unit and operators fit the kind.
    pub(crate) fn check(&self, has_unit: bool, no_operators: bool) -> Result<(), AccountRefusal> {
        check_engagement(self.kind, self.engagement)?;
        if self.kind == AccountKind::WhiteLabel && !has_unit {
            return Err(AccountRefusal::OperatingUnitMissing);
        }
        if self.kind.is_personal() && !no_operators {
            return Err(AccountRefusal::OperatorsNotInstitution);
        }
        Ok(())
    }

    pub(crate) fn topics(&self) -> &[String] {
        &self.topics
    }

    /// A new row: active, not disclosed.
    pub(crate) fn new_row(&self, unit_id: UnitId, member_id: MemberId, now: DateTime<Utc>) -> AccountRow {
        AccountRow {
            id: AccountId::new(),
            unit_id,
            member_id,
            kind: self.kind,
            layer: self.kind.layer().number(),
            personal: self.kind.is_personal(),
            platform: self.handle.platform(),
            handle: self.handle.as_str().to_owned(),
            handle_norm: self.handle.normalised().to_owned(),
            display_name: self.display_name.clone(),
            language: self.language.clone(),
            followers: self.followers,
            engagement: self.engagement,
            public_name: self.public_name,
            state: AccountState::Active,
            disclosed_until: None,
            created_at: At(now),
            updated_at: At(now),
            version: 1,
        }
    }

    /// Puts the draft into a row; gives the names of what changed.
    pub(crate) fn apply(&self, row: &mut AccountRow, unit_id: UnitId) -> Vec<&'static str> {
        let changed = [
            ("unit", row.unit_id != unit_id),
            ("kind", row.kind != self.kind),
            ("platform", row.platform != self.handle.platform()),
            ("handle", row.handle != self.handle.as_str()),
            ("display_name", row.display_name != self.display_name),
            ("language", row.language != self.language),
            ("followers", row.followers != self.followers),
            ("engagement", row.engagement != self.engagement),
            ("public_name", row.public_name != self.public_name),
        ];
        row.unit_id = unit_id;
        row.kind = self.kind;
        row.layer = self.kind.layer().number();
        row.personal = self.kind.is_personal();
        row.platform = self.handle.platform();
        row.handle = self.handle.as_str().to_owned();
        row.handle_norm = self.handle.normalised().to_owned();
        row.display_name.clone_from(&self.display_name);
        row.language.clone_from(&self.language);
        row.followers = self.followers;
        row.engagement = self.engagement;
        row.public_name = self.public_name;
        changed.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }
}

/// A BCP 47 tag in its plain form: a language of two or three letters, then parts of two to eight letters or digits.
fn read_language(given: &str, faults: &mut Faults) -> Option<String> {
    let tag = given.trim();
    if tag.is_empty() {
        return Some("id".to_owned());
    }
    let mut parts = tag.split('-');
    let language = parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    if language && rest && tag.len() <= 35 {
        return Some(tag.to_ascii_lowercase());
    }
    faults.add("language", "account.language", "Give the language as a BCP 47 tag, such as id, en or jv");
    None
}

fn read_topics(given: &[&str], faults: &mut Faults) -> Option<Vec<String>> {
    let mut topics = Vec::with_capacity(given.len());
    for topic in given.iter().filter(|topic| !topic.trim().is_empty()) {
        let topic = faults.take("topics", plain_text::line(topic, TOPIC_CHARACTERS), TextError::code)?;
        topics.push(topic.to_lowercase());
    }
    topics.sort_unstable();
    topics.dedup();
    if topics.len() > MAX_TOPICS {
        faults.add("topics", "account.topics", "Give at most 20 topics");
        return None;
    }
    Some(topics)
}
