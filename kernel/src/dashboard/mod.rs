//! The dashboard on this machine: the ring's reader, the back buffer and the screen.
//!
//! ```text
//! ring ──drain──► Dashboard ──draw──► Canvas ──damage──► Screen
//!                    ▲
//!                    └── once a second: compared with the machine itself (truth.rs)
//! ```
//! Its buffers are frames with an owner of their own. Drawing allocates nothing.

mod buffers;
pub mod costs;
mod findings;
mod past;
mod recorder;
mod truth;

use crate::boot::Framebuffer;
use crate::boot::options::Options;
use crate::keys;
use crate::lessons;
use crate::machine::clock::{self, SECOND};
use crate::machine::framebuffer::Screen;
use crate::machine::{console, power, symbols};
use crate::measure::cost::Unit;
use crate::memory::checks::falsify;
use crate::memory::heap::corruption::watch;
use crate::memory::map;
use crate::memory::paging::{areas, layout};
use crate::memory::trace::{self, CAPACITY, Handlers, RING};
use crate::process::programs::Program;
use buffers::{Buffers, buffers};
use core::fmt;
use embedded_graphics::geometry::Size;
use findings::Findings;
use memviz::dashboard::Notice;
use memviz::dashboard::actions::{Action, Pointing};
use memviz::dashboard::record::Record;
use memviz::dashboard::state::State;
use memviz::dashboard::{Dashboard, Info, PanelId, Request};
use memviz::graphics::canvas::Canvas;
use memviz::graphics::present::{PointerImage, present};
use memviz::graphics::theme::Theme;
use memviz::input::keyboard_layout::KeyboardLayout;
use memviz::input::keys::Key;
use memviz::input::mouse::Movement;
use memviz::input::pointer::Pointer;
use memviz::model::Model;
use memviz::truth::GroundTruth;
use memviz::view::meter::FrameCosts;
use memviz::view::names::Names;
use mm::ring::Reader;
use recorder::Recorder;
use truth::Machine;

pub use buffers::{SessionError, try_buffers};

/// The maximum number of frames that are compared with the machine in one picture, so that it is
/// not late on a large machine.
const VERIFY_AT_ONCE: usize = 1 << 14;
/// A dashboard with its buffers, its screen and its reader of events.
pub struct DashboardSession {
    dashboard: Dashboard<'static>,
    canvas: Canvas<'static>,
    pointer: Pointer,
    image: PointerImage,
    screen: Screen,
    reader: Reader<'static, CAPACITY, Handlers>,
    costs: FrameCosts,
    recorder: Recorder,
    verify_at: u64,
    findings: Findings,
}

impl DashboardSession {
    /// Creates a dashboard on this screen, which the page tables map at [`layout::FRAMEBUFFER`].
    ///
    /// # Errors
    /// The screen is too small, or no frames are free for the buffers.
    pub fn new(
        screen: Framebuffer,
        options: &Options<'_>,
    ) -> Result<DashboardSession, SessionError> {
        let size = Size::new(screen.width, screen.height);
        let (kept, buffers) = buffers(size)?;
        let Buffers {
            storage,
            timeline,
            pixels,
            marks,
        } = buffers;
        let info = Info {
            caption: &lessons::caption,
            lessons: &lessons::entry,
            memory: map::usable_bytes(),
            theme: theme(options.palette),
            keyboard: keys::layout(options.keyboard),
            projector: options.projector,
            only: only(options.panel),
            classroom: options.steps_by_space(),
            from_trace: false,
            names: Names {
                program: &|number| {
                    let program = Program::ALL.get(usize::from(number));
                    program.map_or("", |program| program.name())
                },
                area: &areas::name,
                function: &|address| symbols::name(address).known(),
                counts_instructions: Unit::find() == Unit::Instructions,
            },
        };
        let recorder = Recorder::new(timeline.slots(), size, info.theme, options);
        let dashboard = Dashboard::new(storage, timeline, size, info)?;
        let canvas =
            Canvas::new(pixels, marks, size).expect("the buffers have the size of the screen");
        // SAFETY: the page tables map the whole screen there, and this is its only user.
        let screen = unsafe { Screen::new(layout::FRAMEBUFFER.as_mut_ptr(), screen) };
        kept.keep();
        Ok(DashboardSession {
            dashboard,
            canvas,
            pointer: Pointer::new(size),
            image: PointerImage::new(size),
            screen,
            reader: RING.reader(),
            costs: FrameCosts::default(),
            recorder,
            verify_at: 0,
            findings: Findings::default(),
        })
    }

    /// Returns the action of a key on this screen.
    pub fn action_of(&self, key: Key) -> Option<Action> {
        self.dashboard.action_of(key)
    }

    /// Passes an action to the dashboard. Returns a request for an action that the kernel must
    /// perform.
    pub fn handle(&mut self, action: Action) -> Option<Request> {
        self.recorder.send(&Record::Action(action));
        let request = self.dashboard.handle(action);
        if let Some((position, name)) = self.dashboard.take_changed_bookmark() {
            self.recorder.send(&Record::Bookmark(position, name));
        }
        request
    }

    /// Handles a movement or a click of the mouse, and returns its actions.
    pub fn point(&mut self, movement: &Movement) -> impl Iterator<Item = Action> + use<> {
        if movement.pressed {
            // A click refers to the screen, and panels know what they drew last.
            self.draw();
        }
        self.pointer.shift(movement);
        let at = self.pointer.at().unwrap_or_default();
        let wheel = movement.wheel;
        let pointings = [
            Some(Action::Point(Pointing::At(at))),
            (movement.pressed).then_some(Action::Point(Pointing::Click(at))),
            (movement.pressed_right).then_some(Action::Back),
            (wheel != 0).then_some(Action::Point(Pointing::Wheel(at, wheel))),
        ];
        pointings.into_iter().flatten()
    }

    /// Shows a notice in the title line, or the usual keys.
    pub fn set_notice(&mut self, notice: Option<Notice>) {
        self.recorder.send(&Record::Notice(notice));
        self.dashboard.set_notice(notice);
    }

    /// Shows the layout of the keyboard, which changed.
    pub fn set_keyboard(&mut self, layout: KeyboardLayout) {
        self.recorder.send(&Record::Keyboard(layout));
        self.dashboard.set_keyboard(layout);
    }

    /// Shows or hides the shell on the screen.
    pub fn set_shell(&mut self, shell: bool) {
        self.recorder.send(&Record::Shell(shell));
        self.dashboard.set_shell(shell);
    }

    /// Scrolls the shell on the screen by pages.
    pub fn turn_shell(&mut self, pages: i32) {
        self.recorder.send(&Record::TurnShell(pages));
        self.dashboard.turn_shell(pages);
    }

    /// Returns the model that the picture shows.
    pub fn model(&self) -> &Model<'static> {
        self.dashboard.model()
    }

    /// Draws a picture and returns its state, for scripts.
    pub fn state(&mut self) -> State<'_> {
        self.show();
        self.dashboard.find_unshown();
        self.dashboard.state()
    }

    /// Writes the first panel as SVG.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_svg(&mut self, out: &mut impl fmt::Write) -> fmt::Result {
        self.dashboard.write_svg(out)
    }

    /// Returns whether the workload must pause.
    pub fn is_paused(&self) -> bool {
        self.dashboard.is_paused()
    }

    /// Applies all events from the ring. If some were lost or omitted, rebuilds the picture from
    /// the machine.
    pub fn drain(&mut self) {
        watch::look();
        let lost = self.reader.lost();
        while let Some([ticks, head, address, value]) = self.reader.pop_words() {
            let time = clock::since_boot(ticks);
            let words = [time, head, address, value];
            self.dashboard.apply_words(words);
            self.recorder
                .applied(&words, self.dashboard.timeline().end());
        }
        self.recorder.announce(self.dashboard.timeline().end());
        self.costs.lost = self.reader.lost();
        if self.costs.lost > lost {
            log::warn!(
                "{} events lost: the picture is rebuilt",
                self.costs.lost - lost
            );
        }
        if self.costs.lost > lost || trace::take_omitted() {
            self.recorder.send(&Record::Rebuilt(self.costs.lost));
            self.dashboard.rebuild(&Machine);
        }
    }

    /// Makes a picture: applies events, compares with the machine if that is due, draws and shows.
    pub fn show(&mut self) {
        let now = clock::now();
        falsify::correct_in_time(now);
        self.drain();
        if now >= self.verify_at && self.verify(VERIFY_AT_ONCE) {
            self.verify_at = now + SECOND;
        }
        self.tick(now);
        let begin = clock::ticks();
        self.draw();
        self.costs.nanoseconds = clock::nanoseconds(clock::ticks() - begin);
    }

    /// Prepares the next picture.
    fn tick(&mut self, now: u64) {
        self.recorder.send(&Record::Tick(now, self.costs));
        self.dashboard.tick(now, self.costs);
    }

    /// Draws the changes and copies them to the screen.
    fn draw(&mut self) {
        let Ok(()) = self.dashboard.draw(&mut self.canvas);
        let terminal = console::terminal();
        self.recorder.follow(&terminal);
        let Ok(()) = self.dashboard.draw_shell(&mut self.canvas, &terminal);
        drop(terminal);
        let screen = &mut self.screen;
        let tip = self.pointer.at();
        present(&mut self.canvas, &mut self.image, tip, |y, x, pixels| {
            screen.store(x as u32, y as u32, pixels);
        });
        self.recorder.drawn(tip);
    }

    /// Compares the next frames with the machine, and everything else after the last frame. Returns
    /// true if the comparison is complete.
    fn verify(&mut self, frames: usize) -> bool {
        let (findings, heap) = (&mut self.findings, Machine.heap().0);
        let finished = self.dashboard.verify(&Machine, frames, |mismatch| {
            findings.report(mismatch, heap);
        });
        let agrees = finished && self.is_live() && self.dashboard.model().mismatches() == 0;
        self.findings.end_slice(agrees);
        self.recorder.compared(self.dashboard.model().mismatches());
        finished
    }

    /// Returns whether the picture shows the present.
    pub fn is_live(&self) -> bool {
        self.dashboard.timeline().is_live()
    }

    /// Returns to the present and compares everything with the machine. Returns the number of
    /// mismatches.
    pub fn verify_all(&mut self) -> u64 {
        self.handle(Action::Live);
        self.drain();
        while !self.verify(VERIFY_AT_ONCE) {}
        self.dashboard.model().mismatches()
    }

    /// Returns the number of lost events, and of all mismatches since boot that nothing made on
    /// purpose.
    pub fn troubles(&self) -> (u64, u64) {
        (self.costs.lost, self.findings.wrong)
    }

    /// Makes the next pictures still, without fading cells and rates of drawing, or normal again.
    pub fn set_still(&mut self, is_still: bool) {
        self.recorder.send(&Record::Still(is_still));
        self.dashboard.set_still(is_still);
    }

    /// Makes the host save the screen under this name, or under lesson, step and time.
    pub fn save(&mut self, name: Option<&str>) {
        self.set_still(true);
        self.show();
        match name {
            Some(name) => self.picture(format_args!("{name}")),
            None => self.picture(format_args!("{}", self.moment())),
        }
        self.set_still(false);
    }

    /// Makes the host save the last picture of a run.
    pub fn save_last(&mut self) {
        self.set_still(true);
        self.show();
        self.picture(format_args!("end-{}", self.moment()));
        self.set_still(false);
    }

    /// Returns the lesson, step and time of the picture, as a name.
    fn moment(&self) -> impl fmt::Display + use<> {
        let caption = lessons::caption(self.dashboard.model().caption);
        let (lesson, step) = caption.map_or(("start", 0), |caption| (caption.lesson, caption.step));
        let milliseconds = self.dashboard.time() / 1_000_000;
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        fmt::from_fn(move |f| write!(f, "{lesson}-{step:02}-{seconds}.{rest:03}s"))
    }

    /// Makes the host save the screen under this name.
    pub fn picture(&mut self, name: core::fmt::Arguments<'_>) {
        self.recorder.picture(name);
        log::info!("picture {name}");
        power::pause_for_picture();
    }
}

/// Returns the panel with this name.
fn only(name: &str) -> Option<PanelId> {
    let found = PanelId::named(name);
    if found.is_none() && !name.is_empty() {
        log::warn!("there is no panel \"{name}\"");
    }
    found
}

/// Returns the palette with this name, or the first.
fn theme(name: &str) -> &'static Theme {
    let found = Theme::ALL.iter().find(|theme| theme.name == name);
    if found.is_none() && !name.is_empty() {
        log::warn!("there is no palette \"{name}\"");
    }
    found.unwrap_or(&Theme::ALL[0])
}
