//! A member's own page: what they were asked lately, and what became of it. Nobody else sees it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::domain::assignment::AssignmentState;
use crate::domain::member::MemberState;
use crate::service::task::{self, MyTask, MyTasks, Shelf};
use crate::web::error::Failure;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/mine.html")]
struct MinePage {
    v: View,
    token: String,
    mine: MyTasks,
}

impl MinePage {
    fn is_active(&self) -> bool {
        self.mine.standing.state == MemberState::Active
    }
    fn on(&self, shelf: Shelf) -> Vec<&MyTask> {
        self.mine.tasks.iter().filter(|task| task.shelf == shelf).collect()
    }
    const fn is_done(task: &MyTask) -> bool {
        matches!(task.state, AssignmentState::Done | AssignmentState::Checked)
    }
}

/// The page.
///
/// # Errors
/// `link.*` for a link that opens nothing.
pub async fn show(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let mine = task::my_tasks(&app, &token).await?;
    page(&MinePage { v: view_of(&req, mine.standing.locale, &mine.zone), token: token.into_inner(), mine })
}
