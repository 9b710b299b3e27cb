//! The JSON API, one file a resource. It shows what the pages show, to programs.

pub mod csv_stream;
