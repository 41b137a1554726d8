//! Memory comes up.
//!
//! ```text
//! firmware's regions ─► memory map ─► frame allocator ─► own page tables ─► CR3 ─► confirm
//!                                                                            │
//!                                         heap ◄── stacks with guard pages ◄─┘
//! ```

use super::boot_ranges::{check_direct_map, confirm, ram, ranges};
use super::error::InitError;
use super::heap::{corruption, dma, guarded, kernel_heap};
use super::paging::kernel_space::{self, Space, whole_pages};
use super::paging::{areas, demand, guard_pages, heat_sampler, stacks};
use super::physical::frames::{self, FRAME};
use super::physical::tags;
use super::{map, trace};
use crate::boot::enhancements::Enhancements;
use crate::boot::options::{Fatal, Options};
use crate::boot::{self, BootInfo};
use crate::machine::cpu::{self, Features};
use crate::machine::segments::{self, FaultStack};
use crate::units::Bytes;
use mm::memory_map::MemoryMap;
use x86_64::PhysAddr;

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
    let map = map::read(boot, screen, options.bad_map)?;
    let metadata = place_metadata(map, boot.reachable)?;
    // SAFETY: `place_metadata` chose usable memory that is mapped and has room.
    unsafe { frames::init(map, metadata) }?;
    log_metadata(map);
    if options.fatal == Some(Fatal::OutOfMemory) {
        frames::exhaust();
    }

    cpu::protect();
    check_direct_map(boot)?;
    let mut space = Space::new(cpu::has(Features::HUGE_PAGES))?;
    for range in ranges(boot, screen) {
        space.map_range(range.page, range.frame, range.bytes, range.access)?;
    }
    // SAFETY: the ranges hold the kernel image and all memory that anything here stands in.
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
    Ok(())
}

/// Switches on what the command line leaves on.
fn switch(options: &Options<'_>) {
    let on = |enhancement| options.enhancements.contains(enhancement);
    trace::switch(options.trace);
    tags::switch(on(Enhancements::TAGS));
    guard_pages::switch(on(Enhancements::GUARD_PAGES));
    corruption::switch(on(Enhancements::CORRUPTION_DETECTION));
    log::info!("enhancements: {}", options.enhancements);
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
        "{} frames of 4 KiB, {} free; metadata {} ({}.{:02} % of usable memory)",
        statistics.total,
        statistics.free,
        Bytes(statistics.metadata_bytes),
        parts / 100,
        parts % 100
    );
}
