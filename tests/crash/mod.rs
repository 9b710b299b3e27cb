//! Faults on purpose, against real processes, real databases and a real mail server; after each, every promise is checked.
//!
//! `short` is part of the suite. `long` runs for as long as it is told to and prints a table; `./scripts/crash` starts it.

mod away;
mod checker;
mod clocks;
mod cosigning;
mod disk;
mod doubt;
mod down;
mod erasing;
mod frozen;
mod ground;
mod kills;
mod people;
mod points;
mod runs;
mod sealers;
mod together;
