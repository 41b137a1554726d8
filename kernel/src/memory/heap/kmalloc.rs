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

use crate::memory::heap::guarded::{self, GuardedError};
use crate::memory::heap::sites::{self, Place};
use crate::memory::heap::{corruption, dma, kernel_heap};
use crate::memory::paging::kernel_space::PagingError;
use crate::memory::size::Bytes;
use crate::memory::trace;
use core::fmt;
use mm::frame::AllocateError;
use mm::heap::{HeapError, HeapFreeError, Request, Site};
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// What every allocation is aligned to at least.
pub const ALIGN: usize = 16;

/// Why there is no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KmallocError {
    /// The heap refused.
    Heap(HeapError),
    /// That many elements of that size are more bytes than there are addresses.
    Overflow { count: usize, size: usize },
    /// No run of frames.
    Frames(AllocateError),
    /// Drivers have too many runs.
    TooManyRuns,
    /// No page tables for the run.
    Paging(PagingError),
    /// No guarded pages.
    Guarded(GuardedError),
    /// What is to be resized cannot be.
    Resize(KfreeError),
}

/// Why memory was not given back. Nothing changes then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KfreeError {
    /// It was given back before, by `freed_by` if that is still known.
    DoubleFree { address: VirtAddr, freed_by: Site },
    /// It lies inside an allocation that begins elsewhere.
    Inside { address: VirtAddr, start: VirtAddr },
    /// It never was an allocation.
    Wild(VirtAddr),
}

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

impl From<HeapFreeError> for KfreeError {
    fn from(error: HeapFreeError) -> KfreeError {
        match error {
            HeapFreeError::NotInHeap(address) => KfreeError::Wild(address),
            HeapFreeError::Inside {
                address,
                allocation,
            } => {
                let start = allocation.address;
                KfreeError::Inside { address, start }
            }
            HeapFreeError::AlreadyFree(address) => {
                let freed_by = Site::UNKNOWN;
                KfreeError::DoubleFree { address, freed_by }
            }
        }
    }
}

impl fmt::Display for KmallocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KmallocError::Heap(error) => error.fmt(f),
            KmallocError::Overflow { count, size } => {
                write!(f, "{count} × {size} B are more than there are addresses")
            }
            KmallocError::Frames(error) => error.fmt(f),
            KmallocError::TooManyRuns => {
                write!(f, "drivers have {} runs of frames already", dma::RUNS)
            }
            KmallocError::Paging(error) => error.fmt(f),
            KmallocError::Guarded(error) => error.fmt(f),
            KmallocError::Resize(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for KfreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KfreeError::DoubleFree { address, freed_by } => match *freed_by {
                Site::UNKNOWN => write!(f, "double free: {address:#x} is not allocated"),
                site => write!(f, "double free: {address:#x} was freed by {}", Place(site)),
            },
            KfreeError::Inside { address, start } => write!(
                f,
                "wild free: {address:#x} lies inside the allocation at {start:#x}"
            ),
            KfreeError::Wild(address) => {
                write!(f, "wild free: {address:#x} never was an allocation")
            }
        }
    }
}
