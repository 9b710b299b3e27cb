//! The API's description (OpenAPI 3.1). What every operation shares is added here; a test compares it with the route table.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, OpenApi as Document, Ref, Required, ResponseBuilder, Type};
use utoipa::{Modify, OpenApi};

use super::{
    account, campaign, claim, completion, consent, correction, data_request, disclosure, import, log, mail, mail_report, member,
    neutrality, post, release, schedule, suppression, token, unit, user,
};
use crate::web::error::Problem;

#[derive(OpenApi)]
#[openapi(
    info(title = "Gaung", description = "Coordinated, disclosed amplification. Errors are problem documents (RFC 9457); lists are paged by cursor; a POST with an Idempotency-Key is done once; edits name their version in If-Match."),
    paths(
        token::issue, token::me,
        unit::list, unit::add, unit::get, unit::change,
        member::list, member::add, member::get, member::change, member::leave, member::take_back,
        account::list, account::add, account::get, account::change, account::suspend, account::resume, account::retire,
        disclosure::waiting, disclosure::list, disclosure::file, disclosure::confirm, disclosure::reject,
        consent::request,
        import::import,
        neutrality::list_blocked, neutrality::block, neutrality::unblock, neutrality::list_freezes, neutrality::add_freeze,
        claim::list, claim::file, claim::get, claim::change, claim::confirm, claim::publish, claim::close, claim::withdraw, claim::reopen,
        claim::answers, claim::answer,
        campaign::list, campaign::create, campaign::get, campaign::edit, campaign::progress, campaign::check,
        campaign::preview, campaign::preview_mail,
        release::submit, release::release, release::return_to_author, release::freeze_reason, release::pause, release::resume,
        release::cancel, correction::correct, correction::confirm, correction::withdraw, correction::get, release::open_wave, release::skip_wave,
        post::list, post::register, post::remove,
        completion::list, completion::check,
        schedule::list, schedule::add, schedule::get, schedule::stop,
        mail::list, mail::retry, mail::accept, mail::retry_all, mail::accept_all, mail::delivery,
        mail_report::hand_in, mail_report::list_all, mail_report::list,
        data_request::list, data_request::file, data_request::get, data_request::data, data_request::grant, data_request::refuse,
        suppression::list, suppression::add, suppression::lift,
        user::list, user::add, user::set_password, user::grant, user::revoke,
        log::list, log::get, log::export,
        describe,
    ),
    components(schemas(Problem, crate::domain::event::EventGroup)),
    modifiers(&Shared)
)]
struct Api;

/// What every operation has: the bearer token, the problem document, the headers of POST and PUT.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        if let Some(components) = document.components.as_mut() {
            components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        }
        for (path, item) in &mut document.paths.paths {
            let is_open = matches!(path.as_str(), "/api/v1/tokens" | "/api/v1/openapi.json");
            let posts = item.post.iter_mut().map(|operation| (operation, Some("Idempotency-Key")));
            let puts = item.put.iter_mut().map(|operation| (operation, None));
            let others = item.get.iter_mut().chain(item.delete.iter_mut()).map(|operation| (operation, None));
            for (operation, header) in posts.chain(puts).chain(others) {
                share(operation, header, is_open);
            }
        }
    }
}

fn share(operation: &mut Operation, header: Option<&str>, is_open: bool) {
    if !is_open {
        operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    }
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let refusal =
        ResponseBuilder::new().description("A problem document (RFC 9457)").content("application/problem+json", problem);
    operation.responses.responses.insert("default".into(), refusal.build().into());
    if let Some(name) = header.filter(|_| !is_open) {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
        operation.parameters.get_or_insert_with(Vec::new).push(parameter.schema(Some(text)).build().into());
    }
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| Api::openapi().to_json().unwrap_or_default());

/// This description.
///
/// # Errors
/// None.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "description", responses((status = 200, content_type = "application/json", body = Object)), security(()))]
pub async fn describe() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(DOCUMENT.as_str())
}
