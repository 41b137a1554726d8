//! A line of a caption with the discs of its pointers.
//!
//! ```text
//! "this one frame, ①0xf8fd000, to"  ──►  this one frame, (1) 0xf8fd000, to
//! ```

use crate::graphics::label::LabelStyle;
use crate::graphics::pointers::MARKS;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::widgets::badges;
use embedded_graphics::geometry::{Point, Size};

/// The style of such a line.
#[derive(Clone, Copy)]
pub struct PointedWords<'c> {
    /// The text styles.
    pub styles: &'c Styles,
    /// The style of the words.
    pub style: LabelStyle,
}

impl PointedWords<'_> {
    /// Returns the width of a line in pixels.
    pub fn width(&self, line: &str) -> u32 {
        let pieces = pieces(line).map(|(mark, words)| {
            let disc = mark.map_or(0, |_| self.disc_width());
            disc + self.style.width(words)
        });
        pieces.sum()
    }

    /// Draws a line with its top left corner here.
    pub fn draw<S: Surface>(&self, surface: &mut S, at: Point, line: &str) -> Result<(), S::Error> {
        let mut at = at;
        for (mark, words) in pieces(line) {
            if let Some(number) = mark {
                let middle = self.style.face.line_height() / 2;
                let radius = self.radius();
                let centre = at + Size::new(radius, middle);
                badges::number(surface, self.styles, centre, radius, number)?;
                at.x += self.disc_width() as i32;
            }
            let drawn = self.style.left(surface, at, words)?;
            at.x += drawn.size.width as i32;
        }
        Ok(())
    }

    /// Returns the radius of a disc: no larger than the line is high.
    fn radius(&self) -> u32 {
        let line = self.style.face.line_height();
        (line.saturating_sub(1) / 2).min(badges::number_radius(self.styles))
    }

    fn disc_width(&self) -> u32 {
        2 * self.radius() + 1 + self.styles.scale.length(5)
    }
}

/// Splits a line before each mark: the number of the mark, from 1 on, and the words after it.
fn pieces(line: &str) -> impl Iterator<Item = (Option<u8>, &str)> {
    let mut rest = Some(line);
    core::iter::from_fn(move || {
        let piece = rest?;
        let mark = (1..).zip(MARKS).find(|(_, mark)| piece.starts_with(*mark));
        let words = mark.map_or(piece, |(_, mark)| &piece[mark.len_utf8()..]);
        let end = words.find(MARKS);
        rest = end.map(|end| &words[end..]);
        Some((
            mark.map(|(number, _)| number),
            &words[..end.unwrap_or(words.len())],
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_before_each_mark() {
        let found: std::vec::Vec<_> = pieces("frame ①0x1000 to ②0x2000").collect();
        let expected = [
            (None, "frame "),
            (Some(1), "0x1000 to "),
            (Some(2), "0x2000"),
        ];
        assert_eq!(found, expected);
        assert_eq!(
            pieces("③7").collect::<std::vec::Vec<_>>(),
            [(None, ""), (Some(3), "7")][1..]
        );
        assert_eq!(pieces("").count(), 1);
    }
}
