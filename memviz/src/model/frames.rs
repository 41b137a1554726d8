//! Every frame of physical memory: whose it is, how often it is referenced, how much it is used.
//!
//! ```text
//! bit  31        30 … 24   23 … 0
//!     +---------+---------+-------------------------+
//!     | differs |  heat   | uses since boot         |    the `uses` word of a Frame
//!     +---------+---------+-------------------------+
//! ```
//! Invariants: a frame has references if and only if it has an owner; the counts by owner, and the
//! [`Cells`], are the sums over all frames. 8 bytes a frame: 0.2 % of the memory that is shown. What happened last
//! at a frame is not kept here, because an event could not undo it: the [`Timeline`](crate::timeline) knows.

use super::{Cells, Direction};
use mm::event::Payload;
use mm::heat::Level;
use mm::paging::PageSize;
use mm::tag::Tag;
use x86_64::PhysAddr;

/// Owners that are told apart: one for each bit of [`Tag::OWNERS`].
pub const OWNERS: usize = 8;

/// What is known about one frame. All-zero is a free frame that was never used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    tag: Tag,
    references: u16,
    uses: u32,
}

const DIFFERS: u32 = 1 << 31;
const HEAT_SHIFT: u32 = 24;
const USES_MASK: u32 = (1 << HEAT_SHIFT) - 1;

impl Frame {
    /// A frame as the machine says that it is.
    pub fn known(tag: Tag, references: u32) -> Frame {
        Frame {
            tag,
            references: clamped(references),
            ..Frame::default()
        }
    }

    /// The same frame as warm as this.
    pub fn with_heat(mut self, heat: Level) -> Frame {
        self.uses = self.uses & (DIFFERS | USES_MASK) | u32::from(heat.number()) << HEAT_SHIFT;
        self
    }

    /// Owners and attributes; empty for a free frame.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The reference count, 0 for a free frame; counts above 65,535 stand as that.
    pub fn references(&self) -> u16 {
        self.references
    }

    /// How often it was allocated, shared or mapped since boot, modulo 2^24.
    pub fn uses(&self) -> u32 {
        self.uses & USES_MASK
    }

    /// How much it is used of late.
    pub fn heat(&self) -> Level {
        Level::new((self.uses >> HEAT_SHIFT & 0x7f) as u8).unwrap_or(Level::HOTTEST)
    }

    /// Somebody owns it.
    pub fn is_used(&self) -> bool {
        self.owner().is_some()
    }

    /// Number of the owner's bit in [`Tag::OWNERS`]; the lowest, should there be several.
    pub fn owner(&self) -> Option<usize> {
        let bit = self.tag.owners().trailing_zeros() as usize;
        (bit < OWNERS).then_some(bit)
    }

    /// The machine said otherwise when the picture was compared with it.
    pub fn differs(&self) -> bool {
        self.uses & DIFFERS != 0
    }

    /// Same tag, reference count and heat.
    pub fn same(&self, other: &Frame) -> bool {
        self.same_state(other) && self.heat() == other.heat()
    }

    /// What cells count of these frames, bit by bit: 0 if that is nothing.
    #[inline]
    pub(super) fn counted(frames: &[Frame]) -> u64 {
        let bits = |frame: &Frame| {
            let state = u32::from(frame.references) << 16 | u32::from(frame.tag.bits());
            u64::from(state) << 32 | u64::from(frame.uses)
        };
        let any = frames.iter().fold(0, |any, frame| any | bits(frame));
        any & !u64::from(USES_MASK)
    }

    /// As warm as the other, and both or neither as the machine says.
    #[inline]
    pub(super) fn same_marks(&self, other: &Frame) -> bool {
        (self.uses ^ other.uses) & !USES_MASK == 0
    }

    /// Same tag and same reference count.
    pub fn same_state(&self, other: &Frame) -> bool {
        self.tag == other.tag && self.references == other.references
    }

    fn used(mut self, direction: Direction) -> Frame {
        let uses = match direction {
            Direction::Forward => self.uses.wrapping_add(1),
            Direction::Back => self.uses.wrapping_sub(1),
        };
        self.uses = self.uses & !USES_MASK | uses & USES_MASK;
        self
    }
}

fn clamped(references: u32) -> u16 {
    references.min(u16::MAX.into()) as u16
}

/// All frames, from address 0 on.
#[derive(Debug)]
pub struct Frames<'m> {
    frames: &'m mut [Frame],
    by_owner: [u64; OWNERS],
    used: u64,
    pinned: u64,
    /// With 1, 2, 3, and 4 references or more.
    by_references: [u64; REFERENCE_STEPS],
    /// By [`heat_step`].
    by_heat: [u64; HEAT_STEPS],
    differing: u64,
}

impl<'m> Frames<'m> {
    pub(super) fn new(frames: &'m mut [Frame]) -> Self {
        Frames {
            frames,
            by_owner: [0; OWNERS],
            used: 0,
            pinned: 0,
            by_references: [0; REFERENCE_STEPS],
            by_heat: [0; HEAT_STEPS],
            differing: 0,
        }
    }

    /// How many there are, used or not, usable or not.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// There is no memory at all.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The frame with this number, which is its address divided by 4096.
    pub fn get(&self, number: usize) -> Option<&Frame> {
        self.frames.get(number)
    }

    /// The frame with this address has more than one reference.
    pub fn is_shared(&self, frame: PhysAddr) -> bool {
        let number = frame.as_u64() / super::regions::FRAME_BYTES;
        self.frames
            .get(number as usize)
            .is_some_and(Frame::is_shared)
    }

    /// All of them, by number.
    pub fn all(&self) -> &[Frame] {
        self.frames
    }

    /// Frames with an owner.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Frames of the owner with this number.
    pub fn by_owner(&self, owner: usize) -> u64 {
        self.by_owner[owner]
    }

    /// Frames taken at boot for good.
    pub fn pinned(&self) -> u64 {
        self.pinned
    }

    /// Frames with more than one reference.
    pub fn shared(&self) -> u64 {
        self.by_references[1..].iter().sum()
    }

    /// Frames with 1, 2, 3, and 4 references or more.
    pub fn by_references(&self) -> [u64; REFERENCE_STEPS] {
        self.by_references
    }

    /// Warm frames by the step of the scale that they are on, the hottest first: see [`heat_step`].
    pub fn by_heat(&self) -> [u64; HEAT_STEPS] {
        self.by_heat
    }

    /// Frames that the machine says are otherwise.
    pub fn differing(&self) -> u64 {
        self.differing
    }

    pub(super) fn step(
        &mut self,
        cells: &mut Cells,
        payload: Payload,
        direction: Direction,
    ) -> bool {
        match payload {
            Payload::FrameAllocate { first, frames, tag } => {
                let (free, used) = (Frame::default(), Frame::known(tag, 1));
                self.replace(cells, first, frames, |frame| {
                    let (from, to) = direction.ordered(&free, &used);
                    (frame.same_state(from), frame.with_state(to).used(direction))
                })
            }
            Payload::FrameFree { first, frames, tag } => {
                let (free, used) = (Frame::default(), Frame::known(tag, 1));
                self.replace(cells, first, frames, |frame| {
                    let (from, to) = direction.ordered(&used, &free);
                    (frame.same_state(from), frame.with_state(to))
                })
            }
            Payload::FrameReference {
                frame,
                from,
                to,
                tag,
            } => {
                let is_use = to > from;
                let (from, to) = (Frame::known(tag, from), Frame::known(tag, to));
                self.replace(cells, frame, 1, |frame| {
                    let (from, to) = direction.ordered(&from, &to);
                    let next = frame.with_state(to);
                    let next = if is_use { next.used(direction) } else { next };
                    (frame.same_state(from), next)
                })
            }
            Payload::FrameRetag {
                first,
                frames,
                from,
                to,
            } => self.replace(cells, first, frames.into(), |frame| {
                let (from, to) = direction.ordered(&from, &to);
                (frame.tag == *from, Frame { tag: *to, ..*frame })
            }),
            Payload::FrameHeat {
                first,
                frames,
                from,
                to,
            } => {
                let (from, to) = direction.ordered(from, to);
                self.replace(cells, first, frames.into(), |frame| {
                    (frame.heat() == from, frame.with_heat(to))
                })
            }
            _ => true,
        }
    }

    /// A page was mapped to it: that is a use. Pages of devices and large pages are not counted.
    pub(super) fn mapped(
        &mut self,
        cells: &mut Cells,
        frame: PhysAddr,
        size: PageSize,
        direction: Direction,
    ) {
        let number = frame.as_u64() / super::regions::FRAME_BYTES;
        if size == PageSize::Size4KiB && number < self.frames.len() as u64 {
            self.replace(cells, frame, 1, |frame| (true, frame.used(direction)));
        }
    }

    /// Replaces each frame of a run; false if one was not as the event says or is not there.
    fn replace(
        &mut self,
        cells: &mut Cells,
        first: PhysAddr,
        count: u64,
        change: impl Fn(&Frame) -> (bool, Frame),
    ) -> bool {
        let first = first.as_u64() / super::regions::FRAME_BYTES;
        let end = first.saturating_add(count);
        let known = self.frames.len() as u64;
        let mut agrees = end <= known;
        for number in first.min(known) as usize..end.min(known) as usize {
            let (as_told, next) = change(&self.frames[number]);
            agrees &= as_told;
            self.set(cells, number, next);
        }
        agrees
    }

    /// Puts in what the machine says, and takes the mark of a difference away.
    pub(crate) fn correct(&mut self, cells: &mut Cells, number: usize, truth: &Frame) {
        let mut next = self.frames[number]
            .with_state(truth)
            .with_heat(truth.heat());
        next.uses &= !DIFFERS;
        // Most frames are as they were known, and no sum is stale for them.
        if next != self.frames[number] {
            self.set(cells, number, next);
        }
    }

    /// Marks a frame as seen otherwise in the machine, or takes the mark away.
    pub(crate) fn mark(&mut self, cells: &mut Cells, number: usize, differs: bool) {
        let frame = self.frames[number];
        if frame.differs() != differs {
            let uses = frame.uses ^ DIFFERS;
            self.set(cells, number, Frame { uses, ..frame });
        }
    }

    fn set(&mut self, cells: &mut Cells, number: usize, next: Frame) {
        let before = core::mem::replace(&mut self.frames[number], next);
        if before.tag != next.tag {
            if let Some(owner) = before.owner() {
                self.by_owner[owner] -= 1;
                self.used -= 1;
            }
            if let Some(owner) = next.owner() {
                self.by_owner[owner] += 1;
                self.used += 1;
            }
            adjust(&mut self.pinned, before.is_pinned(), next.is_pinned());
        }
        if before.references != next.references {
            recount(
                &mut self.by_references,
                reference_step(&before),
                reference_step(&next),
            );
        }
        if !before.same_marks(&next) {
            recount(
                &mut self.by_heat,
                heat_step(before.heat()),
                heat_step(next.heat()),
            );
            adjust(&mut self.differing, before.differs(), next.differs());
        }
        cells.change(number, &before, &next);
    }
}

/// Steps of reference counts that are told apart.
pub const REFERENCE_STEPS: usize = 4;
/// Steps of heat that are told apart.
pub const HEAT_STEPS: usize = 5;

/// On which step of the heat scale a level is, 0 for the hottest; none for a cold one. A step is two periods, a second, but
/// for the hottest: used in every period that is remembered.
pub fn heat_step(level: Level) -> Option<usize> {
    match level.number() {
        0 => None,
        127.. => Some(0),
        64.. => Some(1),
        16.. => Some(2),
        4.. => Some(3),
        1.. => Some(4),
    }
}

fn reference_step(frame: &Frame) -> Option<usize> {
    let references = usize::from(frame.references);
    references
        .checked_sub(1)
        .map(|step| step.min(REFERENCE_STEPS - 1))
}

/// Counts a frame out of one step and into another.
#[inline]
fn recount<const N: usize>(counts: &mut [u64; N], before: Option<usize>, after: Option<usize>) {
    if let Some(before) = before {
        counts[before] -= 1;
    }
    if let Some(after) = after {
        counts[after] += 1;
    }
}

/// Counts something that a frame was or is now.
#[inline]
fn adjust(counter: &mut u64, before: bool, after: bool) {
    match (before, after) {
        (false, true) => *counter += 1,
        (true, false) => *counter -= 1,
        _ => {}
    }
}

impl Frame {
    /// Taken at boot and never given back.
    pub fn is_pinned(&self) -> bool {
        self.tag.contains(Tag::PINNED)
    }

    /// More than one reference.
    pub fn is_shared(&self) -> bool {
        self.references > 1
    }

    fn with_state(mut self, other: &Frame) -> Frame {
        self.tag = other.tag;
        self.references = other.references;
        self
    }
}
