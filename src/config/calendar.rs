//! The working calendar that `[mail.hours]`, `[mail.quiet]` and `mail.holidays_file` make.

use serde::Serialize;

use super::{Config, ConfigError};
use crate::domain::mail_hours::{DayTime, EVERY_DAY, Holidays, MailHours, Quiet, Weekday, WorkingCalendar};

/// `[mail.hours]`
#[derive(Debug, Clone, Serialize, confique::Config)]
pub struct Hours {
    /// From this time of day.
    pub from: DayTime,
    /// Until this one.
    pub until: DayTime,
    /// On these days.
    pub days: Vec<Weekday>,
    /// Whether holidays are days like others.
    pub on_holidays: bool,
}

/// `[mail.quiet]`
#[derive(Debug, Clone, Serialize, confique::Config)]
pub struct QuietHours {
    /// From this time of day.
    pub from: DayTime,
    /// Until this one.
    pub until: DayTime,
}

/// A calendar of decades is smaller; a larger file is a mistake.
const LARGEST_FILE: u64 = 1024 * 1024;

impl Config {
    /// When people may be mailed about tasks.
    ///
    /// # Errors
    /// [`ConfigError`] names the key, and in a file of holidays the line.
    pub fn working_calendar(&self) -> Result<WorkingCalendar, ConfigError> {
        let set = &self.mail.hours;
        let days = Weekday::bits(&set.days);
        let hours = MailHours::new(set.from.minutes(), set.until.minutes(), days)
            .map_err(|refusal| ConfigError::invalid("mail.hours", refusal.to_string()))?;
        let is_everything = (hours.from(), hours.until(), hours.days()) == (0, 24 * 60, EVERY_DAY);
        let calendar = WorkingCalendar {
            hours: (!is_everything).then_some(hours),
            quiet: Quiet::new(self.mail.quiet.from, self.mail.quiet.until),
            on_holidays: set.on_holidays,
            holidays: self.holidays()?,
        };
        if calendar.leaves_some(hours) {
            Ok(calendar)
        } else {
            Err(ConfigError::invalid("mail.quiet", "leaves nothing of mail.hours"))
        }
    }

    fn holidays(&self) -> Result<Holidays, ConfigError> {
        let path = &self.mail.holidays_file;
        if path.as_os_str().is_empty() {
            return Ok(Holidays::national());
        }
        let failed = |problem: String| ConfigError::SecretFile { key: "mail.holidays_file", path: path.clone(), problem };
        let size = std::fs::metadata(path).map_err(|error| failed(format!("can't be read: {error}")))?.len();
        if size > LARGEST_FILE {
            return Err(failed("is too large for a calendar".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(format!("can't be read: {error}")))?;
        Holidays::parse(&text).map_err(|error| failed(error.to_string()))
    }

    /// What is checked of these settings before anything starts.
    pub(super) fn check_calendar(&self) -> Result<(), ConfigError> {
        if self.mail.report_at >= DayTime::MIDNIGHT {
            return Err(ConfigError::invalid("mail.report_at", "must be before \"24:00\""));
        }
        self.working_calendar().map(|_| ())
    }
}
