//! The positions of the parts of the figure: three columns, and a row for each page.

use super::rows::Shared;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::type_scale::Role;
use crate::panels::figures::fault_line;
use crate::widgets::shapes::rectangle;
use embedded_graphics::primitives::Rectangle;

/// The width of a frame with its letter, its address and a change of its reference count.
fn frame_width(styles: &Styles) -> u32 {
    let theme = styles.theme;
    let cell = |role| {
        let style = styles.digits(role, Weight::Bold, theme.text, theme.panel);
        style.font.cell().width
    };
    styles.scale.length(86) + 9 * cell(Role::Title) + 4 * cell(Role::Small)
}

/// Where the columns and the rows of the figure are.
pub struct Geometry {
    /// The rectangle below the title line.
    pub content: Rectangle,
    /// The left edge and the width of each column.
    pub columns: [(i32, u32); 3],
    /// The middle of the first row.
    first: i32,
    /// The distance from one row to the next.
    pub pitch: i32,
    /// The height of a box.
    height: u32,
}

impl Geometry {
    pub fn new(styles: &Styles, shared: &Shared, content: Rectangle) -> Geometry {
        let wide = content.size.width;
        let side = wide * 27 / 100;
        let frame = frame_width(styles).clamp(wide * 24 / 100, wide * 32 / 100);
        let left = content.top_left.x;
        let head = styles.scale.length(38);
        let most = styles.scale.length(46);
        let rows = shared.rows.len().max(1) as u32;
        let line = shared
            .fault
            .map_or(0, |_| fault_line::height(styles, content));
        let foot = u32::from(shared.hidden > 0) * styles.scale.length(20) + line;
        let pitch = (content.size.height.saturating_sub(head + foot) / rows).min(most);
        Geometry {
            content,
            columns: [
                (left, side),
                (left + ((wide - frame) / 2) as i32, frame),
                (left + (wide - side) as i32, side),
            ],
            first: content.top_left.y + (head + pitch / 2) as i32,
            pitch: pitch as i32,
            height: pitch.saturating_sub(styles.scale.length(8)).max(8),
        }
    }

    /// The most rows with room for their words and badges.
    pub fn most_rows(styles: &Styles, content: Rectangle) -> usize {
        let scale = &styles.scale;
        let (head, foot) = (scale.length(38), scale.length(20));
        let room = content.size.height.saturating_sub(head + foot);
        (room / scale.length(32)).max(1) as usize
    }

    /// The middle of a row.
    pub fn middle(&self, row: usize) -> i32 {
        self.first + row as i32 * self.pitch
    }

    /// The box of a row in a column.
    pub fn area(&self, column: usize, row: usize) -> Rectangle {
        let (left, width) = self.columns[column];
        let top = self.middle(row) - self.height as i32 / 2;
        rectangle(left, top, width, self.height)
    }
}
