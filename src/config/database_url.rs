//! Which database a URL means. The scheme decides, and nothing else: a mistyped URL is refused and never becomes a file's name.

use std::fmt;
use std::path::{Path, PathBuf};

/// The SQLite file in the data directory, where no URL is set.
pub const SQLITE_FILE: &str = "gaung.db";

/// A database. `Debug` and `Display` mask its password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// SQLite in a file.
    Sqlite(PathBuf),
    /// PostgreSQL, by the URL that libpq takes.
    Postgres(String),
}

/// Why a URL names no database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Neither of the two schemes.
    #[error(
        "{url:?} is no database: write sqlite:PATH or postgres://user:password@host/database, or leave it empty for a file in the data directory"
    )]
    UnknownScheme {
        /// The URL, masked.
        url: String,
    },
    /// SQLite without a file, or in memory.
    #[error("{url:?} names no file: write sqlite:PATH (several connections share it, so it can't be in memory)")]
    NoFile {
        /// The URL.
        url: String,
    },
    /// SQLite with options behind the path.
    #[error("{url:?} has options behind the path: only sqlite:PATH is understood")]
    Options {
        /// The URL.
        url: String,
    },
    /// PostgreSQL without the name of a database or its server.
    #[error("{url:?} names no server and no database: write postgres://user:password@host/database")]
    Incomplete {
        /// The URL, masked.
        url: String,
    },
    /// TLS was asked for, and this binary can't.
    #[error(
        "sslmode={mode} asks for TLS, and this binary's libpq has none: build with `--features pg-tls` (needs OpenSSL, on Debian libssl-dev), or reach the server without TLS on a network you trust"
    )]
    NoTls {
        /// The mode.
        mode: String,
    },
}

impl DatabaseUrl {
    /// Reads a URL; an empty one means the file in the data directory.
    ///
    /// # Errors
    /// [`DatabaseUrlError`].
    pub fn parse(url: &str, data_dir: &Path) -> Result<Self, DatabaseUrlError> {
        Self::parse_with(url, data_dir, cfg!(feature = "pg-tls"))
    }

    fn parse_with(url: &str, data_dir: &Path, tls: bool) -> Result<Self, DatabaseUrlError> {
        let url = url.trim();
        if url.is_empty() {
            return Ok(Self::Sqlite(data_dir.join(SQLITE_FILE)));
        }
        match url.split_once(':') {
            Some(("sqlite", path)) => sqlite(url, path),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => postgres(url, tls),
            _ => Err(DatabaseUrlError::UnknownScheme { url: masked(url) }),
        }
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub const fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

fn sqlite(url: &str, path: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.contains(['?', '#']) {
        return Err(DatabaseUrlError::Options { url: url.to_owned() });
    }
    if path.is_empty() || path.starts_with(':') || path.ends_with('/') {
        return Err(DatabaseUrlError::NoFile { url: url.to_owned() });
    }
    Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
}

fn postgres(url: &str, tls: bool) -> Result<DatabaseUrl, DatabaseUrlError> {
    let after = url.split_once("//").map_or("", |(_, after)| after);
    let (place, query) = after.split_once('?').unwrap_or((after, ""));
    let (server, database) = place.split_once('/').unwrap_or((place, ""));
    let named = |key: &str| query.split('&').find_map(|pair| pair.split_once('=').filter(|(k, v)| *k == key && !v.is_empty()));
    let has_server = !server.rsplit_once('@').map_or(server, |(_, host)| host).is_empty() || named("host").is_some();
    if !has_server || (database.is_empty() && named("dbname").is_none()) {
        return Err(DatabaseUrlError::Incomplete { url: masked(url) });
    }
    if let Some((_, mode)) = named("sslmode")
        && (mode == "require" || mode.starts_with("verify-"))
        && !tls
    {
        return Err(DatabaseUrlError::NoTls { mode: mode.to_owned() });
    }
    Ok(DatabaseUrl::Postgres(url.to_owned()))
}

/// A URL without the password in its authority or its query. Texts that are no URL are masked as far as they look like one.
pub(super) fn masked(url: &str) -> String {
    let (scheme, after) = match url.split_once("//") {
        Some((scheme, after)) => (format!("{scheme}//"), after),
        None => (String::new(), url),
    };
    let (place, query) = after.split_once('?').map_or((after, None), |(place, query)| (place, Some(query)));
    // The last @ ends the user's part even where a careless password holds a / or another @.
    let place = match place.rsplit_once('@') {
        Some((user, rest)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:***@{rest}"),
            None => place.to_owned(),
        },
        None => place.to_owned(),
    };
    let query = query.map_or_else(String::new, |query| {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((key, _)) if key.to_ascii_lowercase().contains("password") => format!("{key}=***"),
            _ => pair.to_owned(),
        });
        format!("?{}", pairs.collect::<Vec<_>>().join("&"))
    });
    format!("{scheme}{place}{query}")
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&masked(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(url: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
        DatabaseUrl::parse_with(url, Path::new("data"), false)
    }

    #[test]
    fn the_scheme_decides() {
        assert_eq!(parse("").unwrap(), DatabaseUrl::Sqlite("data/gaung.db".into()));
        assert_eq!(parse("sqlite:x/y.db").unwrap(), DatabaseUrl::Sqlite("x/y.db".into()));
        assert_eq!(parse("sqlite:///srv/y.db").unwrap(), DatabaseUrl::Sqlite("/srv/y.db".into()));
        for url in ["postgres://g@h/d", "postgresql://g:p@h:1/d?sslmode=prefer", "postgres:///d?host=/run/postgresql"] {
            assert_eq!(parse(url).unwrap(), DatabaseUrl::Postgres(url.into()));
        }
    }

    #[test]
    fn a_mistyped_url_never_becomes_a_file() {
        for url in
            ["postgress://h/d", "postgres:h/d", "pg://h/d", "mysql://h/d", "gaung.db", "/srv/gaung.db", "Sqlite:x", "file:x.db"]
        {
            assert!(matches!(parse(url), Err(DatabaseUrlError::UnknownScheme { .. })), "{url}");
        }
        for url in ["sqlite:", "sqlite::memory:", "sqlite://", "sqlite:dir/"] {
            assert!(matches!(parse(url), Err(DatabaseUrlError::NoFile { .. })), "{url}");
        }
        assert!(matches!(parse("sqlite:x.db?mode=ro"), Err(DatabaseUrlError::Options { .. })));
        for url in ["postgres://h", "postgres:///d", "postgres://u:p@/d", "postgres://h/"] {
            assert!(matches!(parse(url), Err(DatabaseUrlError::Incomplete { .. })), "{url}");
        }
    }

    #[test]
    fn tls_is_refused_where_the_binary_has_none() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let url = format!("postgres://h/d?application_name=x&sslmode={mode}");
            assert_eq!(parse(&url).unwrap_err(), DatabaseUrlError::NoTls { mode: mode.into() });
            assert!(DatabaseUrl::parse_with(&url, Path::new(""), true).is_ok());
        }
    }

    #[test]
    fn no_password_is_ever_shown() {
        let cases = [
            ("postgres://g:geheim@h/d", "postgres://g:***@h/d"),
            ("postgres://g:ge/h@eim@h/d?x=1", "postgres://g:***@h/d?x=1"),
            ("postgres://h/d?user=g&password=geheim&sslpassword=geheim", "postgres://h/d?user=g&password=***&sslpassword=***"),
            ("postgres://g@h/d", "postgres://g@h/d"),
        ];
        for (url, shown) in cases {
            assert_eq!(masked(url), shown);
            assert_eq!(DatabaseUrl::Postgres(url.into()).to_string(), shown);
            assert_eq!(format!("{:?}", DatabaseUrl::Postgres(url.into())), format!("DatabaseUrl({shown})"));
        }
        assert!(!parse("postgress://g:geheim@h/d").unwrap_err().to_string().contains("geheim"));
    }
}
