//! Plays a trace: a dashboard that receives the records draws the pictures of the run again.
//!
//! ```text
//! lore      captions, lessons and names that the records brought
//! storage   the buffers of a dashboard       screen    the pixels of its pictures
//! machine   a dashboard with its lore        contents  the captions in order
//! run       the pictures of the run, byte for byte
//! viewer    a run that a user explores by keys and mouse
//! follower  the events of a run one by one, without pictures
//! ```
//! The buffers of a player and the text of its captions stay until the program ends: a dashboard
//! borrows them, and a program plays a few files.

mod contents;
mod follower;
mod lore;
mod machine;
mod run;
mod screen;
mod storage;
#[cfg(test)]
mod tests;
mod viewer;

pub use contents::{Contents, Entry};
pub use follower::{Facts, Follower, Watch};
pub use run::Player;
pub use viewer::Viewer;
