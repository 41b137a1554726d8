//! The ways from power-on to the kernel: straight from QEMU, or by Limine on BIOS or UEFI.
//!
//! It makes what QEMU starts, and starts no machine itself.

mod image;
mod menu;
mod way;

pub use image::iso;
pub use way::Way;
