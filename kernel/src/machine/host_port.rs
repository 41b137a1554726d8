//! The port on which the kernel sends records of the dashboard to the host: QEMU's debug console.
//!
//! ```text
//! rep outsb ──► port 0xe9 ──► `isa-debugcon`, if the host traces this run; else nothing takes it
//! ```
//! Invariant: the kernel executes the same instructions with and without the device, so a traced
//! run is the same as any other. While the host does not read, the CPU waits inside the
//! instruction, and the guest's instruction clock stops.

use raw_cpuid::CpuId;

const PORT: u16 = 0xe9;

/// Returns whether a host may listen. A real machine has no such port.
pub fn exists() -> bool {
    let features = CpuId::new().get_feature_info();
    features.is_some_and(|features| features.has_hypervisor())
}

/// Sends bytes to the host.
pub fn write(bytes: &[u8]) {
    // SAFETY: the instruction reads exactly these bytes. The port belongs to the debug console, or
    // to nothing.
    unsafe {
        core::arch::asm!(
            "rep outsb",
            in("dx") PORT, inout("rsi") bytes.as_ptr() => _, inout("rcx") bytes.len() => _,
            options(readonly, nostack, preserves_flags)
        );
    }
}
