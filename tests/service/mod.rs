//! Tests of the use cases.
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

mod account;
mod campaign;
mod campaign_release;
mod campaign_run;
mod claim;
mod consent;
mod disclosure;
mod import_reader;
mod member;
mod neutrality;
mod schedule;
mod unit;
