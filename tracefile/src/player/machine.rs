//! A dashboard, and the facts about its machine that a trace holds.

use super::lore::Lore;
use super::storage::{history, storage};
use crate::error::TraceError;
use embedded_graphics::geometry::Size;
use memviz::dashboard::record::{Record, Start};
use memviz::dashboard::{Dashboard, Info, PanelId, needs};
use memviz::graphics::theme::Theme;
use memviz::timeline::EventWords;
use memviz::view::meter::FrameCosts;
use memviz::view::terminal::Terminal;

/// The most frames of a machine: 64 GiB.
const FRAMES: u64 = 1 << 24;
/// The largest heap in bytes.
const HEAP_BYTES: u64 = 1 << 30;
/// The most events of a history.
pub const HISTORY: u64 = 1 << 22;
/// The largest screen in pixels.
pub const LARGEST: Size = Size::new(3840, 2160);

/// A dashboard of the machine of a trace.
pub struct Machine {
    pub lore: &'static Lore,
    pub dashboard: Dashboard<'static>,
    pub terminal: Box<Terminal>,
    /// The time of the last tick, in nanoseconds since boot.
    pub time: u64,
    /// The costs of the last tick.
    pub costs: FrameCosts,
    /// Why the pictures may differ from the machine's.
    pub differs: Option<&'static str>,
}

impl Machine {
    /// Creates a machine as its first record describes it, on a screen of this size. Its buffers
    /// suffice for screens up to `largest`.
    ///
    /// # Errors
    /// The record describes no machine that can be shown.
    pub fn new(
        start: &Start<'_>,
        size: Size,
        largest: Size,
        from_trace: bool,
    ) -> Result<Machine, TraceError> {
        let is_sane = start.frames <= FRAMES
            && start.heap_bytes <= HEAP_BYTES
            && start.history_events <= HISTORY
            && largest.width <= LARGEST.width
            && largest.height <= LARGEST.height;
        if !is_sane {
            return Err(TraceError::Unplayable("the machine is too large"));
        }
        let too_small = |_| TraceError::Unplayable("the screen is too small");
        let needs = needs(start.frames as usize, start.heap_bytes as usize, largest);
        let needs = needs.map_err(too_small)?;
        let lore: &'static Lore = Box::leak(Box::default());
        let theme = Theme::named(start.palette);
        let info = Info {
            caption: Box::leak(Box::new(|number| lore.caption(number))),
            lessons: Box::leak(Box::new(|number| lore.lesson(number))),
            memory: start.memory,
            theme: theme.ok_or(TraceError::Unplayable("the palette is unknown"))?,
            names: lore.names(start.counts_instructions),
            keyboard: start.keyboard,
            projector: start.projector,
            classroom: start.classroom,
            only: PanelId::named(start.only),
            from_trace,
        };
        let timeline = history(start.history_events as usize);
        let buffers = storage(&needs, start.history_events as usize);
        let dashboard = Dashboard::new(buffers, timeline, size, info);
        Ok(Machine {
            lore,
            dashboard: dashboard.map_err(too_small)?,
            terminal: Box::new(Terminal::new(lore.keep(start.prompt))),
            time: 0,
            costs: FrameCosts::default(),
            differs: None,
        })
    }

    /// Applies events.
    pub fn apply(&mut self, events: &[EventWords]) {
        for &words in events {
            self.dashboard.apply_words(words);
        }
    }

    /// Learns from a record that is no input of a user. Returns false for any other record.
    pub fn learn(&mut self, record: &Record<'_>) -> bool {
        match record {
            Record::Program(name) => self.lore.add_program(name),
            Record::Area(start, name) => self.lore.add_area(*start, name),
            Record::Lesson(lesson) => self.lore.add_lesson(lesson),
            Record::Caption(caption) => {
                let frames = self.dashboard.model().frames.len();
                self.lore.add_caption(caption, frames);
            }
            Record::Function(address, name) => self.lore.add_function(*address, name),
            Record::Tick(now, costs) => {
                (self.time, self.costs) = (*now, *costs);
                self.dashboard.tick(*now, *costs);
            }
            Record::Bookmark(position, name) => {
                self.dashboard.restore_bookmark(*position, *name);
            }
            Record::Mismatches(0) => {}
            Record::Mismatches(_) => self.differs = Some("picture and machine did not match"),
            Record::Rebuilt(_) => self.differs = Some("the machine lost events"),
            _ => return false,
        }
        true
    }
}
