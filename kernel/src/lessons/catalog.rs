//! The list of lessons: look-up by name, and its entries on the screen.

use super::duration;
use super::scripts::LESSONS;
use memviz::view::caption::LessonEntry;

/// Returns the number of the lesson with this name.
pub fn number(name: &str) -> Option<usize> {
    LESSONS.iter().position(|lesson| lesson.name == name)
}

/// Logs that no lesson has this name, and lists all lessons.
pub fn report_unknown(name: &str) {
    log::error!(target: "kernel::lessons", "there is no lesson \"{name}\"; the lessons are:");
    for lesson in LESSONS.iter().filter(|lesson| (lesson.is_possible)()) {
        log::info!(target: "kernel::lessons", "  {:<16} {}", lesson.name, lesson.title);
    }
}

/// Returns an entry of the list of lessons on the screen.
pub fn entry(at: usize) -> Option<LessonEntry> {
    let lesson = LESSONS.get(at)?;
    Some(LessonEntry {
        name: lesson.name,
        title: lesson.title,
        goal: lesson.goal,
        steps: lesson.steps.len() as u8,
        seconds: duration::seconds(lesson),
    })
}
