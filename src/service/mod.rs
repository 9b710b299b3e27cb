//! Floor 3: the use cases. Each checks the permission, opens the one transaction, asks the domain, moves the rows and records the entry.

pub mod account;
pub mod caller;
pub mod campaign;
pub mod claim;
pub mod consent;
pub mod delivery;
pub mod disclosure;
pub mod dispatch;
pub mod error;
pub mod evidence;
pub mod export_csv;
pub mod form;
pub mod health;
pub mod heartbeat;
pub mod idempotency;
pub mod import;
pub mod log;
pub mod mail;
pub mod mailbox;
pub mod member;
pub mod neutrality;
pub mod page;
pub mod post;
pub mod preview;
pub mod promises;
pub mod register;
pub mod schedule;
pub mod session;
pub mod suppression;
pub mod task;
pub mod unit;
pub mod user;

pub use caller::Caller;
pub use error::{FieldError, ServiceError};
pub use page::{Page, PageRequest};
