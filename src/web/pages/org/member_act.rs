//! What is done with a member: asking for consent, recording that they left, taking them back. Each has a page that says what will
//! happen. The answer is the same whatever the person chose before: a button must not tell.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::service::consent::{self, Whom};
use crate::service::member::{self, Member};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::{page, see_other};
use crate::web::view::View;

/// Everything that can be done with a member.
const ACTS: [&str; 3] = ["ask", "leave", "take-back"];

#[derive(Template)]
#[template(path = "pages/org_member_act.html")]
struct ActPage {
    v: View,
    m: Member,
    act: &'static str,
}

impl ActPage {
    fn is_final(&self) -> bool {
        self.act == "leave"
    }
    fn button(&self) -> String {
        self.v.a(&format!("member-act-do-{}", self.act), "name", &self.m.name)
    }
}

fn known(word: &str) -> Result<&'static str, Failure> {
    ACTS.iter().find(|act| **act == word).copied().ok_or(Failure::NoRoute)
}

/// Says what will happen.
///
/// # Errors
/// Not found for another act, or a member outside the caller's units.
pub async fn ask(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    let act = known(&word)?;
    let m = member::kept(&app, &signed.caller, read_id(&id)?).await?;
    page(&ActPage { v: View::of_user(&req, &signed), m, act })
}

/// Does it.
///
/// # Errors
/// As [`ask`].
pub async fn perform(app: web::Data<App>, signed: Signed, path: web::Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    let act = known(&word)?;
    let m = member::kept(&app, &signed.caller, read_id(&id)?).await?;
    match act {
        "leave" => member::leave(&app, &signed.caller, m.id).await?,
        "take-back" => member::take_back(&app, &signed.caller, m.id).await?,
        _ => consent::request(&app, &signed.caller, Whom::Members(vec![m.id])).await.map(drop)?,
    }
    Ok(see_other(&format!("/members/{}?done={act}", m.id)))
}
