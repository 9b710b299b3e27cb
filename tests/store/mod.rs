//! The store's conformance: every test runs on SQLite and on PostgreSQL and must see the same.

mod assignment_writes;
mod audience;
mod begun;
mod campaign;
mod claim_reads;
mod completion;
mod completion_reads;
mod core;
mod fanout;
mod log_find;
mod manner;
mod org;
mod outbox;
mod waiting;
mod wave;
