//! The choices of a question in pills: a letter, the words, a mark, and the votes of the class.
//!
//! ```text
//! (A end the child · 4)  ((B copy all frames ✗ · 9))  (C copy this frame ✓ · 12)
//!                         └ chosen: a second line around it
//! ```

use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::view::ballot::{Ballot, LETTERS};
use crate::view::caption::Caption;
use crate::widgets::shapes::{edged_box, grown, round_box};
use core::convert::Infallible;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The choices of a caption.
pub struct Pills<'c> {
    /// The text styles.
    pub styles: &'c Styles,
    /// The colour around the pills.
    pub ground: Rgb888,
    /// The caption.
    pub caption: &'c Caption,
    /// The choice and the votes of the viewers.
    pub ballot: Ballot,
    /// The width of a row.
    pub width: u32,
}

impl Pills<'_> {
    /// Returns the height of all rows; 0 if there are no choices.
    pub fn height(&self) -> u32 {
        let mut end = 0;
        let Ok(()) = self.each(Point::zero(), |area, _| {
            end = area.bottom_right().map_or(0, |corner| corner.y as u32 + 1);
            Ok::<(), Infallible>(())
        });
        end
    }

    /// Returns the choice at a point of the screen, if the first pill is at `at`.
    pub fn choice_at(&self, at: Point, point: Point) -> Option<u8> {
        let mut found = None;
        let Ok(()) = self.each(at, |area, index| {
            found = found.or(area.contains(point).then_some(index as u8));
            Ok::<(), Infallible>(())
        });
        found
    }

    /// Draws the pills, the first one at `at`.
    pub fn draw<S: Surface>(&self, surface: &mut S, at: Point) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let mut end = at;
        self.each(at, |area, index| {
            let radius = area.size.height / 2;
            let is_right = self.caption.is_answered && index == self.caption.right;
            let is_chosen = self.ballot.choice == Some(index as u8);
            if is_chosen {
                let color = match self.caption.is_answered && !is_right {
                    true => theme.rule,
                    false => theme.accent,
                };
                let (around, gap) = (styles.scale.length(4), styles.scale.length(2));
                round_box(surface, grown(area, around), radius + around, color)?;
                round_box(surface, grown(area, gap), radius + gap, self.ground)?;
            }
            let style = if is_right {
                round_box(surface, area, radius, theme.accent)?;
                styles.names(Role::Label, theme.on_accent, theme.accent)
            } else {
                edged_box(surface, area, radius, 1, theme.edge, self.ground)?;
                let ink = if is_chosen { theme.text } else { theme.dim };
                styles.words(Role::Label, ink, self.ground)
            };
            let inside = area.top_left + Size::new(styles.scale.length(12), self.above());
            style.left(surface, inside, self.words(index))?;
            end = area.top_left + Size::new(area.size.width + styles.scale.length(16), 0);
            Ok(())
        })?;
        self.draw_typed(surface, end, at.x + self.width as i32)
    }

    /// Draws the number of votes that the next letter enters, if it fits.
    fn draw_typed<S: Surface>(&self, surface: &mut S, at: Point, end: i32) -> Result<(), S::Error> {
        let Some(typed) = self.ballot.typed else {
            return Ok(());
        };
        let style = self
            .styles
            .words(Role::Label, self.styles.theme.accent, self.ground);
        let words = format_args!("{typed} votes for … (press its letter)");
        if at.x + style.width(words) as i32 <= end {
            style.left(surface, at + Size::new(0, self.above()), words)?;
        }
        Ok(())
    }

    /// Calls `put` with the rectangle and the index of each pill.
    fn each<E>(
        &self,
        at: Point,
        mut put: impl FnMut(Rectangle, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let style = self.measure();
        let length = |pixels| self.styles.scale.length(pixels);
        let height = style.face.line_height() + 2 * self.above();
        let mut corner = at;
        for index in 0..self.caption.choices.len() {
            let width = style.width(self.words(index)) + 2 * length(12);
            if corner.x > at.x && corner.x + width as i32 > at.x + self.width as i32 {
                corner = Point::new(at.x, corner.y + (height + length(8)) as i32);
            }
            put(Rectangle::new(corner, Size::new(width, height)), index)?;
            corner.x += (width + length(12)) as i32;
        }
        Ok(())
    }

    /// Returns the widest style of the words.
    fn measure(&self) -> LabelStyle {
        let theme = self.styles.theme;
        self.styles.names(Role::Label, theme.text, self.ground)
    }

    /// Returns the distance from the edge of a pill to its words.
    fn above(&self) -> u32 {
        self.styles.scale.length(2)
    }

    /// Returns the words in a pill.
    fn words(&self, index: usize) -> impl fmt::Display {
        let choice = self.caption.choices[index];
        let is_answered = self.caption.is_answered;
        let mark = match (index == self.caption.right, self.ballot.choice) {
            (true, _) if is_answered => " ✓",
            (false, Some(chosen)) if is_answered && usize::from(chosen) == index => " ✗",
            _ => "",
        };
        let votes = self.ballot.votes[index];
        fmt::from_fn(move |f| {
            write!(f, "{}  {choice}{mark}", LETTERS[index])?;
            votes.map_or(Ok(()), |votes| write!(f, " · {votes}"))
        })
    }
}
