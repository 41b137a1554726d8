//! The lessons themselves: one file each, named as the lesson, with `_` for `-`.

mod busy_machine;
mod copy_on_write;
mod frames;

use super::Lesson;

/// All lessons, in the order in which the demo plays them.
pub static LESSONS: &[Lesson] = &[busy_machine::LESSON, frames::LESSON, copy_on_write::LESSON];
