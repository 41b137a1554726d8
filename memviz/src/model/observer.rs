//! Whom the model tells what an event changed.
//!
//! ```text
//! begin(event) ─► frame | firmware_region | heap_frame, once for each that changes ─► end(kind)
//! ```

use super::direction::Direction;
use super::frames::frame::Frame;
use core::ops::Range;
use mm::event::{Event, Kind};
use mm::memory_map::FirmwareRegion;

/// Learns what changes in a model. Each function does nothing unless it is overridden.
pub trait Observer {
    /// The changes that follow are those of an event that happens now, or, without an event, of one
    /// that is undone or of a comparison with the machine.
    fn begin(&mut self, _event: Option<&Event>) {}

    /// A frame was replaced.
    fn frame(&mut self, _number: usize, _before: &Frame, _after: &Frame) {}

    /// A region of the firmware's memory map was added, or removed.
    fn firmware_region(&mut self, _region: &FirmwareRegion, _direction: Direction) {}

    /// A block of the heap changed in the heap frame with this number.
    fn heap_frame(&mut self, _number: usize) {}

    /// An event of this kind was applied or undone.
    fn end(&mut self, _kind: Kind) {}

    /// Of all frames, those with these numbers were compared with the machine; `differ`: the number of frames
    /// that differ is another one now.
    fn compared(&mut self, _frames: &[Frame], _numbers: Range<usize>, _differ: bool) {}

    /// Everything was taken anew from the machine.
    fn rebuilt(&mut self) {}
}

/// Nothing is drawn.
impl Observer for () {}
