//! Memory comes up.
//!
//! ```text
//! firmware's regions ─► memory map ─► frame allocator ─► own page tables ─► CR3 ─► confirm
//!                                                                            │
//!                                         heap ◄── stacks with guard pages ◄─┘
//! ```

pub mod areas;
pub mod balance;
pub mod corruption;
pub mod demand;
pub mod dma;
mod error;
pub mod faults;
pub mod frames;
pub mod guard_pages;
pub mod guarded;
pub mod heap;
pub mod heap_race;
pub mod heat;
pub mod kmalloc;
pub mod layout;
pub mod leaks;
pub mod paging;
pub mod probe;
mod rust_heap;
pub mod sites;
pub mod size;
pub mod space;
pub mod stacks;
pub mod tags;
pub mod trace;
pub mod translation;
pub mod walk;
pub mod windows;

pub use error::InitError;

use crate::boot::enhancements::Enhancements;
use crate::boot::options::{BadMap, Fatal, Options};
use crate::boot::{self, BootInfo, RawRegions};
use crate::machine::cpu::{self, Features};
use crate::machine::segments::{self, FaultStack};
use frames::FRAME;
use heapless::Vec;
use mm::memory_map::{MemoryMap, RawRegion, Region, RegionKind};
use mm::paging::Access;
use paging::{Space, whole_pages};
use size::Bytes;
use spin::{Mutex, MutexGuard, Once};
use x86_64::{PhysAddr, VirtAddr};

/// Less usable memory than this is refused: the kernel itself, its tables and a picture must fit.
pub const MINIMUM_USABLE: u64 = 16 << 20;
/// Room for the ordered regions.
const REGIONS: usize = 2 * boot::RAW_REGIONS;
/// Room for the ranges that are mapped at boot.
const RANGES: usize = 256;

/// Where the ordered regions stand: too many for a stack.
static REGION_TABLE: Mutex<[Region; REGIONS]> = Mutex::new([Region::EMPTY; REGIONS]);
static MAP: Once<MemoryMap<'static>> = Once::new();

/// The regions of physical memory, in order.
pub fn regions() -> &'static [Region] {
    MAP.get().map_or(&[], |map| map.regions())
}

/// How much of it the frame allocator may use, in bytes.
pub fn usable_bytes() -> u64 {
    MAP.get().map_or(0, |map| map.usable_bytes())
}

/// Brings memory up, up to the kernel's own tables, heap and fault stacks.
///
/// # Errors
/// See [`InitError`]; the machine is as it was then, and nothing was handed out.
pub fn init(
    boot: &BootInfo,
    screen: Option<boot::Framebuffer>,
    options: &Options<'_>,
) -> Result<(), InitError> {
    switch(options);
    frames::set_direct_map(boot.direct_map);
    let map = read_memory_map(boot, screen, options.bad_map)?;
    let metadata = place_metadata(map, boot.reachable)?;
    // SAFETY: `place_metadata` chose usable memory that is mapped and has room.
    unsafe { frames::init(map, metadata) }?;
    log_metadata(map);
    if options.fatal == Some(Fatal::OutOfMemory) {
        frames::exhaust();
    }

    cpu::protect();
    let ranges = ranges(boot, screen)?;
    let mut space = Space::new(cpu::has(Features::HUGE_PAGES))?;
    for range in &ranges {
        space.map_range(range.page, range.frame, range.bytes, range.access)?;
    }
    // SAFETY: the ranges hold the kernel image and all memory that anything here stands in.
    unsafe { paging::activate(space) }?;
    let pages = confirm(&ranges)?;
    let memory_end = ram().map(|(_, end)| end).max().unwrap_or(0);
    areas::open(memory_end, screen);
    log::info!(
        "own page tables active: {} ranges, {pages} pages, all confirmed",
        ranges.len()
    );

    for stack in FaultStack::ALL {
        segments::use_stack(
            stack,
            stacks::allocate(stacks::FAULT_STACK, stacks::Owner::Fault(stack))?.end(),
        );
    }
    heap::init(map)?;
    guarded::init();
    dma::init();
    demand::open();
    if options.enhancements.contains(Enhancements::USE_COUNTERS) {
        heat::init(map)?;
    }
    Ok(())
}

/// Switches on what the command line leaves on.
fn switch(options: &Options<'_>) {
    let on = |enhancement| options.enhancements.contains(enhancement);
    trace::switch(options.trace);
    tags::switch(on(Enhancements::TAGS));
    faults::switch_log(on(Enhancements::FAULT_LOG));
    guard_pages::switch(on(Enhancements::GUARD_PAGES));
    corruption::switch(on(Enhancements::CORRUPTION_DETECTION));
    log::info!("enhancements: {}", options.enhancements);
}

/// Puts the firmware's regions in order, keeps them, and shows them.
fn read_memory_map(
    boot: &BootInfo,
    screen: Option<boot::Framebuffer>,
    bad: Option<BadMap>,
) -> Result<&'static MemoryMap<'static>, InitError> {
    let mut raw = boot.regions.clone();
    if let Some(screen) = screen {
        let bytes = u64::from(screen.pitch) * u64::from(screen.height);
        let start = screen.start.as_u64();
        // If it does not fit, the map is full of regions, and it only misses a line.
        let _ = raw.push(RawRegion {
            start,
            bytes,
            kind: RegionKind::Framebuffer,
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
            boot::RAW_REGIONS
        );
    }
    if map.usable_bytes() < MINIMUM_USABLE {
        return Err(InitError::TooLittle {
            usable: map.usable_bytes(),
        });
    }
    Ok(map)
}

/// Makes the map one that no firmware should hand over.
fn spoil(raw: &mut RawRegions, bad: BadMap) {
    const BEYOND: u64 = 1 << 52;
    match bad {
        BadMap::Empty => raw.clear(),
        BadMap::Overlapping => {
            for at in 0..raw.len() {
                // What does not fit does not overlap either.
                let _ = raw.push(RawRegion {
                    kind: RegionKind::Reserved,
                    ..raw[at]
                });
            }
        }
        BadMap::Absurd => {
            raw.clear();
            for (start, bytes) in [(u64::MAX - 5, 10), (BEYOND - (1 << 40), 1 << 40), (7, 0)] {
                let _ = raw.push(RawRegion {
                    start,
                    bytes,
                    kind: RegionKind::Usable,
                });
            }
        }
    }
}

/// A usable place for the frame allocator's metadata: as high as can be reached, because low memory
/// is what devices may need.
fn place_metadata(map: &MemoryMap<'_>, reachable: PhysAddr) -> Result<PhysAddr, InitError> {
    let bytes = whole_pages(frames::metadata_bytes(map.frames()));
    map.usable()
        .filter_map(|region| {
            let end = region.end().min(reachable.as_u64());
            let start = end.checked_sub(bytes)?;
            (start >= region.start.as_u64().max(FRAME)).then(|| PhysAddr::new(start))
        })
        .last()
        .ok_or(InitError::NoRoom {
            frames: map.frames(),
            bytes,
        })
}

fn log_metadata(map: &MemoryMap<'_>) {
    let statistics = frames::lock().statistics();
    let usable = map.usable_bytes();
    let parts = statistics.metadata_bytes * 10_000 / usable;
    log::info!(
        "{} frames of 4 KB, {} free; metadata {} ({}.{:02} % of usable memory)",
        statistics.total,
        statistics.free,
        Bytes(statistics.metadata_bytes),
        parts / 100,
        parts % 100
    );
}

/// A range that is mapped at boot.
#[derive(Clone, Copy, Debug)]
struct Range {
    page: VirtAddr,
    frame: PhysAddr,
    bytes: u64,
    access: Access,
}

type Ranges = Vec<Range, RANGES>;

/// Everything that the kernel's tables map at boot.
fn ranges(boot: &BootInfo, screen: Option<boot::Framebuffer>) -> Result<Ranges, InitError> {
    let mut ranges = Ranges::new();
    let mut add = |page, frame, bytes, access| {
        let range = Range {
            page,
            frame,
            bytes,
            access: access | Access::GLOBAL,
        };
        ranges.push(range).map_err(|_| InitError::TooManyRanges)
    };

    let image = layout::image_start();
    let sections = [
        (layout::text(), Access::EXECUTE),
        (layout::read_only_data(), Access::empty()),
        (layout::data(), Access::WRITE),
    ];
    for (section, access) in sections {
        let frame = boot.kernel_start + (section.start - image);
        add(
            VirtAddr::new(section.start),
            frame,
            section.end - section.start,
            access,
        )?;
    }

    // The image itself is not in the direct map: its code has no second, writable address.
    let image = boot.kernel_start.as_u64()..boot.kernel_start.as_u64() + layout::image_bytes();
    for (start, end) in ram() {
        for (start, end) in [(start, end.min(image.start)), (start.max(image.end), end)] {
            if start < end {
                let page = boot.direct_map + start;
                add(page, PhysAddr::new(start), end - start, Access::WRITE)?;
                if page + (end - start) > layout::HEAP_GUARD {
                    return Err(InitError::DirectMap(boot.direct_map));
                }
            }
        }
    }

    if let Some(screen) = screen {
        let bytes = whole_pages(u64::from(screen.pitch) * u64::from(screen.height));
        let access = Access::WRITE | Access::WRITE_COMBINING;
        add(layout::FRAMEBUFFER, screen.start, bytes, access)?;
    }
    Ok(ranges)
}

/// Everything that behaves like memory, adjacent regions joined.
fn ram() -> impl Iterator<Item = (u64, u64)> {
    let is_ram = |region: &&Region| {
        !matches!(
            region.kind,
            RegionKind::Framebuffer | RegionKind::Reserved | RegionKind::Bad
        )
    };
    let mut rest = regions().iter().filter(is_ram).peekable();
    core::iter::from_fn(move || {
        let first = rest.next()?;
        let mut end = first.end();
        while let Some(next) = rest.next_if(|next| next.start.as_u64() == end) {
            end = next.end();
        }
        Some((first.start.as_u64(), end))
    })
}

/// Looks every page up in the active tables: how many there are.
fn confirm(ranges: &Ranges) -> Result<usize, InitError> {
    let mut pages = 0;
    for range in ranges {
        let mut offset = 0;
        while offset < range.bytes {
            let page = range.page + offset;
            match paging::lock().lookup(page) {
                Some(found)
                    if found.physical == range.frame + offset
                        && found.access == translation::enforceable(range.access) =>
                {
                    offset += found.size.bytes();
                    pages += 1;
                }
                _ => return Err(InitError::Unconfirmed(page)),
            }
        }
    }
    if paging::is_mapped(VirtAddr::zero()) {
        return Err(InitError::Unconfirmed(VirtAddr::zero()));
    }
    Ok(pages)
}
