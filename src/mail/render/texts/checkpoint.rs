//! The log's checkpoint of the day, to who audits.

use askama::Template;

use super::{Texts, cut, when};
use crate::mail::render::{CheckpointMail, LogState};
use crate::mail::words::Words;

#[derive(Template)]
#[template(path = "mail/checkpoint.txt")]
struct CheckpointText<'a> {
    w: Words,
    mail: &'a CheckpointMail,
    said: &'a Said,
}

#[derive(Template)]
#[template(path = "mail/checkpoint.html")]
struct CheckpointHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a CheckpointMail,
    said: &'a Said,
}

struct Said {
    intro: String,
    sealed: String,
    state: String,
    is_broken: bool,
    why: String,
}

/// The checkpoint, what it is for, and what to do with it.
pub fn checkpoint(mail: &CheckpointMail) -> Texts {
    let w = Words::of(mail.locale);
    let day = when::day(w, mail.day);
    let size = mail.size.to_string();
    let subject = cut(w.fill("mail-checkpoint-subject", &[("day", &day), ("size", &size)]));
    let state = match mail.state {
        LogState::Intact(size) => w.fill("mail-checkpoint-intact", &[("size", &size.to_string())]),
        LogState::Broken(entry) => w.fill("mail-checkpoint-broken", &[("entry", &entry.to_string())]),
        LogState::NotChecked => w.say("mail-checkpoint-unchecked"),
    };
    let said = Said {
        intro: w.fill("mail-checkpoint-intro", &[("day", &day), ("institution", &mail.institution)]),
        sealed: w.fill("mail-checkpoint-sealed", &[("size", &size), ("when", &when::absolute(w, mail.signed_at, mail.zone))]),
        state,
        is_broken: matches!(mail.state, LogState::Broken(_)),
        why: w.fill("mail-checkpoint-why", &[("institution", &mail.institution)]),
    };
    let text = CheckpointText { w, mail, said: &said }.render()?;
    let html = CheckpointHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}
