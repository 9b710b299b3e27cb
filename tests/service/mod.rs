//! Tests of the use cases.

mod campaign;
mod import_reader;
