//! Freeing frames: dropping the last reference frees a frame, any other only counts down.

use super::allocator::FrameAllocator;
use super::error::FreeError;
use super::storage::FrameState;
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::frames::{address, frame, number};
use crate::vocabulary::tag::Tag;
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
        self.check_freeable(given)?;
        let at = number(given);
        match self.info[at].references - 1 {
            0 => self.release(at, 1),
            left => {
                self.count_down(at);
                return Ok(Freed::StillShared(left));
            }
        }
        Ok(Freed::Free)
    }

    /// Drops one reference to each frame of a range and returns how many became free.
    ///
    /// # Errors
    /// A frame is out of range or not in use, or it is pinned and this is its only reference.
    /// Nothing changes then.
    pub fn free_run(&mut self, first: PhysFrame, frames: u64) -> Result<u64, FreeError> {
        let range = self
            .range(first, frames)
            .ok_or(FreeError::OutOfRange(first))?;
        for at in range.clone() {
            self.check_freeable(frame(at))?;
        }
        let (mut at, mut freed) = (range.start, 0);
        while at < range.end {
            let info = self.info[at];
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

    #[inline(always)]
    fn check_freeable(&self, given: PhysFrame) -> Result<(), FreeError> {
        match self.state(given) {
            FrameState::OutOfRange => Err(FreeError::OutOfRange(given)),
            FrameState::NotUsable => Err(FreeError::NotUsable(given)),
            FrameState::Free(_) => Err(FreeError::AlreadyFree(given)),
            FrameState::InUse(info) if info.references == 1 && info.tag.contains(Tag::PINNED) => {
                Err(FreeError::Pinned(given))
            }
            FrameState::InUse(_) => Ok(()),
        }
    }

    fn count_down(&mut self, at: usize) {
        let info = &mut self.info[at];
        let (from, to) = (info.references, info.references - 1);
        info.references = to;
        self.counts.shared -= u64::from(to == 1);
        self.tracer.record(Payload::FrameReference {
            frame: address(at),
            from,
            to,
            tag: info.tag,
        });
    }

    /// Frees frames with one reference and the same tag.
    #[inline(always)]
    fn release(&mut self, first: usize, frames: usize) {
        let tag = self.info[first].tag;
        for info in &mut self.info[first..first + frames] {
            info.references = 0;
            info.tag = Tag::empty();
        }
        if frames == 1 {
            self.free.insert(first);
        } else {
            self.free.insert_range(first, frames);
        }
        self.counts.free += frames as u64;
        self.counts.used -= frames as u64;
        self.counts.disown(tag, frames as u64);
        self.tracer.record(Payload::FrameFree {
            first: address(first),
            frames: frames as u64,
            tag,
        });
    }
}
