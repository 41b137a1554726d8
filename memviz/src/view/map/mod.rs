//! The cells of the frame map: sums over frames for the view on the screen.
//!
//! ```text
//! model ──observer──► cells ─┬─ subtotals   sums of 64 and of 1,024 frames, for another view
//!                            └─ accents     which cells changed recently, or are highlighted
//! ```
//! This folder uses `model` and the dirty sets of `view`. It draws nothing.

mod accents;
mod cell;
mod cells;
mod subtotals;
mod view;

pub use accents::{AGES, Accent, Marks, horizon};
pub use cell::Cell;
pub use cells::{CellStorage, Cells};
pub use subtotals::{Subtotal, needed};
pub use view::View;
