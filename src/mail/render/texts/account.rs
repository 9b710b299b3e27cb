//! The mails to one person about themselves: consent, release, sign-in.

use askama::Template;
use chrono::{DateTime, Utc};

use super::{Texts, cut, platform_name, when};
use crate::domain::kind::ConsentKind;
use crate::mail::render::{OptInMail, ReleaseRequestMail, SignInMail};
use crate::mail::words::Words;

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
    title: String,
    intro: String,
    free: String,
    button: String,
    expires: String,
    accounts: Vec<String>,
    why: String,
}

/// The request to opt in, or to confirm a role.
pub fn opt_in(mail: &OptInMail, now: DateTime<Utc>) -> Texts {
    let w = Words::of(mail.locale);
    let institution = [("institution", mail.institution.as_str())];
    let mail_of = match mail.consent {
        ConsentKind::Participate => "mail-optin",
        ConsentKind::Operate => "mail-operate",
    };
    let said = |what: &str| w.fill(&format!("{mail_of}-{what}"), &institution);
    let subject = cut(said("subject"));
    let said = OptInWords {
        title: said("title"),
        intro: said("intro"),
        free: said("free"),
        button: said("button"),
        expires: w.fill("mail-optin-expires", &[("when", &when::with_distance(w, mail.expires_at, mail.zone, now))]),
        accounts: mail.accounts.iter().map(|a| format!("{} ({})", a.handle, platform_name(a.platform))).collect(),
        why: said("why"),
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
        opens: mail
            .first_opens_at
            .map_or_else(|| w.say("mail-release-opens-later"), |at| when::with_distance(w, at, mail.zone, now)),
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
    let expires = w.fill("mail-sign-in-expires", &[("when", &when::with_distance(w, mail.expires_at, mail.zone, now))]);
    let text = SignInText { w, mail, intro: &intro, expires: &expires }.render()?;
    let html = SignInHtml { w, subject: &subject, mail, intro: &intro, expires: &expires }.render()?;
    Ok((subject, text, html))
}
