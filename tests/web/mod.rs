//! The service over HTTP, on a real port.

mod api;
mod calendar_pages;
mod campaign_pages;
mod claim_pages;
mod colours;
mod composer_pages;
mod dashboard_pages;
mod delivery_pages;
mod desk;
mod frame;
mod ledger_pages;
mod log_pages;
mod mail_preview;
mod mailbox;
mod member_pages;
mod once;
mod org_account_pages;
mod org_admin_pages;
mod org_import_pages;
mod org_unit_pages;
mod register_pages;
mod review_pages;
mod scope;
mod sign_in;
mod words;
