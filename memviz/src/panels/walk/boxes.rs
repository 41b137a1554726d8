//! The page walk as five boxes. The address bits above each box select its entry.

use super::translation::{AddressOwner, Translation, is_mapped};
use super::words::{FLAG_LINES, Flags, ShortFlags, Verdict, table_name};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::model::Entry;
use crate::model::walk::{End, WalkStep};
use crate::view::names::Names;
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Address, Bytes};

/// Four tables and the page.
const BOXES: usize = 5;
/// Text cells between two boxes, for an arrow.
const GAP: usize = 2;

/// Draws the walk.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    translation: &Translation,
    names: &Names,
) -> Result<(), S::Error> {
    let unit = styles.unit();
    // Address, bits, name, table, flags.
    let most = 4 + FLAG_LINES as u32;
    let pitch = match area.size.height >= most * styles.line() + unit {
        true => styles.line(),
        false => 2 * unit,
    };
    let lines = (area.size.height / pitch).saturating_sub(1) as usize;
    let has_bits = lines >= 5;
    let cells = (area.size.width / unit) as usize;
    let boxes = Boxes {
        styles,
        translation,
        at: area.top_left,
        cells: (cells + GAP) / BOXES - GAP,
        step: (cells + GAP) / BOXES,
        pitch,
        flags: lines.saturating_sub(3).min(FLAG_LINES),
    };
    boxes.head(surface, cells, names)?;
    let mut top = pitch + unit / 2;
    if has_bits {
        (0..BOXES).try_for_each(|column| boxes.bits(surface, column, top))?;
        top += pitch;
    }
    (0..BOXES).try_for_each(|column| boxes.draw_box(surface, column, top))
}

/// Five boxes side by side, all of the same size.
struct Boxes<'d> {
    styles: &'d Styles,
    translation: &'d Translation,
    at: Point,
    /// Text cells of a box.
    cells: usize,
    /// Text cells from one box to the next.
    step: usize,
    /// The line pitch, in pixels.
    pitch: u32,
    /// Lines for flags.
    flags: usize,
}

impl Boxes<'_> {
    /// Draws the address, its address space, and the result of the walk.
    fn head<S: Surface>(
        &self,
        surface: &mut S,
        cells: usize,
        names: &Names,
    ) -> Result<(), S::Error> {
        const ADDRESS: usize = 18;
        const WHOSE: usize = 30;
        let (styles, translation) = (self.styles, self.translation);
        let at = |cell: usize| self.at + Size::new(cell as u32 * styles.unit(), 0);
        let address = Address(translation.walk.address.as_u64());
        let title = &styles.title;
        title.draw(surface, Slot::left(at(0), ADDRESS), address)?;
        let slot = Slot::left(at(ADDRESS + 2), WHOSE);
        styles
            .text
            .draw(surface, slot, AddressOwner(translation, names))?;
        let start = ADDRESS + 2 + WHOSE + 1;
        let slot = Slot::right(at(start), cells.saturating_sub(start));
        let style = match is_mapped(translation) {
            true => &styles.accent,
            false => &styles.warning,
        };
        style.draw(surface, slot, Verdict(translation))
    }

    /// Draws the bits that select the entry of a table, or the offset within the page.
    fn bits<S: Surface>(&self, surface: &mut S, column: usize, top: u32) -> Result<(), S::Error> {
        const EDGE: usize = 3;
        let styles = self.styles;
        let (high, low) = bit_range(column);
        let field = Field {
            bits: self.translation.walk.address.as_u64(),
            high,
            low,
        };
        let count = (high - low + 1) as usize;
        let at = self.corner(column, top);
        let right = |cell: usize| at + Size::new(cell as u32 * styles.unit(), 0);
        styles.dim.draw(surface, Slot::left(at, EDGE), high)?;
        let style = TextStyle::new(styles.title.font, self.color(column), styles.theme.panel);
        style.draw(surface, Slot::left(right(EDGE), count), field)?;
        let slot = Slot::left(right(EDGE + count + 1), EDGE);
        styles.dim.draw(surface, slot, low)
    }

    /// Draws one table, or the page.
    fn draw_box<S: Surface>(
        &self,
        surface: &mut S,
        column: usize,
        top: u32,
    ) -> Result<(), S::Error> {
        let translation = self.translation;
        let at = self.corner(column, top);
        let color = self.color(column);
        match translation.walk.steps().get(column) {
            Some(step) => {
                let (name, index) = (table_name(step.position), step.position.index());
                self.strip(surface, at, color, name, index)?;
                self.line(surface, at, 1, format_args!("at {:#x}", step.table))?;
                self.draw_entry(surface, at, step)?;
            }
            None if column + 1 < BOXES => {
                let words = match is_mapped(translation) {
                    true => "part of the offset",
                    false => "not reached",
                };
                self.styles.dim.draw(surface, self.slot(at, 1), words)?;
                return Ok(());
            }
            None => match translation.walk.end {
                End::Mapped {
                    physical,
                    size,
                    access,
                } => {
                    let bytes = size.bytes();
                    let frame = physical.align_down(bytes);
                    self.strip(surface, at, color, "page", Bytes(bytes))?;
                    self.line(surface, at, 1, format_args!("at {frame:#x}"))?;
                    let all = Entry::page(frame, access);
                    self.draw_flags(surface, at, all)?;
                }
                _ => {
                    let words = "no page";
                    self.styles.dim.draw(surface, self.slot(at, 1), words)?;
                    return Ok(());
                }
            },
        }
        let height = self.pitch * (2 + self.flags as u32) + self.styles.unit() / 2;
        let size = Size::new(self.cells as u32 * self.styles.unit(), height);
        widgets::outline(surface, Rectangle::new(at, size), 1, color)
    }

    /// Draws the flags of an entry, and the arrow to the next box.
    fn draw_entry<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        step: &WalkStep,
    ) -> Result<(), S::Error> {
        let styles = self.styles;
        let Some(entry) = step.entry else {
            let slot = self.slot(at, 2);
            return styles.warning.draw(surface, slot, "not present");
        };
        self.draw_flags(surface, at, entry)?;
        let is_last = !entry.is_table;
        let is_next = !is_last || step.position.depth as usize + 1 == BOXES;
        if is_next {
            let right = at + Size::new(self.cells as u32 * styles.unit(), self.pitch);
            let right = right + Size::new(styles.unit() / 2, styles.unit() / 4);
            styles.accent.draw(surface, Slot::left(right, 1), "→")?;
        }
        Ok(())
    }

    fn draw_flags<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        entry: Entry,
    ) -> Result<(), S::Error> {
        let cells = self.cells - 1;
        if self.flags == 1 {
            return self.line(surface, at, 2, ShortFlags(entry));
        }
        (0..self.flags).try_for_each(|line| {
            let flags = Flags { entry, line, cells };
            self.line(surface, at, 2 + line, flags)
        })
    }

    /// Draws the upper edge of a box: a name and a number.
    fn strip<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        color: Rgb888,
        name: &str,
        number: impl fmt::Display,
    ) -> Result<(), S::Error> {
        let (styles, unit) = (self.styles, self.styles.unit());
        let width = self.cells as u32 * unit;
        surface.fill_solid(&Rectangle::new(at, Size::new(width, 2 * unit)), color)?;
        let style = TextStyle::new(styles.title.font, styles.theme.ground, color);
        let inside = at + Size::new(unit, 0);
        style.draw(surface, Slot::left(inside, 5), name)?;
        let right = inside + Size::new(5 * unit, 0);
        style.draw(surface, Slot::right(right, self.cells - 7), number)
    }

    /// Draws a line of text in a box.
    fn line<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        line: usize,
        text: impl fmt::Display,
    ) -> Result<(), S::Error> {
        let style = match line {
            1 => &self.styles.dim,
            _ => &self.styles.text,
        };
        style.draw(surface, self.slot(at, line), text)
    }

    /// Returns the slot of a line in a box.
    fn slot(&self, at: Point, line: usize) -> Slot {
        let unit = self.styles.unit();
        let inside = at + Size::new(unit / 2, line as u32 * self.pitch + unit / 4);
        Slot::left(inside, self.cells - 1)
    }

    fn corner(&self, column: usize, top: u32) -> Point {
        self.at + Size::new((column * self.step) as u32 * self.styles.unit(), top)
    }

    /// Returns the colour of a box. Bits of the offset have the colour of the page.
    fn color(&self, column: usize) -> Rgb888 {
        let is_offset =
            is_mapped(self.translation) && column >= self.translation.walk.steps().len();
        let column = if is_offset { BOXES - 1 } else { column };
        self.styles.theme.level(column)
    }
}

/// Returns the address bits of a box.
fn bit_range(column: usize) -> (u32, u32) {
    match column {
        0..4 => (47 - 9 * column as u32, 39 - 9 * column as u32),
        _ => (11, 0),
    }
}

/// Formats bits as binary digits.
struct Field {
    bits: u64,
    high: u32,
    low: u32,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.high - self.low + 1;
        let bits = self.bits >> self.low & ((1 << count) - 1);
        write!(f, "{bits:0width$b}", width = count as usize)
    }
}
