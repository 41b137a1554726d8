//! Draws the map of one arena: columns from its last request back to the first.
//!
//! ```text
//! free list, first fit                     99.9 % utilised
//! ┌──────────────────────────────────────────────────────┐
//! │ blocks                                               │
//! └──────────────────────────────────────────────────────┘
//!                                  ▮ refused, or corruption   a strip below the map
//! figures of the arena
//! ```
//! A map of which only the last requests are new is drawn from the first new one on.

use super::lane::{BlockSize, Change, Lane, is_of_arena};
use super::rows::{ROWS, Rows, Use};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::panel::Scene;
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::event::Payload;
use mm::heap::RequestKind;
use mm::tag::Tag;

/// A column at least this wide has a line at the start of its block.
const WIDE: u32 = 5;
/// Columns of requests whose events were evicted from the history.
const NOT_KEPT: &str = "not kept";
/// A run of rows at least this high has a line at its end.
const HIGH: i32 = 4;

/// Returns the colour of requested bytes, and of the rest of a block.
pub fn colors(styles: &Styles) -> (Rgb888, Rgb888) {
    let theme = styles.theme;
    let owner = theme.owner(Tag::HEAP.owners().trailing_zeros() as usize);
    (owner.color, theme.tint(owner.color))
}

/// Where the map of an arena stands.
#[derive(Clone, Copy)]
pub struct Map<'l> {
    pub lane: &'l Lane,
    /// The rectangle of the blocks.
    pub blocks: Rectangle,
    /// The strip of the marks.
    pub marks: Rectangle,
    /// The requests that the width stands for.
    pub requests: u32,
}

impl Map<'_> {
    /// Returns the column after this many requests.
    pub fn column(&self, requests: u32) -> u32 {
        let width = u64::from(self.blocks.size.width);
        (u64::from(requests) * width / u64::from(self.requests)) as u32
    }

    /// Draws the requests after the first `from`. The map before them is on the screen, or empty.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        from: u32,
    ) -> Result<(), S::Error> {
        let mut rows = self.rows_at_cursor(scene);
        let mut request = self.lane.counts.requests;
        let mut drawn = self.column(request);
        let end = self.lane.end.unwrap_or(scene.timeline.cursor());
        for position in (self.lane.begin..end).rev() {
            let Some(event) = scene.timeline.get_if(position, is_of_arena) else {
                continue;
            };
            let change = Change::of(&event);
            let is_its = |change: &Change| self.lane.contains(change.address());
            let Some(change) = change.filter(is_its) else {
                continue;
            };
            if let Payload::ArenaRequest { kind, .. } = event.payload {
                if request <= from {
                    return Ok(());
                }
                request -= 1;
                let column = self.column(request);
                if column < drawn {
                    self.draw_columns(surface, scene.styles, &rows, column..drawn)?;
                    drawn = column;
                }
                self.draw_mark(surface, scene.styles, column, kind)?;
            }
            match change {
                Change::Allocate(block) => {
                    self.draw_start(surface, scene.styles, &rows, request, block)?;
                    rows.set(self.lane, block, false);
                }
                Change::Free(block) => rows.set(self.lane, block, true),
                Change::Refuse(..) | Change::Request(_) => {}
            }
        }
        match self.lane.begin < scene.timeline.first() {
            true => self.draw_not_kept(surface, scene.styles, drawn),
            false => Ok(()),
        }
    }

    /// Names the columns before this one, whose events are no longer in the history.
    fn draw_not_kept<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        columns: u32,
    ) -> Result<(), S::Error> {
        let style = styles.words(Role::Small, styles.theme.dim, styles.theme.free);
        let near = styles.scale.length(6);
        if style.width(NOT_KEPT) + 2 * near <= columns {
            let at = self.blocks.top_left + Size::new(near, near);
            style.left(surface, at, NOT_KEPT)?;
        }
        Ok(())
    }

    /// Returns the blocks at the cursor. A closed arena has none.
    fn rows_at_cursor(&self, scene: &Scene<'_, '_>) -> Rows {
        let mut rows = Rows::new(ROWS.min(self.blocks.size.height as usize));
        let arenas = &scene.model.arenas;
        let is_open = self.lane.end.is_none();
        let found = arenas
            .all()
            .find(|arena| is_open && arena.start.as_u64() == self.lane.start);
        for block in found.map_or(&[][..], |arena| arenas.blocks(arena)) {
            let block = BlockSize {
                address: block.address,
                bytes: block.bytes.into(),
                requested: block.requested.into(),
            };
            rows.set(self.lane, block, true);
        }
        rows
    }

    /// Returns the level of the lower edge of a row.
    fn level(&self, rows: &Rows, row: usize) -> i32 {
        let height = self.blocks.size.height as usize;
        self.blocks.top_left.y + (height - row * height / rows.len()) as i32
    }

    fn draw_columns<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        rows: &Rows,
        columns: core::ops::Range<u32>,
    ) -> Result<(), S::Error> {
        let (requested, spare) = colors(styles);
        let left = self.blocks.top_left.x + columns.start as i32;
        for (first, end, used) in rows.runs() {
            let (low, high) = (self.level(rows, first), self.level(rows, end));
            let line = i32::from(low - high >= HIGH);
            let height = (low - high - line).max(1) as u32;
            let color = match used {
                Use::Requested => requested,
                Use::Spare => spare,
            };
            let run = rectangle(left, high + line, columns.end - columns.start, height);
            surface.fill_solid(&run, color)?;
        }
        Ok(())
    }

    /// Draws a line where a block begins, if there is room.
    fn draw_start<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        rows: &Rows,
        request: u32,
        block: BlockSize,
    ) -> Result<(), S::Error> {
        let column = self.column(request);
        if self.column(request + 1) - column < WIDE {
            return Ok(());
        }
        let (first, last) = rows.rows_of(self.lane, block.address, block.bytes);
        let (low, high) = (self.level(rows, first), self.level(rows, last + 1));
        let x = self.blocks.top_left.x + column as i32;
        let line = rectangle(x, high, 1, (low - high).max(1) as u32);
        surface.fill_solid(&line, styles.theme.free)
    }

    /// Marks a refused request in the upper half of the strip, and corruption in the lower one.
    fn draw_mark<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        column: u32,
        kind: RequestKind,
    ) -> Result<(), S::Error> {
        let Size { width, height } = self.marks.size;
        let half = height / 2;
        let (top, color) = match kind {
            RequestKind::Refused => (0, styles.theme.warning),
            _ if kind.is_corruption() => (half, styles.theme.text),
            _ => return Ok(()),
        };
        let wide = styles.scale.length(3).min(width - column.min(width));
        let at = self.marks.top_left + Point::new(column as i32, top as i32);
        surface.fill_solid(&Rectangle::new(at, Size::new(wide, half)), color)
    }

    /// Draws a dashed line at the start of a request.
    pub fn draw_line<S: Surface>(
        &self,
        surface: &mut S,
        request: u32,
        color: Rgb888,
    ) -> Result<(), S::Error> {
        let x = self.blocks.top_left.x + self.column(request.saturating_sub(1)) as i32;
        let (top, height) = (self.blocks.top_left.y, self.blocks.size.height);
        for dash in (0..height).step_by(8) {
            let length = 4.min(height - dash);
            surface.fill_solid(&rectangle(x, top + dash as i32, 1, length), color)?;
        }
        Ok(())
    }
}
