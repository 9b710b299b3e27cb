//! Following a record as a receiver does (RFC 7208 section 4): with its limits on lookups, so that what is refused there is seen here.

use std::net::IpAddr;
use std::pin::Pin;

use super::parse::{Mechanism, Qualifier, Record, covers, parse};
use super::published;
use crate::mail::deliverability::dns::{Dns, DnsFault};

/// Section 4.6.4: terms that need DNS.
const MOST_LOOKUPS: u32 = 10;
/// Section 4.6.4: lookups that find nothing.
const MOST_VOID: u32 = 2;
/// Section 4.6.4: hosts of one `mx`.
const MOST_EXCHANGERS: usize = 10;

/// What a receiver makes of a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// May send.
    Pass,
    /// May not.
    Fail,
    /// Most likely may not.
    SoftFail,
    /// The domain does not say.
    Neutral,
    /// There is no record.
    None,
    /// The record is broken.
    PermError(String),
    /// DNS could not say.
    TempError(String),
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::Neutral => "neutral",
            Self::None => "none",
            Self::PermError(_) => "permerror",
            Self::TempError(_) => "temperror",
        }
    }
    /// Why, for the errors.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::PermError(why) | Self::TempError(why) => why.clone(),
            other => other.word().to_owned(),
        }
    }
}

/// One walk through a record and those it names. Without an address nothing matches, and every term is followed.
pub struct Walk<'a> {
    dns: &'a Dns,
    ip: Option<IpAddr>,
    lookups: u32,
    void: u32,
    notes: Vec<&'static str>,
}

type Step<'a, T> = Pin<Box<dyn Future<Output = Result<T, Verdict>> + Send + 'a>>;

impl<'a> Walk<'a> {
    /// Begins one.
    #[must_use]
    pub const fn new(dns: &'a Dns, ip: Option<IpAddr>) -> Self {
        Self { dns, ip, lookups: 0, void: 0, notes: Vec::new() }
    }

    /// How many terms needed DNS.
    #[must_use]
    pub const fn lookups(&self) -> u32 {
        self.lookups
    }

    /// What should be known of the record besides, as a text to append.
    #[must_use]
    pub fn notes(&self) -> String {
        self.notes.iter().map(|note| format!(", {note}")).collect()
    }

    /// The verdict of the domain's record.
    pub async fn check(&mut self, domain: &str) -> Verdict {
        self.host(domain.to_owned()).await.unwrap_or_else(|verdict| verdict)
    }

    fn host(&mut self, domain: String) -> Step<'_, Verdict> {
        Box::pin(async move {
            let Some(text) = published(self.dns, &domain).await? else { return Ok(Verdict::None) };
            let Record { terms, redirect } = parse(&text).map_err(|why| Verdict::PermError(format!("{domain}: {why}")))?;
            let mut ends = false;
            for (qualifier, mechanism) in terms {
                ends |= mechanism == Mechanism::All;
                if self.matches(&domain, &mechanism).await? {
                    return Ok(match qualifier {
                        Qualifier::Pass => Verdict::Pass,
                        Qualifier::Fail => Verdict::Fail,
                        Qualifier::SoftFail => Verdict::SoftFail,
                        Qualifier::Neutral => Verdict::Neutral,
                    });
                }
            }
            match redirect.filter(|_| !ends) {
                None => Ok(Verdict::Neutral),
                Some(target) => {
                    self.count()?;
                    let Some(target) = self.plain(&target) else { return Ok(Verdict::Neutral) };
                    match self.host(target.clone()).await? {
                        Verdict::None => Err(Verdict::PermError(format!("redirect={target} has no SPF record"))),
                        verdict => Ok(verdict),
                    }
                }
            }
        })
    }

    async fn matches(&mut self, domain: &str, mechanism: &Mechanism) -> Result<bool, Verdict> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip(base, bits) => Ok(self.ip.is_some_and(|ip| covers(*base, *bits, ip))),
            Mechanism::Include(target) => {
                self.count()?;
                let Some(target) = self.plain(target) else { return Ok(false) };
                match self.host(target.clone()).await? {
                    Verdict::Pass => Ok(true),
                    Verdict::None => Err(Verdict::PermError(format!("include:{target} has no SPF record"))),
                    _ => Ok(false),
                }
            }
            Mechanism::A(name, four, six) => {
                self.count()?;
                let Some(name) = self.plain(name.as_deref().unwrap_or(domain)) else { return Ok(false) };
                let found = self.addresses(&name).await?;
                Ok(self.among(&found, *four, *six))
            }
            Mechanism::Mx(name, four, six) => {
                self.count()?;
                let Some(name) = self.plain(name.as_deref().unwrap_or(domain)) else { return Ok(false) };
                self.exchangers(&name, *four, *six).await
            }
            Mechanism::Ptr => {
                self.count()?;
                self.note("it uses ptr, which RFC 7208 advises against");
                Ok(false)
            }
            Mechanism::Exists(name) => {
                self.count()?;
                let Some(name) = self.plain(name) else { return Ok(false) };
                Ok(!self.addresses(&name).await?.is_empty())
            }
        }
    }

    async fn exchangers(&mut self, name: &str, four: u8, six: u8) -> Result<bool, Verdict> {
        let found = match self.dns.exchangers(name).await {
            Ok(found) => found,
            Err(DnsFault::NoSuchName) => Vec::new(),
            Err(fault) => return Err(Verdict::TempError(format!("{name}: {fault}"))),
        };
        if found.is_empty() {
            self.nothing(name)?;
        }
        if found.len() > MOST_EXCHANGERS {
            return Err(Verdict::PermError(format!("mx:{name} has more than {MOST_EXCHANGERS} hosts")));
        }
        for exchanger in found.iter().filter(|mx| !mx.host.is_empty()) {
            let addresses = self.addresses(&exchanger.host).await?;
            if self.among(&addresses, four, six) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn addresses(&mut self, name: &str) -> Result<Vec<IpAddr>, Verdict> {
        let found = match self.dns.addresses(name).await {
            Ok(found) => found,
            Err(DnsFault::NoSuchName) => Vec::new(),
            Err(fault) => return Err(Verdict::TempError(format!("{name}: {fault}"))),
        };
        if found.is_empty() {
            self.nothing(name)?;
        }
        Ok(found)
    }

    fn among(&self, found: &[IpAddr], four: u8, six: u8) -> bool {
        let bits = |base: &IpAddr| if base.is_ipv4() { four } else { six };
        self.ip.is_some_and(|ip| found.iter().any(|base| covers(*base, bits(base), ip)))
    }

    /// A name without macros (section 7): those depend on the mail, and are not followed.
    fn plain(&mut self, name: &str) -> Option<String> {
        if name.contains('%') {
            self.note("a macro was not followed");
            return None;
        }
        Some(name.to_owned())
    }

    fn note(&mut self, note: &'static str) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn count(&mut self) -> Result<(), Verdict> {
        self.lookups += 1;
        if self.lookups > MOST_LOOKUPS {
            return Err(Verdict::PermError(format!(
                "it needs more than {MOST_LOOKUPS} lookups; take senders out that are no longer used"
            )));
        }
        Ok(())
    }

    fn nothing(&mut self, name: &str) -> Result<(), Verdict> {
        self.void += 1;
        if self.void > MOST_VOID {
            return Err(Verdict::PermError(format!(
                "more than {MOST_VOID} of its names do not exist, {name} among them; take them out"
            )));
        }
        Ok(())
    }
}
