//! What the driver crate needs of the kernel: memory for the device, and the device's registers.
//!
//! ```text
//! Queue, buffers ──► kmalloc_dma       frames that the device reads and writes
//! registers      ──► layout::REGISTERS uncached pages, mapped before the driver starts
//! ```

use super::error::NoDisk;
use crate::memory::heap::dma;
use crate::memory::heap::kmalloc::{kfree, kmalloc_dma};
use crate::memory::paging::kernel_space::{self, whole_pages};
use crate::memory::paging::{layout, regions};
use crate::memory::physical::frames::FRAME;
use core::ptr::NonNull;
use mm::paging::{Access, RegionPolicy};
use mm::tag::Tag;
use spin::Once;
use virtio_drivers::{BufferDirection, Hal};
use x86_64::{PhysAddr, VirtAddr};

/// All frames of a driver lie below this address, which each device can reach.
pub const CEILING: PhysAddr = PhysAddr::new(1 << 32);

/// The kernel's part of the driver.
pub struct Kernel;

/// The registers of the disk: their first byte, and how many.
static REGISTERS: Once<(PhysAddr, u64)> = Once::new();

/// Maps the registers of the disk, uncached. There is one disk.
///
/// # Errors
/// When they do not begin at a page, or there are no frames for page tables.
pub fn map_registers(start: PhysAddr, bytes: u64) -> Result<(), NoDisk> {
    if !start.is_aligned(FRAME) || REGISTERS.is_completed() {
        return Err(NoDisk::Registers);
    }
    let bytes = whole_pages(bytes);
    let access = Access::WRITE | Access::GLOBAL | Access::UNCACHED;
    kernel_space::lock().map_range(layout::REGISTERS, start, bytes, access)?;
    regions::open(layout::REGISTERS, bytes, RegionPolicy::Fixed, Tag::DEVICE);
    REGISTERS.call_once(|| (start, bytes));
    Ok(())
}

// SAFETY: `kmalloc_dma` returns zeroed pages that nothing else uses, at the start of a page.
// `mmio_phys_to_virt` returns only addresses that `map_registers` has mapped.
unsafe impl Hal for Kernel {
    fn dma_alloc(pages: usize, _: BufferDirection) -> (u64, NonNull<u8>) {
        let bytes = pages * FRAME as usize;
        let allocated = kmalloc_dma(bytes, CEILING, Tag::DEVICE).ok();
        let both = allocated.and_then(|address| {
            let physical = dma::physical(address)?;
            Some((physical.as_u64(), NonNull::new(address.as_mut_ptr())?))
        });
        // The crate takes the physical address 0 for a refusal.
        both.unwrap_or((0, NonNull::dangling()))
    }

    unsafe fn dma_dealloc(_: u64, address: NonNull<u8>, _: usize) -> i32 {
        match kfree(VirtAddr::from_ptr(address.as_ptr())) {
            Ok(_) => 0,
            Err(_) => -1,
        }
    }

    unsafe fn mmio_phys_to_virt(physical: u64, bytes: usize) -> NonNull<u8> {
        let &(start, mapped) = REGISTERS.get().expect("the registers are mapped first");
        let offset = physical.checked_sub(start.as_u64());
        let offset = offset
            .filter(|offset| offset + bytes as u64 <= mapped)
            .expect("all registers of the driver are in one range");
        let address = layout::REGISTERS + offset;
        NonNull::new(address.as_mut_ptr()).expect("the registers are not at address 0")
    }

    unsafe fn share(buffer: NonNull<[u8]>, _: BufferDirection) -> u64 {
        let address = VirtAddr::from_ptr(buffer.as_ptr().cast::<u8>());
        let physical = dma::physical(address);
        physical
            .expect("the driver's buffers are in a run for devices")
            .as_u64()
    }

    unsafe fn unshare(_: u64, _: NonNull<[u8]>, _: BufferDirection) {}
}
