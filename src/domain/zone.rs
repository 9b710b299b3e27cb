//! Time zones by IANA name.

/// An unknown zone name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a known IANA time zone, such as Asia/Jakarta")]
pub struct ZoneError(pub String);

/// The zone of an IANA name.
///
/// # Errors
/// [`ZoneError`] names what was given.
pub fn parse(name: &str) -> Result<chrono_tz::Tz, ZoneError> {
    name.parse().map_err(|_| ZoneError(name.to_owned()))
}
