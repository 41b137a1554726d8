//! Allocating frames, sharing them, and changing their tags.

use super::counts::Counts;
use super::error::{AllocateError, ReserveError, RetagError, ShareError, StorageError};
use super::fault_injection::FaultInjection;
use super::free::FreeFrames;
use super::placement::Placement;
use super::records::{FrameInfo, FrameRecord, Records};
use super::storage::{FrameState, FrameStorage};
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
    pub(super) free: FreeFrames<'m>,
    pub(super) records: Records<'m>,
    pub(super) counts: Counts,
    pub(super) placement: Placement,
    /// The start of a next-fit search: after the frame allocated last.
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
        let (free, records) = storage.build(frames)?;
        let mut allocator = FrameAllocator {
            free,
            records,
            counts: Counts::default(),
            placement: Placement::default(),
            next: 0,
            low: 0,
            injection: FaultInjection::OFF,
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
            allocator.free.insert_new(first, frames);
            allocator.counts.free += frames as u64;
        }
        allocator.counts.total = allocator.counts.free;
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
        let from = number(first).min(self.records.len());
        let end = (number(first) as u64).saturating_add(frames);
        let end = end.min(self.records.len() as u64) as usize;
        let in_use = |info: FrameInfo| info.references > 0 && !info.tag.contains(Tag::PINNED);
        if let Some(at) = (from..end).find(|&at| in_use(self.records.get(at))) {
            return Err(ReserveError::InUse(frame(at)));
        }
        self.free.settle();
        let (mut at, mut reserved) = (from, 0);
        while let Some(start) = self.free.first_from(at).filter(|&start| start < end) {
            at = self.free.first_used_from(start).min(end);
            self.free.remove(start, at - start);
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
        if self.injection.should_fail() {
            return Err(self.refuse(Run::of(1), tag));
        }
        let Some(at) = self.free.take_recent().or_else(|| self.find_one()) else {
            return Err(self.refuse(Run::of(1), tag));
        };
        self.records.set_one(at, FrameRecord::one(tag));
        self.count_allocated(at, 1, tag);
        Ok(frame(at))
    }

    /// Allocates contiguous frames, with one reference each, and returns the first.
    ///
    /// # Errors
    /// No such run is free, the request is invalid, or the tag has no owner.
    #[inline(always)]
    pub fn allocate_run(&mut self, run: Run, tag: Tag) -> Result<PhysFrame, AllocateError> {
        if tag.intersects(Tag::OWNERS)
            && !self.injection.is_on()
            && let Some(at) = self.find_recent_run(run)
        {
            self.take(at, run.frames as usize, tag);
            return Ok(frame(at));
        }
        self.allocate_other_run(run, tag)
    }

    /// Allocates a run that is not in the list of recently freed runs.
    #[cold]
    #[inline(never)]
    fn allocate_other_run(&mut self, run: Run, tag: Tag) -> Result<PhysFrame, AllocateError> {
        if !tag.intersects(Tag::OWNERS) {
            return Err(AllocateError::NoOwner);
        }
        if run.frames == 0 || !run.align_frames.is_power_of_two() {
            return Err(AllocateError::InvalidRequest(run));
        }
        if self.injection.should_fail() {
            return Err(self.refuse(run, tag));
        }
        let recent = self.find_recent_run(run);
        let Some(at) = recent.or_else(|| self.search_run(run)) else {
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
    /// The frame is not in use, or has as many references as can be counted: 2^24 - 1, or 2 if too
    /// many other frames have more.
    pub fn share(&mut self, shared: PhysFrame) -> Result<u32, ShareError> {
        match self.state(shared) {
            FrameState::OutOfRange => return Err(ShareError::OutOfRange(shared)),
            FrameState::NotUsable => return Err(ShareError::NotUsable(shared)),
            FrameState::Free => return Err(ShareError::Free(shared)),
            FrameState::InUse(_) => {}
        }
        let at = number(shared);
        let FrameInfo {
            references: from,
            tag,
        } = self.records.get(at);
        let to = from + 1;
        if !self.records.set_references(at, to) {
            return Err(ShareError::TooMany(shared));
        }
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
                FrameState::Free => return Err(RetagError::Free(frame(at))),
                _ => return Err(RetagError::NotUsable(frame(at))),
            }
        }
        let mut at = range.start;
        while at < range.end {
            let from = self.records.get(at).tag;
            let to = tag | from & Tag::PINNED;
            let longest = (range.end - at).min(u32::MAX as usize);
            let alike = self.alike(at, longest, |info| info.tag == from);
            (at..at + alike).for_each(|at| self.records.set_tag(at, to));
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
    #[inline]
    pub fn state(&self, frame: PhysFrame) -> FrameState {
        let at = number(frame);
        if at >= self.records.len() {
            return FrameState::OutOfRange;
        }
        if self.free.contains(at) {
            return FrameState::Free;
        }
        match self.records.get(at) {
            FrameInfo { references: 0, .. } => FrameState::NotUsable,
            info => FrameState::InUse(info),
        }
    }

    /// Returns the number of frames from address 0 on; higher ones are out of range.
    pub const fn frames(&self) -> usize {
        self.records.len()
    }

    /// Records frames that are no longer free as in use, with one reference each.
    #[inline(always)]
    fn take(&mut self, first: usize, frames: usize, tag: Tag) {
        self.records.set_run(first, frames, FrameRecord::one(tag));
        self.count_allocated(first, frames, tag);
    }

    #[inline(always)]
    fn count_allocated(&mut self, first: usize, frames: usize, tag: Tag) {
        self.counts.free -= frames as u64;
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
    #[inline(never)]
    fn refuse(&mut self, run: Run, tag: Tag) -> AllocateError {
        self.counts.refused += 1;
        let refused = run.into();
        self.tracer.record(Payload::FrameRefuse { refused, tag });
        AllocateError::Exhausted {
            frames: run.frames,
            free: self.counts.free,
        }
    }

    /// Returns the numbers of a range of frames, if all of them are in range.
    pub(super) fn range(&self, first: PhysFrame, frames: u64) -> Option<core::ops::Range<usize>> {
        let start = number(first);
        let end = start.checked_add(usize::try_from(frames).ok()?)?;
        (end <= self.records.len()).then_some(start..end)
    }

    /// Returns how many frames from `first` on, `limit` at most, have this property.
    pub(super) fn alike(
        &self,
        first: usize,
        limit: usize,
        alike: impl Fn(FrameInfo) -> bool,
    ) -> usize {
        let mut stretch = first..first + limit;
        let end = stretch.find(|&at| !alike(self.records.get(at)));
        end.map_or(limit, |end| end - first)
    }
}
