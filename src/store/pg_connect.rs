//! Connections to PostgreSQL, and whether a pooler stands between.

use diesel::connection::CacheSize;
use diesel::pg::PgConnection;
use diesel::sql_types::Integer;
use diesel::{Connection as _, ConnectionResult, QueryResult, QueryableByName, RunQueryDsl as _};

/// A connection. Without `prepared` no statement outlives its transaction on the server.
pub(super) fn establish(url: &str, prepared: bool) -> ConnectionResult<PgConnection> {
    let mut conn = PgConnection::establish(url)?;
    if !prepared {
        conn.set_prepared_statement_cache_size(CacheSize::Disabled);
    }
    Ok(conn)
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// How often each of two connections is asked who serves it.
const ROUNDS: usize = 4;

/// Whether a pooler hands one connection's transactions to different servers: then two connections are served by the same one, or one
/// by two. A statement that was prepared in one transaction may then be missing in the next, or be another client's of the same name.
pub(super) fn is_pooled(url: &str) -> ConnectionResult<bool> {
    let mut pair = (establish(url, false)?, establish(url, false)?);
    #[expect(clippy::disallowed_methods, reason = "it only looks, and on PostgreSQL")]
    let served = |conn: &mut PgConnection| -> QueryResult<i32> {
        conn.transaction(|conn| diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result::<Backend>(conn).map(|b| b.pid))
    };
    let failed = |error: diesel::result::Error| diesel::ConnectionError::CouldntSetupConfiguration(error);
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // The same one twice: poolers that take servers in turn give themselves away.
        one.push(served(&mut pair.0).map_err(failed)?);
        one.push(served(&mut pair.0).map_err(failed)?);
        other.push(served(&mut pair.1).map_err(failed)?);
    }
    one.dedup();
    other.dedup();
    Ok(one.len() > 1 || other.len() > 1 || one == other)
}
