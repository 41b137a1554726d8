//! The names of the kinds of regions.

use mm::memory_map::MemoryKind;

/// Returns a short name.
pub fn short(kind: MemoryKind) -> &'static str {
    match kind {
        MemoryKind::BootloaderReclaimable => "loader",
        MemoryKind::AcpiReclaimable => "ACPI",
        MemoryKind::AcpiNvs => "NVS",
        MemoryKind::KernelAndModules => "kernel",
        MemoryKind::Framebuffer => "screen",
        kind => kind.words(),
    }
}
