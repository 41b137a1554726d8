//! Drawing: from rectangles, text and colours to pixels.
//!
//! ```text
//! theme ─► styles ─┐
//! charset ─► font ─┼─► text ─┬► surface ◄── canvas ─► damage    blit copies the pixels
//!         └► face ─┼► label ─┘                          └► present ─► the screen, with the pointer
//! atlas ─► font    │
//!            wrap ─┘
//! ```
//! Of memory, this folder knows only the names and colours of owners, regions and faults. It uses
//! `mm` for them, and no other folder of this crate.

pub mod atlas;
mod blit;
pub mod canvas;
pub mod charset;
pub mod damage;
pub mod face;
pub mod fingerprint;
pub mod font;
pub mod label;
pub mod numbers;
pub mod places;
pub mod pointers;
pub mod present;
pub mod styles;
pub mod surface;
pub mod svg;
pub mod text;
pub mod theme;
pub mod type_scale;
pub mod wrap;
