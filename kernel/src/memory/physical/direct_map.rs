//! The direct map: all physical memory at one range of virtual addresses.

use core::sync::atomic::{AtomicU64, Ordering};
use x86_64::structures::paging::{PhysFrame, Size4KiB};
use x86_64::{PhysAddr, VirtAddr};

static DIRECT_MAP: AtomicU64 = AtomicU64::new(0);

/// Bytes in a frame.
pub const FRAME: u64 = 4096;

/// From now on physical memory is found at this address.
pub fn set_direct_map(base: VirtAddr) {
    DIRECT_MAP.store(base.as_u64(), Ordering::Relaxed);
}

/// Where physical memory begins in the kernel's address space.
#[inline]
pub fn direct_map() -> VirtAddr {
    VirtAddr::new(DIRECT_MAP.load(Ordering::Relaxed))
}

/// Where this physical address is found in the direct map.
#[inline]
pub fn pointer(address: PhysAddr) -> *mut u8 {
    (direct_map() + address.as_u64()).as_mut_ptr()
}

/// The frame that holds this address.
#[inline]
pub fn frame_at(address: PhysAddr) -> PhysFrame {
    PhysFrame::<Size4KiB>::containing_address(address)
}
