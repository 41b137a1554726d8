//! Regions against a painting, page by page.

use super::*;
use MemoryKind::*;
use proptest::prelude::*;

fn raw(start: u64, bytes: u64, kind: MemoryKind) -> FirmwareEntry {
    FirmwareEntry { start, bytes, kind }
}

fn build(raw: &[FirmwareEntry]) -> Result<Vec<(u64, u64, MemoryKind)>, MemoryMapError> {
    let mut out = vec![FirmwareRegion::EMPTY; 2 * raw.len()];
    let map = MemoryMap::build(raw, &mut out)?;
    let triples = map.regions().iter();
    Ok(triples
        .map(|region| (region.start.as_u64(), region.end(), region.kind))
        .collect())
}

#[test]
fn an_unordered_unaligned_map_becomes_whole_pages() {
    let table = build(&[
        raw(0x10_0000, 0x10_0000, Usable),
        raw(0x12_3456, 1, Reserved),
        raw(0, 0x9_fc00, Usable),
        raw(0x9_fc00, 0x400, Reserved),
        raw(0x13_0800, 0, Bad),
    ]);
    assert_eq!(
        table,
        Ok(vec![
            (0, 0x9_f000, Usable),
            (0x9_f000, 0xa_0000, Reserved),
            (0x10_0000, 0x12_3000, Usable),
            (0x12_3000, 0x12_4000, Reserved),
            (0x12_4000, 0x20_0000, Usable),
        ])
    );
}

#[test]
fn the_end_of_the_address_space_is_the_end() {
    let table = build(&[
        raw(0x1000, 0x1000, Usable),
        raw(PHYSICAL_LIMIT - 1, u64::MAX, Reserved),
        raw(0x10_0000, u64::MAX, Usable),
        raw(PHYSICAL_LIMIT, 0x1000, Bad),
    ]);
    let last = (PHYSICAL_LIMIT - 0x1000, PHYSICAL_LIMIT, Reserved);
    assert_eq!(table, Ok(vec![(0x1000, 0x2000, Usable), last]));
}

#[test]
fn frames_end_with_the_last_usable_one_and_unknown_entries_are_counted() {
    let regions = [
        raw(0x1000, 0x3000, Usable),
        raw(0x10_0000, 0x1000, Reserved),
        raw(0x6800, 0x1000, Usable),
        raw(0x8000, 0, Bad),
        raw(PHYSICAL_LIMIT, 0x1000, Reserved),
    ];
    let mut out = [FirmwareRegion::EMPTY; 8];
    let map = MemoryMap::build(&regions, &mut out).unwrap();
    assert_eq!((map.frames(), map.ignored()), (4, 3));
    // The last page there can be is one.
    let last = [raw(PHYSICAL_LIMIT - 0x1000, 0x1000, Usable)];
    let map = MemoryMap::build(&last, &mut out).unwrap();
    assert_eq!(map.usable_bytes(), 0x1000);
}

#[test]
fn absurd_maps_are_refused() {
    assert_eq!(build(&[]), Err(MemoryMapError::Empty));
    let nothing_whole = [raw(0x10, 0x1000, Usable), raw(0, 0x8000, Bad)];
    assert_eq!(build(&nothing_whole), Err(MemoryMapError::NothingUsable));
    let three = [0, 0x2000, 0x4000].map(|start| raw(start, 0x1000, Usable));
    let refused = MemoryMap::build(&three, &mut [FirmwareRegion::EMPTY; 2]).unwrap_err();
    assert_eq!(
        refused,
        MemoryMapError::TooManyRegions {
            needed: 3,
            capacity: 2
        }
    );
}

const PAGES: u64 = 40;

fn any_raw() -> impl Strategy<Value = FirmwareEntry> {
    let start = 0..PAGES * FRAME_BYTES;
    let bytes = prop_oneof![
        8 => 0..12 * FRAME_BYTES,
        1 => Just(FRAME_BYTES),
        1 => u64::MAX - 40 * FRAME_BYTES..=u64::MAX,
    ];
    (
        start,
        bytes,
        prop::sample::select(MemoryKind::ALL),
        any::<bool>(),
    )
        .prop_map(|(start, bytes, kind, aligned)| {
            let mask = if aligned {
                !(FRAME_BYTES - 1)
            } else {
                u64::MAX
            };
            raw(start & mask, bytes & mask, kind)
        })
}

/// Returns the kind of one page, from the words of the rule alone.
fn painted(page: u64, raw: &[FirmwareEntry]) -> Option<MemoryKind> {
    let (start, end) = (
        u128::from(page * FRAME_BYTES),
        u128::from((page + 1) * FRAME_BYTES),
    );
    let mut kind = None;
    for region in raw.iter().filter(|region| region.bytes > 0) {
        let first = u128::from(region.start);
        let behind = first + u128::from(region.bytes);
        let counts = match region.kind {
            Usable => first <= start && end <= behind && behind <= u128::from(PHYSICAL_LIMIT),
            _ => first < end && start < behind,
        };
        if counts {
            kind = kind.max(Some(region.kind));
        }
    }
    kind
}

proptest! {
    #![proptest_config(crate::testing::cases(256))]

    #[test]
    fn equals_painting_page_by_page(raw in prop::collection::vec(any_raw(), 1..12)) {
        let mut out = vec![FirmwareRegion::EMPTY; 2 * raw.len()];
        let built = MemoryMap::build(&raw, &mut out);
        let pages = 0..2 * PAGES;
        let usable = pages.clone().filter(|&page| painted(page, &raw) == Some(Usable)).count() as u64;
        let Ok(map) = built else {
            prop_assert_eq!(built.unwrap_err(), MemoryMapError::NothingUsable);
            prop_assert_eq!(usable, 0);
            return Ok(());
        };
        for page in pages {
            let address = PhysAddr::new(page * FRAME_BYTES);
            let kind = map.region_at(address).map(|region| region.kind);
            prop_assert_eq!(kind, painted(page, &raw), "page {}", page);
        }
        prop_assert_eq!(map.usable_bytes(), usable * FRAME_BYTES);
        for pair in map.regions().windows(2) {
            let touch = pair[0].end() == pair[1].start.as_u64();
            prop_assert!(pair[0].end() <= pair[1].start.as_u64());
            prop_assert!(!touch || pair[0].kind != pair[1].kind);
        }
    }
}
