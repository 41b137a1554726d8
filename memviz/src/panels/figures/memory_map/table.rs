//! The regions as a table below the bars, and the sum of each kind beside it.
//!
//! ```text
//! start          end          size  kind       start … end … kind          usable   3   249.2 MiB
//! 0x00000000  0x0009f000   636 KiB  usable     …                           kernel   2     6.2 MiB
//! ```
//! A narrow line has no end.

use super::region::{Look, look};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::graphics::type_scale::Role;
use crate::model::firmware_map::FirmwareMap;
use crate::panels::regions::short;
use crate::widgets::shapes::{edged_box, rectangle, shrunk};
use crate::widgets::{self, hatch};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::MemoryKind;
use mm::units::{Bytes, Count};

/// Columns of regions.
const COLUMNS: usize = 2;
/// The share of the width that the regions have, in hundredths; the sums have the rest.
const SHARE: u32 = 78;

/// Text cells of the end of a region; of its start and size; and of the longest kind.
const END: u32 = 14;
const SIZE: u32 = 25;
const KIND: u32 = 12;

/// The table in a rectangle.
#[derive(Clone, Copy, Debug)]
pub struct RegionTable {
    area: Rectangle,
    pitch: u32,
    /// Lines of a column, without the head.
    lines: usize,
}

impl RegionTable {
    /// Lays out the table.
    pub fn new(styles: &Styles, area: Rectangle) -> RegionTable {
        let words = styles.words(Role::Small, styles.theme.text, styles.theme.panel);
        let pitch = words.face.line_height() + styles.scale.length(5);
        let lines = (area.size.height / pitch).saturating_sub(1) as usize;
        RegionTable { area, pitch, lines }
    }

    /// The number of the first region of the page that shows this region.
    fn first(&self, selected: Option<usize>) -> usize {
        let page = (self.lines * COLUMNS).max(1);
        selected.unwrap_or(0) / page * page
    }

    /// The rectangle of a line: 0 is the head.
    fn line(&self, column: usize, line: usize) -> Rectangle {
        let wide = self.area.size.width * SHARE / 100 / COLUMNS as u32;
        let at = self.area.top_left + Size::new(column as u32 * wide, line as u32 * self.pitch);
        Rectangle::new(at, Size::new(wide - self.pitch, self.pitch))
    }

    /// The region at a point of the screen.
    pub fn number_at(
        &self,
        regions: usize,
        selected: Option<usize>,
        point: Point,
    ) -> Option<usize> {
        let first = self.first(selected);
        let lines =
            (0..COLUMNS).flat_map(|column| (1..=self.lines).map(move |line| (column, line)));
        let mut numbers = (first..regions).zip(lines);
        let found = numbers.find(|&(_, (column, line))| self.line(column, line).contains(point));
        found.map(|(number, _)| number)
    }

    /// Draws the table and the sums.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        map: &FirmwareMap<'_>,
        selected: Option<usize>,
    ) -> Result<(), S::Error> {
        let regions = map.all();
        let first = self.first(selected);
        let lines =
            (0..COLUMNS).flat_map(|column| (1..=self.lines).map(move |line| (column, line)));
        for (number, (column, line)) in (first..regions.len()).zip(lines) {
            if line == 1 {
                self.draw_head(surface, styles, self.line(column, 0))?;
            }
            let region = &regions[number];
            let area = self.line(column, line);
            let fields = Fields::of(styles, area);
            let ink = Ink::of(styles, selected == Some(number));
            swatch(surface, styles, area, region.kind)?;
            let (start, end) = (region.start.as_u64(), region.end());
            ink.digits
                .draw(surface, fields.start, format_args!("{start:#010x}"))?;
            if let Some(slot) = fields.end {
                ink.digits
                    .draw(surface, slot, format_args!("{end:#010x}"))?;
            }
            ink.digits.draw(surface, fields.size, Bytes(region.bytes))?;
            let words = styles.words(Role::Small, styles.theme.text, styles.theme.panel);
            let middle = area.center().y - words.face.line_height() as i32 / 2;
            words.left(surface, Point::new(fields.kind, middle), short(region.kind))?;
            if selected == Some(number) {
                widgets::outline(surface, area, styles.scale.length(2), styles.theme.accent)?;
            }
        }
        self.draw_sums(surface, styles, map)
    }

    fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let fields = Fields::of(styles, area);
        let dim = styles.words(Role::Small, styles.theme.dim, styles.theme.panel);
        let top = area.center().y - dim.face.line_height() as i32 / 2;
        let right = |slot: Slot| {
            let cell = styles.digits(
                Role::Small,
                Weight::Regular,
                styles.theme.text,
                styles.theme.panel,
            );
            slot.at.x + (slot.cells as u32 * cell.font.cell().width) as i32
        };
        dim.left(surface, Point::new(fields.start.at.x, top), "start")?;
        if let Some(slot) = fields.end {
            dim.left(surface, Point::new(slot.at.x, top), "end")?;
        }
        dim.right(surface, Point::new(right(fields.size), top), "size")?;
        dim.left(surface, Point::new(fields.kind, top), "kind")?;
        Ok(())
    }

    /// Draws regions and bytes of each kind that the map has.
    fn draw_sums<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        map: &FirmwareMap<'_>,
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        let left = self.area.top_left.x + (self.area.size.width * SHARE / 100) as i32;
        let right = self.area.top_left.x + self.area.size.width as i32;
        let row = |line: usize| {
            let top = self.area.top_left.y + (line as u32 * self.pitch) as i32;
            rectangle(left, top, (right - left) as u32, self.pitch)
        };
        let words = styles.words(Role::Small, theme.text, theme.panel);
        let dim = styles.words(Role::Small, theme.dim, theme.panel);
        let line = words.face.line_height() as i32;
        let top = |area: Rectangle| area.center().y - line / 2;
        dim.left(surface, Point::new(left, top(row(0))), "in all")?;
        let bold = styles.digits(Role::Small, Weight::Bold, theme.text, theme.panel);
        let has_bytes = |kind: &&MemoryKind| map.bytes(**kind) > 0;
        for (at, &kind) in (1..=self.lines).zip(MemoryKind::ALL.iter().filter(has_bytes)) {
            let area = row(at);
            swatch(surface, styles, area, kind)?;
            let x = left + self.pitch as i32 + styles.scale.length(4) as i32;
            let drawn = words.left(surface, Point::new(x, top(area)), short(kind))?;
            let regions = map
                .all()
                .iter()
                .filter(|region| region.kind == kind)
                .count() as u64;
            let size = Bytes(map.bytes(kind));
            let cells = width(size);
            let cell = bold.font.cell();
            let start = right - (cells as u32 * cell.width) as i32;
            let at = Point::new(start, area.center().y - cell.height as i32 / 2);
            bold.draw(surface, Slot::left(at, cells), size)?;
            let count = format_args!("in {}", Count(regions));
            let after = drawn.top_left.x + drawn.size.width as i32 + styles.scale.length(8) as i32;
            if after + (dim.width(count) as i32) < start {
                dim.left(surface, Point::new(after, top(area)), count)?;
            }
        }
        Ok(())
    }
}

/// The style of a line: the selected one is brighter.
struct Ink {
    digits: TextStyle,
}

impl Ink {
    fn of(styles: &Styles, is_selected: bool) -> Ink {
        let theme = styles.theme;
        let weight = match is_selected {
            true => Weight::Bold,
            false => Weight::Regular,
        };
        Ink {
            digits: styles.digits(Role::Small, weight, theme.text, theme.panel),
        }
    }
}

/// The fields of a line.
struct Fields {
    start: Slot,
    /// The end, if the line is wide enough.
    end: Option<Slot>,
    size: Slot,
    /// The left end of the kind.
    kind: i32,
}

impl Fields {
    fn of(styles: &Styles, area: Rectangle) -> Fields {
        let cell = styles.digits(
            Role::Small,
            Weight::Regular,
            styles.theme.text,
            styles.theme.panel,
        );
        let cell = cell.font.cell();
        let top = area.center().y - cell.height as i32 / 2;
        let left = area.top_left.x + area.size.height as i32 + styles.scale.length(4) as i32;
        let at = |cells: u32| Point::new(left + (cells * cell.width) as i32, top);
        let right = area.top_left.x + area.size.width as i32;
        let has_end = at(END + SIZE + KIND).x <= right;
        let after = if has_end { END } else { 0 };
        Fields {
            start: Slot::left(at(0), 13),
            end: has_end.then(|| Slot::left(at(14), 13)),
            size: Slot::right(at(after + 13), 10),
            kind: at(after + SIZE).x,
        }
    }
}

/// Draws the look of a kind at the left of a line.
fn swatch<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    kind: MemoryKind,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let side = area.size.height.saturating_sub(styles.scale.length(6));
    let top = area.center().y - side as i32 / 2;
    let box_area = rectangle(
        area.top_left.x + styles.scale.length(3) as i32,
        top,
        side,
        side,
    );
    match look(kind) {
        Look::Owned => surface.fill_solid(&box_area, theme.region(kind).color),
        Look::Empty => edged_box(surface, box_area, 0, 1, theme.edge, theme.free),
        Look::Hatched => {
            hatch(surface, shrunk(box_area, 1), theme.outline, theme.panel)?;
            widgets::outline(surface, box_area, 1, theme.edge)
        }
    }
}
