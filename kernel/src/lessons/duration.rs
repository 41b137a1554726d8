//! The durations of beats, questions, answers and whole lessons that play by themselves.

use super::lesson::{Lesson, LessonStep};
use crate::machine::clock::SECOND;

/// The time from one beat to the next, in nanoseconds.
pub const BEAT: u64 = SECOND / 30;
/// The duration of a question when lessons play by themselves, in nanoseconds.
pub const QUESTION: u64 = 3 * SECOND;
/// The duration of an answer, in nanoseconds.
pub const ANSWER: u64 = 4 * SECOND;

/// Returns how long a lesson plays by itself, in seconds.
pub fn seconds(lesson: &Lesson) -> u16 {
    let step = |step: &LessonStep| {
        let has_answer = step.answer.is_some();
        let question = if has_answer && step.question.is_some() {
            QUESTION
        } else {
            0
        };
        let answer = if has_answer { ANSWER } else { 0 };
        question + answer + u64::from(step.beats) * BEAT
    };
    let time: u64 = lesson.steps.iter().map(step).sum();
    u16::try_from(time / SECOND).unwrap_or(u16::MAX)
}
