//! Three entries into the kernel, one [`BootInfo`].
//!
//! ```text
//! Limine on BIOS ──┐
//! Limine on UEFI ──┼── limine.rs ──┐
//! qemu -kernel ────┴── pvh.rs ─────┴── BootInfo ──► start_kernel
//! ```
//! The entries copy the boot loader's data, so that the kernel can use that memory later.
//!
//! In here: the entries, the boot stack, the image, and the command line. It uses only `mm` and
//! `units`.

pub mod enhancements;
pub mod exit_code;
pub mod image;
mod info;
mod limine;
pub mod options;
mod pvh;
mod pvh_map;
pub mod stack;

pub use info::{BootInfo, COMMAND_LINE_BYTES, FIRMWARE_ENTRIES, FirmwareEntries, Framebuffer, Way};
