//! The screen around the panels: the lesson and the keys at the top, the caption below the panels,
//! and the state of the picture.
//!
//! ```text
//! memviz │ Copy-on-write  ● ● ● ○ ○  step 4 of 8              [Space] next  [l] lessons  [?] help
//! ┌ panels ──────────────────────────────────────────────────────────────────────────────────────┐
//! ▌ question
//! ▌ (A choice) (B choice)
//! ▌ answer
//! ■ HELD   0.2 s                                                            ✓ same as the machine
//! ```

pub mod caption;
pub mod happened;
pub mod header;
mod naming_line;
pub mod offer;
mod pills;
mod pointed_words;
mod search_line;
pub mod state_line;
