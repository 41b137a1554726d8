//! The last page faults, newest first: time, address, cause, outcome, cost, instruction.
//!
//! ```text
//! ┌ PAGE FAULTS  1,234 so far, 2.3 µs on average ───────────── newest first ┐
//! │     time  address             cause           outcome       cost  where │
//! │ 12.345 s  0xffff900000006000  Z demand-zero   frame mapped  1.2 µs  …   │  see [`table`]
//! │ …                                                                       │
//! │ G guard   12   N null   0   Z zero   1,203   C copy   7                 │  see [`causes`]: since boot
//! └─────────────────────────────────────────────────────────────────────────┘
//! ```

mod causes;
mod compact;
mod table;
mod words;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::model::{Fault, FaultLog, Model};
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::widgets::{self, Table};
use causes::Causes;
pub use causes::short;
use compact::Sums;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Count, Nanoseconds};
use table::{FaultTable, MOST_ROWS};

const TITLE: &str = "Page faults";
/// Text cells of the detail in the title, in a wide and in a narrow panel.
const DETAIL: usize = 40;
const SHORT_DETAIL: usize = 14;

/// The panel and the part of it that is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct FaultPanel {
    area: Rectangle,
    names: Names,
    summary: Option<Summary>,
    rows: [Option<Fault>; MOST_ROWS],
    /// The row of the selected fault.
    marked: Option<usize>,
    causes: Causes,
    /// The sums below the table of a narrow panel.
    sums: Option<Sums>,
}

/// The minimum text cells of a panel with all columns.
const WIDE: u32 = 60;

impl Panel for FaultPanel {
    const NAME: &'static str = "page faults";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: PAGE FAULTS"),
        Word("so far", "faults since boot; letters below: by cause"),
        Word("on average", "mean time in the handler"),
        Word("time", "time of the fault, in seconds since boot"),
        Word("address", "accessed address"),
        Word("cause", "classification by the kernel"),
        Word("outcome", "result of the handler"),
        Word(
            "frame",
            "in a narrow panel: the frame that the handler mapped, or its result",
        ),
        Word("cost", "time in the handler"),
        Word(
            "where",
            "faulting function; ring 3: address of the instruction",
        ),
    ];

    fn new(setup: &Setup<'_>) -> FaultPanel {
        FaultPanel::blank(setup.area, setup.names)
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
        let is_narrow = self.is_narrow(styles);
        let cells = if is_narrow { SHORT_DETAIL } else { DETAIL };
        if extent == Extent::All {
            *self = FaultPanel::blank(self.area, self.names);
            let note = widgets::note_beside(styles, self.area, TITLE, cells, "newest first");
            widgets::panel(surface, styles, self.area, TITLE, "", note)?;
        }
        let faults = &model.faults;
        let summary = Summary {
            total: faults.total(),
            mean: faults.mean_nanoseconds().filter(|_| !is_narrow),
        };
        let slot = widgets::detail_slot(styles, self.area, TITLE, cells);
        styles
            .dim
            .update(surface, slot, self.summary.replace(summary), summary)?;

        let table = self.table(styles);
        if extent == Extent::All {
            table.draw_header(surface, styles)?;
        }
        let mut newest = faults.newest_first();
        for (row, drawn) in self.rows[..table.rows()].iter_mut().enumerate() {
            let now = newest.next().copied();
            if *drawn != now {
                table.draw_row(surface, styles, row, drawn.as_ref(), now.as_ref())?;
                *drawn = now;
            }
        }
        self.mark(surface, styles, &table, faults, selection)?;
        let (_, below) = self.places(styles);
        if !is_narrow {
            return self.causes.draw(surface, styles, below, faults);
        }
        let sums = Sums::of(faults);
        match self.sums.replace(sums) == Some(sums) {
            true => Ok(()),
            false => sums.draw(surface, styles, below),
        }
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        self.fault_at(scene.styles, scene.model, point)
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        steer(arrow, &scene.model.faults, scene.selection)
    }
}

impl FaultPanel {
    /// Forgets what is on the screen.
    fn blank(area: Rectangle, names: Names) -> FaultPanel {
        FaultPanel {
            area,
            names,
            summary: None,
            rows: [None; MOST_ROWS],
            marked: None,
            causes: Causes::default(),
            sums: None,
        }
    }

    /// Returns the fault in the row at a point of the screen.
    pub fn fault_at(&self, styles: &Styles, model: &Model, point: Point) -> Option<Selection> {
        let row = self.table(styles).row_at(point)?;
        self.rows.get(row)?.as_ref()?;
        let number = model.faults.total().checked_sub(1 + row as u64)?;
        Some(Selection::Fault(number))
    }

    fn is_narrow(&self, styles: &Styles) -> bool {
        self.area.size.width < WIDE * styles.unit()
    }

    /// Marks the row of the selected fault.
    fn mark<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        table: &Rows,
        faults: &FaultLog,
        selection: Option<Selection>,
    ) -> Result<(), S::Error> {
        let marked = match selection {
            Some(Selection::Fault(number)) => faults.total().checked_sub(number + 1),
            _ => None,
        };
        let marked = marked
            .map(|age| age as usize)
            .filter(|&row| row < table.rows());
        if core::mem::replace(&mut self.marked, marked) != marked {
            table.mark(surface, styles, marked)?;
        }
        Ok(())
    }

    /// Returns the table, with all columns or with few.
    fn table(&self, styles: &Styles) -> Rows {
        let (area, _) = self.places(styles);
        match self.is_narrow(styles) {
            true => Rows::Few(compact::table(styles, area)),
            false => Rows::All(FaultTable::new(styles, area, self.names.function)),
        }
    }

    /// Returns the rectangles of the table and of the legend. Without a legend, the table may use
    /// the space after its last line.
    fn places(&self, styles: &Styles) -> (Rectangle, Rectangle) {
        let content = widgets::content(styles, self.area);
        let Size { width, height } = content.size;
        let causes = match self.is_narrow(styles) {
            true => styles.line(),
            false => causes::height(styles, content.size),
        };
        let spare = match causes {
            0 => styles.line() - 2 * styles.unit(),
            _ => 0,
        };
        let above = height - causes;
        (
            Rectangle::new(content.top_left, Size::new(width, above + spare)),
            Rectangle::new(
                content.top_left + Size::new(0, above),
                Size::new(width, causes),
            ),
        )
    }
}

/// A table of faults.
enum Rows {
    All(FaultTable),
    Few(Table<5>),
}

impl Rows {
    fn rows(&self) -> usize {
        match self {
            Rows::All(table) => table.rows(),
            Rows::Few(table) => table.rows().min(MOST_ROWS),
        }
    }

    fn row_at(&self, point: Point) -> Option<usize> {
        match self {
            Rows::All(table) => table.layout.row_at(point),
            Rows::Few(table) => table.row_at(point),
        }
    }

    fn draw_header<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        match self {
            Rows::All(table) => table.layout.draw_header(surface, styles),
            Rows::Few(table) => table.draw_header(surface, styles),
        }
    }

    fn draw_row<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        row: usize,
        before: Option<&Fault>,
        now: Option<&Fault>,
    ) -> Result<(), S::Error> {
        match self {
            Rows::All(table) => table.draw_row(surface, styles, row, before, now),
            Rows::Few(table) => compact::draw_row(surface, styles, table, row, before, now),
        }
    }

    fn mark<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        marked: Option<usize>,
    ) -> Result<(), S::Error> {
        match self {
            Rows::All(table) => table.layout.mark(surface, styles, marked),
            Rows::Few(table) => table.mark(surface, styles, marked),
        }
    }
}

/// Moves the selection in a list of faults: up to a newer fault, down to an older fault.
pub fn steer(arrow: Arrow, faults: &FaultLog, selection: Option<Selection>) -> Option<Selection> {
    let newest = faults.total().checked_sub(1)?;
    let next = match (selection, arrow) {
        (Some(Selection::Fault(number)), Arrow::Up) => (number + 1).min(newest),
        (Some(Selection::Fault(number)), Arrow::Down) => number.saturating_sub(1),
        (Some(Selection::Fault(number)), _) => number,
        _ => newest,
    };
    match faults.numbered(next) {
        Some(_) => Some(Selection::Fault(next)),
        None => selection,
    }
}

/// Formats the number of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Summary {
    total: u64,
    mean: Option<u64>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mean {
            None => write!(f, "{} so far", Count(self.total)),
            Some(mean) => {
                write!(
                    f,
                    "{} so far, {} on average",
                    Count(self.total),
                    Nanoseconds(mean)
                )
            }
        }
    }
}
