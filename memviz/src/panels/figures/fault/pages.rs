//! Draws the pages around the address.

use super::content::{Content, PageState, Pages, ROW};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::view::names::Names;
use crate::widgets::hatch;
use crate::widgets::shapes::{dashed_box, edged_box, rectangle, ring, round_box, shrunk};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::paging::FaultOutcome;
use mm::units::Count;

/// The pages in rows, between a head and a legend.
pub struct Strip<'d> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub content: &'d Content,
    pub pages: &'d Pages,
    pub left: i32,
    pub right: i32,
    /// The pages in a row.
    pub columns: usize,
}

impl Strip<'_> {
    /// Returns the height, if the rows may have this much.
    pub fn height(&self, room: i32) -> i32 {
        self.rows() * self.row(room) + self.lines_height()
    }

    /// Returns the height of head and legend.
    pub fn lines_height(&self) -> i32 {
        2 * self.line() + self.length(18)
    }

    /// Returns whether the figure also shows the page of the address, larger.
    pub fn has_lens(&self) -> bool {
        self.columns < ROW && self.pages.address != self.pages.subject && !self.content.is_question
    }

    /// Draws the strip from a level down. The rows may have this much height.
    pub fn draw<S: Surface>(&self, surface: &mut S, top: i32, room: i32) -> Result<(), S::Error> {
        let (pages, row) = (self.pages, self.row(room));
        let first = top + self.line() + self.length(8);
        self.draw_head(surface, pages, top)?;
        for (at, &state) in pages.states.iter().enumerate() {
            let page = pages.first + at as u64 * FRAME_BYTES;
            let area = self.area(at, first, row);
            if at.is_multiple_of(self.columns) {
                self.draw_address(surface, page.as_u64(), area)?;
            }
            self.draw_page(surface, state, area)?;
            if page == pages.subject {
                self.draw_mark(surface, area)?;
            }
        }
        self.draw_legend(surface, first + self.rows() * row + self.length(10))
    }

    fn rows(&self) -> i32 {
        self.pages.states.len().div_ceil(self.columns).max(1) as i32
    }

    /// The distance of rows. Much higher than wide is not clearer.
    fn row(&self, room: i32) -> i32 {
        let highest = self.length(if self.columns < ROW { 96 } else { 64 });
        self.length(34).max((room / self.rows()).min(highest))
    }

    fn line(&self) -> i32 {
        let theme = self.styles.theme;
        let small = self.styles.words(Role::Small, theme.dim, theme.panel);
        small.face.line_height() as i32
    }

    pub fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    /// The box of a page.
    fn area(&self, at: usize, top: i32, row: i32) -> Rectangle {
        let left = self.left + self.length(128);
        let pitch = (self.right - left) / self.columns as i32;
        let gap = self.length(4);
        let (y, x) = (at / self.columns, at % self.columns);
        rectangle(
            left + x as i32 * pitch,
            top + y as i32 * row,
            (pitch - gap) as u32,
            (row - gap) as u32,
        )
    }

    /// Says what the pages are: their region and how many of them are mapped.
    fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        pages: &Pages,
        top: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let bold = styles.names(Role::Body, theme.text, theme.panel);
        let dim = styles.words(Role::Small, theme.dim, theme.panel);
        let whose = match pages.space {
            0 => parts::text::<32>("Pages of the kernel"),
            number => parts::text::<32>(format_args!("Pages of process {number}")),
        };
        let drawn = bold.left(surface, Point::new(self.left, top), whose)?;
        let (mapped, all) = pages.mapped;
        let area = (self.names.area)(pages.subject.as_u64());
        let words = match pages.region {
            Some(region) if all <= pages.states.len() as u64 => parts::text::<96>(format_args!(
                "{area}, {} from {:#x} on: {} of {} pages have a frame",
                region.policy.words(),
                region.start,
                Count(mapped),
                Count(all)
            )),
            Some(region) => parts::text::<96>(format_args!(
                "{area}: {}, {} pages, some of them here",
                region.policy.words(),
                Count(all)
            )),
            None => parts::text::<96>("no region has this page"),
        };
        let x = drawn.top_left.x + drawn.size.width as i32 + self.length(12);
        let below = drawn.size.height as i32 - dim.face.line_height() as i32;
        let drawn = dim.left(surface, Point::new(x, top + below), words)?;
        let (address, after) = (pages.address, drawn.top_left.x + drawn.size.width as i32);
        let words = format_args!("outlined: the page of {address:#x}");
        // Beside a lens, the address stands there.
        if self.has_lens() {
            return Ok(());
        }
        if self.right - (dim.width(words) as i32) > after + self.length(12) {
            dim.right(surface, Point::new(self.right, top + below), words)?;
        }
        Ok(())
    }

    fn draw_address<S: Surface>(
        &self,
        surface: &mut S,
        address: u64,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let style = self
            .styles
            .digits(Role::Axis, Weight::Regular, theme.dim, theme.panel);
        let cell = style.font.cell();
        let cells = (self.length(120) as usize / cell.width as usize).min(18);
        let at = Point::new(self.left, area.center().y - cell.height as i32 / 2);
        let slot = Slot::left(at, cells);
        match cells < 18 && address >> 48 > 0 {
            true => style.draw(
                surface,
                slot,
                format_args!("…{:09x}", address & 0xf_ffff_ffff),
            ),
            false => style.draw(surface, slot, format_args!("{address:#x}")),
        }
    }

    pub fn draw_page<S: Surface>(
        &self,
        surface: &mut S,
        state: PageState,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        match state {
            PageState::Nothing => {
                let dot = rectangle(area.center().x - 1, area.center().y, 3, 1);
                surface.fill_solid(&dot, theme.edge)
            }
            PageState::Guard => {
                edged_box(surface, area, 2, 1, theme.edge, theme.panel)?;
                hatch(surface, shrunk(area, 1), theme.rule, theme.panel)
            }
            PageState::Reserved => dashed_box(surface, area, 4, theme.rule),
            PageState::Mapped(tag) => {
                let owner = theme.tag(tag);
                round_box(surface, area, 2, owner.color)?;
                let ink = theme.ink_on(owner.color);
                let style = self
                    .styles
                    .digits(Role::Small, Weight::Bold, ink, owner.color);
                let cell = style.font.cell();
                if cell.width + 2 > area.size.width || cell.height > area.size.height {
                    return Ok(());
                }
                let inside = area.top_left + (area.size - cell) / 2;
                style.draw(surface, Slot::left(inside, 1), owner.letter)
            }
        }
    }

    /// Draws the ring around the page of the fault.
    fn draw_mark<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let end = self
            .content
            .story
            .as_ref()
            .and_then(|story| story.fault.end);
        let is_refused = end.is_some_and(|end| {
            matches!(
                end.outcome,
                FaultOutcome::AccessCaught | FaultOutcome::ProcessEnded | FaultOutcome::Fatal
            )
        });
        let color = if is_refused {
            theme.warning
        } else {
            theme.accent
        };
        match self.content.is_question {
            true => dashed_box(surface, area, 4, theme.accent),
            false => ring(surface, area, 0, 2, color),
        }
    }

    fn draw_legend<S: Surface>(&self, surface: &mut S, top: i32) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let words = styles.words(Role::Small, theme.dim, theme.panel);
        let line = words.face.line_height() as i32;
        let side = styles.scale.length(14);
        let mut x = self.left + self.length(128);
        for (state, name) in [
            (
                PageState::Mapped(mm::tag::Tag::USER),
                "mapped, with its owner's letter",
            ),
            (PageState::Reserved, "reserved, no frame yet"),
            (PageState::Guard, "guard page"),
            (PageState::Nothing, "in no region"),
        ] {
            let wide = side as i32 + self.length(6) + words.width(name) as i32;
            if x + wide > self.right {
                break;
            }
            let area = rectangle(x, top + (line - side as i32) / 2, side, side);
            self.draw_page(surface, state, area)?;
            words.left(
                surface,
                Point::new(x + side as i32 + self.length(6), top),
                name,
            )?;
            x += wide + self.length(18);
        }
        Ok(())
    }
}
