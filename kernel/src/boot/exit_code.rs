//! The report of the kernel's result to QEMU.
//!
//! A leaf, because even the first instructions of the kernel may have to end the run.

/// The result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// QEMU ends with 33.
    Success = 0x10,
    /// QEMU ends with 35.
    Failure = 0x11,
}

/// QEMU's `isa-debug-exit`: the value v written here ends QEMU with status 2 v + 1.
pub const DEBUG_EXIT: u16 = 0xf4;
