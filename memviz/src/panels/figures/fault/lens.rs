//! Draws the page of an address larger: where in its page the address is, and the page after it.
//!
//! ```text
//! ┌──────────────────────────────────────────────────┬──┐┌──────────┐
//! │ page 0xffffc04000097000                          │▒▒││▨▨▨▨▨▨▨▨▨▨│   ▒ from the address on
//! └──────────────────────────────────────────────────┴──┘└──────────┘
//!                                   0xffffc04000097f9c    0xffffc04000098000
//! ```
//! An address at the start of its page needs no lens.

use super::content::PageState;
use super::pages::Strip;
use crate::graphics::font::Weight;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::widgets::shapes::{edged_box, rectangle};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use x86_64::VirtAddr;

/// The parts of the width that a page has, of 100.
const PAGE: i32 = 78;

/// The lens below the pages of a strip.
pub struct Lens<'d> {
    pub strip: &'d Strip<'d>,
}

impl Lens<'_> {
    /// Returns the height, 0 without a lens.
    pub fn height(&self) -> i32 {
        match self.strip.has_lens() {
            true => self.strip.length(130),
            false => 0,
        }
    }

    /// Draws the lens, which ends at this level.
    pub fn draw<S: Surface>(&self, surface: &mut S, bottom: i32) -> Result<(), S::Error> {
        let strip = self.strip;
        if !strip.has_lens() {
            return Ok(());
        }
        let offset = strip.pages.address - strip.pages.subject;
        let (styles, theme) = (strip.styles, strip.styles.theme);
        let (left, wide) = (strip.left, strip.right - strip.left);
        let (high, line) = (strip.length(56), strip.length(24));
        let top = bottom - high - line;
        let head = styles.names(Role::Body, theme.text, theme.panel);
        let at = Point::new(left, top - line);
        head.left(surface, at, "The outlined page, and the page after it")?;
        let page = rectangle(left, top, (wide * PAGE / 100) as u32, high as u32);
        let next_left = left + wide * PAGE / 100 + strip.length(6);
        let next = rectangle(
            next_left,
            top,
            (strip.right - next_left) as u32,
            high as u32,
        );
        edged_box(surface, page, 2, 1, theme.edge, theme.cell)?;
        let from = (u64::from(page.size.width) * offset / FRAME_BYTES) as i32;
        let rest = page.size.width - from as u32;
        let rest = rectangle(page.top_left.x + from, top, rest, high as u32);
        surface.fill_solid(&rest, self.color())?;
        strip.draw_page(surface, self.state(1), next)?;
        let address = strip.pages.address;
        self.draw_address(surface, address, rest, true)?;
        let after = strip.pages.subject.as_u64().checked_add(FRAME_BYTES);
        match after.and_then(|after| VirtAddr::try_new(after).ok()) {
            Some(after) => self.draw_address(surface, after, next, false),
            None => Ok(()),
        }
    }

    /// The state of a page that lies this many pages after that of the address.
    fn state(&self, after: u64) -> PageState {
        let pages = self.strip.pages;
        let at = (pages.subject - pages.first) / FRAME_BYTES + after;
        let state = pages.states.get(at as usize).copied();
        state.unwrap_or(PageState::Nothing)
    }

    fn color(&self) -> embedded_graphics::pixelcolor::Rgb888 {
        let theme = self.strip.styles.theme;
        match self.state(0) {
            PageState::Mapped(tag) => theme.tag(tag).color,
            _ => theme.used,
        }
    }

    /// Draws an address below a part of a page: at its left edge, or to the left of that.
    fn draw_address<S: Surface>(
        &self,
        surface: &mut S,
        address: VirtAddr,
        part: Rectangle,
        is_left_of: bool,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.strip.styles, self.strip.styles.theme);
        let ink = if is_left_of { theme.text } else { theme.dim };
        let style = styles.digits(Role::Small, Weight::Bold, ink, theme.panel);
        let words = format_args!("{address:#x}");
        let wide = (width(words) as u32 * style.font.cell().width) as i32;
        let start = part.top_left.x;
        let x = if is_left_of { start - wide } else { start };
        let y = part.top_left.y + part.size.height as i32 + self.strip.length(4);
        style.draw(surface, Slot::left(Point::new(x, y), width(words)), words)
    }
}

#[cfg(test)]
mod tests {
    use super::super::content::{Content, Pages, ROW};
    use super::*;
    use crate::graphics::styles::Styles;
    use crate::graphics::theme::DARK;
    use crate::testing::texts::Texts;
    use crate::view::names::Names;
    use embedded_graphics::geometry::Size;
    use mm::tag::Tag;

    /// The addresses below the page of an address with this offset.
    fn addresses(offset: u64, is_question: bool) -> Vec<String> {
        let first = VirtAddr::new(0x1000);
        let mut content = Content::default();
        content.is_question = is_question;
        let pages = Pages {
            space: 0,
            address: first + offset,
            subject: first,
            first,
            states: [PageState::Mapped(Tag::HEAP), PageState::Guard]
                .into_iter()
                .collect(),
            region: None,
            mapped: (1, 1),
        };
        let strip = Strip {
            styles: &Styles::new(&DARK, 16),
            names: &Names::NONE,
            content: &content,
            pages: &pages,
            left: 0,
            right: 1000,
            columns: ROW / 2,
        };
        let mut texts = Texts::new(Size::new(1000, 400));
        let Ok(()) = Lens { strip: &strip }.draw(&mut texts, 400);
        let words = texts.all.into_iter().map(|text| text.words);
        words.filter(|words| words.starts_with("0x")).collect()
    }

    #[test]
    fn an_address_inside_a_page_has_a_lens_after_the_question() {
        assert_eq!(addresses(0xf9c, false), ["0x1f9c", "0x2000"]);
        assert!(addresses(0xf9c, true).is_empty());
        assert!(addresses(0, false).is_empty());
    }
}
