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
    /// Starts the changes of an event that is applied. Without an event, the changes belong to one
    /// that is reverted, or to a comparison with the machine.
    fn begin(&mut self, _event: Option<&Event>) {}

    /// Receives a frame that changed.
    fn frame(&mut self, _number: usize, _before: &Frame, _after: &Frame) {}

    /// Receives a region of the firmware's memory map that was added or removed.
    fn firmware_region(&mut self, _region: &FirmwareRegion, _direction: Direction) {}

    /// Receives the number of a heap frame in which a block changed.
    fn heap_frame(&mut self, _number: usize) {}

    /// Ends the changes of an event of this kind, which was applied or reverted.
    fn end(&mut self, _kind: Kind) {}

    /// Receives the numbers of frames that were compared with the machine. `differ` is true if the
    /// number of frames that differ changed.
    fn compared(&mut self, _frames: &[Frame], _numbers: Range<usize>, _differ: bool) {}

    /// Notes that the model was rebuilt from the machine.
    fn rebuilt(&mut self) {}
}

/// An observer that ignores all changes.
impl Observer for () {}
