//! Time zones: reading an IANA name, naming a zone on a page, and what a wall-clock time means where the clock jumps.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::{OffsetName, TZ_VARIANTS, Tz};

/// Why a zone is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// Nothing was given.
    #[error("the time zone is empty; give an IANA name such as Asia/Jakarta")]
    Empty,
    /// Not a name of the IANA time zone database.
    #[error("{given:?} is not an IANA time zone; {}", advice(.near))]
    Unknown {
        /// What was given, cut to 64 characters.
        given: String,
        /// Names that come near, best first, at most three.
        near: Vec<&'static str>,
    },
}

impl ZoneError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "zone.empty",
            Self::Unknown { .. } => "zone.unknown",
        }
    }
}

fn advice(near: &[&'static str]) -> String {
    if near.is_empty() {
        "give one such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    }
}

/// Reads an IANA zone's exact name.
///
/// # Errors
/// [`ZoneError::Unknown`] suggests names that come near.
pub fn parse(input: &str) -> Result<Tz, ZoneError> {
    let name = input.trim();
    if name.is_empty() {
        return Err(ZoneError::Empty);
    }
    name.parse::<Tz>().map_err(|_| ZoneError::Unknown { given: name.chars().take(64).collect(), near: near_names(name) })
}

fn near_names(given: &str) -> Vec<&'static str> {
    let wanted: String = given.chars().take(64).collect::<String>().to_lowercase().replace(' ', "_");
    let local = match wanted.as_str() {
        "wib" | "utc+7" | "gmt+7" | "utc+07:00" => Some("Asia/Jakarta"),
        "wita" | "utc+8" | "gmt+8" | "utc+08:00" => Some("Asia/Makassar"),
        "wit" | "utc+9" | "gmt+9" | "utc+09:00" => Some("Asia/Jayapura"),
        _ => None,
    };
    if let Some(name) = local {
        return vec![name];
    }
    let city_wanted = wanted.rsplit('/').next().unwrap_or(&wanted);
    let mut scored: Vec<(usize, &'static str)> = TZ_VARIANTS
        .iter()
        .map(|tz| {
            let name = tz.name().to_lowercase();
            let city = name.rsplit('/').next().unwrap_or(&name);
            (distance(&name, &wanted).min(distance(city, city_wanted)), tz.name())
        })
        .collect();
    scored.sort_by_key(|&(score, name)| (score, distance(&name.to_lowercase(), &wanted)));
    let limit = 2.min(city_wanted.chars().count() / 3);
    scored.into_iter().take_while(|&(score, _)| score <= limit).take(3).map(|(_, name)| name).collect()
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cb, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(ca != *cb)).min(*cell + 1).min(left + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// What people call the zone at an instant: WIB, WITA or WIT in Indonesia, else the abbreviation, or `UTC+05:30`
/// where the database has only a number.
#[must_use]
pub fn zone_label(tz: Tz, at: DateTime<Utc>) -> String {
    match tz {
        Tz::Asia__Jakarta | Tz::Asia__Pontianak => return "WIB".to_owned(),
        Tz::Asia__Makassar | Tz::Asia__Ujung_Pandang => return "WITA".to_owned(),
        Tz::Asia__Jayapura => return "WIT".to_owned(),
        _ => {}
    }
    let offset = tz.offset_from_utc_datetime(&at.naive_utc());
    match offset.abbreviation() {
        Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => name.to_owned(),
        _ => format!("UTC{}", offset.fix()),
    }
}

/// How a wall-clock time sits in its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalFit {
    /// It happens once.
    Plain,
    /// It never happens: the clock jumps over it.
    Gap,
    /// It happens twice: the clock goes back over it.
    Overlap,
}

/// Says whether a wall-clock time happens once, never or twice in a zone.
#[must_use]
pub fn local_fit(local: NaiveDateTime, tz: Tz) -> LocalFit {
    match tz.from_local_datetime(&local) {
        LocalResult::Single(_) => LocalFit::Plain,
        LocalResult::Ambiguous(..) => LocalFit::Overlap,
        LocalResult::None => LocalFit::Gap,
    }
}

/// The instant of a wall-clock time. A time in a gap moves to the gap's end; of two, the first is taken. A later
/// wall-clock time never gives an earlier instant.
///
/// Beyond the range of years that chrono can convert (about 262,000) the time is taken as UTC.
#[must_use]
pub fn resolve_local(local: NaiveDateTime, tz: Tz) -> DateTime<Utc> {
    let found = first_of(local, tz).or_else(|| {
        // Gaps of today end on a full minute; local mean times before 1972 did not, hence the seconds.
        let minute = local.with_second(0).and_then(|t| t.with_nanosecond(0)).unwrap_or(local);
        let after = (1..=MAX_GAP_MINUTES).find(|&m| first_of(minute + Duration::minutes(m), tz).is_some())?;
        let end = (0..60).map(|s| minute + Duration::minutes(after - 1) + Duration::seconds(s + 1));
        end.filter(|t| *t > local).find_map(|t| first_of(t, tz))
    });
    found.unwrap_or_else(|| local.and_utc())
}

/// A zone that changes sides of the date line leaves out a whole day (Pacific/Apia in 2011).
const MAX_GAP_MINUTES: i64 = 25 * 60;

fn first_of(local: NaiveDateTime, tz: Tz) -> Option<DateTime<Utc>> {
    tz.from_local_datetime(&local).earliest().map(|t| t.to_utc())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn local(s: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(s, "%Y-%m-%d %H:%M").unwrap()
    }
    fn near(input: &str) -> Vec<&'static str> {
        match parse(input).unwrap_err() {
            ZoneError::Unknown { near, .. } => near,
            ZoneError::Empty => vec![],
        }
    }

    #[test]
    fn reads_names_and_suggests_near_ones() {
        assert_eq!(parse(" Asia/Makassar "), Ok(Tz::Asia__Makassar));
        assert_eq!(parse(" "), Err(ZoneError::Empty));
        assert_eq!(near("asia/jakarta"), ["Asia/Jakarta"]);
        assert_eq!(near("Jakarta"), ["Asia/Jakarta"]);
        assert_eq!(near("Asia/Jakrta"), ["Asia/Jakarta"]);
        assert_eq!(near("WITA"), ["Asia/Makassar"]);
        assert_eq!(near("GMT+9"), ["Asia/Jayapura"]);
        assert_eq!(near("new york"), ["America/New_York"]);
        assert_eq!(near("Mars/Olympus_Mons"), Vec::<&str>::new());
        assert_eq!(near(&"x".repeat(10_000)), Vec::<&str>::new());
        assert_eq!(
            parse("Asia/Jakrta").unwrap_err().to_string(),
            "\"Asia/Jakrta\" is not an IANA time zone; did you mean Asia/Jakarta?"
        );
    }

    #[test]
    fn labels_are_what_people_say() {
        let july = local("2026-07-01 00:00").and_utc();
        let january = local("2026-01-01 00:00").and_utc();
        for (tz, at, expected) in [
            (Tz::Asia__Jakarta, july, "WIB"),
            (Tz::Asia__Pontianak, july, "WIB"),
            (Tz::Asia__Makassar, july, "WITA"),
            (Tz::Asia__Jayapura, july, "WIT"),
            (Tz::Europe__Berlin, july, "CEST"),
            (Tz::Europe__Berlin, january, "CET"),
            (Tz::Asia__Kathmandu, july, "UTC+05:45"),
            (Tz::America__Sao_Paulo, july, "UTC-03:00"),
            (Tz::UTC, july, "UTC"),
        ] {
            assert_eq!(zone_label(tz, at), expected);
        }
    }

    #[test]
    fn a_gap_moves_to_its_end_and_an_overlap_takes_the_first() {
        for (tz, wall, fit, instant) in [
            (Tz::Asia__Jakarta, "2026-03-29 02:30", LocalFit::Plain, "2026-03-28 19:30"),
            (Tz::Europe__Berlin, "2026-03-29 02:00", LocalFit::Gap, "2026-03-29 01:00"),
            (Tz::Europe__Berlin, "2026-03-29 02:59", LocalFit::Gap, "2026-03-29 01:00"),
            (Tz::Europe__Berlin, "2026-03-29 03:00", LocalFit::Plain, "2026-03-29 01:00"),
            (Tz::Europe__Berlin, "2026-10-25 02:30", LocalFit::Overlap, "2026-10-25 00:30"),
            (Tz::Australia__Lord_Howe, "2026-10-04 02:15", LocalFit::Gap, "2026-10-03 15:30"),
            (Tz::America__Sao_Paulo, "2018-11-04 00:00", LocalFit::Gap, "2018-11-04 03:00"),
            (Tz::Pacific__Apia, "2011-12-30 00:00", LocalFit::Gap, "2011-12-30 10:00"),
            (Tz::Pacific__Apia, "2011-12-30 23:59", LocalFit::Gap, "2011-12-30 10:00"),
        ] {
            assert_eq!(local_fit(local(wall), tz), fit, "{tz} {wall}");
            assert_eq!(resolve_local(local(wall), tz), local(instant).and_utc(), "{tz} {wall}");
        }
    }

    #[test]
    fn survives_the_ends_of_the_calendar() {
        let _ = resolve_local(NaiveDateTime::MAX, Tz::Europe__Berlin);
        let _ = resolve_local(NaiveDateTime::MIN, Tz::Pacific__Apia);
    }
}
