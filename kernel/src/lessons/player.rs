//! Plays lessons: by itself, one after the other, or phase by phase when somebody asks for it.
//!
//! ```text
//!  Ask ──► Act ──beat, beat, …──► check ──► Ask of the next step ──► … ──► Leave ──► Leaving ──► balance ──► the next lesson
//!   └ a question stands                └ an answer stands                           └ everything is given back, in parts
//! ```
//! At the end of a lesson the machine has what it had before: that is looked at each time.

use super::stage::Stage;
use super::words::Note;
use super::{Failure, LESSONS, Lesson, Outcome, Part, Step, fact, say};
use crate::machine::clock::SECOND;
use crate::memory::checks::balance::Balance;
use alloc::boxed::Box;

/// From one beat to the next, in nanoseconds.
pub const BEAT: u64 = SECOND / 30;
/// How long a question stands when lessons play by themselves, in nanoseconds.
const QUESTION: u64 = 3 * SECOND;
/// How long an answer stands.
const ANSWER: u64 = 4 * SECOND;
/// Beats at a time when somebody does not want to wait for them.
const HURRY: u32 = 8;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The question of the step, if it has one.
    Ask,
    /// The step happens: so many beats of it have.
    Act(u32),
    /// The lesson is over.
    Leave,
    /// Everything is given back, part by part.
    Leaving,
}

/// What it took to play a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is more of it.
    Goes,
    /// It is over, and the next one may come.
    Over,
    /// The lesson is over.
    Done,
}

/// A lesson that is played, and where in it.
pub struct Player {
    stage: Box<Stage>,
    lesson: usize,
    step: usize,
    /// What comes before the first step has happened.
    is_prepared: bool,
    next: Next,
    /// Where the machine stood before the lesson.
    before: Balance,
    /// Somebody else took or gave memory meanwhile: the balance proves nothing.
    is_disturbed: bool,
    /// Another lesson is wanted after this one.
    wanted: Option<usize>,
    due: u64,
    paused: bool,
    by_hand: bool,
    hurry: bool,
    /// The lesson before this one was left, and this one begins without being asked again.
    begins: bool,
    failures: u64,
}

impl Player {
    /// At the first lesson; it begins to move at `now`, or when it is asked to.
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
            hurry: false,
            begins: false,
            failures: 0,
        }
    }

    /// Says which lesson comes first, for somebody who goes by hand.
    pub fn introduce(&mut self) {
        self.announce("", self.wanted.unwrap_or(self.lesson));
        self.stage.forget();
    }

    /// Holds still, or goes on by itself from `now`.
    pub fn set_paused(&mut self, paused: bool, now: u64) {
        if self.paused != paused {
            self.paused = paused;
            self.by_hand = paused && self.by_hand;
            self.due = now;
        }
    }

    /// Whether nothing moves: held, and not in the middle of something that somebody asked for.
    pub fn is_still(&self) -> bool {
        self.paused && !self.is_moving()
    }

    /// In the middle of a step that somebody asked for, or of leaving a lesson.
    pub fn is_moving(&self) -> bool {
        self.by_hand && (self.begins || matches!(self.next, Next::Act(1..) | Next::Leaving))
    }

    /// The number of the lesson, from 0 on.
    pub fn lesson(&self) -> usize {
        self.lesson
    }

    /// The number of the step, from 0 on.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Steps that did not go as they should, and balances that were not even.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Memory is taken or given by somebody who has nothing to do with the lesson.
    pub fn disturb(&mut self) {
        self.is_disturbed = true;
    }

    /// Plays this lesson next; false if there is none with this number, or this kernel has not what
    /// it shows.
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

    /// Does what is due by `now`. After a long wait it does not run after the clock.
    pub fn advance(&mut self, now: u64) {
        if self.is_still() || now < self.due {
            return;
        }
        self.due = (self.due + BEAT).max(now.saturating_sub(BEAT));
        let beats = if self.hurry { HURRY } else { 1 };
        for _ in 0..beats {
            let stands = match (self.next, self.beat()) {
                (_, Phase::Goes) => continue,
                (Next::Ask, _) => QUESTION,
                (_, _) if self.has_just_answered() => ANSWER,
                _ => 0,
            };
            self.hurry = false;
            self.due += stands;
            break;
        }
    }

    /// Plays the next phase by hand: begins it, and the rest of it comes by [`Player::advance`]. In
    /// the middle of one, its rest comes faster.
    pub fn advance_by_hand(&mut self, now: u64) {
        self.by_hand = true;
        self.due = now;
        if self.is_moving() {
            self.hurry = true;
            return;
        }
        if let Phase::Goes = self.beat() {
            self.due = now + BEAT;
        }
    }

    /// Plays one beat, whatever the time is.
    pub fn beat(&mut self) -> Phase {
        self.begins = false;
        match self.next {
            Next::Ask => {
                if let Err(failure) = self.prepare() {
                    self.complain(&failure);
                    self.next = Next::Leave;
                    return Phase::Over;
                }
                let asked = self.say(Part::Question);
                self.next = Next::Act(0);
                // Without a question it happens at once.
                if asked { Phase::Over } else { self.beat() }
            }
            Next::Act(beat) => self.act(beat),
            Next::Leave | Next::Leaving => self.leave(),
        }
    }

    /// Before the first step, what comes before it.
    fn prepare(&mut self) -> Outcome {
        match self.is_prepared {
            true => Ok(()),
            false => {
                self.is_prepared = true;
                (self.current_lesson().prepare)(&mut self.stage)
            }
        }
    }

    /// Says the words of this part of the step: false if it has none.
    fn say(&mut self, part: Part) -> bool {
        match say(self.lesson, self.step, part, &self.stage) {
            Ok(said) => said,
            Err(failure) => {
                self.complain(&failure);
                true
            }
        }
    }

    fn act(&mut self, beat: u32) -> Phase {
        let step = self.current();
        if beat == 0 {
            self.say(Part::Meanwhile);
        }
        self.stage.beat = beat;
        let acted = (step.act)(&mut self.stage);
        let is_last = beat + 1 >= step.beats;
        if acted.is_ok() && !is_last {
            self.next = Next::Act(beat + 1);
            return Phase::Goes;
        }
        self.next = match acted.and_then(|()| (step.check)(&self.stage)) {
            Ok(()) => {
                self.say(Part::Answer);
                self.following()
            }
            Err(failure) => {
                self.complain(&failure);
                Next::Leave
            }
        };
        Phase::Over
    }

    /// The next step of this lesson, or the end of it.
    fn following(&mut self) -> Next {
        match possible_step(self.lesson, self.step + 1) {
            Some(step) => {
                self.step = step;
                Next::Ask
            }
            None => Next::Leave,
        }
    }

    /// Whether words stand that want to be read.
    fn has_just_answered(&self) -> bool {
        let steps = LESSONS[self.lesson].steps;
        let last = match self.next {
            Next::Ask => steps[..self.step].last(),
            Next::Leave => steps.get(self.step),
            Next::Act(_) | Next::Leaving => None,
        };
        last.is_some_and(|step| step.answer.is_some())
    }

    /// Gives a part of everything back, whatever comes next; true while something is left.
    pub fn wind_down(&mut self) -> bool {
        self.leave() == Phase::Goes
    }

    fn leave(&mut self) -> Phase {
        self.next = Next::Leaving;
        if self.stage.give_back_some() {
            return Phase::Goes;
        }
        if let Err(failure) = self.balance() {
            self.complain(&failure);
        }
        let wanted = self.wanted.take();
        let next = wanted.unwrap_or_else(|| self.following_lesson());
        // Who goes by hand wants to know that the lesson is over, before another one begins.
        self.begins = wanted.is_some() || !self.by_hand;
        if !self.begins {
            self.announce(
                "This lesson is over, and all that it took is given back. ",
                next,
            );
        }
        self.stage.forget();
        self.lesson = next;
        self.step = possible_step(next, 0).unwrap_or_default();
        self.is_prepared = false;
        self.next = Next::Ask;
        self.before = Balance::now();
        self.is_disturbed = false;
        log::debug!("lesson {}", self.current_lesson().name);
        Phase::Done
    }

    /// Says which lesson comes next.
    fn announce(&mut self, before: &'static str, next: usize) {
        self.stage.note("before", Note::Text(before));
        self.stage.note("next", Note::Text(LESSONS[next].title));
        self.say(Part::Between);
    }

    fn balance(&self) -> Outcome {
        let (before, after) = (self.before, Balance::now());
        fact!(
            self.is_disturbed || before == after,
            "memory is not as it was: {before:?} became {after:?}"
        );
        Ok(())
    }

    /// Lessons about what is switched off are left out.
    fn following_lesson(&self) -> usize {
        let later = (1..=LESSONS.len()).map(|on| (self.lesson + on) % LESSONS.len());
        let mut possible = later.filter(|&at| (LESSONS[at].is_possible)());
        possible.next().unwrap_or_default()
    }

    fn current_lesson(&self) -> &'static Lesson {
        &LESSONS[self.lesson]
    }

    fn current(&self) -> &'static Step {
        &self.current_lesson().steps[self.step]
    }

    fn complain(&mut self, failure: &Failure) {
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

/// The first step of a lesson, from this one on, that this kernel and this CPU have everything for.
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
