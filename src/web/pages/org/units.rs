//! The tree of units, and one unit with its people and accounts.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::domain::id::UnitId;
use crate::domain::role::Act;
use crate::service::account::{self, Account};
use crate::service::member::{self, Member};
use crate::service::page::PageRequest;
use crate::service::unit::{self, Sizes, Surroundings, Unit};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::QueryFields;
use crate::web::pages::page;
use crate::web::view::View;

/// People and accounts that a unit's own page names; the lists have them all.
const SHOWN: u32 = 10;

/// A unit's line in the tree.
struct Line {
    unit: Unit,
    sizes: Sizes,
    /// Whether units follow that lie below it.
    opens: bool,
    /// How many branches end after it.
    closes: u32,
}

#[derive(Template)]
#[template(path = "pages/org_units.html")]
struct UnitsPage {
    v: View,
    q: String,
    lines: Vec<Line>,
    may_add: bool,
}

#[derive(Template)]
#[template(path = "pages/org_unit.html")]
struct UnitPage {
    v: View,
    s: Surroundings,
    members: Vec<Member>,
    accounts: Vec<Account>,
    may_change: bool,
    keeps_members: bool,
}

/// A number of people or accounts; "1.000+" where the counting stopped.
fn sized(v: &View, number: i64) -> String {
    if Sizes::is_capped(number) { format!("{}+", v.num(&number)) } else { v.num(&number) }
}

impl UnitsPage {
    fn sized(&self, number: &i64) -> String {
        sized(&self.v, *number)
    }
}

impl UnitPage {
    fn sized(&self, number: &i64) -> String {
        sized(&self.v, *number)
    }
}

/// The lines of a tree in order, each with the branches that begin and end at it.
fn lines(units: Vec<(Unit, Sizes)>) -> Vec<Line> {
    let depths: Vec<u32> = units.iter().map(|(unit, _)| unit.depth).collect();
    let lines = units.into_iter().enumerate().map(|(i, (unit, sizes))| {
        let next = depths.get(i + 1).copied().unwrap_or_default();
        Line { opens: next > unit.depth, closes: unit.depth.saturating_sub(next), unit, sizes }
    });
    lines.collect()
}

/// The tree; with `q`, the units whose name or code holds it.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] for who sees none.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let q = query.0.get("q").trim().to_owned();
    let mut units = unit::tree(&app, &signed.caller).await?;
    if !q.is_empty() {
        let wanted = q.to_lowercase();
        units.retain(|(unit, _)| unit.name.to_lowercase().contains(&wanted) || unit.code.to_lowercase().contains(&wanted));
        // What is found stands alone: its place in the tree is on its own page.
        units.iter_mut().for_each(|(unit, _)| unit.depth = 0);
    }
    let may_add = signed.caller.reach(Act::ManageUnits).is_ok();
    page(&UnitsPage { v: View::of_user(&req, &signed), q, lines: lines(units), may_add })
}

/// One unit.
///
/// # Errors
/// Not found outside the reader's units.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id: UnitId = read_id(&id)?;
    let s = unit::surroundings(&app, &signed.caller, id).await?;
    let may = |act| unit::may(&app, &signed.caller, act, id);
    let keeps_members = may(Act::ManageMembers).await?;
    let some = PageRequest::first(SHOWN);
    let members =
        if keeps_members { member::search(&app, &signed.caller, Some(id), "", some.clone()).await?.items } else { Vec::new() };
    let accounts = account::list(&app, &signed.caller, Some(id), some).await?.items;
    let may_change = may(Act::ManageUnits).await?;
    page(&UnitPage { v: View::of_user(&req, &signed), s, members, accounts, may_change, keeps_members })
}
