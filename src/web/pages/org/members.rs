//! The members whom a coordinator keeps: the list with its search, and one member's page. Whether somebody agreed, paused or declined
//! stands on neither.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{UnitChoice, address, choices, read_id, unit_names};
use crate::app::App;
use crate::domain::id::UnitId;
use crate::domain::role::Act;
use crate::service::account::{self, Account};
use crate::service::address_change::WaitingAddress;
use crate::service::member::{self, Member};
use crate::service::page::PageRequest;
use crate::service::suppression::{self, AddressStanding};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_members.html")]
struct MembersPage {
    v: View,
    t: Fields,
    choices: Vec<UnitChoice>,
    units: HashMap<UnitId, String>,
    members: Vec<Member>,
    next_url: Option<String>,
}

impl MembersPage {
    fn unit(&self, id: &UnitId) -> &str {
        self.units.get(id).map_or("", String::as_str)
    }
    fn is_filtered(&self) -> bool {
        self.t.filled("q").is_some() || self.t.filled("unit").is_some()
    }
}

#[derive(Template)]
#[template(path = "pages/org_member.html")]
struct MemberPage {
    v: View,
    m: Member,
    unit: String,
    accounts: Vec<Account>,
    standing: AddressStanding,
    soft: i64,
    done: String,
}

impl MemberPage {
    fn waits(&self, new: &WaitingAddress) -> String {
        self.v.two("address-waits-until", ("email", new.email.clone()), ("until", self.v.when(&new.expires_at)))
    }
}

/// The list.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] for who keeps no members.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let t = query.0;
    let unit_id = t.filled("unit").map(read_id).transpose()?;
    let wanted = PageRequest { after: t.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = member::search(&app, &signed.caller, unit_id, t.get("q"), wanted).await?;
    let next_url = found.next.map(|after| address("/members", &t, &["q", "unit"], &after));
    page(&MembersPage {
        v: View::of_user(&req, &signed),
        t,
        choices: choices(&app, &signed, Act::ManageMembers).await?,
        units: unit_names(&app, &signed).await?,
        members: found.items,
        next_url,
    })
}

/// One member.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let m = member::kept(&app, &signed.caller, read_id(&id)?).await?;
    let accounts = account::list_of_member(&app, &signed.caller, m.id).await?;
    let unit = unit_names(&app, &signed).await?.remove(&m.unit_id).unwrap_or_default();
    let known = |word: &&str| ["ask", "leave", "take-back", "saved"].contains(word);
    let done = query.0.filled("done").filter(known).unwrap_or_default().to_owned();
    let (standing, soft) = suppression::standing(&app, &signed.caller, m.id).await?;
    page(&MemberPage { v: View::of_user(&req, &signed), m, unit, accounts, standing, soft, done })
}
