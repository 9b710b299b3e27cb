//! Tests of the use cases.

mod account;
mod address_change;
mod audit;
mod campaign;
mod campaign_release;
mod campaign_run;
mod claim;
mod claim_desk;
mod consent;
mod data_request;
mod disclosure;
mod erase;
mod evidence;
mod import;
mod import_accounts;
mod import_reader;
mod import_speed;
mod kept_sample;
mod log;
mod mail_report;
mod member;
mod my_data;
mod neutrality;
mod post;
mod register;
mod retention;
mod schedule;
pub mod seal;
mod seal_check;
mod seal_files;
mod seal_stops;
mod session;
mod suppression;
mod task;
mod task_answers;
mod task_doubts;
mod task_pause;
mod task_together;
mod unit;
mod user;

use gaung::service::ServiceError;

/// `field code` of each fault of an invalid input.
pub fn codes(error: &ServiceError) -> Vec<String> {
    match error {
        ServiceError::Invalid(faults) => faults.iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect(),
        other => panic!("not a fault of the input: {other:?}"),
    }
}

/// The code of a refusal.
pub fn refusal(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Refused { code, .. } => code,
        other => panic!("not a refusal: {other:?}"),
    }
}
