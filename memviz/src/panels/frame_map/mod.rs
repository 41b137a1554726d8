//! The map of physical memory: a cell for each frame, or for 2^n of them.
//!
//! ```text
//! ┌ PHYSICAL MEMORY  1 cell = 8 frames, 32 KiB                         1 state 2 heat 3 tags 4 refs ┐
//! │ 0x0000000 ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ │
//! │ legend, with counts                                                                           │
//! └───────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! A full drawing goes by lines of pixels: one row of cells is expanded once and copied down. Otherwise only
//! the cells that changed are filled. Cells that are large enough have a letter or a number in them. What is selected is
//! outlined, on top of the cells: see [`outline`].

pub mod grid;
mod legend;
mod lines;
pub mod look;
mod outline;
mod sign;
mod strip;

use super::Extent;
use crate::highlights::Lit;
use crate::input::{Arrow, MapMode};
use crate::layout;
use crate::model::Model;
use crate::selection::Selection;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::units::Bytes;
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use grid::{Grid, Zoom};
use legend::Legend;
use lines::Lines;
use look::Look;
use outline::Outlines;
use sign::Signs;

/// The keys and names of the views, as they stand in the title.
const VIEWS: &str = "1 state 2 heat 3 tags 4 refs";

/// The map in one place, at one size.
#[derive(Clone, Copy, Debug)]
pub struct FrameMap {
    area: Rectangle,
    grid: Grid,
    zoom: Zoom,
    /// How many frames there are.
    frames: usize,
    /// All of memory, and which part of it is shown: while that is not all.
    strip: Rectangle,
    legend: Legend,
    label: Label,
    /// What the cells of the model are lit for.
    lit: Option<Lit>,
}

/// How the address of a row is written, in so many digits.
#[derive(Clone, Copy, Debug)]
enum Label {
    /// `0x1000000`
    Hexadecimal(usize),
    /// `100000000`, where there is no room for more.
    Digits(usize),
}

impl FrameMap {
    /// Lays the map of this many frames out in `area`. The model must be given the view of [`FrameMap::grid`].
    pub fn new(styles: &Styles, area: Rectangle, frames: usize, zoom: Zoom) -> FrameMap {
        let unit = styles.unit();
        let content = widgets::content(styles, area);
        let label = layout::MAP_LABEL * unit;
        let last_address = (frames.max(1) as u64 * 4096 - 1).max(0xfff_ffff);
        let digits = last_address.ilog2() as usize / 4 + 1;

        let legend_height = legend::lines(styles, content.size) * styles.line();
        let legend_top = content.size.height.saturating_sub(legend_height);
        let legend = Rectangle::new(
            content.top_left + Point::new(0, legend_top as i32),
            Size::new(content.size.width, legend_height),
        );
        let strip_height = if zoom.level > 0 { 2 * unit } else { 0 };
        let below = legend_top.saturating_sub(unit + strip_height);
        let width = content.size.width.saturating_sub(label);
        let right = content.top_left + Point::new(label as i32, 0);
        let cells = Rectangle::new(right, Size::new(width, below));
        let strip = Rectangle::new(
            right + Point::new(0, (below + unit) as i32),
            Size::new(width, strip_height / 2),
        );
        FrameMap {
            area,
            grid: Grid::new(cells, frames, zoom, smallest_cell(styles)),
            zoom,
            frames,
            strip,
            label: match digits + 3 > layout::MAP_LABEL as usize {
                true => Label::Digits(digits),
                false => Label::Hexadecimal(digits),
            },
            legend: Legend::new(legend),
            lit: None,
        }
    }

    /// The most cells that a map in such an area can have.
    pub fn most_cells(styles: &Styles, area: Rectangle) -> usize {
        grid::most_cells(area.size, smallest_cell(styles))
    }

    /// How the cells stand.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The frames of the cell at a place on the screen.
    pub fn frames_at(&self, place: Point) -> Option<Selection> {
        let cell = self.grid.cell_at(place)?;
        Some(self.cell_with(self.grid.view.frames_of(cell).start))
    }

    /// The cursor moves by a cell, or by a row: the frames of the cell that it comes to, in view or not. It was at frame `from`.
    pub fn steer(&self, arrow: Arrow, from: Option<usize>) -> Selection {
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

    /// The frames of a cell that this frame is, or would be, in.
    fn cell_with(&self, frame: usize) -> Selection {
        let shift = self.grid.view.shift;
        let first = frame >> shift << shift;
        Selection::Frames {
            first,
            count: (1 << shift).min(self.frames.saturating_sub(first)).max(1),
        }
    }

    /// The view whose name stands at a point of the screen.
    pub fn mode_at(&self, styles: &Styles, point: Point) -> Option<MapMode> {
        let unit = styles.unit();
        let width = VIEWS.len() as u32 * unit;
        let end = self.area.top_left.x + self.area.size.width as i32 - unit as i32;
        let at = Point::new(end - width as i32, self.area.top_left.y + unit as i32);
        let line = Rectangle::new(at, Size::new(width, 2 * unit));
        let column = (point.x - at.x) as usize / unit as usize;
        let starts_before = |mode: &MapMode| {
            let start = VIEWS.find(mode.label().0);
            start.is_some_and(|start| start <= column)
        };
        let mode = MapMode::ALL.into_iter().rfind(starts_before);
        mode.filter(|_| line.contains(point))
    }

    /// Draws the map in this view, with these frames lit.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &mut Model,
        mode: MapMode,
        lit: &Lit,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let outlines = Outlines::new(&self.grid, styles);
        let relit = extent == Extent::All || self.lit != Some(*lit);
        if relit {
            outlines.erase(surface, styles.theme, &mut model.cells)?;
            lit.light(model);
            self.lit = Some(*lit);
        }
        if extent == Extent::All {
            self.draw_frame(surface, styles, mode)?;
            self.draw_labels(surface, styles)?;
            self.draw_all(surface, styles, model, mode)?;
            model.cells.dirty.clear();
        }
        if extent == Extent::All || model.changed.regions {
            strip::draw(surface, styles.theme, self.strip, &self.grid.view, model)?;
        }
        let repainted = relit || !model.cells.dirty.is_empty();
        self.draw_changed(surface, styles, model, mode)?;
        if repainted {
            outlines.draw(surface, styles.theme, &model.cells)?;
        }
        if extent == Extent::All || model.changed.frames || mode == MapMode::Heat {
            self.legend.draw(surface, styles, model, mode, extent)?;
        }
        Ok(())
    }

    /// Draws all cells. Its buffer of lines must not lie on the stack while something else is drawn.
    #[inline(never)]
    fn draw_all<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        mode: MapMode,
    ) -> Result<(), S::Error> {
        Lines::new(&self.grid, styles.theme, mode).draw(
            surface,
            &model.cells,
            |surface, cell| self.draw_cell(surface, styles, model, mode, cell),
        )?;
        if !Signs::fit(&self.grid, styles) {
            return Ok(());
        }
        for cell in 0..model.cells.all().len() {
            let (area, look) = self.look(styles, model, mode, cell);
            Signs(styles).draw(surface, area, &look, &model.cells.all()[cell], mode)?;
        }
        Ok(())
    }

    fn draw_frame<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        mode: MapMode,
    ) -> Result<(), S::Error> {
        let scale = Scale {
            frames: self.grid.view.frames_per_cell() as u64,
            zoom: self.zoom,
        };
        let (area, cells) = (self.area, self.grid.solid());
        widgets::panel_around(
            surface,
            styles,
            area,
            cells,
            "PHYSICAL MEMORY",
            scale,
            VIEWS,
        )?;

        // The view that is shown, over its like in dimmer ink.
        let unit = styles.unit() as i32;
        let after = VIEWS
            .find(mode.label().0)
            .map_or(0, |before| VIEWS.len() - before);
        let cells = self.area.size.width as i32 / unit - 1 - after as i32;
        let at = self.area.top_left + Point::new(cells * unit, unit);
        let (key, name) = mode.label();
        let slot = Slot::left(at, name.len() + 2);
        styles
            .accent
            .draw(surface, slot, format_args!("{key} {name}"))
    }

    /// The address of a row, as often as the text has room.
    fn draw_labels<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        let grid = &self.grid;
        let content = widgets::content(styles, self.area);
        let rows = styles
            .line()
            .div_ceil(grid.pitch.height.max(1))
            .next_power_of_two() as usize;
        let text_height = styles.text.font.cell().height;
        for row in (0..grid.rows).step_by(rows) {
            let below = row as u32 * grid.pitch.height;
            if below + text_height > grid.area.size.height.max(text_height) {
                break;
            }
            let at = content.top_left + Point::new(0, below as i32);
            let address = grid.first_frame(row) as u64 * 4096;
            let slot = Slot::left(at, layout::MAP_LABEL as usize);
            let style = &styles.dim;
            match self.label {
                Label::Hexadecimal(digits) => {
                    style.draw(surface, slot, format_args!("0x{address:0digits$x}"))
                }
                Label::Digits(digits) => {
                    style.draw(surface, slot, format_args!("{address:0digits$x}"))
                }
            }?;
        }
        Ok(())
    }

    /// Draws the cells that changed. Frames come and go in runs: cells side by side that look the same are drawn as one.
    fn draw_changed<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        model: &mut Model,
        mode: MapMode,
    ) -> Result<(), S::Error> {
        let signs = Signs::fit(&self.grid, styles);
        let mut run: Option<(Rectangle, Look)> = None;
        while let Some(cell) = model.cells.dirty.take() {
            let (area, look) = self.look(styles, model, mode, cell);
            if signs {
                draw_look(surface, styles, area, &look)?;
                let cell = &model.cells.all()[cell];
                Signs(styles).draw(surface, area, &look, cell, mode)?;
                continue;
            }
            if let Some((run, same)) = &mut run
                && look == *same
                && !look.differs
                && area.top_left == run.top_left + Size::new(run.size.width, 0)
            {
                run.size.width += area.size.width;
                continue;
            }
            if let Some((area, look)) = run.replace((area, look)) {
                draw_look(surface, styles, area, &look)?;
            }
        }
        match run {
            Some((area, look)) => draw_look(surface, styles, area, &look),
            None => Ok(()),
        }
    }

    fn draw_cell<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        mode: MapMode,
        number: usize,
    ) -> Result<(), S::Error> {
        let (area, look) = self.look(styles, model, mode, number);
        draw_look(surface, styles, area, &look)
    }

    // Inlined always: it is most of what a changed cell costs.
    #[inline(always)]
    fn look(
        &self,
        styles: &Styles,
        model: &Model,
        mode: MapMode,
        number: usize,
    ) -> (Rectangle, Look) {
        let height = self.grid.cell.height;
        let mut look = Look::new(&model.cells.all()[number], mode, styles.theme, height);
        if let Some(age) = model.cells.accents.age(number) {
            look.age(age, mode, styles.theme);
        }
        (self.grid.rectangle(number), look)
    }
}

fn draw_look<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    look: &Look,
) -> Result<(), S::Error> {
    if look.differs {
        return hatch(surface, styles, area, look);
    }
    let Size { width, height } = area.size;
    let upper = height - look.filled;
    if upper > 0 {
        let ground = Rectangle::new(area.top_left, Size::new(width, upper));
        surface.fill_solid(&ground, look.ground)?;
    }
    if look.filled > 0 {
        let at = area.top_left + Point::new(0, upper as i32);
        let ink = Rectangle::new(at, Size::new(width, look.filled));
        surface.fill_solid(&ink, look.ink)?;
    }
    Ok(())
}

/// Width and height of the smallest cell that can be seen from the last row.
fn smallest_cell(styles: &Styles) -> u32 {
    (styles.unit() / 3).max(3)
}

fn hatch<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    look: &Look,
) -> Result<(), S::Error> {
    let ground = if look.filled > 0 {
        look.ink
    } else {
        look.ground
    };
    widgets::hatch(surface, area, styles.theme.warning, ground)
}

/// How many frames a cell shows, and how much of memory the map.
struct Scale {
    frames: u64,
    zoom: Zoom,
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.frames {
            1 => f.write_str("1 cell = 1 frame, 4 KiB")?,
            frames => write!(f, "1 cell = {frames} frames, {}", Bytes(frames * 4096))?,
        }
        match self.zoom.level {
            0 => Ok(()),
            _ => write!(f, ", zoom {}", self.zoom.factor()),
        }
    }
}
