//! The picture compared with the machine.
//!
//! The model knows the machine only through its events. [`GroundTruth`] is the machine itself: bitmap, reference
//! counts, heap metadata, page tables walked from CR3. Where the two disagree, the picture is marked and
//! the place is reported with the last event known there. After a loss of events the model is rebuilt from the truth.
//!
//! Both need a quiet moment: every event that was emitted must have been applied, and none may be emitted meanwhile.

use crate::model::heap::{FRAME_BYTES, GRANULE_BYTES, owner_number};
use crate::model::{Block, Changed, Entry, Frame, Mappings, Model, Place, Process};
use crate::units::Moment;
use core::fmt;
use core::ops::Range;
use mm::event::Event;
use mm::memory_map::Region;
use mm::paging::Window;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Frames that are compared in the time of one entry of the page tables.
const FRAMES_PER_ENTRY: usize = 4;

/// What the machine knows about itself.
pub trait GroundTruth {
    /// The region with this number in the memory map, none behind the last.
    fn region(&self, number: usize) -> Option<Region>;
    /// The frame with this number: tag, reference count (an empty tag and 0 for one that is free or not usable), and heat.
    fn frame(&self, number: usize) -> Frame;
    /// Where the heap begins, and how many bytes of it have frames.
    fn heap(&self) -> (VirtAddr, u64);
    /// The heap block that the byte at this offset belongs to.
    fn heap_block(&self, offset: u64) -> Option<TrueBlock>;
    /// Pages by size and access, windows by policy.
    fn mappings(&self) -> Mappings;
    /// Looks at so many entries of the page tables, from this place on in ascending order, and calls `visit` with each that is in
    /// use. Gives the place to go on with, if there is more.
    fn entries(
        &self,
        from: Place,
        most: usize,
        visit: &mut dyn FnMut(Place, Entry),
    ) -> Option<Place>;
    /// The entry at this place of the page tables, if it is in use.
    fn entry(&self, place: Place) -> Option<Entry>;
    /// Calls `visit` with every open window, and whose it is: see [`Model::windows`].
    fn windows(&self, visit: &mut dyn FnMut(u32, &Window));
    /// Calls `visit` with every process that lives, as far as events tell of it: see [`Process::told`].
    fn processes(&self, visit: &mut dyn FnMut(&Process));
    /// Whose space the last events were about: see [`Model::space`].
    fn space(&self) -> u32;
}

/// A block of the heap, as the heap knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrueBlock {
    /// Bytes from the heap's start.
    pub offset: u64,
    /// 0 is 64 B.
    pub order: u8,
    /// Owner and requested bytes, if it is live.
    pub live: Option<(Tag, u32)>,
}

impl TrueBlock {
    /// As the model keeps it.
    pub(crate) fn drawn(self) -> Block {
        Block {
            granule: self.offset as usize / GRANULE_BYTES,
            order: self.order,
            owner: self.live.map(|(owner, _)| owner_number(owner)),
            requested: self.live.map_or(0, |(_, requested)| requested),
        }
    }
}

/// A place where picture and machine disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// A frame.
    Frame {
        /// Its number.
        number: usize,
        /// What the picture says.
        picture: Frame,
        /// What the machine says.
        machine: Frame,
        /// The last event there, if somebody remembers it: see [`Disagreement::remember`].
        last: Option<Event>,
    },
    /// A heap block.
    Block {
        /// Offset of the place in the heap.
        offset: u64,
        /// What the picture says.
        picture: Option<Block>,
        /// What the machine says.
        machine: Option<TrueBlock>,
    },
    /// The size of the heap or the bytes requested in it.
    Heap {
        /// What the picture says: size, requested bytes.
        picture: (u64, u64),
        /// What the machine says.
        machine: (u64, u64),
    },
    /// The counts over the page tables.
    Mappings {
        /// What the picture says.
        picture: Mappings,
        /// What the machine says.
        machine: Mappings,
    },
    /// An entry of the page tables.
    Entry {
        /// Where it stands.
        place: Place,
        /// What the picture says.
        picture: Option<Entry>,
        /// What the machine says.
        machine: Option<Entry>,
        /// The last event at the frame that it leads to, if somebody remembers it.
        last: Option<Event>,
    },
    /// A window.
    Window {
        /// Whose.
        space: u32,
        /// What the picture says.
        picture: Option<Window>,
        /// What the machine says.
        machine: Option<Window>,
    },
    /// A process.
    Process {
        /// What the picture says.
        picture: Option<Process>,
        /// What the machine says.
        machine: Option<Process>,
    },
}

impl Disagreement {
    /// The same, with the last event at the frame, which `last_at` finds by the frame's number.
    pub fn remember(mut self, last_at: impl FnOnce(usize) -> Option<Event>) -> Disagreement {
        match &mut self {
            Disagreement::Frame { number, last, .. } => *last = last_at(*number),
            Disagreement::Entry {
                picture,
                machine,
                last,
                ..
            } => {
                let frame = picture.or(*machine).map(|entry| entry.frame.as_u64());
                *last = frame.and_then(|frame| last_at(frame as usize / FRAME_BYTES));
            }
            _ => {}
        }
        self
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Disagreement::Frame {
                number,
                picture,
                machine,
                last,
            } => {
                write!(
                    f,
                    "frame {:#x}: picture {:?} × {}, heat {}, machine {:?} × {}, heat {}",
                    number * FRAME_BYTES,
                    picture.tag(),
                    picture.references(),
                    picture.heat().number(),
                    machine.tag(),
                    machine.references(),
                    machine.heat().number()
                )?;
                write_last(f, last)
            }
            Disagreement::Block {
                offset,
                picture,
                machine,
            } => write!(
                f,
                "heap block at offset {offset:#x}: picture {picture:?}, machine {machine:?}"
            ),
            Disagreement::Heap { picture, machine } => write!(
                f,
                "heap of {} B with {} B requested in the picture, {} B with {} B in the machine",
                picture.0, picture.1, machine.0, machine.1
            ),
            Disagreement::Mappings { picture, machine } => {
                write!(f, "page tables: picture {picture:?}, machine {machine:?}")
            }
            Disagreement::Entry {
                place,
                picture,
                machine,
                last,
            } => {
                let table = place.level().map_or("CR3", |level| level.words());
                write!(
                    f,
                    "{table} entry for {:#x} of space {}: picture {picture:?}, machine {machine:?}",
                    place.base(),
                    place.space
                )?;
                write_last(f, last)
            }
            Disagreement::Window {
                space,
                picture,
                machine,
            } => write!(
                f,
                "window of space {space}: picture {picture:?}, machine {machine:?}"
            ),
            Disagreement::Process { picture, machine } => {
                write!(f, "process: picture {picture:?}, machine {machine:?}")
            }
        }
    }
}

fn write_last(f: &mut fmt::Formatter<'_>, last: &Option<Event>) -> fmt::Result {
    match last {
        Some(event) => {
            let kind = event.payload.kind();
            write!(f, "; last: {} at {}", kind.words(), Moment(event.time))
        }
        None => f.write_str("; no event known there"),
    }
}

/// How far a comparison of everything is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sweep {
    /// It begins anew.
    #[default]
    Start,
    /// At the frame with this number.
    Frames(usize),
    /// At this entry of the machine's page tables; so many differ so far.
    Entries(Place, u64),
    /// At this slot of the model's table of entries; so many differ so far.
    Slots(usize, u64),
}

impl Sweep {
    /// Compares the next so many frames, or the next of what comes after them. True at the end: then it begins anew.
    pub fn go_on(
        &mut self,
        model: &mut Model,
        truth: &impl GroundTruth,
        frames: usize,
        mut report: impl FnMut(&Disagreement),
    ) -> bool {
        let entries = (frames / FRAMES_PER_ENTRY).max(1);
        *self = match *self {
            Sweep::Start => Sweep::Frames(0),
            other => other,
        };
        *self = match *self {
            Sweep::Start => Sweep::Start,
            Sweep::Frames(first) => {
                let end = first.saturating_add(frames);
                model.verify_frames(truth, first..end, report);
                match end >= model.frames.len() {
                    true => Sweep::Entries(Place::default(), 0),
                    false => Sweep::Frames(end),
                }
            }
            Sweep::Entries(from, mut differing) => {
                let next = model.verify_entries(truth, from, entries, &mut differing, report);
                match next {
                    Some(place) => Sweep::Entries(place, differing),
                    None => Sweep::Slots(0, differing),
                }
            }
            Sweep::Slots(first, mut differing) => {
                let end = first + entries;
                model.verify_slots(truth, first..end, &mut differing, &mut report);
                if end < model.tables.slots_in_use() {
                    Sweep::Slots(end, differing)
                } else {
                    model.tables.differing = differing;
                    model.verify_heap(truth, &mut report);
                    model.verify_mappings(truth, &mut report);
                    model.verify_windows(truth, &mut report);
                    model.verify_processes(truth, &mut report);
                    Sweep::Start
                }
            }
        };
        *self == Sweep::Start
    }
}

impl Model<'_> {
    /// Compares the frames with these numbers, marks the ones that differ, unmarks the ones that do not, and reports
    /// each difference.
    pub fn verify_frames(
        &mut self,
        truth: &impl GroundTruth,
        numbers: Range<usize>,
        mut report: impl FnMut(&Disagreement),
    ) {
        self.cells.accents.ignore();
        let before = self.frames.differing();
        let numbers = numbers.start..numbers.end.min(self.frames.len());
        for number in numbers.clone() {
            let picture = self.frames.all()[number];
            let machine = truth.frame(number);
            let differs = !picture.same(&machine);
            self.frames.mark(&mut self.cells, number, differs);
            if differs {
                report(&Disagreement::Frame {
                    number,
                    picture,
                    machine,
                    last: None,
                });
            }
        }
        self.changed.frames |= self.frames.differing() != before;
        self.cells.sum_up(&self.frames, numbers);
    }

    /// Compares the heap, block by block.
    pub fn verify_heap(&mut self, truth: &impl GroundTruth, mut report: impl FnMut(&Disagreement)) {
        let mut differing = 0;
        let mut requested = 0;
        let size = truth.heap().1;
        let mut offset = 0;
        while offset < size.max(self.heap.totals().bytes) {
            let machine = truth.heap_block(offset).filter(|_| offset < size);
            let picture = self.heap.block_at(offset as usize / GRANULE_BYTES);
            if picture != machine.map(TrueBlock::drawn) {
                differing += 1;
                report(&Disagreement::Block {
                    offset,
                    picture,
                    machine,
                });
            }
            requested += machine
                .and_then(|block| block.live)
                .map_or(0, |live| u64::from(live.1));
            let end = machine.map(TrueBlock::drawn).or(picture);
            let end = end.map_or(offset, |block| {
                (block.granules().end * GRANULE_BYTES) as u64
            });
            offset = end.max(offset + GRANULE_BYTES as u64);
        }
        let totals = self.heap.totals();
        let (picture, machine) = ((totals.bytes, totals.requested), (size, requested));
        if picture != machine {
            differing += 1;
            report(&Disagreement::Heap { picture, machine });
        }
        self.heap.differing = differing;
    }

    /// Compares the counts over the page tables.
    pub fn verify_mappings(
        &mut self,
        truth: &impl GroundTruth,
        mut report: impl FnMut(&Disagreement),
    ) {
        let (picture, machine) = (self.mappings, truth.mappings());
        self.mappings_differ = picture != machine;
        if self.mappings_differ {
            report(&Disagreement::Mappings { picture, machine });
        }
    }

    /// Compares what the machine's page tables have from this place on: where to go on.
    fn verify_entries(
        &self,
        truth: &impl GroundTruth,
        from: Place,
        most: usize,
        differing: &mut u64,
        mut report: impl FnMut(&Disagreement),
    ) -> Option<Place> {
        truth.entries(from, most, &mut |place, entry| {
            let picture = self.tables.get(place);
            let is_unknown = picture.is_none() && self.tables.missing() > 0;
            if picture != Some(entry) && !is_unknown {
                *differing += 1;
                report(&Disagreement::Entry {
                    place,
                    picture,
                    machine: Some(entry),
                    last: None,
                });
            }
        })
    }

    /// Finds entries that the machine does not have. Those that it has otherwise are found by `verify_entries`.
    fn verify_slots(
        &self,
        truth: &impl GroundTruth,
        slots: Range<usize>,
        differing: &mut u64,
        mut report: impl FnMut(&Disagreement),
    ) {
        for (place, entry) in self.tables.in_slots(slots) {
            if truth.entry(place).is_none() {
                *differing += 1;
                report(&Disagreement::Entry {
                    place,
                    picture: Some(entry),
                    machine: None,
                    last: None,
                });
            }
        }
    }

    /// Compares the windows.
    pub fn verify_windows(
        &mut self,
        truth: &impl GroundTruth,
        mut report: impl FnMut(&Disagreement),
    ) {
        let (mut differing, mut met) = (0, 0);
        let windows = &self.windows;
        truth.windows(&mut |space, machine| {
            let known = windows.find(space, machine.start).copied();
            let picture = known.filter(|known| known.start == machine.start);
            met += usize::from(picture.is_some());
            let is_unknown = picture.is_none() && windows.missing() > 0;
            if picture != Some(*machine) && !is_unknown {
                differing += 1;
                report(&Disagreement::Window {
                    space,
                    picture,
                    machine: Some(*machine),
                });
            }
        });
        if met < windows.len() {
            // The machine lacks some: look for them.
            for (space, picture) in windows.all() {
                let mut has = false;
                truth.windows(&mut |other, machine| {
                    has |= other == space && machine.start == picture.start;
                });
                if !has {
                    differing += 1;
                    report(&Disagreement::Window {
                        space,
                        picture: Some(*picture),
                        machine: None,
                    });
                }
            }
        }
        self.windows.differing = differing;
    }

    /// Compares the processes that live.
    pub fn verify_processes(
        &mut self,
        truth: &impl GroundTruth,
        mut report: impl FnMut(&Disagreement),
    ) {
        let (mut differing, mut met) = (0, 0);
        let processes = &self.processes;
        let living = |process: &&Process| process.is_live;
        truth.processes(&mut |machine| {
            let picture = processes.get(machine.number).filter(living);
            let picture = picture.map(Process::told);
            met += usize::from(picture.is_some());
            let is_unknown = picture.is_none() && processes.missing() > 0;
            if picture != Some(machine.told()) && !is_unknown {
                differing += 1;
                report(&Disagreement::Process {
                    picture,
                    machine: Some(*machine),
                });
            }
        });
        if met < processes.all().iter().filter(living).count() {
            for picture in processes.all().iter().filter(living) {
                let mut has = false;
                truth.processes(&mut |machine| has |= machine.number == picture.number);
                if !has {
                    differing += 1;
                    report(&Disagreement::Process {
                        picture: Some(*picture),
                        machine: None,
                    });
                }
            }
        }
        self.processes.differing = differing;
    }

    /// Places where picture and machine disagreed when they were last compared.
    pub fn disagreements(&self) -> u64 {
        self.frames.differing()
            + self.heap.differing
            + u64::from(self.mappings_differ)
            + self.tables.differing
            + self.windows.differing
            + self.processes.differing
    }

    /// Takes everything from the machine, as events were lost. Counts of uses and of events stay what is known.
    pub fn rebuild(&mut self, truth: &impl GroundTruth) {
        self.cells.accents.ignore();
        self.regions.clear(&mut self.cells);
        for region in (0..).map_while(|number| truth.region(number)) {
            self.regions.add(&mut self.cells, region);
        }
        for number in 0..self.frames.len() {
            self.frames
                .correct(&mut self.cells, number, &truth.frame(number));
        }
        self.heap.rebuild(truth);
        self.arenas.clear();
        self.mappings = truth.mappings();
        self.mappings_differ = false;
        self.rebuild_spaces(truth);
        self.changed = Changed::ALL;
    }

    /// Takes tables, windows and processes from the machine.
    fn rebuild_spaces(&mut self, truth: &impl GroundTruth) {
        self.space = truth.space();
        self.faults.set_space(self.space);
        let kernel = self.processes.get(0).map_or(0, |kernel| kernel.faults);
        self.processes.clear();
        self.processes.set_faults(0, kernel);
        truth.processes(&mut |process| self.processes.add(process));
        self.windows.clear();
        truth.windows(&mut |space, window| {
            self.windows.put(space, *window);
        });
        self.tables.clear();
        let rest = truth.entries(Place::default(), usize::MAX, &mut |place, entry| {
            self.tables.put(place, entry);
            self.count_entry(place, &entry);
        });
        debug_assert_eq!(rest, None, "all entries were asked for");
        (self.tables.differing, self.windows.differing) = (0, 0);
        self.processes.differing = 0;
    }
}
