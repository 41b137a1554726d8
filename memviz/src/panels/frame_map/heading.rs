//! The parts above and beside the cells: title, scale, view keys, and the address of each row.
//!
//! ```text
//! │ PHYSICAL MEMORY  1 cell = 8 frames, 32 KiB        1 state 2 heat 3 tags 4 refs │   the current view is highlighted
//! │ 0x0000000 ▓▓▓▓▓▓▓▓
//! │ 0x1000000 ▓▓▓▓▓▓▓▓                      as many as fit
//! ```

use super::FrameMap;
use super::label::Label;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::view::layout;
use crate::view::map_mode::MapMode;
use crate::view::zoom::Zoom;
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Bytes;

/// The keys and names of the views, as in the title.
const VIEWS: &str = "1 state 2 heat 3 tags 4 refs";

impl FrameMap {
    /// Draws the frame of the panel around the cells.
    pub(super) fn draw_frame<S: Surface>(
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

        // The current view, over the same text in a dim colour.
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

    /// Draws the addresses of the rows, as many as fit.
    pub(super) fn draw_labels<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
    ) -> Result<(), S::Error> {
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

    /// The view whose name is at a point of the screen.
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
}

/// Formats the number of frames of a cell, and the part of memory on the map.
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
