//! Tests of the use cases.

mod campaign;
mod campaign_release;
mod campaign_run;
mod import_reader;
