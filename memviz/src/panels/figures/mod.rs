//! Figures: panels that show one idea, large enough for a classroom.
//!
//! A figure fills the screen above the caption of a lesson. It is drawn as a whole when anything in
//! it has changed. It shows only what follows from the model and the events of the step.
//!
//! To add a figure: implement [`figure::Figure`] for what it shows, in a folder of its own, and add
//! its [`figure::FigurePanel`] to the table of panels. `content.rs` or the like reads the model.
//! `draw.rs` paints that, with positions from `geometry.rs`. Figures share [`parts`].

pub mod bitmap;
pub mod block_bytes;
pub mod buddy;
pub mod change;
pub mod fault;
mod fault_line;
mod figure;
mod followed;
pub mod hard_fault;
pub mod heap_map;
pub mod leaks;
mod lines;
mod marks;
pub mod memory_map;
pub mod parts;
pub mod pointers;
pub mod race;
pub mod replacement;
pub mod rights;
pub mod shared_pages;
pub mod truth;
pub mod walk;
pub mod working_sets;
