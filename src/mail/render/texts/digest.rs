//! Several tasks of one member in one mail.

use askama::Template;
use chrono::{DateTime, Utc};

use super::{Texts, action_key, cut, platform_name, said_of_action, when};
use crate::mail::render::{DigestItem, DigestMail};
use crate::mail::words::Words;

#[derive(Template)]
#[template(path = "mail/digest.txt")]
struct DigestText<'a> {
    w: Words,
    mail: &'a DigestMail,
    said: &'a DigestWords<'a>,
}

#[derive(Template)]
#[template(path = "mail/digest.html")]
struct DigestHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a DigestMail,
    said: &'a DigestWords<'a>,
}

struct DigestWords<'a> {
    intro: String,
    first: String,
    items: Vec<ItemWords<'a>>,
    why: String,
}

/// One task, said.
struct ItemWords<'a> {
    item: &'a DigestItem,
    action: String,
    platform: &'static str,
    asked: String,
    campaign: String,
    deadline: String,
}

/// What is still to do, the nearest deadline first.
pub fn digest(mail: &DigestMail, now: DateTime<Utc>) -> Texts {
    let w = Words::of(mail.locale);
    let count = i64::try_from(mail.items.len()).unwrap_or(i64::MAX);
    let first = mail.items.iter().map(|item| item.deadline).min().unwrap_or(now);
    let until = when::short(w, first, mail.zone);
    let subject = cut(w.count_with("mail-digest-subject", count, &[("institution", &mail.institution), ("until", &until)]));
    let said = DigestWords {
        intro: w.count_with("mail-digest-intro", count, &[("institution", &mail.institution)]),
        first: w.fill("mail-digest-first", &[("when", &when::with_distance(w, first, mail.zone, now))]),
        items: mail.items.iter().map(|item| said_of(w, mail, item, now)).collect(),
        why: w.fill("mail-digest-why", &[("institution", &mail.institution)]),
    };
    let text = DigestText { w, mail, said: &said }.render()?;
    let html = DigestHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}

fn said_of<'a>(w: Words, mail: &DigestMail, item: &'a DigestItem, now: DateTime<Utc>) -> ItemWords<'a> {
    ItemWords {
        item,
        asked: said_of_action(w, item.action, item.platform, &item.account_handle),
        campaign: w.fill("mail-digest-campaign", &[("title", &item.campaign_title), ("unit", &item.sponsor_unit)]),
        deadline: when::with_distance(w, item.deadline, mail.zone, now),
        action: w.say(action_key(item.action)),
        platform: platform_name(item.platform),
    }
}
