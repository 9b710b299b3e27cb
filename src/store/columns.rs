//! PostgreSQL: many rows as one array a column. The statement is as short for ten thousand rows as for one, so that reading and
//! planning it costs nothing beside the rows.

use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, HasSqlType};

/// A statement that grows with its arrays.
type Statement = BoxedSqlQuery<'static, Pg, SqlQuery>;

/// The rows of one insert, by column.
pub(super) struct Columns {
    table: &'static str,
    names: Vec<&'static str>,
    bind: Box<dyn FnOnce(Statement) -> Statement>,
}

impl Columns {
    /// Rows for a table; no column yet.
    pub fn of(table: &'static str) -> Self {
        Self { table, names: Vec::new(), bind: Box::new(|statement| statement) }
    }

    /// A column of the SQL type `S`, with one value a row.
    pub fn with<S, T>(mut self, name: &'static str, values: impl Iterator<Item = T>) -> Self
    where
        S: 'static,
        T: 'static,
        Array<S>: Send,
        Pg: HasSqlType<Array<S>>,
        Vec<T>: ToSql<Array<S>, Pg> + Send,
    {
        let (before, values) = (self.bind, values.collect::<Vec<T>>());
        self.names.push(name);
        self.bind = Box::new(move |statement| before(statement).bind::<Array<S>, _>(values));
        self
    }

    /// Inserts the rows.
    pub fn insert(self, conn: &mut PgConnection) -> QueryResult<usize> {
        let holes: Vec<String> = (1..=self.names.len()).map(|n| format!("${n}")).collect();
        let text = format!("INSERT INTO {} ({}) SELECT * FROM unnest({})", self.table, self.names.join(", "), holes.join(", "));
        ExecuteDsl::execute((self.bind)(diesel::sql_query(text).into_boxed()), conn)
    }
}
