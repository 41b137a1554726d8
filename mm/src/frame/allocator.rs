//! Allocating frames, sharing them, and changing their tags.

use super::counts::Counts;
use super::error::{AllocateError, ReserveError, RetagError, ShareError, StorageError};
use super::fault_injection::FaultInjection;
use super::placement::Placement;
use super::storage::{FrameInfo, FrameState, FrameStorage};
use crate::bitmap::Bitmap;
use crate::event::Payload;
use crate::memory_map::MemoryMap;
use crate::tracer::Tracer;
use crate::vocabulary::frames::{address, frame, number};
use crate::vocabulary::run::Run;
use crate::vocabulary::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// The frame allocator. The tracer `T` records its events.
#[derive(Debug)]
pub struct FrameAllocator<'m, T> {
    pub(super) free: Bitmap<'m>,
    pub(super) info: &'m mut [FrameInfo],
    pub(super) counts: Counts,
    pub(super) placement: Placement,
    /// Where a next-fit search starts: after the frame allocated last.
    pub(super) next: usize,
    /// Frames below this number are kept for requests with a ceiling.
    pub(super) low: usize,
    injection: FaultInjection,
    pub(super) tracer: T,
}

impl<'m, T: Tracer> FrameAllocator<'m, T> {
    /// Creates an allocator in which all usable frames of the map are free. Records every region
    /// of the map.
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
            injection: FaultInjection::default(),
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

    /// Pins the free frames of a range at boot and returns their number. Frames of the range that
    /// are not usable, or pinned already, stay as they are.
    ///
    /// # Errors
    /// A frame of the range is in use, or the tag has no owner. Nothing changes then.
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
        let (mut at, mut reserved) = (from, 0);
        while let Some(start) = self.free.first_from(at).filter(|&start| start < end) {
            at = self.free.first_missing_from(start).min(end);
            self.take(start, at - start, tag | Tag::PINNED);
            reserved += (at - start) as u64;
        }
        Ok(reserved)
    }

    /// Allocates one frame, with one reference. Its content is unspecified.
    ///
    /// # Errors
    /// No frame is free, or the tag has no owner.
    #[inline(always)]
    pub fn allocate(&mut self, tag: Tag) -> Result<PhysFrame, AllocateError> {
        if !tag.intersects(Tag::OWNERS) {
            return Err(AllocateError::NoOwner);
        }
        let found = match self.injection.should_fail() {
            true => None,
            false => self.find_one(),
        };
        let Some(at) = found else {
            return Err(self.refuse(Run::of(1), tag));
        };
        self.take(at, 1, tag);
        Ok(frame(at))
    }

    /// Allocates contiguous frames, with one reference each, and returns the first.
    ///
    /// # Errors
    /// No such run is free, the request is invalid, or the tag has no owner.
    pub fn allocate_run(&mut self, run: Run, tag: Tag) -> Result<PhysFrame, AllocateError> {
        if !tag.intersects(Tag::OWNERS) {
            return Err(AllocateError::NoOwner);
        }
        if run.frames == 0 || !run.align_frames.is_power_of_two() {
            return Err(AllocateError::InvalidRequest(run));
        }
        let found = match self.injection.should_fail() {
            true => None,
            false => self.find_run(run),
        };
        let Some(at) = found else {
            return Err(self.refuse(run, tag));
        };
        self.take(at, run.frames as usize, tag);
        Ok(frame(at))
    }

    /// Serves `after` requests, then refuses `count`. With `count` 0, fault injection is off.
    pub fn inject_failures(&mut self, after: u64, count: u64) {
        self.injection = FaultInjection { after, count };
    }

    /// Adds a reference to a frame in use and returns the new count.
    ///
    /// # Errors
    /// The frame is not in use, or already has 2^32 - 1 references.
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
    /// A frame is not in use, or the tag has no owner. Nothing changes then.
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

    /// Returns the state of a frame.
    #[inline(always)]
    pub fn state(&self, frame: PhysFrame) -> FrameState {
        let at = number(frame);
        match self.info.get(at) {
            None => FrameState::OutOfRange,
            Some(&info) if info.references > 0 => FrameState::InUse(info),
            Some(&info) if self.free.contains(at) => FrameState::Free(info),
            Some(_) => FrameState::NotUsable,
        }
    }

    /// Number of frames from address 0 on; higher ones are out of range.
    pub const fn frames(&self) -> usize {
        self.info.len()
    }

    /// Marks free frames as in use, with one reference each.
    #[inline(always)]
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

    /// Counts and records a refused request.
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

    /// The numbers of a range of frames, if all of them are in range.
    pub(super) fn range(&self, first: PhysFrame, frames: u64) -> Option<core::ops::Range<usize>> {
        let start = number(first);
        let end = start.checked_add(usize::try_from(frames).ok()?)?;
        (end <= self.info.len()).then_some(start..end)
    }

    /// How many frames from `first` on, `limit` at most, have this property.
    pub(super) fn alike(
        &self,
        first: usize,
        limit: usize,
        alike: impl Fn(&FrameInfo) -> bool,
    ) -> usize {
        let stretch = &self.info[first..first + limit];
        stretch
            .iter()
            .position(|info| !alike(info))
            .unwrap_or(limit)
    }
}
