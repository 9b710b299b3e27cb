//! Which template and which words make up each mail.

mod account;
mod checkpoint;
mod correction;
mod digest;
mod notice;
mod report;
mod task;

pub use account::{opt_in, release_request, sign_in};
pub use checkpoint::checkpoint;
pub use correction::correction;
pub use digest::digest;
pub use notice::notice;
pub use report::daily_report;
pub use task::{Occasion, task};

use super::{cut, when};
use crate::domain::kind::Action;
use crate::domain::platform::Platform;
use crate::mail::words::Words;

/// Subject, plain part, HTML part.
type Texts = Result<(String, String, String), askama::Error>;

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

/// What is asked, where and with which account, in one sentence.
pub fn said_of_action(w: Words, action: Action, platform: Platform, handle: &str) -> String {
    let action = w.say(action_key(action));
    w.fill("mail-task-asked", &[("action", &action), ("platform", platform_name(platform)), ("handle", handle)])
}

/// Who asks: the institution, and through which of its units, where that is another.
fn by(w: Words, institution: &str, unit: &str) -> String {
    if institution == unit { institution.to_owned() } else { w.fill("mail-by", &[("institution", institution), ("unit", unit)]) }
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
