//! The published crates, one file each, in their fastest documented use.

pub mod bitmap_allocator;
pub mod buddy_slab;
pub mod buddy_system;
pub mod frame_alloc;
pub mod free_list;
pub mod offset_allocator;
pub mod range_alloc;
mod span;
pub mod stack;
