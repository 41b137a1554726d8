//! Pictures of the screen: reading, comparing and writing them, alone and as animations.

pub mod animation;
pub mod chart;
mod folder;
mod picture;

pub use folder::{folder, path};
pub use picture::Picture;
