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
