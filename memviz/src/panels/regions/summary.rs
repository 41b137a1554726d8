//! The memory map in a narrow panel: three bars, each to scale in itself.
//!
//! ```text
//! ┌ Memory map  11 regions ────────────────┐
//! │ first 7.1 MiB                          │
//! │ |  |  kernel 6.1 MiB                 | │
//! │ |                           ____-----  │
//! │ | usable 248.6 MiB       | // |f| // |r│   see [`Scales`]
//! │                 ___-----‾‾‾‾\          │
//! │ |k|  |  reserved 128 KiB    |          │
//! │ last 308 KiB     // beyond: screen …   │
//! └────────────────────────────────────────┘
//! ```
//! Usable memory is a box, reserved memory is hatched, and the rest has the colour that it has in
//! the frame map.

use super::scales::{Scales, end_of};
use super::words::short;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::FirmwareRegion;
use crate::widgets::outline;
use crate::widgets::shapes::{grown, rectangle, slash};
use core::fmt;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::MemoryKind;
use mm::units::Bytes;

/// The most boxes beyond memory.
const BOXES: usize = 4;

/// The places of the bars.
pub struct Summary<'r> {
    regions: &'r [FirmwareRegion],
    scales: Scales,
    first: Rectangle,
    all: Rectangle,
    last: Rectangle,
    /// A box beyond memory, and the break before it.
    boxed: Size,
    gap: u32,
    words: Rectangle,
}

/// A part of a bar.
struct Part {
    number: usize,
    area: Rectangle,
}

impl<'r> Summary<'r> {
    /// Lays the bars out.
    pub fn new(styles: &Styles, content: Rectangle, regions: &'r [FirmwareRegion]) -> Summary<'r> {
        let scales = Scales::of(regions);
        let line = words(styles).face.line_height();
        let bar = styles.scale.length(16);
        let Size { width, height } = content.size;
        let free = height.saturating_sub(2 * line + 3 * bar);
        let between = (free / 2).min(styles.scale.length(30));
        let (boxed, gap) = (styles.scale.length(18), styles.scale.length(12));
        let boxes = scales.beyond.len().min(BOXES) as u32;
        let row = |top: u32, width: u32| {
            Rectangle::new(content.top_left + Size::new(0, top), Size::new(width, bar))
        };
        let second = line + bar + between;
        let third = second + bar + between;
        Summary {
            regions,
            first: row(line, width),
            all: row(second, width.saturating_sub(boxes * (boxed + gap))),
            last: row(third, width),
            boxed: Size::new(boxed, bar),
            gap,
            words: rectangle(
                content.top_left.x,
                content.top_left.y,
                width,
                third + bar + line,
            ),
            scales,
        }
    }

    /// Returns the number of the region at a point of the screen.
    pub fn number_at(&self, point: Point) -> Option<usize> {
        let mut parts = self.bars().flat_map(|(bar, range)| self.parts(bar, range));
        let found = parts.find(|part| part.area.contains(point));
        let boxed = || self.boxes().find(|part| part.area.contains(point));
        found.or_else(boxed).map(|part| part.number)
    }

    /// Draws the bars. Outlines the selected region.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        selected: Option<usize>,
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        let Scales { first, last, .. } = &self.scales;
        if let Some(range) = first {
            let below = self.place(&self.all, &self.scales.all, range);
            join(surface, &self.first, &below, styles)?;
        }
        if let Some(range) = last {
            let above = self.place(&self.all, &self.scales.all, range);
            join(surface, &self.last, &above, styles)?;
        }
        for (bar, range) in self.bars() {
            surface.fill_solid(&bar, theme.panel)?;
            for part in self.parts(bar, range) {
                self.draw_part(surface, styles, &part, selected)?;
            }
        }
        for part in self.boxes() {
            for step in 0..2 {
                let left = part.area.top_left.x - (self.gap * (2 - step) / 3) as i32 - 1;
                let at = Point::new(left - 1, part.area.top_left.y);
                slash(surface, at, part.area.size.height, theme.rule)?;
            }
            self.draw_part(surface, styles, &part, selected)?;
        }
        self.draw_words(surface, styles)
    }

    /// Returns the bars, from top to bottom, and the addresses of each.
    fn bars(&self) -> impl Iterator<Item = (Rectangle, Range<u64>)> {
        let Scales {
            first, all, last, ..
        } = &self.scales;
        let first = first.clone().map(|range| (self.first, range));
        let last = last.clone().map(|range| (self.last, range));
        first
            .into_iter()
            .chain([(self.all, all.clone())])
            .chain(last)
    }

    /// Returns the regions in a bar.
    fn parts(&self, bar: Rectangle, range: Range<u64>) -> impl Iterator<Item = Part> {
        let regions = self.regions.iter().enumerate();
        regions.filter_map(move |(number, region)| {
            let shown = region.start.as_u64().max(range.start)..end_of(region).min(range.end);
            let area = self.place(&bar, &range, &shown);
            (!shown.is_empty()).then_some(Part { number, area })
        })
    }

    /// Returns the first regions beyond memory, equally wide.
    fn boxes(&self) -> impl Iterator<Item = Part> {
        let right = self.all.top_left + Size::new(self.all.size.width, 0);
        let step = self.boxed.width + self.gap;
        let numbers = self.scales.beyond.clone().take(BOXES);
        (0..).zip(numbers).map(move |(at, number)| Part {
            number,
            area: Rectangle::new(right + Size::new(at * step + self.gap, 0), self.boxed),
        })
    }

    /// Returns the place of addresses in a bar: at least a pixel.
    fn place(&self, bar: &Rectangle, of: &Range<u64>, shown: &Range<u64>) -> Rectangle {
        let all = u128::from((of.end - of.start).max(1));
        let x = |address: u64| {
            let offset = u128::from(address.saturating_sub(of.start));
            (offset * u128::from(bar.size.width) / all) as u32
        };
        let left = x(shown.start).min(bar.size.width.saturating_sub(1));
        let width = x(shown.end).saturating_sub(left).max(1);
        let at = bar.top_left + Size::new(left, 0);
        Rectangle::new(at, Size::new(width, bar.size.height))
    }

    /// Draws a region with its name and size, as far as they fit.
    fn draw_part<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        part: &Part,
        selected: Option<usize>,
    ) -> Result<(), S::Error> {
        let (region, area, theme) = (&self.regions[part.number], part.area, styles.theme);
        let is_wide = area.size.width > 2;
        let (fill, ink) = match region.kind {
            MemoryKind::Usable => (theme.cell, theme.text),
            MemoryKind::Reserved | MemoryKind::Bad => (theme.panel, theme.dim),
            kind => {
                let fill = theme.region(kind).color;
                (fill, theme.ink_on(fill))
            }
        };
        surface.fill_solid(&area, fill)?;
        if fill == theme.panel {
            hairlines(surface, area, styles)?;
        }
        if is_wide && (fill == theme.panel || fill == theme.cell) {
            outline(surface, area, 1, theme.edge)?;
        }
        let style = styles.words(Role::Axis, ink, fill);
        let room = |form: Form| match form {
            Form::Letter => area.size.width.saturating_sub(2),
            _ => area.size.width.saturating_sub(styles.scale.length(8)),
        };
        let forms = [Form::NameAndSize, Form::Size, Form::Letter];
        let words = forms.map(|form| RegionWords { region, form });
        let fits = |words: &&RegionWords| style.width(words) <= room(words.form);
        if let Some(words) = words.iter().find(fits) {
            let spare = area.size.height as i32 - style.face.line_height() as i32;
            let top = area.top_left.y + spare / 2;
            let middle = area.top_left.x + area.size.width as i32 / 2;
            style.centre(surface, Point::new(middle, top), words)?;
        }
        match selected == Some(part.number) {
            true => outline(surface, grown(area, 2), 2, theme.accent),
            false => Ok(()),
        }
    }

    /// Draws the sizes of the first and the last bar, and the names of what is beyond memory.
    fn draw_words<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        let style = words(styles);
        let Rectangle { top_left, size } = self.words;
        let right = top_left.x + size.width as i32;
        if let Some(first) = &self.scales.first {
            let bytes = Bytes(first.end - first.start);
            style.left(surface, top_left, format_args!("first {bytes}"))?;
        }
        let line = style.face.line_height();
        let below = top_left + Size::new(0, size.height - line);
        let mut end = below.x;
        if let Some(last) = &self.scales.last {
            let bytes = Bytes(last.end - last.start);
            let drawn = style.left(surface, below, format_args!("last {bytes}"))?;
            end += drawn.size.width as i32 + styles.unit() as i32;
        }
        let forms = [true, false].map(|has_names| Beyond {
            regions: &self.regions[self.scales.beyond.clone()],
            has_names,
        });
        let fits = |words: &&Beyond| end + style.width(words) as i32 <= right;
        match forms.iter().find(fits) {
            Some(words) if !self.scales.beyond.is_empty() => style
                .right(surface, Point::new(right, below.y), words)
                .map(|_| ()),
            _ => Ok(()),
        }
    }
}

fn words(styles: &Styles) -> LabelStyle {
    styles.words(Role::Axis, styles.theme.dim, styles.theme.panel)
}

/// Fills the area between a bar and the part of another bar that it enlarges.
fn join<S: Surface>(
    surface: &mut S,
    bar: &Rectangle,
    part: &Rectangle,
    styles: &Styles,
) -> Result<(), S::Error> {
    let end = |area: &Rectangle| area.top_left.y + area.size.height as i32;
    let (top, bottom, is_above) = match bar.top_left.y < part.top_left.y {
        true => (end(bar), part.top_left.y, true),
        false => (end(part), bar.top_left.y, false),
    };
    let height = (bottom - top).max(1);
    let sides = |area: &Rectangle| (area.top_left.x, area.top_left.x + area.size.width as i32);
    let ((left, right), (part_left, part_right)) = (sides(bar), sides(part));
    for y in 0..height {
        let far = if is_above { y } else { height - 1 - y };
        let mix = |bar: i32, part: i32| bar + (part - bar) * far / height;
        let (from, to) = (mix(left, part_left), mix(right, part_right));
        let row = rectangle(from, top + y, (to - from).max(1) as u32, 1);
        surface.fill_solid(&row, styles.theme.cell)?;
    }
    Ok(())
}

/// Draws thin diagonal lines, which mark memory that is not usable.
fn hairlines<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    styles: &Styles,
) -> Result<(), S::Error> {
    let pitch = styles.scale.length(5) as i32;
    let Size { width, height } = area.size;
    for y in 0..height as i32 {
        let first = (pitch - (area.top_left.x - y).rem_euclid(pitch)) % pitch;
        for x in (first..width as i32).step_by(pitch as usize) {
            let at = area.top_left + Point::new(x, y);
            let pixel = Rectangle::new(at, Size::new(1, 1));
            surface.fill_solid(&pixel, styles.theme.edge)?;
        }
    }
    Ok(())
}

/// How much of a region's name and size is written.
#[derive(Clone, Copy)]
enum Form {
    NameAndSize,
    Size,
    Letter,
}

/// Formats a region.
struct RegionWords<'r> {
    region: &'r FirmwareRegion,
    form: Form,
}

impl fmt::Display for RegionWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FirmwareRegion { bytes, kind, .. } = *self.region;
        match self.form {
            Form::NameAndSize => write!(f, "{} {}", short(kind), Bytes(bytes)),
            Form::Size => Bytes(bytes).fmt(f),
            Form::Letter if kind == MemoryKind::Framebuffer => f.write_str("M"),
            Form::Letter => Ok(()),
        }
    }
}

/// Formats what is beyond memory: the names, or their number.
struct Beyond<'r> {
    regions: &'r [FirmwareRegion],
    has_names: bool,
}

impl fmt::Display for Beyond<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_names {
            return write!(f, "// {} beyond", self.regions.len());
        }
        f.write_str("// beyond: ")?;
        let kinds = MemoryKind::ALL.iter();
        let has = |&&kind: &&MemoryKind| self.regions.iter().any(|region| region.kind == kind);
        for (at, &kind) in kinds.filter(has).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{}", short(kind))?;
        }
        Ok(())
    }
}
