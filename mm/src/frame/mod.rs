//! The physical memory manager: which frames are free, and what the others are used for.
//!
//! ```text
//!   frame number   0    1    2    3    4    5    6         = address / 4096
//!   free bit       0    0    1    0    0    1    0         with summary levels above (bitmap.rs)
//!   references     0    1    0    2    1    0    0
//!                  │    │    │    │    │         └ not usable: hole or device, never handed out
//!                  │    │    │    │    └ in use once
//!                  │    │    │    └ shared by two
//!                  │    │    └ free
//!                  │    └ reserved at boot: in use, tag has PINNED
//!                  └ not usable
//! ```
//! Invariants: a free frame has no references and no tag; a frame in use has its bit clear, one
//! reference at least, and an owner in its tag; a frame that is neither is not usable and stays
//! that way. All metadata lies beside the frames, in buffers that the caller supplies: the
//! allocator never touches a frame, and so never zeroes one either.
//!
//! Placement: single frames go to the lowest free place (or the next one after the last), runs to
//! the lowest place that is aligned to the next power of two of their length, like a buddy
//! system's, and anywhere only when there is no such place. So runs do not straddle and holes stay
//! mendable.

mod error;
mod placement;
mod refusal;
mod release;
mod statistics;
mod storage;
mod why_not;

pub use error::{AllocateError, FreeError, ReserveError, RetagError, ShareError, StorageError};
pub use placement::{PackedRun, Placement, Run};
pub use release::Freed;
pub use statistics::{Statistics, Violation};
pub use storage::{FrameInfo, FrameState, FrameStorage};
pub use why_not::{Holder, InTheWay, WhyNot};

use crate::bitmap::Bitmap;
use crate::event::Payload;
use crate::memory_map::{FRAME_BYTES, MemoryMap};
use crate::tag::Tag;
use crate::tracer::Tracer;
use refusal::Refusal;
use statistics::Counts;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// The frame allocator. `T` takes the events.
#[derive(Debug)]
pub struct FrameAllocator<'m, T> {
    free: Bitmap<'m>,
    info: &'m mut [FrameInfo],
    counts: Counts,
    placement: Placement,
    /// Where a next-fit search goes on: behind the frame allocated last.
    next: usize,
    /// Frames below this number are kept for requests with a ceiling.
    low: usize,
    refusal: Refusal,
    tracer: T,
}

impl<'m, T: Tracer> FrameAllocator<'m, T> {
    /// An allocator in which all usable frames of the map are free. Records every region of the
    /// map.
    ///
    /// # Errors
    /// The storage is smaller than [`FrameStorage::sizes`] of [`MemoryMap::frames`].
    pub fn new(
        map: &MemoryMap<'_>,
        storage: FrameStorage<'m>,
        tracer: T,
    ) -> Result<Self, StorageError> {
        let frames = map.frames();
        let FrameStorage { bits, info } = storage.cut(frames)?;
        let mut allocator = FrameAllocator {
            free: Bitmap::new(bits, frames),
            info,
            counts: Counts::default(),
            placement: Placement::FirstFit,
            next: 0,
            low: 0,
            refusal: Refusal::default(),
            tracer,
        };
        for region in map.regions() {
            allocator.tracer.record(Payload::FirmwareRegion {
                start: region.start,
                bytes: region.bytes,
                kind: region.kind,
            });
        }
        for region in map.usable() {
            let first = number(PhysFrame::containing_address(region.start));
            let frames = region.frames() as usize;
            allocator.free.insert_range(first, frames);
            allocator.counts.free += frames as u64;
        }
        Ok(allocator)
    }

    /// Takes the free frames of a range for good, at boot; tells how many. Frames of the range that
    /// are not usable, or reserved already, stay as they are.
    ///
    /// # Errors
    /// Nothing changes if a frame of the range is in use, or if the tag has no owner.
    pub fn reserve(
        &mut self,
        first: PhysFrame,
        frames: u64,
        tag: Tag,
    ) -> Result<u64, ReserveError> {
        if !tag.intersects(Tag::OWNERS) {
            return Err(ReserveError::NoOwner);
        }
        let from = number(first).min(self.info.len());
        let end = (number(first) as u64).saturating_add(frames);
        let end = end.min(self.info.len() as u64) as usize;
        let in_use = |info: &FrameInfo| info.references > 0 && !info.tag.contains(Tag::PINNED);
        if let Some(at) = self.info[from..end].iter().position(in_use) {
            return Err(ReserveError::InUse(frame(from + at)));
        }
        let (mut at, mut taken) = (from, 0);
        while let Some(start) = self.free.first_from(at).filter(|&start| start < end) {
            at = self.free.first_missing_from(start).min(end);
            self.take(start, at - start, tag | Tag::PINNED);
            taken += (at - start) as u64;
        }
        Ok(taken)
    }

    /// Hands out one frame, with one reference. Its content is whatever it was.
    ///
    /// # Errors
    /// No frame is free, or the tag has no owner.
    #[inline]
    pub fn allocate(&mut self, tag: Tag) -> Result<PhysFrame, AllocateError> {
        if !tag.intersects(Tag::OWNERS) {
            return Err(AllocateError::NoOwner);
        }
        let found = self.find_one().filter(|_| !self.refusal.should_fail());
        let Some(at) = found else {
            return Err(self.refuse(Run::of(1), tag));
        };
        self.take(at, 1, tag);
        Ok(frame(at))
    }

    /// Hands out contiguous frames, with one reference each; gives the first.
    ///
    /// # Errors
    /// There is no such run, the request makes no sense, or the tag has no owner.
    pub fn allocate_run(&mut self, run: Run, tag: Tag) -> Result<PhysFrame, AllocateError> {
        if !tag.intersects(Tag::OWNERS) {
            return Err(AllocateError::NoOwner);
        }
        if run.frames == 0 || !run.align_frames.is_power_of_two() {
            return Err(AllocateError::InvalidRequest(run));
        }
        let found = self.find_run(run).filter(|_| !self.refusal.should_fail());
        let Some(at) = found else {
            return Err(self.refuse(run, tag));
        };
        self.take(at, run.frames as usize, tag);
        Ok(frame(at))
    }

    /// Adds a reference to a frame in use; gives the new count.
    ///
    /// # Errors
    /// The frame is not in use, or has 2^32 - 1 references already.
    pub fn share(&mut self, shared: PhysFrame) -> Result<u32, ShareError> {
        match self.state(shared) {
            FrameState::OutOfRange => return Err(ShareError::OutOfRange(shared)),
            FrameState::NotUsable => return Err(ShareError::NotUsable(shared)),
            FrameState::Free(_) => return Err(ShareError::Free(shared)),
            FrameState::InUse(_) => {}
        }
        let info = &mut self.info[number(shared)];
        let (from, tag) = (info.references, info.tag);
        let to = from.checked_add(1).ok_or(ShareError::TooMany(shared))?;
        info.references = to;
        self.counts.shared += u64::from(from == 1);
        self.tracer.record(Payload::FrameReference {
            frame: shared.start_address(),
            from,
            to,
            tag,
        });
        Ok(to)
    }

    /// Gives frames in use another tag. A pinned frame stays pinned.
    ///
    /// # Errors
    /// Nothing changes if a frame is not in use, or the tag has no owner.
    pub fn retag(&mut self, first: PhysFrame, frames: u64, tag: Tag) -> Result<(), RetagError> {
        if !tag.intersects(Tag::OWNERS) {
            return Err(RetagError::NoOwner);
        }
        let range = self
            .range(first, frames)
            .ok_or(RetagError::OutOfRange(first))?;
        for at in range.clone() {
            match self.state(frame(at)) {
                FrameState::InUse(_) => {}
                FrameState::Free(_) => return Err(RetagError::Free(frame(at))),
                _ => return Err(RetagError::NotUsable(frame(at))),
            }
        }
        let mut at = range.start;
        while at < range.end {
            let from = self.info[at].tag;
            let to = tag | from & Tag::PINNED;
            let longest = (range.end - at).min(u32::MAX as usize);
            let alike = self.alike(at, longest, |info| info.tag == from);
            for info in &mut self.info[at..at + alike] {
                info.tag = to;
            }
            self.counts.disown(from, alike as u64);
            self.counts.own(to, alike as u64);
            self.tracer.record(Payload::FrameRetag {
                first: address(at),
                frames: alike as u32,
                from,
                to,
            });
            at += alike;
        }
        Ok(())
    }

    /// What a frame is now.
    pub fn state(&self, frame: PhysFrame) -> FrameState {
        let at = number(frame);
        match self.info.get(at) {
            None => FrameState::OutOfRange,
            Some(&info) if info.references > 0 => FrameState::InUse(info),
            Some(&info) if self.free.contains(at) => FrameState::Free(info),
            Some(_) => FrameState::NotUsable,
        }
    }

    /// How many frames there are from address 0 on; higher ones are out of range.
    pub const fn frames(&self) -> usize {
        self.info.len()
    }

    /// Marks free frames as in use, once.
    #[inline]
    fn take(&mut self, first: usize, frames: usize, tag: Tag) {
        if frames == 1 {
            self.free.remove(first);
        } else {
            self.free.remove_range(first, frames);
        }
        for info in &mut self.info[first..first + frames] {
            info.references = 1;
            info.tag = tag;
            info.uses = info.uses.saturating_add(1);
        }
        self.counts.free -= frames as u64;
        self.counts.used += frames as u64;
        self.counts.own(tag, frames as u64);
        self.next = first + frames;
        self.tracer.record(Payload::FrameAllocate {
            first: address(first),
            frames: frames as u64,
            tag,
        });
    }

    #[cold]
    fn refuse(&mut self, run: Run, tag: Tag) -> AllocateError {
        self.counts.refused += 1;
        let refused = run.into();
        self.tracer.record(Payload::FrameRefuse { refused, tag });
        AllocateError::Exhausted {
            frames: run.frames,
            free: self.counts.free,
        }
    }

    /// The numbers of a range of frames, if all are in range.
    fn range(&self, first: PhysFrame, frames: u64) -> Option<core::ops::Range<usize>> {
        let start = number(first);
        let end = start.checked_add(usize::try_from(frames).ok()?)?;
        (end <= self.info.len()).then_some(start..end)
    }

    /// How many frames from `first` on, `limit` at most, have this property.
    fn alike(&self, first: usize, limit: usize, alike: impl Fn(&FrameInfo) -> bool) -> usize {
        let stretch = &self.info[first..first + limit];
        stretch
            .iter()
            .position(|info| !alike(info))
            .unwrap_or(limit)
    }
}

#[inline]
fn number(frame: PhysFrame) -> usize {
    (frame.start_address().as_u64() / FRAME_BYTES) as usize
}

#[inline]
fn address(number: usize) -> PhysAddr {
    PhysAddr::new(number as u64 * FRAME_BYTES)
}

#[inline]
fn frame(number: usize) -> PhysFrame {
    PhysFrame::containing_address(address(number))
}

#[cfg(test)]
mod tests;
