//! The strip of an arena: its blocks to scale.
//!
//! ```text
//! ┌─────────────────────────────────────────────┐
//! │██│████▒▒▒│██▒│     │ 128 KiB   │ 128 KiB   ││   │ borders of free blocks
//! └─────────────────────────────────────────────┘
//! ```
//! Free blocks side by side have a border: a buddy system cannot merge them. The size of the
//! largest free block stands in each block of this size.

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::{Arena, ArenaBlock, Arenas};
use crate::widgets::hatch;
use crate::widgets::shapes::{edged_box, rectangle};
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Bytes;

/// A free block narrower than this has no border: borders side by side would look like blocks.
const NARROWEST: i32 = 4;

/// The strip of one arena.
pub struct Strip<'d, 'm> {
    styles: &'d Styles,
    arenas: &'d Arenas<'m>,
    arena: &'d Arena,
    area: Rectangle,
}

impl<'d, 'm> Strip<'d, 'm> {
    pub fn new(
        styles: &'d Styles,
        arenas: &'d Arenas<'m>,
        arena: &'d Arena,
        area: Rectangle,
    ) -> Self {
        Strip {
            styles,
            arenas,
            arena,
            area,
        }
    }

    /// Draws all of the strip.
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        edged_box(surface, self.area, 2, 1, theme.edge, theme.cell)?;
        self.draw_free(surface)?;
        for block in self.arenas.blocks(self.arena) {
            self.draw_live(surface, block)?;
        }
        Ok(())
    }

    /// Draws the borders between free blocks, and the size of the largest ones.
    fn draw_free<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let largest = self.arenas.free_space(self.arena).largest;
        let mut before = u64::MAX;
        for block in self.arenas.free_blocks(self.arena) {
            let (from, to) = (self.column(block.start), self.column(block.end));
            if block.start == before && to - from >= NARROWEST {
                let border = self.columns(from..from + 1);
                surface.fill_solid(&border, self.styles.theme.edge)?;
            }
            before = block.end;
            if block.end - block.start == largest {
                self.draw_size(surface, from..to, largest)?;
            }
        }
        Ok(())
    }

    /// Draws the size of a free block in its middle, if there is room.
    fn draw_size<S: Surface>(
        &self,
        surface: &mut S,
        columns: Range<i32>,
        bytes: u64,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let digits = styles.digits(Role::Small, Weight::Regular, theme.dim, theme.cell);
        let (cell, size, place) = (digits.font.cell(), Bytes(bytes), self.columns(columns));
        let text = Size::new(width(size) as u32 * cell.width, cell.height);
        let room = place.size.saturating_sub(text) / 2;
        if room.width < NARROWEST as u32 || room.height == 0 {
            return Ok(());
        }
        let slot = Slot::left(place.top_left + room, width(size));
        digits.draw(surface, slot, size)
    }

    /// Draws a block: the requested bytes are solid, the others hatched.
    fn draw_live<S: Surface>(&self, surface: &mut S, block: &ArenaBlock) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let start = block.address - self.arena.start.as_u64();
        let from = self.column(start);
        let middle = self.column(start + u64::from(block.requested));
        let to = self.column(start + u64::from(block.bytes));
        let color = theme.owner(block.owner).color;
        let solid = self.columns(from..middle.max(from + 1));
        surface.fill_solid(&solid, color)?;
        if to > middle {
            hatch(surface, self.columns(middle..to), color, theme.panel)?;
        }
        if to > from + 2 {
            let edge = self.columns(to - 1..to);
            surface.fill_solid(&edge, theme.panel)?;
        }
        Ok(())
    }

    /// Returns the column of an offset, from the left inside edge.
    fn column(&self, offset: u64) -> i32 {
        let wide = u64::from(self.area.size.width.saturating_sub(2));
        (offset * wide / self.arena.bytes.max(1)) as i32
    }

    /// Returns the part of the inside between two columns.
    fn columns(&self, columns: Range<i32>) -> Rectangle {
        let Point { x, y } = self.area.top_left;
        let wide = (columns.end - columns.start) as u32;
        let high = self.area.size.height.saturating_sub(2);
        rectangle(x + 1 + columns.start, y + 1, wide, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::DARK;
    use crate::testing::texts::Texts;
    use crate::testing::watched::with_model;
    use crate::view::map::View;
    use mm::event::{Event, Payload};
    use mm::heap::strategy::Strategy;
    use mm::tag::Tag;
    use x86_64::VirtAddr;

    /// The sizes in the strip of an arena whose only gap is from 128 KiB to 384 KiB.
    fn sizes(strategy: Strategy) -> Vec<String> {
        let start = VirtAddr::new(0xffff_a000_0000_0000);
        let open = Payload::ArenaOpen {
            start,
            chunks: 1,
            workload: 0,
            requests: 0,
            strategy,
        };
        let allocate = |first: u64, end: u64| Payload::ArenaAllocate {
            block: start + (first << 10),
            bytes: ((end - first) << 10) as u32,
            requested: 1,
            owner: Tag::HEAP,
        };
        let view = View {
            first: 0,
            shift: 4,
            cells: 10,
        };
        with_model(400, 1 << 20, view, |model| {
            for payload in [open, allocate(0, 128), allocate(384, 1024)] {
                let (time, cpu, site) = (0, 0, 0);
                model.apply(&Event {
                    time,
                    cpu,
                    site,
                    payload,
                });
            }
            let styles = Styles::new(&DARK, 16);
            let size = Size::new(1200, 60);
            let mut texts = Texts::new(size);
            let area = Rectangle::new(Point::zero(), size);
            let arena = model.arenas.all().next().unwrap();
            let Ok(()) = Strip::new(&styles, &model.arenas, arena, area).draw(&mut texts);
            texts.all.into_iter().map(|text| text.words).collect()
        })
    }

    #[test]
    fn a_gap_of_two_buddies_is_no_larger_block() {
        assert_eq!(sizes(Strategy::BuddyWhole), ["128 KiB"; 2]);
        assert_eq!(sizes(Strategy::FirstFit), ["256 KiB"]);
    }
}
