//! Three ways in, one [`BootInfo`].
//!
//! ```text
//! Limine on BIOS ──┐
//! Limine on UEFI ──┼── limine.rs ──┐
//! qemu -kernel ────┴── pvh.rs ─────┴── BootInfo ──► kmain
//! ```
//! Whatever the bootloader left in its own memory is copied, so that nothing here dangles when
//! that memory is given to somebody else.

pub mod enhancements;
pub mod exit_code;
pub mod image;
mod info;
mod limine;
pub mod options;
mod pvh;
pub mod stack;

pub use info::{BootInfo, COMMAND_LINE_BYTES, FIRMWARE_ENTRIES, FirmwareEntries, Framebuffer};
