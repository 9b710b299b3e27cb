//! Deadlines as a calendar part (RFC 5545), for whoever keeps their day in a calendar: only what is due and where, no person's data.
//!
//! An event and not a to-do: the calendars of the large mail services drop to-dos. It is published, not an invitation, so it asks for no
//! answer and names no attendee; it blocks no time. Its UID is the assignment's, so that the mail, its copy in a digest and a second
//! import are one event. A reminder carries none: whoever wanted the event has it since the first mail.

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus, Property};

use super::render::{DigestItem, MailContext, TaskMail, said_of_action};
use super::words::Words;

/// How long a deadline's event is: it ends at the deadline.
const LENGTH: TimeDelta = TimeDelta::minutes(15);

/// One deadline.
struct Due<'a> {
    uid: &'a str,
    asked: String,
    campaign: &'a str,
    deadline: DateTime<Utc>,
    url: &'a str,
}

/// The calendar that goes with a mail sent at `sent_at`, if it has a deadline worth keeping.
pub(super) fn of(context: &MailContext, sent_at: DateTime<Utc>) -> Option<String> {
    let w = Words::of(context.locale());
    let dues: Vec<Due<'_>> = match context {
        MailContext::Task(mail) | MailContext::Test(mail) => vec![of_task(w, mail)],
        MailContext::Digest(mail) => mail.items.iter().map(|item| of_item(w, item)).collect(),
        MailContext::Reminder(_)
        | MailContext::Correction(_)
        | MailContext::OptIn(_)
        | MailContext::ReleaseRequest(_)
        | MailContext::SignIn(_)
        | MailContext::DailyReport(_)
        | MailContext::Notice(_)
        | MailContext::Checkpoint(_) => return None,
    };
    // Not Calendar::new, whose PRODID would stand beside ours: it may stand once (RFC 5545 section 3.6).
    let mut calendar = Calendar::empty();
    for (name, value) in [("VERSION", "2.0"), ("PRODID", "-//Gaung//Mail//ID"), ("CALSCALE", "GREGORIAN"), ("METHOD", "PUBLISH")]
    {
        calendar.append_property(Property::new(name, value).done());
    }
    for due in dues {
        calendar.push(event(w, &due, sent_at));
    }
    Some(calendar.to_string())
}

fn of_task(w: Words, mail: &TaskMail) -> Due<'_> {
    Due {
        uid: &mail.calendar_uid,
        asked: said_of_action(w, mail.action, mail.platform, &mail.account_handle),
        campaign: &mail.campaign_title,
        deadline: mail.deadline,
        url: &mail.task_url,
    }
}

fn of_item(w: Words, item: &DigestItem) -> Due<'_> {
    Due {
        uid: &item.calendar_uid,
        asked: said_of_action(w, item.action, item.platform, &item.account_handle),
        campaign: &item.campaign_title,
        deadline: item.deadline,
        url: &item.task_url,
    }
}

fn event(w: Words, due: &Due<'_>, sent_at: DateTime<Utc>) -> Event {
    let mut event = Event::new();
    event
        .uid(due.uid)
        .timestamp(sent_at)
        .starts(due.deadline - LENGTH)
        .ends(due.deadline)
        .summary(&w.fill("mail-calendar-summary", &[("title", due.campaign)]))
        .description(&format!("{}\n{}", due.asked, due.url))
        .url(due.url)
        .status(EventStatus::Confirmed)
        .add_property("TRANSP", "TRANSPARENT");
    event.done()
}
