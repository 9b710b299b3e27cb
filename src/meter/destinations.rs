//! Which destination domains are told apart: the large ones, a few at most. A small domain may be one person's.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

/// Domains with a label of their own, at most, besides those that the operator names.
const MOST_NAMED: usize = 20;
/// Mails that a domain must have got before it is told apart.
const LEAST_MAILS: u32 = 50;
/// Domains looked at at once, at most; then the counting begins anew.
const MOST_SEEN: usize = 2_000;

/// A domain that is not told apart yet.
#[derive(Debug, Default)]
struct Seen {
    mails: u32,
    people: HashSet<Uuid>,
}

/// Which domains have a label.
#[derive(Debug)]
pub(super) struct Destinations {
    named: BTreeSet<Arc<str>>,
    most: usize,
    seen: HashMap<String, Seen>,
    least_people: usize,
}

impl Destinations {
    pub(super) fn new(named: impl IntoIterator<Item = String>, small_group: u32) -> Self {
        let named: BTreeSet<Arc<str>> = named.into_iter().map(|domain| Arc::from(domain.to_ascii_lowercase())).collect();
        let most = named.len() + MOST_NAMED;
        Self { named, most, seen: HashMap::new(), least_people: usize::try_from(small_group).unwrap_or(5).max(5) }
    }

    /// The label of a mail's domain, if it has one from now on.
    pub(super) fn name(&mut self, domain: &str, person: Option<Uuid>) -> Option<Arc<str>> {
        if let Some(name) = self.named.get(domain) {
            return Some(Arc::clone(name));
        }
        if self.named.len() >= self.most {
            return None;
        }
        if self.seen.len() >= MOST_SEEN && !self.seen.contains_key(domain) {
            self.seen.clear();
        }
        let seen = self.seen.entry(domain.to_owned()).or_default();
        seen.mails = seen.mails.saturating_add(1);
        if seen.people.len() < self.least_people {
            seen.people.extend(person);
        }
        if seen.mails < LEAST_MAILS || seen.people.len() < self.least_people {
            return None;
        }
        self.seen.remove(domain);
        if self.named.len() + 1 >= self.most {
            self.seen = HashMap::new();
        }
        let name: Arc<str> = Arc::from(domain);
        self.named.insert(Arc::clone(&name));
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(to: &mut Destinations, domain: &str, mails: u32, people: u128) -> bool {
        let mut named = false;
        for n in 0..mails {
            named = to.name(domain, Some(Uuid::from_u128(u128::from(n) % people))).is_some();
        }
        named
    }

    #[test]
    fn a_domain_is_told_apart_when_it_is_large_and_several_peoples() {
        let mut to = Destinations::new(["Gmail.com".to_owned()], 5);
        assert!(send(&mut to, "gmail.com", 1, 1), "the operator named it");
        assert!(!send(&mut to, "one.example", 10_000, 1), "one person's");
        assert!(!send(&mut to, "four.example", 10_000, 4));
        assert!(!send(&mut to, "few.example", 49, 20));
        assert!(send(&mut to, "few.example", 1, 20));
        assert!(to.name("other.example", None).is_none());
    }

    #[test]
    fn their_number_is_bounded() {
        let mut to = Destinations::new([], 5);
        let named = (0..100).filter(|n| send(&mut to, &format!("d{n}.example"), 60, 30)).count();
        assert_eq!(named, MOST_NAMED);
        for n in 0..10_000 {
            to.name(&format!("s{n}.example"), None);
        }
        assert!(to.seen.len() <= MOST_SEEN);
    }
}
