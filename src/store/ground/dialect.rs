//! The few expressions in which the two databases differ, for statements that make rows of numbers.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// The first twelve bytes of a v7 id; a row's number makes the rest.
#[derive(Debug, Clone)]
pub struct Prefix([u8; 12]);

impl Prefix {
    /// One as if made at an instant.
    #[must_use]
    pub fn at(at: DateTime<Utc>) -> Self {
        let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
        let uuid = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()));
        let mut bytes = [0; 12];
        for (to, from) in bytes.iter_mut().zip(uuid.as_bytes()) {
            *to = *from;
        }
        Self(bytes)
    }
    /// The id of a row.
    #[must_use]
    pub fn uuid(&self, number: u32) -> Uuid {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(self.0.into_iter().chain(number.to_be_bytes())) {
            *to = from;
        }
        Uuid::from_bytes(bytes)
    }
    fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

/// How one of the databases writes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    pub sqlite: bool,
}

impl Dialect {
    /// The id of row `n`.
    pub fn id(self, prefix: &Prefix, n: &str) -> String {
        let prefix = prefix.hex();
        if self.sqlite {
            format!("unhex('{prefix}' || printf('%08x', {n}))")
        } else {
            format!("('{prefix}' || lpad(to_hex(({n})::bigint), 8, '0'))::uuid")
        }
    }
    /// The same as a text in hex.
    pub fn id_text(self, prefix: &Prefix, n: &str) -> String {
        let prefix = prefix.hex();
        if self.sqlite {
            format!("('{prefix}' || printf('%08x', {n}))")
        } else {
            format!("('{prefix}' || lpad(to_hex(({n})::bigint), 8, '0'))")
        }
    }
    /// A given id.
    pub fn uid(self, id: Uuid) -> String {
        if self.sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    }
    /// An instant, by an expression for microseconds since 1970.
    pub fn at(self, micros: &str) -> String {
        if self.sqlite {
            format!("({micros})")
        } else {
            format!("(TIMESTAMPTZ '1970-01-01 00:00:00Z' + ({micros}) * INTERVAL '1 microsecond')")
        }
    }
    /// A given instant.
    pub fn instant(self, at: DateTime<Utc>) -> String {
        self.at(&at.timestamp_micros().to_string())
    }
    /// What an instant's column is worth in microseconds.
    pub fn micros(self, column: &str) -> String {
        if self.sqlite { column.to_owned() } else { format!("CAST(extract(epoch FROM {column}) * 1000000 AS bigint)") }
    }
    /// The numbers from one to the other, as `s.n`.
    pub fn series(self, first: i64, last: i64) -> String {
        if self.sqlite {
            format!(
                "(WITH RECURSIVE r(n) AS (SELECT {first} WHERE {first} <= {last} UNION ALL SELECT n + 1 FROM r WHERE n < {last}) SELECT n FROM r) s"
            )
        } else {
            format!("(SELECT n FROM generate_series({first}::bigint, {last}::bigint) AS g(n)) s")
        }
    }
    /// 32 bytes that look like chance.
    pub fn salt(self, n: &str) -> String {
        if self.sqlite {
            "randomblob(32)".to_owned()
        } else {
            format!("decode(md5(({n})::text) || md5((-1 - {n})::text), 'hex')")
        }
    }
    /// A JSON document, by an expression for its text.
    pub fn json(self, text: &str) -> String {
        if self.sqlite { format!("({text})") } else { format!("({text})::jsonb") }
    }
    /// A number as digits.
    pub fn digits(self, n: &str, width: u32) -> String {
        if self.sqlite { format!("printf('%0{width}d', {n})") } else { format!("lpad(({n})::text, {width}, '0')") }
    }
    /// No instant.
    pub const fn no_instant(self) -> &'static str {
        if self.sqlite { "NULL" } else { "CAST(NULL AS timestamptz)" }
    }
    /// No id.
    pub const fn no_id(self) -> &'static str {
        if self.sqlite { "NULL" } else { "CAST(NULL AS uuid)" }
    }
}

/// One of some words, in turn.
pub(super) fn one_of(n: &str, words: &[&str]) -> String {
    let cases: String = words.iter().enumerate().map(|(i, word)| format!(" WHEN {i} THEN '{word}'")).collect();
    format!("(CASE ({n}) % {}{cases} END)", words.len())
}
