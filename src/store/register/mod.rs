//! What the public may read: disclosed accounts of layers 0 to 2 by name, employees' accounts as a number, campaigns that ran.

pub mod account;
pub mod campaign;
pub mod claim;
