//! The firmware's entries, gathered in bounded room.
//!
//! ```text
//! entry ──► joins one of its kind that it touches or overlaps
//!       └─► else takes a free slot
//!           └─► else (the table is full) replaces a smaller usable entry
//! ```
//! Invariant: memory that some entry reserves never becomes usable because the table is full. What
//! does not fit is counted: [`FirmwareEntries::unused_bytes`] of usable memory that stay unused,
//! and [`FirmwareEntries::dropped`] entries of other kinds. If any were dropped, no map must be
//! built.

use super::entry::{FirmwareEntry, PHYSICAL_LIMIT};
use crate::vocabulary::memory_kind::MemoryKind;
use core::ops::Range;

/// At most `N` entries, in no order. Can be a static.
#[derive(Clone, Debug)]
pub struct FirmwareEntries<const N: usize> {
    entries: [FirmwareEntry; N],
    len: usize,
    added: usize,
    unused_bytes: u64,
    dropped: usize,
}

impl<const N: usize> FirmwareEntries<N> {
    /// Creates an empty table.
    pub const fn new() -> Self {
        let nothing = FirmwareEntry {
            start: 0,
            bytes: 0,
            kind: MemoryKind::Usable,
        };
        FirmwareEntries {
            entries: [nothing; N],
            len: 0,
            added: 0,
            unused_bytes: 0,
            dropped: 0,
        }
    }

    /// Returns the entries, joined.
    pub fn entries(&self) -> &[FirmwareEntry] {
        &self.entries[..self.len]
    }

    /// Returns how many entries were added.
    pub fn added(&self) -> usize {
        self.added
    }

    /// Returns the usable bytes that stay unused, because other entries took their room.
    pub fn unused_bytes(&self) -> u64 {
        self.unused_bytes
    }

    /// Returns the number of entries that are not usable memory, and for which there was no room.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Forgets all entries.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Adds an entry. It may join several: then they become one.
    pub fn add(&mut self, entry: FirmwareEntry) {
        self.added += 1;
        let mut entry = entry;
        while let Some((at, joined)) = self.find_joined(&entry) {
            self.len -= 1;
            self.entries[at] = self.entries[self.len];
            entry = joined;
        }
        if self.len < N {
            self.entries[self.len] = entry;
            self.len += 1;
        } else {
            self.replace_usable(entry);
        }
    }

    /// Returns an entry that touches or overlaps this one and is of its kind, and both as one.
    fn find_joined(&self, entry: &FirmwareEntry) -> Option<(usize, FirmwareEntry)> {
        let this = believable(entry)?;
        self.entries().iter().enumerate().find_map(|(at, other)| {
            let that = believable(other).filter(|_| other.kind == entry.kind)?;
            let touches = this.start <= that.end && that.start <= this.end;
            let start = this.start.min(that.start);
            let joined = FirmwareEntry {
                start,
                bytes: this.end.max(that.end) - start,
                kind: entry.kind,
            };
            touches.then_some((at, joined))
        })
    }

    /// Replaces the smallest usable entry by this one, unless this one is usable and smaller.
    fn replace_usable(&mut self, entry: FirmwareEntry) {
        let is_usable = |entry: &FirmwareEntry| entry.kind == MemoryKind::Usable;
        let usable = self.entries[..self.len].iter_mut();
        let smallest = usable
            .filter(|other| is_usable(other))
            .min_by_key(|other| other.bytes);
        let lost = match smallest {
            Some(other) if !is_usable(&entry) || other.bytes < entry.bytes => {
                core::mem::replace(other, entry)
            }
            _ => entry,
        };
        match is_usable(&lost) {
            true => self.unused_bytes = self.unused_bytes.saturating_add(lost.bytes),
            false => self.dropped += 1,
        }
    }
}

impl<const N: usize> Default for FirmwareEntries<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the range of an entry that may join others: it is not empty, and its addresses are
/// physical addresses.
fn believable(entry: &FirmwareEntry) -> Option<Range<u64>> {
    let end = entry.start.checked_add(entry.bytes)?;
    (entry.bytes > 0 && end <= PHYSICAL_LIMIT).then_some(entry.start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_map::{FirmwareRegion, MemoryMap};
    use MemoryKind::*;
    use proptest::prelude::*;

    fn entry(start: u64, bytes: u64, kind: MemoryKind) -> FirmwareEntry {
        FirmwareEntry { start, bytes, kind }
    }

    fn gathered<const N: usize>(entries: &[FirmwareEntry]) -> FirmwareEntries<N> {
        let mut table = FirmwareEntries::new();
        entries.iter().for_each(|&entry| table.add(entry));
        table
    }

    /// Returns the kind of each of the first pages in the finished map; nothing where there is no
    /// map.
    fn pages(entries: &[FirmwareEntry], count: u64) -> Vec<Option<MemoryKind>> {
        let mut out = vec![FirmwareRegion::EMPTY; 2 * entries.len() + 1];
        let Ok(map) = MemoryMap::build(entries, &mut out) else {
            return vec![None; count as usize];
        };
        let page = |number| x86_64::PhysAddr::new(number * 4096);
        (0..count)
            .map(|number| map.region_at(page(number)).map(|region| region.kind))
            .collect()
    }

    #[test]
    fn neighbours_of_one_kind_become_one_in_any_order() {
        let parts = [
            entry(0x1000, 0x1000, Usable),
            entry(0x3000, 0x1000, Usable),
            entry(0x2000, 0x1000, Usable),
            entry(0x4000, 0x1000, Reserved),
        ];
        let table = gathered::<4>(&parts);
        assert_eq!(
            table.entries(),
            [
                entry(0x1000, 0x3000, Usable),
                entry(0x4000, 0x1000, Reserved)
            ]
        );
        assert_eq!((table.added(), table.dropped()), (4, 0));
    }

    #[test]
    fn usable_entries_that_meet_inside_a_page_keep_the_page() {
        let table = gathered::<4>(&[entry(0, 0x1800, Usable), entry(0x1800, 0x1800, Usable)]);
        assert_eq!(
            pages(table.entries(), 4),
            [Some(Usable), Some(Usable), Some(Usable), None]
        );
    }

    #[test]
    fn a_wild_entry_joins_nothing() {
        let wild = [
            entry(u64::MAX - 5, 10, Usable),
            entry(PHYSICAL_LIMIT - 4096, 8192, Usable),
            entry(7, 0, Usable),
            entry(PHYSICAL_LIMIT - 8192, 4096, Usable),
        ];
        assert_eq!(gathered::<4>(&wild).entries(), wild);
    }

    #[test]
    fn a_full_table_loses_the_smallest_usable_memory_and_nothing_else() {
        const N: usize = 8;
        let apart = |number: u64, kind| entry(number * 0x1000_0000, 0x1000 * (number + 1), kind);
        for count in [N, N + 1, 10 * N] {
            // Usable entries come first, as the firmware's entries come before the kernel's own.
            let usable = (0..count as u64).map(|number| apart(number, Usable));
            let own = (0..N as u64 / 2).map(|number| apart(1000 + number, KernelAndModules));
            let table = gathered::<N>(&usable.chain(own).collect::<Vec<_>>());
            let kept = |kind| {
                table
                    .entries()
                    .iter()
                    .filter(|entry| entry.kind == kind)
                    .count()
            };
            assert_eq!((kept(Usable), kept(KernelAndModules)), (N / 2, N / 2));
            assert_eq!(table.dropped(), 0);
            let lost: u64 = (0..count as u64 - N as u64 / 2)
                .map(|number| 0x1000 * (number + 1))
                .sum();
            assert_eq!(table.unused_bytes(), lost);
        }
        let reserved: Vec<_> = (0..10 * N as u64)
            .map(|number| apart(number, Reserved))
            .collect();
        let table = gathered::<N>(&reserved);
        assert_eq!((table.entries().len(), table.dropped()), (N, 9 * N));
    }

    proptest! {
        /// Entries of any bytes: a page is usable if usable entries cover all its bytes, however
        /// they meet, and no other entry touches it.
        #[test]
        fn a_page_is_usable_if_each_byte_is(
            parts in prop::collection::vec((0_u64..96, 0_u64..40, 0_usize..4), 1..crate::testing::steps(24))
        ) {
            const PART: u64 = 512;
            let kinds = [Usable, Usable, Usable, Reserved];
            let entries: Vec<_> = parts
                .iter()
                .map(|&(start, parts, kind)| entry(start * PART, parts * PART, kinds[kind]))
                .collect();
            let covers = |at: u64, kind| {
                let mut of_kind = entries.iter().filter(|entry| entry.kind == kind);
                of_kind.any(|entry| (entry.start..entry.start + entry.bytes).contains(&(at * PART)))
            };
            let table = gathered::<24>(&entries);
            for (page, kind) in pages(table.entries(), 17).into_iter().enumerate() {
                let mut parts = page as u64 * 8..page as u64 * 8 + 8;
                let expected = parts.clone().all(|at| covers(at, Usable))
                    && !parts.any(|at| covers(at, Reserved));
                // Without a usable page there is no map at all.
                prop_assert_eq!(kind == Some(Usable), expected, "page {}", page);
            }
        }

        #[test]
        fn joining_changes_no_page_and_a_full_table_makes_none_usable(
            parts in prop::collection::vec((0_u64..40, 1_u64..6, 0_usize..3), 1..crate::testing::steps(60))
        ) {
            const PAGES: u64 = 48;
            let kinds = [Usable, Reserved, KernelAndModules];
            let entries: Vec<_> = parts
                .iter()
                .map(|&(start, count, kind)| entry(start * 4096, count * 4096, kinds[kind]))
                .collect();
            let all = pages(&entries, PAGES);
            let roomy = gathered::<64>(&entries);
            prop_assert_eq!(pages(roomy.entries(), PAGES), all.clone());
            let full = gathered::<4>(&entries);
            let made = pages(full.entries(), PAGES);
            // Without a usable page there is no map.
            if full.dropped() == 0 && made.iter().any(Option::is_some) {
                for (page, kind) in made.into_iter().enumerate() {
                    let is_lost = kind.is_none() && all[page] == Some(Usable);
                    prop_assert!(is_lost || kind == all[page], "page {}: {:?}", page, kind);
                }
            }
        }
    }
}
