//! The panels: state in, rectangle in, drawing out.
//!
//! Each one is a file with a function `draw` of the same shape. It draws inside its rectangle only,
//! and [`Extent::Changed`] after [`Extent::All`] leaves the very picture that [`Extent::All`] would
//! draw anew.

pub mod caption;
pub mod detail;
pub mod faults;
pub mod frame_map;
pub mod graphs;
pub mod header;
pub mod heap;
pub mod help;
pub mod lessons;
pub mod memo;
pub mod processes;
pub mod regions;
pub mod shell;
pub mod spaces;
pub mod statistics;
pub mod storyboard;
pub mod timeline;
pub mod tree;
pub mod walk;
mod why_not;

/// What the machine calls things that events have numbers for.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// A program, by its number.
    pub program: fn(u8) -> &'static str,
    /// What a part of the address space is for, by an address in it; empty where nothing belongs.
    pub area: fn(u64) -> &'static str,
}

impl Names {
    /// Nothing has a name.
    pub const NONE: Names = Names {
        program: |_| "",
        area: |_| "",
    };
}

/// How much of a panel to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything: nothing of it is on the screen yet.
    All,
    /// Only what changed since the last time.
    Changed,
}
