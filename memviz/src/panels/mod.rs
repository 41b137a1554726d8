//! The panels: state in, rectangle in, drawing out.
//!
//! Each one is a file with a function `draw` of the same shape. It draws inside its rectangle only, and
//! [`Extent::Changed`] after [`Extent::All`] leaves the very picture that [`Extent::All`] would draw anew.

pub mod caption;
pub mod detail;
pub mod faults;
pub mod frame_map;
pub mod header;
pub mod heap;
pub mod help;
pub mod memo;
pub mod regions;
pub mod statistics;
pub mod timeline;
pub mod tree;

/// How much of a panel to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything: nothing of it is on the screen yet.
    All,
    /// Only what changed since the last time.
    Changed,
}
