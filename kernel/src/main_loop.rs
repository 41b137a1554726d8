//! The main loop: handles keys, plays the lesson and draws a picture, sixty times a second.

use crate::boot::enhancements::Enhancements;
use crate::boot::options::{Mode, Options, Pace};
use crate::dashboard::DashboardSession;
use crate::keys::{self, Input, Keys};
use crate::lessons::{self, Player};
use crate::machine::clock::{self, SECOND};
use crate::machine::power::{self, Status};
use crate::memory::checks::falsify;
use crate::memory::paging::stacks;
use crate::process;
use crate::references;
use crate::shell::{Context, Shell};
use crate::unattended;
use crate::workload::{self, Playing};
use memviz::dashboard::Notice;
use memviz::dashboard::Request;
use memviz::dashboard::actions;
use memviz::dashboard::actions::{Action, Pointing};
use memviz::input::keys::Key;
use memviz::input::mouse::Movement;
use memviz::view::figure::Figure;

/// The time between two pictures, in nanoseconds.
const FRAME: u64 = SECOND / 60;
/// The requests of a workload that the key of the next lesson step plays.
const NEXT_REQUESTS: u64 = 10;

/// Plays until a key powers the machine off, or until the time on the command line is over.
pub fn run(session: Option<&mut DashboardSession>, options: &Options<'static>) -> ! {
    if options.mode == Mode::Lesson {
        unattended::run_lesson(session, options);
    }
    let start = clock::now();
    let by_hand = matches!(
        options.mode,
        Mode::Classroom | Mode::References | Mode::Workload
    );
    let mut main_loop = MainLoop {
        session,
        player: Player::new(by_hand, options.seed, start),
        keys: Keys::new(keys::layout(options.keyboard), options.keys, start),
        shell: Shell::new(options.enhancements.contains(Enhancements::SHELL)),
        quit_pending: false,
        passed: true,
        playing: None,
        has_lesson: !matches!(options.mode, Mode::References | Mode::Workload),
    };
    if !options.lesson.is_empty() {
        let found = lessons::number(options.lesson);
        if !found.is_some_and(|number| main_loop.player.go_to(number)) {
            lessons::report_unknown(options.lesson);
        }
    }
    match options.mode {
        Mode::References => main_loop.replay(references::run, options),
        Mode::Workload if options.pace == Pace::Full => main_loop.replay(workload::run, options),
        Mode::Workload => main_loop.play_workload(options),
        Mode::Classroom => {
            if options.lesson.is_empty() {
                main_loop.player.introduce();
            }
            main_loop.act(Action::PlayPause);
        }
        Mode::Shell => {
            main_loop.shell.enter();
            main_loop.show_shell();
        }
        Mode::Demo | Mode::Lesson | Mode::SelfTest | Mode::Bench | Mode::Churn => {}
    }
    if !main_loop.keys.has_keyboard() {
        main_loop.show_notice(Some(Notice::NoKeyboard));
    }
    log_start(main_loop.session.is_some(), start);
    let end = options.seconds.map(|seconds| start + seconds * SECOND);
    let mut next = start;
    loop {
        main_loop.frame();
        if end.is_some_and(|end| clock::now() >= end) {
            main_loop.end();
        }
        next = (next + FRAME).max(clock::now());
        while clock::now() < next {
            if main_loop.is_held() || !process::run_slice() {
                clock::idle();
            }
        }
    }
}

/// Logs whether there is a dashboard, and when the kernel was ready.
fn log_start(has_dashboard: bool, start: u64) {
    let state = match has_dashboard {
        true => "dashboard up",
        false => "running without a dashboard",
    };
    log::info!(target: "kernel::dashboard", "{state}, {} ms after the kernel began", start / 1_000_000);
}

struct MainLoop<'s> {
    /// The dashboard, which is large: it stays where it was made.
    session: Option<&'s mut DashboardSession>,
    player: Player,
    keys: Keys,
    shell: Shell,
    /// `q` was pressed last: the second time powers off.
    quit_pending: bool,
    /// True if a replay of a reference string or a workload succeeded.
    passed: bool,
    /// A workload that is not played at full pace.
    playing: Option<Playing>,
    /// False in a run of a reference string or a workload, until the user chooses a lesson.
    has_lesson: bool,
}

impl MainLoop<'_> {
    /// Handles the input, plays what is due, and draws a picture.
    fn frame(&mut self) {
        loop {
            if let Some(key) = self.keys.next_of_script(clock::now()) {
                self.take_scripted(key);
            } else {
                match self.keys.next() {
                    Some(Input::Key(key)) => self.take(key),
                    Some(Input::Mouse(movement)) => self.point(&movement),
                    None => break,
                }
            }
        }
        if self.has_lesson {
            self.player.advance(clock::now());
        }
        self.advance_workload();
        clock::check();
        // While the demo is paused, frames do not cool down.
        if !self.is_held() {
            process::sample_heat(clock::now());
        }
        if let Some(session) = &mut self.session {
            session.show();
            // A replay that reached the present may have resumed.
            self.player.set_paused(session.is_paused(), clock::now());
        }
    }

    /// Runs a replay. Then powers off if the run has an end, else lets the user examine the
    /// picture.
    fn replay(
        &mut self,
        run: fn(Option<&mut DashboardSession>, &Options<'static>) -> bool,
        options: &Options<'static>,
    ) {
        self.passed = run(self.session.as_deref_mut(), options);
        if options.seconds.is_some() {
            self.end();
        }
        self.act(Action::PlayPause);
    }

    /// Plays a workload while the main loop handles keys and draws pictures.
    fn play_workload(&mut self, options: &Options<'static>) {
        self.playing = Playing::new(options);
        self.passed = self.playing.is_some();
        if let Some(session) = &mut self.session {
            let _ = session.handle(Action::ShowFigure(Figure::HeapMap));
        }
    }

    /// Starts the next strategy of a workload if the last one has ended, and allows the request of
    /// this picture.
    fn advance_workload(&mut self) {
        let is_held = self.is_held();
        let Some(playing) = &mut self.playing else {
            return;
        };
        match playing.advance() {
            None if is_held => {}
            None => playing.allow_for_picture(),
            Some(passed) => {
                self.passed = passed;
                self.playing = None;
                log::info!("the workload is played to its end");
                if !self
                    .session
                    .as_deref()
                    .is_some_and(DashboardSession::is_paused)
                {
                    self.act(Action::PlayPause);
                }
            }
        }
    }

    /// Returns whether the workload is paused, processes included. With the shell open, processes
    /// run unless the picture shows the past.
    fn is_held(&self) -> bool {
        let is_past = self
            .session
            .as_deref()
            .is_some_and(|session| !session.is_live());
        let is_idle = match &self.playing {
            Some(playing) => {
                let is_paused = |session: &DashboardSession| session.is_paused();
                !playing.is_by_hand() && self.session.as_deref().is_some_and(is_paused)
            }
            None => (self.player.is_idle() || !self.has_lesson) && !self.shell.is_entered(),
        };
        is_past || is_idle
    }

    /// Performs a key of the script. A script cannot answer a question: `q` powers off at once.
    fn take_scripted(&mut self, key: Key) {
        self.quit_pending = true;
        self.take(key);
        self.quit_pending = false;
    }

    /// Passes a key to the shell if it is open, else performs its action.
    fn take(&mut self, key: Key) {
        if self.shell.is_entered() {
            self.player.disturb();
            let context = Context {
                session: self.session.as_deref_mut(),
                player: &mut self.player,
                keys: &mut self.keys,
            };
            self.shell.take(key, context);
        } else if let Some(action) = self.action_of(key) {
            self.act(action);
        }
        self.show_shell();
    }

    /// Returns the action of a key on this screen.
    fn action_of(&self, key: Key) -> Option<Action> {
        match &self.session {
            Some(session) => session.action_of(key),
            None => actions::action(key),
        }
    }

    /// Shows the shell on the screen while it is open.
    fn show_shell(&mut self) {
        if let Some(session) = &mut self.session {
            session.set_shell(self.shell.is_entered());
        }
    }

    /// Handles a movement or a click of the mouse.
    fn point(&mut self, movement: &Movement) {
        let actions = self
            .session
            .as_deref_mut()
            .map(|session| session.point(movement));
        actions
            .into_iter()
            .flatten()
            .for_each(|action| self.act(action));
        self.show_shell();
    }

    /// Performs an action.
    fn act(&mut self, action: Action) {
        let asked = self.quit_pending;
        if !matches!(action, Action::Point(Pointing::At(_))) {
            self.set_quit_pending(false);
        }
        let request = match &mut self.session {
            Some(session) => {
                let request = session.handle(action);
                self.player.set_paused(session.is_paused(), clock::now());
                request
            }
            None => match action {
                Action::Quit => Some(Request::PowerOff),
                Action::Shell => Some(Request::Shell),
                Action::NextKeyboard => Some(Request::NextKeyboard),
                _ => None,
            },
        };
        match request {
            Some(Request::Step) => self.step(),
            Some(Request::NextStep) => self.next_step(),
            Some(Request::Lesson(number)) => {
                self.act(Action::Live);
                self.playing = None;
                self.has_lesson = true;
                if !self.player.go_to(number) {
                    log::warn!(target: "kernel::lessons", "this kernel lacks a feature that the lesson shows");
                }
            }
            Some(Request::Warn(why)) => log::warn!(target: "kernel::dashboard", "{why}"),
            Some(Request::Screenshot) => self
                .session
                .iter_mut()
                .for_each(|session| session.save(None)),
            Some(Request::NextKeyboard) => {
                let layout = self.keys.layout().next();
                self.keys.set_layout(layout);
                if let Some(session) = &mut self.session {
                    session.set_keyboard(layout);
                }
            }
            Some(Request::Shell) => self.shell.enter(),
            Some(Request::PowerOff) if asked => power::off(Status::Success),
            Some(Request::PowerOff) => {
                log::info!(target: "kernel::dashboard", "q again powers off");
                self.set_quit_pending(true);
            }
            None => {}
        }
    }

    /// Notes whether `q` was pressed last, and shows it.
    fn set_quit_pending(&mut self, pending: bool) {
        self.quit_pending = pending;
        self.show_notice(pending.then_some(Notice::Quit));
    }

    /// Shows a notice in the title line, or the usual keys.
    fn show_notice(&mut self, notice: Option<Notice>) {
        if let Some(session) = &mut self.session {
            session.set_notice(notice);
        }
    }

    /// Plays the next phase of the lesson, and pauses if the lesson was playing by itself. Of a
    /// workload, plays the next request.
    fn step(&mut self) {
        if self.playing.is_some() {
            return process::workload::allow(1);
        }
        if !self.has_lesson {
            return;
        }
        if self
            .session
            .as_deref()
            .is_some_and(|session| !session.is_paused())
        {
            self.act(Action::PlayPause);
        }
        // First, so that the caption of the phase is the last event: a step back leads to it.
        process::end_heat_period(clock::now());
        self.player.advance_by_hand(clock::now());
    }

    /// Plays up to the next step of the lesson: its question, or its action if it has none. Of a
    /// workload, plays several requests.
    fn next_step(&mut self) {
        if self.playing.is_some() {
            return process::workload::allow(NEXT_REQUESTS);
        }
        let step = self.player.step();
        self.step();
        if self.player.step() == step && !self.player.is_moving() {
            self.step();
        }
    }

    /// Ends the run: saves a last picture, logs the result, and powers off.
    fn end(&mut self) -> ! {
        let Some(session) = &mut self.session else {
            power::off(match self.passed {
                true => Status::Success,
                false => Status::Failure,
            })
        };
        // The comparison returns to the present, so a picture of the past must come first.
        let is_past = !session.is_live();
        if is_past {
            session.save_last();
        }
        falsify::correct();
        let wrong = session.verify_all();
        let (lost, ever_wrong) = session.troubles();
        if !is_past {
            session.save_last();
        }
        log::info!(
            target: "kernel::dashboard",
            "{lost} events lost, {wrong} mismatches between picture and machine, {ever_wrong} ever"
        );
        stacks::report_main();
        power::off(if ever_wrong + self.player.failures() == 0 && self.passed {
            Status::Success
        } else {
            Status::Failure
        })
    }
}
