//! The parts of the figure and their places.

use super::bytes::Grid;
use super::content::Content;
use super::life::Life;
use super::story::Story;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::heap::GRANULE_BYTES;
use crate::model::{Block, Model};
use crate::panels::figures::parts;
use crate::view::names::Names;
use crate::view::step::StepChanges;
use crate::widgets::shapes::{edged_box, rectangle, ring, round_box};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::Bytes;

/// Blocks in the row of neighbours.
const NEIGHBOURS: i32 = 5;

/// The picture of what the figure shows.
pub struct Drawing<'d, 'm> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub model: &'d Model<'m>,
    pub step: &'d StepChanges,
    pub content: &'d Content,
}

impl Drawing<'_, '_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = "One block, byte by byte";
        let Some(life) = &self.content.life else {
            let content = parts::panel(surface, styles, area, title, "", self.step)?;
            let style = styles.words(Role::Body, theme.dim, theme.panel);
            let words = "No heap corruption so far: its block will be here, byte by byte.";
            style.left(surface, content.top_left, words)?;
            return Ok(());
        };
        let rest = Bytes(life.bytes - life.requested);
        let (all, requested) = (Bytes(life.bytes), Bytes(life.requested));
        let subtitle = match (self.content.is_past(), self.content.is_freed_now()) {
            (true, _) => parts::text::<120>(format_args!(
                "{all} at {:#x}, as the check found it",
                life.start
            )),
            (false, true) => parts::text::<120>(format_args!("{all} at {:#x}: freed", life.start)),
            (false, false) => parts::text::<120>(format_args!(
                "{all} at {:#x}: {requested} requested, {rest} redzone",
                life.start
            )),
        };
        let inside = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        let length = |pixels: u32| styles.scale.length(pixels) as i32;
        let wide = inside.size.width as i32;
        let left = inside.top_left.x;
        let end = inside.top_left.y + inside.size.height as i32;
        let side = (wide * 25 / 100).max(length(226));
        let grid = Grid {
            styles,
            content: self.content,
            life,
            left: left + length(70),
            right: left + wide - side - length(150),
            top: inside.top_left.y,
            bottom: end - length(46),
        };
        grid.draw(surface)?;
        let place = Point::new(left, end - length(26));
        self.draw_place(surface, life, &grid, place)?;
        let rule = left + wide - side;
        let height = inside.size.height;
        surface.fill_solid(
            &rectangle(rule, inside.top_left.y, 1, height),
            theme.outline,
        )?;
        let story = Story {
            styles,
            names: self.names,
            content: self.content,
            life,
            left: rule + length(18),
            right: left + wide,
            top: inside.top_left.y,
            bottom: end,
        };
        story.draw(surface)
    }

    /// Draws the blocks before and after the block in the heap.
    fn draw_place<S: Surface>(
        &self,
        surface: &mut S,
        life: &Life,
        grid: &Grid<'_>,
        at: Point,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let heap = &self.model.heap;
        let Some(block) = heap.block_of(life.start) else {
            return Ok(());
        };
        let words = styles.words(Role::Small, theme.dim, theme.panel);
        let height = styles.scale.length(22);
        let middle = at.y + height as i32 / 2;
        let line = words.face.line_height() as i32;
        let end = Point::new(
            grid.left - styles.scale.length(12) as i32,
            middle - line / 2,
        );
        words.right(surface, end, "in heap")?;
        let before = |block: &Block| heap.block_at(block.granule.checked_sub(1)?);
        let after = |block: &Block| heap.block_at(block.granules().end);
        let mut shown = heapless::Vec::<Block, { NEIGHBOURS as usize }>::new();
        let mut first = block;
        for _ in 0..NEIGHBOURS / 2 {
            first = before(&first).unwrap_or(first);
        }
        let mut next = Some(first);
        while let Some(block) = next.filter(|_| !shown.is_full()) {
            let _ = shown.push(block);
            next = after(&block);
        }
        let gap = styles.scale.length(5) as i32;
        let pitch = (grid.right - grid.left + gap) / NEIGHBOURS;
        for (place, neighbour) in (0..).zip(&shown) {
            let left = grid.left + place * pitch;
            let area = rectangle(left, at.y, (pitch - gap) as u32, height);
            let is_own = neighbour.granule == block.granule;
            self.draw_neighbour(surface, neighbour, is_own, area)?;
        }
        Ok(())
    }

    fn draw_neighbour<S: Surface>(
        &self,
        surface: &mut S,
        block: &Block,
        is_own: bool,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let radius = styles.scale.length(3);
        let start = self.model.heap.start().map_or(0, |start| start.as_u64());
        let address = start + (block.granule * GRANULE_BYTES) as u64;
        let (letter, fill, ink) = match block.owner {
            Some(owner) => {
                let owner = theme.owner(owner);
                (owner.letter, owner.color, theme.ink_on(owner.color))
            }
            None => (' ', theme.cell, theme.text),
        };
        match block.owner {
            Some(_) => round_box(surface, area, radius, fill)?,
            None => edged_box(surface, area, radius, 1, theme.edge, fill)?,
        }
        if is_own {
            ring(surface, area, 1, 2, theme.text)?;
        }
        let words = match (block.owner, is_own) {
            (None, _) => parts::text::<24>(format_args!("free {}", Bytes(block.bytes()))),
            (_, true) => parts::text::<24>(format_args!("{letter} this block")),
            (_, false) => parts::text::<24>(format_args!("{letter} …{:04x}", address & 0xffff)),
        };
        let style = styles.words(Role::Small, ink, fill);
        if style.width(&words) + 4 > area.size.width {
            return Ok(());
        }
        let above = (area.size.height as i32 - style.face.line_height() as i32) / 2;
        let middle = area.top_left + Point::new(area.size.width as i32 / 2, above);
        style.centre(surface, middle, words)?;
        Ok(())
    }
}
