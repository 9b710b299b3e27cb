//! Tests of the use cases.

mod import_reader;
