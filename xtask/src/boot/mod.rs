//! The ways from power-on to the kernel: straight from QEMU, or by Limine on BIOS or UEFI.
//!
//! It makes the files that QEMU boots. It starts no machine.

mod image;
mod menu;
mod way;

pub use image::iso;
pub use way::Way;
