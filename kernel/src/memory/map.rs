//! The memory map: what the firmware reports, in order, checked, and kept.

use super::error::InitError;
use crate::boot::options::BadMap;
use crate::boot::{self, BootInfo, FirmwareEntries};
use crate::units::Bytes;
use mm::memory_map::{FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
use spin::{Mutex, MutexGuard, Once};

/// Less usable memory than this is refused: the kernel itself, its tables and a picture must fit.
pub const MINIMUM_USABLE: u64 = 16 << 20;
/// Room for the ordered regions.
const REGIONS: usize = 2 * boot::FIRMWARE_ENTRIES;
/// Where the ordered regions stand: too many for a stack.
static REGION_TABLE: Mutex<[FirmwareRegion; REGIONS]> =
    Mutex::new([FirmwareRegion::EMPTY; REGIONS]);
static MAP: Once<MemoryMap<'static>> = Once::new();

/// The regions of physical memory, in order.
pub fn firmware_map() -> &'static [FirmwareRegion] {
    MAP.get().map_or(&[], |map| map.regions())
}

/// How much of it the frame allocator may use, in bytes.
pub fn usable_bytes() -> u64 {
    MAP.get().map_or(0, |map| map.usable_bytes())
}

/// Puts the firmware's regions in order, keeps them, and shows them.
pub fn read(
    boot: &BootInfo,
    screen: Option<boot::Framebuffer>,
    bad: Option<BadMap>,
) -> Result<&'static MemoryMap<'static>, InitError> {
    let mut raw = boot.regions.clone();
    if let Some(screen) = screen {
        let bytes = u64::from(screen.pitch) * u64::from(screen.height);
        let start = screen.start.as_u64();
        // If it does not fit, the map is full of regions, and it only misses a line.
        let _ = raw.push(FirmwareEntry {
            start,
            bytes,
            kind: MemoryKind::Framebuffer,
        });
    }
    if let Some(bad) = bad {
        spoil(&mut raw, bad);
    }
    let table = REGION_TABLE.try_lock().expect("memory comes up once");
    let table = MutexGuard::leak(table);
    let map = MemoryMap::build(&raw, table)?;
    let map = MAP.call_once(|| map);

    log::info!(
        "memory map: {} regions from {} of the {}",
        map.regions().len(),
        raw.len(),
        boot.way
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
    if map.ignored() > 0 || boot.regions_dropped > 0 {
        log::warn!(
            "{} regions without a whole page ignored, {} beyond the {}th dropped",
            map.ignored(),
            boot.regions_dropped,
            boot::FIRMWARE_ENTRIES
        );
    }
    if map.usable_bytes() < MINIMUM_USABLE {
        return Err(InitError::TooLittle {
            usable: map.usable_bytes(),
            minimum: MINIMUM_USABLE,
        });
    }
    Ok(map)
}

/// Makes the map one that no firmware should hand over.
fn spoil(raw: &mut FirmwareEntries, bad: BadMap) {
    const BEYOND: u64 = 1 << 52;
    match bad {
        BadMap::Empty => raw.clear(),
        BadMap::Overlapping => {
            for at in 0..raw.len() {
                // What does not fit does not overlap either.
                let _ = raw.push(FirmwareEntry {
                    kind: MemoryKind::Reserved,
                    ..raw[at]
                });
            }
        }
        BadMap::Absurd => {
            raw.clear();
            for (start, bytes) in [(u64::MAX - 5, 10), (BEYOND - (1 << 40), 1 << 40), (7, 0)] {
                let _ = raw.push(FirmwareEntry {
                    start,
                    bytes,
                    kind: MemoryKind::Usable,
                });
            }
        }
    }
}
