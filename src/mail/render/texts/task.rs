//! The mail about one task.

use askama::Template;
use chrono::{DateTime, Utc};

use super::{Texts, action_key, by, cut, platform_name, said_of_action, when};
use crate::domain::kind::ConsentKind;
use crate::mail::render::TaskMail;
use crate::mail::words::Words;

#[derive(Template)]
#[template(path = "mail/task.txt")]
struct TaskText<'a> {
    w: Words,
    mail: &'a TaskMail,
    said: &'a TaskWords,
}

#[derive(Template)]
#[template(path = "mail/task.html")]
struct TaskHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a TaskMail,
    said: &'a TaskWords,
}

/// The sentences of a task mail that are the same in both parts.
struct TaskWords {
    /// Only on a test.
    test: Option<String>,
    intro: String,
    action: String,
    platform: &'static str,
    asked: String,
    deadline: String,
    disclosure: String,
    why: String,
}

/// Why a task's mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It is new.
    New,
    /// It is still open.
    Reminder,
    /// Somebody tries it out on themselves.
    Test,
}

impl Occasion {
    /// The keys of its subject and of its first sentence.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::New => ("mail-task-subject", "mail-task-intro"),
            Self::Reminder => ("mail-reminder-subject", "mail-reminder-intro"),
            Self::Test => ("mail-test-subject", "mail-task-intro"),
        }
    }
}

/// A new task, the reminder of one, or a test of one.
pub fn task(mail: &TaskMail, occasion: Occasion, now: DateTime<Utc>) -> Texts {
    let (key, intro) = occasion.keys();
    let w = Words::of(mail.locale);
    let platform = platform_name(mail.platform);
    let action = w.say(action_key(mail.action));
    let until = when::short(w, mail.deadline, mail.zone);
    let subject =
        cut(w.fill(key, &[("action", &action), ("platform", platform), ("title", &mail.campaign_title), ("until", &until)]));
    let (disclosure, why) = match mail.consent {
        ConsentKind::Participate => ("mail-disclosure-participate", "mail-why-participate"),
        ConsentKind::Operate => ("mail-disclosure-operate", "mail-why-operate"),
    };
    let account = [("handle", mail.account_handle.as_str()), ("platform", platform), ("institution", &mail.institution)];
    let said = TaskWords {
        test: (occasion == Occasion::Test).then(|| w.say("mail-test-note")),
        intro: w.fill(intro, &[("by", &by(w, &mail.institution, &mail.sponsor_unit)), ("title", &mail.campaign_title)]),
        asked: said_of_action(w, mail.action, mail.platform, &mail.account_handle),
        deadline: when::with_distance(w, mail.deadline, mail.zone, now),
        disclosure: w.fill(disclosure, &account),
        why: w.fill(why, &account),
        action,
        platform,
    };
    let text = TaskText { w, mail, said: &said }.render()?;
    let html = TaskHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}
