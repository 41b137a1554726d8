//! The memory regions of every address space: ranges of virtual addresses with a policy.
//!
//! Invariant: the table is sorted by space and start. It is bounded; regions that do not fit are
//! counted.

use super::direction::Direction;
use mm::event::Payload;
use mm::paging::Region;
use x86_64::VirtAddr;

/// The capacity of the table: the regions of the kernel, and of a few dozen processes.
pub const MAX_REGIONS: usize = 768;

/// A region and its owner: the number of the process, 0 for the kernel.
pub type SpaceRegion = (u32, Option<Region>);

/// All open regions.
#[derive(Debug)]
pub struct Regions<'m> {
    table: &'m mut [SpaceRegion],
    len: usize,
    missing: u64,
    /// The number of regions that differed from the machine in the last comparison.
    pub differing: u64,
}

impl<'m> Regions<'m> {
    pub(super) fn new(table: &'m mut [SpaceRegion]) -> Self {
        Regions {
            table,
            len: 0,
            missing: 0,
            differing: 0,
        }
    }

    /// Returns all regions with their owner, by space and start.
    pub fn all(&self) -> impl Iterator<Item = (u32, &Region)> {
        let known = self.table[..self.len].iter();
        known.filter_map(|(space, region)| Some((*space, region.as_ref()?)))
    }

    /// Returns the regions of a space, ascending.
    pub fn of(&self, space: u32) -> impl Iterator<Item = &Region> + Clone {
        let known = &self.table[..self.len];
        let start = known.partition_point(|other| other.0 < space);
        let own = known[start..].iter().take_while(move |own| own.0 == space);
        own.filter_map(|(_, region)| region.as_ref())
    }

    /// Returns the region that contains an address.
    pub fn find(&self, space: u32, address: VirtAddr) -> Option<&Region> {
        let space = owner_of(space, address);
        let known = &self.table[..self.len];
        let after = known.partition_point(|other| key(other) <= (space, address.as_u64()));
        let (owner, region) = known.get(after.checked_sub(1)?)?;
        let region = region.as_ref()?;
        (*owner == space && region.contains(address)).then_some(region)
    }

    /// Returns the number of regions.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether no region is open.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the number of regions that did not fit.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    pub(crate) fn clear(&mut self) {
        (self.len, self.missing) = (0, 0);
    }

    /// Adds a region, if there is room. Returns false if another one starts there.
    pub(crate) fn put(&mut self, space: u32, region: Region) -> bool {
        let entry = (space, Some(region));
        let at = self.index_of(&entry);
        if self.len == self.table.len() {
            self.missing += 1;
            return true;
        }
        let is_new = !self.begins_at(at, &entry);
        self.table.copy_within(at..self.len, at + 1);
        self.table[at] = entry;
        self.len += 1;
        is_new
    }

    fn take(&mut self, space: u32, region: Region) -> bool {
        let entry = (space, Some(region));
        let at = self.index_of(&entry);
        if !self.begins_at(at, &entry) {
            let agrees = self.missing > 0;
            self.missing = self.missing.saturating_sub(1);
            return agrees;
        }
        let agrees = self.table[at] == entry;
        self.table.copy_within(at + 1..self.len, at);
        self.len -= 1;
        agrees
    }

    /// Applies or reverts an event about regions. A region in the lower half belongs to `space`.
    pub(super) fn step(&mut self, space: u32, payload: Payload, direction: Direction) -> bool {
        let (start, bytes, policy, owner, direction) = match payload {
            Payload::RegionOpen {
                start,
                bytes,
                policy,
                owner,
            } => (start, bytes, policy, owner, direction),
            Payload::RegionClose {
                start,
                bytes,
                policy,
                owner,
            } => (start, bytes, policy, owner, direction.reversed()),
            _ => return true,
        };
        let region = Region {
            start,
            bytes,
            policy,
            owner,
        };
        match direction {
            Direction::Forward => self.put(owner_of(space, start), region),
            Direction::Back => self.take(owner_of(space, start), region),
        }
    }

    /// Returns the index of an entry, or the index at which to insert it.
    fn index_of(&self, entry: &SpaceRegion) -> usize {
        let known = &self.table[..self.len];
        known.partition_point(|other| key(other) < key(entry))
    }

    fn begins_at(&self, at: usize, entry: &SpaceRegion) -> bool {
        let found = self.table[..self.len].get(at);
        found.is_some_and(|found| key(found) == key(entry))
    }
}

fn key((space, region): &SpaceRegion) -> (u32, u64) {
    (*space, region.map_or(0, |region| region.start.as_u64()))
}

/// Returns the owner of an address: the kernel owns the upper half of all spaces.
pub(super) fn owner_of(space: u32, address: VirtAddr) -> u32 {
    match address.as_u64() >> 63 {
        0 => space,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mm::paging::RegionPolicy;
    use mm::tag::Tag;

    /// Regions that do not fit are counted, until they close.
    #[test]
    fn regions_without_a_slot_are_counted() {
        let region = |start| Region {
            start: VirtAddr::new(start),
            bytes: 4096,
            policy: RegionPolicy::Guard,
            owner: Tag::STACK,
        };
        let mut table = [(0, None); 2];
        let mut regions = Regions::new(&mut table);
        for start in [0x1000, 0x2000, 0x3000] {
            assert!(regions.put(1, region(start)));
        }
        assert_eq!((regions.len(), regions.missing()), (2, 1));
        assert!(regions.take(1, region(0x3000)));
        assert_eq!((regions.len(), regions.missing()), (2, 0));
        assert!(!regions.take(1, region(0x3000)));
        assert!(regions.take(1, region(0x1000)));
        assert!(!regions.put(1, region(0x2000)));
    }
}
