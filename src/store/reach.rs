//! Which rows a list shows by their unit: all, those of few units each by its own index, or those below some units.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use super::types::sql::Uid;
use crate::domain::id::UnitId;

/// More units than this are asked of each row.
const MANY: usize = 48;

/// The units whose rows a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every unit there is.
    All,
    /// These and no others.
    Few(Vec<UnitId>),
    /// Everything below these, which is a lot.
    Below(Vec<UnitId>),
}

/// How a list is ordered and cut.
#[derive(Debug, Clone, Copy)]
pub struct Cut<'a> {
    /// Whether SQLite is asked.
    pub is_sqlite: bool,
    /// The order, in the columns that `select` gives.
    pub order: &'a str,
    /// The most rows.
    pub limit: i64,
}

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Uid)]
    id: UnitId,
}

impl Reach {
    /// What the subtrees of `roots` come to; none means everywhere.
    ///
    /// # Errors
    /// The database's failure.
    pub fn of(conn: &mut Conn, roots: Option<&[UnitId]>) -> Result<Self, StoreError> {
        let Some(roots) = roots else { return Ok(Self::All) };
        if roots.is_empty() {
            return Ok(Self::Few(Vec::new()));
        }
        let mut sql = SqlText::new();
        sql.push("SELECT id FROM units WHERE parent_id IS NULL");
        let tops: Vec<One> = sql.query().load(conn)?;
        if tops.iter().all(|top| roots.contains(&top.id)) {
            return Ok(Self::All);
        }
        let mut sql = SqlText::new();
        sql.push("SELECT DISTINCT descendant_id AS id FROM unit_closure WHERE ancestor_id IN ").ids(roots);
        sql.push(" LIMIT ").big(i64::try_from(MANY).unwrap_or(i64::MAX) + 1);
        let below: Vec<One> = sql.query().load(conn)?;
        if below.len() > MANY {
            return Ok(Self::Below(roots.to_vec()));
        }
        Ok(Self::Few(below.into_iter().map(|one| one.id).collect()))
    }

    /// The rows that `select` gives, each reached by the condition on its unit that is written after it; to be ordered and cut by
    /// whoever asks, in the order and at the number that `cut` says. `unit` is the column.
    ///
    /// SQLite merges branches that an index orders; PostgreSQL merges them if each says its own order, and how many it gives at most.
    pub fn rows(&self, sql: &mut SqlText, unit: &str, cut: Cut<'_>, select: impl Fn(&mut SqlText)) {
        match self {
            Self::All => select(sql),
            Self::Below(roots) => {
                select(sql);
                sql.push(" AND EXISTS (SELECT 1 FROM unit_closure c WHERE c.descendant_id = ").push(unit);
                sql.push(" AND c.ancestor_id IN ").ids(roots).push(")");
            }
            Self::Few(units) if units.is_empty() => {
                select(sql);
                sql.push(" AND 1 = 0");
            }
            Self::Few(units) => {
                for (i, id) in units.iter().enumerate() {
                    if i > 0 {
                        sql.push(" UNION ALL ");
                    }
                    if !cut.is_sqlite {
                        sql.push("SELECT * FROM (");
                    }
                    select(sql);
                    sql.push(" AND ").push(unit).push(" = ").id(*id);
                    if !cut.is_sqlite {
                        sql.push(" ORDER BY ").push(cut.order).push(" LIMIT ").big(cut.limit).push(&format!(") branch{i}"));
                    }
                }
            }
        }
    }
}
