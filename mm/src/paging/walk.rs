//! The page walk, decoded: how the CPU translates an address that is not in the TLB.
//!
//! ```text
//!  47    39 38    30 29    21 20    12 11        0
//! +--------+--------+--------+--------+-----------+
//! |  PML4  |  PDPT  |   PD   |   PT   |  offset   |    nine bits each: which of 512 entries
//! +--------+--------+--------+--------+-----------+
//! root ─► entry ─► entry ─► entry ─► entry ─► frame     PS ends the walk early: 1 GiB, 2 MiB
//! ```
//! (Intel SDM vol. 3A, 4.5.) The caller reads the entries, so that the same walk decodes a running
//! machine, a saved one, and the tables of a test.

use crate::vocabulary::pages::PageSize;
use core::fmt;
use x86_64::structures::paging::PageTableFlags;
use x86_64::{PhysAddr, VirtAddr};

/// Number of levels.
pub const LEVELS: usize = 4;

/// The bits of an entry that hold an address.
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;
/// The bit of a large page's address that selects a memory type (PAT).
const LARGE_PAT: u64 = 1 << 12;

/// An entry of a page table of any level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry(pub u64);

impl Entry {
    /// Returns the flags.
    pub const fn flags(self) -> PageTableFlags {
        PageTableFlags::from_bits_truncate(self.0)
    }

    /// Returns the address of the next table or of the frame.
    pub const fn address(self) -> PhysAddr {
        PhysAddr::new(self.0 & ADDRESS)
    }
}

/// One level of a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// 4 is the PML4, 1 the page table.
    pub level: u8,
    /// The index of the entry, 0 to 511.
    pub index: u16,
    /// The entry.
    pub entry: Entry,
}

impl Step {
    /// Returns the name of a table of this level.
    pub const fn table_name(&self) -> &'static str {
        match self.level {
            4 => "PML4",
            3 => "PDPT",
            2 => "PD",
            _ => "PT",
        }
    }
}

/// The end of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At a page.
    Mapped {
        /// The physical address.
        physical: PhysAddr,
        /// The size of the page.
        size: PageSize,
        /// The access rights of all levels together. Writes and ring 3 are allowed only if every
        /// level allows them, execution only if no level forbids it. The other flags are those of
        /// the last entry.
        rights: PageTableFlags,
    },
    /// The last entry is not present.
    NotPresent,
    /// The last entry has a bit set that must be clear there: the CPU reports a reserved-bit fault.
    ReservedBit,
}

/// A page walk: the entries that were read, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The address.
    pub address: VirtAddr,
    /// The end of the walk.
    pub end: End,
    steps: [Step; LEVELS],
    count: usize,
}

impl Walk {
    /// Returns the entries that were read, from the root on: at least one.
    pub fn steps(&self) -> &[Step] {
        &self.steps[..self.count]
    }

    /// Returns the entry that ended the walk.
    pub fn last(&self) -> &Step {
        &self.steps[self.count - 1]
    }
}

/// Walks from the root table. `read` returns an entry by the address of its table and its index.
pub fn walk(root: PhysAddr, address: VirtAddr, mut read: impl FnMut(PhysAddr, u16) -> u64) -> Walk {
    let mut steps = [Step::default(); LEVELS];
    let mut table = root;
    let mut rights = PageTableFlags::WRITABLE | PageTableFlags::USER_ACCESSIBLE;
    for (count, level) in (1..=LEVELS as u8).rev().enumerate() {
        let index = (address.as_u64() >> (12 + 9 * (level - 1)) & 511) as u16;
        let entry = Entry(read(table, index));
        steps[count] = Step {
            level,
            index,
            entry,
        };
        let end = end_of(entry, level, address, &mut rights);
        if let Some(end) = end {
            return Walk {
                address,
                end,
                steps,
                count: count + 1,
            };
        }
        table = entry.address();
    }
    unreachable!("an entry of a page table always ends the walk")
}

/// Returns how an entry ends the walk, if it does. `rights` is the access rights so far.
fn end_of(entry: Entry, level: u8, address: VirtAddr, rights: &mut PageTableFlags) -> Option<End> {
    let flags = entry.flags();
    if !flags.contains(PageTableFlags::PRESENT) {
        return Some(End::NotPresent);
    }
    let allowing = PageTableFlags::WRITABLE | PageTableFlags::USER_ACCESSIBLE;
    let forbidding = PageTableFlags::NO_EXECUTE;
    *rights = (flags - allowing) | (*rights & flags & allowing) | ((*rights | flags) & forbidding);
    let large = flags.contains(PageTableFlags::HUGE_PAGE);
    let size = match (level, large) {
        (1, _) => PageSize::Size4KiB,
        (2, true) => PageSize::Size2MiB,
        (3, true) => PageSize::Size1GiB,
        (_, true) => return Some(End::ReservedBit),
        (_, false) => return None,
    };
    let ignored = if level > 1 { LARGE_PAT } else { 0 };
    let frame = entry.0 & ADDRESS & !ignored;
    let offset = address.as_u64() & (size.bytes() - 1);
    Some(if frame.is_multiple_of(size.bytes()) {
        let physical = PhysAddr::new(frame + offset);
        End::Mapped {
            physical,
            size,
            rights: *rights,
        }
    } else {
        End::ReservedBit
    })
}

/// The names of the flags of an entry, in the order of their bits.
#[derive(Clone, Copy, Debug)]
pub struct FlagWords(pub PageTableFlags);

impl fmt::Display for FlagWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS: [(PageTableFlags, &str); 10] = [
            (PageTableFlags::WRITABLE, "writable"),
            (PageTableFlags::USER_ACCESSIBLE, "user"),
            (PageTableFlags::WRITE_THROUGH, "PWT"),
            (PageTableFlags::NO_CACHE, "PCD"),
            (PageTableFlags::ACCESSED, "accessed"),
            (PageTableFlags::DIRTY, "dirty"),
            (PageTableFlags::HUGE_PAGE, "large"),
            (PageTableFlags::GLOBAL, "global"),
            (PageTableFlags::BIT_9, "copy-on-write"),
            (PageTableFlags::NO_EXECUTE, "no-execute"),
        ];
        if !self.0.contains(PageTableFlags::PRESENT) {
            return f.write_str("not present");
        }
        f.write_str("present")?;
        for (flag, word) in WORDS {
            if self.0.contains(flag) {
                write!(f, ", {word}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::string::ToString;

    const P: u64 = 1;
    const W: u64 = 1 << 1;
    const U: u64 = 1 << 2;
    const PS: u64 = 1 << 7;
    const NX: u64 = 1 << 63;
    const ROOT: PhysAddr = PhysAddr::new(0x1000);
    /// Indices 1, 2, 3, 4 and offset 0x567.
    const ADDRESS: VirtAddr = VirtAddr::new(1 << 39 | 2 << 30 | 3 << 21 | 4 << 12 | 0x567);

    /// Walks tables at 0x1000, 0x2000, … whose entries on the way are these.
    fn walked(entries: &[u64]) -> Walk {
        let tables: BTreeMap<(u64, u16), u64> = (1_u64..)
            .zip(entries.iter().copied())
            .map(|(number, entry)| ((number << 12, number as u16), entry))
            .collect();
        walk(ROOT, ADDRESS, |table, index| {
            tables[&(table.as_u64(), index)]
        })
    }

    fn rights(walk: &Walk) -> u64 {
        match walk.end {
            End::Mapped { rights, .. } => rights.bits(),
            end => panic!("{end:?}"),
        }
    }

    #[test]
    fn four_levels_lead_to_a_frame() {
        let walk = walked(&[
            0x2000 | P | W,
            0x3000 | P | W,
            0x4000 | P | W,
            0xabcd_e000 | P | W,
        ]);
        let End::Mapped { physical, size, .. } = walk.end else {
            panic!("{walk:?}")
        };
        assert_eq!((physical.as_u64(), size), (0xabcd_e567, PageSize::Size4KiB));
        let path: std::vec::Vec<_> = walk
            .steps()
            .iter()
            .map(|step| (step.table_name(), step.index))
            .collect();
        assert_eq!(path, [("PML4", 1), ("PDPT", 2), ("PD", 3), ("PT", 4)]);
    }

    /// The bit that selects a memory type in a large page's entry is one of the address in a small
    /// page's.
    #[test]
    fn a_page_of_four_kibibytes_may_have_an_odd_frame() {
        let walk = walked(&[0x2000 | P, 0x3000 | P, 0x4000 | P, 0x5000 | LARGE_PAT | P]);
        let End::Mapped { physical, .. } = walk.end else {
            panic!("{walk:?}")
        };
        assert_eq!(physical.as_u64(), 0x5567);
    }

    #[test]
    fn large_pages_end_it_early() {
        let walk = walked(&[0x2000 | P, 0x3000 | P, 0x4060_0000 | P | PS]);
        let two_mib = End::Mapped {
            physical: PhysAddr::new(0x4060_0000 + (4 << 12) + 0x567),
            size: PageSize::Size2MiB,
            rights: PageTableFlags::PRESENT | PageTableFlags::HUGE_PAGE,
        };
        assert_eq!((walk.end, walk.steps().len()), (two_mib, 3));
        let walk = walked(&[0x2000 | P, 0x8000_0000 | LARGE_PAT | P | PS]);
        let End::Mapped { physical, size, .. } = walk.end else {
            panic!("{walk:?}")
        };
        assert_eq!(
            (physical.as_u64(), size),
            (
                0x8000_0000 + (3 << 21) + (4 << 12) + 0x567,
                PageSize::Size1GiB
            )
        );
    }

    #[test]
    fn an_entry_that_is_not_present_ends_the_walk() {
        for levels in 0..LEVELS {
            let mut entries: std::vec::Vec<_> =
                (2..).map(|table| table << 12 | P).take(levels).collect();
            entries.push(W | U);
            let walk = walked(&entries);
            assert_eq!(
                (walk.end, walk.steps().len()),
                (End::NotPresent, levels + 1)
            );
            assert_eq!(walk.last().level as usize, LEVELS - levels);
        }
    }

    #[test]
    fn bits_that_must_be_clear_are_found() {
        assert_eq!(walked(&[0x2000 | P | PS]).end, End::ReservedBit);
        assert_eq!(
            walked(&[0x2000 | P, 0x3000 | P, 0x4061_0000 | P | PS]).end,
            End::ReservedBit
        );
        assert_eq!(
            walked(&[0x2000 | P, 0x4060_0000 | P | PS]).end,
            End::ReservedBit
        );
    }

    #[test]
    fn every_level_has_its_say() {
        let all = [
            0x2000 | P | W | U,
            0x3000 | P | W | U,
            0x4000 | P | W | U,
            0x5000 | P | W | U,
        ];
        assert_eq!(rights(&walked(&all)), P | W | U);
        for level in 0..LEVELS {
            for (flag, left) in [(W, P | U), (U, P | W)] {
                let mut entries = all;
                entries[level] &= !flag;
                assert_eq!(rights(&walked(&entries)), left);
            }
            let mut entries = all;
            entries[level] |= NX;
            assert_eq!(rights(&walked(&entries)), P | W | U | NX);
        }
    }

    #[test]
    fn flags_have_words() {
        let words = |bits| FlagWords(PageTableFlags::from_bits_truncate(bits)).to_string();
        assert_eq!(words(0), "not present");
        assert_eq!(words(W), "not present");
        assert_eq!(words(P | U | PS | NX), "present, user, large, no-execute");
    }
}
