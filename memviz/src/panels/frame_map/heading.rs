//! The frame around the cells: title, scale, view keys, addresses of rows, and an edge.
//!
//! ```text
//! │ Physical memory  1 cell = 8 frames, 32 KiB    [1] state [2] heat [3] tags [4] refs │   the current view is highlighted
//! │ 0x0000000 ─│▓▓▓▓▓▓▓▓│
//! │ 0x1000000 ─│▓▓▓▓▓▓▓▓│
//! ```

use super::FrameMap;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::view::map_mode::MapMode;
use crate::view::zoom::Zoom;
use crate::widgets;
use crate::widgets::badges;
use crate::widgets::shapes::grown;
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
            row: self.grid.row_frames() as u64,
            zoom: self.zoom,
        };
        let (area, cells) = (self.area, self.grid.solid());
        widgets::panel_around(surface, styles, area, cells, TITLE, "", "")?;
        let views = views(styles, area);
        let end = views.first().map_or(area.top_left.x, |view| view.left);
        let is_drawn = widgets::detail(surface, styles, area, TITLE, end, scale)?;
        if !is_drawn {
            let scale = Scale { row: 0, ..scale };
            widgets::detail(surface, styles, area, TITLE, end, scale)?;
        }
        let (theme, middle) = (styles.theme, widgets::line_middle(styles, area));
        for view in views {
            let at = Point::new(view.left, middle);
            let ink = match view.mode == mode {
                true => theme.accent,
                false => theme.dim,
            };
            badges::key(surface, styles, at, view.mode.label(), ink, theme.panel)?;
        }
        self.draw_edge(surface, styles)
    }

    /// Draws the edge around the cells and the addresses beside it, which outlines can cover.
    pub(super) fn draw_edge<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
    ) -> Result<(), S::Error> {
        widgets::outline(surface, grown(self.grid.area, 1), 1, styles.theme.edge)?;
        self.ticks.draw(surface, styles, &self.grid)
    }

    /// Returns the view whose name is at a point of the screen.
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

/// Returns the keys of all views, up to the right end of the title line, or none if the line is too
/// short.
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

/// Formats the number of frames of a cell and of a row, and the part of memory on the map.
#[derive(Clone, Copy)]
struct Scale {
    frames: u64,
    /// The frames in a row, or 0 to leave them out.
    row: u64,
    zoom: Zoom,
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.frames {
            1 => f.write_str("1 cell = 1 frame, 4 KiB")?,
            frames => write!(f, "1 cell = {frames} frames, {}", Bytes(frames * 4096))?,
        }
        match self.row {
            0 => {}
            512 => f.write_str("; a row is 2 MiB, what one page table maps")?,
            row => write!(f, "; a row is {}", Bytes(row * 4096))?,
        }
        match self.zoom.level {
            0 => Ok(()),
            _ => write!(f, ", zoom {}", self.zoom.factor()),
        }
    }
}
