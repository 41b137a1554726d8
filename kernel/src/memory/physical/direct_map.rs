//! The direct map: all physical memory at one range of virtual addresses.

use core::sync::atomic::{AtomicU64, Ordering};
use x86_64::structures::paging::{PhysFrame, Size4KiB};
use x86_64::{PhysAddr, VirtAddr};

static DIRECT_MAP: AtomicU64 = AtomicU64::new(0);

/// Bytes in a frame.
pub const FRAME: u64 = 4096;

/// Sets the virtual address of the direct map.
pub fn set_direct_map(base: VirtAddr) {
    DIRECT_MAP.store(base.as_u64(), Ordering::Relaxed);
}

/// Returns the virtual address of the direct map.
#[inline]
pub fn direct_map() -> VirtAddr {
    VirtAddr::new(DIRECT_MAP.load(Ordering::Relaxed))
}

/// Returns the virtual address of a physical address in the direct map.
#[inline]
pub fn pointer(address: PhysAddr) -> *mut u8 {
    (direct_map() + address.as_u64()).as_mut_ptr()
}

/// Returns the frame that backs an address in the direct map.
pub fn frame_backing(address: VirtAddr) -> PhysFrame {
    frame_at(PhysAddr::new(address - direct_map()))
}

/// Returns the frame that contains this address.
#[inline]
pub fn frame_at(address: PhysAddr) -> PhysFrame {
    PhysFrame::<Size4KiB>::containing_address(address)
}
