//! Named places where a test lets the process die, stall or fail: in debug builds, by the variable `GAUNG_FAULTS`; nothing in a release.
//!
//! `GAUNG_FAULTS=outbox.settle.before=abort@3,smtp.dot.written=sleep:5000,store.commit.before=error%10` says what happens where:
//! `abort` ends the process at once, without unwinding; `panic` unwinds; `sleep:MS` stalls the thread; `error` makes the place fail
//! where it can fail. `@N` means the N-th time only, `%P` one time in a hundred times P. Each that happens is said on stderr.
//! docs/reliability.md lists the places.

/// A failure that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fault was asked for at {0}")]
pub struct Injected(pub &'static str);

/// A place where the process may die or stall.
#[inline]
pub fn point(name: &'static str) {
    // A place that cannot fail takes an asked-for error as nothing.
    let _ = check(name);
}

/// A place where the process may die or stall, or the work may fail.
///
/// # Errors
/// [`Injected`] when that was asked for.
#[inline]
pub fn check(name: &'static str) -> Result<(), Injected> {
    #[cfg(debug_assertions)]
    return active::reach(name);
    #[cfg(not(debug_assertions))]
    {
        let _ = name;
        Ok(())
    }
}

#[cfg(debug_assertions)]
mod active {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::Injected;

    /// What happens.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Action {
        Abort,
        Panic,
        Sleep(u64),
        Error,
    }

    /// When it happens.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum When {
        Always,
        Nth(u64),
        Percent(u64),
    }

    /// What was asked for at one place.
    #[derive(Debug)]
    pub(super) struct Rule {
        pub(super) name: String,
        pub(super) action: Action,
        pub(super) when: When,
        hits: AtomicU64,
    }

    impl Rule {
        fn applies(&self) -> bool {
            let hit = self.hits.fetch_add(1, Ordering::Relaxed) + 1;
            match self.when {
                When::Always => true,
                When::Nth(n) => hit == n,
                When::Percent(percent) => scattered(hit) % 100 < percent,
            }
        }
    }

    /// Scatters consecutive numbers (SplitMix64): the same process asks the same dice.
    const fn scattered(n: u64) -> u64 {
        let n = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        n ^ (n >> 31)
    }

    pub(super) fn parse(text: &str) -> Vec<Rule> {
        text.split(',').filter_map(|part| parse_one(part.trim())).collect()
    }

    fn parse_one(part: &str) -> Option<Rule> {
        let (name, rest) = part.split_once('=')?;
        let (action, when) = if let Some((action, n)) = rest.split_once('@') {
            (action, When::Nth(n.parse().ok()?))
        } else if let Some((action, percent)) = rest.split_once('%') {
            (action, When::Percent(percent.parse().ok()?))
        } else {
            (rest, When::Always)
        };
        let action = match action.split_once(':') {
            Some(("sleep", ms)) => Action::Sleep(ms.parse().ok()?),
            None if action == "abort" => Action::Abort,
            None if action == "panic" => Action::Panic,
            None if action == "error" => Action::Error,
            _ => return None,
        };
        Some(Rule { name: name.to_owned(), action, when, hits: AtomicU64::new(0) })
    }

    fn rules() -> &'static [Rule] {
        static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
        RULES.get_or_init(|| std::env::var("GAUNG_FAULTS").map(|text| parse(&text)).unwrap_or_default())
    }

    #[expect(clippy::print_stderr, reason = "the log may be off, and the process may be about to end")]
    #[expect(clippy::panic, reason = "it was asked for")]
    pub(super) fn reach(name: &'static str) -> Result<(), Injected> {
        for rule in rules().iter().filter(|rule| rule.name == name) {
            if !rule.applies() {
                continue;
            }
            eprintln!("fault point {name}: {:?}", rule.action);
            match rule.action {
                Action::Abort => std::process::abort(),
                Action::Panic => panic!("a panic was asked for at {name}"),
                Action::Sleep(ms) => std::thread::sleep(Duration::from_millis(ms)),
                Action::Error => return Err(Injected(name)),
            }
        }
        Ok(())
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::active::{Action, When, parse};

    #[test]
    fn what_happens_where_and_when_is_read_from_one_text() {
        let rules = parse("a.b=abort@3, c=sleep:5000,d=error%10,e=panic");
        let read: Vec<_> = rules.iter().map(|r| (r.name.as_str(), r.action, r.when)).collect();
        assert_eq!(
            read,
            [
                ("a.b", Action::Abort, When::Nth(3)),
                ("c", Action::Sleep(5000), When::Always),
                ("d", Action::Error, When::Percent(10)),
                ("e", Action::Panic, When::Always),
            ]
        );
        assert!(parse("a,=,b=explode,c=sleep,d=abort@x").is_empty());
    }

    #[test]
    fn a_place_nobody_named_does_nothing() {
        super::point("nobody.named.this");
        assert_eq!(super::check("nobody.named.this"), Ok(()));
    }
}
