//! Physical memory: frames, who owns them, and how often they are used.
//!
//! ```text
//! frames ──► tags, heat ──► allocator ──► direct_map
//!                             ▲
//!             watermarks ─────┘  the frames that processes do not get
//! ```
//! In here: code that handles only frames and physical addresses. It may use `mm`, `machine` and
//! `memory::trace`; it knows no page tables.

pub mod allocator;
pub mod direct_map;
pub mod frames;
pub mod heat;
pub mod slices;
pub mod tags;
pub mod watermarks;
