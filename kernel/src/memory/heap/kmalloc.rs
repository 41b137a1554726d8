//! The `kmalloc` family: memory for the kernel, in any size up to 1 MiB, always zeroed.
//!
//! ```text
//! kmalloc, kcalloc, kmalloc_aligned, krealloc, Rust's global allocator ──► heap, trimmed, with a redzone
//! kmalloc_dma ──► a run of frames below a ceiling, at addresses of its own
//! kmalloc_guarded ──► whole pages, so that it ends at one that is not mapped
//!                                                  kfree takes all three
//! ```
//! Each allocation keeps who asked for it. Every refusal is an error of its own and a line in the
//! log.

pub use super::error::{KfreeError, KmallocError};
use super::{corruption, dma, guarded, kernel_heap};
use crate::memory::heap::sites::{self, Place};
use crate::memory::trace;
use crate::units::Bytes;
use mm::heap::{HeapError, Request};
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// What every allocation is aligned to at least.
pub const ALIGN: usize = 16;

/// `bytes` zeroed bytes.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kmalloc(bytes: usize, owner: Tag) -> Result<VirtAddr, KmallocError> {
    allocate(bytes, ALIGN, owner, trace::return_address())
}

/// `bytes` zeroed bytes at a multiple of `align`, a power of two up to 1 MiB.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kmalloc_aligned(bytes: usize, align: usize, owner: Tag) -> Result<VirtAddr, KmallocError> {
    allocate(bytes, align, owner, trace::return_address())
}

/// `count` zeroed elements of `size` bytes.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kcalloc(count: usize, size: usize, owner: Tag) -> Result<VirtAddr, KmallocError> {
    let caller = trace::return_address();
    match count.checked_mul(size) {
        Some(bytes) => allocate(bytes, ALIGN, owner, caller),
        None => {
            let error = KmallocError::Overflow { count, size };
            log::warn!("kcalloc: {error}");
            Err(error)
        }
    }
}

/// Makes an allocation `bytes` bytes long: in place where the buddies allow it, else it moves. What
/// it held stays, up to the smaller size; what is new is zero.
///
/// # Errors
/// See [`KmallocError`]; the allocation stays as it was then.
#[inline(never)]
pub fn krealloc(address: VirtAddr, bytes: usize) -> Result<VirtAddr, KmallocError> {
    resize(address, bytes, ALIGN, trace::return_address())
}

/// `bytes` zeroed bytes in contiguous frames that lie below `ceiling`, for a device: the driver's
/// address. [`dma::physical`] gives the one that the device needs. Behind the last page nothing is
/// mapped.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kmalloc_dma(bytes: usize, ceiling: PhysAddr, owner: Tag) -> Result<VirtAddr, KmallocError> {
    let caller = trace::return_address();
    let result = dma::allocate(bytes, ceiling, owner, sites::site(caller));
    logged("kmalloc_dma", bytes, caller, result)
}

/// `bytes` zeroed bytes on pages of their own, the last byte before a page that is not mapped: the
/// first byte behind the end faults, and after [`kfree`] every byte does. `align` moves the end
/// away from that page by up to `align` - 1 bytes.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kmalloc_guarded(bytes: usize, align: usize, owner: Tag) -> Result<VirtAddr, KmallocError> {
    let caller = trace::return_address();
    trace::set_site(caller);
    let result = guarded::allocate(bytes, align, owner, sites::site(caller));
    logged(
        "kmalloc_guarded",
        bytes,
        caller,
        result.map_err(KmallocError::Guarded),
    )
}

/// Gives back what any of the functions above gave.
///
/// # Errors
/// See [`KfreeError`]; a corruption that is one is reported as well.
#[inline(never)]
pub fn kfree(address: VirtAddr) -> Result<(), KfreeError> {
    release(address, trace::return_address())
}

/// Frees the blocks in the quarantine and gives free chunks at the heap's end back: how many chunks.
pub fn shrink() -> u64 {
    corruption::empty_quarantine();
    kernel_heap::shrink()
}

/// [`kmalloc_aligned`] for the code at `caller`.
///
/// # Errors
/// See [`KmallocError`].
pub fn allocate(
    bytes: usize,
    align: usize,
    owner: Tag,
    caller: u64,
) -> Result<VirtAddr, KmallocError> {
    let request = Request {
        bytes,
        spare: corruption::redzone_bytes(),
        align,
        owner,
        site: sites::site(caller),
        trimmed: true,
    };
    let served = match kernel_heap::serve(request, caller) {
        // What waits in the quarantine is free for those who have no other way.
        Err(HeapError::Exhausted { .. }) if corruption::empty_quarantine() > 0 => {
            kernel_heap::serve(request, caller)
        }
        other => other,
    };
    let result = served.map_err(KmallocError::Heap).map(|allocation| {
        corruption::guard(&allocation);
        allocation.address
    });
    logged("kmalloc", bytes, caller, result)
}

/// [`kfree`] for the code at `caller`.
///
/// # Errors
/// See [`KfreeError`].
pub fn release(address: VirtAddr, caller: u64) -> Result<(), KfreeError> {
    trace::set_site(caller);
    let site = sites::site(caller);
    log::debug!("kfree {address:#x} by {}", Place(site));
    if guarded::has(address) {
        return guarded::free(address, site);
    }
    if dma::free(address) {
        return Ok(());
    }
    corruption::release(address, site)
}

/// [`krealloc`] for the code at `caller`; a move keeps `align`.
///
/// # Errors
/// See [`KmallocError`].
pub fn resize(
    address: VirtAddr,
    bytes: usize,
    align: usize,
    caller: u64,
) -> Result<VirtAddr, KmallocError> {
    trace::set_site(caller);
    let before = corruption::live(address, sites::site(caller)).map_err(KmallocError::Resize)?;
    let kept = before.requested.min(bytes as u64) as usize;
    let resized = kernel_heap::lock().resize(address, bytes, corruption::redzone_bytes());
    if let Some(after) = resized {
        // SAFETY: the bytes behind the kept ones belong to the allocation, and nobody wrote to them
        // yet.
        unsafe {
            let behind = after.address.as_mut_ptr::<u8>().add(kept);
            behind.write_bytes(0, after.bytes as usize - kept);
        }
        corruption::guard(&after);
        return logged("krealloc", bytes, caller, Ok(address));
    }
    let moved = allocate(bytes, align, before.owner, caller)?;
    // SAFETY: both are live and hold at least that many bytes; a new allocation overlaps no other.
    unsafe { core::ptr::copy_nonoverlapping(address.as_ptr::<u8>(), moved.as_mut_ptr(), kept) };
    release(address, caller).map_err(KmallocError::Resize)?;
    Ok(moved)
}

/// Writes a line for an allocation, or a refusal.
fn logged(
    function: &str,
    bytes: usize,
    caller: u64,
    result: Result<VirtAddr, KmallocError>,
) -> Result<VirtAddr, KmallocError> {
    match result {
        Ok(address) => {
            let place = Place(sites::site(caller));
            log::debug!(
                "{function} {} at {address:#x} by {place}",
                Bytes(bytes as u64)
            );
        }
        Err(error) => {
            let place = Place(sites::site(caller));
            log::warn!(
                "{function} of {} refused: {error}, for {place}",
                Bytes(bytes as u64)
            );
        }
    }
    result
}
