//! The service over HTTP, on a real port.

mod api;
mod campaign_pages;
mod desk;
mod frame;
mod member_pages;
mod once;
mod scope;
mod sign_in;
mod words;
