//! Physical memory: frames, who owns them, and how often they are used.
//!
//! In here: whatever deals in frames and physical addresses alone. It may use `mm`, `machine`,
//! and the leaf files of `memory` (`trace`, `size`); it knows no page table of its own.

pub mod frames;
pub mod heat;
pub mod tags;
