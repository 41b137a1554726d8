//! The main loop: keys, lesson, picture, sixty times a second.

use crate::boot::enhancements::Enhancements;
use crate::boot::options::{Mode, Options};
use crate::dashboard::Live;
use crate::keys::{Input, Keys};
use crate::lessons::{self, Player, unattended};
use crate::machine::clock::{self, SECOND};
use crate::machine::power::{self, Status};
use crate::memory::physical::heat;
use crate::process;
use crate::shell::{Context, Shell};
use memviz::dashboard::Request;
use memviz::dashboard::actions;
use memviz::dashboard::actions::Action;
use memviz::input::keys::Key;
use memviz::input::mouse::Movement;

/// From one picture to the next, in nanoseconds.
const FRAME: u64 = SECOND / 60;

/// Plays until somebody switches off, or the time on the command line is over.
pub fn run(live: Option<Live>, options: &Options<'static>) -> ! {
    if options.mode == Mode::Lesson {
        unattended::run_lesson(live, options);
    }
    let start = clock::now();
    let by_hand = options.mode == Mode::Classroom;
    let mut show = Show {
        mode: options.mode,
        live,
        player: Player::new(by_hand, options.seed, start),
        keys: Keys::new(options.keys, start),
        shell: Shell::new(options.enhancements.contains(Enhancements::SHELL)),
    };
    if !options.lesson.is_empty() {
        let found = lessons::number(options.lesson);
        if !found.is_some_and(|number| show.player.go_to(number)) {
            lessons::report_unknown(options.lesson);
        }
    }
    match options.mode {
        Mode::Classroom => {
            if options.lesson.is_empty() {
                show.player.introduce();
            }
            show.act(Action::PlayPause);
        }
        Mode::Shell => {
            show.shell.enter();
            show.show_shell();
        }
        Mode::Demo | Mode::Lesson | Mode::SelfTest | Mode::Bench => {}
    }
    log::info!(target: "kernel::dashboard", "dashboard up, {} ms after the kernel began", start / 1_000_000);
    let end = options.seconds.map(|seconds| start + seconds * SECOND);
    let mut next = start;
    loop {
        show.frame();
        if end.is_some_and(|end| clock::now() >= end) {
            show.end();
        }
        next = (next + FRAME).max(clock::now());
        while clock::now() < next {
            if show.is_held() || !process::run_slice() {
                clock::idle();
            }
        }
    }
}

struct Show {
    mode: Mode,
    live: Option<Live>,
    player: Player,
    keys: Keys,
    shell: Shell,
}

impl Show {
    /// One picture.
    fn frame(&mut self) {
        while let Some(input) = self.keys.next(clock::now()) {
            match input {
                Input::Key(key) => self.take(key),
                Input::Mouse(movement) => self.point(&movement),
            }
        }
        self.player.advance(clock::now());
        // While everything stands still, nothing cools down either.
        if !self.is_held() {
            heat::sample(clock::now());
        }
        if let Some(live) = &mut self.live {
            live.show();
            // A replay ends by itself.
            self.player.set_paused(live.is_paused(), clock::now());
        }
    }

    /// Whether everything stands still, processes as well. Whoever is in the shell wants to see
    /// them run, unless he looks at the past: nothing happens behind his back.
    fn is_held(&self) -> bool {
        let is_past = self.live.as_ref().is_some_and(|live| !live.is_live());
        is_past || self.player.is_idle() && !self.shell.is_entered()
    }

    /// A key goes to the shell, or means something to the dashboard.
    fn take(&mut self, key: Key) {
        if self.shell.is_entered() {
            self.player.disturb();
            let context = Context {
                live: self.live.as_mut(),
                player: &mut self.player,
            };
            self.shell.take(key, context);
        } else if self.mode == Mode::Classroom && key == Key::Space {
            // In the past, what was said next; in the present, what comes next.
            let is_live = self.live.as_ref().is_none_or(Live::is_live);
            self.act(if is_live {
                Action::Step
            } else {
                Action::NextStep
            });
        } else if let Some(action) = actions::action(key) {
            self.act(action);
        }
        self.show_shell();
    }

    /// The shell is on the screen while keys go to it.
    fn show_shell(&mut self) {
        if let Some(live) = &mut self.live {
            live.set_shell(self.shell.is_entered());
        }
    }

    /// The mouse moved, or was clicked.
    fn point(&mut self, movement: &Movement) {
        let actions = self.live.as_mut().map(|live| live.point(movement));
        actions
            .into_iter()
            .flatten()
            .for_each(|action| self.act(action));
        self.show_shell();
    }

    /// Does what a key asks for.
    fn act(&mut self, action: Action) {
        let request = match &mut self.live {
            Some(live) => {
                let request = live.handle(action);
                self.player.set_paused(live.is_paused(), clock::now());
                request
            }
            None => match action {
                Action::Quit => Some(Request::PowerOff),
                Action::Shell => Some(Request::Shell),
                _ => None,
            },
        };
        match request {
            Some(Request::Step) => self.step(),
            Some(Request::NextStep) => self.next_step(),
            Some(Request::Lesson(number)) => {
                self.act(Action::Live);
                if !self.player.go_to(number) {
                    log::warn!(target: "kernel::lessons", "this kernel has not what that lesson shows");
                }
            }
            Some(Request::Tell(why)) => log::warn!(target: "kernel::dashboard", "{why}"),
            Some(Request::Screenshot) => self.live.iter_mut().for_each(|live| live.save(None)),
            Some(Request::Shell) => self.shell.enter(),
            Some(Request::PowerOff) => power::off(Status::Success),
            None => {}
        }
    }

    /// The next phase of the lesson, which holds still otherwise.
    fn step(&mut self) {
        if self.live.as_ref().is_some_and(|live| !live.is_paused()) {
            self.act(Action::PlayPause);
        }
        // Before what happens: so the words come last, and a step back leads to the words before.
        heat::end_period(clock::now());
        self.player.advance_by_hand(clock::now());
    }

    /// The next step of the lesson: its question, or what happens where it has none.
    fn next_step(&mut self) {
        let step = self.player.step();
        self.step();
        if self.player.step() == step && !self.player.is_moving() {
            self.step();
        }
    }

    /// The time is over: a last picture, and how it went.
    fn end(&mut self) -> ! {
        let Some(live) = &mut self.live else {
            power::off(Status::Success)
        };
        // The past is not compared; so that picture comes first.
        let is_past = !live.is_live();
        if is_past {
            live.save_last();
        }
        let wrong = live.verify_all();
        let (lost, ever_wrong) = live.troubles();
        if !is_past {
            live.save_last();
        }
        log::info!(
            target: "kernel::dashboard",
            "{lost} events lost, {wrong} disagreements between picture and machine, {ever_wrong} ever"
        );
        power::off(if ever_wrong + self.player.failures() == 0 {
            Status::Success
        } else {
            Status::Failure
        })
    }
}
