//! Input: from bytes and key codes to keys, movements and lines of text.
//!
//! The meaning of a key is not decided here: see [`actions`](crate::dashboard::actions). This
//! folder uses no other folder.

pub mod absolute;
pub mod keyboard;
pub mod keyboard_layout;
pub mod keys;
pub mod line_editor;
pub mod mouse;
pub mod pointer;
