//! The service over HTTP, on a real port.

mod frame;
mod sign_in;
mod words;
