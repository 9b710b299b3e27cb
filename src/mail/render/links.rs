//! Which fields become links, and that only web addresses may.

use super::{MailContext, RenderError};

/// Checks every address of a mail.
///
/// # Errors
/// [`RenderError::Link`] names the first field that is none.
pub fn check(context: &MailContext) -> Result<(), RenderError> {
    let fields: Vec<(&'static str, &str)> = match context {
        MailContext::Task(mail) | MailContext::Reminder(mail) | MailContext::Test(mail) => {
            let mut fields = vec![
                ("task_url", mail.task_url.as_str()),
                ("decline_url", &mail.decline_url),
                ("pause_url", &mail.pause_url),
                ("register_url", &mail.register_url),
            ];
            fields.extend(mail.target_url.as_deref().map(|url| ("target_url", url)));
            if let Some(claim) = &mail.claim {
                fields.push(("source_url", &claim.source_url));
                fields.extend(claim.seen_url.as_deref().map(|url| ("seen_url", url)));
            }
            fields
        }
        MailContext::Digest(mail) => {
            let own = [
                ("tasks_url", mail.tasks_url.as_str()),
                ("pause_url", &mail.pause_url),
                ("settings_url", &mail.settings_url),
                ("register_url", &mail.register_url),
            ];
            own.into_iter().chain(mail.items.iter().map(|item| ("task_url", item.task_url.as_str()))).collect()
        }
        MailContext::Correction(mail) => {
            let own = [("answer_url", mail.answer_url.as_str()), ("register_url", &mail.register_url)];
            own.into_iter().chain(mail.post_url.as_deref().map(|url| ("post_url", url))).collect()
        }
        MailContext::OptIn(mail) => vec![("confirm_url", mail.confirm_url.as_str()), ("register_url", &mail.register_url)],
        MailContext::ReleaseRequest(mail) => vec![("review_url", mail.review_url.as_str())],
        MailContext::SignIn(mail) => vec![("sign_in_url", mail.sign_in_url.as_str())],
        MailContext::Notice(mail) => vec![("url", mail.url.as_str())],
        MailContext::Checkpoint(mail) => vec![("verify_url", mail.verify_url.as_str()), ("settings_url", &mail.settings_url)],
        MailContext::DailyReport(mail) => {
            let own = [("console_url", mail.console_url.as_str()), ("settings_url", &mail.settings_url)];
            own.into_iter().chain(mail.campaigns.iter().map(|campaign| ("url", campaign.url.as_str()))).collect()
        }
    };
    match fields.into_iter().find(|(_, url)| !is_web(url)) {
        Some((field, _)) => Err(RenderError::Link { field }),
        None => Ok(()),
    }
}

fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}
