//! Header fields as reports hold them (RFC 3464 section 2.1, RFC 5965 section 3): read leniently, never beyond a bound.

use std::borrow::Cow;

/// Most fields of one group.
const MOST_FIELDS: usize = 300;
/// Most groups of one part: one for the message, one for each recipient.
const MOST_GROUPS: usize = 100;
/// Longest value kept, in characters.
const LONGEST_VALUE: usize = 4_000;

/// A group of fields, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields at the beginning of a message, up to its first empty line.
    pub fn of_message(raw: &[u8]) -> Self {
        Self::groups(raw).into_iter().next().unwrap_or_default()
    }

    /// The groups of a part, which empty lines separate.
    pub fn groups(raw: &[u8]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        let mut open = false;
        for line in raw.split(|octet| *octet == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.trim_ascii().is_empty() {
                open = false;
                continue;
            }
            if !open {
                if groups.len() == MOST_GROUPS {
                    break;
                }
                groups.push(Self::default());
                open = true;
            }
            if let Some(group) = groups.last_mut() {
                group.take(&String::from_utf8_lossy(line));
            }
        }
        groups
    }

    fn take(&mut self, line: &str) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.0.last_mut().filter(|(_, value)| value.len() < LONGEST_VALUE) {
                value.push(' ');
                value.extend(line.trim().chars().take(LONGEST_VALUE));
            }
            return;
        }
        let Some((name, value)) = line.split_once(':') else { return };
        let name = name.trim_end();
        if self.0.len() < MOST_FIELDS && !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic()) {
            self.0.push((name.to_ascii_lowercase(), value.trim().chars().take(LONGEST_VALUE).collect()));
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The first value of a field; names are lower case.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }
    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
    /// Whether there is such a field.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// What follows the type in a value such as `rfc822; ani@example.org` (RFC 3464 section 2.1.2).
pub(super) fn after_type(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim()
}

/// Everything in a text that looks like an address: bare, in angle brackets or in a mailto URL.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || "<>,;\"()[]".contains(c));
    words.filter_map(|word| {
        let word = word.strip_prefix("mailto:").or_else(|| word.strip_prefix("MAILTO:")).unwrap_or(word);
        let word = word.split('?').next().unwrap_or_default().trim_end_matches([':', '.']);
        let plain: Cow<'_, str> = if word.contains('%') {
            word.replace("%2B", "+").replace("%2b", "+").replace("%40", "@").replace("%3D", "=").replace("%3d", "=").into()
        } else {
            word.into()
        };
        let (local, domain) = plain.rsplit_once('@')?;
        (!local.is_empty() && !domain.is_empty() && plain.len() <= 320).then(|| plain.into_owned())
    })
}

/// Everything in a text that looks like a Message-ID, without its angle brackets.
pub(super) fn message_ids(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| c.is_whitespace() || "<>,".contains(c))
        .filter(|word| word.contains('@') && word.len() <= 300)
        .map(ToOwned::to_owned)
}
