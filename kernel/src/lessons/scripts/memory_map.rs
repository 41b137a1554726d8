//! The memory map: what the firmware reports, and which memory the kernel can use.

use crate::lessons::failure::fact;
use crate::lessons::lesson::{Lesson, step};
use crate::memory::map::firmware_map;
use crate::memory::physical::frames::{self, FRAME};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use memviz::view::selection::Selection;
use mm::frame::{FrameState, Run, low_frames};
use mm::memory_map::{FirmwareRegion, MemoryKind};
use mm::tag::Tag;
use x86_64::PhysAddr;

pub const LESSON: Lesson = Lesson {
    name: "memory-map",
    title: "The memory map",
    goal: "which memory the firmware reports, and which requests get low memory",
    steps: &[
        step("The memory map has {regions} regions, sorted and without overlaps. Firmware may report them unsorted, overlapping or unaligned.")
            .figure(Figure::MemoryMap)
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                let is_usable = |region: &&FirmwareRegion| region.kind == MemoryKind::Usable;
                let usable = firmware_map().iter().filter(is_usable);
                stage.count("regions", firmware_map().len() as u64);
                stage.bytes("usable", usable.map(|region| region.bytes).sum());
                Ok(())
            })
            .holds(|_| {
                for pair in firmware_map().windows(2) {
                    let (start, end) = (pair[1].start.as_u64(), pair[0].end());
                    fact!(start >= end, "a region begins at {start:#x}, before {end:#x}");
                }
                Ok(())
            }),
        step("Only from the usable regions: {usable} in all. The others hold this kernel, or belong to firmware and devices.")
            .asks("A process requests memory. From which of these regions may it come?")
            .choices(&["Any region", "Usable regions only", "Usable and reserved ones"], 1)
            .because("Not C: reserved memory belongs to firmware and devices, which still use it.")
            .figure(Figure::MemoryMap)
            .on(Board::Overview, MapMode::State)
            // The question asks for it.
            .selects(|stage| {
                stage.notes().get("managed")?;
                let sizes = firmware_map().iter().enumerate();
                let usable = sizes.filter(|(_, region)| region.kind == MemoryKind::Usable);
                let largest = usable.max_by_key(|(_, region)| region.bytes)?;
                Some(Selection::FirmwareRegion(largest.0))
            })
            .acts(|stage| {
                stage.bytes("managed", frames::lock().statistics().total * FRAME);
                Ok(())
            })
            .holds(|stage| {
                let total = stage.get("managed");
                let usable = stage.get("usable");
                fact!(total == usable, "{total} B are managed, {usable} B usable");
                Ok(())
            }),
        step("No: {free} frames are free. The others hold page tables, stacks, the heap, and this dashboard itself: {memviz} frames of memviz.")
            .asks("No process runs yet. Are all usable frames free?")
            .choices(&["Yes", "No"], 1)
            .because("Not A: the kernel itself needs memory before the first process starts.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::Tags)
            .acts(|stage| {
                let statistics = frames::lock().statistics();
                stage.count("used", statistics.used);
                stage.count("total", statistics.total);
                stage.count("free", statistics.free);
                let memviz = Tag::MEMVIZ.owners().trailing_zeros() as usize;
                stage.count("memviz", statistics.owners[memviz]);
                Ok(())
            })
            .holds(|stage| {
                let (used, total, free) = (stage.get("used"), stage.get("total"), stage.free_frames());
                fact!(used + free == total, "{used} used and {free} free are not {total}");
                Ok(())
            }),
        step("No caller: the kernel keeps it in use and never hands it out. So the physical address 0x0 can mean “none” in tables and devices.")
            .asks("The first frame begins at physical address 0x0. Which caller gets it?")
            .choices(&["The first caller", "The kernel's heap", "No caller"], 2)
            .because("Not A: a caller could not tell that address from “no address”.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .selects(|_| Some(Selection::Frames { first: 0, count: 1 }))
            .holds(|_| {
                let state = frames::lock().state(frames::frame_at(PhysAddr::zero()));
                let kept = match state {
                    FrameState::InUse(info) => info.tag.contains(Tag::PINNED),
                    FrameState::Free => false,
                    _ => true,
                };
                fact!(kept, "frame 0 is {state:?}");
                Ok(())
            }),
        step("No: the frame is {frame}, above this limit, outlined on the map. The allocator saves low memory for such devices while it can.")
            .asks("Old devices reach only low memory, up to {low-end}. A caller requests any one frame. Does it get a low one?")
            .choices(&["Yes, the lowest", "No, one above the limit"], 1)
            .because("Not A: then no low memory would be left for devices that need it.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .selects(|stage| stage.selected_frame("frame"))
            .acts(|stage| {
                let frame = stage.allocate_frame(Tag::CACHE)?;
                stage.frame("frame", frame);
                Ok(())
            })
            .holds(|stage| {
                let (frame, end) = (stage.get("frame"), low_end());
                fact!(frame >= end, "{frame:#x} lies below {end:#x}");
                Ok(())
            }),
        step("Four contiguous frames at {run}, below this limit, outlined on the map. The kernel lends them to the device.")
            .asks("A driver requests 4 contiguous frames for a device that reaches only up to {low-end}. What does it get?")
            .choices(&["4 single frames", "4 contiguous low frames", "A refusal"], 1)
            .because("Not A: the device uses physical addresses, so its buffer must be contiguous.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::Tags)
            .selects(|stage| stage.selected_frames("run", 4))
            .acts(|stage| {
                let run = stage.allocate_run(Run {
                    frames: 4,
                    align_frames: 1,
                    ceiling: Some(PhysAddr::new(low_end())),
                })?;
                stage.frame("run", run);
                Ok(())
            })
            .holds(|stage| {
                let end = stage.get("run") + 4 * FRAME;
                fact!(end <= low_end(), "the run ends at {end:#x}");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.bytes("low-end", low_end());
        Ok(())
    },
};

/// The end of low memory on this machine: at most a sixteenth of all memory.
fn low_end() -> u64 {
    low_frames(frames::lock().frames()) as u64 * FRAME
}
