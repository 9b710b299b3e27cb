//! `[retention]`: how long things are kept. 0 keeps them for good.

use serde::Serialize;

use super::ConfigError;

/// `[retention]`
#[derive(Debug, Clone, Serialize, confique::Config)]
pub struct Retention {
    /// Mails of campaigns that ended so many days ago become numbers.
    pub outbox_days: u32,
    /// What came back for those mails.
    pub mail_report_days: u32,
    /// What the built-in mailbox holds.
    pub mailbox_days: u32,
    /// Salt and personal detail of log entries; the entries stay.
    pub entry_detail_days: u32,
}

/// The fewest days that a limit may have: what runs, and what is taken back or comes back late, must not miss its rows.
const LEAST: u32 = 90;
/// The most, which is for ever.
const MOST: u32 = 36_500;

impl Retention {
    /// The first value that is not accepted.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let days = [
            ("retention.outbox_days", self.outbox_days),
            ("retention.mail_report_days", self.mail_report_days),
            ("retention.entry_detail_days", self.entry_detail_days),
        ];
        for (key, days) in days {
            if days != 0 && !(LEAST..=MOST).contains(&days) {
                return Err(ConfigError::invalid(
                    key,
                    format!("is {days}; take 0 to keep it for good, or {LEAST} to {MOST} days"),
                ));
            }
        }
        if self.mailbox_days > MOST {
            return Err(ConfigError::invalid("retention.mailbox_days", format!("is {}; take 0 to {MOST}", self.mailbox_days)));
        }
        Ok(())
    }
}
