//! A time of day as people write it, and the days of the week.

use super::MIDNIGHT;

/// A time of day, to the minute: 00:00 to 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(u16);

/// Not a time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time of day such as \"07:30\"")]
pub struct DayTimeError(String);

impl DayTime {
    /// The day's end.
    pub const MIDNIGHT: Self = Self(MIDNIGHT);
    /// So many minutes after midnight; none beyond a day.
    #[must_use]
    pub const fn at(minutes: u16) -> Option<Self> {
        if minutes <= MIDNIGHT { Some(Self(minutes)) } else { None }
    }
    /// Minutes after midnight, up to 1440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl std::str::FromStr for DayTime {
    type Err = DayTimeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_number = |digits: &&str| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        let number = |digits: &str| Some(digits).filter(is_number).and_then(|digits| digits.parse::<u16>().ok());
        text.split_once(':')
            .and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)))
            .filter(|(_, minute)| *minute < 60)
            .and_then(|(hour, minute)| Self::at(hour.checked_mul(60)?.checked_add(minute)?))
            .ok_or_else(|| DayTimeError(text.chars().take(32).collect()))
    }
}

impl std::fmt::Display for DayTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl serde::Serialize for DayTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for DayTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

crate::text_enum! {
    /// A day of the week, Monday first.
    pub enum Weekday {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

impl Weekday {
    /// These days as bits, Monday in the lowest.
    #[must_use]
    pub fn bits(days: &[Self]) -> u8 {
        days.iter().fold(0, |bits, day| bits | 1_u8.wrapping_shl(*day as u32))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_of_day_are_written_with_two_digits_each() {
        let read = |text: &str| text.parse::<DayTime>().map(|time| (time.minutes(), time.to_string()));
        assert_eq!(read("07:30").unwrap(), (450, "07:30".to_owned()));
        assert_eq!(read("00:00").unwrap().0, 0);
        assert_eq!(read("24:00").unwrap().0, MIDNIGHT);
        for bad in ["", "7:30", "07:60", "24:01", "25:00", "07.30", "07:30:00", "+7:30", "-1:00", "٠٧:٣٠"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!("7".parse::<DayTime>().unwrap_err().to_string(), "\"7\" is no time of day such as \"07:30\"");
    }

    #[test]
    fn days_are_bits_from_monday() {
        assert_eq!(Weekday::bits(&[Weekday::Monday, Weekday::Sunday, Weekday::Monday]), 0b100_0001);
    }
}
