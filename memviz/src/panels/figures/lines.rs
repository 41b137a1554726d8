//! Lines of words in a box of a figure.

use super::parts;
use crate::graphics::font::Weight;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;

/// Lines of a box, from the top down. Lines that do not fit are left out.
pub struct Lines<'l, S> {
    pub surface: &'l mut S,
    pub styles: &'l Styles,
    pub left: i32,
    pub right: i32,
    pub y: i32,
    pub bottom: i32,
}

impl<S: Surface> Lines<'_, S> {
    /// Makes room for a line of this height. Returns its top, if it fits.
    pub fn next(&mut self, height: u32) -> Option<i32> {
        let top = self.y;
        let fits = top + height as i32 <= self.bottom;
        self.y += (height + self.styles.scale.length(4)) as i32;
        fits.then_some(top)
    }

    /// Words, in two lines if one is too short.
    pub fn words(&mut self, style: LabelStyle, words: impl Display) -> Result<(), S::Error> {
        let text = parts::text::<96>(words);
        let room = (self.right - self.left) as u32;
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let mut end = rest.len();
            while style.width(&rest[..end]) > room {
                match rest[..end].rfind(' ') {
                    Some(space) => end = space,
                    None => return Ok(()),
                }
            }
            if let Some(top) = self.next(style.face.line_height()) {
                style.left(self.surface, Point::new(self.left, top), &rest[..end])?;
            }
            rest = rest[end..].trim_start();
        }
        Ok(())
    }

    pub fn strong(&mut self, words: impl Display) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        self.words(
            self.styles.names(Role::Body, theme.text, theme.panel),
            words,
        )
    }

    pub fn text(&mut self, words: impl Display) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        self.words(
            self.styles.words(Role::Small, theme.text, theme.panel),
            words,
        )
    }

    pub fn dim(&mut self, words: impl Display) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        self.words(
            self.styles.words(Role::Small, theme.dim, theme.panel),
            words,
        )
    }

    /// An address or number, in two parts if it is too long.
    pub fn digits(&mut self, ink: Rgb888, number: impl Display) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let style = self
            .styles
            .digits(Role::Small, Weight::Bold, ink, theme.panel);
        let cell = style.font.cell();
        let room = (self.right - self.left) as usize / cell.width as usize;
        let text = parts::text::<40>(number);
        let mut rest = text.as_str();
        while !rest.is_empty() && room > 0 {
            let (part, after) = rest.split_at(rest.len().min(room));
            if let Some(top) = self.next(cell.height) {
                let at = Point::new(self.left, top);
                style.draw(self.surface, Slot::left(at, part.len()), part)?;
            }
            rest = after;
        }
        Ok(())
    }

    /// A warning with its sign, which only the monospaced font has.
    pub fn mark(&mut self, style: LabelStyle, words: &str) -> Result<(), S::Error> {
        let (sign, rest) = words.split_once(' ').unwrap_or(("", words));
        let theme = self.styles.theme;
        let digits = self
            .styles
            .digits(Role::Small, Weight::Bold, theme.warning, theme.panel);
        let cell = digits.font.cell();
        let line = style.face.line_height();
        let Some(top) = self.next(line) else {
            return Ok(());
        };
        let middle = top + line as i32 / 2;
        let at = Point::new(self.left, middle - cell.height as i32 / 2);
        digits.draw(self.surface, Slot::left(at, 1), sign)?;
        let x = self.left + (2 * cell.width) as i32;
        style.left(self.surface, Point::new(x, top), rest)?;
        Ok(())
    }
}
