//! The firmware's memory map, put in order.

use crate::paging::byte_enum;

byte_enum! {
    /// What a region of physical memory is, as the firmware or the bootloader says.
    ///
    /// The later kind is the more restrictive one and wins where regions overlap.
    RegionKind {
        /// Free for the frame allocator.
        Usable = 0, "usable";
        /// Bootloader data, usable once nobody needs it.
        BootloaderReclaimable = 1, "bootloader reclaimable";
        /// ACPI tables, usable once they have been read.
        AcpiReclaimable = 2, "ACPI reclaimable";
        /// The kernel image and its boot modules.
        KernelAndModules = 3, "kernel and modules";
        /// Pixels.
        Framebuffer = 4, "framebuffer";
        /// ACPI non-volatile storage: must not be touched.
        AcpiNvs = 5, "ACPI NVS";
        /// Devices and firmware.
        Reserved = 6, "reserved";
        /// Broken memory.
        Bad = 7, "bad memory";
    }
}
