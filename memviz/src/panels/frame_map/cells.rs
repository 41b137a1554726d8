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
        let mut run: Option<(Rectangle, Look)> = None;
        while let Some(cell) = cells.dirty.take() {
            let (area, look) = self.look(styles, cells, mode, cell);
            if signs {
                draw_look(surface, styles, area, &look)?;
                let cell = &cells.all()[cell];
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
        let mut look = Look::new(&cells.all()[number], mode, styles.theme, area.size.height);
        if let Some(age) = cells.fading(number) {
            look.age(age, mode, styles.theme);
        }
        (area, look)
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
