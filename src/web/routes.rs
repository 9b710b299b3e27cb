//! The whole route table on one screen. [`TABLE`] is what the tests crawl and what the API's description is compared with.

use actix_web::{HttpRequest, web};

use super::error::Failure;
use super::pages::{self, campaign, member};
use super::{assets, health};

macro_rules! method {
    ($resource:ident, get, $handler:path) => {
        // HEAD is GET without the body (RFC 9110 section 9.3.2).
        $resource.route(web::get().to($handler)).route(web::head().to($handler))
    };
    ($resource:ident, $method:ident, $handler:path) => {
        $resource.route(web::$method().to($handler))
    };
}

macro_rules! routes {
    ($($path:literal { $($method:ident: $handler:path),+ $(,)? })+) => {
        /// Every route: method and path.
        pub const TABLE: &[(&str, &str)] = &[$($((stringify!($method), $path)),+),+];

        /// Registers every route.
        pub fn configure(cfg: &mut web::ServiceConfig) {
            $(
                let resource = web::resource($path);
                $(let resource = method!(resource, $method, $handler);)+
                cfg.service(resource.default_service(web::to(other_method)));
            )+
            cfg.default_service(web::to(no_route));
        }
    };
}

routes! {
    "/t/{token}"                    { get: member::task::show, post: member::task::act }
    "/p/{token}"                    { get: member::pause::show, post: member::pause::act }
    "/u/{token}"                    { get: member::unsubscribe::show, post: member::unsubscribe::unsubscribe }
    "/o/{token}"                    { get: member::opt_in::show, post: member::opt_in::act }
    "/m/{token}"                    { get: member::mine::show }

    "/"                             { get: pages::home::show }
    "/sign-in"                      { get: pages::sign_in::show, post: pages::sign_in::sign_in }
    "/sign-out"                     { post: pages::sign_in::sign_out }
    "/campaigns"                    { get: campaign::list::list }
    "/campaigns/new"                { get: campaign::edit::new, post: campaign::edit::create }
    "/campaigns/{id}"               { get: campaign::show::show }
    "/campaigns/{id}/edit"          { get: campaign::edit::edit, post: campaign::edit::save }
    "/campaigns/{id}/preview"       { get: campaign::preview::show }
    "/campaigns/{id}/do/{act}"      { get: campaign::act::ask, post: campaign::act::perform }
    "/campaigns/{id}/waves/{wave}/{act}" { get: campaign::act::ask_wave, post: campaign::act::perform_wave }
    "/log"                          { get: pages::log::list }
    "/log.csv"                      { get: pages::log::export }
    "/log/{id}"                     { get: pages::log::entry }

    "/mailbox"                      { get: pages::mailbox::list }
    "/mailbox/{id}"                 { get: pages::mailbox::show }
    "/mailbox/{id}/html"            { get: pages::mailbox::html }

    "/assets/{version}/{name}"      { get: assets::show }
    "/healthz"                      { get: health::live }
    "/readyz"                       { get: health::ready }
}

/// The methods that a path takes, as the Allow header lists them.
fn allowed(pattern: &str) -> String {
    let methods = TABLE.iter().filter(|(_, path)| *path == pattern).map(|(method, _)| method.to_uppercase());
    let methods: Vec<String> =
        methods.flat_map(|method| if method == "GET" { vec![method, "HEAD".into()] } else { vec![method] }).collect();
    methods.join(", ")
}

async fn other_method(req: HttpRequest) -> Result<actix_web::HttpResponse, Failure> {
    Err(Failure::BadMethod { allow: allowed(&req.match_pattern().unwrap_or_default()) })
}

async fn no_route() -> Result<actix_web::HttpResponse, Failure> {
    Err(Failure::NoRoute)
}
