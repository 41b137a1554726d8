//! The dashboard on this machine: the ring's reader, the back buffer, the screen, and the loop.
//!
//! ```text
//! ring ──drain──► Dashboard ──draw──► Canvas ──damage──► Screen
//!                    ▲
//!                    └── once a second: compared with the machine itself (truth.rs)
//! ```
//! Its buffers are frames of its own, tagged so; drawing allocates nothing.

mod costs;
mod past;
mod truth;

pub use costs::measure;

use crate::boot::Framebuffer;
use crate::boot::options::{Mode, Options};
use crate::lessons;
use crate::machine::clock::{self, SECOND};
use crate::machine::framebuffer::Screen;
use crate::machine::{console, power, symbols};
use crate::memory::heap::kernel_heap;
use crate::memory::map;
use crate::memory::paging::{areas, layout};
use crate::memory::physical::frames;
use crate::memory::physical::frames::Slices;
use crate::memory::trace::{CAPACITY, RING};
use crate::process::programs::Program;
use core::fmt;
use embedded_graphics::geometry::Size;
use memviz::dashboard::actions::{Action, Pointing};
use memviz::dashboard::state::State;
use memviz::dashboard::{Dashboard, DashboardError, Info, Request, needs};
use memviz::graphics::canvas::Canvas;
use memviz::graphics::theme::Theme;
use memviz::input::mouse::Movement;
use memviz::input::pointer::Pointer;
use memviz::model::{Model, ModelStorage};
use memviz::timeline::{self, Timeline};
use memviz::view::meter::FrameCosts;
use memviz::view::names::Names;
use mm::frame::AllocateError;
use mm::ring::Reader;
use mm::tag::Tag;
use truth::Machine;

/// Frames that are compared with the machine in one go, so that large memories do not stop the
/// show.
const VERIFY_AT_ONCE: usize = 1 << 14;
/// The history takes at most one part in so many of memory.
const HISTORY_SHARE: u64 = 20;
/// Disagreements that are logged at one comparison; all are counted.
const REPORTS: u32 = 8;

/// Why there is no dashboard.
#[derive(Clone, Copy, Debug)]
pub enum LiveError {
    /// It does not fit on the screen.
    Screen(DashboardError),
    /// No frames for its buffers.
    Frames(AllocateError),
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LiveError::Screen(DashboardError::ScreenTooSmall(size)) => {
                write!(f, "{}x{} pixels are too few", size.width, size.height)
            }
            LiveError::Frames(error) => error.fmt(f),
        }
    }
}

impl From<DashboardError> for LiveError {
    fn from(error: DashboardError) -> LiveError {
        LiveError::Screen(error)
    }
}

impl From<AllocateError> for LiveError {
    fn from(error: AllocateError) -> LiveError {
        LiveError::Frames(error)
    }
}

/// A dashboard and everything it draws on.
pub struct Live {
    dashboard: Dashboard<'static>,
    canvas: Canvas<'static>,
    pointer: Pointer,
    screen: Screen,
    reader: Reader<'static, CAPACITY>,
    costs: FrameCosts,
    verify_at: u64,
    found_wrong: u64,
}

impl Live {
    /// A dashboard on this screen, which the page tables map at [`layout::FRAMEBUFFER`].
    ///
    /// # Errors
    /// When the screen is too small, or there are no frames for the buffers.
    pub fn new(screen: Framebuffer, options: &Options<'_>) -> Result<Live, LiveError> {
        let size = Size::new(screen.width, screen.height);
        let (kept, buffers) = buffers(size)?;
        let Buffers {
            storage,
            timeline,
            pixels,
            marks,
        } = buffers;
        let info = Info {
            caption: lessons::caption,
            lessons: lessons::entry,
            memory: map::usable_bytes(),
            theme: theme(options.palette),
            projector: options.projector,
            classroom: options.mode == Mode::Classroom,
            names: Names {
                program: |number| {
                    let program = Program::ALL.get(usize::from(number));
                    program.map_or("", |program| program.name())
                },
                area: areas::name,
                function: |address| symbols::name(address).known(),
            },
        };
        let dashboard = Dashboard::new(storage, timeline, size, info)?;
        let canvas = Canvas::new(pixels, marks, size).expect("the buffers were sized for it");
        // SAFETY: the tables map all of it there, and this is its only user.
        let screen = unsafe { Screen::new(layout::FRAMEBUFFER.as_mut_ptr(), screen) };
        kept.keep();
        Ok(Live {
            dashboard,
            canvas,
            pointer: Pointer::new(size),
            screen,
            reader: RING.reader(),
            costs: FrameCosts::default(),
            verify_at: 0,
            found_wrong: 0,
        })
    }

    /// Hands a key's action to the dashboard; what it cannot do itself comes back.
    pub fn handle(&mut self, action: Action) -> Option<Request> {
        self.dashboard.handle(action)
    }

    /// The mouse moved, or was clicked: what that asks for.
    pub fn point(&mut self, movement: &Movement) -> impl Iterator<Item = Action> + use<> {
        if movement.pressed {
            // A click is about what is on the screen, and panels know what they have drawn.
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

    /// The shell stands on the screen from now on, or not any more.
    pub fn set_shell(&mut self, shell: bool) {
        self.dashboard.set_shell(shell);
    }

    /// The shell on the screen shows what it said pages before, or after.
    pub fn turn_shell(&mut self, pages: i32) {
        self.dashboard.turn_shell(pages);
    }

    /// What the picture shows.
    pub fn model(&self) -> &Model<'static> {
        self.dashboard.model()
    }

    /// What is on the screen, for scripts: one picture later.
    pub fn state(&mut self) -> State<'_> {
        self.show();
        self.dashboard.state()
    }

    /// Whether the workload is to be held.
    pub fn is_paused(&self) -> bool {
        self.dashboard.is_paused()
    }

    /// Takes all events out of the ring. If some were lost, the picture is made anew from the
    /// machine.
    pub fn drain(&mut self) {
        let lost = self.reader.lost();
        while let Some([ticks, head, address, value]) = self.reader.pop_words() {
            let time = clock::since_boot(ticks);
            self.dashboard.apply_words([time, head, address, value]);
        }
        self.costs.lost = self.reader.lost();
        if self.costs.lost > lost {
            log::warn!(
                "{} events lost: the picture is rebuilt",
                self.costs.lost - lost
            );
            self.dashboard.rebuild(&Machine);
        }
    }

    /// One picture: drains, compares if it is time, draws, shows.
    pub fn show(&mut self) {
        self.drain();
        let now = clock::now();
        if now >= self.verify_at && self.verify(VERIFY_AT_ONCE) {
            self.verify_at = now + SECOND;
        }
        self.dashboard.tick(now, self.costs);
        let begin = clock::ticks();
        self.draw();
        self.costs.nanoseconds = clock::nanoseconds(clock::ticks() - begin);
    }

    /// Draws what changed, and copies it to the screen.
    fn draw(&mut self) {
        let Ok(()) = self.dashboard.draw(&mut self.canvas);
        let terminal = console::terminal();
        let Ok(()) = self.dashboard.draw_shell(&mut self.canvas, &terminal);
        drop(terminal);
        let screen = &mut self.screen;
        self.pointer.show(&mut self.canvas, |y, x, pixels| {
            screen.store(x as u32, y as u32, pixels);
        });
    }

    /// Compares the next frames with the machine, and all the rest after the last one: true then.
    fn verify(&mut self, frames: usize) -> bool {
        let mut reports = 0;
        let finished = self.dashboard.verify(&Machine, frames, |difference| {
            if reports < REPORTS {
                log::error!("picture and machine disagree: {difference}");
            }
            reports += 1;
        });
        self.found_wrong += u64::from(reports);
        finished
    }

    /// Whether the picture shows the present.
    pub fn is_live(&self) -> bool {
        self.dashboard.timeline().is_live()
    }

    /// Compares everything with the machine, in the present: how many places disagree.
    pub fn verify_all(&mut self) -> u64 {
        self.dashboard.handle(Action::Live);
        self.drain();
        while !self.verify(VERIFY_AT_ONCE) {}
        self.dashboard.model().disagreements()
    }

    /// Events that were lost, and places that ever disagreed.
    pub fn troubles(&self) -> (u64, u64) {
        (self.costs.lost, self.found_wrong)
    }

    /// Lets the host take a picture of what is on the screen, under this name, or under one that
    /// says lesson, step and time.
    pub fn save(&mut self, name: Option<&str>) {
        self.show();
        match name {
            Some(name) => self.picture(format_args!("{name}")),
            None => self.picture(format_args!("{}", self.moment())),
        }
    }

    /// The same for the last picture of a run.
    pub fn save_last(&mut self) {
        self.show();
        self.picture(format_args!("end-{}", self.moment()));
    }

    /// Lesson, step and time of the picture.
    fn moment(&self) -> impl fmt::Display + use<> {
        let caption = lessons::caption(self.dashboard.model().caption);
        let (lesson, step) = caption.map_or(("start", 0), |caption| (caption.lesson, caption.step));
        let milliseconds = self.dashboard.time() / 1_000_000;
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        fmt::from_fn(move |f| write!(f, "{lesson}-{step:02}-{seconds}.{rest:03}s"))
    }

    /// Lets the host take a picture of what is on the screen.
    pub fn picture(&mut self, name: core::fmt::Arguments<'_>) {
        log::info!("picture {name}");
        power::pause_for_picture();
    }
}

/// What a dashboard works with.
struct Buffers {
    storage: ModelStorage<'static>,
    timeline: Timeline<'static>,
    pixels: &'static mut [u32],
    marks: &'static mut [u64],
}

/// Buffers for a screen of this size, which go back unless they are kept.
fn buffers(size: Size) -> Result<(Slices, Buffers), LiveError> {
    let pixels = size.width as usize * size.height as usize;
    let total = frames::lock().frames();
    let heap_bytes = kernel_heap::lock().statistics().maximum_bytes as usize;
    let needs = needs(total, heap_bytes, size)?;
    let mut slices = Slices::new(Tag::MEMVIZ);
    // SAFETY: memviz documents that zeroes are valid content of its buffers; whoever gets them
    // keeps them, or drops both.
    let buffers = unsafe {
        let storage = ModelStorage {
            frames: slices.add(needs.frames)?,
            cells: slices.add(needs.cells)?,
            accents: slices.add(needs.accents)?,
            dirty_cells: slices.add(needs.dirty_cells)?,
            subtotals: slices.add(needs.subtotals)?,
            granules: slices.add(needs.granules)?,
            heap_frames: slices.add(needs.heap_frames)?,
            dirty_heap_frames: slices.add(needs.dirty_heap_frames)?,
            arena_blocks: slices.add(needs.arena_blocks)?,
            faults: slices.add(needs.faults)?,
            samples: slices.add(needs.samples)?,
            firmware_map: slices.add(needs.firmware_map)?,
            tables: slices.add(needs.tables)?,
            regions: slices.add(needs.regions)?,
            processes: slices.add(needs.processes)?,
        };
        Buffers {
            storage,
            timeline: history(&mut slices)?,
            marks: slices.add(size.height as usize)?,
            pixels: slices.add(pixels)?,
        }
    };
    Ok((slices, buffers))
}

/// Takes the buffers of another dashboard, and gives them back: for the self-test.
///
/// # Errors
/// As [`Live::new`].
pub fn try_buffers(width: u32, height: u32) -> Result<(), LiveError> {
    buffers(Size::new(width, height)).map(drop)
}

/// As long a history as memory allows.
fn history(slices: &mut Slices) -> Result<Timeline<'static>, AllocateError> {
    let most = map::usable_bytes() / HISTORY_SHARE / size_of::<timeline::Slot>() as u64;
    let mut events = timeline::EVENTS.min(most as usize);
    // SAFETY: as for the other buffers.
    unsafe {
        let ghosts = slices.add(timeline::GHOST_FAULTS)?;
        loop {
            match slices.add(events) {
                Ok(slots) => return Ok(Timeline::new(slots, ghosts)),
                Err(error) if events == 0 => return Err(error),
                Err(_) => events /= 2,
            }
        }
    }
}

/// The palette with this name, or the first.
fn theme(name: &str) -> &'static Theme {
    let found = Theme::ALL.iter().find(|theme| theme.name == name);
    if found.is_none() && !name.is_empty() {
        log::warn!("there is no palette \"{name}\"");
    }
    found.unwrap_or(&Theme::ALL[0])
}
