//! The service over HTTP, on a real port.

mod api;
mod frame;
mod member_pages;
mod once;
mod sign_in;
mod words;
