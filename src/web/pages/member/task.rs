//! A task's page: what is asked and why, the texts, the evidence, *Done* and *Decline* in equal reach.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::domain::assignment::AssignmentState;
use crate::domain::member::MemberState;
use crate::service::task::{self, Done, TargetView, TaskView};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

/// What the member typed, shown again with what is wrong about it.
#[derive(Debug, Default)]
struct Typed {
    url: String,
    disclosure: bool,
    own_words: bool,
}

#[derive(Template)]
#[template(path = "pages/task.html")]
struct TaskPage {
    v: View,
    token: String,
    task: TaskView,
    errors: Vec<FieldError>,
    typed: Typed,
}

/// Which of the page's faces is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    /// To be done or declined.
    Open,
    /// Done by what looks like a machine; a person confirms it.
    Confirm,
    /// Done.
    Done,
    /// Declined.
    Declined,
    /// Over or taken back.
    Over,
}

impl TaskPage {
    fn new(req: &HttpRequest, token: &str, task: TaskView) -> Self {
        let v = view_of(req, task.locale, &task.zone);
        Self { v, token: token.to_owned(), task, errors: Vec::new(), typed: Typed::default() }
    }
    fn face(&self) -> Face {
        match self.task.state {
            AssignmentState::Done | AssignmentState::Checked => Face::Done,
            AssignmentState::Declined => Face::Declined,
            _ if !self.task.is_open => Face::Over,
            _ if self.task.completion.as_ref().is_some_and(|completion| completion.suspected) => Face::Confirm,
            _ => Face::Open,
        }
    }
    fn is_paused(&self) -> bool {
        self.task.member_state != MemberState::Active
    }
    fn has_texts(&self) -> bool {
        !self.task.variants.is_empty() || self.task.own_words
    }
    fn error(&self, field: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.field == field)
    }
    fn say(&self, error: &FieldError) -> String {
        self.v.refusal(&error.code, &error.message)
    }
}

/// How long a text is, as its platform counts it: in characters.
fn characters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// The page; looking changes nothing.
///
/// # Errors
/// `link.*` for a link that opens nothing.
pub async fn show(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let task = task::view(&app, &token).await?;
    page(&TaskPage::new(&req, &token, task))
}

/// The page as a member would see it, for those who check a campaign before its release. Its words are in the member's language.
///
/// # Errors
/// As [`page`].
pub fn preview(req: &HttpRequest, task: TaskView) -> Result<HttpResponse, Failure> {
    let mut shown = TaskPage::new(req, "preview", task);
    shown.v.locale = shown.task.locale;
    page(&shown)
}

/// What the member pressed. Faults show the page again with everything that was typed.
///
/// # Errors
/// `link.*`, `form.*` and `assignment.*` as pages of their own.
pub async fn act(req: HttpRequest, app: web::Data<App>, token: web::Path<String>, form: Fields) -> Result<HttpResponse, Failure> {
    let nonce = form.get("nonce").to_owned();
    let acted = match form.get("act") {
        "done" => task::complete(&app, &token, done(&form, nonce)).await.map(drop),
        "decline" => task::decline(&app, &token, &nonce).await.map(drop),
        "confirm" => task::confirm(&app, &token, &nonce).await.map(drop),
        "undo" => task::undo(&app, &token, &nonce).await.map(drop),
        _ => return Err(Failure::Malformed { code: "form.act", message: "The form says nothing that can be done".into() }),
    };
    match acted {
        Ok(()) => Ok(see_other(req.path())),
        Err(ServiceError::Invalid(errors)) => {
            let task = task::view(&app, &token).await?;
            let (url, own_words) = (form.get("url").to_owned(), form.is_set("own_words"));
            let typed = Typed { url, disclosure: form.is_set("disclosure"), own_words };
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &TaskPage { errors, typed, ..TaskPage::new(&req, &token, task) })
        }
        Err(error) => Err(error.into()),
    }
}

fn done(form: &Fields, nonce: String) -> Done {
    Done {
        url: form.filled("url").map(str::to_owned),
        disclosure_confirmed: form.is_set("disclosure"),
        own_words: form.is_set("own_words"),
        nonce,
    }
}
