//! One claim: what is going around, the fact, who answers, the answers in public, the campaigns, what happened.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::domain::claim::{ClaimState, ClaimStep};
use crate::domain::id::ClaimId;
use crate::domain::role::Act;
use crate::service::ServiceError;
use crate::service::claim::{self, ClaimDesk, NewAnswer};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::org::{read_id, read_version, refused};
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/claim.html")]
struct ClaimPage {
    v: View,
    f: Faults,
    t: Fields,
    d: ClaimDesk,
    done: String,
}

impl ClaimPage {
    #[allow(clippy::unused_self)] // A template reaches it by the page.
    fn colour(&self, state: &ClaimState) -> &'static str {
        super::colour(*state)
    }
    fn allows(&self, step: ClaimStep) -> bool {
        self.d.line.claim.state.check(step).is_ok()
    }
    fn may_change(&self) -> bool {
        self.d.may_run && self.allows(ClaimStep::Edit)
    }
    /// Whether the reader is the one who may confirm the fact now.
    fn may_confirm(&self) -> bool {
        self.d.may_confirm && self.allows(ClaimStep::Confirm)
    }
    /// Whether the fact waits for somebody else.
    fn waits_for_another(&self) -> bool {
        !self.d.may_confirm && self.allows(ClaimStep::Confirm)
    }
    fn may_answer(&self) -> bool {
        self.d.may_answer && self.allows(ClaimStep::Answer)
    }
    fn may_close(&self) -> bool {
        self.d.may_run && self.allows(ClaimStep::Close) && self.d.line.claim.answers > 0
    }
    fn may_withdraw(&self) -> bool {
        self.d.may_run && self.allows(ClaimStep::Withdraw)
    }
    fn may_reopen(&self) -> bool {
        self.d.may_run && self.allows(ClaimStep::Reopen)
    }
    fn may_publish(&self) -> bool {
        self.d.may_run && (self.d.line.claim.public || self.allows(ClaimStep::Publish))
    }
    fn reads_log(&self) -> bool {
        self.v.may(Act::ViewLog)
    }
}

async fn claim_page(req: &HttpRequest, app: &App, signed: &Signed, id: ClaimId) -> Result<ClaimPage, Failure> {
    let d = claim::show(app, &signed.caller, id).await?;
    Ok(ClaimPage { v: View::of_user(req, signed), f: Faults::default(), t: Fields::default(), d, done: String::new() })
}

/// One claim.
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
    let known =
        |word: &&str| ["filed", "saved", "confirm", "answer", "publish", "hide", "close", "withdraw", "reopen"].contains(word);
    let done = query.0.filled("done").filter(known).unwrap_or_default().to_owned();
    page(&ClaimPage { done, ..claim_page(&req, &app, &signed, read_id(&id)?).await? })
}

/// Does what a form of the page asks for.
///
/// # Errors
/// As [`show`]; faults and refusals show the page again.
pub async fn act(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let id: ClaimId = read_id(&id)?;
    let (app, by) = (&**app, &signed.caller);
    let act = form.get("act").to_owned();
    let done = match (read_version(&form), act.as_str()) {
        (_, "answer") => {
            let new = NewAnswer { url: form.get("url").to_owned(), handle: form.get("handle").to_owned() };
            claim::answer(app, by, id, new).await.map(drop)
        }
        (Err(error), _) => Err(error),
        (Ok(version), "confirm") => claim::confirm(app, by, id, version).await.map(drop),
        (Ok(version), "publish") if form.is_set("sure") => claim::publish(app, by, id, version, true).await.map(drop),
        (Ok(_), "publish") => Err(ServiceError::field("sure", "claim.sure", "Tick that the words name no private person")),
        (Ok(version), "hide") => claim::publish(app, by, id, version, false).await.map(drop),
        (Ok(version), "close") => claim::close(app, by, id, version).await.map(drop),
        (Ok(version), "withdraw") => claim::withdraw(app, by, id, version, form.get("reason")).await.map(drop),
        (Ok(version), "reopen") => claim::reopen(app, by, id, version).await.map(drop),
        (Ok(_), _) => Err(ServiceError::field("", "form.act", "This form does not say what to do")),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/claims/{id}?done={act}"))),
        Err(error) => {
            let shown = claim_page(&req, app, &signed, id).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &ClaimPage { f, t: form, ..shown })
        }
    }
}
