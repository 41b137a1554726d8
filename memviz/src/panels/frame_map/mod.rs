//! The map of physical memory: a cell for each frame, or for 2^n of them.
//!
//! ```text
//! ┌ Physical memory  1 cell = 8 frames, 32 KiB        1 state 2 heat 3 tags 4 refs ┐
//! │ 0x0000000 ─ ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓  legend, with    │
//! │             ▓▓ cache 58.8 MiB ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓  counts          │
//! └────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! The cells fill the panel. The legend stands beside them, or below them in a narrow panel.
//! A full drawing works by lines of pixels: one row of cells is expanded once and copied down.
//! Otherwise only the changed cells are filled: see [`cells`]. Large cells contain a letter or a
//! number. The selection is outlined on top of the cells: see [`outline`].

mod callout;
mod cells;
pub mod grid;
mod heading;
mod legend;
mod lines;
pub mod look;
mod outline;
mod plates;
mod sign;
mod strip;
mod ticks;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::highlights::{Highlights, first_frame};
use crate::view::map::Cells;
use crate::view::map_mode::MapMode;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;
use crate::widgets;
use callout::Callout;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use grid::{Grid, smallest_cell};
use legend::Legend;
use outline::Outlines;
use plates::Plates;
use ticks::Ticks;

/// The width of the cells is a multiple of this, in pixels.
const COLUMNS: u32 = 32;

/// The map at one position and size.
#[derive(Clone, Copy, Debug)]
pub struct FrameMap {
    area: Rectangle,
    grid: Grid,
    zoom: Zoom,
    /// The number of frames.
    frames: usize,
    /// All of memory, and the visible part of it. Drawn only while zoomed in.
    strip: Rectangle,
    ticks: Ticks,
    legend: Legend,
    plates: Plates,
    pointed: Pointed,
}

/// The reason for the outlines, and the words beside them.
#[derive(Clone, Copy, Debug, Default)]
struct Pointed {
    highlights: Option<Highlights>,
    callout: Option<Callout>,
}

impl Panel for FrameMap {
    const NAME: &'static str = "frame map";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: PHYSICAL MEMORY"),
        Word(
            "1 cell",
            "the number of frames; filled from below by the used share",
        ),
        Word("0x…", "physical address of the row's first frame"),
        Word("+15", "beside a number: its change in this lesson step"),
        Word("mean", "mean references of the used frames of a cell"),
        Word(
            "zoom",
            "magnification; the line below shows the visible part of memory",
        ),
        Word(
            "brighter",
            "recent change: fades within 0.75 s of event time, and stays while no events come",
        ),
        Word(
            "U 2 …",
            "in large cells: letter of the legend, and references from 2; or heat level; or references",
        ),
        Word(
            "outlined",
            "frames of the selection; with w: the best range for the refused run, and the used frames in it",
        ),
        Word(
            "differs",
            "frames for which the machine reports another state",
        ),
    ];

    /// Lays the map out. The caller must then give the view of [`FrameMap::grid`] to the changes.
    fn new(setup: &Setup<'_>) -> FrameMap {
        let &Setup {
            area,
            styles,
            frames,
            zoom,
            ..
        } = setup;
        let unit = styles.unit();
        let content = widgets::content(styles, area);
        let ticks = Ticks::new(styles, frames);
        let strip_height = if zoom.level > 0 { 2 * unit } else { 0 };
        // The first tick is half a line above the first row.
        let above = ticks.height() / 2;
        let room = content.size - Size::new(0, above);
        let side = legend::width(styles, room.height, frames);
        let is_beside = legend::fits_beside(styles, room, side);
        let legend_height = match is_beside {
            true => 0,
            false => legend::lines(styles, room) * styles.line(),
        };
        let right = content.top_left + Size::new(ticks.width(), above);
        let beside = if is_beside { 2 * unit + side } else { 0 };
        let gap = if legend_height > 0 { unit } else { 0 };
        let taken = Size::new(ticks.width() + beside, legend_height + gap + strip_height);
        let rest = room.saturating_sub(taken);
        // Most numbers of columns divide it.
        let width = rest.width / COLUMNS * COLUMNS;
        let cells = Rectangle::new(right, Size::new(width, rest.height));
        let strip = Rectangle::new(
            right + Size::new(0, rest.height + unit),
            Size::new(width, strip_height / 2),
        );
        let legend = match is_beside {
            true => {
                let from = ticks.width() + width + 2 * unit;
                let size = Size::new(content.size.width - from, room.height);
                Legend::beside(Rectangle::new(
                    content.top_left + Size::new(from, above),
                    size,
                ))
            }
            false => {
                let from = Size::new(0, content.size.height - legend_height);
                let size = Size::new(content.size.width, legend_height);
                Legend::below(Rectangle::new(content.top_left + from, size))
            }
        };
        FrameMap {
            area,
            grid: Grid::new(cells, frames, zoom, smallest_cell(styles)),
            zoom,
            frames,
            strip,
            ticks,
            legend,
            plates: Plates::default(),
            pointed: Pointed::default(),
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
        let (styles, model, mode) = (scene.styles, scene.model, scene.mode);
        let highlights = Highlights::new(scene.selection, scene.why_not, model);
        let grid = self.grid;
        let outlines = Outlines::new(&grid, styles);
        let highlights_changed =
            extent == Extent::All || self.pointed.highlights != Some(highlights);
        let callout = Callout::new(styles, &grid, &highlights, scene);
        let before = core::mem::replace(&mut self.pointed.callout, callout);
        if let Some(before) = before.filter(|_| before != callout) {
            before.erase(surface, styles.theme, &grid, &mut changes.cells)?;
        }
        if highlights_changed {
            outlines.erase(surface, styles.theme, &mut changes.cells)?;
            highlights.highlight(model, &mut changes.cells);
            self.pointed.highlights = Some(highlights);
        }
        if highlights_changed && extent == Extent::Changed {
            self.draw_edge(surface, styles)?;
        }
        if extent == Extent::All {
            self.draw_frame(surface, styles, mode)?;
            self.draw_all(surface, styles, &changes.cells, mode)?;
            changes.cells.dirty.clear();
        }
        if extent == Extent::All || changes.panels.firmware_map {
            strip::draw(surface, styles.theme, self.strip, &self.grid.view, model)?;
        }
        let is_any_dirty = !changes.cells.dirty.is_empty();
        let repainted = highlights_changed || is_any_dirty;
        if extent == Extent::All || is_any_dirty {
            self.follow_plates(scene, &mut changes.cells, extent);
        }
        self.draw_changed(surface, styles, &mut changes.cells, mode)?;
        self.plates.draw(surface, styles)?;
        if repainted {
            outlines.draw(surface, styles.theme, &changes.cells)?;
        }
        if let Some(callout) = callout.filter(|_| repainted || before != callout) {
            callout.draw(surface, styles)?;
        }
        if extent == Extent::All
            || changes.panels.frames
            || changes.panels.caption
            || mode == MapMode::Heat
        {
            self.legend.draw(surface, scene, extent)?;
        }
        Ok(())
    }

    fn selection_at(&self, _: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        self.frames_at(point)
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        let selected = scene.selection;
        let from = selected.and_then(|selection| first_frame(selection, scene.model));
        Some(self.steer(arrow, from))
    }
}

impl FrameMap {
    /// Returns the maximum number of cells of a map in an area of this size.
    pub fn most_cells(styles: &Styles, area: Rectangle) -> usize {
        grid::most_cells(area.size, smallest_cell(styles))
    }

    /// Returns the layout of the cells.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Returns the frames of the cell at a point of the screen.
    pub fn frames_at(&self, place: Point) -> Option<Selection> {
        let cell = self.grid.cell_at(place)?;
        Some(self.cell_with(self.grid.view.frames_of(cell).start))
    }

    /// Finds the plates to draw: those that changed, and those over cells that are drawn. A zoomed
    /// map shows too little of an owner for plates.
    fn follow_plates(&mut self, scene: &Scene<'_, '_>, cells: &mut Cells, extent: Extent) {
        if self.zoom.level > 0 {
            return;
        }
        let Scene {
            styles,
            model,
            mode,
            ..
        } = *scene;
        let all = extent == Extent::All;
        self.plates
            .follow(styles, &self.grid, model, cells, mode, all);
        self.plates.find_covered(&self.grid, &cells.dirty);
    }

    /// Moves the cursor from frame `from` by a cell or a row. Returns the frames of the new cell,
    /// which may be out of view.
    fn steer(&self, arrow: Arrow, from: Option<usize>) -> Selection {
        let view = self.grid.view;
        let Some(from) = from else {
            return self.cell_with(view.first);
        };
        let (cell, row) = (1 << view.shift, self.grid.columns << view.shift);
        let to = match arrow {
            Arrow::Left => from.checked_sub(cell),
            Arrow::Up => from.checked_sub(row),
            Arrow::Right => Some(from + cell),
            Arrow::Down => Some(from + row),
        };
        self.cell_with(to.filter(|&to| to < self.frames).unwrap_or(from))
    }

    /// Returns the frames of the cell that contains this frame, in view or not.
    fn cell_with(&self, frame: usize) -> Selection {
        let shift = self.grid.view.shift;
        let first = frame >> shift << shift;
        Selection::Frames {
            first,
            count: (1 << shift).min(self.frames.saturating_sub(first)).max(1),
        }
    }
}
