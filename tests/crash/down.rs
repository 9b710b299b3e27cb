//! The service is down for six hours over twelve due times: what happens then is exactly what each schedule's policy says, once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use diesel::prelude::*;
use gaung::clock::{Clock as _, SystemClock};
use gaung::domain::id::ScheduleId;
use gaung::domain::kind::AccountKind;
use gaung::domain::recurrence::MissedPolicy;
use gaung::service::schedule::{self, NewSchedule};
use gaung::store::StoreError;
use gaung::store::schedule::OccurrenceOutcome::{self, Fired, Held};
use gaung::store::schema::occurrences;
use gaung::store::types::At;

use super::checker::{Report, nobody_panicked};
use super::ground::{Case, Fleet, Ground};
use crate::support::campaigns::{opinion_wave, released};
use crate::support::database::Engine;
use crate::support::process::site::Site;
use crate::support::process::wait_until;

/// A schedule that came due every hour since so long ago, and asks nobody.
pub async fn hourly(site: &Site, policy: MissedPolicy, since: TimeDelta) -> ScheduleId {
    every(site, "0 * * * *", policy, since).await
}

async fn every(site: &Site, pattern: &str, policy: MissedPolicy, since: TimeDelta) -> ScheduleId {
    let now = site.now();
    site.world.test.clock.set(now - since);
    let world = &site.world;
    let mut wave = opinion_wave(now - since + TimeDelta::minutes(1));
    // Units of their own, in which there is nobody.
    wave.audience.units = vec![world.unit(&format!("SEPI-{policy:?}-{}", pattern.len()), Some(world.south.office))];
    wave.audience.kinds = vec![AccountKind::KolInternal];
    let template = released(world, vec![wave]).await;
    let grace_s = u32::try_from(since.num_seconds() + 3_600).expect("hours");
    let new = NewSchedule { pattern: pattern.into(), zone: "Asia/Jakarta".into(), policy, grace_s, ends_at: None };
    let added = schedule::add(world.app(), &world.lead, template, new).await.expect("a schedule");
    site.now();
    added.id
}

/// What became of a schedule's occurrences, in order.
pub fn outcomes(site: &Site, id: ScheduleId) -> Vec<(DateTime<Utc>, OccurrenceOutcome)> {
    use occurrences::dsl;
    let query = dsl::occurrences.filter(dsl::schedule_id.eq(id)).order(dsl::planned_at.asc());
    let query = query.select((dsl::planned_at, dsl::outcome));
    let read = |conn: &mut gaung::store::Conn| Ok::<_, StoreError>(query.load::<(At, OccurrenceOutcome)>(conn)?);
    let rows = site.world.app().db.read_blocking(read).expect("the occurrences");
    rows.into_iter().map(|(at, outcome)| (at.0, outcome)).collect()
}

/// Two replicas come up at once after six hours.
pub async fn down(case: Case) -> Report {
    let ground = Ground::new(case.engine, 3, &[]).await;
    let site = &ground.site;
    let now = SystemClock.now();
    let last = now.with_minute(now.minute() / 30 * 30).and_then(|t| t.with_second(0)).and_then(|t| t.with_nanosecond(0));
    let last = last.expect("the last half hour");
    // Seconds before the half hour that comes twelve times before the last: that one is due, too.
    let since = now - last + TimeDelta::minutes(30 * 11) + TimeDelta::minutes(2);
    let policies = [MissedPolicy::All, MissedPolicy::Latest, MissedPolicy::None];
    let mut schedules = Vec::new();
    for policy in policies {
        schedules.push(every(site, "0,30 * * * *", policy, since).await);
    }
    let fleet = Fleet::serve(ground.start(), if case.engine == Engine::Postgres { 3 } else { 1 });
    let recovered = ground.settle(Duration::from_secs(60));
    wait_until(Duration::from_secs(30), "everything due was dealt with", || {
        schedules.iter().all(|id| outcomes(site, *id).iter().filter(|(at, _)| *at <= last).count() >= 12)
    });
    std::thread::sleep(Duration::from_secs(2));
    let due: Vec<DateTime<Utc>> = (0..12).rev().map(|n| last - TimeDelta::minutes(30 * n)).collect();
    for (id, policy) in schedules.into_iter().zip(policies) {
        let found: Vec<_> = outcomes(site, id).into_iter().filter(|(at, _)| *at <= last).collect();
        let fires = |n: usize| match policy {
            MissedPolicy::All => true,
            MissedPolicy::Latest => n == 11,
            // What came due within the last minute is not late.
            MissedPolicy::None => now - due[n] < TimeDelta::seconds(60),
        };
        let expected: Vec<_> = due.iter().enumerate().map(|(n, at)| (*at, if fires(n) { Fired } else { Held })).collect();
        if policy == MissedPolicy::None && now - last < TimeDelta::seconds(90) {
            // Too near to the half hour to say which of the two it is.
            assert_eq!(found.len(), 12, "{found:?}");
        } else {
            assert_eq!(found, expected, "{policy:?}");
        }
    }
    nobody_panicked(&ground);
    drop(fleet);
    let report = super::checker::check(&ground, &std::collections::BTreeSet::new());
    Report { struck: 36, recovered, ..report }
}
