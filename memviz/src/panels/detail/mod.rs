//! Details of the selection, or of the item under the pointer.
//!
//! ```text
//! ┌ DETAIL  frame 0x1f8000 ─────────────── Esc closes ┐
//! │ address    0x1f8000, frame 504, usable            │
//! │ owner      [U] user, copy-on-write                │
//! │ …                                                 │
//! │ 12.345 s   frame allocate 0x1f8000 user           │
//! └───────────────────────────────────────────────────┘
//! ```
//! The lines are computed for each picture, and only lines that differ are drawn. A wide panel has
//! two columns of lines.

pub mod frames;
pub(super) mod lines;
mod recent;
mod things;

use super::why_not;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::input::keys::Arrow;
use crate::model::Model;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::timeline::Timeline;
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::widgets::{self, Column, Table};
use embedded_graphics::geometry::Point;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use lines::{LINES, Line, Lines};
use mm::frame::WhyNot;
use recent::Recent;

/// Label and text.
static COLUMNS: [Column; 2] = [Column::left("", 12), Column::left("", 1).gap(0).grows()];
/// The minimum text cells of a panel with two columns of lines, and the gap between them.
const WIDE: usize = 90;
const GAP: usize = 2;
/// The subject of the panel.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    /// The selection.
    pub selection: Selection,
    /// The last refused run, if it is selected.
    pub why_not: Option<&'s WhyNot>,
}

/// The panel and its lines.
#[derive(Debug)]
pub struct DetailPanel {
    area: Rectangle,
    names: Names,
    about: Option<Selection>,
    drawn: Lines,
    recent: Recent,
}

impl Panel for DetailPanel {
    const NAME: &'static str = "detail";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: DETAIL, REFUSED RUN"),
        Word("used", "how often a frame was allocated, shared or mapped"),
        Word(
            "heat",
            "recent use: 127 is constant use; halves every half second without use",
        ),
        Word(
            "mapped at",
            "pages that map the frame: address space, address, access",
        ),
        Word(
            "0.000 s",
            "events of the frame among the last 20,000 events",
        ),
        Word("quarantine", "event: freed and poisoned; reuse is delayed"),
        Word(
            "corruption",
            "event: out-of-bounds write, use after free, double free or wild free",
        ),
        Word(
            "run",
            "contiguous free frames, below the ceiling of the request",
        ),
        Word(
            "index",
            "Linux's fragmentation index: -1 available; near 0 too little free memory, near 1 too fragmented",
        ),
        Word(
            "unusable",
            "Linux's unusable free index: the share of free frames in aligned blocks too small for the run",
        ),
        Word(
            "best range",
            "the aligned range of movable or free frames with the fewest frames in use",
        ),
        Word("must move", "frames in use in the best range"),
        Word(
            "then free",
            "contiguous memory after these frames have moved",
        ),
    ];

    fn new(setup: &Setup<'_>) -> DetailPanel {
        let (area, names) = (setup.area, setup.names);
        DetailPanel {
            area,
            names,
            about: None,
            drawn: Lines::default(),
            recent: Recent::default(),
        }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let Scene {
            styles,
            model,
            timeline,
            why_not,
            ..
        } = *scene;
        let Some(selection) = scene.selection else {
            return Ok(());
        };
        let subject = Subject { selection, why_not };
        let Subject { selection, .. } = subject;
        let (table, room) = table(styles, widgets::content(styles, self.area));
        let mut lines = Lines {
            room: room.min(LINES),
            ..Lines::default()
        };
        self.add_lines(&mut lines, styles, model, changes, timeline, subject);
        if extent == Extent::All || self.about != Some(selection) {
            let (area, note) = (self.area, "Esc closes");
            match selection {
                Selection::Refusal => {
                    widgets::panel(surface, styles, area, "Refused run", "", note)?;
                }
                _ => widgets::panel(surface, styles, area, "Detail", selection, note)?,
            }
            self.drawn = Lines::default();
        }
        let nothing = Line::default();
        for number in 0..lines.room {
            let before = self.drawn.lines.get(number).unwrap_or(&nothing);
            let now = lines.lines.get(number).unwrap_or(&nothing);
            if before != now {
                draw_line(surface, styles, table.row(number), now)?;
            }
        }
        (self.about, self.drawn) = (Some(selection), lines);
        Ok(())
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}

impl DetailPanel {
    /// Computes the lines.
    fn add_lines(
        &mut self,
        lines: &mut Lines,
        styles: &Styles,
        model: &Model,
        changes: &mut Changes,
        timeline: &Timeline,
        subject: Subject<'_>,
    ) {
        let theme = styles.theme;
        match subject.selection {
            Selection::Frames { first, count: 1 } => {
                frames::add_frame(lines, theme, model, first);
                self.recent
                    .add_events(lines, timeline, recent::Searched::Frame(first));
            }
            Selection::Frames { first, count } => {
                frames::add_cell(
                    lines,
                    theme,
                    &changes.sum(model, first..first + count),
                    first,
                    count,
                );
            }
            Selection::FirmwareRegion(number) => {
                frames::add_region(lines, theme, model, changes, number);
            }
            Selection::Refusal => why_not::add_refusal(lines, subject.why_not),
            Selection::Page { space, address } => {
                things::add_page(lines, theme, model, &self.names, space, address);
            }
            Selection::Block(start) => {
                things::add_block(lines, theme, model, start);
                self.recent
                    .add_events(lines, timeline, recent::Searched::Allocation(start));
            }
            Selection::Split { start, order } => things::add_split(lines, model, start, order),
            Selection::Fault(number) => {
                things::add_fault(lines, theme, model, &self.names, number);
            }
            Selection::Process(number) => {
                things::add_process(lines, model, &self.names, number);
            }
        }
    }
}

/// Returns one table of lines, or two side by side in a wide panel, and the number of lines that
/// fit.
fn table(styles: &Styles, content: Rectangle) -> (Table<2>, usize) {
    let cells = (content.size.width / styles.unit()) as usize;
    let rows = (content.size.height / styles.line()) as usize;
    let tables = 1 + usize::from(cells >= WIDE);
    let cells = (cells - GAP * (tables - 1)) / tables;
    let size = Size::new(cells as u32 * styles.unit(), content.size.height);
    let table = Table::new(styles, Rectangle::new(content.top_left, size), &COLUMNS)
        .with_rows(0, styles.line())
        .side_by_side(tables, rows, cells + GAP);
    (table, rows * tables)
}

fn draw_line<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    slots: [Slot; 2],
    line: &Line,
) -> Result<(), S::Error> {
    let unit = styles.unit();
    let [label, mut words] = slots;
    styles.dim.draw(surface, label, &line.label)?;
    if let Some(swatch) = line.swatch {
        widgets::swatch(surface, styles, words.at, swatch)?;
        let height = styles.text.font.cell().height;
        let blank = Rectangle::new(words.at + Size::new(2 * unit, 0), Size::new(unit, height));
        surface.fill_solid(&blank, styles.theme.panel)?;
        words = Slot::left(
            words.at + Size::new(3 * unit, 0),
            words.cells.saturating_sub(3),
        );
    }
    styles.text.draw(surface, words, &line.words)
}
