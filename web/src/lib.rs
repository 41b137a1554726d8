//! The viewer of trace files for browsers, as WebAssembly.
//!
//! ```text
//! script of the page ──keys, mouse, time──► Page ──► tracefile::Viewer ──► pixels, state as JSON
//! ```
//! `just web` puts this crate, the script and the traces into one HTML file. The pictures are those
//! of the kernel's dashboard: this crate only adapts input and pixels to a browser.

pub mod keys;
pub mod page;
pub mod pixels;
pub mod wire;
