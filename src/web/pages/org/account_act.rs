//! Taking an account out of service, putting it back, and retiring it: each with a page that says what will happen and what is left
//! to hand over on the platform itself.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::account_edit::kept;
use crate::app::App;
use crate::domain::account::AccountState;
use crate::service::account::{self, Account};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::{page, see_other};
use crate::web::view::View;

/// What can be done, and the state it starts from; none: any.
const ACTS: [(&str, Option<AccountState>); 3] =
    [("suspend", Some(AccountState::Active)), ("resume", Some(AccountState::Suspended)), ("retire", None)];

#[derive(Template)]
#[template(path = "pages/org_account_act.html")]
struct ActPage {
    v: View,
    a: Account,
    act: &'static str,
}

impl ActPage {
    fn button(&self) -> String {
        self.v.a(&format!("account-act-do-{}", self.act), "handle", &self.a.handle)
    }
    fn is_final(&self) -> bool {
        self.act == "retire"
    }
    fn hands_over(&self) -> bool {
        self.act != "resume"
    }
}

fn known(word: &str) -> Result<&'static str, Failure> {
    ACTS.iter().find(|(act, _)| *act == word).map(|(act, _)| *act).ok_or(Failure::NoRoute)
}

/// Says what will happen; where it has happened already, leads back to the account.
///
/// # Errors
/// Not found for another act, or an account outside the caller's units.
pub async fn ask(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    let act = known(&word)?;
    let a = kept(&app, &signed, &id).await?.listed.account;
    let starts = ACTS.iter().any(|(known, from)| *known == act && from.is_none_or(|from| from == a.state));
    if !starts || a.state == AccountState::Retired {
        return Ok(see_other(&format!("/accounts/{}", a.id)));
    }
    page(&ActPage { v: View::of_user(&req, &signed), a, act })
}

/// Does it.
///
/// # Errors
/// As [`ask`]; the use case's refusals.
pub async fn perform(app: web::Data<App>, signed: Signed, path: web::Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    let act = known(&word)?;
    let id = kept(&app, &signed, &id).await?.listed.account.id;
    match act {
        "suspend" => account::suspend(&app, &signed.caller, id).await?,
        "resume" => account::resume(&app, &signed.caller, id).await?,
        _ => account::retire(&app, &signed.caller, id).await?,
    };
    Ok(see_other(&format!("/accounts/{id}?done={act}")))
}
