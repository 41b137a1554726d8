//! The memory map: what the firmware says, and what is left for everybody.

use crate::lessons::{Lesson, fact, step};
use crate::memory::map::firmware_map;
use crate::memory::physical::frames::{self, FRAME};
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use memviz::view::selection::Selection;
use mm::frame::{FrameState, Run};
use mm::memory_map::MemoryKind;
use mm::tag::Tag;
use x86_64::PhysAddr;

/// What old devices can reach: 24 address bits.
const LOW_END: u64 = 16 << 20;

pub const LESSON: Lesson = Lesson {
    name: "memory-map",
    title: "The memory map",
    steps: &[
        step("{regions} regions, in order and without overlaps, though firmware may list them in any order, overlapping and unaligned.")
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                let bytes = |kind| {
                    let of_kind = firmware_map().iter().filter(|region| region.kind == kind);
                    of_kind.map(|region| region.bytes).sum()
                };
                stage.count("regions", firmware_map().len() as u64);
                stage.bytes("usable", bytes(MemoryKind::Usable));
                stage.bytes("kernel", bytes(MemoryKind::KernelAndModules));
                Ok(())
            })
            .holds(|_| {
                for pair in firmware_map().windows(2) {
                    let (start, end) = (pair[1].start.as_u64(), pair[0].end());
                    fact!(start >= end, "a region begins at {start:#x}, before {end:#x}");
                }
                Ok(())
            }),
        step("Only what is usable: {usable}. The rest is the hardware's, the firmware's, or holds this kernel: {kernel}.")
            .asks("A process wants memory. From which of these regions may it come?")
            .on(Board::Overview, MapMode::State)
            .selects(|_| {
                let sizes = firmware_map().iter().enumerate();
                let usable = sizes.filter(|(_, region)| region.kind == MemoryKind::Usable);
                let largest = usable.max_by_key(|(_, region)| region.bytes)?;
                Some(Selection::FirmwareRegion(largest.0))
            })
            .holds(|stage| {
                let total = frames::lock().statistics().total * FRAME;
                let usable = stage.get("usable");
                fact!(total == usable, "{total} B are managed, {usable} B usable");
                Ok(())
            }),
        step("No: {used} of {total} frames are in use: tables, stacks, the heap, and {memviz} for this dashboard, which shows itself too.")
            .asks("Nobody is at work yet. Are all usable frames of this machine free?")
            .on(Board::Overview, MapMode::Tags)
            .acts(|stage| {
                let statistics = frames::lock().statistics();
                stage.count("used", statistics.used);
                stage.count("total", statistics.total);
                let memviz = Tag::MEMVIZ.owners().trailing_zeros() as usize;
                stage.count("memviz", statistics.owners[memviz]);
                Ok(())
            })
            .holds(|stage| {
                let (used, total, free) = (stage.get("used"), stage.get("total"), stage.free_frames());
                fact!(used + free == total, "{used} used and {free} free are not {total}");
                Ok(())
            }),
        step("Nobody, ever. It stays in use: a physical address of 0 can mean “none” in tables and in devices, and is never somebody's data.")
            .asks("The very first frame begins at address 0. Who will get it?")
            .on(Board::Overview, MapMode::State)
            .selects(|_| Some(Selection::Frames { first: 0, count: 1 }))
            .holds(|_| {
                let state = frames::lock().state(frames::frame_at(PhysAddr::zero()));
                let kept = match state {
                    FrameState::InUse(info) => info.tag.contains(Tag::PINNED),
                    FrameState::Free(_) => false,
                    _ => true,
                };
                fact!(kept, "frame 0 is {state:?}");
                Ok(())
            }),
        step("Above it: {frame}. What few can use is kept for those who need it, as long as there is other memory.")
            .asks("Old devices reach only low memory, up to {low-end}. Somebody wants just any frame: will it be a low one?")
            .on(Board::Overview, MapMode::State)
            .selects(|stage| stage.selected_frame("frame"))
            .acts(|stage| {
                let frame = stage.take_frame(Tag::CACHE)?;
                stage.frame("frame", frame);
                Ok(())
            })
            .holds(|stage| {
                let (frame, end) = (stage.get("frame"), low_end());
                fact!(frame >= end, "{frame:#x} lies below {end:#x}");
                Ok(())
            }),
        step("There it is: {run}, 4 frames side by side, lent to the device. So the map decides who gets what.")
            .asks("And a driver whose device reaches only up to {low-end}: what will it get?")
            .on(Board::Overview, MapMode::Tags)
            .selects(|stage| stage.selected_frames("run", 4))
            .acts(|stage| {
                let run = stage.take_run(Run {
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

/// Where memory for such devices ends on this machine: a sixteenth of a small one.
fn low_end() -> u64 {
    let all = frames::lock().frames() as u64 * FRAME;
    (all / 16).min(LOW_END) / FRAME * FRAME
}
