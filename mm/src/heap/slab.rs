//! Slabs: pages of objects of one size, as kernels keep them (Bonwick 1994).
//!
//! ```text
//! page   [ slab of 48 B: ■■□■□□… ][ slab of 2 KiB: ■□ ][ a block of two pages ][ free ] …
//! map    free pages, and for each size the slabs with a free object: a bit a page
//! ```
//! A request of at most 2 KiB gets the lowest free object of the lowest slab of its size; a larger
//! one gets the lowest run of pages. A slab without objects becomes a free page again.

use super::block_allocator::{ArenaSizes, BlockAllocator, FreeBlock, Setup};
use super::fragmentation::FreeSpace;
use super::live_blocks::{LiveBlocks, UNIT};
use super::sizes::HeapSizes;
use crate::tracer::Tracer;

/// Units of a page of 4 KiB.
const PAGE: u32 = 256;
/// Units of the objects.
const OBJECTS: [u32; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];
/// Words of the map of a slab's objects in use.
const WORDS: usize = PAGE as usize / 64;

/// An arena of slabs. The tracer `T` records the events.
#[derive(Debug)]
pub struct Slab<'m, T> {
    live: LiveBlocks<'m, T>,
    pages: u32,
    /// A bit a page: it is free.
    free: &'m mut [u64],
    /// For each size, a bit a page: it is a slab of that size with a free object.
    partial: &'m mut [u64],
    /// Words of each slab: a bit for each object in use.
    used: &'m mut [u64],
    /// Of each slab: `first` is 1 + the index of its size, `units` its objects in use.
    slabs: &'m mut [FreeBlock],
}

impl<T> Slab<'_, T> {
    /// Blocks do not merge.
    pub(super) const IS_BUDDY: bool = false;

    /// Returns the buffers of an arena of this many bytes.
    pub(super) const fn sizes(bytes: u64, _blocks: usize) -> ArenaSizes {
        let units = (bytes / UNIT) as usize;
        let pages = units / PAGE as usize;
        ArenaSizes {
            heap: HeapSizes {
                cache: 0,
                bits: pages.div_ceil(64) * (1 + OBJECTS.len()) + pages * WORDS,
                headers: 0,
                references: 0,
            },
            free: pages,
            live: units,
            ..ArenaSizes::NONE
        }
    }

    /// Returns the tracer that records the events.
    pub(super) const fn tracer(&self) -> &T {
        &self.live.tracer
    }
}

impl<'m, T: Tracer> Slab<'m, T> {
    /// Creates an empty arena.
    pub(super) fn new(setup: Setup<'m, T>) -> Self {
        let units = (setup.bytes / UNIT) as usize;
        let pages = units / PAGE as usize;
        let words = pages.div_ceil(64);
        let (free, bits) = setup.storage.bits.split_at_mut(words);
        let (partial, used) = bits.split_at_mut(words * OBJECTS.len());
        (0..pages).for_each(|page| set(free, page, true));
        let requested = &mut setup.storage.live[..units];
        Slab {
            live: LiveBlocks::new(setup.tracer, setup.start, requested, rounded),
            pages: pages as u32,
            free,
            partial,
            used,
            slabs: setup.storage.free,
        }
    }

    /// Returns the lowest free object of this size, in use from now on.
    fn object(&mut self, size: usize) -> Option<u32> {
        let words = self.free.len();
        let partial = &self.partial[size * words..][..words];
        let page = match lowest(partial) {
            Some(page) => page,
            None => {
                let page = lowest(self.free)?;
                set(self.free, page, false);
                self.slabs[page] = FreeBlock {
                    first: size as u32 + 1,
                    units: 0,
                };
                page
            }
        };
        let used = &mut self.used[page * WORDS..][..WORDS];
        let word = used.iter().position(|&word| word != u64::MAX)?;
        let object = word * 64 + used[word].trailing_ones() as usize;
        set(used, object, true);
        self.slabs[page].units += 1;
        let is_partial = self.slabs[page].units < PAGE / OBJECTS[size];
        set(&mut self.partial[size * words..][..words], page, is_partial);
        Some(page as u32 * PAGE + object as u32 * OBJECTS[size])
    }

    /// Returns the lowest run of free pages, in use from now on.
    fn run(&mut self, count: u32) -> Option<u32> {
        let mut length = 0;
        for page in 0..self.pages {
            length = if is_set(self.free, page as usize) {
                length + 1
            } else {
                0
            };
            if length == count {
                let first = page + 1 - count;
                (first..=page).for_each(|page| set(self.free, page as usize, false));
                return Some(first * PAGE);
            }
        }
        None
    }
}

/// Returns the units of a block: an object, or whole pages.
fn rounded(units: u32) -> u32 {
    match size_of(units) {
        Some(size) => OBJECTS[size],
        None => units.next_multiple_of(PAGE),
    }
}

/// Returns the index of the smallest object for this many units, or `None` if it takes whole pages.
fn size_of(units: u32) -> Option<usize> {
    OBJECTS.iter().position(|&object| object >= units)
}

fn set(bits: &mut [u64], at: usize, to: bool) {
    let bit = 1 << (at % 64);
    match to {
        true => bits[at / 64] |= bit,
        false => bits[at / 64] &= !bit,
    }
}

const fn is_set(bits: &[u64], at: usize) -> bool {
    bits[at / 64] & (1 << (at % 64)) != 0
}

fn lowest(bits: &[u64]) -> Option<usize> {
    let word = bits.iter().position(|&word| word != 0)?;
    Some(word * 64 + bits[word].trailing_zeros() as usize)
}

impl<T: Tracer> BlockAllocator for Slab<'_, T> {
    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let found = self
            .live
            .units_for(bytes)
            .and_then(|units| match size_of(units) {
                Some(size) => self.object(size),
                None => self.run(units / PAGE),
            });
        let Some(first) = found else {
            self.live.refuse(bytes);
            return None;
        };
        Some(self.live.add(first, bytes))
    }

    fn free(&mut self, offset: u64) -> bool {
        let Some((first, units)) = self.live.remove(offset) else {
            return false;
        };
        let page = (first / PAGE) as usize;
        let Some(size) = size_of(units) else {
            (page..page + (units / PAGE) as usize).for_each(|page| set(self.free, page, true));
            return true;
        };
        let words = self.free.len();
        let object = (first % PAGE / OBJECTS[size]) as usize;
        set(&mut self.used[page * WORDS..][..WORDS], object, false);
        self.slabs[page].units -= 1;
        let is_empty = self.slabs[page].units == 0;
        if is_empty {
            self.slabs[page] = FreeBlock::default();
        }
        set(self.free, page, is_empty);
        set(&mut self.partial[size * words..][..words], page, !is_empty);
        true
    }

    /// Keeps a block in place while it is an object of the same size. A block of whole pages grows
    /// into free pages after it.
    fn resize_in_place(&mut self, offset: u64, bytes: u64) -> bool {
        let Some((first, before, after)) = self.live.resized(offset, bytes) else {
            return false;
        };
        if before != after {
            if size_of(before).is_some() || size_of(after).is_some() {
                return false;
            }
            let (end, new_end) = ((first + before) / PAGE, (first + after) / PAGE);
            let is_free = |page: u32| page < self.pages && is_set(self.free, page as usize);
            if !(end..new_end).all(is_free) {
                return false;
            }
            (end..new_end).for_each(|page| set(self.free, page as usize, false));
            (new_end..end).for_each(|page| set(self.free, page as usize, true));
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

    /// Runs of free pages, free objects, and the rest of a slab that is too small for an object.
    fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        let mut run = 0;
        for page in 0..self.pages as usize {
            if is_set(self.free, page) {
                run += u64::from(PAGE) * UNIT;
                continue;
            }
            space.add(core::mem::take(&mut run), 1);
            let slab = self.slabs[page];
            if let Some(size) = slab.first.checked_sub(1) {
                let object = OBJECTS[size as usize];
                let free = PAGE / object - slab.units;
                space.add(u64::from(object) * UNIT, free.into());
                space.add(u64::from(PAGE % object) * UNIT, 1);
            }
        }
        space.add(run, 1);
        space
    }

    fn validate(&self) -> Result<(), u64> {
        self.live.tile(self.live.units(), |at| {
            let page = (at / PAGE) as usize;
            match self.slabs[page].first.checked_sub(1) {
                None if is_set(self.free, page) => PAGE,
                None => 0,
                Some(size) => {
                    let object = OBJECTS[size as usize];
                    let number = at % PAGE / object;
                    let used = &self.used[page * WORDS..][..WORDS];
                    match number < PAGE / object {
                        true if is_set(used, number as usize) => 0,
                        true => object,
                        false => PAGE % object,
                    }
                }
            }
        })?;
        for (page, slab) in self.slabs.iter().enumerate() {
            let used = &self.used[page * WORDS..][..WORDS];
            let count: u32 = used.iter().map(|word| word.count_ones()).sum();
            let is_partial = |size: usize| is_set(&self.partial[size * self.free.len()..], page);
            let agrees = (0..OBJECTS.len()).all(|size| {
                let own = slab.first as usize == size + 1 && count < PAGE / OBJECTS[size];
                is_partial(size) == own
            });
            if count != slab.units || !agrees {
                return Err(page as u64 * u64::from(PAGE) * UNIT);
            }
        }
        Ok(())
    }
}
