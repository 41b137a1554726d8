//! Figures: panels that show one idea, large enough for a classroom.
//!
//! A figure fills the screen above the caption of a lesson. It is drawn as a whole when anything in
//! it has changed, and what it shows follows from the model and the events of the step alone. What
//! figures share is in [`parts`].

pub mod buddy;
mod parts;
pub mod shared_pages;
pub mod walk;
