//! Several tasks of one member in one mail: which mails become one, and what a digest still holds when it leaves.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::task::{calendar_uid, member_list, pause_link, still_wanted, task_link, waits, without_time};
use super::{Mail, Prepared, addressed, zone_or_default};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::{MailId, MemberId};
use crate::domain::outbox::{MailKind, MailState};
use crate::mail::message::MailHeaders;
use crate::mail::render::{DigestItem, DigestMail, MailContext};
use crate::service::ServiceError;
use crate::service::delivery::facts::Facts;
use crate::service::delivery::verdict;
use crate::store::delivery::{AssignmentFacts, TaskFacts};
use crate::store::outbox::digest::{self, Child, Fold, Left};
use crate::store::outbox::{Claimed, Verdict};
use crate::store::{Conn, StoreError};

/// What a batch leaves aside: mails that go into a digest, and mails that leave theirs.
#[derive(Debug, Default)]
pub(super) struct Aside {
    pub folds: Vec<Fold>,
    pub left: Vec<Left>,
}

/// What travels in the digests of a batch.
pub(super) fn inside(conn: &mut Conn, claimed: &[Claimed]) -> Result<HashMap<MailId, Vec<Child>>, StoreError> {
    let digests: Vec<MailId> = claimed.iter().filter(|c| c.kind == MailKind::Digest).map(|c| c.id).collect();
    let mut inside: HashMap<MailId, Vec<Child>> = digests.iter().map(|id| (*id, Vec::new())).collect();
    for child in digest::children(conn, &digests)? {
        inside.entry(child.digest_id).or_default().push(child);
    }
    Ok(inside)
}

/// Mails of a batch that could leave now, where their member has more than one. One that was put off by a relay stays itself:
/// greylisting would begin anew.
pub(super) fn folds(prepared: &[Prepared]) -> Vec<Fold> {
    let mut found: BTreeMap<MemberId, Fold> = BTreeMap::new();
    for Prepared { claimed, mail } in prepared {
        let is_task = matches!(claimed.kind, MailKind::Task | MailKind::Reminder);
        if let (true, true, 0, Some(member_id)) = (is_task, mail.is_ok(), claimed.deferrals, claimed.member_id) {
            let new = || Fold { member_id, claimed: Vec::new() };
            found.entry(member_id).or_insert_with(new).claimed.push(claimed.clone());
        }
    }
    found.into_values().filter(|fold| fold.claimed.len() > 1).collect()
}

/// Writes down what is left aside, and takes what went into a digest out of the batch: the digest is claimed next.
pub(super) async fn set_aside(app: &App, prepared: &mut Vec<Prepared>, aside: Aside) -> Result<(), ServiceError> {
    let Aside { folds, left } = aside;
    if folds.is_empty() && left.is_empty() {
        return Ok(());
    }
    let folded: HashSet<MailId> = folds.iter().flat_map(|fold| fold.claimed.iter().map(|mail| mail.id)).collect();
    app.db
        .write(Actor::System, move |tx| {
            digest::leave(tx, &left)?;
            Ok::<_, ServiceError>(digest::fold(tx, &folds)?)
        })
        .await?;
    prepared.retain(|mail| !folded.contains(&mail.claimed.id));
    Ok(())
}

/// What is still to do of what travels in a digest, as one mail; and what is not, each with its end.
pub(super) fn digest_mail(
    app: &App,
    (claimed, children): (&Claimed, Vec<Child>),
    facts: &Facts,
    now: DateTime<Utc>,
) -> (Result<Box<Mail>, Verdict>, Vec<Left>) {
    let mut left = Vec::new();
    let mut items: Vec<(Child, (&AssignmentFacts, &TaskFacts))> = Vec::with_capacity(children.len());
    for child in children {
        // Its campaign is paused: it goes by itself when that ends.
        if child.held {
            left.push(Left { mail: child.mail, end: None });
            continue;
        }
        let failed = |why| verdict(MailState::Failed, why);
        let wanted =
            facts.get(&child.mail).map_err(failed).and_then(|found| still_wanted(&app.config, found.0, now).map(|()| found));
        match wanted {
            Ok(found) => items.push((child, found)),
            Err(end) => left.push(Left { mail: child.mail, end: Some(end) }),
        }
    }
    let nothing = || verdict(MailState::Cancelled, "nothing in it is still to do".to_owned());
    let Some(person) = items.first().map(|(_, (person, _))| *person) else { return (Err(nothing()), left) };
    let zone = zone_or_default(&app.config, &person.zone);
    // Whoever wants all of a day at once has it at once by now; the hours hold nevertheless.
    match app.calendar.permitted(&person.choice()).next(now, zone) {
        Some(at) if at <= now => {}
        later => {
            let in_time = |person: &AssignmentFacts| later.is_some_and(|at| at < person.expires_at.0);
            let late = items.iter().filter(|(_, (person, _))| !in_time(person));
            let late: Vec<Left> = late.map(|(child, _)| Left { mail: child.mail.clone(), end: Some(without_time()) }).collect();
            let put_off = later.filter(|_| late.len() < items.len());
            left.extend(late);
            return (Err(put_off.map_or_else(nothing, waits)), left);
        }
    }
    (said(app, claimed, person, items, now), left)
}

fn said(
    app: &App,
    claimed: &Claimed,
    person: &AssignmentFacts,
    mut inside: Vec<(Child, (&AssignmentFacts, &TaskFacts))>,
    now: DateTime<Utc>,
) -> Result<Box<Mail>, Verdict> {
    let config = &app.config;
    let base = &config.institution.base_url;
    inside.sort_by_key(|(child, (person, _))| (person.expires_at.0, person.id, child.mail.kind));
    // A task and its reminder are one thing to do.
    inside.dedup_by_key(|(_, (person, _))| person.id);
    let items = inside.iter().map(|(child, (person, task))| DigestItem {
        action: task.action,
        platform: task.platform,
        account_handle: person.handle.clone(),
        campaign_title: task.campaign_title.clone(),
        sponsor_unit: task.sponsor_unit.clone(),
        deadline: person.expires_at.0,
        reminder: child.mail.kind == MailKind::Reminder,
        task_url: format!("{base}/t/{}", task_link(app, person)),
        calendar_uid: calendar_uid(config, person.id),
    });
    let own = pause_link(app, person);
    let context = DigestMail {
        locale: person.locale,
        member_name: person.name.clone(),
        institution: config.institution.name.clone(),
        items: items.collect(),
        zone: zone_or_default(config, &person.zone),
        tasks_url: format!("{base}/m/{own}"),
        pause_url: format!("{base}/p/{own}"),
        settings_url: format!("{base}/m/{own}/settings"),
        register_url: format!("{base}/register"),
    };
    let mail = addressed(app, claimed.id, (&person.name, &person.email), MailContext::Digest(context), now)?;
    Ok(Box::new(Mail { headers: MailHeaders { list: Some(member_list(config, &own)), ..mail.headers }, ..mail }))
}
