//! What passes between the dashboard and its caller besides events and keys.

use crate::graphics::theme::Theme;
use crate::view::caption::{Caption, LessonEntry};
use crate::view::names::Names;
use embedded_graphics::geometry::Size;

/// What the dashboard must be told about its machine.
#[derive(Clone, Copy)]
pub struct Info {
    /// What the number of a caption event means.
    pub caption: fn(u32) -> Option<Caption>,
    /// The lessons by number, from 0 on.
    pub lessons: fn(usize) -> Option<LessonEntry>,
    /// Size of the memory, in bytes.
    pub memory: u64,
    /// The palette to begin with.
    pub theme: &'static Theme,
    /// Names programs and parts of the address space.
    pub names: Names,
    /// Less and larger from the beginning, for a wall.
    pub projector: bool,
    /// Somebody steps by hand: Space is a step.
    pub classroom: bool,
}

/// Why there is no dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DashboardError {
    /// The screen is smaller than [`crate::view::layout::SMALLEST`].
    ScreenTooSmall(Size),
}

/// What the caller has to do for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// One step of the workload.
    Step,
    /// On to the next lesson step.
    NextStep,
    /// To the beginning of the lesson with this number.
    Lesson(usize),
    /// Somebody must be told why nothing happens.
    Tell(&'static str),
    /// A picture of the screen.
    Screenshot,
    /// Keys go to the shell from now on.
    Shell,
    /// Power off.
    PowerOff,
}
