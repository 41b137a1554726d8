//! The screen around a figure: the lesson at the top, the caption below the figure, and the state
//! of time.
//!
//! ```text
//! memviz │ Copy-on-write  ● ● ● ○ ○  step 4 of 8              [Space] next  [l] lessons  [?] help
//! ┌ figure ──────────────────────────────────────────────────────────────────────────────────────┐
//! ▌ question
//! ▌ (A choice) (B choice)
//! ▌ answer
//! ■ HELD 0.2 s                                                              ✓ same as the machine
//! ```

pub mod caption;
pub mod header;
pub mod state_line;
