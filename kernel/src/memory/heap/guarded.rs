//! Guarded allocations: each has its own pages, and its last byte lies right before an unmapped
//! page.
//!
//! ```text
//! slot   │ not mapped │ page │ page ......│data│ guard page │ next slot
//!                       └ redzone ────────┘    └ the first byte past the end faults
//! ```
//! This is the most expensive detection and the most precise: a read past the end, or after the
//! free, faults at that instruction. Freed slots are reused last, so that [`Hit`] can still report
//! their allocation.

use super::error::{GUARDED_LIMIT, GUARDED_SLOTS, GuardedError, KfreeError};
use crate::lock::Mutex;
use crate::memory::heap::corruption::{self, Corruption};
use crate::memory::heap::sites::SiteName;
use crate::memory::paging::kernel_space;
use crate::memory::paging::{layout, regions};
use crate::memory::physical::frames::FRAME;
use core::{fmt, slice};
use mm::heap::corruption::{Freed, REDZONE, damage};
use mm::heap::{Allocation, Marks, Site};
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The maximum number of guarded allocations.
const SLOTS: usize = GUARDED_SLOTS;
/// The maximum number of pages of one.
const MOST_PAGES: u64 = GUARDED_LIMIT / FRAME;
/// The size of a slot in bytes. Its last page is never mapped.
const SLOT_BYTES: u64 = (MOST_PAGES + 1) * FRAME;

/// A slot that is or was in use.
#[derive(Clone, Copy)]
struct Slot {
    /// Its allocation, live or freed.
    allocation: Allocation,
    /// The alignment that was requested.
    align: usize,
    /// The call site that freed it.
    freed_by: Option<Site>,
    /// The number of its free.
    freed_at: u64,
}

static SLOTS_USED: Mutex<Slots> = Mutex::new(Slots {
    slots: [None; SLOTS],
    frees: 0,
});

struct Slots {
    slots: [Option<Slot>; SLOTS],
    frees: u64,
}

/// Opens the whole range as a guard region; pages are mapped in it.
pub fn init() {
    let bytes = SLOTS as u64 * SLOT_BYTES;
    regions::open(layout::GUARDED, bytes, RegionPolicy::Guard, Tag::HEAP);
}

/// Returns whether an address is in the range of guarded allocations.
pub fn has(address: VirtAddr) -> bool {
    slot_number(address).is_some()
}

fn slot_number(address: VirtAddr) -> Option<usize> {
    let offset = address.as_u64().checked_sub(layout::GUARDED.as_u64())?;
    let number = (offset / SLOT_BYTES) as usize;
    (number < SLOTS).then_some(number)
}

/// Allocates `bytes` zeroed bytes that end at an unmapped page, or up to `align` - 1 bytes before.
///
/// # Errors
/// See [`GuardedError`].
pub fn allocate(
    bytes: usize,
    align: usize,
    owner: Tag,
    site: Site,
) -> Result<VirtAddr, GuardedError> {
    if bytes == 0 || bytes as u64 > MOST_PAGES * FRAME {
        return Err(GuardedError::Size { bytes });
    }
    if !align.is_power_of_two() || align as u64 > FRAME {
        return Err(GuardedError::Alignment { align });
    }
    let mut all = SLOTS_USED.lock();
    let number = all.oldest().ok_or(GuardedError::Slots)?;
    let end = layout::GUARDED + number as u64 * SLOT_BYTES + MOST_PAGES * FRAME;
    let address = (end - bytes as u64).align_down(align as u64);
    let start = address.align_down(FRAME);
    let mut page = start;
    while page < end {
        if let Err(error) = kernel_space::map_frame(page, Tag::HEAP) {
            kernel_space::unmap_frames(start, page);
            return Err(GuardedError::Paging(error));
        }
        page += FRAME;
    }
    let allocation = Allocation {
        address,
        bytes: end - address,
        requested: bytes as u64,
        owner: owner & Tag::OWNERS,
        site,
        marks: Marks::REDZONE,
    };
    for redzone in redzones(&allocation) {
        redzone.fill(REDZONE);
    }
    all.slots[number] = Some(Slot {
        allocation,
        align,
        freed_by: None,
        freed_at: 0,
    });
    Ok(address)
}

/// Frees an allocation and unmaps its pages: from now on every access faults.
///
/// # Errors
/// No live guarded allocation begins there; that is reported.
pub fn free(address: VirtAddr, by: Site) -> Result<(), KfreeError> {
    let mut all = SLOTS_USED.lock();
    all.frees += 1;
    let frees = all.frees;
    let slot = live_in(&mut all, address, by)?;
    let allocation = slot.allocation;
    kernel_space::unmap_frames(address.align_down(FRAME), allocation.end());
    slot.freed_by = Some(by);
    slot.freed_at = frees;
    Ok(())
}

/// Returns the live guarded allocation that begins at this address, its redzone checked, and the
/// alignment that was requested.
///
/// # Errors
/// There is none; that is reported.
pub fn live(address: VirtAddr, by: Site) -> Result<(Allocation, usize), KfreeError> {
    let mut all = SLOTS_USED.lock();
    let slot = live_in(&mut all, address, by)?;
    Ok((slot.allocation, slot.align))
}

fn live_in(all: &mut Slots, address: VirtAddr, by: Site) -> Result<&mut Slot, KfreeError> {
    let slot = slot_number(address).and_then(|number| all.slots[number].as_mut());
    let Some(slot) = slot else {
        let inside = None;
        corruption::report(Corruption::WildFree { address, inside }, by);
        return Err(KfreeError::Wild(address));
    };
    let allocation = slot.allocation;
    if let Some(freed_by) = slot.freed_by {
        let freed = Some(Freed {
            address: allocation.address,
            bytes: allocation.bytes,
            allocated_by: allocation.site,
            freed_by,
        });
        corruption::report(Corruption::DoubleFree { address, freed }, by);
        return Err(KfreeError::DoubleFree { address, freed_by });
    }
    if address != allocation.address {
        let inside = Some(allocation);
        corruption::report(Corruption::WildFree { address, inside }, by);
        let start = allocation.address;
        return Err(KfreeError::Inside { address, start });
    }
    let [_, after] = redzones(&allocation);
    if let Some(damage) = damage(after, REDZONE) {
        after.fill(REDZONE);
        corruption::report(Corruption::OutOfBounds { allocation, damage }, by);
    }
    Ok(slot)
}

/// Returns the guarded allocation that an address is in or near, to explain a fault.
pub fn hit(address: VirtAddr) -> Option<Hit> {
    let slot = SLOTS_USED.try_lock()?.slots[slot_number(address)?]?;
    Some(Hit { address, slot })
}

/// Calls `visit` with each live guarded allocation.
pub fn for_each(mut visit: impl FnMut(&Allocation)) {
    let all = SLOTS_USED.lock();
    let live = all
        .slots
        .iter()
        .flatten()
        .filter(|slot| slot.freed_by.is_none());
    live.for_each(|slot| visit(&slot.allocation));
}

impl Slots {
    /// Returns a slot that was never used, or else the one that was freed first.
    fn oldest(&self) -> Option<usize> {
        let is_live = |slot: &Slot| slot.freed_by.is_none();
        let free = (0..SLOTS).filter(|&number| !self.slots[number].as_ref().is_some_and(is_live));
        free.min_by_key(|&number| self.slots[number].map_or(0, |slot| slot.freed_at))
    }
}

/// Returns the bytes of its pages before and after an allocation.
fn redzones(allocation: &Allocation) -> [&'static mut [u8]; 2] {
    let first = allocation.address.align_down(FRAME);
    let end = allocation.address + allocation.requested;
    [(first, allocation.address), (end, allocation.end())].map(|(start, end)| {
        // SAFETY: the pages are mapped, and no other code uses these bytes.
        unsafe { slice::from_raw_parts_mut(start.as_mut_ptr(), (end - start) as usize) }
    })
}

/// An access to a guarded allocation that faulted, in words.
pub struct Hit {
    address: VirtAddr,
    slot: Slot,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Allocation {
            address,
            requested,
            site,
            ..
        } = self.slot.allocation;
        let end = address + requested;
        if self.address < address {
            write!(f, "{} B before", address - self.address)?;
        } else if self.address >= end {
            write!(f, "{} B past the end of", self.address - end)?;
        } else {
            write!(f, "{} B inside", self.address - address)?;
        }
        write!(
            f,
            " {requested} B at {address:#x}, allocated by {}",
            SiteName(site)
        )?;
        match self.slot.freed_by {
            Some(freed_by) => write!(f, ", freed by {}", SiteName(freed_by)),
            None => Ok(()),
        }
    }
}
