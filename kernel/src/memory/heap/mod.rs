//! The kernel heap: the `kmalloc` family, and its implementation.
//!
//! In here: code that allocates memory in bytes. It may use `paging`, `physical` and everything
//! below; it knows no processes.

pub mod arena_buffers;
pub mod arena_watch;
pub mod corruption;
pub mod dma;
pub mod error;
pub mod guarded;
pub mod kernel_heap;
pub mod kmalloc;
pub mod lab;
pub mod race;
mod rust_heap;
pub mod sites;

pub use rust_heap::try_box;
