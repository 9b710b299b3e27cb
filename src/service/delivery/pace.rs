//! Each mail's place among its destination's: what comes too fast, or to a destination that rests, waits for its time.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::prepare::Prepared;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::MailId;
use crate::domain::outbox::MailState;
use crate::domain::pace;
use crate::service::ServiceError;
use crate::store::mail_health;
use crate::store::outbox::{Settlement, Verdict};

/// A mail whose place comes within this time leaves now: putting it off would cost more than it spares.
const SOON: TimeDelta = TimeDelta::milliseconds(500);
/// When a destination has rested, what waits for it comes back within this time, not in one second.
const SPREAD_S: u128 = 60;

/// Lets a batch's mails pass, but for those that must wait; those are settled so.
pub(super) async fn admit(app: &App, prepared: Vec<Prepared>) -> Result<(Vec<Prepared>, Vec<Settlement>), ServiceError> {
    let mut domains: Vec<String> = prepared.iter().filter_map(destination).map(str::to_owned).collect();
    domains.sort_unstable();
    domains.dedup();
    let known = app.db.read(move |conn| mail_health::destinations(conn, &domains)).await?;
    let now = app.clock.now();
    let resting: BTreeMap<&str, (DateTime<Utc>, &str)> =
        known.iter().filter_map(|row| Some((row.domain.as_str(), row.resting(now)?))).collect();
    let (mut go, mut wait) = (Vec::with_capacity(prepared.len()), Vec::new());
    for mail in prepared {
        match destination(&mail).and_then(|domain| resting.get(domain)) {
            Some((until, why)) => wait.push(rests(mail, *until, why)),
            None => go.push(mail),
        }
    }
    if !app.config.mail.pace.is_paced() {
        return Ok((go, wait));
    }
    let slots = reserve(app, &go, now).await?;
    let mut leave = Vec::with_capacity(go.len());
    for mail in go {
        match slots.get(&mail.claimed.id).filter(|at| **at > now + SOON) {
            Some(at) => {
                let domain = destination(&mail).map(str::to_owned);
                let why = Some("waits for its place among the mails to this destination".to_owned());
                let verdict = Verdict { state: MailState::Pending, retry_at: Some(*at), why };
                wait.push(Settlement { claimed: mail.claimed, verdict, domain });
            }
            None => leave.push(mail),
        }
    }
    Ok((leave, wait))
}

/// Where a mail goes, if it is one that can wait.
fn destination(mail: &Prepared) -> Option<&str> {
    mail.mail.as_ref().ok().filter(|_| !mail.claimed.kind.is_urgent()).map(|m| m.recipient.domain())
}

fn rests(mail: Prepared, until: DateTime<Utc>, why: &str) -> Settlement {
    let spread = TimeDelta::seconds(i64::try_from(mail.claimed.id.uuid().as_u128() % SPREAD_S).unwrap_or_default());
    let why = Some(format!("the destination rests: {why}"));
    Settlement::new(mail.claimed, Verdict { state: MailState::Pending, retry_at: Some(until + spread), why })
}

/// A place for each mail that has none yet and whose destination is paced.
async fn reserve(app: &App, mails: &[Prepared], now: DateTime<Utc>) -> Result<BTreeMap<MailId, DateTime<Utc>>, ServiceError> {
    let mut wanted: BTreeMap<String, Vec<MailId>> = BTreeMap::new();
    for mail in mails.iter().filter(|mail| mail.claimed.domain.is_none()) {
        if let Some(domain) = destination(mail) {
            wanted.entry(domain.to_owned()).or_default().push(mail.claimed.id);
        }
    }
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let config = std::sync::Arc::clone(&app.config);
    let reserved = app.db.write(Actor::System, move |tx| {
        tx.without_entry("a place in a queue only says when");
        let mut found = BTreeMap::new();
        // In the order of their names, so that two workers never wait for each other.
        for (domain, ids) in wanted {
            let mut row = mail_health::lock(tx, &domain)?;
            let limits = &config.mail.pace;
            let Some(interval) = pace::interval(limits.of(&domain).per_minute, &limits.warm_up, row.first_sent_at.0, now) else {
                continue;
            };
            let (slots, next) = pace::slots(row.next_slot_at.0, now, interval, ids.len());
            found.extend(ids.into_iter().zip(slots));
            row.next_slot_at = crate::store::types::At(next);
            mail_health::save(tx, &row)?;
        }
        Ok::<_, ServiceError>(found)
    });
    reserved.await
}
