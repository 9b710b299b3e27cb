//! Statements put together at run time: text and values grow in step, so that placeholders stand in order of first use.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, BoxedSqlQuery, Query, QueryFragment, QueryId, SqlQuery};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Integer, SmallInt, Text, Untyped};

use super::db::MultiBackend;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::{Id, noun};

/// A value of a statement.
#[derive(Debug, Clone)]
enum Value {
    Uid(Id<noun::Entry>),
    At(At),
    Text(String),
    Small(i16),
    Int(i32),
    Big(i64),
}

/// A statement in the making. Values are always bound, never written into the text.
#[derive(Debug, Clone, Default)]
pub struct SqlText {
    text: String,
    values: Vec<Value>,
    /// Where each value's placeholder begins and ends in the text.
    places: Vec<(usize, usize)>,
}

impl SqlText {
    /// An empty statement.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds text of the program's own.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }
    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
    /// Adds another statement's text and values; its placeholders are numbered on.
    pub fn append(&mut self, other: Self) -> &mut Self {
        let mut values = other.values.into_iter();
        let mut text = other.text.as_str();
        while let Some(at) = text.find('$') {
            let (before, rest) = text.split_at(at);
            self.text.push_str(before);
            text = rest.get(1..).unwrap_or_default().trim_start_matches(|c: char| c.is_ascii_digit());
            if let Some(value) = values.next() {
                self.value(value);
            }
        }
        self.push(text)
    }
    fn value(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        let begins = self.text.len();
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self.places.push((begins, self.text.len()));
        self
    }
    /// Adds a placeholder for an id.
    pub fn id<T>(&mut self, id: Id<T>) -> &mut Self {
        self.value(Value::Uid(Id::from_uuid(id.uuid())))
    }
    /// Adds a placeholder for an instant.
    pub fn at(&mut self, at: chrono::DateTime<chrono::Utc>) -> &mut Self {
        self.value(Value::At(At(at)))
    }
    /// Adds a placeholder for a text.
    pub fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.value(Value::Text(text.into()))
    }
    /// Adds a placeholder for a small number.
    pub fn small(&mut self, n: i16) -> &mut Self {
        self.value(Value::Small(n))
    }
    /// Adds a placeholder for a number.
    pub fn int(&mut self, n: i32) -> &mut Self {
        self.value(Value::Int(n))
    }
    /// Adds a placeholder for a large number.
    pub fn big(&mut self, n: i64) -> &mut Self {
        self.value(Value::Big(n))
    }
    /// Adds a list of ids in parentheses; the list must not be empty.
    pub fn ids<T>(&mut self, ids: &[Id<T>]) -> &mut Self {
        self.list(ids, |sql, id| {
            sql.id(*id);
        })
    }
    /// Adds that the column has one of these ids, in a text that is one of few: what is [kept](Self::kept) is then found again. SQLite
    /// takes a list, in which the last id stands again until it has one of a few lengths, PostgreSQL one array whatever its length.
    pub fn among<T>(&mut self, column: &str, ids: &[Id<T>], is_sqlite: bool) -> &mut Self {
        self.push(column);
        if !is_sqlite {
            let all: Vec<String> = ids.iter().map(|id| id.uuid().to_string()).collect();
            return self.push(" = ANY(CAST(string_to_array(").text(all.join(",")).push(", ',') AS uuid[]))");
        }
        let length = LENGTHS.into_iter().find(|length| *length >= ids.len()).unwrap_or(ids.len());
        let again = ids.last().into_iter().cycle().take(length - ids.len());
        let all: Vec<&Id<T>> = ids.iter().chain(again).collect();
        self.push(" IN ").list(&all, |sql, id| {
            sql.value(Value::Uid(Id::from_uuid(id.uuid())));
        })
    }
    /// Adds, to a search by id, that the state is still one of these. Put so that PostgreSQL does not see the condition of a partial index
    /// in it: by figures from when few rows were in that state it would go through all that are now, instead of finding some by id.
    pub fn still<S: AsRef<str>>(&mut self, column: &str, states: &[S]) -> &mut Self {
        self.push(" AND (");
        for (i, state) in states.iter().enumerate() {
            self.push(if i > 0 { " OR " } else { "" }).push(column).push(" IS NOT DISTINCT FROM ").text(state.as_ref());
        }
        self.push(")")
    }
    /// Adds a list of texts in parentheses; the list must not be empty.
    pub fn texts<S: AsRef<str>>(&mut self, texts: &[S]) -> &mut Self {
        self.list(texts, |sql, text| {
            sql.text(text.as_ref());
        })
    }
    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) -> &mut Self {
        self.push("(");
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            each(self, item);
        }
        self.push(")")
    }
    /// The statement, prepared once by each connection and found again by its text.
    #[must_use]
    pub fn kept(self) -> KeptText {
        KeptText(self)
    }
    /// The statement, ready for either database.
    pub fn query(self) -> BoxedSqlQuery<'static, MultiBackend, SqlQuery> {
        self.values.into_iter().fold(diesel::sql_query(self.text).into_boxed(), |query, value| match value {
            Value::Uid(v) => query.bind::<Uid, _>(v),
            Value::At(v) => query.bind::<Ts, _>(v),
            Value::Text(v) => query.bind::<Text, _>(v),
            Value::Small(v) => query.bind::<SmallInt, _>(v),
            Value::Int(v) => query.bind::<Integer, _>(v),
            Value::Big(v) => query.bind::<BigInt, _>(v),
        })
    }
}

/// The lengths of lists in statements that are kept.
const LENGTHS: [usize; 6] = [4, 16, 64, 128, 256, 500];

/// A statement that a connection prepares once and keeps. Its text must be one of few.
#[derive(Debug, Clone)]
pub struct KeptText(SqlText);

impl QueryId for KeptText {
    type QueryId = ();
    // Many texts have this type: what is kept is found by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for KeptText {
    type SqlType = Untyped;
}

impl QueryFragment<MultiBackend> for KeptText {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let SqlText { text, values, places } = &self.0;
        let mut written = 0;
        for (value, (begins, ends)) in values.iter().zip(places) {
            out.push_sql(text.get(written..*begins).unwrap_or_default());
            match value {
                Value::Uid(v) => out.push_bind_param::<Uid, _>(v)?,
                Value::At(v) => out.push_bind_param::<Ts, _>(v)?,
                Value::Text(v) => out.push_bind_param::<Text, _>(v)?,
                Value::Small(v) => out.push_bind_param::<SmallInt, _>(v)?,
                Value::Int(v) => out.push_bind_param::<Integer, _>(v)?,
                Value::Big(v) => out.push_bind_param::<BigInt, _>(v)?,
            }
            written = *ends;
        }
        out.push_sql(text.get(written..).unwrap_or_default());
        Ok(())
    }
}

impl<Conn> RunQueryDsl<Conn> for KeptText {}

/// A number, read back from a statement written by hand.
#[derive(Debug, Clone, Copy, diesel::QueryableByName)]
pub struct Count {
    /// The number.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}
