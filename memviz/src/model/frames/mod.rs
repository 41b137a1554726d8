//! Every frame of physical memory: owner, reference count, heat.
//!
//! Invariants: a frame has references if and only if it has an owner; the counts by owner, and the
//! counts by step, are the sums over all frames. A frame takes 8 bytes: 0.2 % of the memory that
//! the model shows. The last event at a frame is not stored here, because reverting could not
//! restore the one before: the [`Timeline`](crate::timeline) finds it.

pub(super) mod frame;

pub use frame::{Frame, HEAT_STEPS, OWNERS, REFERENCE_STEPS, heat_step};

use super::direction::Direction;
use crate::model::observer::Observer;
use frame::reference_step;
use mm::event::Payload;
use mm::memory_map::FRAME_BYTES;
use mm::paging::PageSize;
use x86_64::PhysAddr;

/// All frames, from address 0 on.
#[derive(Debug)]
pub struct Frames<'m> {
    frames: &'m mut [Frame],
    by_owner: [u64; OWNERS],
    used: u64,
    pinned: u64,
    /// Frames with 1, 2, 3, and at least 4 references.
    by_references: [u64; REFERENCE_STEPS],
    /// Frames by [`heat_step`].
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

    /// Returns the number of frames, including those that are not usable.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Returns whether there is no memory.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns the frame with this number, which is its address divided by 4096.
    pub fn get(&self, number: usize) -> Option<&Frame> {
        self.frames.get(number)
    }

    /// Returns whether the frame at an address has more than one reference.
    pub fn is_shared(&self, frame: PhysAddr) -> bool {
        let number = frame.as_u64() / FRAME_BYTES;
        self.frames
            .get(number as usize)
            .is_some_and(Frame::is_shared)
    }

    /// Returns all frames, by number.
    pub fn all(&self) -> &[Frame] {
        self.frames
    }

    /// Returns the number of frames with an owner.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Returns the number of frames of an owner.
    pub fn by_owner(&self, owner: usize) -> u64 {
        self.by_owner[owner]
    }

    /// Returns the number of frames that are reserved at boot and never freed.
    pub fn pinned(&self) -> u64 {
        self.pinned
    }

    /// Returns the number of frames with more than one reference.
    pub fn shared(&self) -> u64 {
        self.by_references[1..].iter().sum()
    }

    /// Returns the numbers of frames with 1, 2, 3, and at least 4 references.
    pub fn by_references(&self) -> [u64; REFERENCE_STEPS] {
        self.by_references
    }

    /// Returns the numbers of warm frames by [`heat_step`], the hottest first.
    pub fn by_heat(&self) -> [u64; HEAT_STEPS] {
        self.by_heat
    }

    /// Returns the number of frames that differ from the machine.
    pub fn differing(&self) -> u64 {
        self.differing
    }

    pub(super) fn step(
        &mut self,
        payload: Payload,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> bool {
        match payload {
            Payload::FrameAllocate { first, frames, tag } => {
                let (free, used) = (Frame::default(), Frame::known(tag, 1));
                self.replace(observer, first, frames, |frame| {
                    let (from, to) = direction.ordered(&free, &used);
                    (frame.same_state(from), frame.with_state(to).used(direction))
                })
            }
            Payload::FrameFree { first, frames, tag } => {
                let (free, used) = (Frame::default(), Frame::known(tag, 1));
                self.replace(observer, first, frames, |frame| {
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
                self.replace(observer, frame, 1, |frame| {
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
            } => self.replace(observer, first, frames.into(), |frame| {
                let (from, to) = direction.ordered(&from, &to);
                (frame.tag() == *from, frame.with_tag(*to))
            }),
            Payload::FrameHeat {
                first,
                frames,
                from,
                to,
            } => {
                let (from, to) = direction.ordered(from, to);
                self.replace(observer, first, frames.into(), |frame| {
                    (frame.heat() == from, frame.with_heat(to))
                })
            }
            _ => true,
        }
    }

    /// Counts a use: a page was mapped to the frame. Device pages and large pages do not count.
    pub(super) fn mapped(
        &mut self,
        frame: PhysAddr,
        size: PageSize,
        direction: Direction,
        observer: &mut impl Observer,
    ) {
        let number = frame.as_u64() / FRAME_BYTES;
        if size == PageSize::Size4KiB && number < self.frames.len() as u64 {
            self.replace(observer, frame, 1, |frame| (true, frame.used(direction)));
        }
    }

    /// Replaces each frame of a run. Returns false if a frame did not match the event or is
    /// missing.
    fn replace(
        &mut self,
        observer: &mut impl Observer,
        first: PhysAddr,
        count: u64,
        change: impl Fn(&Frame) -> (bool, Frame),
    ) -> bool {
        let first = first.as_u64() / FRAME_BYTES;
        let end = first.saturating_add(count);
        let known = self.frames.len() as u64;
        let mut agrees = end <= known;
        for number in first.min(known) as usize..end.min(known) as usize {
            let (as_told, next) = change(&self.frames[number]);
            agrees &= as_told;
            self.set(observer, number, next);
        }
        agrees
    }

    /// Sets a frame to the state of the machine, and clears its mark of a difference.
    pub(crate) fn correct(&mut self, observer: &mut impl Observer, number: usize, truth: &Frame) {
        let next = self.frames[number].with_state(truth);
        let next = next.with_heat(truth.heat()).with_mark(false);
        // Most frames match, and none of their sums becomes stale.
        if next != self.frames[number] {
            self.set(observer, number, next);
        }
    }

    /// Sets or clears the mark of a difference from the machine.
    pub(crate) fn mark(&mut self, observer: &mut impl Observer, number: usize, differs: bool) {
        let frame = self.frames[number];
        if frame.differs() != differs {
            self.set(observer, number, frame.with_mark(differs));
        }
    }

    fn set(&mut self, observer: &mut impl Observer, number: usize, next: Frame) {
        let before = core::mem::replace(&mut self.frames[number], next);
        if before.tag() != next.tag() {
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
        if before.references() != next.references() {
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
        observer.frame(number, &before, &next);
    }
}

/// Moves a frame from one step to another.
#[inline]
fn recount<const N: usize>(counts: &mut [u64; N], before: Option<usize>, after: Option<usize>) {
    if let Some(before) = before {
        counts[before] -= 1;
    }
    if let Some(after) = after {
        counts[after] += 1;
    }
}

/// Updates a count of frames after a frame changed.
#[inline]
fn adjust(counter: &mut u64, before: bool, after: bool) {
    match (before, after) {
        (false, true) => *counter += 1,
        (true, false) => *counter -= 1,
        _ => {}
    }
}
