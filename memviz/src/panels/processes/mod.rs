//! The live processes, newest first below the kernel: number, parent, program, state, and the
//! contents of their address spaces.
//!
//! ```text
//! ┌ PROCESSES  3 live ──────────────────────── newest first ┐
//! │   no  by  program     state   pages  shared copied  faults │
//! │ ▶ 16   0  eat         asleep  1,203       0      0   1,203 │   ▶ the last events are about its space
//! │   15  14  family      ready     130     129    128      12 │
//! │ and 2 more                                                 │
//! └────────────────────────────────────────────────────────────┘
//! ```
//! In a narrow panel, columns drop out: see [`Column::drops`].

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::TextStyle;
use crate::input::keys::Arrow;
use crate::model::{Model, Process};
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::widgets::{self, Column, Table};
use core::fmt;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Count, Moment, Short};

const TITLE: &str = "Processes";
/// Text cells of the count in the title.
const DETAIL: usize = 24;
/// More rows than fit on any screen.
const MOST_ROWS: usize = 32;
static COLUMNS: [Column; 11] = [
    Column::left("", 1),
    Column::right("no", 4),
    Column::right("by", 4).drops(4),
    Column::left("program", 11),
    Column::left("state", 6),
    Column::right("pages", 5),
    Column::right("shared", 6),
    Column::right("copied", 6).drops(3),
    Column::right("tables", 6).drops(2),
    Column::right("faults", 6),
    Column::right("since", 10).drops(1),
];
/// The values of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    process: Process,
    is_current: bool,
    is_selected: bool,
}

/// The content of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    #[default]
    Nothing,
    Row(Row),
    /// The number of processes that do not fit.
    More(usize),
}

/// The panel and the part of it that is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct ProcessPanel {
    area: Rectangle,
    names: Names,
    live: Option<u64>,
    lines: [Line; MOST_ROWS],
}

impl Panel for ProcessPanel {
    const NAME: &'static str = "processes";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: PROCESSES"),
        Word(
            "no  by",
            "number of the process, and of the process that forked it",
        ),
        Word(
            "state",
            "ready, asleep, ended; starts: its address space is being built",
        ),
        Word("pages", "mapped pages of the user half, of all sizes"),
        Word("shared", "pages whose frame has more than one reference"),
        Word("copied", "pages whose first write copies the frame"),
        Word("tables", "its own page tables, of all levels"),
        Word("faults", "its page faults, modulo 16,777,216"),
        Word("since", "start time, in seconds since boot"),
        Word("not listed", "processes that the model could not store"),
    ];

    fn new(setup: &Setup<'_>) -> ProcessPanel {
        ProcessPanel::blank(setup.area, setup.names)
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let Scene {
            styles,
            model,
            selection,
            ..
        } = *scene;
        let table = self.table(styles);
        if extent == Extent::All {
            *self = ProcessPanel::blank(self.area, self.names);
            widgets::panel(surface, styles, self.area, TITLE, "", "newest first")?;
            table.draw_header(surface, styles)?;
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
        let rows = table.rows().min(MOST_ROWS);
        for line in 0..rows {
            let now = self.process_line(model, selection, line, rows);
            if self.lines[line] == now {
                continue;
            }
            self.lines[line] = now;
            self.draw_line(surface, styles, &table, line, now)?;
        }
        Ok(())
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        self.process_at(scene.styles, point)
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        self.steer(arrow, scene.model, scene.selection)
    }
}

impl ProcessPanel {
    /// Marks the screen as blank, so that the next drawing draws everything.
    fn blank(area: Rectangle, names: Names) -> ProcessPanel {
        ProcessPanel {
            area,
            names,
            live: None,
            lines: [Line::Nothing; MOST_ROWS],
        }
    }

    /// Returns the process in the row at a point of the screen.
    pub fn process_at(&self, styles: &Styles, point: Point) -> Option<Selection> {
        match self.lines.get(self.table(styles).row_at(point)?)? {
            Line::Row(row) => Some(Selection::Process(row.process.number)),
            _ => None,
        }
    }

    /// Selects another process on up and down.
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

    /// Returns the content of a line.
    fn process_line(
        &self,
        model: &Model,
        selection: Option<Selection>,
        line: usize,
        rows: usize,
    ) -> Line {
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
        table: &Table<11>,
        number: usize,
        line: Line,
    ) -> Result<(), S::Error> {
        let row = match line {
            Line::Nothing => return table.draw_whole_row(surface, &styles.dim, number, ""),
            Line::More(count) => {
                let words = format_args!("and {} more", Count(count as u64));
                return table.draw_whole_row(surface, &styles.dim, number, words);
            }
            Line::Row(row) => row,
        };
        self.draw_process(surface, styles, table, number, row)
    }

    /// Draws the row of a process.
    fn draw_process<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        table: &Table<11>,
        number: usize,
        row: Row,
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        let style = match row.is_selected {
            true => TextStyle::new(styles.title.font, theme.ground, theme.accent),
            false => styles.text,
        };
        table.draw_whole_row(surface, &style, number, "")?;
        let slots = table.row(number);
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
        let is_kernel = number == 0;
        let program = match is_live {
            _ if is_kernel => "kernel",
            true => (self.names.program)(program),
            false => "–",
        };
        let state = match is_live {
            _ if is_kernel => "",
            true => state.words(),
            false => "starts",
        };
        let parent = (!is_kernel).then_some(parent);
        let started = is_live.then_some(Moment(started * 1_000_000));
        let texts: [&dyn fmt::Display; 11] = [
            &if row.is_current { "▶" } else { "" },
            &number,
            &OrNothing(parent),
            &program,
            &state,
            &Short(pages),
            &Short(shared),
            &Short(copy_on_write),
            &Short(tables),
            &Short(faults),
            &OrNothing(started),
        ];
        let mut cells = slots.into_iter().zip(texts);
        cells.try_for_each(|(slot, text)| style.draw(surface, slot, text))
    }

    fn table(&self, styles: &Styles) -> Table<11> {
        Table::new(styles, widgets::content(styles, self.area), &COLUMNS)
    }
}

/// Returns the kernel, and then the other address spaces, newest first.
fn listed<'a>(model: &'a Model) -> impl Iterator<Item = &'a Process> {
    let all = model.processes.all();
    let kernel = all.iter().filter(|process| process.number == 0);
    let others = all.iter().rev().filter(|process| process.number != 0);
    kernel.chain(others)
}

/// Returns the address space of a selection.
fn space_of(selection: Selection) -> Option<u32> {
    match selection {
        Selection::Process(number) => Some(number),
        Selection::Page { space, .. } => Some(space),
        _ => None,
    }
}

/// A value, or an empty cell.
struct OrNothing<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for OrNothing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |value| value.fmt(f))
    }
}

/// Formats the number of live processes.
struct Live(u64);

impl fmt::Display for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} live", Count(self.0))
    }
}
