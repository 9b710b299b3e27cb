//! Notices: one thing to decide, or one decision.

use askama::Template;

use super::{Texts, cut};
use crate::mail::render::NoticeMail;
use crate::mail::words::Words;

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct NoticeText<'a> {
    w: Words,
    mail: &'a NoticeMail,
    said: &'a Said,
}

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct NoticeHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a NoticeMail,
    said: &'a Said,
}

struct Said {
    title: String,
    intro: String,
    note: String,
    button: String,
    why: String,
}

/// A notice.
pub fn notice(mail: &NoticeMail) -> Texts {
    let w = Words::of(mail.locale);
    let facts = [("about", mail.about.as_str()), ("by", &mail.by), ("institution", &mail.institution)];
    let said = |part: &str| w.fill(&format!("mail-notice-{}-{part}", mail.words), &facts);
    let subject = cut(said("subject"));
    let said = Said { title: said("title"), intro: said("intro"), note: said("note"), button: said("button"), why: said("why") };
    let text = NoticeText { w, mail, said: &said }.render()?;
    let html = NoticeHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}
