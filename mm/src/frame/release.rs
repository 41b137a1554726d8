//! Freeing frames: dropping the last reference frees a frame, any other only counts down.

use super::allocator::FrameAllocator;
use super::error::FreeError;
use super::storage::FrameState;
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::frames::{address, frame, number};
use crate::vocabulary::tag::Tag;
use core::ops::Range;
use x86_64::structures::paging::PhysFrame;

/// The result of freeing a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    /// It was the last reference: the frame is free.
    Free,
    /// This many references remain.
    StillShared(u32),
}

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Drops one reference to a frame.
    ///
    /// # Errors
    /// The frame is not in use, or it is pinned and this is its only reference. Nothing changes
    /// then.
    #[inline(always)]
    pub fn free(&mut self, given: PhysFrame) -> Result<Freed, FreeError> {
        let at = number(given);
        match self.records.own(at) {
            Some(record) if record.is_freeable() => {
                self.records.clear_one(at);
                self.free.insert_one(at);
                self.count_freed(at, 1, record.tag());
                Ok(Freed::Free)
            }
            _ => self.free_other(given),
        }
    }

    /// Handles all cases but the last reference to a frame with a record of its own.
    #[cold]
    #[inline(never)]
    fn free_other(&mut self, given: PhysFrame) -> Result<Freed, FreeError> {
        self.check_freeable(given)?;
        let at = number(given);
        match self.records.get(at).references - 1 {
            0 => {
                self.release(at, 1);
                Ok(Freed::Free)
            }
            left => {
                self.count_down(at);
                Ok(Freed::StillShared(left))
            }
        }
    }

    /// Drops one reference to each frame of a range and returns how many became free.
    ///
    /// # Errors
    /// A frame is out of range or not in use, or it is pinned and this is its only reference.
    /// Nothing changes then.
    #[inline(always)]
    pub fn free_run(&mut self, first: PhysFrame, frames: u64) -> Result<u64, FreeError> {
        let range = self
            .range(first, frames)
            .ok_or(FreeError::OutOfRange(first))?;
        match self.records.take_run(range.start, range.len()) {
            Some(record) => {
                self.free.insert_run(range.start, range.len());
                self.count_freed(range.start, range.len(), record.tag());
                Ok(frames)
            }
            None => self.free_other_run(range),
        }
    }

    /// Handles a range of frames that differ, are shared, or may not be freed.
    #[cold]
    #[inline(never)]
    fn free_other_run(&mut self, range: Range<usize>) -> Result<u64, FreeError> {
        for at in range.clone() {
            self.check_freeable(frame(at))?;
        }
        let (mut at, mut freed) = (range.start, 0);
        while at < range.end {
            let info = self.records.get(at);
            if info.references > 1 {
                self.count_down(at);
                at += 1;
                continue;
            }
            let alike = self.alike(at, range.end - at, |other| {
                other.references == 1 && other.tag == info.tag
            });
            self.release(at, alike);
            freed += alike as u64;
            at += alike;
        }
        Ok(freed)
    }

    fn check_freeable(&self, given: PhysFrame) -> Result<(), FreeError> {
        match self.state(given) {
            FrameState::OutOfRange => Err(FreeError::OutOfRange(given)),
            FrameState::NotUsable => Err(FreeError::NotUsable(given)),
            FrameState::Free => Err(FreeError::AlreadyFree(given)),
            FrameState::InUse(info) if info.references == 1 && info.tag.contains(Tag::PINNED) => {
                Err(FreeError::Pinned(given))
            }
            FrameState::InUse(_) => Ok(()),
        }
    }

    fn count_down(&mut self, at: usize) {
        let info = self.records.get(at);
        let (from, to) = (info.references, info.references - 1);
        let is_counted = self.records.set_references(at, to);
        debug_assert!(
            is_counted,
            "a smaller count has room where the larger one was"
        );
        self.counts.shared -= u64::from(to == 1);
        self.tracer.record(Payload::FrameReference {
            frame: address(at),
            from,
            to,
            tag: info.tag,
        });
    }

    /// Frees frames with one reference and the same tag.
    fn release(&mut self, first: usize, frames: usize) {
        let tag = self.records.get(first).tag;
        self.records.clear_run(first, frames);
        self.free.insert_run(first, frames);
        self.count_freed(first, frames, tag);
    }

    #[inline(always)]
    fn count_freed(&mut self, first: usize, frames: usize, tag: Tag) {
        self.counts.free += frames as u64;
        self.counts.disown(tag, frames as u64);
        self.tracer.record(Payload::FrameFree {
            first: address(first),
            frames: frames as u64,
            tag,
        });
    }
}
