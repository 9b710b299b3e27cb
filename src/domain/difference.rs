//! What changed between two readings of a text in parts: which parts came, went or changed, and word by word how.

use std::collections::{HashMap, HashSet};

use similar::{ChangeTag, TextDiff};

/// A part of a reading: the key by which it is found again, what people call it, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The same in both readings.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What it says.
    pub text: String,
}

crate::text_enum! {
    /// How a part differs.
    pub enum Change {
        /// Only the later reading has it.
        Added = "added",
        /// Only the earlier reading has it.
        Removed = "removed",
        /// It says something else.
        Changed = "changed",
    }
}

/// A part that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// How.
    pub change: Change,
    /// What people call it.
    pub label: String,
    /// Its words in order.
    pub words: Vec<Words>,
}

/// Words that stayed, went or came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// None where they stayed; whether they are new otherwise.
    pub new: Option<bool>,
    /// The words with the blanks between them.
    pub text: String,
}

/// The parts that differ, in the later reading's order; those that went stand at the end.
#[must_use]
pub fn differences(before: &[Part], after: &[Part]) -> Vec<Difference> {
    let old: HashMap<&str, &Part> = before.iter().map(|part| (part.key.as_str(), part)).collect();
    let kept: HashSet<&str> = after.iter().map(|part| part.key.as_str()).collect();
    let whole = |part: &Part, change, new| Difference {
        change,
        label: part.label.clone(),
        words: vec![Words { new: Some(new), text: part.text.clone() }],
    };
    let mut found: Vec<Difference> = after
        .iter()
        .filter_map(|part| match old.get(part.key.as_str()) {
            None => Some(whole(part, Change::Added, true)),
            Some(was) if was.text == part.text => None,
            Some(was) => {
                Some(Difference { change: Change::Changed, label: part.label.clone(), words: words(&was.text, &part.text) })
            }
        })
        .collect();
    found.extend(before.iter().filter(|part| !kept.contains(part.key.as_str())).map(|part| whole(part, Change::Removed, false)));
    found
}

/// The words of two texts, side by side in one line.
fn words(before: &str, after: &str) -> Vec<Words> {
    let diff = TextDiff::from_words(before, after);
    let mut runs: Vec<Words> = Vec::new();
    for change in diff.iter_all_changes() {
        let new = match change.tag() {
            ChangeTag::Equal => None,
            ChangeTag::Delete => Some(false),
            ChangeTag::Insert => Some(true),
        };
        match runs.last_mut() {
            Some(run) if run.new == new => run.text.push_str(change.value()),
            _ => runs.push(Words { new, text: change.value().to_owned() }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(key: &str, text: &str) -> Part {
        Part { key: key.into(), label: format!("the {key}"), text: text.into() }
    }

    #[test]
    fn parts_that_came_went_and_changed_are_told_apart() {
        let before = [part("title", "Pekan pajak"), part("fact", "Gratis"), part("paid", "no")];
        let after = [part("title", "Pekan pajak daerah"), part("paid", "no"), part("avoid", "Janji")];
        let found = differences(&before, &after);
        let changes: Vec<_> = found.iter().map(|d| (d.change, d.label.as_str())).collect();
        assert_eq!(changes, [(Change::Changed, "the title"), (Change::Added, "the avoid"), (Change::Removed, "the fact")]);
        assert!(differences(&before, &before).is_empty());
    }

    #[test]
    fn words_are_compared_and_nothing_is_lost() {
        let found = words("lapor pajak lima menit saja", "lapor pajak sepuluh menit saja");
        let of = |wanted: &[Option<bool>]| {
            found.iter().filter(|w| wanted.contains(&w.new)).map(|w| w.text.as_str()).collect::<String>()
        };
        assert_eq!(of(&[None, Some(false)]), "lapor pajak lima menit saja");
        assert_eq!(of(&[None, Some(true)]), "lapor pajak sepuluh menit saja");
        assert_eq!((of(&[Some(false)]).as_str(), of(&[Some(true)]).as_str()), ("lima", "sepuluh"));
    }
}
