//! Pictures of the screen: reading, comparing and writing them, alone and as animations.

pub mod animation;
mod folder;
mod picture;

pub use folder::{folder, path};
pub use picture::Picture;
