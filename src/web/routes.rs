//! The whole route table on one screen. [`TABLE`] is what the tests crawl and what the API's description is compared with.

use actix_web::{HttpRequest, web};

use super::error::Failure;
use super::pages::{self, calendar, campaign, claim, member, org};
use super::{api, assets, health, metrics};

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
    "/t/{token}/receipt"            { get: pages::ledger::files::receipt }
    "/c/{token}"                    { get: member::correction::show, post: member::correction::act }
    "/p/{token}"                    { get: member::pause::show, post: member::pause::act }
    "/u/{token}"                    { get: member::unsubscribe::show, post: member::unsubscribe::unsubscribe }
    "/o/{token}"                    { get: member::opt_in::show, post: member::opt_in::act }
    "/m/{token}"                    { get: member::mine::show }
    "/m/{token}/data"               { get: member::data::show }
    "/m/{token}/data.json"          { get: member::data::download }
    "/m/{token}/rights"             { get: member::rights::show, post: member::rights::ask }
    "/d/{token}"                    { get: member::rights::question, post: member::rights::confirm }
    "/m/{token}/address"            { post: member::address::ask }
    "/a/{token}"                    { get: member::address::question, post: member::address::confirm }
    "/m/{token}/settings"           { get: member::settings::show, post: member::settings::save }

    "/"                             { get: pages::home::show }
    "/design"                       { get: pages::design::show }
    "/menu"                         { get: pages::menu::show }
    "/menu/report"                  { post: pages::menu::choose }
    "/register"                     { get: pages::register::home::show }
    "/register.json"                { get: pages::register::data::json }
    "/register/accounts.csv"        { get: pages::register::data::accounts_csv }
    "/register/accounts/{id}"       { get: pages::register::account::show }
    "/register/accounts/{id}/badge.svg" { get: pages::register::badge::show }
    "/register/campaigns"           { get: pages::register::campaign::list }
    "/register/campaigns.csv"       { get: pages::register::data::campaigns_csv }
    "/register/campaigns/{slug}"    { get: pages::register::campaign::show }
    "/register/claims"              { get: pages::register::claim::list }
    "/register/check"               { get: pages::register::check::show }
    "/register/feed.atom"           { get: pages::register::feed::atom }
    "/sign-in"                      { get: pages::sign_in::show, post: pages::sign_in::sign_in }
    "/sign-in/link"                 { get: pages::sign_in_link::ask, post: pages::sign_in_link::mail }
    "/sign-in/link/{token}"         { get: pages::sign_in_link::show, post: pages::sign_in_link::sign_in }
    "/sign-out"                     { post: pages::sign_in::sign_out }
    "/calendar"                     { get: calendar::show }
    "/calendar/move"                { get: calendar::moving::ask, post: calendar::moving::perform }
    "/calendar/feed"                { get: calendar::feed::show, post: calendar::feed::act }
    "/calendar/{token}.ics"         { get: calendar::ics::show }
    "/campaigns"                    { get: campaign::list::list }
    "/campaigns/new"                { get: campaign::compose::basics::new, post: campaign::compose::basics::create }
    "/campaigns/{id}"               { get: campaign::show::show }
    "/campaigns/{id}/events"        { get: campaign::live::events }
    "/campaigns/{id}/delivery"      { get: campaign::delivery::show }
    "/campaigns/{id}/delivery/mails" { get: campaign::delivery::mails }
    "/campaigns/{id}/delivery/do/{act}" { get: campaign::delivery::ask, post: campaign::delivery::perform }
    "/campaigns/{id}/dossier"       { get: pages::audit::dossier::show }
    "/campaigns/{id}/dossier.zip"   { get: pages::audit::dossier::zip }
    "/campaigns/{id}/edit"          { get: campaign::compose::basics::edit, post: campaign::compose::basics::save }
    "/campaigns/{id}/preview"       { get: campaign::preview::show }
    "/campaigns/{id}/preview/{wave}" { get: campaign::person::show, post: campaign::person::mail_test }
    "/campaigns/{id}/preview/{wave}/mail" { get: campaign::person::mail }
    "/campaigns/{id}/preview/{wave}/task" { get: campaign::person::task }
    "/campaigns/{id}/review"        { get: campaign::review::show, post: campaign::review::decide }
    "/claims"                       { get: claim::list::list }
    "/claims/new"                   { get: claim::edit::new, post: claim::edit::file }
    "/claims/{id}"                  { get: claim::show::show, post: claim::show::act }
    "/claims/{id}/edit"             { get: claim::edit::edit, post: claim::edit::save }
    "/claims/{id}/campaign"         { post: claim::draft::start }
    "/approvals"                    { get: campaign::approvals::list }
    "/campaigns/{id}/do/correct"    { get: campaign::correct::ask, post: campaign::correct::perform }
    "/campaigns/{id}/do/{act}"      { get: campaign::act::ask, post: campaign::act::perform }
    "/campaigns/{id}/waves/{wave}/edit" { get: campaign::compose::wave::edit, post: campaign::compose::wave::save }
    "/campaigns/{id}/waves/{wave}/look" { post: campaign::compose::wave::look }
    "/campaigns/{id}/waves/{wave}/remove" { get: campaign::compose::remove::ask, post: campaign::compose::remove::remove }
    "/campaigns/{id}/waves/{wave}/{act}" { get: campaign::act::ask_wave, post: campaign::act::perform_wave }
    "/log"                          { get: pages::log::list }
    "/log.csv"                      { get: pages::log::csv }
    "/log.xlsx"                     { get: pages::log::xlsx }
    "/log/assignments/{id}"         { get: pages::log::journey::show }
    "/log/{id}"                     { get: pages::log::entry }
    "/log/{id}/receipt"             { get: pages::ledger::files::entry_receipt }
    "/ledger"                       { get: pages::ledger::show }
    "/ledger/checkpoint"            { get: pages::ledger::files::checkpoint }
    "/ledger/vkey"                  { get: pages::ledger::files::vkey }
    "/ledger/tile/entries/{path:.*}" { get: pages::ledger::files::entries }
    "/ledger/tile/{path:.*}"        { get: pages::ledger::files::hashes }
    "/ledger/former/{no}/checkpoint" { get: pages::ledger::files::former_checkpoint }
    "/ledger/former/{no}/tile/{path:.*}" { get: pages::ledger::files::former_hashes }

    "/samples"                      { get: pages::audit::sample::show, post: pages::audit::kept::announce }
    "/samples/{id}"                 { get: pages::audit::kept::show, post: pages::audit::kept::act }
    "/samples/{id}/findings.csv"    { get: pages::audit::kept::findings }
    "/samples.csv"                  { get: pages::audit::sample::csv }
    "/units"                        { get: org::units::list }
    "/units/new"                    { get: org::unit_edit::new, post: org::unit_edit::add }
    "/units/{id}"                   { get: org::units::show }
    "/units/{id}/edit"              { get: org::unit_edit::edit, post: org::unit_edit::save }
    "/units/{id}/ask"               { get: org::unit_ask::ask, post: org::unit_ask::perform }
    "/members"                      { get: org::members::list }
    "/members/new"                  { get: org::member_edit::new, post: org::member_edit::add }
    "/members/{id}"                 { get: org::members::show }
    "/members/{id}/edit"            { get: org::member_edit::edit, post: org::member_edit::save }
    "/members/{id}/do/{act}"        { get: org::member_act::ask, post: org::member_act::perform }
    "/accounts"                     { get: org::accounts::list }
    "/accounts/new"                 { get: org::account_edit::new, post: org::account_edit::add }
    "/accounts/{id}"                { get: org::accounts::show }
    "/accounts/{id}/edit"           { get: org::account_edit::edit, post: org::account_edit::save }
    "/accounts/{id}/disclose"       { get: org::disclosures::new, post: org::disclosures::file }
    "/accounts/{id}/do/{act}"       { get: org::account_act::ask, post: org::account_act::perform }
    "/disclosures"                  { get: org::disclosures::list }
    "/users"                        { get: org::users::list }
    "/users/new"                    { get: org::users::new, post: org::users::add }
    "/users/{id}"                   { get: org::users::show, post: org::users::act }
    "/data-requests"                { get: org::data_requests::list }
    "/data-requests/new"            { get: org::data_requests::new, post: org::data_requests::file }
    "/data-requests/{id}"           { get: org::data_requests::show, post: org::data_requests::answer }
    "/data-requests/{id}/data.json" { get: org::data_requests::data }
    "/suppressions"                 { get: org::suppressions::list, post: org::suppressions::add }
    "/suppressions/{id}"            { get: org::suppressions::ask, post: org::suppressions::lift }
    "/neutrality"                   { get: org::neutrality::show, post: org::neutrality::act }
    "/neutrality/{id}"              { get: org::neutrality::ask }
    "/settings"                     { get: org::settings::show }
    "/import"                       { get: org::import::form, post: org::import::check }
    "/import/template/{kind}"       { get: org::import::template }
    "/import/{id}"                  { get: org::import::show, post: org::import::apply }
    "/disclosures/{id}"             { get: org::disclosures::show, post: org::disclosures::settle }

    "/mail/preview"                 { get: pages::mail_preview::show }
    "/mail/preview/{message}/{locale}" { get: pages::mail_preview::html }
    "/mailbox"                      { get: pages::mailbox::list }
    "/mailbox/{id}"                 { get: pages::mailbox::show }
    "/mailbox/{id}/html"            { get: pages::mailbox::html }

    "/api/v1/openapi.json"          { get: api::openapi::describe }
    "/api/v1/tokens"                { post: api::token::issue }
    "/api/v1/me"                    { get: api::token::me }
    "/api/v1/units"                 { get: api::unit::list, post: api::unit::add }
    "/api/v1/units/{id}"            { get: api::unit::get, put: api::unit::change }
    "/api/v1/members"               { get: api::member::list, post: api::member::add }
    "/api/v1/members/{id}"          { get: api::member::get, put: api::member::change }
    "/api/v1/members/{id}/leave"    { post: api::member::leave }
    "/api/v1/members/{id}/take-back" { post: api::member::take_back }
    "/api/v1/consents/requests"     { post: api::consent::request }
    "/api/v1/imports/{kind}"        { post: api::import::import }
    "/api/v1/accounts"              { get: api::account::list, post: api::account::add }
    "/api/v1/accounts/{id}"         { get: api::account::get, put: api::account::change }
    "/api/v1/accounts/{id}/suspend" { post: api::account::suspend }
    "/api/v1/accounts/{id}/resume"  { post: api::account::resume }
    "/api/v1/accounts/{id}/retire"  { post: api::account::retire }
    "/api/v1/accounts/{id}/disclosures" { get: api::disclosure::list, post: api::disclosure::file }
    "/api/v1/disclosures"           { get: api::disclosure::waiting }
    "/api/v1/disclosures/{id}/confirm" { post: api::disclosure::confirm }
    "/api/v1/disclosures/{id}/reject" { post: api::disclosure::reject }
    "/api/v1/blocked-targets"       { get: api::neutrality::list_blocked, post: api::neutrality::block }
    "/api/v1/blocked-targets/{id}"  { delete: api::neutrality::unblock }
    "/api/v1/freezes"               { get: api::neutrality::list_freezes, post: api::neutrality::add_freeze }
    "/api/v1/claims"                { get: api::claim::list, post: api::claim::file }
    "/api/v1/claims/{id}"           { get: api::claim::get, put: api::claim::change }
    "/api/v1/claims/{id}/confirm"   { post: api::claim::confirm }
    "/api/v1/claims/{id}/publish"   { post: api::claim::publish }
    "/api/v1/claims/{id}/close"     { post: api::claim::close }
    "/api/v1/claims/{id}/withdraw"  { post: api::claim::withdraw }
    "/api/v1/claims/{id}/reopen"    { post: api::claim::reopen }
    "/api/v1/claims/{id}/answers"   { get: api::claim::answers, post: api::claim::answer }
    "/api/v1/campaigns"             { get: api::campaign::list, post: api::campaign::create }
    "/api/v1/campaigns/{id}"        { get: api::campaign::get, put: api::campaign::edit }
    "/api/v1/campaigns/{id}/progress" { get: api::campaign::progress }
    "/api/v1/campaigns/{id}/check"  { get: api::campaign::check }
    "/api/v1/campaigns/{id}/preview" { get: api::campaign::preview }
    "/api/v1/campaigns/{id}/preview/mail" { get: api::campaign::preview_mail }
    "/api/v1/campaigns/{id}/submit" { post: api::release::submit }
    "/api/v1/campaigns/{id}/release" { post: api::release::release }
    "/api/v1/campaigns/{id}/return" { post: api::release::return_to_author }
    "/api/v1/campaigns/{id}/freeze-reason" { post: api::release::freeze_reason }
    "/api/v1/campaigns/{id}/pause"  { post: api::release::pause }
    "/api/v1/campaigns/{id}/resume" { post: api::release::resume }
    "/api/v1/campaigns/{id}/cancel" { post: api::release::cancel }
    "/api/v1/campaigns/{id}/correct" { post: api::correction::correct }
    "/api/v1/campaigns/{id}/correct/confirm" { post: api::correction::confirm }
    "/api/v1/campaigns/{id}/correct/withdraw" { post: api::correction::withdraw }
    "/api/v1/campaigns/{id}/correction" { get: api::correction::get }
    "/api/v1/campaigns/{id}/schedules" { post: api::schedule::add }
    "/api/v1/campaigns/{id}/mails"  { get: api::mail::list }
    "/api/v1/campaigns/{id}/mails/retry" { post: api::mail::retry_all }
    "/api/v1/campaigns/{id}/mails/accept" { post: api::mail::accept_all }
    "/api/v1/campaigns/{id}/delivery" { get: api::mail::delivery }
    "/api/v1/waves/{id}/open"       { post: api::release::open_wave }
    "/api/v1/waves/{id}/skip"       { post: api::release::skip_wave }
    "/api/v1/mails/{id}/retry"      { post: api::mail::retry }
    "/api/v1/mails/{id}/accept"     { post: api::mail::accept }
    "/api/v1/mail/reports"          { get: api::mail_report::list_all, post: api::mail_report::hand_in }
    "/api/v1/campaigns/{id}/reports" { get: api::mail_report::list }
    "/api/v1/data-requests"         { get: api::data_request::list, post: api::data_request::file }
    "/api/v1/data-requests/{id}"    { get: api::data_request::get }
    "/api/v1/data-requests/{id}/data" { get: api::data_request::data }
    "/api/v1/data-requests/{id}/grant" { post: api::data_request::grant }
    "/api/v1/data-requests/{id}/refuse" { post: api::data_request::refuse }
    "/api/v1/suppressions"          { get: api::suppression::list, post: api::suppression::add }
    "/api/v1/suppressions/{id}"     { delete: api::suppression::lift }
    "/api/v1/posts"                 { get: api::post::list, post: api::post::register }
    "/api/v1/posts/{id}"            { delete: api::post::remove }
    "/api/v1/completions"           { get: api::completion::list }
    "/api/v1/completions/{id}/check" { post: api::completion::check }
    "/api/v1/schedules"             { get: api::schedule::list }
    "/api/v1/schedules/{id}"        { get: api::schedule::get }
    "/api/v1/schedules/{id}/stop"   { post: api::schedule::stop }
    "/api/v1/users"                 { get: api::user::list, post: api::user::add }
    "/api/v1/users/{id}/password"   { put: api::user::set_password }
    "/api/v1/users/{id}/roles"      { post: api::user::grant }
    "/api/v1/users/{id}/roles/{unit_id}/{role}" { delete: api::user::revoke }
    "/api/v1/log"                   { get: api::log::list }
    "/api/v1/log.csv"               { get: api::log::export }
    "/api/v1/log/{id}"              { get: api::log::get }

    "/assets/{version}/{name}"      { get: assets::show }
    "/healthz"                      { get: health::live }
    "/readyz"                       { get: health::ready }
    "/metrics"                      { get: metrics::show }
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
