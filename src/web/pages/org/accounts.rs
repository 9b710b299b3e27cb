//! The accounts: the list by kind, unit and how the disclosure stands; one account with its disclosures and the people behind it.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{UnitChoice, address, choices, read_id, unit_names};
use crate::app::App;
use crate::domain::account::{AccountState, DisclosureStanding};
use crate::domain::id::{AccountId, UnitId};
use crate::domain::kind::AccountKind;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum;
use crate::service::account::{self, AccountDesk, AccountFilter, ListedAccount};
use crate::service::disclosure::{self, Told};
use crate::service::page::PageRequest;
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::page;
use crate::web::view::View;

/// The filter's fields.
const FILTER: [&str; 5] = ["q", "unit", "kind", "standing", "state"];

#[derive(Template)]
#[template(path = "pages/org_accounts.html")]
struct AccountsPage {
    v: View,
    t: Fields,
    choices: Vec<UnitChoice>,
    units: HashMap<UnitId, String>,
    accounts: Vec<ListedAccount>,
    may_add: bool,
    next_url: Option<String>,
}

impl AccountsPage {
    fn unit(&self, id: &UnitId) -> &str {
        self.units.get(id).map_or("", String::as_str)
    }
    fn is_filtered(&self) -> bool {
        FILTER.iter().any(|field| self.t.filled(field).is_some())
    }
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
}

#[derive(Template)]
#[template(path = "pages/org_account.html")]
struct AccountPage {
    v: View,
    d: AccountDesk,
    unit: String,
    history: Vec<Told>,
    confirms: bool,
    done: String,
}

impl AccountPage {
    fn followers(&self) -> String {
        self.v.num(&self.d.listed.account.followers.into())
    }
    fn is_retired(&self) -> bool {
        self.d.listed.account.state == AccountState::Retired
    }
    fn is_active(&self) -> bool {
        self.d.listed.account.state == AccountState::Active
    }
}

/// How a disclosure's state looks.
pub fn tone(state: &str) -> &'static str {
    match state {
        "confirmed" => "live",
        "filed" => "wait",
        "rejected" => "stop",
        _ => "",
    }
}

/// The list.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] for who sees no accounts; not found for a unit outside the reader's.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let t = query.0;
    let filter = AccountFilter {
        unit_id: t.filled("unit").map(read_id).transpose()?,
        kind: t.filled("kind").and_then(|word| AccountKind::parse(word).ok()),
        state: t.filled("state").and_then(|word| AccountState::parse(word).ok()),
        standing: t.filled("standing").and_then(|word| DisclosureStanding::parse(word).ok()),
        text: t.get("q").chars().take(100).collect(),
    };
    let wanted = PageRequest { after: t.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = account::search(&app, &signed.caller, filter, wanted).await?;
    let next_url = found.next.map(|after| address("/accounts", &t, &FILTER, &after));
    page(&AccountsPage {
        v: View::of_user(&req, &signed),
        t,
        choices: choices(&app, &signed, Act::ViewOrganisation).await?,
        units: unit_names(&app, &signed).await?,
        accounts: found.items,
        may_add: signed.caller.reach(Act::ManageAccounts).is_ok(),
        next_url,
    })
}

/// One account.
///
/// # Errors
/// Not found outside the reader's units.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let id: AccountId = read_id(&id)?;
    let d = account::show(&app, &signed.caller, id).await?;
    let history = disclosure::history(&app, &signed.caller, id).await?;
    let unit = unit_names(&app, &signed).await?.remove(&d.listed.account.unit_id).unwrap_or_default();
    let known = |word: &&str| ["saved", "filed", "suspend", "resume", "retire", "confirm", "reject"].contains(word);
    let done = query.0.filled("done").filter(known).unwrap_or_default().to_owned();
    let confirms = signed.caller.reach(Act::ConfirmDisclosures).is_ok();
    page(&AccountPage { v: View::of_user(&req, &signed), d, unit, history, confirms, done })
}
