//! Any firmware map: refused for a reason, or each page near an edge is what the firmware says.
#![no_main]

use arbitrary::Arbitrary;
use fuzz::Number;
use libfuzzer_sys::fuzz_target;
use mm::memory_map::{
    FRAME_BYTES, FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap, MemoryMapError,
    PHYSICAL_LIMIT,
};
use x86_64::PhysAddr;

#[derive(Debug, Arbitrary)]
struct Entry {
    start: Number,
    bytes: Number,
    kind: u8,
}

impl Entry {
    fn get(&self) -> FirmwareEntry {
        FirmwareEntry {
            start: self.start.get(),
            bytes: self.bytes.get(),
            kind: MemoryKind::ALL[usize::from(self.kind) % MemoryKind::ALL.len()],
        }
    }
}

/// The kind of a page, from the rule alone: a usable entry counts for the pages that it covers,
/// any other for the pages that it touches, and the most restrictive kind wins.
fn kind_of(page: u64, entries: &[FirmwareEntry]) -> Option<MemoryKind> {
    let (start, end) = (u128::from(page), u128::from(page + FRAME_BYTES));
    let counts = |entry: &&FirmwareEntry| {
        let first = u128::from(entry.start);
        let past = first + u128::from(entry.bytes);
        match entry.kind {
            MemoryKind::Usable => {
                first <= start && end <= past && past <= u128::from(PHYSICAL_LIMIT)
            }
            _ => first < end && start < past && entry.bytes > 0,
        }
    };
    entries.iter().filter(counts).map(|entry| entry.kind).max()
}

/// The pages around the ends of all entries.
fn pages(entries: &[FirmwareEntry]) -> impl Iterator<Item = u64> {
    let ends = entries
        .iter()
        .flat_map(|entry| [entry.start, entry.start.saturating_add(entry.bytes)]);
    ends.flat_map(|end| {
        [
            end.saturating_sub(FRAME_BYTES),
            end,
            end.saturating_add(FRAME_BYTES),
        ]
    })
    .map(|address| address & !(FRAME_BYTES - 1))
    .filter(|page| *page < PHYSICAL_LIMIT)
}

fuzz_target!(|entries: Vec<Entry>| {
    let entries: Vec<FirmwareEntry> = entries.iter().take(64).map(Entry::get).collect();
    let mut table = vec![FirmwareRegion::EMPTY; 2 * entries.len()];
    let map = match MemoryMap::build(&entries, &mut table) {
        Ok(map) => map,
        Err(MemoryMapError::Empty) => return assert!(entries.is_empty()),
        Err(error) => {
            assert_eq!(error, MemoryMapError::NothingUsable);
            let is_usable = |page| kind_of(page, &entries) == Some(MemoryKind::Usable);
            return assert!(!pages(&entries).any(is_usable));
        }
    };
    for page in pages(&entries) {
        let region = map.region_at(PhysAddr::new(page));
        assert_eq!(
            region.map(|region| region.kind),
            kind_of(page, &entries),
            "{page:#x}"
        );
    }
    for pair in map.regions().windows(2) {
        let (end, start) = (pair[0].end(), pair[1].start.as_u64());
        assert!(end < start || end == start && pair[0].kind != pair[1].kind);
    }
    let usable: u64 = map.usable().map(FirmwareRegion::frames).sum();
    assert_eq!(map.usable_bytes(), usable * FRAME_BYTES);
    assert!(0 < usable && usable <= map.frames() as u64);
});
