//! What handlers take in: who asks, from where, in which language, and bodies within their limits.

pub mod api_caller;
pub mod body;
pub mod client;
pub mod language;
pub mod signed;
pub mod upload;

pub use api_caller::{ApiCaller, bearer_token};
pub use body::{Fields, JsonBody};
pub use client::{ClientIp, is_trusted_peer};
pub use signed::{SESSION_COOKIES, Signed, session_cookie_name};
