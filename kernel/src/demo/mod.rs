//! The live workload: the real memory subsystem kept busy without end, at a pace that can be watched.
//!
//! ```text
//! scene ─► scene ─► scene ─► …  round and round; each has a caption and an act
//!    └ beat, beat, beat: at each one the act does a burst of operations, and says how it went
//! ```
//! Nothing here draws: what is seen are the events of the allocators. The same seed gives the same
//! operations.

mod owners;
mod scenes;

use crate::boot::options::Mode;
use crate::machine::clock::SECOND;
use crate::memory::{guard_pages, trace};
use alloc::boxed::Box;
use owners::Owners;
use scenes::ABOUT_GUARD_PAGES;
pub use scenes::{SCENES, number};

/// From one beat to the next, in nanoseconds.
const BEAT: u64 = SECOND / 30;
/// Steps in a scene when somebody steps by hand.
const STEPS: u32 = 4;

/// The captions; a caption event carries the number of one, beginning with 1.
pub const CAPTIONS: &[&str] = &scenes::captions();

/// The workload and where it is.
pub struct Workload {
    owners: Box<Owners>,
    scene: usize,
    beat: u32,
    due: u64,
    paused: bool,
    by_hand: bool,
}

impl Workload {
    /// At the first scene; it begins to move at `now`, or at the first step in a classroom.
    pub fn new(mode: Mode, seed: u64, now: u64) -> Workload {
        let by_hand = mode == Mode::Classroom;
        Workload {
            owners: Box::new(Owners::new(seed)),
            scene: 0,
            beat: 0,
            due: now,
            paused: by_hand,
            by_hand,
        }
    }

    /// Holds still, or goes on by itself from `now`.
    pub fn set_paused(&mut self, paused: bool, now: u64) {
        if self.paused != paused {
            self.paused = paused;
            self.by_hand = paused && self.by_hand;
            self.due = now;
        }
    }

    /// Whether it holds still.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// The number of the scene, beginning with 1.
    pub fn scene(&self) -> usize {
        self.scene + 1
    }

    /// Goes to the beginning of the scene with this number; false if there is none.
    pub fn go_to(&mut self, scene: usize) -> bool {
        let found = (1..=SCENES.len()).contains(&scene);
        if found {
            self.scene = scene - 1;
            self.beat = 0;
        }
        found
    }

    /// Does what is due by `now`. After a long wait it does not run after the clock.
    pub fn advance(&mut self, now: u64) {
        if self.paused || now < self.due {
            return;
        }
        self.due = (self.due + BEAT).max(now.saturating_sub(BEAT));
        self.beat();
    }

    /// Does what one beat holds, whatever the time is.
    pub fn beat(&mut self) {
        let burst = self.owners.burst();
        self.act(SCENES[self.scene].beats, burst);
    }

    /// Gives a part of everything back; true while something is left.
    pub fn wind_down(&mut self) -> bool {
        self.owners.give_back_some()
    }

    /// Does one single operation, while it holds still.
    pub fn step(&mut self) {
        if !self.by_hand {
            self.by_hand = true;
            self.beat = 0;
        }
        self.act(STEPS, 1);
    }

    /// One beat of the scene, which has so many of them.
    fn act(&mut self, beats: u32, burst: usize) {
        let scene = &SCENES[self.scene];
        if self.beat == 0 {
            trace::caption(self.scene as u32 + 1);
            log::debug!("scene {}: {}", self.scene + 1, scene.caption);
        }
        (scene.act)(&mut self.owners, self.beat, burst);
        self.beat += 1;
        if self.beat >= beats {
            self.beat = 0;
            self.scene = self.next_scene();
        }
    }

    /// Those about guard pages are left out where there are none.
    fn next_scene(&self) -> usize {
        let later = (1..=SCENES.len()).map(|on| (self.scene + on) % SCENES.len());
        let mut shown = later
            .filter(|&at| guard_pages::is_on() || !ABOUT_GUARD_PAGES.contains(&SCENES[at].name));
        shown.next().unwrap_or_default()
    }
}
