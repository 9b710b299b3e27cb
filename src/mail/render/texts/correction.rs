//! The request to fix or remove what was published.

use askama::Template;

use super::{Texts, by, cut, platform_name, said_of_action, when};
use crate::domain::kind::Action;
use crate::mail::render::CorrectionMail;
use crate::mail::words::Words;

#[derive(Template)]
#[template(path = "mail/correction.txt")]
struct CorrectionText<'a> {
    w: Words,
    mail: &'a CorrectionMail,
    said: &'a CorrectionWords,
}

#[derive(Template)]
#[template(path = "mail/correction.html")]
struct CorrectionHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a CorrectionMail,
    said: &'a CorrectionWords,
}

struct CorrectionWords {
    intro: String,
    yours: String,
    how: String,
    why: String,
}

/// What was wrong, what this member published, and the page to answer on.
pub fn correction(mail: &CorrectionMail) -> Texts {
    let w = Words::of(mail.locale);
    let subject = cut(w.fill("mail-correction-subject", &[("title", &mail.campaign_title)]));
    let asked = said_of_action(w, mail.action, mail.platform, &mail.account_handle);
    let done_at = when::absolute(w, mail.done_at, mail.zone);
    let said = CorrectionWords {
        intro: w.fill(
            "mail-correction-intro",
            &[("by", &by(w, &mail.institution, &mail.sponsor_unit)), ("title", &mail.campaign_title)],
        ),
        yours: w.fill("mail-correction-yours-text", &[("asked", &asked), ("when", &done_at)]),
        how: w.fill(how_key(mail.action), &[("platform", platform_name(mail.platform))]),
        why: w.fill("mail-correction-why", &[("institution", &mail.institution)]),
    };
    let text = CorrectionText { w, mail, said: &said }.render()?;
    let html = CorrectionHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}

/// What fixing means depends on what was done: a like can only be taken back.
fn how_key(action: Action) -> &'static str {
    match action {
        Action::Publish | Action::Create | Action::Rephrase => "mail-correction-how-post",
        Action::Answer | Action::Comment => "mail-correction-how-comment",
        Action::Like => "mail-correction-how-like",
        Action::Share => "mail-correction-how-share",
    }
}
