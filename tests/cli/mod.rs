//! The program itself, as an operator runs it: a process, its output, its exit code, on SQLite and on PostgreSQL.

mod bench;
mod bench_reading;
mod config;
mod doctor;
mod doctor_mail;
mod import;
mod ledger_commands;
mod mail;
mod mail_receive;
mod migrate;
mod run;
mod serve;
mod user;
