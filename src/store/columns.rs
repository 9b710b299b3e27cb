//! PostgreSQL: many rows as one array a column. The statement is the same for ten thousand rows as for one, so that a connection reads
//! and plans it once.

use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, HasSqlType, Untyped};

/// The rows of one insert, by column.
pub(super) struct Columns {
    table: &'static str,
    columns: Vec<(&'static str, Box<dyn Values>)>,
}

/// The values of a column.
trait Values: Send {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

struct Typed<S, T> {
    values: Vec<T>,
    sql_type: std::marker::PhantomData<fn() -> S>,
}

impl<S, T> Values for Typed<S, T>
where
    S: 'static,
    T: Send,
    Pg: HasSqlType<Array<S>>,
    Vec<T>: ToSql<Array<S>, Pg>,
{
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Array<S>, _>(&self.values)
    }
}

impl Columns {
    /// Rows for a table; no column yet.
    pub const fn of(table: &'static str) -> Self {
        Self { table, columns: Vec::new() }
    }

    /// A column of the SQL type `S`, with one value a row.
    pub fn with<S, T>(mut self, name: &'static str, values: impl Iterator<Item = T>) -> Self
    where
        S: 'static,
        T: Send + 'static,
        Pg: HasSqlType<Array<S>>,
        Vec<T>: ToSql<Array<S>, Pg>,
    {
        self.columns.push((name, Box::new(Typed::<S, T> { values: values.collect(), sql_type: std::marker::PhantomData })));
        self
    }

    /// Inserts the rows.
    pub fn insert(self, conn: &mut PgConnection) -> QueryResult<usize> {
        ExecuteDsl::execute(self, conn)
    }
}

impl QueryId for Columns {
    type QueryId = ();
    // Many texts have this type: what is kept is found by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Columns {
    type SqlType = Untyped;
}

impl QueryFragment<Pg> for Columns {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_sql(self.table);
        for (i, (name, _)) in self.columns.iter().enumerate() {
            out.push_sql(if i == 0 { " (" } else { ", " });
            out.push_sql(name);
        }
        for (i, (_, values)) in self.columns.iter().enumerate() {
            out.push_sql(if i == 0 { ") SELECT * FROM unnest(" } else { ", " });
            values.bind(&mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<Conn> RunQueryDsl<Conn> for Columns {}
