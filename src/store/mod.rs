//! Floor 2: rows in and out of SQLite and PostgreSQL. The only place that knows diesel; no rules, no rendering.

/// Inserts many rows in one statement; the multi backend has no batch insert, each concrete connection has.
macro_rules! insert_batch {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::store::db::Conn::Pg(conn) => diesel::RunQueryDsl::execute(diesel::insert_into($table).values($rows), conn)?,
            $crate::store::db::Conn::Lite(conn) => diesel::RunQueryDsl::execute(diesel::insert_into($table).values($rows), conn)?,
        }
    };
}

pub mod account;
pub mod address_change;
pub mod address_mark;
pub mod assignment;
pub mod audience;
pub mod audience_times;
pub mod calendar;
pub mod campaign;
pub mod claim;
pub mod collision;
mod columns;
pub mod completion;
pub mod consent;
pub mod correction;
mod counted;
pub mod daily_report;
pub mod data_request;
pub mod db;
pub mod delivery;
pub mod disclosure;
pub mod dispatch_hold;
pub mod done_counts;
pub mod dossier;
pub mod due;
pub mod erase;
pub mod error;
pub mod fanout;
pub mod figures;
pub mod ground;
pub mod heartbeat;
pub mod idempotency;
pub mod inspect;
mod kept;
pub mod kept_sample;
pub mod ledger;
pub mod load;
pub mod log;
pub mod mail_delivery;
pub mod mail_health;
pub mod mail_list;
pub mod mail_report;
mod manner;
pub mod measure;
pub mod measures;
pub mod member;
pub mod migrate;
pub mod neutrality;
pub mod notice;
pub mod outbox;
pub mod pace;
pub mod personal;
mod pg_connect;
mod pg_url;
pub mod plan;
pub mod plan_counts;
mod pool;
pub mod post;
pub mod preference;
pub mod promises;
pub mod proposal;
pub mod reach;
pub mod reference;
pub mod register;
pub mod release;
pub mod restored;
pub mod retention;
pub mod sample;
pub mod schedule;
pub mod schema;
pub mod seal;
pub mod session;
pub mod sign_in_link;
pub mod snapshot;
pub mod sole;
pub mod sql_text;
pub mod subject;
pub mod suppression;
pub mod task_sheet;
pub mod test_mail;
mod turn;
pub mod tx;
pub mod types;
pub mod unit;
pub mod upload;
pub mod user;
pub mod wave;

pub use db::{Conn, Db};
pub use error::{StoreError, Unique};
pub use manner::Manner;
pub use tx::Tx;
