//! Every row of every table as text: what a request that must not change anything is held against.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::Text;
use gaung::store::{Conn, Db, StoreError};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, sql: &str) -> Result<Vec<String>, StoreError> {
    Ok(diesel::sql_query(sql).load::<Line>(conn)?.into_iter().map(|row| row.line).collect())
}

/// Each table's rows, sorted.
pub fn dump(db: &Db) -> BTreeMap<String, Vec<String>> {
    db.read_blocking(|conn| {
        let sqlite = conn.is_sqlite();
        let tables = if sqlite {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        } else {
            "SELECT CAST(tablename AS TEXT) AS line FROM pg_tables WHERE schemaname = 'public'"
        };
        let mut all = BTreeMap::new();
        for table in lines(conn, tables)? {
            let row = if sqlite {
                let columns = lines(conn, &format!("SELECT 'quote(' || name || ')' AS line FROM pragma_table_info('{table}')"))?;
                columns.join(" || ',' || ")
            } else {
                "CAST(t AS TEXT)".to_owned()
            };
            let rows = lines(conn, &format!("SELECT {row} AS line FROM {table} t ORDER BY 1"))?;
            all.insert(table, rows);
        }
        Ok::<_, StoreError>(all)
    })
    .expect("a dump")
}
