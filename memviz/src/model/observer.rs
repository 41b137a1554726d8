//! The observer that a model notifies of its changes.
//!
//! ```text
//! begin(event) ─► frame | firmware_region | heap_frame, once for each that changes ─► end(kind)
//! ```

use super::direction::Direction;
use super::frames::frame::Frame;
use core::ops::Range;
use mm::event::{Event, Kind};
use mm::memory_map::FirmwareRegion;

/// An observer of changes in a model. The default functions do nothing.
pub trait Observer {
    /// The following changes belong to an event that is applied. Without an event, they belong to
    /// one that is reverted, or to a comparison with the machine.
    fn begin(&mut self, _event: Option<&Event>) {}

    /// A frame changed.
    fn frame(&mut self, _number: usize, _before: &Frame, _after: &Frame) {}

    /// A region of the firmware's memory map was added, or removed.
    fn firmware_region(&mut self, _region: &FirmwareRegion, _direction: Direction) {}

    /// A block in the heap frame with this number changed.
    fn heap_frame(&mut self, _number: usize) {}

    /// An event of this kind was applied or reverted.
    fn end(&mut self, _kind: Kind) {}

    /// The frames with these numbers were compared with the machine. `differ` says whether the
    /// number of frames that differ changed.
    fn compared(&mut self, _frames: &[Frame], _numbers: Range<usize>, _differ: bool) {}

    /// The model was rebuilt from the machine.
    fn rebuilt(&mut self) {}
}

/// An observer that ignores all changes.
impl Observer for () {}
