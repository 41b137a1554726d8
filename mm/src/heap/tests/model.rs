//! The textbook's buddy system, as naive as can be: a map of blocks, searched from end to end.

use crate::vocabulary::tag::Tag;
use std::collections::BTreeMap;

/// Offset -> order, and owner and requested bytes unless it is free; see [`CACHED`].
pub type Picture = BTreeMap<u64, (u8, Option<(u32, Tag)>)>;

/// Stands for the owner of a cached block.
pub const CACHED: (u32, Tag) = (0, Tag::empty());
/// The maximum number of cached allocations of a size.
const DEPTH: usize = 16;
/// The maximum number of granules of one.
const LARGEST: u64 = 127;

pub fn size(order: u8) -> u64 {
    64 << order
}

/// The textbook's buddy system: the lowest of the smallest free blocks that suffice, split down.
pub fn model_allocate(model: &mut Picture, order: u8, owned: (u32, Tag)) -> Option<u64> {
    let free = model
        .iter()
        .filter(|(_, block)| block.1.is_none() && block.0 >= order);
    let (&offset, &(mut found, _)) = free.min_by_key(|&(&offset, block)| (block.0, offset))?;
    while found > order {
        found -= 1;
        model.insert(offset + size(found), (found, None));
    }
    model.insert(offset, (order, Some(owned)));
    Some(offset)
}

/// Trims a block that was just allocated to this many granules: halves that hold some of them stay,
/// the others become free.
pub fn trim(model: &mut Picture, offset: u64, granules: u64) {
    let (order, owned) = model[&offset];
    let half = 1 << order >> 1;
    if granules == 1 << order {
        return;
    }
    let (requested, owner) = owned.expect("handed out");
    let lower = requested.min((half * 64) as u32);
    model.insert(offset, (order - 1, Some((lower, owner))));
    if granules <= half {
        model.insert(offset + half * 64, (order - 1, None));
        trim(model, offset, granules);
    } else {
        let upper = Some((requested - lower, owner));
        model.insert(offset + half * 64, (order - 1, upper));
        trim(model, offset + half * 64, granules - half);
    }
}

pub fn room(bytes: usize, spare: usize) -> u64 {
    (bytes + spare).min(bytes.max(1 << 20)) as u64
}

/// Returns the sizes that trimmed allocations have, in granules: seven significant bits.
pub fn class(bytes: u64) -> u64 {
    let granules = bytes.div_ceil(64);
    let classes = (0..20).flat_map(|shift| (1..128).map(move |bits| bits << shift));
    classes.filter(|&class| class >= granules).min().unwrap()
}

pub fn model_free(model: &mut Picture, mut offset: u64) {
    let (mut order, _) = model.remove(&offset).unwrap();
    while order < 14 && model.get(&(offset ^ size(order))) == Some(&(order, None)) {
        model.remove(&(offset ^ size(order)));
        offset &= !size(order);
        order += 1;
    }
    model.insert(offset, (order, None));
}

/// The textbook's blocks, the live allocations, and a cache in front of them.
#[derive(Clone, Default)]
pub struct Model {
    pub blocks: Picture,
    /// Offset -> granules.
    pub allocations: BTreeMap<u64, u64>,
    /// Granules -> offsets, the newest last. Empty if nothing is cached.
    pub cache: BTreeMap<u64, Vec<u64>>,
    pub is_cached: bool,
}

impl Model {
    /// Frees an allocation: into the cache if it takes that size.
    pub fn free(&mut self, offset: u64) {
        let granules = self.allocations[&offset];
        if !self.is_cached || granules > LARGEST {
            return self.release(offset);
        }
        self.allocations.remove(&offset);
        let stack = self.cache.entry(granules).or_default();
        if stack.len() == DEPTH {
            let oldest: Vec<_> = stack.drain(..DEPTH / 2).collect();
            stack.push(offset);
            oldest.into_iter().for_each(|at| self.merge(at, granules));
        } else {
            stack.push(offset);
        }
        self.own(offset, granules, CACHED);
    }

    /// Frees an allocation past the cache.
    pub fn release(&mut self, offset: u64) {
        let granules = self.allocations.remove(&offset).unwrap();
        self.merge(offset, granules);
    }

    /// Takes the newest cached allocation of this size.
    pub fn reuse(&mut self, granules: u64, owned: (u32, Tag)) -> Option<u64> {
        let offset = self.cache.get_mut(&granules)?.pop()?;
        self.own(offset, granules, owned);
        self.allocations.insert(offset, granules);
        Some(offset)
    }

    /// Takes a free block of this order, after a drain if there is none.
    pub fn split(&mut self, order: u8, owned: (u32, Tag)) -> Option<u64> {
        let found = model_allocate(&mut self.blocks, order, owned);
        found.or_else(|| {
            self.drain();
            model_allocate(&mut self.blocks, order, owned)
        })
    }

    /// Returns all cached allocations to the free blocks.
    pub fn drain(&mut self) {
        for (granules, stack) in core::mem::take(&mut self.cache) {
            stack.into_iter().for_each(|at| self.merge(at, granules));
        }
    }

    fn merge(&mut self, offset: u64, granules: u64) {
        let blocks = self.blocks.range(offset..offset + granules * 64);
        let blocks: Vec<_> = blocks.map(|(&at, _)| at).collect();
        blocks
            .into_iter()
            .for_each(|at| model_free(&mut self.blocks, at));
    }

    /// Gives the blocks of an allocation to an owner.
    fn own(&mut self, offset: u64, granules: u64, (mut requested, owner): (u32, Tag)) {
        for (_, block) in self.blocks.range_mut(offset..offset + granules * 64) {
            let part = requested.min(size(block.0) as u32);
            requested -= part;
            block.1 = Some((part, owner));
        }
    }

    /// Puts an allocation at this offset, if all of it is free and it is aligned.
    pub fn place(&mut self, offset: u64, granules: u64, owned: (u32, Tag)) -> bool {
        let order = granules.next_power_of_two().ilog2() as u8;
        if !offset.is_multiple_of(size(order)) {
            return false;
        }
        // Naive: a picture of granules, one by one.
        let live = self.blocks.iter().filter(|(_, block)| block.1.is_some());
        let end = offset + granules * 64;
        let mut overlap = live.filter(|&(&at, block)| at < end && at + size(block.0) > offset);
        let within = self
            .blocks
            .iter()
            .next_back()
            .is_some_and(|(at, b)| end <= at + size(b.0));
        if overlap.next().is_some() || !within {
            return false;
        }
        // All free blocks here are split into granules; those that stay free merge again.
        let granule_starts: Vec<u64> = (0..granules).map(|granule| offset + granule * 64).collect();
        let mut around = BTreeMap::new();
        for (&at, &(order, _)) in self.blocks.iter() {
            if at < end && at + size(order) > offset {
                around.insert(at, order);
            }
        }
        let mut loose = vec![];
        for (at, order) in around {
            self.blocks.remove(&at);
            loose.extend((0..1 << order).map(|granule| at + granule * 64));
        }
        loose.retain(|at| !granule_starts.contains(at));
        let (mut at, mut left, mut requested) = (offset, granules, owned.0);
        while left > 0 {
            let order = left.ilog2() as u8;
            let part = requested.min(size(order) as u32);
            self.blocks.insert(at, (order, Some((part, owned.1))));
            requested -= part;
            left -= 1 << order;
            at += size(order);
        }
        for at in loose {
            self.blocks.insert(at, (0, Some((1, Tag::HEAP))));
            model_free(&mut self.blocks, at);
        }
        self.allocations.insert(offset, granules);
        true
    }
}
