//! Draws a row for each arena: its name, its strip, and its figures.

use super::strip::Strip;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::{Arena, Arenas};
use crate::panels::figures::parts;
use crate::panels::heap::race::{Figures, advantage};
use crate::view::names::Names;
use crate::view::step::StepChanges;
use crate::widgets::badges;
use crate::widgets::shapes::rectangle;
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count, Percent};

/// Arenas that have a row.
const ROWS: i32 = 4;

/// The picture of what the figure shows.
pub struct Drawing<'d, 'm> {
    pub styles: &'d Styles,
    pub arenas: &'d Arenas<'m>,
    pub names: &'d Names,
    pub step: &'d StepChanges,
}

impl Drawing<'_, '_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = "Four heaps, the same requests";
        let subtitle = "each arena has 1 MiB, to scale";
        let inside = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        if self.arenas.is_empty() {
            let dim = styles.words(Role::Body, theme.dim, theme.panel);
            dim.left(
                surface,
                inside.top_left,
                "No race yet: its arenas will be here.",
            )?;
            return Ok(());
        }
        let pitch = inside.size.height as i32 / ROWS;
        for (row, arena) in (0..ROWS).zip(self.arenas.all()) {
            let top = inside.top_left.y + row * pitch;
            let height = (pitch - self.length(14)) as u32;
            let place = rectangle(inside.top_left.x, top, inside.size.width, height);
            self.draw_row(surface, arena, place)?;
        }
        Ok(())
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn draw_row<S: Surface>(
        &self,
        surface: &mut S,
        arena: &Arena,
        place: Rectangle,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let name = styles.names(Role::Label, theme.text, theme.panel);
        let line = name.face.line_height() as i32;
        let drawn = name.left(surface, place.top_left, arena.strategy.words())?;
        let middle = place.top_left.y + line / 2;
        let advantage = advantage(self.arenas, arena).filter(|_| !self.step.is_question);
        if let Some(advantage) = advantage {
            let x = drawn.top_left.x + drawn.size.width as i32 + self.length(12);
            badges::delta(surface, styles, x, middle, advantage)?;
        }
        let right = place.top_left.x + place.size.width as i32;
        self.draw_cost(surface, arena, right, middle)?;
        let figures_line = styles.words(Role::Small, theme.dim, theme.panel);
        let below = figures_line.face.line_height() + styles.scale.length(6);
        let above = line as u32 + styles.scale.length(6);
        let high = place.size.height.saturating_sub(above + below);
        let strip = rectangle(
            place.top_left.x,
            place.top_left.y + above as i32,
            place.size.width,
            high,
        );
        Strip::new(styles, self.arenas, arena, strip).draw(surface)?;
        let top = strip.top_left.y + high as i32 + self.length(6);
        self.draw_figures(surface, arena, Point::new(place.top_left.x, top), right)
    }

    /// Draws the instructions of a request, right-aligned.
    fn draw_cost<S: Surface>(
        &self,
        surface: &mut S,
        arena: &Arena,
        right: i32,
        middle: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        if arena.cost == 0 {
            return Ok(());
        }
        let unit = match self.names.counts_instructions {
            true => " instructions a request",
            false => " ticks a request",
        };
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let line = small.face.line_height() as i32;
        let drawn = small.right(surface, Point::new(right, middle - line / 2), unit)?;
        let digits = styles.digits(Role::Label, Weight::Bold, theme.text, theme.panel);
        let cell = digits.font.cell();
        let cells = width(Count(arena.cost.into()));
        let x = drawn.top_left.x - (cells as u32 * cell.width) as i32 - self.length(4);
        let at = Point::new(x, middle - cell.height as i32 / 2);
        digits.draw(surface, Slot::left(at, cells), Count(arena.cost.into()))
    }

    /// Draws the figures below a strip. Those that do not fit are left out.
    fn draw_figures<S: Surface>(
        &self,
        surface: &mut S,
        arena: &Arena,
        at: Point,
        right: i32,
    ) -> Result<(), S::Error> {
        let figures = Figures::of_arena(self.arenas, arena);
        let (free, largest) = (figures.free.bytes, figures.free.largest);
        let mut x = at.x;
        let mut put =
            |name: &str, value: &dyn Display| self.put(surface, name, value, at.y, right, &mut x);
        put("refused", &Count(figures.refused))?;
        put("requested", &Bytes(arena.requested))?;
        put("allocated", &Bytes(arena.allocated))?;
        put("internal fragmentation", &figures.internal_fragmentation)?;
        let share = Percent {
            part: free,
            whole: arena.bytes,
        };
        put("free", &format_args!("{} ({share})", Bytes(free)))?;
        put("largest free", &Bytes(largest))?;
        if let Some((splits, merges)) = figures.steps {
            put("splits", &Count(splits.into()))?;
            put("merges", &Count(merges.into()))?;
        }
        Ok(())
    }

    /// Draws a name and its value, and moves `x` past them.
    fn put<S: Surface>(
        &self,
        surface: &mut S,
        name: &str,
        value: &dyn Display,
        top: i32,
        right: i32,
        x: &mut i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let dim = styles.words(Role::Small, theme.dim, theme.panel);
        let digits = styles.digits(Role::Small, Weight::Bold, theme.text, theme.panel);
        let cell = digits.font.cell();
        let cells = width(value);
        let (words, near) = (dim.width(name) as i32, self.length(5));
        let wide = words + near + (cells as u32 * cell.width) as i32;
        if *x + wide > right {
            return Ok(());
        }
        let middle = top + dim.face.line_height() as i32 / 2;
        dim.left(surface, Point::new(*x, top), name)?;
        let at = Point::new(*x + words + near, middle - cell.height as i32 / 2);
        digits.draw(surface, Slot::left(at, cells), value)?;
        *x += wide + self.length(20);
        Ok(())
    }
}
