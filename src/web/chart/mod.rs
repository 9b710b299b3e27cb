//! Charts as SVG made here. Colours are classes, so both themes work and no inline style is needed; nothing is stretched that holds
//! text: only shapes lie in a drawing without a fixed aspect, so words keep their size from 320 to 1,600 pixels.

mod area;
mod axis;
mod cascade;
mod horn;

pub use area::{Band, area};
pub use axis::Tick;
pub use cascade::{Words, cascade};
