//! Allocations on pages of their own that end where nothing is mapped.
//!
//! ```text
//! slot   │ not mapped │ page │ page ......│data│ guard page │ next slot
//!                       └ redzone ────────┘    └ the first byte behind the end faults
//! ```
//! The dearest way to find a bug and the surest: a read behind the end, or after the block was
//! given back, is caught at the very instruction. A slot that was given back is used again last, so
//! that [`Hit`] can still tell whose it was.

use super::error::{GUARDED_LIMIT, GUARDED_SLOTS, GuardedError, KfreeError};
use crate::memory::heap::corruption::{self, Corruption};
use crate::memory::heap::sites::Place;
use crate::memory::paging::kernel_space;
use crate::memory::paging::{layout, regions};
use crate::memory::physical::frames::FRAME;
use core::{fmt, slice};
use mm::heap::corruption::{Freed, REDZONE, damage};
use mm::heap::{Allocation, Marks, Site};
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use spin::Mutex;
use x86_64::VirtAddr;

/// How many guarded allocations there can be.
const SLOTS: usize = GUARDED_SLOTS;
/// Pages that one can have.
const MOST_PAGES: u64 = GUARDED_LIMIT / FRAME;
/// A slot has one page more, which is never mapped.
const SLOT_BYTES: u64 = (MOST_PAGES + 1) * FRAME;

/// What is known about a slot.
#[derive(Clone, Copy)]
struct Slot {
    /// What lies, or lay, in it.
    allocation: Allocation,
    /// Who gave it back, once it was.
    freed_by: Option<Site>,
    /// When it was given back, counted in frees.
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

/// Makes the whole range one guard; pages appear in it as they are needed.
pub fn init() {
    let bytes = SLOTS as u64 * SLOT_BYTES;
    regions::open(layout::GUARDED, bytes, RegionPolicy::Guard, Tag::HEAP);
}

/// Whether an address lies in the range of guarded allocations.
pub fn has(address: VirtAddr) -> bool {
    slot_number(address).is_some()
}

fn slot_number(address: VirtAddr) -> Option<usize> {
    let offset = address.as_u64().checked_sub(layout::GUARDED.as_u64())?;
    let number = (offset / SLOT_BYTES) as usize;
    (number < SLOTS).then_some(number)
}

/// `bytes` zeroed bytes that end at an unmapped page, or up to `align` - 1 bytes before it.
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
        freed_by: None,
        freed_at: 0,
    });
    Ok(address)
}

/// Takes the pages away: from now on every access faults.
///
/// # Errors
/// No live guarded allocation begins there; that is reported.
pub fn free(address: VirtAddr, by: Site) -> Result<(), KfreeError> {
    let mut all = SLOTS_USED.lock();
    all.frees += 1;
    let frees = all.frees;
    let slot = slot_number(address).and_then(|number| all.slots[number].as_mut());
    let Some(slot) = slot else {
        corruption::report(
            Corruption::WildFree {
                address,
                inside: None,
            },
            by,
        );
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
    let [_, behind] = redzones(&allocation);
    if let Some(damage) = damage(behind, REDZONE) {
        corruption::report(Corruption::OutOfBounds { allocation, damage }, by);
    }
    kernel_space::unmap_frames(address.align_down(FRAME), allocation.end());
    slot.freed_by = Some(by);
    slot.freed_at = frees;
    Ok(())
}

/// Whose guarded allocation an address is in or behind: what a fault there means.
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
    /// A slot that never was used, or else the one that was given back first.
    fn oldest(&self) -> Option<usize> {
        let is_live = |slot: &Slot| slot.freed_by.is_none();
        let free = (0..SLOTS).filter(|&number| !self.slots[number].as_ref().is_some_and(is_live));
        free.min_by_key(|&number| self.slots[number].map_or(0, |slot| slot.freed_at))
    }
}

/// The bytes of its pages before and behind an allocation.
fn redzones(allocation: &Allocation) -> [&'static mut [u8]; 2] {
    let first = allocation.address.align_down(FRAME);
    let end = allocation.address + allocation.requested;
    [(first, allocation.address), (end, allocation.end())].map(|(start, end)| {
        // SAFETY: the pages are mapped, and no reference leads to these bytes of them.
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
            write!(f, "{} B behind the end of", self.address - end)?;
        } else {
            write!(f, "{} B inside", self.address - address)?;
        }
        write!(
            f,
            " {requested} B at {address:#x}, allocated by {}",
            Place(site)
        )?;
        match self.slot.freed_by {
            Some(freed_by) => write!(f, ", freed by {}", Place(freed_by)),
            None => Ok(()),
        }
    }
}
