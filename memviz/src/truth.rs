//! The picture compared with the machine.
//!
//! The model knows the machine only through its events. [`GroundTruth`] is the machine itself: bitmap, reference
//! counts, heap metadata, page tables walked from CR3. Where the two disagree, the picture is marked and
//! the place is reported with the last event known there. After a loss of events the model is rebuilt from the truth.
//!
//! Both need a quiet moment: every event that was emitted must have been applied, and none may be emitted meanwhile.

use crate::model::heap::{FRAME_BYTES, GRANULE_BYTES, owner_number};
use crate::model::{Block, Changed, Frame, Mappings, Model};
use crate::units::Moment;
use core::fmt;
use core::ops::Range;
use mm::event::Event;
use mm::memory_map::Region;
use mm::tag::Tag;
use x86_64::VirtAddr;

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
        }
    }
}

/// A place where picture and machine disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "made one at a time, handed on by reference"
)]
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
}

impl Disagreement {
    /// The same, with the last event at the frame, which `last_at` finds by the frame's number.
    pub fn remember(mut self, last_at: impl FnOnce(usize) -> Option<Event>) -> Disagreement {
        if let Disagreement::Frame { number, last, .. } = &mut self {
            *last = last_at(*number);
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
                match last {
                    Some(event) => {
                        let kind = event.payload.kind();
                        write!(f, "; last: {} at {}", kind.words(), Moment(event.time))
                    }
                    None => f.write_str("; no event known there"),
                }
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
        }
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
        let before = self.frames.differing();
        for number in numbers.start..numbers.end.min(self.frames.len()) {
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

    /// Places where picture and machine disagreed when they were last compared.
    pub fn disagreements(&self) -> u64 {
        self.frames.differing() + self.heap.differing + u64::from(self.mappings_differ)
    }

    /// Takes everything from the machine, as events were lost. Counts of uses and of events stay what is known.
    pub fn rebuild(&mut self, truth: &impl GroundTruth) {
        self.regions.clear(&mut self.cells);
        for region in (0..).map_while(|number| truth.region(number)) {
            self.regions.add(&mut self.cells, region);
        }
        for number in 0..self.frames.len() {
            self.frames
                .correct(&mut self.cells, number, &truth.frame(number));
        }
        self.heap.rebuild(truth);
        self.mappings = truth.mappings();
        self.mappings_differ = false;
        self.changed = Changed::ALL;
    }
}
