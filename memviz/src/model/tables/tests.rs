//! The table of entries compared with a map, full and not; positions and walks compared with
//! arithmetic.

use super::*;
use crate::model::walk::End;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Few positions and frames, so that they repeat.
fn positions() -> impl Strategy<Value = EntryPosition> {
    (0u32..3, 0u64..6, 0u8..=DEEPEST, any::<bool>()).prop_map(|(space, number, depth, is_upper)| {
        let half = if is_upper { 0xffff_8000_0000_0000 } else { 0 };
        let address = half + (number << (48 - 9 * u32::from(depth)) & 0x7fff_ffff_ffff);
        EntryPosition::on_way(space, VirtAddr::new(address), depth)
    })
}

fn entries() -> impl Strategy<Value = Entry> {
    (0u64..5, 0u8..64, any::<bool>()).prop_map(|(frame, access, is_table)| Entry {
        frame: PhysAddr::new(frame * 0x20_0000),
        access: Access::from_bits_truncate(access),
        is_table,
    })
}

fn all(tables: &Tables) -> BTreeMap<EntryPosition, Entry> {
    tables.all().collect()
}

proptest! {
    #[test]
    fn it_is_a_map(changes in vec((positions(), entries(), any::<bool>()), 0..crate::testing::steps(300))) {
        let mut slots = vec![Slot::default(); 256];
        let mut tables = Tables::new(&mut slots);
        let mut map = BTreeMap::new();
        for (position, entry, is_put) in changes {
            if is_put {
                prop_assert_eq!(tables.put(position, entry), map.insert(position, entry).is_none());
            } else {
                let agrees = tables.take(position, entry);
                prop_assert_eq!(agrees, map.remove(&position) == Some(entry));
            }
            prop_assert_eq!(tables.get(position), map.get(&position).copied());
            prop_assert_eq!(tables.len(), map.len());
        }
        prop_assert_eq!(all(&tables), map.clone());
        for frame in 0..5 {
            // In the middle of a large page, and at its beginning.
            for address in [frame * 0x20_0000, frame * 0x20_0000 + 0x3000] {
                let leads = |(position, entry): &(&EntryPosition, &Entry)| {
                    let size = position.page_size().filter(|_| !entry.is_table);
                    let bytes = size.map_or(4096, PageSize::bytes);
                    let has = entry.frame.as_u64() <= address && address < entry.frame.as_u64() + bytes;
                    // A page of 1 GiB in the middle of one is none.
                    has && (entry.is_table || size.is_some()) && entry.frame.is_aligned(bytes)
                };
                let expected: BTreeMap<_, _> = map.iter().filter(leads).map(|(&p, &e)| (p, e)).collect();
                let found: Vec<_> = tables.leading_to(PhysAddr::new(address)).collect();
                prop_assert_eq!(found.len(), expected.len());
                prop_assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), expected);
            }
        }
    }

    /// Entries that do not fit are counted, and reverting counts down.
    #[test]
    fn entries_without_a_slot_are_counted(positions in vec(positions(), 0..crate::testing::steps(40))) {
        let mut slots = [Slot::default(); 8];
        let mut tables = Tables::new(&mut slots);
        let positions: std::collections::BTreeSet<_> = positions.into_iter().collect();
        let entry = Entry::table(PhysAddr::new(0x1000), Access::WRITE);
        for &position in &positions {
            prop_assert!(tables.put(position, entry));
        }
        prop_assert_eq!(tables.len() + tables.missing() as usize, positions.len());
        prop_assert_eq!(tables.len(), positions.len().min(8));
        for &position in positions.iter().rev() {
            prop_assert!(tables.take(position, entry));
        }
        prop_assert_eq!((tables.len(), tables.missing()), (0, 0));
    }

    #[test]
    fn a_place_is_where_its_addresses_are(address in any::<u64>(), space in 1u32..9, depth in 0u8..=DEEPEST) {
        let address = VirtAddr::new_truncate(address);
        let position = EntryPosition::on_way(space, address, depth);
        let span = 1u128 << (48 - 9 * u32::from(depth));
        if depth > 0 {
            let base = u128::from(position.base().as_u64());
            prop_assert!((base..base + span).contains(&u128::from(address.as_u64())));
            prop_assert_eq!(u64::from(position.index()), address.as_u64() >> (48 - 9 * depth) & 511);
            prop_assert_eq!(position.space == 0, address.as_u64() >> 63 != 0);
        } else {
            prop_assert_eq!((position.base(), position.space), (VirtAddr::zero(), space));
        }
        prop_assert_eq!(position.page_size().map(|size| u128::from(size.bytes())), (depth > 1).then_some(span));
        if let Some(above) = depth.checked_sub(1) {
            prop_assert!(EntryPosition::on_way(position.space, position.base(), above) < position);
        }
    }
}

/// The access of the tables in each test.
const ALL: Access = Access::WRITE.union(Access::EXECUTE).union(Access::USER);
const ADDRESS: VirtAddr = VirtAddr::new(1 << 39 | 2 << 30 | 3 << 21 | 4 << 12 | 0x567);

fn with_way<R>(ways: &[Entry], work: impl FnOnce(&Tables) -> R) -> R {
    let mut slots = [Slot::default(); 8];
    let mut tables = Tables::new(&mut slots);
    for (depth, &entry) in (0..).zip(ways) {
        tables.put(EntryPosition::on_way(7, ADDRESS, depth), entry);
    }
    work(&tables)
}

#[test]
fn a_walk_goes_down_four_levels() {
    let table = |number: u64, access| Entry::table(PhysAddr::new(number * 4096), access);
    let global = Access::GLOBAL;
    let page = Entry::page(PhysAddr::new(0xabcd_e000), ALL | global);
    let way = [
        table(1, Access::empty()),
        table(2, ALL),
        table(3, ALL - Access::WRITE),
        table(4, ALL),
        page,
    ];
    with_way(&way, |tables| {
        let walk = tables.walk(7, ADDRESS);
        let steps = walk.steps().iter();
        let path: Vec<_> = steps
            .map(|step| (step.position.index(), step.table.as_u64() / 4096))
            .collect();
        assert_eq!(path, [(1, 1), (2, 2), (3, 3), (4, 4)]);
        let end = End::Mapped {
            physical: PhysAddr::new(0xabcd_e567),
            size: PageSize::Size4KiB,
            access: (ALL - Access::WRITE) | global,
        };
        assert_eq!(walk.end, end);
        assert_eq!(tables.walk(8, ADDRESS).end, End::NoRoot);
        let beside = tables.walk(7, ADDRESS + 4096u64);
        assert_eq!((beside.end, beside.steps().len()), (End::NotPresent, 4));
        let far = tables.walk(7, ADDRESS + (1u64 << 39));
        assert_eq!((far.end, far.steps().len()), (End::NotPresent, 1));
    });
}

#[test]
fn a_large_page_ends_a_walk_early() {
    let table = |number: u64| Entry::table(PhysAddr::new(number * 4096), ALL);
    let way = [
        table(1),
        table(2),
        table(3),
        Entry::page(PhysAddr::new(0x4060_0000), Access::USER),
    ];
    with_way(&way, |tables| {
        let walk = tables.walk(7, ADDRESS);
        let end = End::Mapped {
            physical: PhysAddr::new(0x4060_0000 + (4 << 12) + 0x567),
            size: PageSize::Size2MiB,
            access: Access::USER,
        };
        assert_eq!((walk.end, walk.steps().len()), (end, 3));
    });
}

#[test]
fn the_kernel_s_half_outlives_a_space() {
    let kernel_s = VirtAddr::new(0xffff_8000_0000_3000);
    let mut slots = [Slot::default(); 8];
    let mut tables = Tables::new(&mut slots);
    let physical = PhysAddr::new(0x4000_3000);
    tables.put(
        EntryPosition::on_way(0, kernel_s, 0),
        Entry::table(PhysAddr::new(4096), ALL),
    );
    tables.put(
        EntryPosition::on_way(0, kernel_s, 1),
        Entry::table(PhysAddr::new(8192), ALL),
    );
    tables.put(
        EntryPosition::on_way(0, kernel_s, 2),
        Entry::page(PhysAddr::new(0x4000_0000), ALL),
    );
    assert_eq!(tables.walk(7, kernel_s).end, End::NoRoot);
    let end = tables.end_of(7, kernel_s);
    assert!(matches!(end, End::Mapped { physical: found, .. } if found == physical));
    assert_eq!(tables.end_of(7, ADDRESS), End::NoRoot);
}

/// Positions that differ in depth only, all in one bucket.
#[test]
fn positions_of_different_depths_are_distinct() {
    let mut slots = [Slot::default(); 1];
    let mut tables = Tables::new(&mut slots);
    let (address, access) = (VirtAddr::zero(), Access::WRITE);
    assert!(tables.put(
        EntryPosition::on_way(0, address, 3),
        Entry::table(PhysAddr::new(0x1000), access)
    ));
    assert_eq!(tables.get(EntryPosition::on_way(0, address, 4)), None);
}

/// Pages of all sizes.
#[test]
fn the_page_of_an_address_is_found() {
    let mut slots = vec![Slot::default(); 64];
    let mut tables = Tables::new(&mut slots);
    for (number, depth) in [(1, 2), (2, 3), (3, 4)] {
        let address = VirtAddr::new(number << 30);
        let entry = Entry::page(PhysAddr::new(number << 30), Access::USER);
        tables.put(EntryPosition::on_way(5, address, depth), entry);
        let page = tables.page_of(5, address + 0x123_u64);
        assert_eq!(
            page,
            Some((EntryPosition::on_way(5, address, depth), entry))
        );
        assert_eq!(tables.page_of(6, address), None);
    }
}
