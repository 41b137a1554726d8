//! Draws the cells: all of them by lines of pixels, or the changed cells one by one.
//!
//! ```text
//! ▓▓▓▓▓▓▓▓  neighbours with the same look: filled as one
//! ▓▓ ▒▒ ▓▓  large enough for a sign: one by one
//! ▞▞        the machine reports another state
//! ```

use super::FrameMap;
use super::lines::Lines;
use super::look::Look;
use super::sign::Signs;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::view::map::Cells;
use crate::view::map_mode::MapMode;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

impl FrameMap {
    /// Draws all cells. Its line buffer must not be on the stack while other parts are drawn.
    #[inline(never)]
    pub(super) fn draw_all<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        cells: &Cells,
        mode: MapMode,
    ) -> Result<(), S::Error> {
        Lines::new(&self.grid, styles.theme, mode).draw(surface, cells, |surface, cell| {
            self.draw_cell(surface, styles, cells, mode, cell)
        })?;
        if !Signs::fit(&self.grid, styles) {
            return Ok(());
        }
        for cell in 0..cells.all().len() {
            let (area, look) = self.look(styles, cells, mode, cell);
            Signs(styles).draw(surface, area, &look, &cells.all()[cell], mode)?;
        }
        Ok(())
    }

    /// Draws the cells that changed. Frames change in runs, so neighbouring cells that look the
    /// same are drawn as one.
    pub(super) fn draw_changed<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        cells: &mut Cells,
        mode: MapMode,
    ) -> Result<(), S::Error> {
        let signs = Signs::fit(&self.grid, styles);
        let mut run: Option<Run> = None;
        while let Some(cell) = cells.dirty.take() {
            if signs {
                let (area, look) = self.look(styles, cells, mode, cell);
                draw_look(surface, styles, area, &look)?;
                let cell = &cells.all()[cell];
                Signs(styles).draw(surface, area, &look, cell, mode)?;
                continue;
            }
            // A cell of the same row is as high, so the place of most cells is not computed.
            if let Some(run) = &mut run
                && self.follows(cell, run.last)
                && self.look_of(styles, cells, mode, cell, run.area.size.height) == run.look
                && !run.look.differs
            {
                run.last = cell;
                continue;
            }
            let (area, look) = self.look(styles, cells, mode, cell);
            let last = cell;
            if let Some(run) = run.replace(Run { area, look, last }) {
                self.draw_run(surface, styles, run)?;
            }
        }
        match run {
            Some(run) => self.draw_run(surface, styles, run),
            None => Ok(()),
        }
    }

    /// Returns whether a cell touches the one before it in a row.
    fn follows(&self, cell: usize, before: usize) -> bool {
        let is_first = cell & (self.grid.columns - 1) == 0;
        cell == before + 1 && !is_first && self.grid.gap == 0
    }

    fn draw_run<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        run: Run,
    ) -> Result<(), S::Error> {
        let last = self.grid.rectangle(run.last);
        let width = last.top_left.x - run.area.top_left.x + last.size.width as i32;
        let size = Size::new(width as u32, run.area.size.height);
        draw_look(
            surface,
            styles,
            Rectangle::new(run.area.top_left, size),
            &run.look,
        )
    }

    fn draw_cell<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        cells: &Cells,
        mode: MapMode,
        number: usize,
    ) -> Result<(), S::Error> {
        let (area, look) = self.look(styles, cells, mode, number);
        draw_look(surface, styles, area, &look)
    }

    // Always inlined: this is most of the cost of a changed cell.
    #[inline(always)]
    fn look(
        &self,
        styles: &Styles,
        cells: &Cells,
        mode: MapMode,
        number: usize,
    ) -> (Rectangle, Look) {
        let area = self.grid.rectangle(number);
        let look = self.look_of(styles, cells, mode, number, area.size.height);
        (area, look)
    }

    /// Returns the look of a cell of this height.
    #[inline(always)]
    fn look_of(
        &self,
        styles: &Styles,
        cells: &Cells,
        mode: MapMode,
        number: usize,
        height: u32,
    ) -> Look {
        let mut look = Look::new(&cells.all()[number], mode, styles.theme, height);
        if let Some(age) = cells.fading(number) {
            look.age(age, mode, styles.theme, height);
        }
        look
    }
}

/// Neighbouring cells of a row with the same look.
struct Run {
    /// The rectangle of the first one.
    area: Rectangle,
    last: usize,
    look: Look,
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
