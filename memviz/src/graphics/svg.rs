//! A surface that writes SVG: boxes are `<rect>`, words are `<text>`, so that a figure can be
//! enlarged, searched and edited.
//!
//! ```text
//! fill_solid ──► <rect …/>     draw_cells, draw_glyphs ──► <rect …/> of the ground, <text …>words</text>
//! ```
//! One element is one line. Text has the same length as on the screen, in any font of the reader.

use crate::graphics::charset;
use crate::graphics::face::{Face, FaceWeight};
use crate::graphics::font::{Font, Weight};
use crate::graphics::surface::{Ramp, Surface};
use core::fmt::{self, Write};
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, Point, Size};
use embedded_graphics::pixelcolor::{IntoStorage, Rgb888};
use embedded_graphics::primitives::Rectangle;

/// The surface.
pub struct Svg<'w, W> {
    out: &'w mut W,
    area: Rectangle,
}

impl<'w, W: Write> Svg<'w, W> {
    /// Writes the part of the drawing in `area`: `draw` draws it. `title` and `description` are for
    /// readers that do not see it.
    ///
    /// # Errors
    /// Those of `out` and `draw`.
    pub fn write(
        out: &'w mut W,
        area: Rectangle,
        title: &str,
        description: &str,
        draw: impl FnOnce(&mut Svg<'w, W>) -> fmt::Result,
    ) -> fmt::Result {
        let (Point { x, y }, Size { width, height }) = (area.top_left, area.size);
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"{x} {y} {width} {height}\" role=\"img\">"
        )?;
        writeln!(out, "<title>{}</title>", Escaped(title))?;
        writeln!(out, "<desc>{}</desc>", Escaped(description))?;
        let mut svg = Svg { out, area };
        draw(&mut svg)?;
        writeln!(svg.out, "</svg>")
    }

    fn rect(&mut self, area: &Rectangle, color: Rgb888) -> fmt::Result {
        self.round_rect(&area.intersection(&self.area), 0, color)
    }

    fn round_rect(&mut self, area: &Rectangle, radius: u32, color: Rgb888) -> fmt::Result {
        if area.is_zero_sized() {
            return Ok(());
        }
        let (Point { x, y }, Size { width, height }) = (area.top_left, area.size);
        let color = Hex(color);
        write!(
            self.out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{color}\""
        )?;
        match radius.min(width / 2).min(height / 2) {
            0 => writeln!(self.out, "/>"),
            radius => writeln!(self.out, " rx=\"{radius}\"/>"),
        }
    }

    fn text(&mut self, at: Point, text: &Text<'_>, ramp: &Ramp) -> fmt::Result {
        let [ground, ink] = ramp.ends();
        let area = Rectangle::new(at, Size::new(text.width, text.height));
        self.rect(&area, ground)?;
        let is_blank = |&cell: &u8| usize::from(cell) == charset::cell(' ');
        let blanks = text.cells.iter().take_while(|cell| is_blank(cell)).count();
        let end = text.cells.iter().rposition(|cell| !is_blank(cell));
        let Some(end) = end.filter(|_| self.area.contains(at)) else {
            return Ok(());
        };
        let cells = &text.cells[blanks..=end];
        let width = |cells: &[u8]| cells.iter().map(|&cell| (text.advance)(cell)).sum::<u32>();
        let x = at.x + width(&text.cells[..blanks]) as i32;
        write!(
            self.out,
            "<text x=\"{x}\" y=\"{}\" font-family=\"{}\" font-size=\"{}\" font-weight=\"{}\" \
             textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\">",
            at.y + text.baseline,
            text.family,
            text.size,
            text.weight,
            width(cells),
            Hex(ink),
        )?;
        for &cell in cells {
            let character = charset::characters().nth(cell.into()).unwrap_or('□');
            Escaped(character.encode_utf8(&mut [0; 4])).fmt_into(self.out)?;
        }
        writeln!(self.out, "</text>")
    }
}

/// A line of text: its cells, and what their font needs.
struct Text<'t> {
    cells: &'t [u8],
    width: u32,
    height: u32,
    baseline: i32,
    family: &'static str,
    size: u32,
    weight: u32,
    advance: &'t dyn Fn(u8) -> u32,
}

/// A colour: `#ffda52`.
struct Hex(Rgb888);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0.into_storage())
    }
}

/// Text for XML.
struct Escaped<'t>(&'t str);

impl Escaped<'_> {
    fn fmt_into(&self, out: &mut impl Write) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            _ => out.write_char(character),
        })
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_into(f)
    }
}

impl<W> Dimensions for Svg<'_, W> {
    fn bounding_box(&self) -> Rectangle {
        self.area
    }
}

impl<W: Write> DrawTarget for Svg<'_, W> {
    type Color = Rgb888;
    type Error = fmt::Error;

    fn draw_iter<I>(&mut self, pixels: I) -> fmt::Result
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        let one = Size::new(1, 1);
        let mut pixels = pixels.into_iter();
        pixels.try_for_each(|Pixel(at, color)| self.rect(&Rectangle::new(at, one), color))
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> fmt::Result
    where
        I: IntoIterator<Item = Rgb888>,
    {
        let mut colors = colors.into_iter();
        for y in area.rows() {
            let mut run: Option<(i32, u32, Rgb888)> = None;
            for (x, color) in area.columns().zip(colors.by_ref()) {
                match &mut run {
                    Some((_, width, same)) if *same == color => *width += 1,
                    _ => {
                        self.run(y, 1, run)?;
                        run = Some((x, 1, color));
                    }
                }
            }
            self.run(y, 1, run)?;
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> fmt::Result {
        self.rect(area, color)
    }
}

impl<W: Write> Svg<'_, W> {
    /// Writes a run of pixels of one colour: left end, width and colour.
    fn run(&mut self, y: i32, height: u32, run: Option<(i32, u32, Rgb888)>) -> fmt::Result {
        match run {
            Some((x, width, color)) => {
                let area = Rectangle::new(Point::new(x, y), Size::new(width, height));
                self.rect(&area, color)
            }
            None => Ok(()),
        }
    }
}

impl<W: Write> Surface for Svg<'_, W> {
    fn draw_cells(
        &mut self,
        at: Point,
        font: &'static Font,
        cells: &[u8],
        ramp: &Ramp,
    ) -> fmt::Result {
        let cell = font.cell();
        let advance = |_| cell.width;
        let text = Text {
            cells,
            width: cells.len() as u32 * cell.width,
            height: cell.height,
            baseline: (cell.height * 4 / 5) as i32,
            family: "JetBrains Mono, monospace",
            // The advance is 0.6 em.
            size: cell.width * 5 / 3,
            weight: match font.weight() {
                Weight::Regular => 400,
                Weight::Bold => 700,
            },
            advance: &advance,
        };
        self.text(at, &text, ramp)
    }

    fn draw_glyphs(
        &mut self,
        at: Point,
        face: &'static Face,
        glyphs: &[u8],
        ramp: &Ramp,
    ) -> fmt::Result {
        let advance = |cell| face.glyph(cell).advance as u32;
        let text = Text {
            cells: glyphs,
            width: glyphs.iter().map(|&cell| advance(cell)).sum(),
            height: face.line_height(),
            baseline: face.baseline() as i32,
            family: "Inter, sans-serif",
            size: face.size(),
            weight: match face.weight() {
                FaceWeight::Regular => 400,
                FaceWeight::SemiBold => 600,
            },
            advance: &advance,
        };
        self.text(at, &text, ramp)
    }

    fn fill_round(&mut self, area: &Rectangle, radius: u32, color: Rgb888) -> fmt::Result {
        self.round_rect(area, radius, color)
    }

    fn repeat_row(&mut self, at: Point, height: u32, row: &[Rgb888]) -> fmt::Result {
        let mut x = at.x;
        for run in row.chunk_by(|left, right| left == right) {
            self.run(at.y, height, Some((x, run.len() as u32, run[0])))?;
            x += run.len() as i32;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::styles::Styles;
    use crate::graphics::text::Slot;
    use crate::graphics::theme::DARK;
    use crate::graphics::type_scale::Role;

    const AREA: Rectangle = Rectangle::new(Point::new(10, 10), Size::new(300, 100));

    fn written(draw: impl FnOnce(&mut Svg<'_, String>, &Styles) -> fmt::Result) -> String {
        let styles = Styles::new(&DARK, 16);
        let mut out = String::new();
        Svg::write(&mut out, AREA, "a < b", "words", |svg| draw(svg, &styles)).unwrap();
        out
    }

    #[test]
    fn words_are_text_and_boxes_are_rectangles() {
        let svg = written(|svg, styles| {
            let area = Rectangle::new(Point::new(0, 0), Size::new(400, 20));
            svg.fill_solid(&area, DARK.accent)?;
            let words = styles.words(Role::Body, DARK.text, DARK.panel);
            words.left(svg, Point::new(20, 30), "page & frame")?;
            let slot = Slot::right(Point::new(20, 60), 12);
            styles.text.draw(svg, slot, "0x1000")
        });
        assert!(svg.contains("<title>a &lt; b</title>"));
        assert!(
            svg.contains("<rect x=\"10\" y=\"10\" width=\"300\" height=\"10\" fill=\"#ffda52\"/>")
        );
        assert!(svg.contains(">page &amp; frame</text>"));
        // The text starts after the blanks of its slot.
        assert!(
            svg.contains("<text x=\"68\"") && svg.contains(">0x1000</text>"),
            "{svg}"
        );
        assert!(svg.ends_with("</svg>\n"));
        assert_eq!(svg.matches("<text").count(), 2);
    }

    #[test]
    fn equal_neighbours_are_one_rectangle() {
        let colors = [DARK.text, DARK.text, DARK.accent, DARK.accent];
        let svg = written(|svg, _| svg.repeat_row(Point::new(20, 20), 3, &colors));
        assert_eq!(svg.matches("<rect").count(), 2);
        let area = Rectangle::new(Point::new(20, 20), Size::new(2, 2));
        let svg = written(|svg, _| svg.fill_contiguous(&area, colors));
        assert_eq!(svg.matches("<rect").count(), 2);
    }
}
