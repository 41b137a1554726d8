//! The `kmalloc` family: memory for the kernel, in any size up to 1 MiB, always zeroed.
//!
//! ```text
//! kmalloc, kcalloc, kmalloc_aligned,
//! krealloc, Rust's global allocator ──► heap, trimmed, with a redzone
//! kmalloc_dma ──► a run of frames below a ceiling, at addresses of its own
//! kmalloc_guarded ──► whole pages, up to one that is not mapped
//!                                                  kfree takes all three
//! ```
//! Each allocation stores its call site. Every refusal is a typed error and a line in the log.

pub use super::error::{KfreeError, KmallocError};
use super::{corruption, dma, guarded, kernel_heap};
use crate::memory::heap::sites::{self, SiteName};
use crate::memory::paging::layout;
use crate::memory::physical::frames::FRAME;
use crate::memory::trace;
use mm::heap::{Allocation, HeapError, Request, Site};
use mm::tag::Tag;
use mm::units::Bytes;
use x86_64::{PhysAddr, VirtAddr};

/// The least alignment of an allocation.
pub const ALIGN: usize = 16;

/// Allocates `bytes` zeroed bytes.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kmalloc(bytes: usize, owner: Tag) -> Result<VirtAddr, KmallocError> {
    allocate(bytes, ALIGN, owner, trace::return_address())
}

/// Allocates `bytes` zeroed bytes at a multiple of `align`, a power of two up to 1 MiB.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kmalloc_aligned(bytes: usize, align: usize, owner: Tag) -> Result<VirtAddr, KmallocError> {
    allocate(bytes, align, owner, trace::return_address())
}

/// Allocates `count` zeroed elements of `size` bytes.
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

/// Resizes an allocation to `bytes` bytes: in place where the buddies allow it, else it moves. The
/// content stays, up to the smaller size; new bytes are zero.
///
/// # Errors
/// See [`KmallocError`]; the allocation stays as it was then.
#[inline(never)]
pub fn krealloc(address: VirtAddr, bytes: usize) -> Result<VirtAddr, KmallocError> {
    resize(address, bytes, ALIGN, trace::return_address())
}

/// Allocates `bytes` zeroed bytes in contiguous frames below `ceiling`, for a device. Returns the
/// driver's address; [`dma::physical`] returns the device's. The page past the end is not mapped.
///
/// # Errors
/// See [`KmallocError`].
#[inline(never)]
pub fn kmalloc_dma(bytes: usize, ceiling: PhysAddr, owner: Tag) -> Result<VirtAddr, KmallocError> {
    let caller = trace::return_address();
    let result = dma::allocate(bytes, ceiling, owner, sites::site(caller));
    logged("kmalloc_dma", bytes, caller, result)
}

/// Allocates `bytes` zeroed bytes on their own pages, before a page that is not mapped: the first
/// byte past the end faults, and after [`kfree`] every byte does. `align` moves the end away from
/// that page by up to `align` - 1 bytes.
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

/// Frees an allocation of any function above.
///
/// # Errors
/// See [`KfreeError`]; a corruption that is one is reported as well.
#[inline(never)]
pub fn kfree(address: VirtAddr) -> Result<(), KfreeError> {
    release(address, trace::return_address())
}

/// Empties the quarantine, unmaps free chunks at the heap's end, and returns how many.
pub fn shrink() -> u64 {
    corruption::empty_quarantine();
    kernel_heap::shrink()
}

/// Does the same as [`kmalloc_aligned`], for the code at `caller`.
///
/// # Errors
/// See [`KmallocError`].
pub fn allocate(
    bytes: usize,
    align: usize,
    owner: Tag,
    caller: u64,
) -> Result<VirtAddr, KmallocError> {
    let redzone = corruption::redzone();
    let request = Request {
        bytes,
        spare: redzone.bytes,
        align,
        owner,
        site: sites::site(caller),
        marks: redzone.marks,
        trimmed: true,
    };
    let served = match kernel_heap::serve(request, caller, redzone.fill) {
        Err(error) => retry(request, caller, error),
        served => served,
    };
    let result = served.map_err(KmallocError::Heap);
    logged(
        "kmalloc",
        bytes,
        caller,
        result.map(|served| served.address),
    )
}

/// Serves a request again after it was refused: the quarantine is emptied before.
#[cold]
#[inline(never)]
fn retry(request: Request, caller: u64, error: HeapError) -> Result<Allocation, HeapError> {
    match error {
        HeapError::Exhausted { .. } if corruption::empty_quarantine() > 0 => {
            kernel_heap::serve(request, caller, corruption::redzone().fill)
        }
        error => Err(error),
    }
}

/// Does the same as [`kfree`], for the code at `caller`.
///
/// # Errors
/// See [`KfreeError`].
pub fn release(address: VirtAddr, caller: u64) -> Result<(), KfreeError> {
    trace::set_site(caller);
    let site = sites::site(caller);
    log::debug!("kfree {address:#x} by {}", SiteName(site));
    if address >= layout::GUARDED {
        return release_special(address, site);
    }
    corruption::release(address, site)
}

/// Frees an allocation past the heap: of [`kmalloc_guarded`] or [`kmalloc_dma`].
#[cold]
#[inline(never)]
fn release_special(address: VirtAddr, site: Site) -> Result<(), KfreeError> {
    if guarded::has(address) {
        return guarded::free(address, site);
    }
    if dma::free(address) {
        return Ok(());
    }
    corruption::release(address, site)
}

/// Does the same as [`krealloc`], for the code at `caller`; a move keeps `align`.
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
    let site = sites::site(caller);
    if guarded::has(address) {
        let (before, align) = guarded::live(address, site).map_err(KmallocError::Resize)?;
        let new = guarded::allocate(bytes, align, before.owner, site);
        let new = new.map_err(KmallocError::Guarded);
        return moved(address, before.requested, bytes, new, caller);
    }
    if let Some(run) = dma::live(address) {
        if dma::resize(address, bytes) {
            // SAFETY: the bytes past the smaller size belong to the run.
            unsafe { clear(address, run.requested.min(bytes as u64), run.frames * FRAME) };
            return logged("krealloc", bytes, caller, Ok(address));
        }
        let new = dma::allocate(bytes, run.ceiling, run.owner, site);
        return moved(address, run.requested, bytes, new, caller);
    }
    let before = corruption::live(address, site).map_err(KmallocError::Resize)?;
    // If corruptions are detected, the tail that a block loses stays its redzone, so a write up to
    // its old end is found. Otherwise the heap gets the tail back.
    let lost = before.bytes.saturating_sub(bytes as u64) as usize;
    let redzone = corruption::redzone().bytes;
    let spare = match corruption::is_on() && (bytes as u64) < before.requested {
        true => redzone.max(lost),
        false => redzone,
    };
    let resized = kernel_heap::lock().resize(address, bytes, spare);
    if let Some(after) = resized {
        let kept = before.requested.min(bytes as u64);
        // SAFETY: the bytes past the kept ones belong to the allocation, and no code uses them yet.
        unsafe { clear(address, kept, after.bytes) };
        corruption::guard(&after);
        return logged("krealloc", bytes, caller, Ok(address));
    }
    let new = allocate(bytes, align, before.owner, caller);
    moved(address, before.requested, bytes, new, caller)
}

/// Zeroes the bytes of an allocation from `kept` to `end`.
///
/// # Safety
/// They belong to the allocation.
unsafe fn clear(address: VirtAddr, kept: u64, end: u64) {
    // SAFETY: the caller promises it.
    unsafe {
        let behind = address.as_mut_ptr::<u8>().add(kept as usize);
        behind.write_bytes(0, (end - kept) as usize);
    }
}

/// Moves the content of an allocation of `held` bytes to a new one of `bytes`, and frees the old
/// one.
fn moved(
    old: VirtAddr,
    held: u64,
    bytes: usize,
    new: Result<VirtAddr, KmallocError>,
    caller: u64,
) -> Result<VirtAddr, KmallocError> {
    let new = logged("krealloc", bytes, caller, new)?;
    let kept = held.min(bytes as u64) as usize;
    // SAFETY: both are live and hold at least that many bytes; a new allocation overlaps no other.
    unsafe { core::ptr::copy_nonoverlapping(old.as_ptr::<u8>(), new.as_mut_ptr(), kept) };
    release(old, caller).map_err(KmallocError::Resize)?;
    Ok(new)
}

/// Logs an allocation, or a refusal.
#[inline]
fn logged(
    function: &str,
    bytes: usize,
    caller: u64,
    result: Result<VirtAddr, KmallocError>,
) -> Result<VirtAddr, KmallocError> {
    match result {
        Ok(address) if !log::log_enabled!(log::Level::Debug) => Ok(address),
        result => log_result(function, bytes, caller, result),
    }
}

#[cold]
#[inline(never)]
fn log_result(
    function: &str,
    bytes: usize,
    caller: u64,
    result: Result<VirtAddr, KmallocError>,
) -> Result<VirtAddr, KmallocError> {
    match &result {
        Ok(address) => {
            let place = SiteName(sites::site(caller));
            log::debug!(
                "{function} {} at {address:#x} by {place}",
                Bytes(bytes as u64)
            );
        }
        Err(error) => {
            let place = SiteName(sites::site(caller));
            log::warn!(
                "{function} of {} refused: {error}, for {place}",
                Bytes(bytes as u64)
            );
        }
    }
    result
}
