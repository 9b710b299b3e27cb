//! Reminders, deadlines, the end of waves and campaigns.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use gaung::domain::assignment::AssignmentState;
use gaung::domain::campaign::CampaignState;
use gaung::domain::event::EventKind;
use gaung::domain::outbox::{MailKind, MailState};
use gaung::domain::wave::WaveState;
use gaung::service::{delivery, dispatch};
use gaung::store::outbox::{self, Settlement, Verdict};

use super::{kept, seconds, settled_tick};
use crate::support::campaigns::{
    Assigned, Crowd, assigned, campaign_state, complete, counts, mails, now, opened, wave_row, wave_state,
};
use crate::support::database::Engine;
use crate::support::invariants;
use crate::support::world::World;

/// Settles the next waiting mail as a worker would; says whose it was.
fn settle_next(world: &World, state: MailState, retry_at: Option<chrono::DateTime<chrono::Utc>>) -> gaung::domain::id::MemberId {
    let claimed = world
        .change(|tx| {
            let until = tx.now + seconds(300);
            outbox::claim(tx, &outbox::Front::default(), 1, until)
        })
        .remove(0);
    let member = claimed.member_id.unwrap();
    let verdict = Verdict { state, retry_at, why: Some("550 5.1.1 no such user".into()) };
    assert_eq!(world.change(|tx| outbox::settle(tx, &[Settlement::new(claimed, verdict)])), 1);
    member
}

fn of(world: &World, crowd: &Crowd, member: gaung::domain::id::MemberId) -> Assigned {
    assigned(world.app(), crowd.wave_id).into_iter().find(|a| a.member_id == member).unwrap()
}

fn done(world: &World, crowd: &Crowd, member: gaung::domain::id::MemberId) {
    let assignment = of(world, crowd, member);
    world.change(|tx| complete(tx, &assignment));
}

fn reminded(world: &World, crowd: &Crowd) -> BTreeSet<gaung::domain::id::MemberId> {
    let reminders = mails(world.app(), crowd.wave_id).into_iter().filter(|m| m.kind == MailKind::Reminder);
    reminders.map(|m| m.member_id.unwrap()).collect()
}

async fn reminders_go_once_to_those_who_were_told_and_have_not_answered(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 6).await;
    let never_told = settle_next(&world, MailState::Failed, None);
    settled_tick(&world).await;
    let others: Vec<_> = crowd.people.iter().map(|p| p.0).filter(|m| *m != never_told).collect();
    done(&world, &crowd, others[0]);
    // One hour before the end, as the plan says.
    world.test.advance(TimeDelta::hours(23) - TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert!(reminded(&world, &crowd).is_empty());
    world.test.advance(TimeDelta::microseconds(1));
    assert_eq!(dispatch::plan_reminders(world.app()).await.unwrap().done, 4);
    assert_eq!(reminded(&world, &crowd), others[1..].iter().copied().collect());
    invariants::check(world.app());
    // Somebody finishes in the last second: the reminder no longer goes out.
    done(&world, &crowd, others[1]);
    settled_tick(&world).await;
    let reminders: Vec<_> = kept(&world).into_iter().filter(|m| m.received_at.0 == now(&world)).collect();
    assert_eq!(reminders.len(), 3);
    assert!(
        reminders.iter().all(|m| m.subject.contains("ingat") || m.subject.to_lowercase().contains("pengingat")),
        "{}",
        reminders[0].subject
    );
    let late =
        mails(world.app(), crowd.wave_id).into_iter().find(|m| m.kind == MailKind::Reminder && m.member_id == Some(others[1]));
    let late = late.unwrap();
    assert_eq!((late.state, late.last_error.as_deref()), (MailState::Cancelled, Some("the assignment is done")));
    world.test.advance(TimeDelta::minutes(30));
    settled_tick(&world).await;
    assert_eq!((kept(&world).len(), world.entries(EventKind::RemindersPlanned)), (5 + 3, 1), "once");
}

async fn a_deadline_expires_what_is_open_and_ends_the_campaign(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 5).await;
    let app = world.app();
    // One mail keeps being put off; one failed; the rest is told; one finishes.
    let put_off = settle_next(&world, MailState::Deferred, Some(now(&world) + TimeDelta::days(2)));
    let failed = settle_next(&world, MailState::Failed, None);
    settled_tick(&world).await;
    let told: Vec<_> = crowd.people.iter().map(|p| p.0).filter(|m| ![put_off, failed].contains(m)).collect();
    done(&world, &crowd, told[0]);
    world.test.advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!(
        (wave_state(app, crowd.wave_id), campaign_state(app, crowd.campaign_id)),
        (WaveState::Open, CampaignState::Running)
    );
    assert_eq!(counts(app, crowd.wave_id).expired, 0);
    world.test.advance(TimeDelta::microseconds(1));
    settled_tick(&world).await;
    assert_eq!(wave_row(app, crowd.wave_id).closed_at.map(|at| at.0), Some(now(&world)));
    assert_eq!(
        (wave_state(app, crowd.wave_id), campaign_state(app, crowd.campaign_id)),
        (WaveState::Closed, CampaignState::Finished)
    );
    let row = counts(app, crowd.wave_id);
    assert_eq!((row.planned, row.done, row.expired), (5, 1, 4));
    assert_eq!((row.mail_failed, row.mail_cancelled), (1, 1), "the one that was put off is no longer needed");
    assert_eq!(of(&world, &crowd, told[0]).state, AssignmentState::Done);
    assert_eq!(of(&world, &crowd, put_off).state, AssignmentState::Expired);
    assert_eq!((world.entries(EventKind::AssignmentExpired), world.entries(EventKind::WaveClosed)), (4, 1));
    assert_eq!(world.entries(EventKind::CampaignFinished), 1);
    // Each expiry names the person by reference, so that one person's history can be read from the log.
    let subject = world.member_row(put_off).subject_ref;
    let dump = invariants::dump(app);
    assert_eq!(dump.iter().filter(|l| l.contains("assignment.expired") && l.contains(&subject)).count(), 1);
    let mails_so_far = kept(&world).len();
    world.test.advance(TimeDelta::days(10));
    settled_tick(&world).await;
    assert_eq!(kept(&world).len(), mails_so_far);
}

async fn a_campaign_is_finished_only_when_no_mail_is_under_way_and_no_wave_is_left(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 2).await;
    let app = world.app();
    world.test.advance(TimeDelta::hours(24));
    // A worker took a mail just before the end and is still at it.
    let claimed = world.change(|tx| {
        let until = tx.now + seconds(300);
        outbox::claim(tx, &outbox::Front::default(), 1, until)
    });
    settled_tick(&world).await;
    assert_eq!(
        (wave_state(app, crowd.wave_id), campaign_state(app, crowd.campaign_id)),
        (WaveState::Closed, CampaignState::Running)
    );
    let verdict = Verdict { state: MailState::Pending, retry_at: Some(now(&world)), why: None };
    world.change(|tx| outbox::settle(tx, &[Settlement::new(claimed[0].clone(), verdict)]));
    settled_tick(&world).await;
    assert_eq!(counts(app, crowd.wave_id).mail_cancelled, 2, "put back after the end, it is not sent any more");
    assert_eq!((campaign_state(app, crowd.campaign_id), kept(&world).len()), (CampaignState::Finished, 0));

    // A worker that died keeps no campaign open: with the mailbox nothing left, and now it is too late.
    let crowd = opened(&world, "b", 1).await;
    world.change(|tx| {
        let until = tx.now + seconds(300);
        outbox::claim(tx, &outbox::Front::default(), 1, until)
    });
    world.test.advance(TimeDelta::hours(24));
    settled_tick(&world).await;
    let ended = counts(app, crowd.wave_id);
    assert_eq!((ended.mail_unknown, ended.mail_cancelled), (0, 1));
    assert_eq!(campaign_state(app, crowd.campaign_id), CampaignState::Finished);
    assert_eq!(kept(&world).len(), 0, "not sent after its end");
}

async fn a_service_that_was_down_over_a_whole_wave_catches_up_without_late_mail(engine: Engine) {
    let world = World::new(engine);
    let crowd = opened(&world, "a", 3).await;
    world.test.advance(TimeDelta::days(3));
    settled_tick(&world).await;
    let row = counts(world.app(), crowd.wave_id);
    assert_eq!((row.expired, row.mail_sent, row.mail_cancelled), (3, 0, row.mail_planned));
    assert_eq!((kept(&world).len(), campaign_state(world.app(), crowd.campaign_id)), (0, CampaignState::Finished));
    assert_eq!(delivery::deliver_due_mail(world.app()).await.unwrap().done, 0);
}

on_both!(
    reminders_go_once_to_those_who_were_told_and_have_not_answered,
    a_deadline_expires_what_is_open_and_ends_the_campaign,
    a_campaign_is_finished_only_when_no_mail_is_under_way_and_no_wave_is_left,
    a_service_that_was_down_over_a_whole_wave_catches_up_without_late_mail,
);
