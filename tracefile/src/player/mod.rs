//! Plays a trace: a dashboard that receives the records draws the pictures of the run again.
//!
//! ```text
//! lore      captions, lessons and names that the records brought
//! storage   the buffers of a dashboard
//! run       the pictures of the run, byte for byte
//! ```
//! The buffers of a player and the text of its captions stay until the program ends: a dashboard
//! borrows them, and a program plays a few files.

mod lore;
mod run;
mod storage;

pub use run::Player;
