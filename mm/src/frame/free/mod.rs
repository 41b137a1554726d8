//! The free frames: one bit a frame, and an index of the words by their longest run.
//!
//! ```text
//! words         a word of 64 frames: its class, its runs; bits in a row of words
//! index         the words of each class, and blocks of whole words
//! recent        the frames and runs that were freed last
//! free_frames   the bits with index and recent frames: allocation by class
//! ```
//!
//! In here: code that knows free frames by number only. It knows no tags, references or events;
//! those are in the folder above.

mod free_frames;
mod index;
mod recent;
mod words;

pub(super) use free_frames::FreeFrames;
pub(super) use recent::Listing;

#[cfg(test)]
mod tests;
