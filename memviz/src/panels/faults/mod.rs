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
use crate::widgets;
use causes::Causes;
pub use causes::short;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Count, Nanoseconds};
use table::{FaultTable, MOST_ROWS};

const TITLE: &str = "Page faults";
/// Text cells of the detail in the title.
const DETAIL: usize = 40;

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
}

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
        if extent == Extent::All {
            *self = FaultPanel::blank(self.area, self.names);
            let note = widgets::note_beside(styles, self.area, TITLE, DETAIL, "newest first");
            widgets::panel(surface, styles, self.area, TITLE, "", note)?;
        }
        let faults = &model.faults;
        let summary = Summary {
            total: faults.total(),
            mean: faults.mean_nanoseconds(),
        };
        let slot = widgets::detail_slot(styles, self.area, TITLE, DETAIL);
        styles
            .dim
            .update(surface, slot, self.summary.replace(summary), summary)?;

        let (rows, below) = self.places(styles);
        let table = FaultTable::new(styles, rows, self.names.function);
        if extent == Extent::All {
            table.layout.draw_header(surface, styles)?;
        }
        let mut newest = faults.newest_first();
        for (row, drawn) in self.rows[..table.rows()].iter_mut().enumerate() {
            let now = newest.next().copied();
            if *drawn != now {
                table.draw_row(surface, styles, row, drawn.as_ref(), now.as_ref())?;
                *drawn = now;
            }
        }
        let marked = match selection {
            Some(Selection::Fault(number)) => faults.total().checked_sub(number + 1),
            _ => None,
        };
        let marked = marked
            .map(|age| age as usize)
            .filter(|&row| row < table.rows());
        if core::mem::replace(&mut self.marked, marked) != marked {
            table.layout.mark(surface, styles, marked)?;
        }
        self.causes.draw(surface, styles, below, faults)
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
        }
    }

    /// The fault in the row at a point of the screen.
    pub fn fault_at(&self, styles: &Styles, model: &Model, point: Point) -> Option<Selection> {
        let (area, _) = self.places(styles);
        let row = FaultTable::new(styles, area, self.names.function)
            .layout
            .row_at(point)?;
        self.rows.get(row)?.as_ref()?;
        let number = model.faults.total().checked_sub(1 + row as u64)?;
        Some(Selection::Fault(number))
    }

    /// The rectangles of the table and of the legend. Without a legend, the table may use the space
    /// after its last line.
    fn places(&self, styles: &Styles) -> (Rectangle, Rectangle) {
        let content = widgets::content(styles, self.area);
        let Size { width, height } = content.size;
        let causes = causes::height(styles, content.size);
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
