//! Counts over the page tables: pages by size and by access, memory regions by policy.

use super::direction::Direction;
use mm::event::Payload;
use mm::paging::{Access, PageSize, RegionPolicy};

/// The current numbers of pages and memory regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mappings {
    /// Mapped pages of 4 KiB, 2 MiB and 1 GiB.
    pub pages: [u64; 3],
    /// Writable pages.
    pub writable: u64,
    /// Executable pages.
    pub executable: u64,
    /// Pages that are both writable and executable: none, under W^X.
    pub writable_executable: u64,
    /// Pages that ring 3 may access.
    pub user: u64,
    /// Regions by policy.
    pub regions: [u64; RegionPolicy::ALL.len()],
    /// Bytes of regions by policy.
    pub region_bytes: [u64; RegionPolicy::ALL.len()],
}

impl Mappings {
    /// Returns the number of mapped pages of all sizes.
    pub fn total(&self) -> u64 {
        self.pages.iter().sum()
    }

    /// Returns the number of mapped bytes.
    pub fn bytes(&self) -> u64 {
        let sizes = [PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB];
        sizes
            .iter()
            .map(|&size| self.pages[size as usize] * size.bytes())
            .sum()
    }

    /// Returns the number of regions with this policy.
    pub fn regions(&self, policy: RegionPolicy) -> u64 {
        self.regions[policy as usize]
    }

    /// Counts a page that was found in a walk of the page tables.
    pub fn add_page(&mut self, size: PageSize, access: Access) {
        self.page(size, access, Direction::Forward);
    }

    /// Counts a region.
    pub fn add_region(&mut self, policy: RegionPolicy, bytes: u64) {
        self.region(policy, bytes, Direction::Forward);
    }

    pub(super) fn step(&mut self, payload: Payload, direction: Direction) -> bool {
        let before = *self;
        match payload {
            Payload::Map { size, access, .. } => self.page(size, access, direction),
            Payload::Unmap { size, access, .. } => {
                self.page(size, access, direction.reversed());
            }
            Payload::Protect { size, from, to, .. } => {
                self.page(size, from, direction.reversed());
                self.page(size, to, direction);
            }
            Payload::RegionOpen { policy, bytes, .. } => self.region(policy, bytes, direction),
            Payload::RegionClose { policy, bytes, .. } => {
                self.region(policy, bytes, direction.reversed());
            }
            _ => {}
        }
        if direction == Direction::Back {
            // The event that made a count negative was reported when it was applied.
            return true;
        }
        // A count below 0 has wrapped around.
        let fell_below_zero = |now: &u64, before: &u64| *now > *before && *now - *before > 1 << 62;
        !(self
            .pages
            .iter()
            .zip(&before.pages)
            .any(|(now, then)| fell_below_zero(now, then))
            || self
                .regions
                .iter()
                .zip(&before.regions)
                .any(|(now, then)| fell_below_zero(now, then)))
    }

    fn page(&mut self, size: PageSize, access: Access, direction: Direction) {
        direction.count(&mut self.pages[size as usize], 1);
        let flags = [
            (access.contains(Access::WRITE), &mut self.writable),
            (access.contains(Access::EXECUTE), &mut self.executable),
            (
                access.contains(Access::WRITE | Access::EXECUTE),
                &mut self.writable_executable,
            ),
            (access.contains(Access::USER), &mut self.user),
        ];
        for (set, counter) in flags {
            if set {
                direction.count(counter, 1);
            }
        }
    }

    fn region(&mut self, policy: RegionPolicy, bytes: u64, direction: Direction) {
        direction.count(&mut self.regions[policy as usize], 1);
        direction.count(&mut self.region_bytes[policy as usize], bytes);
    }
}
