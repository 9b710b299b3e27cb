//! Units, members and accounts from files: first a dry run that names every bad row, then all rows or none.

pub mod reader;
