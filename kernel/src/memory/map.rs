//! The memory map: the firmware's entries, sorted, checked and stored.

use super::described_map;
use super::error::InitError;
use crate::boot::options::{BadMap, Options};
use crate::boot::{self, BootInfo, FirmwareEntries, Way};
use crate::lock::{Mutex, MutexGuard};
use mm::memory_map::{FRAME_BYTES, FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
use mm::units::Bytes;
use spin::Once;

/// The least usable memory: the kernel, its tables and a picture must fit.
pub const MINIMUM_USABLE: u64 = 12 << 20;
/// The maximum number of regions after sorting.
const REGIONS: usize = 2 * boot::FIRMWARE_ENTRIES;
/// The storage of the regions, which are too many for a stack.
static REGION_TABLE: Mutex<[FirmwareRegion; REGIONS]> =
    Mutex::new([FirmwareRegion::EMPTY; REGIONS]);
static MAP: Once<MemoryMap<'static>> = Once::new();

/// Returns the regions of physical memory, in ascending order.
pub fn firmware_map() -> &'static [FirmwareRegion] {
    MAP.get().map_or(&[], |map| map.regions())
}

/// Returns how many bytes the frame allocator may use.
pub fn usable_bytes() -> u64 {
    MAP.get().map_or(0, |map| map.usable_bytes())
}

/// Builds the map from the firmware's entries, stores it, and logs it.
pub fn read(
    boot: &BootInfo,
    screen: Option<boot::Framebuffer>,
    options: &Options<'_>,
) -> Result<&'static MemoryMap<'static>, InitError> {
    let mut raw = match options.described_map {
        true => described_map::read(boot.regions)?,
        false => boot.regions.clone(),
    };
    if let Some(bad) = options.bad_map {
        corrupt_for_test(&mut raw, bad);
    }
    if let Some(screen) = screen {
        let bytes = u64::from(screen.pitch) * u64::from(screen.height);
        let start = screen.start.as_u64();
        raw.add(FirmwareEntry {
            start,
            bytes,
            kind: MemoryKind::Framebuffer,
        });
    }
    if raw.dropped() > 0 {
        return Err(InitError::TooManyEntries {
            entries: raw.added(),
            dropped: raw.dropped(),
        });
    }
    let table = REGION_TABLE.try_lock().expect("memory is initialized once");
    let table = MutexGuard::leak(table);
    let map = MemoryMap::build(raw.entries(), table)?;
    let map = MAP.call_once(|| map);

    log_map(map, &raw, boot.way);
    if map.usable_bytes() < MINIMUM_USABLE {
        return Err(InitError::TooLittle {
            usable: map.usable_bytes(),
            minimum: MINIMUM_USABLE,
        });
    }
    Ok(map)
}

/// Logs the regions, and the firmware's entries that are not in them.
fn log_map(map: &MemoryMap<'_>, raw: &FirmwareEntries, way: Way) {
    log::info!(
        "memory map: {} regions from {} entries of the {}",
        map.regions().len(),
        raw.added(),
        way
    );
    for region in map.regions() {
        log::info!(
            "  {:#014x} - {:#014x}  {:>10}  {}",
            region.start.as_u64(),
            region.end(),
            Bytes(region.bytes),
            region.kind.words()
        );
    }
    if map.ignored() > 0 {
        log::warn!("{} entries without a whole page ignored", map.ignored());
    }
    if raw.unused_bytes() > 0 {
        log::warn!(
            "{} of usable memory stay unused: the map has room for {} entries",
            Bytes(raw.unused_bytes()),
            boot::FIRMWARE_ENTRIES
        );
    }
}

/// Replaces the entries by invalid ones.
fn corrupt_for_test(raw: &mut FirmwareEntries, bad: BadMap) {
    const BEYOND: u64 = 1 << 52;
    match bad {
        BadMap::Empty => raw.clear(),
        BadMap::Overlapping => {
            let entries = raw.clone();
            for &entry in entries.entries() {
                raw.add(FirmwareEntry {
                    kind: MemoryKind::Reserved,
                    ..entry
                });
            }
        }
        BadMap::Absurd => {
            raw.clear();
            for (start, bytes) in [(u64::MAX - 5, 10), (BEYOND - (1 << 40), 1 << 40), (7, 0)] {
                raw.add(FirmwareEntry {
                    start,
                    bytes,
                    kind: MemoryKind::Usable,
                });
            }
        }
        BadMap::Many => scatter(raw, boot::FIRMWARE_ENTRIES * 2 / 3),
        BadMap::TooMany => scatter(raw, boot::FIRMWARE_ENTRIES * 10),
    }
}

/// Adds entries that each reserve one page: every other page, from the middle of the largest usable
/// entry on. Entries of the kernel's own memory come last, as if the firmware had listed them last.
fn scatter(raw: &mut FirmwareEntries, count: usize) {
    let entries = raw.clone();
    let is_usable = |entry: &&FirmwareEntry| entry.kind == MemoryKind::Usable;
    let usable = || entries.entries().iter().filter(is_usable);
    let Some(largest) = usable().max_by_key(|entry| entry.bytes) else {
        return;
    };
    raw.clear();
    let middle = (largest.start + largest.bytes / 2).next_multiple_of(FRAME_BYTES);
    for number in 0..count as u64 {
        raw.add(FirmwareEntry {
            start: middle + number * 2 * FRAME_BYTES,
            bytes: FRAME_BYTES,
            kind: MemoryKind::Reserved,
        });
    }
    usable().for_each(|&entry| raw.add(entry));
    let others = entries.entries().iter().filter(|entry| !is_usable(entry));
    others.for_each(|&entry| raw.add(entry));
}
