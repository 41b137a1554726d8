//! Memory corruption, caught: who wrote behind the end, who wrote after giving back, who gave back
//! twice.
//!
//! ```text
//! kmalloc ──► [ data | redzone ]      the redzone is looked at when the block is given back, and by `sweep`
//! kfree   ──► [ poison         ] ──► quarantine ──► heap
//!                                                └ the poison is looked at when the block leaves
//! ```
//! The patterns and the queue are `mm`'s; here are the bytes. A corruption is reported with the places
//! where the memory was allocated and freed, as far as they are known, and survived. Locks are
//! taken in this order: quarantine, heap. Cargo feature `corruption-detection`, and
//! `corruption-detection=off` on the command line.

use super::error::KfreeError;
use crate::memory::heap::kernel_heap;
use crate::memory::heap::sites::Place;
use crate::memory::trace;
use core::fmt;
use core::slice;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use mm::event::Payload;
use mm::heap::corruption::{
    CorruptionKind, Damage, Freed, POISON, Quarantine, REDZONE, REDZONE_BYTES, damage,
};
use mm::heap::{Allocation, HeapFreeError, Marks, Site};
use spin::Mutex;
use x86_64::VirtAddr;

/// The most blocks that wait in the quarantine.
const BLOCKS: usize = 256;
/// The most bytes that wait there.
const BYTES: u64 = 256 << 10;

static ENABLED: AtomicBool = AtomicBool::new(false);
static QUARANTINE: Mutex<Quarantine<BLOCKS>> = Mutex::new(Quarantine::new(BYTES));
static CAUGHT: AtomicU64 = AtomicU64::new(0);
static LAST: Mutex<Option<Report>> = Mutex::new(None);

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corruption {
    /// Wrote behind the end of an allocation, or before the start of the next one.
    OutOfBounds {
        /// The allocation whose redzone is damaged.
        allocation: Allocation,
        /// Counted from the end of what was asked for.
        damage: Damage,
    },
    /// Wrote to an allocation that was given back.
    UseAfterFree {
        /// It.
        freed: Freed,
        /// Counted from its first byte.
        damage: Damage,
    },
    /// Gave back what was given back already.
    DoubleFree {
        /// Its first byte.
        address: VirtAddr,
        /// What is still known about the first time.
        freed: Option<Freed>,
    },
    /// Gave back what is not the first byte of any allocation.
    WildFree {
        /// What was given.
        address: VirtAddr,
        /// The allocation that it lies in.
        inside: Option<Allocation>,
    },
}

impl Corruption {
    /// It in the history of events.
    fn event(&self) -> Payload {
        let (corruption, address, damage) = match *self {
            Corruption::OutOfBounds { allocation, damage } => (
                CorruptionKind::OutOfBounds,
                allocation.address,
                Some(damage),
            ),
            Corruption::UseAfterFree { freed, damage } => {
                (CorruptionKind::UseAfterFree, freed.address, Some(damage))
            }
            Corruption::DoubleFree { address, .. } => (CorruptionKind::DoubleFree, address, None),
            Corruption::WildFree { address, .. } => (CorruptionKind::WildFree, address, None),
        };
        Payload::Corruption {
            address,
            kind: corruption,
            first: damage.map_or(0, |damage| damage.first as u32),
            count: damage.map_or(0, |damage| damage.count as u32),
        }
    }
}

/// A corruption, and the call site that found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What.
    pub corruption: Corruption,
    /// The caller in whose call it was found.
    pub found_by: Site,
}

/// Switches detection on or off: at boot, before anything is allocated.
pub fn switch(on: bool) {
    ENABLED.store(on, Ordering::Relaxed);
}

/// Whether blocks are guarded.
#[inline]
pub fn is_on() -> bool {
    cfg!(feature = "corruption-detection") && ENABLED.load(Ordering::Relaxed)
}

/// How many bytes behind each allocation are for its redzone.
#[inline]
pub fn redzone_bytes() -> usize {
    if is_on() { REDZONE_BYTES } else { 0 }
}

/// How many corruptions were caught so far.
pub fn count() -> u64 {
    CAUGHT.load(Ordering::Relaxed)
}

/// The last one.
pub fn last() -> Option<Report> {
    *LAST.lock()
}

/// How many blocks and bytes wait in the quarantine.
pub fn waiting() -> (usize, u64) {
    let quarantine = QUARANTINE.lock();
    (quarantine.len(), quarantine.bytes())
}

/// Fills the redzone of an allocation.
pub fn guard(allocation: &Allocation) {
    let redzone = redzone(allocation);
    if is_on() && !redzone.is_empty() {
        redzone.fill(REDZONE);
        kernel_heap::lock().set_marks(allocation.address, allocation.marks | Marks::REDZONE);
    }
}

/// The live allocation that begins at `address`, its redzone looked at.
///
/// # Errors
/// There is none, or it waits in the quarantine; that is reported.
pub fn live(address: VirtAddr, by: Site) -> Result<Allocation, KfreeError> {
    live_in(&QUARANTINE.lock(), address, by)
}

fn live_in(
    quarantine: &Quarantine<BLOCKS>,
    address: VirtAddr,
    by: Site,
) -> Result<Allocation, KfreeError> {
    let found = kernel_heap::lock().live(address);
    let (corruption, error) = match found {
        Ok(allocation) if !allocation.marks.contains(Marks::QUARANTINED) => {
            check_redzone(&allocation, by);
            return Ok(allocation);
        }
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
    Err(error)
}

/// Gives an allocation back: to the quarantine if detection is on, else to the heap.
///
/// # Errors
/// As [`live`].
pub fn release(address: VirtAddr, by: Site) -> Result<(), KfreeError> {
    let mut quarantine = QUARANTINE.lock();
    let allocation = live_in(&quarantine, address, by)?;
    let freed = Freed {
        address,
        bytes: allocation.bytes,
        allocated_by: allocation.site,
        freed_by: by,
    };
    if !is_on() || quarantine.is_too_large(freed.bytes) {
        kernel_heap::lock().free(address)?;
        return Ok(());
    }
    while !quarantine.has_room(freed.bytes) {
        let oldest = quarantine.pop();
        leave(
            &oldest.expect("a quarantine without room has somebody in it"),
            by,
        );
    }
    bytes(address, freed.bytes).fill(POISON);
    trace::record(Payload::HeapQuarantine {
        block: address,
        bytes: freed.bytes as u32,
        owner: allocation.owner,
    });
    kernel_heap::lock().set_marks(address, allocation.marks | Marks::QUARANTINED);
    quarantine.push(freed);
    Ok(())
}

/// Lets everything out of the quarantine: how many blocks.
pub fn empty_quarantine() -> usize {
    let mut quarantine = QUARANTINE.lock();
    let waiting = quarantine.len();
    while let Some(freed) = quarantine.pop() {
        leave(&freed, Site::UNKNOWN);
    }
    waiting
}

/// Looks at every redzone and at all that waits in the quarantine: how many corruptions it found. Each
/// is reported once.
pub fn sweep() -> u64 {
    let before = count();
    let quarantine = QUARANTINE.lock();
    for freed in quarantine.iter() {
        check_poison(freed, Site::UNKNOWN);
    }
    let heap = kernel_heap::lock();
    for allocation in heap.allocations() {
        check_redzone(&allocation, Site::UNKNOWN);
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

/// A block leaves the quarantine for the heap.
fn leave(freed: &Freed, by: Site) {
    check_poison(freed, by);
    let gone = kernel_heap::lock().free(freed.address);
    gone.expect("a block in the quarantine is live in the heap");
}

/// Reports and mends what is damaged of a redzone.
fn check_redzone(allocation: &Allocation, by: Site) {
    if !allocation.marks.contains(Marks::REDZONE) || allocation.marks.contains(Marks::QUARANTINED) {
        return;
    }
    let redzone = redzone(allocation);
    if let Some(damage) = damage(redzone, REDZONE) {
        redzone.fill(REDZONE);
        let allocation = *allocation;
        report(Corruption::OutOfBounds { allocation, damage }, by);
    }
}

/// Reports and mends what is damaged of a block that waits.
fn check_poison(freed: &Freed, by: Site) {
    let bytes = bytes(freed.address, freed.bytes);
    if let Some(damage) = damage(bytes, POISON) {
        bytes.fill(POISON);
        report(
            Corruption::UseAfterFree {
                freed: *freed,
                damage,
            },
            by,
        );
    }
}

/// The bytes of an allocation that nobody asked for.
fn redzone(allocation: &Allocation) -> &'static mut [u8] {
    let start = allocation.address + allocation.requested;
    bytes(start, allocation.bytes - allocation.requested)
}

/// Bytes of the heap that no reference leads to: a redzone, or a block in the quarantine.
fn bytes(start: VirtAddr, count: u64) -> &'static mut [u8] {
    // SAFETY: the heap maps all its blocks; these bytes are nobody's but this module's.
    unsafe { slice::from_raw_parts_mut(start.as_mut_ptr(), count as usize) }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.corruption {
            Corruption::OutOfBounds { allocation, damage } => {
                let (count, found) = (damage.count, damage.found);
                write!(
                    f,
                    "out of bounds: {count} B written {} B behind the end of ",
                    damage.first
                )?;
                let Allocation {
                    requested,
                    address,
                    site,
                    ..
                } = allocation;
                let place = Place(site);
                write!(
                    f,
                    "{requested} B at {address:#x} (first {found:#04x}), allocated by {place}"
                )?;
                if damage.first > 0 {
                    write!(
                        f,
                        "; or before the start of what lies at {:#x}",
                        allocation.end()
                    )?;
                }
            }
            Corruption::UseAfterFree { freed, damage } => {
                let Freed {
                    address,
                    allocated_by,
                    freed_by,
                    ..
                } = freed;
                let (count, first, found) = (damage.count, damage.first, damage.found);
                write!(
                    f,
                    "use after free: {count} B written {first} B inside {address:#x} (first {found:#04x}), allocated by {}, freed by {}",
                    Place(allocated_by),
                    Place(freed_by)
                )?;
            }
            Corruption::DoubleFree { address, freed } => {
                write!(f, "double free of {address:#x}")?;
                if let Some(freed) = freed {
                    let by = Place(freed.freed_by);
                    write!(
                        f,
                        ", allocated by {}, freed by {by}",
                        Place(freed.allocated_by)
                    )?;
                }
            }
            Corruption::WildFree { address, inside } => match inside {
                None => write!(f, "wild free: {address:#x} never was an allocation")?,
                Some(Allocation {
                    address: start,
                    requested,
                    site,
                    ..
                }) => write!(
                    f,
                    "wild free: {address:#x} lies {} B inside the {requested} B at {start:#x}, allocated by {}",
                    address - start,
                    Place(site)
                )?,
            },
        }
        if self.found_by != Site::UNKNOWN {
            write!(f, "; found in a call by {}", Place(self.found_by))?;
        }
        Ok(())
    }
}
