//! The layout of the kernel's half of the address space.
//!
//! ```text
//! 0xffff_ffff_8000_0000  kernel image            text RX, read-only data R, data RW; 4 KiB pages
//! 0xffff_f000_0000_0000  framebuffer             write-combining
//! 0xffff_e800_0000_0000  heaps that race         addresses alone
//! 0xffff_e000_0000_0000  demand-zero regions     demand-zero pages, test pages of lessons
//! 0xffff_d000_0000_0000  kernel stacks           each between two guard pages
//! 0xffff_c070_0000_0000  registers of devices    uncached
//! 0xffff_c060_0000_0000  runs of drivers         each at the start of 1 GiB
//! 0xffff_c040_0000_0000  guarded allocations     each ends at an unmapped page
//! 0xffff_c000_0000_0000  kernel heap             between two guard pages, grows by 1 MiB
//! direct map + 0         physical memory         as the boot loader maps it, 0xffff_8000_0000_0000
//! ------------------------------------------------------------------------------------------
//! lower half             processes               user_layout.rs
//! ```

use x86_64::VirtAddr;

/// The address of the framebuffer.
pub const FRAMEBUFFER: VirtAddr = VirtAddr::new(0xffff_f000_0000_0000);
/// The address of the demand-zero region.
pub const DEMAND_ZERO: VirtAddr = VirtAddr::new(0xffff_e000_0000_0000);
/// The address of the arenas of heap races; nothing is mapped there.
pub const RACE: VirtAddr = VirtAddr::new(0xffff_e800_0000_0000);
/// The address of the kernel stacks.
pub const STACKS: VirtAddr = VirtAddr::new(0xffff_d000_0000_0000);
/// The address of guarded allocations: below the same entry of the root table as the heap.
pub const GUARDED: VirtAddr = VirtAddr::new(0xffff_c040_0000_0000);
/// The address of the runs of drivers: below the same entry of the root table as the heap.
pub const DEVICES: VirtAddr = VirtAddr::new(0xffff_c060_0000_0000);
/// The address of the registers of devices: past the last run of a driver.
pub const REGISTERS: VirtAddr = VirtAddr::new(0xffff_c070_0000_0000);
/// The guard page below the heap; the heap begins one page above.
pub const HEAP_GUARD: VirtAddr = VirtAddr::new(0xffff_c000_0000_0000);
/// The first byte of the heap, aligned to its largest block.
pub const HEAP: VirtAddr = VirtAddr::new(0xffff_c000_0010_0000);
