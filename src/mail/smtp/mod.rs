//! The SMTP client: hands messages to one relay over a few kept connections and says exactly what became of each.
//!
//! Layers, lowest first: `reply` and `extensions` read what a server says (pure); `body` frames a message; `wire` is a stream with
//! deadlines; `session` opens a connection (greeting, EHLO, TLS, AUTH); `transaction` hands over one message; `lane` sends one message
//! behind the other over one connection; `pool` queues messages for the lanes. A connection that did anything unexpected is dropped,
//! never mended, and only a lane reads from it: a future of [`Pool::send`] that is dropped leaves no unread reply behind, so none
//! can ever be taken for the next message's.

mod body;
mod certificate;
mod config;
mod extensions;
mod lane;
mod parcel;
mod pool;
mod reply;
mod session;
mod tls;
mod transaction;
mod wire;

pub use config::{Password, SmtpConfig, SmtpConfigError, Timeouts, TlsMode};
pub use extensions::Extensions;
pub use parcel::Parcel;
pub use pool::{Pool, RelayFacts};
