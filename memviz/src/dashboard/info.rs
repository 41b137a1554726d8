//! The data between the dashboard and its caller, apart from events and keys.

use crate::graphics::theme::Theme;
use crate::input::keyboard_layout::KeyboardLayout;
use crate::panels::PanelId;
use crate::view::caption::{Caption, LessonEntry};
use crate::view::names::Names;
use embedded_graphics::geometry::Size;

/// The facts about the machine that the dashboard needs.
#[derive(Clone, Copy)]
pub struct Info {
    /// Returns the caption with this number.
    pub caption: &'static dyn Fn(u32) -> Option<Caption>,
    /// Returns the lesson with this number, from 0.
    pub lessons: &'static dyn Fn(usize) -> Option<LessonEntry>,
    /// Size of the memory, in bytes.
    pub memory: u64,
    /// The first palette.
    pub theme: &'static Theme,
    /// The names of programs and areas.
    pub names: Names,
    /// The first layout of the keyboard.
    pub keyboard: KeyboardLayout,
    /// True to start in projector mode: fewer and larger panels.
    pub projector: bool,
    /// The panel to show alone, even if a lesson names others.
    pub only: Option<PanelId>,
    /// True if Space is a step: in a classroom, and for a workload by hand.
    pub classroom: bool,
    /// The events come from a trace file. So a question can be answered in the past too, and a
    /// replay shows every caption in a picture.
    pub from_trace: bool,
}

/// The reason why a dashboard cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DashboardError {
    /// The screen is smaller than [`crate::view::layout::SMALLEST`].
    ScreenTooSmall(Size),
}

/// The task of the caller after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Run one step of the workload.
    Step,
    /// Run to the next lesson step.
    NextStep,
    /// Restart the lesson with this number.
    Lesson(usize),
    /// Report why a key had no effect.
    Warn(&'static str),
    /// Switch to the next keyboard layout.
    NextKeyboard,
    /// Save a screenshot.
    Screenshot,
    /// Send the keys to the shell from now on.
    Shell,
    /// Power off.
    PowerOff,
}
