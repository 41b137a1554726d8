//! Memory initialization, step by step.
//!
//! ```text
//! firmware's regions ─► memory map ─► frame allocator ─► own page tables ─► CR3 ─► confirm
//!                                                                            │
//!                                         heap ◄── stacks with guard pages ◄─┘
//! ```

use super::boot_ranges::{check_direct_map, confirm, ram, ranges};
use super::error::InitError;
use super::heap::{corruption, dma, guarded, kernel_heap};
use super::paging::kernel_space::{self, PagingError, Space, whole_pages};
use super::paging::{areas, demand, guard_pages, heat_sampler, stacks};
use super::physical::frames::{self, FRAME};
use super::physical::{tags, watermarks};
use super::{map, swap, trace};
use crate::boot::enhancements::Enhancements;
use crate::boot::options::{Fatal, Options, SwapDevice};
use crate::boot::{self, BootInfo};
use crate::machine::cpu::{self, Features};
use crate::machine::segments::{self, FaultStack};
use mm::heap::CHUNK_BYTES;
use mm::memory_map::MemoryMap;
use mm::units::Bytes;
use x86_64::PhysAddr;

/// Initializes memory: frames, the kernel's own tables, stacks, heap.
///
/// # Errors
/// See [`InitError`].
pub fn init(
    boot: &BootInfo,
    screen: Option<boot::Framebuffer>,
    options: &Options<'_>,
) -> Result<(), InitError> {
    switch(options);
    frames::set_direct_map(boot.direct_map);
    let map = map::read(boot, screen, options)?;
    let metadata = choose_metadata(map, boot)?;
    // SAFETY: `choose_metadata` chose usable memory that is mapped and has room.
    unsafe { frames::init(map, metadata) }?;
    log_metadata(map);
    if options.fatal == Some(Fatal::OutOfMemory) {
        frames::exhaust();
    }

    cpu::protect();
    check_direct_map(boot)?;
    let space = build_tables(boot, screen)?;
    // SAFETY: the ranges hold the kernel image, the boot stack and the direct map.
    unsafe { kernel_space::activate(space) }?;
    let pages = confirm(ranges(boot, screen))?;
    let memory_end = ram().map(|(_, end)| end).max().unwrap_or(0);
    areas::open(memory_end, screen);
    log::info!(
        "own page tables active: {} ranges, {pages} pages, all confirmed",
        ranges(boot, screen).count()
    );

    for stack in FaultStack::ALL {
        segments::use_stack(
            stack,
            stacks::allocate(stacks::FAULT_STACK, stacks::Owner::Fault(stack))?.end(),
        );
    }
    kernel_heap::init(map)?;
    guarded::init();
    dma::init();
    demand::open();
    if options.enhancements.contains(Enhancements::USE_COUNTERS) {
        heat_sampler::init(map)?;
    }
    swap::switch(options.swap != SwapDevice::Off);
    if options.swap == SwapDevice::Disk {
        swap::use_disk();
    }
    if swap::is_on() {
        watermarks::set_low(reserve(map));
    }
    Ok(())
}

/// Builds the kernel's own tables. Large machines without pages of 1 GiB have more pages than the
/// ring of events has room.
fn build_tables(boot: &BootInfo, screen: Option<boot::Framebuffer>) -> Result<Space, InitError> {
    let has_huge_pages = cpu::has(Features::HUGE_PAGES);
    let mut space = Space::new(has_huge_pages)?;
    let mut map_all = || -> Result<(), PagingError> {
        for range in ranges(boot, screen) {
            space.map_range(range.page, range.frame, range.bytes, range.access)?;
        }
        Ok(())
    };
    let largest: u64 = if has_huge_pages { 1 << 30 } else { 1 << 21 };
    let pages: u64 = ranges(boot, screen)
        .map(|range| range.bytes / largest)
        .sum();
    if pages > trace::CAPACITY as u64 / 2 {
        log::info!("no events of the {pages} largest pages of the direct map: they are too many");
        trace::omit(map_all)?;
    } else {
        map_all()?;
    }
    Ok(space)
}

/// Returns the frames that processes do not get: for the tables of swap, for a chunk of the heap,
/// and for page tables.
fn reserve(map: &MemoryMap<'_>) -> u64 {
    const PAGE_TABLES: u64 = 64;
    let total = frames::lock().statistics().total;
    let tables = (swap::table_bytes(map.frames()) as u64).div_ceil(FRAME);
    let heap = kernel_heap::lock().statistics();
    let chunk = match heap.committed_bytes < heap.maximum_bytes {
        true => CHUNK_BYTES / FRAME,
        false => 0,
    };
    (PAGE_TABLES + tables + chunk).min(total / 8)
}

/// Applies the switches of the command line.
fn switch(options: &Options<'_>) {
    let on = |enhancement| options.enhancements.contains(enhancement);
    trace::switch(options.trace);
    tags::switch(on(Enhancements::TAGS));
    guard_pages::switch(on(Enhancements::GUARD_PAGES));
    corruption::switch(on(Enhancements::CORRUPTION_DETECTION));
    log::info!("enhancements: {}", options.enhancements);
}

/// Chooses the address of the frame allocator's metadata, and maps it: the highest usable one, so
/// that low memory stays free for devices.
fn choose_metadata(map: &MemoryMap<'_>, boot: &BootInfo) -> Result<PhysAddr, InitError> {
    let bytes = whole_pages(frames::metadata_bytes(map.frames()));
    // Below the end of the boot mapping, if it fits: then large machines need no more tables.
    let highest = |limit: u64| {
        let starts = map.usable().filter_map(|region| {
            let start = region.end().min(limit).checked_sub(bytes)?;
            (start >= region.start.as_u64().max(FRAME)).then_some(start)
        });
        starts.last()
    };
    let start = highest(boot.reachable.as_u64())
        .or_else(|| highest(u64::MAX))
        .ok_or(InitError::NoRoom {
            frames: map.frames(),
            bytes,
        })?;
    // SAFETY: the kernel's own tables are built later, and nothing else runs now.
    match unsafe { boot.reach(start, start + bytes) } {
        true => Ok(PhysAddr::new(start)),
        false => Err(InitError::OutOfReach {
            bytes,
            reachable: boot.reachable,
        }),
    }
}

/// Logs how many frames there are, and the size of the metadata.
fn log_metadata(map: &MemoryMap<'_>) {
    let statistics = frames::lock().statistics();
    let usable = map.usable_bytes();
    let parts = statistics.metadata_bytes * 10_000 / usable;
    log::info!(
        "{} frames of 4 KiB, {} free; metadata {} ({}.{:02} % of usable memory)",
        statistics.total,
        statistics.free,
        Bytes(statistics.metadata_bytes),
        parts / 100,
        parts % 100
    );
}
