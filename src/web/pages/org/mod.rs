//! The coordinator's and the admin's desk: units, members, accounts, disclosures, imports, users, suppressions, neutrality, settings.

pub mod account_act;
pub mod account_edit;
pub mod accounts;
pub mod data_requests;
pub mod disclosures;
pub mod import;
pub mod member_act;
pub mod member_edit;
pub mod members;
pub mod neutrality;
pub mod settings;
pub mod suppressions;
pub mod unit_ask;
pub mod unit_edit;
pub mod units;
pub mod users;

use std::collections::HashMap;

use actix_web::http::StatusCode;

use crate::app::App;
use crate::domain::id::UnitId;
use crate::domain::role::Act;
use crate::service::ServiceError;
use crate::service::unit::{self, Unit};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::view::View;

/// An id in an address.
///
/// # Errors
/// [`Failure::NoRoute`] for what is none: there is no such page.
pub fn read_id<I: std::str::FromStr>(text: &str) -> Result<I, Failure> {
    text.parse().map_err(|_| Failure::NoRoute)
}

/// The version that a form names.
///
/// # Errors
/// [`ServiceError::Conflict`] without one: the page is not ours, or too old.
pub fn read_version(form: &Fields) -> Result<i32, ServiceError> {
    form.get("version").parse().map_err(|_| ServiceError::Conflict("load the page again".into()))
}

/// The field that a refusal is about, where it is about one.
fn field_of(code: &str) -> &'static str {
    match code {
        "unit.cycle" => "parent_id",
        "account.engagement_missing" | "account.engagement_not_external" => "engagement",
        "account.second_on_platform" => "platform",
        "account.operating_unit_missing" => "unit_id",
        "account.operators_not_institution" => "operators",
        _ => "",
    }
}

/// How a form that was refused is shown again: with which status and which faults.
///
/// # Errors
/// Every failure that is no fault of what was typed.
pub fn refused(v: &View, error: ServiceError) -> Result<(StatusCode, Faults), Failure> {
    match error {
        ServiceError::Invalid(errors) => Ok((StatusCode::UNPROCESSABLE_ENTITY, Faults::new(v, &errors))),
        ServiceError::Refused { code, message } => {
            Ok((StatusCode::CONFLICT, Faults::one(field_of(code), v.refusal(code, &message))))
        }
        ServiceError::Conflict(message) => Ok((StatusCode::CONFLICT, Faults::one("", v.refusal("conflict", &message)))),
        other => Err(other.into()),
    }
}

/// The address of a list with the filter that was typed, at a cursor.
#[must_use]
pub fn address(path: &str, query: &Fields, fields: &[&str], after: &str) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for field in fields {
        if let Some(value) = query.filled(field) {
            pairs.append_pair(field, value);
        }
    }
    format!("{path}?{}", pairs.append_pair("after", after).finish())
}

/// A unit to choose.
#[derive(Debug, Clone)]
pub struct UnitChoice {
    /// Its id, as the form sends it.
    pub id: String,
    /// Its name, set in by its place in the tree.
    pub label: String,
}

/// The units in which somebody may do something, to choose from.
///
/// # Errors
/// [`ServiceError::Forbidden`] where there is none.
pub async fn choices(app: &App, signed: &Signed, act: Act) -> Result<Vec<UnitChoice>, Failure> {
    let units = unit::list_where(app, &signed.caller, act).await?;
    Ok(units.iter().map(choice).collect())
}

/// A unit as an option of a list.
#[must_use]
pub fn choice(unit: &Unit) -> UnitChoice {
    let indent = "\u{2007}\u{2007}".repeat(usize::try_from(unit.depth).unwrap_or_default());
    UnitChoice { id: unit.id.to_string(), label: format!("{indent}{} ({})", unit.name, unit.code) }
}

/// The names of the units that somebody sees.
///
/// # Errors
/// The database's failure.
pub async fn unit_names(app: &App, signed: &Signed) -> Result<HashMap<UnitId, String>, Failure> {
    let units = unit::list(app, &signed.caller).await?;
    Ok(units.into_iter().map(|unit| (unit.id, unit.name)).collect())
}
