//! When a wave's mails will leave, given everyone's permitted hours; and for whom that is too late.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::LateCount;
use crate::app::App;
use crate::domain::zone;
use crate::service::delivery::takes;
use crate::store::audience_times::TimesGroup;

/// When the last mail will have left at the latest, and how many people no mail reaches in time, by zone.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub last_mail_at: Option<DateTime<Utc>>,
    pub too_late: Vec<LateCount>,
}

pub(super) fn times(
    app: &App,
    groups: &[TimesGroup],
    (opens_at, closes_at): (DateTime<Utc>, DateTime<Utc>),
    mails: i64,
) -> Times {
    let mut last: Option<DateTime<Utc>> = None;
    let mut late: BTreeMap<&str, i64> = BTreeMap::new();
    for group in groups {
        let tz = zone::parse(&group.zone).unwrap_or(app.config.institution.default_zone);
        let permitted = app.calendar.permitted(&group.choice);
        match permitted.departs(opens_at, opens_at, tz).filter(|at| *at < closes_at) {
            Some(at) => last = last.max(Some(at)),
            None => *late.entry(&group.zone).or_default() += group.people,
        }
    }
    let small_group = i64::from(app.config.privacy.small_group);
    let late = late.into_iter().map(|(name, people)| {
        let tz = zone::parse(name).unwrap_or(app.config.institution.default_zone);
        // What somebody chose for themselves is not told by number where few are concerned.
        let people = (people >= small_group).then_some(people);
        LateCount { label: zone::zone_label(tz, opens_at), zone: name.to_owned(), people }
    });
    Times { last_mail_at: last.map(|at| (at + takes(app, mails)).min(closes_at)), too_late: late.collect() }
}
