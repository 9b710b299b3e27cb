//! The register of posts of layers 0 to 2: what later waves point at.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{created, done, list_query, listed};
use crate::app::App;
use crate::domain::id::{CampaignId, PostId};
use crate::service::page::Page;
use crate::service::post::{self, NewPost, PostView};
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

list_query! {
    /// Which posts.
    pub struct PostQuery {
        /// Only those of this campaign.
        #[param(value_type = Option<uuid::Uuid>)]
        campaign_id: Option<CampaignId>,
    }
}

/// A post that was registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// Its id.
    id: PostId,
}

/// The posts within reach, newest first.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/posts", tag = "campaigns", params(PostQuery), responses((status = 200, body = Page<PostView>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<PostQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &post::list(&app, &by.caller, query.0.campaign_id, query.0.page()).await?))
}

/// Registers a post; waves that wait for it open.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/posts", tag = "campaigns", request_body = NewPost, responses((status = 201, body = Registered)))]
pub async fn register(app: web::Data<App>, by: ApiCaller, body: JsonBody<NewPost>) -> Result<HttpResponse, Failure> {
    let id = post::register(&app, &by.caller, body.0).await?;
    Ok(created("/api/v1/posts", &Registered { id }))
}

/// Takes a post off the register.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(delete, path = "/api/v1/posts/{id}", tag = "campaigns", params(("id" = PostId, Path)), responses((status = 204)))]
pub async fn remove(app: web::Data<App>, by: ApiCaller, id: web::Path<PostId>) -> Result<HttpResponse, Failure> {
    post::remove(&app, &by.caller, *id).await?;
    Ok(done())
}
