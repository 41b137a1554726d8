//! Corruption detection: out-of-bounds writes, writes after free, double and wild frees.
//!
//! ```text
//! kmalloc ──► [ data | redzone ]      kfree and `sweep` check the redzone
//! kfree   ──► [ poison         ] ──► quarantine ──► heap
//!                                                └ the poison is checked when the block leaves
//! ```
//! `mm` has the patterns and the queue; this folder reads and writes the bytes. A corruption is
//! reported with the call sites that allocated and freed the memory, as far as they are known; the
//! kernel continues. Lock order: quarantine, heap. Cargo feature `corruption-detection`, and
//! `corruption-detection=off` on the command line.

mod report;
pub mod watch;

use report::saturated;
pub use report::{Corruption, Report};

use super::error::KfreeError;
use crate::lock::Mutex;
use crate::machine::memory_functions::fill_words;
use crate::memory::heap::kernel_heap::{self, KernelHeap};
use crate::memory::trace;
use core::slice;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use mm::event::Payload;
use mm::heap::corruption::{Freed, POISON, Quarantine, REDZONE, REDZONE_BYTES, damage, is_intact};
use mm::heap::{Allocation, HeapFreeError, Marks, Site};
use x86_64::VirtAddr;

/// The maximum number of blocks in the quarantine.
const BLOCKS: usize = 256;
/// The maximum number of bytes in the quarantine.
const BYTES: u64 = 256 << 10;

static ENABLED: AtomicBool = AtomicBool::new(false);
static QUARANTINE: Mutex<Quarantine<BLOCKS>> = Mutex::new(Quarantine::new(BYTES));
static CAUGHT: AtomicU64 = AtomicU64::new(0);
static LAST: Mutex<Option<Report>> = Mutex::new(None);

/// Switches detection on or off: at boot, before anything is allocated.
pub fn switch(on: bool) {
    ENABLED.store(on, Ordering::Relaxed);
}

/// Returns whether detection is on.
#[inline]
pub fn is_on() -> bool {
    cfg!(feature = "corruption-detection") && ENABLED.load(Ordering::Relaxed)
}

/// The bytes after the requested bytes of an allocation.
#[derive(Clone, Copy, Debug)]
pub struct Redzone {
    /// The minimum number of additional bytes.
    pub bytes: usize,
    /// The byte that fills them.
    pub fill: u8,
    /// The mark of such an allocation.
    pub marks: Marks,
}

/// Returns the redzone of a new allocation: nothing if detection is off.
#[inline(always)]
pub fn redzone() -> Redzone {
    match is_on() {
        true => Redzone {
            bytes: REDZONE_BYTES,
            fill: REDZONE,
            marks: Marks::REDZONE,
        },
        false => Redzone {
            bytes: 0,
            fill: 0,
            marks: Marks::empty(),
        },
    }
}

/// Returns the number of corruptions detected so far.
pub fn count() -> u64 {
    CAUGHT.load(Ordering::Relaxed)
}

/// Returns the last report.
pub fn last() -> Option<Report> {
    *LAST.lock()
}

/// Returns how many blocks and bytes are in the quarantine.
pub fn waiting() -> (usize, u64) {
    let quarantine = QUARANTINE.lock();
    (quarantine.len(), quarantine.bytes())
}

/// Fills the redzone of a resized allocation.
pub fn guard(allocation: &Allocation) {
    // A resized block has other bytes.
    watch::end_in(allocation.address, allocation.bytes);
    let redzone = redzone_of(allocation);
    if is_on() && !redzone.is_empty() {
        redzone.fill(REDZONE);
        kernel_heap::lock().set_marks(allocation.address, allocation.marks | Marks::REDZONE);
    }
}

/// Returns the live allocation that begins at `address`, after a check of its redzone.
///
/// # Errors
/// There is none, or it is in the quarantine; that is reported.
pub fn live(address: VirtAddr, by: Site) -> Result<Allocation, KfreeError> {
    live_in(&QUARANTINE.lock(), &kernel_heap::lock(), address, by)
}

#[inline(always)]
fn live_in(
    quarantine: &Quarantine<BLOCKS>,
    heap: &KernelHeap,
    address: VirtAddr,
    by: Site,
) -> Result<Allocation, KfreeError> {
    match heap.allocation(address) {
        Some(allocation) if !allocation.marks.contains(Marks::QUARANTINED) => {
            if is_redzone_damaged(&allocation) {
                repair_redzone(heap, address, by);
            }
            Ok(allocation)
        }
        _ => Err(report_invalid_free(quarantine, heap, address, by)),
    }
}

/// Reports the free of an address at which no live allocation begins.
#[cold]
#[inline(never)]
fn report_invalid_free(
    quarantine: &Quarantine<BLOCKS>,
    heap: &KernelHeap,
    address: VirtAddr,
    by: Site,
) -> KfreeError {
    let (corruption, error) = match heap.live(address) {
        Ok(_) | Err(HeapFreeError::AlreadyFree(_)) => {
            let freed = quarantine.find(address).copied();
            let freed_by = freed.map_or(Site::UNKNOWN, |freed| freed.freed_by);
            let error = KfreeError::DoubleFree { address, freed_by };
            (Corruption::DoubleFree { address, freed }, error)
        }
        Err(error @ HeapFreeError::Inside { allocation, .. }) => {
            let inside = Some(allocation);
            (Corruption::WildFree { address, inside }, error.into())
        }
        Err(error @ HeapFreeError::NotInHeap(_)) => {
            let inside = None;
            (Corruption::WildFree { address, inside }, error.into())
        }
    };
    report(corruption, by);
    error
}

/// Frees an allocation: into the quarantine if detection is on, else into the heap.
///
/// # Errors
/// As [`live`].
#[inline]
pub fn release(address: VirtAddr, by: Site) -> Result<(), KfreeError> {
    let mut quarantine = QUARANTINE.lock();
    let mut heap = kernel_heap::lock();
    let allocation = live_in(&quarantine, &heap, address, by)?;
    let freed = Freed {
        address,
        bytes: allocation.bytes,
        allocated_by: allocation.site,
        freed_by: by,
    };
    if !is_on() || quarantine.is_too_large(freed.bytes) {
        watch::end_in(address, freed.bytes);
        heap.free(address)?;
        return Ok(());
    }
    while !quarantine.push(freed) {
        let oldest = quarantine.pop();
        let oldest = oldest.expect("a quarantine without room is not empty");
        leave(&mut heap, &oldest, by);
    }
    watch::look();
    trace::record(Payload::HeapQuarantine {
        block: address,
        bytes: saturated(freed.bytes),
        owner: allocation.owner,
    });
    poison(&freed);
    watch::look();
    heap.set_marks(address, allocation.marks | Marks::QUARANTINED);
    Ok(())
}

/// Empties the quarantine into the heap, and returns how many blocks it had.
pub fn empty_quarantine() -> usize {
    let mut quarantine = QUARANTINE.lock();
    let mut heap = kernel_heap::lock();
    let waiting = quarantine.len();
    while let Some(freed) = quarantine.pop() {
        leave(&mut heap, &freed, Site::UNKNOWN);
    }
    waiting
}

/// Checks every redzone and every block in the quarantine. Reports each corruption once, and
/// returns how many it found.
#[inline(never)]
pub fn sweep() -> u64 {
    trace::set_site(trace::return_address());
    let before = count();
    let quarantine = QUARANTINE.lock();
    for freed in quarantine.iter() {
        check_poison(freed, Site::UNKNOWN);
    }
    let heap = kernel_heap::lock();
    for allocation in heap.allocations() {
        if is_redzone_damaged(&allocation) {
            repair_redzone(&heap, allocation.address, Site::UNKNOWN);
        }
    }
    count() - before
}

/// Counts a corruption and logs it.
pub fn report(corruption: Corruption, found_by: Site) {
    let report = Report {
        corruption,
        found_by,
    };
    trace::record(corruption.event());
    CAUGHT.fetch_add(1, Ordering::Relaxed);
    *LAST.lock() = Some(report);
    log::warn!("corruption: {report}");
}

/// Moves a block from the quarantine to the heap.
#[inline(always)]
fn leave(heap: &mut KernelHeap, freed: &Freed, by: Site) {
    check_poison(freed, by);
    watch::end_in(freed.address, freed.bytes);
    let gone = heap.free(freed.address);
    gone.expect("a block in the quarantine is live in the heap");
}

/// Returns whether an allocation has a redzone with other bytes than its pattern.
#[inline(always)]
fn is_redzone_damaged(allocation: &Allocation) -> bool {
    let is_guarded = allocation.marks & (Marks::REDZONE | Marks::QUARANTINED) == Marks::REDZONE;
    is_guarded && !is_intact(redzone_of(allocation), REDZONE)
}

/// Reports and repairs the damaged redzone of the allocation at `address`.
#[cold]
#[inline(never)]
fn repair_redzone(heap: &KernelHeap, address: VirtAddr, by: Site) {
    let Some(allocation) = heap.allocation(address) else {
        return;
    };
    let redzone = redzone_of(&allocation);
    if let Some(damage) = damage(redzone, REDZONE) {
        let offset = allocation.requested + damage.first as u64;
        watch::begin(allocation.address, allocation.bytes, offset);
        report(Corruption::OutOfBounds { allocation, damage }, by);
        redzone.fill(REDZONE);
        watch::look();
    }
}

/// Reports and repairs damaged poison of a block in the quarantine.
#[inline(always)]
fn check_poison(freed: &Freed, by: Site) {
    if !is_intact(bytes(freed.address, freed.bytes), POISON) {
        repair_poison(*freed, by);
    }
}

#[cold]
#[inline(never)]
fn repair_poison(freed: Freed, by: Site) {
    if let Some(damage) = damage(bytes(freed.address, freed.bytes), POISON) {
        watch::begin(freed.address, freed.bytes, damage.first as u64);
        report(Corruption::UseAfterFree { freed, damage }, by);
        poison(&freed);
        watch::look();
    }
}

/// Fills a freed allocation, which is a multiple of a word.
#[inline(always)]
fn poison(freed: &Freed) {
    const WORD: usize = size_of::<u64>();
    let pattern = u64::from_ne_bytes([POISON; WORD]);
    let words = freed.bytes as usize / WORD;
    // SAFETY: the heap maps all its blocks; only this module uses these bytes.
    unsafe { fill_words(freed.address.as_mut_ptr(), pattern, words) };
}

/// Returns the bytes of an allocation past the requested ones.
#[inline(always)]
fn redzone_of(allocation: &Allocation) -> &'static mut [u8] {
    let start = VirtAddr::new_truncate(allocation.address.as_u64() + allocation.requested);
    bytes(start, allocation.bytes - allocation.requested)
}

/// Returns bytes of the heap that no other code uses: a redzone, or a block in the quarantine.
fn bytes(start: VirtAddr, count: u64) -> &'static mut [u8] {
    // SAFETY: the heap maps all its blocks; only this module uses these bytes.
    unsafe { slice::from_raw_parts_mut(start.as_mut_ptr(), count as usize) }
}
