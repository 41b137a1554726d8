//! The pictures of a run: every record acts on a dashboard as it did on the machine.
//!
//! Invariant: after each [`Record::Draw`], the screen is the framebuffer of the machine at that
//! moment, byte for byte, as long as no events were lost and picture and machine matched.

use super::machine::Machine;
use super::screen::Screen;
use crate::error::TraceError;
use crate::read::Item;
use embedded_graphics::geometry::{Point, Size};
use memviz::dashboard::Dashboard;
use memviz::dashboard::record::Record;

/// A dashboard on the host, and its screen.
pub struct Player {
    machine: Machine,
    screen: Screen,
    /// The pixels of the screen, `0x00RRGGBB`, row after row.
    shown: Vec<u32>,
    pictures: u64,
}

impl Player {
    /// A player for the machine of the first record.
    ///
    /// # Errors
    /// The first record describes no machine that can be shown.
    pub fn new(item: &Item<'_>) -> Result<Player, TraceError> {
        let Item::Record(Record::Start(start)) = item else {
            return Err(TraceError::Unplayable("the machine is not described"));
        };
        let size = Size::new(start.width, start.height);
        Ok(Player {
            machine: Machine::new(start, size, size, false)?,
            screen: Screen::new(size),
            shown: vec![0; size.width as usize * size.height as usize],
            pictures: 0,
        })
    }

    /// The pixels of the screen, `0x00RRGGBB`, row after row.
    pub fn screen(&self) -> &[u32] {
        &self.shown
    }

    /// The size of the screen in pixels.
    pub fn size(&self) -> Size {
        self.screen.size()
    }

    /// The dashboard.
    pub fn dashboard(&self) -> &Dashboard<'static> {
        &self.machine.dashboard
    }

    /// The time of the last tick, in nanoseconds since boot.
    pub fn time(&self) -> u64 {
        self.machine.time
    }

    /// The number of pictures so far.
    pub fn pictures(&self) -> u64 {
        self.pictures
    }

    /// Why the screen may differ from the machine's.
    pub fn differs(&self) -> Option<&'static str> {
        self.machine.differs
    }

    /// Performs the next item.
    ///
    /// # Errors
    /// It cannot follow here.
    pub fn take(&mut self, item: &Item<'_>) -> Result<(), TraceError> {
        match item {
            Item::Events(events) => self.machine.apply(events),
            Item::Record(record) => self.take_record(record)?,
        }
        Ok(())
    }

    fn take_record(&mut self, record: &Record<'_>) -> Result<(), TraceError> {
        if self.machine.learn(record) {
            return Ok(());
        }
        let Machine {
            dashboard,
            terminal,
            ..
        } = &mut self.machine;
        match record {
            Record::Draw(tip) => self.draw(*tip),
            Record::Action(action) => {
                // What only the machine can do, it did: its events follow.
                let _ = dashboard.handle(*action);
            }
            Record::Notice(notice) => dashboard.set_notice(*notice),
            Record::Keyboard(layout) => dashboard.set_keyboard(*layout),
            Record::Shell(shell) => dashboard.set_shell(*shell),
            Record::Still(still) => dashboard.set_still(*still),
            Record::TurnShell(pages) => dashboard.turn_shell(*pages),
            Record::Text(cells) => terminal.append_cells(cells),
            Record::Line(text, cursor) => self.set_line(text, usize::from(*cursor)),
            Record::Start(_) | Record::Events(_) => {
                return Err(TraceError::Unplayable("a record is at a wrong position"));
            }
            // The others were learnt, or change no picture.
            _ => {}
        }
        Ok(())
    }

    fn set_line(&mut self, text: &str, cursor: usize) {
        if text.len() <= memviz::input::line_editor::CAPACITY {
            self.machine.terminal.set_line(text, cursor.min(text.len()));
        }
    }

    fn draw(&mut self, tip: Option<(u16, u16)>) {
        let size = self.screen.size();
        let (width, height) = (size.width as u16, size.height as u16);
        let tip = tip.filter(|&(x, y)| x < width && y < height);
        let tip = tip.map(|(x, y)| Point::new(x.into(), y.into()));
        let (shown, width) = (&mut self.shown, usize::from(width));
        let Machine {
            dashboard,
            terminal,
            ..
        } = &mut self.machine;
        self.screen.draw(dashboard, terminal, tip, |y, x, pixels| {
            shown[y * width + x..][..pixels.len()].copy_from_slice(pixels);
        });
        self.pictures += 1;
    }
}
