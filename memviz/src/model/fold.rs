//! The model, its parts, and the part that each event changes.

use super::direction::Direction;
use super::faults::{self, FaultLog};
use super::firmware_map::{FirmwareMap, FirmwareRegion};
use super::frames::Frames;
use super::heap::Heap;
use super::heap::arenas::Arenas;
use super::mappings::Mappings;
use super::memory_regions::{self, Regions};
use super::observer::Observer;
use super::processes::Processes;
use super::swap::Swap;
use super::tables::{Change, Entry, EntryPosition, Tables};
use super::watched_bytes::WatchedBytes;
use mm::event::{Event, Kind, Payload};
use mm::paging::{Access, PageSize};
use x86_64::PhysAddr;

/// The state of the machine's memory, according to its events.
#[derive(Debug)]
pub struct Model<'m> {
    /// The memory map.
    pub firmware_map: FirmwareMap<'m>,
    /// Every frame.
    pub frames: Frames<'m>,
    /// The buddy heap.
    pub heap: Heap<'m>,
    /// The arenas: heaps of other strategies that race.
    pub arenas: Arenas<'m>,
    /// Counts of pages and memory regions.
    pub mappings: Mappings,
    /// Every page-table entry.
    pub tables: Tables<'m>,
    /// The memory regions of all spaces.
    pub regions: Regions<'m>,
    /// True if [`Model::mappings`] differed from the machine in the last comparison.
    pub mappings_differ: bool,
    /// Pages in swap, and its slots.
    pub swap: Swap<'m>,
    /// The most recent page faults.
    pub faults: FaultLog<'m>,
    /// The watched bytes of a heap block.
    pub bytes: WatchedBytes,
    /// The number of the caption on the screen, or 0.
    pub caption: u32,
    /// The process whose address space the events are about, 0 for the kernel.
    pub space: u32,
    /// The live processes, and the kernel.
    pub processes: Processes<'m>,
    /// The number of events applied and not reverted, by kind.
    pub totals: [u64; Kind::COUNT],
    /// The number of events that contradict the model, such as a free of a free frame. Such an
    /// event overrides the model. Reverting does not count down.
    pub contradictions: u64,
}

impl Model<'_> {
    /// Applies an event.
    pub fn apply(&mut self, event: &Event, observer: &mut impl Observer) {
        self.step(event, Direction::Forward, observer);
    }

    /// Reverts an event, which must be the last one that was applied and not reverted.
    pub fn revert(&mut self, event: &Event, observer: &mut impl Observer) {
        self.step(event, Direction::Back, observer);
    }

    /// Returns the number of events applied and not reverted.
    pub fn events(&self) -> u64 {
        self.totals.iter().sum()
    }

    /// Returns the number of free frames of usable memory.
    pub fn free_frames(&self) -> u64 {
        self.firmware_map
            .usable_frames()
            .saturating_sub(self.frames.used())
    }

    fn step(&mut self, event: &Event, direction: Direction, observer: &mut impl Observer) {
        let kind = event.payload.kind();
        direction.count(&mut self.totals[kind as usize], 1);
        observer.begin((direction == Direction::Forward).then_some(event));
        let agrees = match event.payload {
            Payload::FirmwareRegion { start, bytes, kind } => {
                let region = FirmwareRegion { start, bytes, kind };
                self.firmware_map.step(region, direction, observer)
            }
            Payload::FrameReference { frame, .. } => {
                let is_shared = |frames: &Frames| frames.is_shared(frame);
                let before = is_shared(&self.frames);
                let agrees = self.frames.step(event.payload, direction, observer);
                let after = is_shared(&self.frames);
                if before != after {
                    self.pages_shared(frame, after);
                }
                agrees
            }
            Payload::FrameAllocate { .. }
            | Payload::FrameFree { .. }
            | Payload::FrameRetag { .. }
            | Payload::FrameHeat { .. } => self.frames.step(event.payload, direction, observer),
            Payload::Map { frame, size, .. } => {
                self.frames.mapped(frame, size, direction, observer);
                self.faults.step(event, direction);
                self.tables_changed(event.payload, direction)
            }
            Payload::Unmap { .. }
            | Payload::Protect { .. }
            | Payload::TableLink { .. }
            | Payload::TableUnlink { .. } => self.tables_changed(event.payload, direction),
            Payload::RegionOpen { start, .. } | Payload::RegionClose { start, .. } => {
                self.processes
                    .touch(memory_regions::owner_of(self.space, start));
                self.mappings.step(event.payload, direction)
                    & self.regions.step(self.space, event.payload, direction)
            }
            Payload::FaultBegin { address, code, .. } => {
                let space = faults::space_of(self.space, address, code);
                self.processes.fault(space, direction);
                self.faults.step(event, direction)
            }
            Payload::FaultEnd { .. } => self.faults.step(event, direction),
            Payload::HeapGrow { .. }
            | Payload::HeapShrink { .. }
            | Payload::HeapAllocate { .. }
            | Payload::HeapFree { .. }
            | Payload::HeapCache { .. }
            | Payload::HeapReuse { .. }
            | Payload::HeapReturn { .. }
            | Payload::HeapRefuse { .. }
            | Payload::ArenaOpen { .. }
            | Payload::ArenaClose { .. }
            | Payload::ArenaAllocate { .. }
            | Payload::ArenaFree { .. }
            | Payload::ArenaCost { .. } => match self.arenas.step(&event.payload, direction) {
                Some(fits) => fits,
                None => self.heap.step(event.payload, direction, observer),
            },
            Payload::PageOut { .. }
            | Payload::PageIn { .. }
            | Payload::SlotAllocate { .. }
            | Payload::SlotReference { .. }
            | Payload::SlotFree { .. } => self.swap.step(self.space, event.payload, direction),
            // The history holds these events; the model does not change.
            Payload::FrameRefuse { .. }
            | Payload::HeapQuarantine { .. }
            | Payload::HeapMark { .. }
            | Payload::Corruption { .. }
            | Payload::ReplayStart { .. }
            | Payload::PageReference { .. }
            | Payload::ArenaRequest { .. }
            | Payload::ReclaimScan { .. }
            | Payload::WorkingSets { .. }
            | Payload::WorkingSet { .. }
            | Payload::Mismatch { .. }
            | Payload::MismatchEnd { .. } => true,
            Payload::WatchedBytes {
                address,
                from,
                to,
                was_known,
                is_known,
            } => {
                let change = (was_known.then_some(from), is_known.then_some(to));
                self.bytes.step(address, change, direction)
            }
            Payload::Caption { number, previous } => {
                let (from, to) = direction.ordered(previous, number);
                core::mem::replace(&mut self.caption, to) == from
            }
            Payload::SpaceSwitch { number, previous } => {
                let (from, to) = direction.ordered(previous, number);
                let agrees = core::mem::replace(&mut self.space, to) == from;
                self.faults.step(event, direction) & agrees
            }
            Payload::ProcessStart { .. }
            | Payload::ProcessEnd { .. }
            | Payload::ProcessState { .. } => self.processes.step(event.payload, direction),
        };
        if !agrees {
            self.contradictions += 1;
        }
        observer.end(kind);
    }

    /// Updates a page-table entry that was set, cleared or changed.
    fn tables_changed(&mut self, payload: Payload, direction: Direction) -> bool {
        let Some((position, change)) = Change::of(self.space, payload, direction) else {
            return true;
        };
        match change {
            Change::Put(entry) => self.count(position, &entry, Direction::Forward),
            Change::Take(entry) => self.count(position, &entry, Direction::Back),
            Change::Protect { from, to } => {
                let is_copied = |access: Access| access.contains(Access::COPY_ON_WRITE).into();
                self.processes.change(position.space, |process| {
                    Direction::Back.count(&mut process.copy_on_write, is_copied(from));
                    Direction::Forward.count(&mut process.copy_on_write, is_copied(to));
                });
            }
        }
        self.mappings.step(payload, direction) & self.tables.change(position, change)
    }

    /// Counts an entry that is present in the machine.
    pub(crate) fn count_entry(&mut self, position: EntryPosition, entry: &Entry) {
        self.count(position, entry, Direction::Forward);
    }

    /// Counts an entry, or reverts its count.
    fn count(&mut self, position: EntryPosition, entry: &Entry, direction: Direction) {
        let is_small = position.page_size() == Some(PageSize::Size4KiB);
        let is_shared = is_small && self.frames.is_shared(entry.frame);
        let is_copied = entry.access.contains(Access::COPY_ON_WRITE);
        self.processes.change(position.space, |process| {
            if entry.is_table {
                return direction.count(&mut process.tables, 1);
            }
            direction.count(&mut process.pages, 1);
            direction.count(&mut process.shared, is_shared.into());
            direction.count(&mut process.copy_on_write, is_copied.into());
        });
    }

    /// Updates the counts of all pages that map a frame, when the frame becomes shared or unshared.
    fn pages_shared(&mut self, frame: PhysAddr, shared: bool) {
        let direction = match shared {
            true => Direction::Forward,
            false => Direction::Back,
        };
        for (position, entry) in self.tables.leading_to(frame) {
            if position.page_size() == Some(PageSize::Size4KiB) && !entry.is_table {
                self.processes.change(position.space, |process| {
                    direction.count(&mut process.shared, 1);
                });
            }
        }
    }
}

/// Returns whether the map shows the age of changes by events of this kind: those that change
/// frames, except for heat, which has its own view.
#[inline]
pub fn changes_frames(kind: u8) -> bool {
    const KINDS: u64 = 1 << Kind::FrameAllocate as u8
        | 1 << Kind::FrameFree as u8
        | 1 << Kind::FrameReference as u8
        | 1 << Kind::FrameRetag as u8;
    kind < 64 && KINDS >> kind & 1 != 0
}
