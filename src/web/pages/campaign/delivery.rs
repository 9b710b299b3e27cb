//! A campaign's delivery: counts that add up, why mails failed and where they came back, and what a person decides about those that
//! failed or whose fate is unknown, one or many, after a page that names the number.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::domain::id::{CampaignId, MailId};
use crate::domain::mail_reason::MailReason;
use crate::domain::outbox::MailState;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum as _;
use crate::service::campaign;
use crate::service::mail::{self, Delivery, MailView, Those};
use crate::service::page::PageRequest;
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::{page, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/delivery.html")]
struct DeliveryPage {
    v: View,
    d: Delivery,
    may_resolve: bool,
    done: String,
    done_n: i64,
}

impl DeliveryPage {
    /// What was just done, and with how many.
    fn said(&self) -> String {
        self.v.n(&format!("delivery-done-{}", self.done), self.done_n)
    }
}

/// The page.
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
    let d = mail::delivery(&app, &signed.caller, read_id(&id)?).await?;
    let done = query.0.filled("done").filter(|word| ["retry", "accept"].contains(word)).unwrap_or_default();
    page(&DeliveryPage {
        v: View::of_user(&req, &signed),
        d,
        may_resolve: signed.caller.reach(Act::ResolveMail).is_ok(),
        done: done.to_owned(),
        done_n: query.0.get("n").parse().unwrap_or_default(),
    })
}

/// The states that have a list of their own.
const LISTED: [MailState; 3] = [MailState::Failed, MailState::Unknown, MailState::Deferred];

#[derive(Template)]
#[template(path = "pages/delivery_mails.html")]
struct MailsPage {
    v: View,
    id: CampaignId,
    title: String,
    state: MailState,
    list: Vec<MailView>,
    may_resolve: bool,
    next_url: Option<String>,
}

impl MailsPage {
    fn reason(mail: &MailView) -> MailReason {
        mail.reason.unwrap_or(MailReason::Other)
    }
    fn may_retry(&self) -> bool {
        self.may_resolve && matches!(self.state, MailState::Failed | MailState::Unknown)
    }
    fn short(mail: &MailView) -> String {
        let id = mail.id.to_string();
        id.get(id.len().saturating_sub(8)..).unwrap_or_default().to_owned()
    }
}

/// The mails of one state, each with its reason.
///
/// # Errors
/// Not found for another state, or outside the caller's units.
pub async fn mails(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let id = read_id(&id)?;
    let state = MailState::parse(query.0.get("state")).ok().filter(|state| LISTED.contains(state)).ok_or(Failure::NoRoute)?;
    let wanted = PageRequest { after: query.0.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = mail::list(&app, &signed.caller, id, Some(state), wanted).await?;
    let campaign = campaign::get(&app, &signed.caller, id).await?;
    page(&MailsPage {
        v: View::of_user(&req, &signed),
        id,
        title: campaign.content.title,
        state,
        list: found.items,
        may_resolve: signed.caller.reach(Act::ResolveMail).is_ok(),
        next_url: found.next.map(|after| format!("/campaigns/{id}/delivery/mails?state={state}&after={after}")),
    })
}

#[derive(Template)]
#[template(path = "pages/delivery_act.html")]
struct ActPage {
    v: View,
    id: CampaignId,
    title: String,
    word: String,
    state: MailState,
    reason: Option<MailReason>,
    mail: Option<MailId>,
    n: i64,
    more: bool,
}

impl ActPage {
    /// A text of this act that names the number.
    fn counted(&self, text: &str) -> String {
        self.v.n(&format!("{text}-{}", self.word), self.n)
    }
}

/// What a form or an address asks to decide.
struct Asked {
    those: Those,
    mail: Option<MailId>,
}

impl Asked {
    fn of(word: &str, fields: &Fields) -> Result<Self, Failure> {
        let states: &[MailState] = match word {
            "retry" => &[MailState::Failed, MailState::Unknown],
            "accept" => &[MailState::Unknown],
            _ => return Err(Failure::NoRoute),
        };
        let state = MailState::parse(fields.get("state")).ok().filter(|state| states.contains(state)).ok_or(Failure::NoRoute)?;
        let reason = fields.filled("reason").map(|word| MailReason::parse(word).map_err(|_| Failure::NoRoute)).transpose()?;
        let mail = fields.filled("mail").map(|id| id.parse().map_err(|_| Failure::NoRoute)).transpose()?;
        Ok(Self { those: Those { state, reason }, mail })
    }
}

/// Says what will happen, and to how many.
///
/// # Errors
/// Not found for another act, or outside the caller's units; forbidden for who may not decide.
pub async fn ask(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    let id = read_id(&id)?;
    let asked = Asked::of(&word, &query.0)?;
    let found = mail::count_those(&app, &signed.caller, id, asked.those).await?;
    let campaign = campaign::get(&app, &signed.caller, id).await?;
    page(&ActPage {
        v: View::of_user(&req, &signed),
        id,
        title: campaign.content.title,
        word,
        state: asked.those.state,
        reason: asked.those.reason,
        mail: asked.mail,
        n: if asked.mail.is_some() { 1 } else { found.all() },
        more: found.more && asked.mail.is_none(),
    })
}

/// Does it.
///
/// # Errors
/// As [`ask`]; a refusal where somebody else decided meanwhile.
pub async fn perform(
    app: web::Data<App>,
    signed: Signed,
    path: web::Path<(String, String)>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let (id, word) = path.into_inner();
    let id = read_id(&id)?;
    let Asked { those, mail } = Asked::of(&word, &form)?;
    let caller = &signed.caller;
    let n = match (word.as_str(), mail) {
        ("retry", Some(mail)) => mail::retry(&app, caller, mail).await.map(|()| 1)?,
        ("retry", None) => mail::retry_all(&app, caller, id, those).await?,
        (_, Some(mail)) => mail::accept(&app, caller, mail).await.map(|()| 1)?,
        (_, None) => mail::accept_all(&app, caller, id, those).await?,
    };
    Ok(see_other(&format!("/campaigns/{id}/delivery?done={word}&n={n}")))
}
