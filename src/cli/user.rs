//! `gaung user add`: the way in. The operator at the command line may add the first user, and anyone after.

mod password;

use std::str::FromStr;

use clap::{Args, Subcommand};
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, start};
use crate::app::App;
use crate::domain::locale::Locale;
use crate::domain::role::{Grant, Role};
use crate::domain::text_enum::UnknownWord;
use crate::service::Caller;
use crate::service::unit::{self, Unit, UnitForm};
use crate::service::user::{self, NewUser, UserView};

/// `gaung user`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Adds a console user
    Add(Add),
}

/// `gaung user add`
#[derive(Debug, Args)]
pub struct Add {
    /// The address to sign in with
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The name
    #[arg(long)]
    name: String,
    /// A role and the unit where it holds, with everything below it: admin, lead, approver, coordinator or auditor. Repeat it for more.
    /// Without @UNIT it holds at the root
    #[arg(long = "role", value_name = "ROLE[@UNIT]", required = true, num_args = 1..)]
    roles: Vec<RoleAt>,
    /// The language of pages and mails: id or en
    #[arg(long)]
    locale: Option<Locale>,
    /// The IANA zone of pages and mails
    #[arg(long)]
    zone: Option<String>,
    /// Where there is no unit yet: makes the root with this name first
    #[arg(long, value_name = "NAME")]
    create_root_unit: Option<String>,
    #[command(flatten)]
    password: password::Source,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A role at the unit with a code, or at the root.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RoleAt {
    role: Role,
    code: Option<String>,
}

impl FromStr for RoleAt {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (role, code) = text.split_once('@').map_or((text, None), |(role, code)| (role, Some(code.trim().to_owned())));
        Ok(Self { role: role.trim().parse()?, code: code.filter(|code| !code.is_empty()) })
    }
}

impl Command {
    /// Runs it.
    pub fn run(self, place: &Place) -> Result<Outcome, Failure> {
        let Self::Add(add) = self;
        let app = start::app(place)?;
        // Asked for before anything is written: who breaks off leaves nothing behind.
        let password = add.password.take(&add.email)?;
        let shown = password.is_made.then(|| password.text.clone());
        let format = add.format;
        let (user, units) = start::block_on(run(&app, add, password.text))?;
        report(&user, &units, shown.as_deref(), format)?;
        Ok(Outcome::Done)
    }
}

async fn run(app: &App, add: Add, password: String) -> Result<(UserView, Vec<Unit>), Failure> {
    let mut units = unit::list(app, &Caller::Operator).await?;
    if let Some(name) = add.create_root_unit {
        if let Some(first) = units.first() {
            return Err(Failure::refused(format!(
                "there are units already, with {} at the root: leave out --create-root-unit",
                first.code
            )));
        }
        let named = add.roles.iter().find_map(|at| at.code.clone());
        let code = named.unwrap_or_else(|| code_from(&app.config.institution.short_name));
        let form = UnitForm { code, name, parent_id: None, zone: String::new() };
        units.push(unit::add(app, &Caller::Operator, form).await?);
    }
    let roles = add.roles.iter().map(|at| grant(at, &units)).collect::<Result<Vec<_>, _>>()?;
    let new = NewUser { name: add.name, email: add.email, password, locale: add.locale, zone: add.zone, roles };
    let user = user::add(app, &Caller::Operator, new).await?;
    Ok((user, units))
}

/// A unit's code from the institution's short name: what of it a code may hold.
fn code_from(short_name: &str) -> String {
    let code: String = short_name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    if code.is_empty() { "ROOT".into() } else { code.to_ascii_uppercase() }
}

fn grant(at: &RoleAt, units: &[Unit]) -> Result<Grant, Failure> {
    let role = at.role;
    let unit = match &at.code {
        Some(code) => units.iter().find(|unit| unit.code.eq_ignore_ascii_case(code)),
        None => {
            let mut roots = units.iter().filter(|unit| unit.parent_id.is_none());
            match (roots.next(), roots.next()) {
                (Some(first), Some(second)) => {
                    let message =
                        format!("there are several roots ({}, {}, ...): write --role {role}@CODE", first.code, second.code);
                    return Err(Failure::refused(message));
                }
                (root, _) => root,
            }
        }
    };
    unit.map(|unit| Grant { role, unit_id: unit.id }).ok_or_else(|| match &at.code {
        _ if units.is_empty() => Failure::refused(
            "there is no unit yet: import them with `gaung import units FILE.csv`, or add --create-root-unit NAME",
        ),
        Some(code) => Failure::refused(format!("there is no unit {code}; `gaung import units FILE.csv` adds units")),
        None => Failure::refused(format!("no unit is a root: write --role {role}@CODE")),
    })
}

fn report(user: &UserView, units: &[Unit], made: Option<&str>, format: Format) -> Result<(), Failure> {
    let code =
        |grant: &Grant| units.iter().find(|unit| unit.id == grant.unit_id).map_or_else(String::new, |unit| unit.code.clone());
    if format == Format::Json {
        let roles: Vec<_> = user.roles.iter().map(|grant| json!({ "role": grant.role, "unit": code(grant) })).collect();
        return say_json(&json!({ "id": user.id, "name": user.name, "email": user.email, "roles": roles, "password": made }));
    }
    let roles: Vec<_> = user.roles.iter().map(|grant| format!("{} at {}", grant.role, code(grant))).collect();
    say(&format!("Added {} <{}>: {}", user.name, user.email, roles.join(", ")));
    if let Some(password) = made {
        say(&format!("The password, shown this once: {password}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_role_is_read_with_its_unit() {
        let at = |text: &str| text.parse::<RoleAt>().map(|at| (at.role, at.code));
        assert_eq!(at("lead@DJP-KANWIL-03").unwrap(), (Role::Lead, Some("DJP-KANWIL-03".into())));
        assert_eq!(at("admin").unwrap(), (Role::Admin, None));
        assert_eq!(at("auditor@").unwrap(), (Role::Auditor, None));
        assert!(at("boss@X").unwrap_err().to_string().contains("admin, lead, approver, coordinator, auditor"));
    }

    #[test]
    fn a_short_name_becomes_a_code() {
        assert_eq!(code_from("Kemencontoh RI"), "KEMENCONTOHRI");
        assert_eq!(code_from("…"), "ROOT");
    }
}
