//! Memory regions: ranges of virtual addresses with a policy.
//!
//! ```text
//!   guard  demand-zero            guard  stack                     fixed
//!  |-----||-----------|          |-----||-----------|             |------|
//!  regions[0]  [1]                 [2]      [3]                     [4]      ascending, disjoint
//! ```

use crate::vocabulary::pages::RegionPolicy;
use crate::vocabulary::tag::Tag;
use core::fmt;
use x86_64::VirtAddr;

/// A memory region: a range of virtual addresses with a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// The first byte, page-aligned.
    pub start: VirtAddr,
    /// The size in bytes: whole pages, at least one.
    pub bytes: u64,
    /// The meaning of a page fault in the region.
    pub policy: RegionPolicy,
    /// The owner; for a guard, that of the memory next to it.
    pub owner: Tag,
}

impl Region {
    /// Returns the last byte. (The byte after it may not be an address.)
    pub const fn last(&self) -> u64 {
        self.start.as_u64() + (self.bytes - 1)
    }

    /// True if the region contains this byte.
    pub const fn contains(&self, address: VirtAddr) -> bool {
        self.start.as_u64() <= address.as_u64() && address.as_u64() <= self.last()
    }

    /// True if it consists of whole pages, at least one, on one side of the canonical hole.
    fn is_sound(&self) -> bool {
        let last = self.start.as_u64().checked_add(self.bytes.wrapping_sub(1));
        let same_half = |last: u64| last >> 47 == self.start.as_u64() >> 47;
        self.bytes > 0
            && self.bytes.is_multiple_of(4096)
            && self.start.is_aligned(4096_u64)
            && last.is_some_and(same_half)
    }
}

/// The reason why a region could not be opened or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionError {
    /// The region is not made of whole pages, or leaves the address space.
    Unsound(Region),
    /// The region overlaps this open region.
    Overlaps(Region),
    /// The table already has this many regions, its maximum.
    Full(usize),
    /// No region begins there.
    NotOpen(VirtAddr),
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |f: &mut fmt::Formatter<'_>, region: &Region| {
            let words = region.policy.words();
            write!(
                f,
                "{words} region {:#x}, {:#x} bytes",
                region.start, region.bytes
            )
        };
        match self {
            RegionError::Unsound(region) => {
                f.write_str("not whole pages: ")?;
                range(f, region)
            }
            RegionError::Overlaps(region) => {
                f.write_str("in the way: ")?;
                range(f, region)
            }
            RegionError::Full(room) => write!(f, "no room for more than {room} regions"),
            RegionError::NotOpen(start) => write!(f, "no region begins at {start:#x}"),
        }
    }
}

impl core::error::Error for RegionError {}

/// A table of at most `N` regions, ascending and disjoint. Usable in a static.
#[derive(Clone, Debug)]
pub struct RegionTable<const N: usize> {
    regions: [Region; N],
    len: usize,
}

impl<const N: usize> RegionTable<N> {
    /// Creates an empty table.
    pub const fn new() -> Self {
        let nowhere = Region {
            start: VirtAddr::zero(),
            bytes: 4096,
            policy: RegionPolicy::Fixed,
            owner: Tag::empty(),
        };
        RegionTable {
            regions: [nowhere; N],
            len: 0,
        }
    }

    /// Opens a region.
    ///
    /// # Errors
    /// The region is not made of whole pages, overlaps another, or the table is full. Nothing
    /// changes then.
    pub fn insert(&mut self, region: Region) -> Result<(), RegionError> {
        if !region.is_sound() {
            return Err(RegionError::Unsound(region));
        }
        let at = self.first_not_below(region.start);
        let next = self.regions().get(at);
        if let Some(next) = next.filter(|next| next.start.as_u64() <= region.last()) {
            return Err(RegionError::Overlaps(*next));
        }
        if self.len == N {
            return Err(RegionError::Full(N));
        }
        self.regions.copy_within(at..self.len, at + 1);
        self.regions[at] = region;
        self.len += 1;
        Ok(())
    }

    /// Closes the region that begins at this address and returns it.
    ///
    /// # Errors
    /// No region begins there.
    pub fn remove(&mut self, start: VirtAddr) -> Result<Region, RegionError> {
        let at = self.first_not_below(start);
        let region = self.regions().get(at).copied();
        let region = region
            .filter(|region| region.start == start)
            .ok_or(RegionError::NotOpen(start))?;
        self.regions.copy_within(at + 1..self.len, at);
        self.len -= 1;
        Ok(region)
    }

    /// Returns the region that contains this byte.
    pub fn find(&self, address: VirtAddr) -> Option<&Region> {
        let region = self.regions().get(self.first_not_below(address))?;
        region.contains(address).then_some(region)
    }

    /// Returns all regions, ascending.
    pub fn regions(&self) -> &[Region] {
        &self.regions[..self.len]
    }

    /// Returns the index of the first region that does not end below this address.
    fn first_not_below(&self, address: VirtAddr) -> usize {
        self.regions()
            .partition_point(|region| region.last() < address.as_u64())
    }
}

impl<const N: usize> Default for RegionTable<N> {
    fn default() -> Self {
        RegionTable::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn region(page: u64, pages: u64) -> Region {
        Region {
            start: VirtAddr::new(page * 4096),
            bytes: pages * 4096,
            policy: RegionPolicy::Guard,
            owner: Tag::STACK,
        }
    }

    proptest! {
        #![proptest_config(crate::testing::cases(256))]

        #[test]
        fn equals_a_row_of_pages(steps in prop::collection::vec((0..30_u64, 0..5_u64, any::<bool>()), 1..crate::testing::steps(40))) {
            let mut table = RegionTable::<6>::new();
            let mut row = [None; 40];
            for (page, pages, open) in steps {
                let (first, new) = (page as usize, region(page, pages));
                if open {
                    let free = row[first..first + pages as usize].iter().all(Option::is_none);
                    let room = table.regions().len() < 6;
                    let done = table.insert(new);
                    prop_assert_eq!(done.is_ok(), pages > 0 && free && room, "{:?}", done);
                    if done.is_ok() {
                        row[first..first + pages as usize].fill(Some(new));
                    }
                } else {
                    let expected = row[first].filter(|open| open.start == new.start);
                    prop_assert_eq!(table.remove(new.start).ok(), expected);
                    if expected.is_some() {
                        row.iter_mut().filter(|page| **page == expected).for_each(|page| *page = None);
                    }
                }
                for (page, expected) in row.iter().enumerate() {
                    for byte in [0, 4095] {
                        let address = VirtAddr::new(page as u64 * 4096 + byte);
                        prop_assert_eq!(table.find(address), expected.as_ref());
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_page_of_all_is_an_address() {
        let mut table = RegionTable::<2>::new();
        let last = Region {
            start: VirtAddr::new(0xffff_ffff_ffff_f000),
            ..region(0, 1)
        };
        assert_eq!(table.insert(last), Ok(()));
        assert_eq!(table.find(VirtAddr::new(u64::MAX)), Some(&last));
        let across = Region {
            start: VirtAddr::new(0x7fff_ffff_f000),
            ..region(0, 2)
        };
        assert_eq!(table.insert(across), Err(RegionError::Unsound(across)));
    }
}
