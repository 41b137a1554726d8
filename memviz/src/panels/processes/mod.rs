//! The processes that live, the newest first below the kernel: who, what, doing what, and what
//! their spaces hold.
//!
//! ```text
//! ┌ PROCESSES  3 live ──────────────────────── newest first ┐
//! │   no  of  program     state   pages  shared copied  faults │
//! │ ▶ 16   0  eat         asleep  1,203       0      0   1,203 │   ▶ the events are about its space
//! │   15  14  family      ready     130     129    128      12 │
//! │ and 2 more                                                 │
//! └────────────────────────────────────────────────────────────┘
//! ```
//! Where the panel is narrow, columns are left out: see [`columns`].

mod columns;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::input::keys::Arrow;
use crate::model::{Model, Process};
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::widgets;
use columns::{Column, Columns};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Count, Moment, Short};

const TITLE: &str = "PROCESSES";
/// Text cells of the count in the title.
const DETAIL: usize = 24;
/// No screen has room for more.
const MOST_ROWS: usize = 32;
/// What a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    process: Process,
    is_current: bool,
    is_selected: bool,
}

/// What stands in a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    #[default]
    Nothing,
    Row(Row),
    /// So many more.
    More(usize),
}

/// The panel and what of it is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct ProcessPanel {
    area: Rectangle,
    names: Names,
    live: Option<u64>,
    lines: [Line; MOST_ROWS],
}

impl ProcessPanel {
    /// The panel in this place.
    pub fn new(area: Rectangle, names: Names) -> ProcessPanel {
        ProcessPanel {
            area,
            names,
            live: None,
            lines: [Line::Nothing; MOST_ROWS],
        }
    }

    /// Draws the panel, or the rows that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        selection: Option<Selection>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let columns = Columns::fitting((self.content(styles).size.width / styles.unit()) as usize);
        if extent == Extent::All {
            *self = ProcessPanel::new(self.area, self.names);
            widgets::panel(surface, styles, self.area, TITLE, "", "newest first")?;
            for (column, slot) in columns.slots(styles.unit()) {
                let slot = at(slot, self.line(styles, 0));
                styles.dim.draw(surface, slot, column.head())?;
            }
        }
        let live = model.processes.live();
        if self.live.replace(live) != Some(live) {
            let slot = widgets::detail_slot(styles, self.area, TITLE, DETAIL);
            let missing = model.processes.missing();
            match missing {
                0 => styles.dim.draw(surface, slot, Live(live))?,
                _ => {
                    let words = format_args!("{}, {} not listed", Live(live), Count(missing));
                    styles.warning.draw(surface, slot, words)?;
                }
            }
        }
        let rows = self.rows(styles);
        for line in 0..rows {
            let now = self.tell(model, selection, line, rows);
            if self.lines[line] == now {
                continue;
            }
            self.lines[line] = now;
            let place = self.line(styles, line + 1);
            self.draw_line(surface, styles, &columns, place, now)?;
        }
        Ok(())
    }

    /// The process in the row at a point of the screen.
    pub fn process_at(&self, styles: &Styles, point: Point) -> Option<Selection> {
        let content = self.content(styles);
        let line = (point.y - content.top_left.y).max(0) as u32 / styles.line();
        let row = (line as usize).checked_sub(1)?;
        match self.lines.get(row)? {
            Line::Row(row) if content.contains(point) => {
                Some(Selection::Process(row.process.number))
            }
            _ => None,
        }
    }

    /// Up and down select another process.
    pub fn steer(
        &self,
        arrow: Arrow,
        model: &Model,
        selection: Option<Selection>,
    ) -> Option<Selection> {
        let at = match selection {
            Some(Selection::Process(number)) => {
                listed(model).position(|process| process.number == number)
            }
            _ => None,
        };
        let last = listed(model).count().checked_sub(1)?;
        let next = match (arrow, at) {
            (Arrow::Left | Arrow::Right, _) => return selection,
            (_, None) => 0,
            (Arrow::Up, Some(at)) => at.saturating_sub(1),
            (Arrow::Down, Some(at)) => last.min(at + 1),
        };
        let next = listed(model).nth(next)?;
        Some(Selection::Process(next.number))
    }

    /// What a line is to tell.
    fn tell(&self, model: &Model, selection: Option<Selection>, line: usize, rows: usize) -> Line {
        let count = listed(model).count();
        if line + 1 == rows && count > rows {
            return Line::More(count - line);
        }
        listed(model).nth(line).map_or(Line::Nothing, |process| {
            Line::Row(Row {
                process: *process,
                is_current: process.number == model.space,
                is_selected: selection.and_then(space_of) == Some(process.number),
            })
        })
    }

    fn draw_line<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        columns: &Columns,
        place: Point,
        line: Line,
    ) -> Result<(), S::Error> {
        let cells = (self.content(styles).size.width / styles.unit()) as usize;
        let whole = Slot::left(place, cells);
        let row = match line {
            Line::Nothing => return styles.dim.draw(surface, whole, ""),
            Line::More(count) => {
                let words = format_args!("and {} more", Count(count as u64));
                return styles.dim.draw(surface, whole, words);
            }
            Line::Row(row) => row,
        };
        let theme = styles.theme;
        let lit = |style: &TextStyle| TextStyle::new(style.font, theme.ground, theme.accent);
        let style = match row.is_selected {
            true => lit(&styles.title),
            false => styles.text,
        };
        style.draw(surface, whole, "")?;
        let Process {
            number,
            parent,
            program,
            state,
            pages,
            shared,
            copy_on_write,
            tables,
            faults,
            started,
            is_live,
            ..
        } = row.process;
        columns.slots(styles.unit()).try_for_each(|(column, slot)| {
            let slot = at(slot, place);
            let mut put = |text: &dyn fmt::Display| style.draw(surface, slot, text);
            match column {
                Column::Mark => put(&if row.is_current { "▶" } else { "" }),
                Column::Number => put(&number),
                Column::Parent if number == 0 => put(&""),
                Column::Parent => put(&parent),
                Column::Program if number == 0 => put(&"kernel"),
                Column::Program if is_live => put(&(self.names.program)(program)),
                Column::Program => put(&"–"),
                Column::State if number == 0 => put(&""),
                Column::State if is_live => put(&state.words()),
                Column::State => put(&"begins"),
                Column::Pages => put(&Short(pages)),
                Column::Shared => put(&Short(shared)),
                Column::CopyOnWrite => put(&Short(copy_on_write)),
                Column::Tables => put(&Short(tables)),
                Column::Faults => put(&Short(faults)),
                Column::Started if !is_live => put(&""),
                Column::Started => put(&Moment(started * 1_000_000)),
            }
        })
    }

    fn content(&self, styles: &Styles) -> Rectangle {
        widgets::content(styles, self.area)
    }

    /// Lines below the heads of the columns.
    fn rows(&self, styles: &Styles) -> usize {
        let lines = (self.content(styles).size.height / styles.line()) as usize;
        lines.saturating_sub(1).min(MOST_ROWS)
    }

    /// Where a line begins.
    fn line(&self, styles: &Styles, line: usize) -> Point {
        self.content(styles).top_left + Size::new(0, line as u32 * styles.line())
    }
}

/// The kernel, and then the others, the newest first.
fn listed<'a>(model: &'a Model) -> impl Iterator<Item = &'a Process> {
    let all = model.processes.all();
    let kernel = all.iter().filter(|process| process.number == 0);
    let others = all.iter().rev().filter(|process| process.number != 0);
    kernel.chain(others)
}

/// Whose space a selection is in.
fn space_of(selection: Selection) -> Option<u32> {
    match selection {
        Selection::Process(number) => Some(number),
        Selection::Page { space, .. } => Some(space),
        _ => None,
    }
}

/// A slot, as it is in a line that begins at zero, in the line that begins there.
fn at(slot: Slot, place: Point) -> Slot {
    Slot {
        at: place + slot.at,
        ..slot
    }
}

/// How many live, in words.
struct Live(u64);

impl fmt::Display for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} live", Count(self.0))
    }
}
