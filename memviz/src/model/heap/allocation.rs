//! The allocation of an event, applied to the heap or reverted, block by block.
//!
//! ```text
//! HeapAllocate   free  → live       HeapCache    live   → cached
//! HeapFree       live  → free       HeapReuse    cached → live
//! HeapReturn     cached → free                             cached: freed, kept unmerged
//! ```
//! Invariant: an event that contradicts one of its blocks changes none.

use super::block::{
    FRAME_BYTES, GRANULE_BYTES, GRANULES_PER_FRAME, Granule, ORDERS, block_bytes, frames_of,
    other_halves,
};
use super::{Heap, mark};
use crate::model::direction::Direction;
use crate::model::observer::Observer;
use mm::heap::{Order, splits};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The allocation of an event.
#[derive(Clone, Copy)]
pub(super) struct Allocation {
    granule: usize,
    granules: usize,
    /// The order of the free block that contains its last block while it is free.
    around: Order,
    /// Owner and requested bytes; `None` if it is cached.
    live: Option<(Tag, u32)>,
}

/// A block of it.
#[derive(Clone, Copy)]
struct Part {
    granule: usize,
    order: u8,
    /// The order of the free block that contains it while it is free.
    around: u8,
    live: Option<(Tag, u32)>,
}

impl Allocation {
    /// Returns its blocks in the order in which they are split off. They merge in the reverse
    /// order.
    fn parts(self, direction: Direction) -> impl Iterator<Item = Part> {
        let part = move |split: mm::heap::Split| {
            let order = split.order.number();
            let before = ((split.granule - self.granule) * GRANULE_BYTES) as u32;
            let share = |requested: u32| {
                let left = requested.saturating_sub(before);
                left.min(block_bytes(order) as u32)
            };
            Part {
                granule: split.granule,
                order,
                around: split.from.number(),
                live: self
                    .live
                    .map(|(owner, requested)| (owner, share(requested))),
            }
        };
        let mut parts = splits(self.granule, self.granules, self.around).map(part);
        core::iter::from_fn(move || match direction {
            Direction::Forward => parts.next(),
            Direction::Back => parts.next_back(),
        })
    }
}

impl Part {
    fn granule(&self) -> Granule {
        match self.live {
            Some((owner, requested)) => Granule::live(self.order, owner, requested),
            None => Granule::cached(self.order),
        }
    }
}

impl Heap<'_> {
    /// Returns the allocation of an event, if it lies in the heap and its parts are blocks.
    pub(super) fn allocation(
        &self,
        address: VirtAddr,
        granules: u16,
        around: u8,
        live: Option<(Tag, u32)>,
    ) -> Option<Allocation> {
        let offset = address.as_u64().checked_sub(self.start?.as_u64())?;
        let granules = usize::from(granules);
        let allocation = Allocation {
            granule: offset as usize / GRANULE_BYTES,
            granules,
            around: Order::new(around)?,
            live,
        };
        let bytes = (granules * GRANULE_BYTES) as u64;
        let aligned = (granules.next_power_of_two() * GRANULE_BYTES) as u64;
        let parts = allocation.parts(Direction::Forward);
        let in_parts: usize = parts.map(|part| 1 << part.order).sum();
        let fits = granules > 0
            && in_parts == granules
            && offset.is_multiple_of(aligned)
            && offset + bytes <= self.totals.bytes
            && live.is_none_or(|(_, requested)| u64::from(requested) <= bytes);
        fits.then_some(allocation)
    }

    /// Splits the blocks of an allocation off the free blocks, or merges them with those.
    pub(super) fn carve(
        &mut self,
        allocation: &Allocation,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> Option<()> {
        for (done, part) in allocation.parts(direction).enumerate() {
            if self.carve_part(part, direction, observer).is_none() {
                let back = direction.reversed();
                let applied = allocation.parts(direction).take(done);
                let mut applied: heapless::Vec<Part, ORDERS> = applied.collect();
                while let Some(part) = applied.pop() {
                    self.carve_part(part, back, observer);
                }
                return None;
            }
        }
        Some(())
    }

    /// Allocates a block by splitting the free block of order `around` that contains it; the other
    /// halves become free. Or reverts that.
    fn carve_part(
        &mut self,
        part: Part,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> Option<()> {
        let Part {
            granule,
            order,
            around,
            ..
        } = part;
        if order > around {
            return None;
        }
        let whole = granule >> around << around;
        let taken = part.granule();
        let fits = match direction {
            Direction::Forward => self.granules[whole] == Granule::free(around),
            Direction::Back => {
                self.granules[granule] == taken
                    && other_halves(granule, order, around)
                        .all(|(at, half)| self.granules[at] == Granule::free(half))
            }
        };
        if !fits {
            return None;
        }
        let (gone, come) = direction.ordered((whole, Granule::free(around)), (granule, taken));
        self.granules[gone.0] = Granule::default();
        direction
            .reversed()
            .count(&mut self.totals.free[usize::from(around)], 1);
        for (at, half) in other_halves(granule, order, around) {
            self.granules[at] = match direction {
                Direction::Forward => Granule::free(half),
                Direction::Back => Granule::default(),
            };
            observer.heap_frame(at / GRANULES_PER_FRAME);
            direction.count(&mut self.totals.free[usize::from(half)], 1);
        }
        self.granules[come.0] = come.1;
        self.count(&part, direction, observer);
        Some(())
    }

    /// Makes a cached allocation live, or reverts that.
    pub(super) fn reuse(
        &mut self,
        allocation: &Allocation,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> Option<()> {
        let parts = || allocation.parts(Direction::Forward);
        let cached = |part: &Part| Part {
            live: None,
            ..*part
        };
        let fits = parts().all(|part| {
            let (from, _) = direction.ordered(cached(&part).granule(), part.granule());
            self.granules[part.granule] == from
        });
        if !fits {
            return None;
        }
        for part in parts() {
            let (_, to) = direction.ordered(cached(&part).granule(), part.granule());
            self.granules[part.granule] = to;
            self.count(&cached(&part), direction.reversed(), observer);
            self.count(&part, direction, observer);
        }
        Some(())
    }

    /// Updates the sums when a block becomes live or cached, or stops being so.
    fn count(&mut self, part: &Part, direction: Direction, observer: &mut impl Observer) {
        mark(part.granule, part.order, observer);
        let order = usize::from(part.order);
        let Some((_, requested)) = part.live else {
            return direction.count(&mut self.totals.cached[order], 1);
        };
        let bytes = block_bytes(part.order).min(FRAME_BYTES as u64) as u16;
        for frame in frames_of(part.granule, part.order) {
            let frame = &mut self.frames[frame];
            match direction {
                Direction::Forward => {
                    frame.live += 1;
                    frame.bytes += bytes;
                }
                Direction::Back => {
                    frame.live -= 1;
                    frame.bytes -= bytes;
                }
            }
        }
        direction.count(&mut self.totals.live[order], 1);
        direction.count(&mut self.totals.requested, requested.into());
    }
}
