//! The content of a page.

use crate::memory::physical::frames::FRAME;

/// Bytes of a page.
pub const PAGE: usize = FRAME as usize;

/// The content of a page.
pub type Content = [u8; PAGE];
