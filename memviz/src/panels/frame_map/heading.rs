//! The parts above and beside the cells: title, scale, view keys, and the address of each row.
//!
//! ```text
//! │ Physical memory  1 cell = 8 frames, 32 KiB    [1] state [2] heat [3] tags [4] refs │   the current view is highlighted
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
use crate::widgets::badges;
use core::fmt;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use mm::units::Bytes;

const TITLE: &str = "Physical memory";

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
        widgets::panel_around(surface, styles, area, cells, TITLE, "", "")?;
        let views = views(styles, area);
        let end = views.first().map_or(area.top_left.x, |view| view.left);
        widgets::detail(surface, styles, area, TITLE, end, scale)?;
        let (theme, middle) = (styles.theme, widgets::line_middle(styles, area));
        for view in views {
            let at = Point::new(view.left, middle);
            let ink = match view.mode == mode {
                true => theme.accent,
                false => theme.dim,
            };
            badges::key(surface, styles, at, view.mode.label(), ink, theme.panel)?;
        }
        Ok(())
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
        let is_line = point.y < widgets::content(styles, self.area).top_left.y;
        let mut views = views(styles, self.area).into_iter();
        let view = views.find(|view| (view.left..view.right).contains(&point.x))?;
        (is_line && self.area.contains(point)).then_some(view.mode)
    }
}

/// The key and the name of a view in the title line, and their left and right end.
struct ViewKey {
    mode: MapMode,
    left: i32,
    right: i32,
}

/// The keys of all views, up to the right end of the title line; none if the line is too short.
fn views(styles: &Styles, area: Rectangle) -> Vec<ViewKey, { MapMode::ALL.len() }> {
    let gap = styles.scale.length(12) as i32;
    let mut end = area.top_left.x + area.size.width as i32 - styles.unit() as i32;
    let view = |mode| ViewKey {
        mode,
        left: 0,
        right: 0,
    };
    let mut views: Vec<_, _> = MapMode::ALL.into_iter().map(view).collect();
    for view in views.iter_mut().rev() {
        let (key, name) = view.mode.label();
        view.right = end;
        view.left = end - badges::key_width(styles, key, name) as i32;
        end = view.left - gap;
    }
    if end < widgets::title_end(styles, area, TITLE) {
        views.clear();
    }
    views
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
