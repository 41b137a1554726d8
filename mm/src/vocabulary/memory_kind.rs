//! Kinds of physical memory, as the firmware reports them.

use super::byte_enum::byte_enum;

byte_enum! {
    /// The kind of a range of physical memory, as the firmware or the boot loader describes it.
    ///
    /// A later kind is more restrictive and wins where ranges overlap.
    MemoryKind {
        /// Free for the frame allocator.
        Usable = 0, "usable";
        /// Data of the boot loader, usable once the kernel has copied it.
        BootloaderReclaimable = 1, "bootloader reclaimable";
        /// ACPI tables, usable once the kernel has read them.
        AcpiReclaimable = 2, "ACPI reclaimable";
        /// The kernel image and its boot modules.
        KernelAndModules = 3, "kernel and modules";
        /// Pixels of the screen.
        Framebuffer = 4, "framebuffer";
        /// ACPI non-volatile storage, which the kernel must not touch.
        AcpiNvs = 5, "ACPI NVS";
        /// Devices and firmware.
        Reserved = 6, "reserved";
        /// Broken memory.
        Bad = 7, "bad memory";
    }
}
