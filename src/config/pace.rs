//! How fast mail may go to one destination: the general limits, and those of destinations named one by one.

use super::{ConfigError, MailPace};

/// The limits of one destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Mails a minute; 0 for no limit.
    pub per_minute: u32,
    /// Mails under way at once; 0 for no limit.
    pub at_once: u32,
}

impl MailPace {
    /// The limits of `domain` (lower case, ASCII).
    #[must_use]
    pub fn of(&self, domain: &str) -> Pace {
        let named = self.destinations.iter().filter_map(|text| parse(text)).find(|(name, _)| name == domain);
        named.map_or(Pace { per_minute: self.per_minute, at_once: self.at_once }, |(_, pace)| pace)
    }

    /// Whether any destination has a rate or a ramp.
    #[must_use]
    pub fn is_paced(&self) -> bool {
        self.per_minute > 0
            || !self.warm_up.is_empty()
            || self.destinations.iter().filter_map(|t| parse(t)).any(|(_, p)| p.per_minute > 0)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for text in &self.destinations {
            if parse(text).is_none() {
                let problem = format!(
                    "{text:?} is not of the form \"gmail.com 600 2\": a domain, mails a minute, mails at once (0 for no limit)"
                );
                return Err(ConfigError::invalid("mail.pace.destinations", problem));
            }
        }
        if self.warm_up.len() > 100 || self.warm_up.contains(&0) {
            return Err(ConfigError::invalid("mail.pace.warm_up", "names at most 100 days, each with at least one mail"));
        }
        Ok(())
    }
}

fn parse(text: &str) -> Option<(String, Pace)> {
    let mut words = text.split_whitespace();
    let domain = idna::domain_to_ascii(words.next()?).ok().filter(|d| d.contains('.'))?;
    let per_minute = words.next()?.parse().ok()?;
    let at_once = words.next().map_or(Some(0), |n| n.parse().ok())?;
    words.next().is_none().then_some((domain, Pace { per_minute, at_once }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_destination_has_limits_of_its_own() {
        let mut pace = MailPace { per_minute: 100, at_once: 0, destinations: vec!["Gmail.com 600 2".into()], warm_up: vec![] };
        assert!(pace.check().is_ok());
        assert_eq!(pace.of("gmail.com"), Pace { per_minute: 600, at_once: 2 });
        assert_eq!(pace.of("klp.example.id"), Pace { per_minute: 100, at_once: 0 });
        for bad in ["gmail.com", "gmail.com x", "gmail 1", "gmail.com 1 2 3", "gmail.com -1", ""] {
            pace.destinations = vec![bad.into()];
            assert!(pace.check().is_err(), "{bad}");
        }
    }
}
