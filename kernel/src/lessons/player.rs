//! Plays lessons: one after another by itself, or phase by phase at a key press.
//!
//! ```text
//!  Ask ──► Act ──beat, …──► check ──► Ask of the next step ──► … ──► Leave ──► Leaving
//!   └ the question shows      └ the answer shows                                 │ frees memory
//!                                             the next lesson ◄── balance check ◄──┘ in parts
//! ```
//! After each lesson the player checks that memory is as it was before.

use super::captions::say;
use super::duration::{ANSWER, BEAT, QUESTION};
use super::failure::{Failure, Outcome, fact};
use super::lesson::{Lesson, LessonStep};
use super::scripts::LESSONS;
use super::stage::Stage;
use super::words::Note;
use crate::memory::checks::balance::Balance;
use alloc::boxed::Box;
use memviz::view::caption::Part;

/// Beats at a time when a key press requests the rest of a phase.
const HURRIED_BEATS: u32 = 8;

/// The next action of the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Show the question of the step, if it has one.
    Ask,
    /// Act: this many beats of the step are done.
    Act(u32),
    /// Leave the lesson: its last step is done.
    Leave,
    /// Free everything that the stage holds, part by part.
    Leaving,
}

/// The progress of the player after a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The phase has more beats.
    Running,
    /// The phase is done; the next one may begin.
    PhaseDone,
    /// The lesson is done.
    LessonDone,
}

/// The current lesson, and the position in it.
pub struct Player {
    stage: Box<Stage>,
    lesson: usize,
    step: usize,
    /// True if the lesson's `prepare` function has run.
    is_prepared: bool,
    next: Next,
    /// The state of memory before the lesson.
    before: Balance,
    /// True if code outside the lesson allocated or freed memory, so that the balance proves
    /// nothing.
    is_disturbed: bool,
    /// The lesson that the user chose to play next.
    wanted: Option<usize>,
    due: u64,
    paused: bool,
    by_hand: bool,
    is_hurried: bool,
    /// True if this lesson begins without another key press, because the player left the one
    /// before.
    begins: bool,
    failures: u64,
}

impl Player {
    /// A player at the first lesson, which begins at `now`, or by hand at a key press.
    #[expect(
        clippy::disallowed_methods,
        reason = "at boot, before the first lesson"
    )]
    pub fn new(by_hand: bool, seed: u64, now: u64) -> Player {
        let stage = Box::new(Stage::new(seed));
        Player {
            stage,
            lesson: 0,
            step: 0,
            is_prepared: false,
            next: Next::Ask,
            before: Balance::now(),
            is_disturbed: false,
            wanted: None,
            due: now,
            paused: by_hand,
            by_hand,
            is_hurried: false,
            begins: false,
            failures: 0,
        }
    }

    /// Shows which lesson comes first, for a classroom.
    pub fn introduce(&mut self) {
        self.announce("", self.wanted.unwrap_or(self.lesson));
        self.stage.forget();
    }

    /// Pauses, or resumes at `now`.
    pub fn set_paused(&mut self, paused: bool, now: u64) {
        if self.paused != paused {
            self.paused = paused;
            self.by_hand = paused && self.by_hand;
            self.due = now;
        }
    }

    /// Returns whether nothing happens: paused, and not in the middle of a phase that a key press
    /// began.
    pub fn is_idle(&self) -> bool {
        self.paused && !self.is_moving()
    }

    /// Returns whether a step that a key press began still acts, or the stage still frees memory.
    pub fn is_moving(&self) -> bool {
        self.by_hand && (self.begins || matches!(self.next, Next::Act(1..) | Next::Leaving))
    }

    /// Returns the number of the lesson, from 0.
    pub fn lesson(&self) -> usize {
        self.lesson
    }

    /// Returns the number of the step, from 0.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Returns the number of failed steps and failed balances.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Records that code outside the lesson allocates or frees memory.
    pub fn disturb(&mut self) {
        self.is_disturbed = true;
    }

    /// Plays this lesson next. Returns false if no lesson has this number, or this kernel lacks a
    /// feature that it shows.
    pub fn go_to(&mut self, lesson: usize) -> bool {
        let found = LESSONS
            .get(lesson)
            .is_some_and(|lesson| (lesson.is_possible)());
        if found {
            self.wanted = Some(lesson);
            self.next = Next::Leaving;
            self.by_hand |= self.paused;
        }
        found
    }

    /// Plays the beats that are due by `now`. After a long delay it does not catch up.
    pub fn advance(&mut self, now: u64) {
        if self.is_idle() || now < self.due {
            return;
        }
        self.due = (self.due + BEAT).max(now.saturating_sub(BEAT));
        let beats = if self.is_hurried { HURRIED_BEATS } else { 1 };
        for _ in 0..beats {
            let delay = match (self.next, self.beat()) {
                (_, Progress::Running) => continue,
                (Next::Ask, _) => QUESTION,
                (_, _) if self.has_just_answered() => ANSWER,
                _ => 0,
            };
            self.is_hurried = false;
            self.due += delay;
            break;
        }
    }

    /// Begins the next phase by hand; [`Player::advance`] plays its rest. In the middle of a phase,
    /// it makes the rest faster.
    pub fn advance_by_hand(&mut self, now: u64) {
        self.by_hand = true;
        self.due = now;
        if self.is_moving() {
            self.is_hurried = true;
            return;
        }
        if let Progress::Running = self.beat() {
            self.due = now + BEAT;
        }
    }

    /// Plays one beat at once.
    pub fn beat(&mut self) -> Progress {
        self.begins = false;
        match self.next {
            Next::Ask => {
                if let Err(failure) = self.prepare() {
                    self.report(&failure);
                    self.next = Next::Leave;
                    return Progress::PhaseDone;
                }
                let asked = self.asks() && self.say(Part::Question);
                self.next = Next::Act(0);
                // Without a question the step acts at once.
                if asked {
                    Progress::PhaseDone
                } else {
                    self.beat()
                }
            }
            Next::Act(beat) => self.act(beat),
            Next::Leave | Next::Leaving => self.leave(),
        }
    }

    /// Prepares the lesson before its first step.
    fn prepare(&mut self) -> Outcome {
        match self.is_prepared {
            true => Ok(()),
            false => {
                self.is_prepared = true;
                (self.current_lesson().prepare)(&mut self.stage)
            }
        }
    }

    /// Returns whether the step asks its question. A step without an answer shows its caption at
    /// once when lessons play by themselves, so that the demo does not stop.
    fn asks(&self) -> bool {
        self.by_hand || self.current().answer.is_some()
    }

    /// Shows the caption of this part of the step. Returns false if the step has none.
    fn say(&mut self, part: Part) -> bool {
        match say(self.lesson, self.step, part, &self.stage) {
            Ok(said) => said,
            Err(failure) => {
                self.report(&failure);
                true
            }
        }
    }

    fn act(&mut self, beat: u32) -> Progress {
        let step = self.current();
        if beat == 0 {
            self.say(Part::Meanwhile);
        }
        self.stage.beat = beat;
        let acted = (step.act)(&mut self.stage);
        let is_last = beat + 1 >= step.beats;
        if acted.is_ok() && !is_last {
            self.next = Next::Act(beat + 1);
            return Progress::Running;
        }
        self.next = match acted.and_then(|()| (step.check)(&self.stage)) {
            Ok(()) => {
                self.say(Part::Answer);
                self.following()
            }
            Err(failure) => {
                self.report(&failure);
                Next::Leave
            }
        };
        Progress::PhaseDone
    }

    /// Returns the next step of this lesson, or its end.
    fn following(&mut self) -> Next {
        match possible_step(self.lesson, self.step + 1) {
            Some(step) => {
                self.step = step;
                Next::Ask
            }
            None => Next::Leave,
        }
    }

    /// Returns whether the screen shows an answer that viewers have not read yet.
    fn has_just_answered(&self) -> bool {
        let steps = LESSONS[self.lesson].steps;
        let last = match self.next {
            Next::Ask => steps[..self.step].last(),
            Next::Leave => steps.get(self.step),
            Next::Act(_) | Next::Leaving => None,
        };
        last.is_some_and(|step| step.answer.is_some())
    }

    /// Frees a part of everything that the stage holds, at any point of the lesson. Returns true
    /// while something is left.
    pub fn wind_down(&mut self) -> bool {
        self.leave() == Progress::Running
    }

    fn leave(&mut self) -> Progress {
        self.next = Next::Leaving;
        if self.stage.free_some() {
            return Progress::Running;
        }
        if let Err(failure) = self.balance() {
            self.report(&failure);
        }
        let wanted = self.wanted.take();
        let next = wanted.unwrap_or_else(|| self.following_lesson());
        // At key presses, the player announces the end of the lesson before another one begins.
        self.begins = wanted.is_some() || !self.by_hand;
        if !self.begins {
            self.announce("This lesson is over, and all its memory is free. ", next);
        }
        self.stage.forget();
        self.lesson = next;
        self.step = possible_step(next, 0).unwrap_or_default();
        self.is_prepared = false;
        self.next = Next::Ask;
        self.before = Balance::now();
        self.is_disturbed = false;
        let Balance {
            free_frames,
            live_bytes,
        } = self.before;
        log::debug!(target: "memviz", "balance {free_frames} {live_bytes}");
        log::debug!("lesson {}", self.current_lesson().name);
        Progress::LessonDone
    }

    /// Shows which lesson comes next.
    fn announce(&mut self, before: &'static str, next: usize) {
        self.stage.note("before", Note::Text(before));
        self.stage.note("next", Note::Text(LESSONS[next].title));
        self.say(Part::Between);
    }

    fn balance(&self) -> Outcome {
        let (before, after) = (self.before, Balance::now());
        fact!(
            self.is_disturbed || before == after,
            "memory is not as it was: {before:?} → {after:?}"
        );
        Ok(())
    }

    /// Returns the next lesson whose features this kernel has.
    fn following_lesson(&self) -> usize {
        let later = (1..=LESSONS.len()).map(|on| (self.lesson + on) % LESSONS.len());
        let mut possible = later.filter(|&at| (LESSONS[at].is_possible)());
        possible.next().unwrap_or_default()
    }

    fn current_lesson(&self) -> &'static Lesson {
        &LESSONS[self.lesson]
    }

    fn current(&self) -> &'static LessonStep {
        &self.current_lesson().steps[self.step]
    }

    fn report(&mut self, failure: &Failure) {
        let (name, step) = (self.current_lesson().name, self.step + 1);
        let Failure { refused, why } = failure;
        if *refused {
            log::warn!("lesson {name} ends at step {step}: {why}");
            return;
        }
        self.failures += 1;
        log::error!("✗ lesson {name}, step {step}: {why}");
    }
}

/// Returns the first step of a lesson, from this one on, for which this kernel and this CPU have
/// all features.
fn possible_step(lesson: usize, from: usize) -> Option<usize> {
    let Lesson { name, steps, .. } = &LESSONS[lesson];
    (from..steps.len()).find(|&at| {
        let missing = steps[at].missing();
        if !missing.is_empty() {
            let step = at + 1;
            log::info!("lesson {name}, step {step}: skipped: no {missing}");
        }
        missing.is_empty() && (steps[at].is_possible)()
    })
}
