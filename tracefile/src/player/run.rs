//! The pictures of a run: every record acts on a dashboard as it did on the machine.
//!
//! Invariant: after each [`Record::Draw`], the screen is the framebuffer of the machine at that
//! moment, byte for byte, as long as no events were lost and picture and machine matched.

use super::lore::Lore;
use super::storage::{history, storage, zeroed};
use crate::error::TraceError;
use crate::read::Item;
use embedded_graphics::geometry::{Point, Size};
use memviz::dashboard::PanelId;
use memviz::dashboard::record::{Record, Start};
use memviz::dashboard::{Dashboard, Info, needs};
use memviz::graphics::canvas::Canvas;
use memviz::graphics::present::{PointerImage, present};
use memviz::graphics::theme::Theme;
use memviz::view::terminal::Terminal;

/// The most frames of a machine: 64 GiB.
const FRAMES: u64 = 1 << 24;
/// The largest heap in bytes.
const HEAP_BYTES: u64 = 1 << 30;
/// The most events of a history.
const HISTORY: u64 = 1 << 22;
/// The largest screen in pixels.
const SCREEN: (u32, u32) = (3840, 2160);

/// A dashboard on the host, and its screen.
pub struct Player {
    lore: &'static Lore,
    dashboard: Dashboard<'static>,
    canvas: Canvas<'static>,
    pointer: PointerImage,
    terminal: Box<Terminal>,
    /// The pixels of the screen, `0x00RRGGBB`, row after row.
    screen: Vec<u32>,
    size: Size,
    time: u64,
    pictures: u64,
    differs: Option<&'static str>,
}

impl Player {
    /// A player for the machine of the first record.
    ///
    /// # Errors
    /// The first record describes no machine that can be shown.
    pub fn new(item: &Item<'_>) -> Result<Player, TraceError> {
        match item {
            Item::Record(Record::Start(start)) => Player::start(start),
            _ => Err(TraceError::Unplayable("the machine is not described")),
        }
    }

    fn start(start: &Start<'_>) -> Result<Player, TraceError> {
        let is_sane = start.frames <= FRAMES
            && start.heap_bytes <= HEAP_BYTES
            && start.history_events <= HISTORY
            && start.width <= SCREEN.0
            && start.height <= SCREEN.1;
        if !is_sane {
            return Err(TraceError::Unplayable("the machine is too large"));
        }
        let too_small = |_| TraceError::Unplayable("the screen is too small");
        let size = Size::new(start.width, start.height);
        let needs = needs(start.frames as usize, start.heap_bytes as usize, size);
        let needs = needs.map_err(too_small)?;
        let lore: &'static Lore = Box::leak(Box::default());
        let theme = Theme::ALL.iter().find(|theme| theme.name == start.palette);
        let info = Info {
            caption: Box::leak(Box::new(|number| lore.caption(number))),
            lessons: Box::leak(Box::new(|number| lore.lesson(number))),
            memory: start.memory,
            theme: theme.ok_or(TraceError::Unplayable("the palette is unknown"))?,
            names: lore.names(),
            keyboard: start.keyboard,
            projector: start.projector,
            classroom: start.classroom,
            only: PanelId::named(start.only),
        };
        let timeline = history(start.history_events as usize);
        let dashboard = Dashboard::new(storage(&needs), timeline, size, info);
        let pixels = size.width as usize * size.height as usize;
        let canvas = Canvas::new(zeroed(pixels), zeroed(size.height as usize), size);
        Ok(Player {
            lore,
            dashboard: dashboard.map_err(too_small)?,
            canvas: canvas.expect("the buffers have the size of the screen"),
            pointer: PointerImage::new(size),
            terminal: Box::new(Terminal::new(lore.keep(start.prompt))),
            screen: vec![0; pixels],
            size,
            time: 0,
            pictures: 0,
            differs: None,
        })
    }

    /// The pixels of the screen, `0x00RRGGBB`, row after row.
    pub fn screen(&self) -> &[u32] {
        &self.screen
    }

    /// The size of the screen in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The dashboard.
    pub fn dashboard(&self) -> &Dashboard<'static> {
        &self.dashboard
    }

    /// The time of the last tick, in nanoseconds since boot.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// The number of pictures so far.
    pub fn pictures(&self) -> u64 {
        self.pictures
    }

    /// Why the screen may differ from the machine's.
    pub fn differs(&self) -> Option<&'static str> {
        self.differs
    }

    /// Performs the next item.
    ///
    /// # Errors
    /// It cannot follow here.
    pub fn take(&mut self, item: &Item<'_>) -> Result<(), TraceError> {
        match item {
            Item::Events(events) => {
                for &words in *events {
                    self.dashboard.apply_words(words);
                }
            }
            Item::Record(record) => self.take_record(record)?,
        }
        Ok(())
    }

    fn take_record(&mut self, record: &Record<'_>) -> Result<(), TraceError> {
        match record {
            Record::Start(_) | Record::Events(_) => {
                return Err(TraceError::Unplayable("a record is at a wrong position"));
            }
            Record::Program(name) => self.lore.add_program(name),
            Record::Area(start, name) => self.lore.add_area(*start, name),
            Record::Lesson(lesson) => self.lore.add_lesson(lesson),
            Record::Caption(caption) => {
                let frames = self.dashboard.model().frames.len();
                self.lore.add_caption(caption, frames);
            }
            Record::Function(address, name) => self.lore.add_function(*address, name),
            Record::Tick(now, costs) => {
                self.time = *now;
                self.dashboard.tick(*now, *costs);
            }
            Record::Draw(tip) => self.draw(*tip),
            Record::Action(action) => {
                // What only the machine can do, it did: its events follow.
                let _ = self.dashboard.handle(*action);
            }
            Record::Notice(notice) => self.dashboard.set_notice(*notice),
            Record::Keyboard(layout) => self.dashboard.set_keyboard(*layout),
            Record::Shell(shell) => self.dashboard.set_shell(*shell),
            Record::Still(still) => self.dashboard.set_still(*still),
            Record::TurnShell(pages) => self.dashboard.turn_shell(*pages),
            Record::Text(cells) => self.terminal.append_cells(cells),
            Record::Line(text, cursor) => self.set_line(text, usize::from(*cursor)),
            Record::Mismatches(0) => {}
            Record::Mismatches(_) => self.differs = Some("picture and machine did not match"),
            Record::Rebuilt(_) => self.differs = Some("the machine lost events"),
            Record::CommandLine(_) | Record::Picture(_) | Record::End => {}
        }
        Ok(())
    }

    fn set_line(&mut self, text: &str, cursor: usize) {
        if text.len() <= memviz::input::line_editor::CAPACITY {
            self.terminal.set_line(text, cursor.min(text.len()));
        }
    }

    fn draw(&mut self, tip: Option<(u16, u16)>) {
        let Ok(()) = self.dashboard.draw(&mut self.canvas);
        let Ok(()) = self.dashboard.draw_shell(&mut self.canvas, &self.terminal);
        let (width, height) = (self.size.width as u16, self.size.height as u16);
        let tip = tip.filter(|&(x, y)| x < width && y < height);
        let tip = tip.map(|(x, y)| Point::new(x.into(), y.into()));
        let (screen, width) = (&mut self.screen, usize::from(width));
        present(&mut self.canvas, &mut self.pointer, tip, |y, x, pixels| {
            screen[y * width + x..][..pixels.len()].copy_from_slice(pixels);
        });
        self.pictures += 1;
    }
}
