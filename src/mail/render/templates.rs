//! Which template and which words make up each mail.

use askama::Template;
use chrono::{DateTime, Utc};

use super::context::{OptInMail, ReleaseRequestMail, SignInMail, TaskMail};
use super::{cut, when};
use crate::domain::kind::{Action, ConsentKind};
use crate::domain::platform::Platform;
use crate::mail::words::Words;

/// Subject, plain part, HTML part.
type Texts = Result<(String, String, String), askama::Error>;

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
    intro: String,
    asked: String,
    deadline: String,
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
            Self::Test => ("mail-test-subject", "mail-test-intro"),
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
    let why = match mail.consent {
        ConsentKind::Participate => "mail-why-participate",
        ConsentKind::Operate => "mail-why-operate",
    };
    let account = [("handle", mail.account_handle.as_str()), ("platform", platform), ("institution", &mail.institution)];
    let said = TaskWords {
        intro: w
            .fill(intro, &[("institution", &mail.institution), ("unit", &mail.sponsor_unit), ("title", &mail.campaign_title)]),
        asked: w.fill("mail-task-asked", &[("action", &action), ("platform", platform), ("handle", &mail.account_handle)]),
        deadline: with_distance(w, mail.deadline, mail.zone, now),
        why: w.fill(why, &account),
    };
    let text = TaskText { w, mail, said: &said }.render()?;
    let html = TaskHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}

#[derive(Template)]
#[template(path = "mail/opt_in.txt")]
struct OptInText<'a> {
    w: Words,
    mail: &'a OptInMail,
    said: &'a OptInWords,
}

#[derive(Template)]
#[template(path = "mail/opt_in.html")]
struct OptInHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a OptInMail,
    said: &'a OptInWords,
}

struct OptInWords {
    intro: String,
    free: String,
    button: String,
    expires: String,
    accounts: Vec<String>,
}

/// The request to opt in, or to confirm a role.
pub fn opt_in(mail: &OptInMail, now: DateTime<Utc>) -> Texts {
    let w = Words::of(mail.locale);
    let institution = [("institution", mail.institution.as_str())];
    let (subject, intro, free, button) = match mail.consent {
        ConsentKind::Participate => ("mail-optin-subject", "mail-optin-intro", "mail-optin-free", "mail-optin-button"),
        ConsentKind::Operate => ("mail-operate-subject", "mail-operate-intro", "mail-operate-free", "mail-operate-button"),
    };
    let subject = cut(w.fill(subject, &institution));
    let said = OptInWords {
        intro: w.fill(intro, &institution),
        free: w.fill(free, &institution),
        button: w.say(button),
        expires: w.fill("mail-optin-expires", &[("when", &with_distance(w, mail.expires_at, mail.zone, now))]),
        accounts: mail.accounts.iter().map(|a| format!("{} ({})", a.handle, platform_name(a.platform))).collect(),
    };
    let text = OptInText { w, mail, said: &said }.render()?;
    let html = OptInHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}

#[derive(Template)]
#[template(path = "mail/release_request.txt")]
struct ReleaseRequestText<'a> {
    w: Words,
    mail: &'a ReleaseRequestMail,
    said: &'a ReleaseRequestWords,
}

#[derive(Template)]
#[template(path = "mail/release_request.html")]
struct ReleaseRequestHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a ReleaseRequestMail,
    said: &'a ReleaseRequestWords,
}

struct ReleaseRequestWords {
    intro: String,
    waves: String,
    opens: String,
}

/// The request to release a campaign.
pub fn release_request(mail: &ReleaseRequestMail, now: DateTime<Utc>) -> Texts {
    let w = Words::of(mail.locale);
    let subject = cut(w.fill("mail-release-subject", &[("title", &mail.campaign_title)]));
    let said = ReleaseRequestWords {
        intro: w.fill(
            "mail-release-intro",
            &[("author", &mail.author_name), ("unit", &mail.sponsor_unit), ("institution", &mail.institution)],
        ),
        waves: w.count("mail-release-waves", mail.waves),
        opens: mail.first_opens_at.map_or_else(|| w.say("mail-release-opens-later"), |at| with_distance(w, at, mail.zone, now)),
    };
    let text = ReleaseRequestText { w, mail, said: &said }.render()?;
    let html = ReleaseRequestHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}

#[derive(Template)]
#[template(path = "mail/sign_in.txt")]
struct SignInText<'a> {
    w: Words,
    mail: &'a SignInMail,
    intro: &'a str,
    expires: &'a str,
}

#[derive(Template)]
#[template(path = "mail/sign_in.html")]
struct SignInHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a SignInMail,
    intro: &'a str,
    expires: &'a str,
}

/// The link that signs a user in.
pub fn sign_in(mail: &SignInMail, now: DateTime<Utc>) -> Texts {
    let w = Words::of(mail.locale);
    let subject = cut(w.fill("mail-sign-in-subject", &[("institution", &mail.institution)]));
    let intro = w.fill("mail-sign-in-intro", &[("institution", &mail.institution)]);
    let expires = w.fill("mail-sign-in-expires", &[("when", &with_distance(w, mail.expires_at, mail.zone, now))]);
    let text = SignInText { w, mail, intro: &intro, expires: &expires }.render()?;
    let html = SignInHtml { w, subject: &subject, mail, intro: &intro, expires: &expires }.render()?;
    Ok((subject, text, html))
}

fn with_distance(w: Words, at: DateTime<Utc>, zone: chrono_tz::Tz, now: DateTime<Utc>) -> String {
    format!("{} ({})", when::absolute(w, at, zone), when::relative(w, at, now))
}

fn action_key(action: Action) -> &'static str {
    match action {
        Action::Publish => "mail-action-publish",
        Action::Create => "mail-action-create",
        Action::Rephrase => "mail-action-rephrase",
        Action::Answer => "mail-action-answer",
        Action::Like => "mail-action-like",
        Action::Comment => "mail-action-comment",
        Action::Share => "mail-action-share",
    }
}

/// Brand names are the same in every language.
fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::X => "X",
        Platform::Instagram => "Instagram",
        Platform::Facebook => "Facebook",
        Platform::Tiktok => "TikTok",
        Platform::Youtube => "YouTube",
        Platform::Linkedin => "LinkedIn",
        Platform::Threads => "Threads",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn every_action_and_platform_has_words() {
        for action in Action::ALL {
            assert_eq!(action_key(*action), format!("mail-action-{action}"));
        }
        for platform in Platform::ALL {
            assert!(platform_name(*platform).eq_ignore_ascii_case(platform.as_str()));
        }
    }
}
