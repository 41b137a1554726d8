//! The dashboard: events in, pixels out.
//!
//! ```text
//! dashboard   puts everything together: events, keys and the mouse in, pictures out
//! panels      one file or folder for each panel
//! widgets     the parts that panels share
//! view        which panels, frames and captions the screen shows
//! truth       the comparison of the model with the machine
//! timeline    the history of events, and the cursor in it
//! model       the state of the machine, folded from events
//! input       keys, mouse packets, the line editor
//! graphics    canvas, fonts, text, colours
//! ```
//! A folder uses the folders below it, never one above it.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod dashboard;
pub mod graphics;
pub mod input;
pub mod model;
mod panels;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod truth;
pub mod view;
pub mod widgets;
