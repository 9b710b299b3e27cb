//! The daily report to who runs campaigns.

use askama::Template;
use chrono::{DateTime, Utc};

use super::{Texts, cut, when};
use crate::domain::locale::Locale;
use crate::mail::render::{DailyReportMail, ReportedCampaign};
use crate::mail::words::Words;

#[derive(Template)]
#[template(path = "mail/daily_report.txt")]
struct ReportText<'a> {
    w: Words,
    mail: &'a DailyReportMail,
    said: &'a ReportWords<'a>,
}

#[derive(Template)]
#[template(path = "mail/daily_report.html")]
struct ReportHtml<'a> {
    w: Words,
    subject: &'a str,
    mail: &'a DailyReportMail,
    said: &'a ReportWords<'a>,
}

struct ReportWords<'a> {
    intro: String,
    campaigns: Vec<CampaignWords<'a>>,
    why: String,
}

/// One campaign, said.
struct CampaignWords<'a> {
    campaign: &'a ReportedCampaign,
    progress: String,
    /// For the bar; `None` where the figure is withheld.
    percent: Option<i64>,
    /// What somebody should look at.
    trouble: Vec<String>,
    /// What comes, and when.
    ahead: Vec<String>,
}

/// How the campaigns stand that a user runs.
pub fn daily_report(mail: &DailyReportMail, now: DateTime<Utc>) -> Texts {
    let w = Words::of(mail.locale);
    let day = when::day(w, mail.day);
    let count = i64::try_from(mail.campaigns.len()).unwrap_or(i64::MAX);
    let subject = cut(w.count_with("mail-report-subject", count, &[("day", &day)]));
    let said = ReportWords {
        intro: w.fill("mail-report-intro", &[("day", &day), ("institution", &mail.institution)]),
        campaigns: mail.campaigns.iter().map(|campaign| said_of(w, mail, campaign, now)).collect(),
        why: w.fill("mail-report-why", &[("institution", &mail.institution)]),
    };
    let text = ReportText { w, mail, said: &said }.render()?;
    let html = ReportHtml { w, subject: &subject, mail, said: &said }.render()?;
    Ok((subject, text, html))
}

/// A count with its thousands apart, as the language writes it.
fn number(locale: Locale, n: i64) -> String {
    let (digits, point) = (n.to_string(), if locale == Locale::En { ',' } else { '.' });
    let mut out = String::with_capacity(digits.len() + 4);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(point);
        }
        out.push(digit);
    }
    out
}

fn said_of<'a>(w: Words, mail: &DailyReportMail, campaign: &'a ReportedCampaign, now: DateTime<Utc>) -> CampaignWords<'a> {
    let asked = number(mail.locale, campaign.asked);
    let percent = campaign.done.map(|done| (done.clamp(0, campaign.asked) * 100).checked_div(campaign.asked).unwrap_or_default());
    let progress = match (campaign.done, percent) {
        (Some(done), Some(percent)) => w.fill(
            "mail-report-done",
            &[("done", &number(mail.locale, done)), ("asked", &asked), ("percent", &percent.to_string())],
        ),
        _ => w.fill("mail-report-withheld", &[("asked", &asked)]),
    };
    let mut trouble = Vec::new();
    trouble.extend(campaign.paused_because.as_ref().map(|why| w.fill("mail-report-paused", &[("why", why)])));
    for (key, count) in [("mail-report-failed", campaign.mails_failed), ("mail-report-unknown", campaign.mails_unknown)] {
        if count > 0 {
            trouble.push(w.count(key, count));
        }
    }
    let mut ahead = Vec::new();
    ahead.extend(campaign.next.as_ref().map(|next| match next.at {
        Some(at) => w.fill("mail-report-opens", &[("wave", &next.wave), ("when", &when::with_distance(w, at, mail.zone, now))]),
        None => w.fill("mail-report-opens-later", &[("wave", &next.wave)]),
    }));
    let last = campaign.last_mail_at.map(|at| when::with_distance(w, at, mail.zone, now));
    ahead.extend(last.map(|at| w.fill("mail-report-last-mail", &[("when", &at)])));
    CampaignWords { campaign, progress, percent, trouble, ahead }
}
