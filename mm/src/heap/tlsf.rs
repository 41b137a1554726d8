//! TLSF, two-level segregated fit (Masmano and others 2004): constant time for each operation.
//!
//! ```text
//! first level    powers of two        bit set: a list below it is not empty
//! second level   16 parts of each     bit set: its list is not empty
//! list           ──► [ free block ] ◄──► [ free block ]        blocks of nearly one size
//! tags           the first and the last unit of a free block hold its units
//! ```
//! A request is rounded up to the next list, so that every block of that list is large enough. So
//! TLSF can refuse a request that one block of the list below would serve. A block that is freed
//! merges with its free neighbours, which the tags name.

use super::block_allocator::{ArenaSizes, BlockAllocator, FreeBlock, Setup};
use super::fragmentation::FreeSpace;
use super::live_blocks::{LiveBlocks, UNIT};
use crate::tracer::Tracer;

/// Powers of two up to 4 GiB.
const FIRST: usize = 29;
/// Bits of the second level.
const SECOND_BITS: u32 = 4;
const SECOND: usize = 1 << SECOND_BITS;
/// The end of a list.
const NONE: u32 = u32::MAX;

/// An arena with the lists of TLSF. The tracer `T` records the events.
#[derive(Debug)]
pub struct Tlsf<'m, T> {
    live: LiveBlocks<'m, T>,
    /// Units of the free block of which a unit is the first or the last, or 0.
    tags: &'m mut [u32],
    /// For the first unit of each free block: `first` is the previous one of its list, `units` the
    /// next.
    links: &'m mut [FreeBlock],
    /// `first` of each list.
    lists: &'m mut [FreeBlock],
    first_level: u32,
    second_level: [u16; FIRST],
}

impl<T> Tlsf<'_, T> {
    /// Blocks have any size.
    pub(super) const IS_BUDDY: bool = false;

    /// Returns the buffers of an arena of this many bytes.
    pub(super) const fn sizes(bytes: u64, _blocks: usize) -> ArenaSizes {
        let units = (bytes / UNIT) as usize;
        ArenaSizes {
            free: units + FIRST * SECOND,
            live: 2 * units,
            ..ArenaSizes::NONE
        }
    }

    /// Returns the tracer that records the events.
    pub(super) const fn tracer(&self) -> &T {
        &self.live.tracer
    }
}

impl<'m, T: Tracer> Tlsf<'m, T> {
    /// Creates an empty arena.
    pub(super) fn new(setup: Setup<'m, T>) -> Self {
        let units = (setup.bytes / UNIT) as usize;
        let (links, lists) = setup.storage.free.split_at_mut(units);
        let (requested, tags) = setup.storage.live.split_at_mut(units);
        lists.fill(FreeBlock {
            first: NONE,
            units: 0,
        });
        let mut tlsf = Tlsf {
            live: LiveBlocks::new(setup.tracer, setup.start, requested, |units| units),
            tags,
            links,
            lists,
            first_level: 0,
            second_level: [0; FIRST],
        };
        tlsf.insert(0, units as u32);
        tlsf
    }

    fn insert(&mut self, first: u32, units: u32) {
        let (power, part) = list_of(units);
        let list = &mut self.lists[power * SECOND + part];
        let next = core::mem::replace(&mut list.first, first);
        self.links[first as usize] = FreeBlock {
            first: NONE,
            units: next,
        };
        if next != NONE {
            self.links[next as usize].first = first;
        }
        self.first_level |= 1 << power;
        self.second_level[power] |= 1 << part;
        self.tags[first as usize] = units;
        self.tags[(first + units - 1) as usize] = units;
    }

    fn remove(&mut self, first: u32) -> u32 {
        let units = self.tags[first as usize];
        let (power, part) = list_of(units);
        let FreeBlock {
            first: previous,
            units: next,
        } = self.links[first as usize];
        if next != NONE {
            self.links[next as usize].first = previous;
        }
        if previous != NONE {
            self.links[previous as usize].units = next;
        } else {
            self.lists[power * SECOND + part].first = next;
            if next == NONE {
                self.second_level[power] &= !(1 << part);
                if self.second_level[power] == 0 {
                    self.first_level &= !(1 << power);
                }
            }
        }
        self.tags[first as usize] = 0;
        self.tags[(first + units - 1) as usize] = 0;
        units
    }

    /// Returns the first block of the lowest list whose blocks are all large enough.
    fn find(&self, units: u32) -> Option<u32> {
        let step = 1_u32 << units.ilog2().saturating_sub(SECOND_BITS);
        let (power, part) = list_of(units.checked_add(step - 1)?);
        let parts = self.second_level.get(power)? & (u16::MAX << part);
        let (power, parts) = match parts {
            0 => {
                let powers = self.first_level & u32::MAX.checked_shl(power as u32 + 1)?;
                let power = powers.trailing_zeros() as usize;
                (power, *self.second_level.get(power)?)
            }
            parts => (power, parts),
        };
        let part = parts.trailing_zeros() as usize;
        Some(self.lists[power * SECOND + part].first)
    }
}

/// Returns the list of blocks of this many units: its power of two, and its part of that.
fn list_of(units: u32) -> (usize, usize) {
    let power = units.ilog2();
    let part = match power.checked_sub(SECOND_BITS) {
        Some(shift) => units >> shift,
        None => units << (SECOND_BITS - power),
    };
    (power as usize, part as usize % SECOND)
}

impl<T: Tracer> BlockAllocator for Tlsf<'_, T> {
    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let units = self.live.units_for(bytes);
        let found = units.and_then(|units| Some((self.find(units)?, units)));
        let Some((first, units)) = found else {
            self.live.refuse(bytes);
            return None;
        };
        let whole = self.remove(first);
        if whole > units {
            self.insert(first + units, whole - units);
        }
        Some(self.live.add(first, bytes))
    }

    fn free(&mut self, offset: u64) -> bool {
        let Some((mut first, mut units)) = self.live.remove(offset) else {
            return false;
        };
        let after = first + units;
        if after < self.live.units() && self.tags[after as usize] > 0 {
            units += self.remove(after);
        }
        if first > 0 && self.tags[first as usize - 1] > 0 {
            first -= self.tags[first as usize - 1];
            units += self.remove(first);
        }
        self.insert(first, units);
        true
    }

    /// Grows a block into the free block after it, or returns its unused tail.
    fn resize_in_place(&mut self, offset: u64, bytes: u64) -> bool {
        let Some((first, before, after)) = self.live.resized(offset, bytes) else {
            return false;
        };
        let end = first + before;
        let is_inside = before != after && end < self.live.units();
        let free = if is_inside {
            self.tags[end as usize]
        } else {
            0
        };
        if after > before + free {
            return false;
        }
        if before != after {
            if free > 0 {
                self.remove(end);
            }
            let rest = before + free - after;
            if rest > 0 {
                self.insert(first + after, rest);
            }
        }
        self.live.replace(first, bytes);
        true
    }

    fn block_bytes(&self, offset: u64) -> u64 {
        self.live.bytes_at(offset)
    }

    fn allocated(&self) -> u64 {
        self.live.allocated()
    }

    fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for list in self.lists.iter() {
            let mut at = list.first;
            while at != NONE {
                space.add(u64::from(self.tags[at as usize]) * UNIT, 1);
                at = self.links[at as usize].units;
            }
        }
        space
    }

    fn validate(&self) -> Result<(), u64> {
        let units = self.live.units();
        self.live.tile(units, |at| self.tags[at as usize])?;
        let mut listed = 0;
        for (number, list) in self.lists.iter().enumerate() {
            let (power, part) = (number / SECOND, number % SECOND);
            let (mut at, mut previous) = (list.first, NONE);
            let marked = self.second_level[power] & (1 << part) != 0;
            if marked != (at != NONE) {
                return Err(u64::from(at) * UNIT);
            }
            while at != NONE {
                let size = self.tags[at as usize];
                let after = at + size;
                let is_last = after == units || self.tags[after as usize] == 0;
                let linked = self.links[at as usize].first == previous;
                if size == 0 || !is_last || !linked || list_of(size) != (power, part) {
                    return Err(u64::from(at) * UNIT);
                }
                listed += u64::from(size) * UNIT;
                (previous, at) = (at, self.links[at as usize].units);
            }
        }
        match listed + self.allocated() == u64::from(units) * UNIT {
            true => Ok(()),
            false => Err(u64::from(units) * UNIT),
        }
    }
}
