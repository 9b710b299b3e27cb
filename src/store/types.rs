//! How the domain's values lie in both databases: three own SQL types (`Uid`, `Ts`, `Js`) and text enums.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, HasSqlType, Nullable, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write as _;
use uuid::Uuid;

use super::db::MultiBackend;
use crate::domain::id::Id;

/// The own SQL types.
pub mod sql {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    /// A UUID: `uuid` on PostgreSQL, a BLOB of 16 bytes on SQLite.
    #[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951))]
    #[diesel(sqlite_type(name = "Binary"))]
    pub struct Uid;

    /// An instant: `timestamptz` on PostgreSQL, microseconds since 1970 as INTEGER on SQLite.
    #[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185))]
    #[diesel(sqlite_type(name = "Long"))]
    pub struct Ts;

    /// A JSON document: `jsonb` on PostgreSQL, TEXT on SQLite.
    #[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
    #[diesel(postgres_type(oid = 3802, array_oid = 3807))]
    #[diesel(sqlite_type(name = "Text"))]
    pub struct Js;
}
use sql::{Js, Ts, Uid};

/// An instant as the store holds it; microseconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub DateTime<Utc>);

impl From<DateTime<Utc>> for At {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}
impl From<At> for DateTime<Utc> {
    fn from(at: At) -> Self {
        at.0
    }
}

/// A JSON document as the store holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc<T>(pub T);

macro_rules! multi {
    ($($sql:ident),+) => {$(
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }
    )+};
}
multi!(Uid, Ts, Js);

/// The mechanical half of a value: how diesel takes it into an expression and out of a row, and its multi backend.
macro_rules! value {
    ([$($generics:tt)*] $value:ty => $sql:ident) => {
        value!(@expression [$($generics)*] $value => $sql);
        impl<$($generics)*> ToSql<$sql, MultiBackend> for $value {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
        impl<$($generics)*> FromSql<$sql, MultiBackend> for $value {
            fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                bytes.from_sql::<Self, $sql>()
            }
        }
    };
    (@expression [$($generics:tt)*] $value:ty => $sql:ident) => {
        impl<$($generics)*> AsExpression<$sql> for $value {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<'expr, $($generics)*> AsExpression<$sql> for &'expr $value {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<$($generics)*> AsExpression<Nullable<$sql>> for $value {
            type Expression = Bound<Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<'expr, $($generics)*> AsExpression<Nullable<$sql>> for &'expr $value {
            type Expression = Bound<Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<DbAny: Backend, $($generics)*> ToSql<Nullable<$sql>, DbAny> for $value
        where $value: ToSql<$sql, DbAny>
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DbAny>) -> serialize::Result {
                ToSql::<$sql, DbAny>::to_sql(self, out)
            }
        }
        impl<DbAny: Backend, $($generics)*> Queryable<$sql, DbAny> for $value
        where $value: FromSql<$sql, DbAny>
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> { Ok(row) }
        }
    };
}
value!([T: 'static] Id<T> => Uid);
value!([] At => Ts);
value!([T: Serialize + DeserializeOwned + std::fmt::Debug + Send + Sync + 'static] Doc<T> => Js);

impl<T> ToSql<Uid, Pg> for Id<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.uuid().as_bytes())?;
        Ok(IsNull::No)
    }
}
impl<T> ToSql<Uid, Sqlite> for Id<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.uuid().as_bytes().to_vec());
        Ok(IsNull::No)
    }
}
impl<T> FromSql<Uid, Pg> for Id<T> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_uuid(Uuid::from_slice(bytes.as_bytes())?))
    }
}
impl<T> FromSql<Uid, Sqlite> for Id<T> {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(bytes)?;
        Ok(Self::from_uuid(Uuid::from_slice(&bytes)?))
    }
}

/// PostgreSQL counts microseconds from 2000-01-01.
const PG_EPOCH_US: i64 = 946_684_800_000_000;

impl ToSql<Ts, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.0.timestamp_micros() - PG_EPOCH_US).to_be_bytes())?;
        Ok(IsNull::No)
    }
}
impl ToSql<Ts, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}
fn instant(us: i64) -> deserialize::Result<At> {
    DateTime::from_timestamp_micros(us).map(At).ok_or_else(|| format!("instant out of range: {us} µs").into())
}
impl FromSql<Ts, Pg> for At {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let us = i64::from_be_bytes(bytes.as_bytes().try_into()?);
        instant(us.saturating_add(PG_EPOCH_US))
    }
}
impl FromSql<Ts, Sqlite> for At {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        instant(<i64 as FromSql<BigInt, Sqlite>>::from_sql(bytes)?)
    }
}

impl<T: Serialize + std::fmt::Debug> ToSql<Js, Pg> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // jsonb's wire format starts with its version, 1.
        out.write_all(&[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}
impl<T: Serialize + std::fmt::Debug> ToSql<Js, Sqlite> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
impl<T: DeserializeOwned> FromSql<Js, Pg> for Doc<T> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        match bytes.as_bytes().split_first() {
            Some((1, json)) => Ok(Self(serde_json::from_slice(json)?)),
            _ => Err("unknown jsonb version".into()),
        }
    }
}
impl<T: DeserializeOwned> FromSql<Js, Sqlite> for Doc<T> {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(bytes)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

/// Text enums lie as TEXT; a word that the program does not know is an error, never a default.
macro_rules! words {
    ($($word:ty),+ $(,)?) => {$(
        value!(@expression [] $word => Text);
        impl<DB: Backend> ToSql<Text, DB> for $word
        where str: ToSql<Text, DB>
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <str as ToSql<Text, DB>>::to_sql(crate::domain::text_enum::TextEnum::as_str(*self), out)
            }
        }
        impl<DB: Backend> FromSql<Text, DB> for $word
        where String: FromSql<Text, DB>
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let word = <String as FromSql<Text, DB>>::from_sql(bytes)?;
                Ok(<$word as crate::domain::text_enum::TextEnum>::parse(&word)?)
            }
        }
    )+};
}
words!(
    crate::domain::account::AccountState,
    crate::domain::bounce::ReportKind,
    crate::domain::bounce::ReportSource,
    crate::domain::account::DisclosureState,
    crate::domain::account::Engagement,
    crate::domain::assignment::AssignmentState,
    crate::domain::assignment::EvidenceLevel,
    crate::domain::campaign::CampaignState,
    crate::domain::correction::CorrectionAnswer,
    crate::domain::correction::ProposalEnd,
    crate::domain::data_request::AskedBy,
    crate::domain::data_request::NoticeTopic,
    crate::domain::data_request::RequestKind,
    crate::domain::address_change::AddressAsker,
    crate::domain::address_change::AddressEnd,
    crate::domain::claim::ClaimState,
    crate::domain::data_request::RequestState,
    crate::domain::event::EventKind,
    crate::domain::finding::Finding,
    crate::domain::kind::AccountKind,
    crate::domain::kind::Action,
    crate::domain::kind::ConsentKind,
    crate::domain::locale::Locale,
    crate::domain::member::MemberState,
    crate::domain::outbox::MailKind,
    crate::domain::outbox::MailState,
    crate::domain::platform::Platform,
    crate::domain::recurrence::MissedPolicy,
    crate::domain::role::Role,
    crate::domain::suppression::SuppressionReason,
    crate::domain::suppression::SuppressionScope,
    crate::domain::wave::WaveState,
    super::schedule::OccurrenceOutcome,
);
