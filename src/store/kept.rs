//! Statements written by hand that a connection prepares once and keeps. `diesel::sql_query` is read and planned anew each time, which for
//! a join of eleven tables takes PostgreSQL longer than everything else about the answer.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// A statement with one value of the SQL type `S` in it. Its text must be the program's own, and the same each time.
pub(super) struct Kept<S, V> {
    before: &'static str,
    value: V,
    after: &'static str,
    sql_type: PhantomData<S>,
}

/// The statement `before`, `value`, `after`.
pub(super) const fn kept<S, V>(before: &'static str, value: V, after: &'static str) -> Kept<S, V> {
    Kept { before, value, after, sql_type: PhantomData }
}

impl<S, V> QueryId for Kept<S, V> {
    type QueryId = ();
    // Many texts have this type: what is kept is found by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S, V> Query for Kept<S, V> {
    type SqlType = Untyped;
}

impl<S, V, DB> QueryFragment<DB> for Kept<S, V>
where
    DB: Backend + HasSqlType<S>,
    V: ToSql<S, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.before);
        out.push_bind_param::<S, _>(&self.value)?;
        out.push_sql(self.after);
        Ok(())
    }
}

impl<S, V, Conn> RunQueryDsl<Conn> for Kept<S, V> {}
