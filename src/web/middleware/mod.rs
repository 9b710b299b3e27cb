//! What wraps every request, from the outside in: spans, headers, compression, failures, cross-site guard, repeated requests.

pub mod headers;
pub mod idempotency;
pub mod origin;
pub mod present;
pub mod spans;
pub mod timed;
