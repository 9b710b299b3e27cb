//! Members as coordinators keep them.

use actix_web::{HttpRequest, HttpResponse, web};

use super::version::Version;
use super::{created, done, list_query, listed, versioned};
use crate::app::App;
use crate::domain::id::{MemberId, UnitId};
use crate::service::member::{self, Member, MemberForm};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

list_query! {
    /// Which members.
    pub struct MemberQuery {
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<uuid::Uuid>)]
        unit_id: Option<UnitId>,
    }
}

/// The members within reach.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/members", tag = "organisation", params(MemberQuery), responses((status = 200, body = Page<Member>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<MemberQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &member::list(&app, &by.caller, query.0.unit_id, query.0.page()).await?))
}

/// Adds a member.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/members", tag = "organisation", request_body = MemberForm, responses((status = 201, body = Member)))]
pub async fn add(app: web::Data<App>, by: ApiCaller, body: JsonBody<MemberForm>) -> Result<HttpResponse, Failure> {
    let made = member::add(&app, &by.caller, body.0).await?;
    Ok(created(&format!("/api/v1/members/{}", made.id), &made))
}

/// One member.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/members/{id}", tag = "organisation", params(("id" = MemberId, Path)), responses((status = 200, body = Member)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<MemberId>) -> Result<HttpResponse, Failure> {
    let found = member::get(&app, &by.caller, *id).await?;
    Ok(versioned(found.version, &found))
}

/// Changes a member.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(put, path = "/api/v1/members/{id}", tag = "organisation", params(("id" = MemberId, Path)), request_body = MemberForm, responses((status = 200, body = Member)))]
pub async fn change(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<MemberId>,
    version: Version,
    body: JsonBody<MemberForm>,
) -> Result<HttpResponse, Failure> {
    let saved = member::change(&app, &by.caller, *id, version.0, body.0).await?;
    Ok(versioned(saved.version, &saved))
}

/// Notes that somebody has left the institution.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/members/{id}/leave", tag = "organisation", params(("id" = MemberId, Path)), responses((status = 204)))]
pub async fn leave(app: web::Data<App>, by: ApiCaller, id: web::Path<MemberId>) -> Result<HttpResponse, Failure> {
    member::leave(&app, &by.caller, *id).await?;
    Ok(done())
}

/// Takes somebody back who had left; they are asked for their consent anew.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/members/{id}/take-back", tag = "organisation", params(("id" = MemberId, Path)), responses((status = 204)))]
pub async fn take_back(app: web::Data<App>, by: ApiCaller, id: web::Path<MemberId>) -> Result<HttpResponse, Failure> {
    member::take_back(&app, &by.caller, *id).await?;
    Ok(done())
}
