//! The list of the memory map: address and size of each region, by address, in pages of columns.
//!
//! ```text
//! u 0x00000000   636 KiB   k 0x00100000   3.8 MiB
//! r 0x0009f000     4 KiB   u 0x004c0000 251.0 MiB
//! r 0x000f0000    64 KiB   1 to 5 of 45              the last position, if there are more regions
//! ```

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::model::FirmwareRegion;
use crate::widgets;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Bytes;

/// The widest column, in text cells. A wider one separates sizes from their addresses.
const WIDEST: usize = 31;
/// Text cells before an address: the swatch and a space.
const SWATCH: usize = 3;

/// The columns of the list in a rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    at: Point,
    /// Text cells of a column, and from one column to the next.
    cells: usize,
    pitch_cells: usize,
    columns: usize,
    /// Lines of a column.
    lines: usize,
    unit: u32,
    /// The number of regions.
    total: usize,
}

impl List {
    /// Lays out the list of these regions.
    pub fn new(styles: &Styles, area: Rectangle, regions: &[FirmwareRegion]) -> List {
        let unit = styles.unit();
        let room = (area.size.width / unit) as usize;
        let needed = regions.iter().map(entry_cells).max().unwrap_or(0);
        let columns = ((room + 1) / (needed + 1)).max(1);
        let cells = ((room + 1) / columns - 1).min(WIDEST.max(needed)).min(room);
        List {
            at: area.top_left,
            cells,
            pitch_cells: cells + 1,
            columns,
            lines: (area.size.height / (2 * unit)) as usize,
            unit,
            total: regions.len(),
        }
    }

    /// The number of regions on a page.
    fn page_length(&self) -> usize {
        let fits = self.lines * self.columns;
        match self.total <= fits {
            true => fits.max(1),
            false => fits.saturating_sub(1).max(1),
        }
    }

    /// The number of pages.
    pub fn pages(&self) -> usize {
        self.total.div_ceil(self.page_length()).max(1)
    }

    /// The page with this region.
    pub fn page_of(&self, number: usize) -> usize {
        number / self.page_length()
    }

    /// The numbers of the regions on a page.
    fn numbers(&self, page: usize) -> Range<usize> {
        let start = page * self.page_length();
        start..self.total.min(start + self.page_length())
    }

    /// The number of regions from one column to the next.
    pub fn lines(&self) -> usize {
        self.lines.max(1)
    }

    /// The position of an entry on its page.
    fn place(&self, position: usize) -> Point {
        let (column, line) = (position / self.lines(), position % self.lines());
        let left = (column * self.pitch_cells) as u32 * self.unit;
        self.at + Size::new(left, line as u32 * 2 * self.unit)
    }

    /// The region at a point of the screen, on this page.
    pub fn number_at(&self, page: usize, point: Point) -> Option<usize> {
        let size = Size::new(self.cells as u32 * self.unit, 2 * self.unit);
        let mut numbers = self.numbers(page).enumerate();
        let is_here = |position| Rectangle::new(self.place(position), size).contains(point);
        let found = numbers.find(|&(position, _)| self.lines > 0 && is_here(position));
        found.map(|(_, number)| number)
    }

    /// Draws a page. If there are more regions, the last position says which ones it shows.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        regions: &[FirmwareRegion],
        page: usize,
        selected: Option<usize>,
    ) -> Result<(), S::Error> {
        if self.lines == 0 {
            return Ok(());
        }
        let numbers = self.numbers(page);
        for (position, number) in numbers.clone().enumerate() {
            let is_selected = selected == Some(number);
            self.draw_entry(
                surface,
                styles,
                self.place(position),
                &regions[number],
                is_selected,
            )?;
        }
        if self.pages() == 1 {
            return Ok(());
        }
        let words = format_args!("{} to {} of {}", numbers.start + 1, numbers.end, self.total);
        let last = self.lines * self.columns - 1;
        let slot = Slot::left(self.place(last), self.cells);
        match last == 0 {
            true => Ok(()),
            false => styles.accent.draw(surface, slot, words),
        }
    }

    /// Draws a line: swatch, address and size.
    fn draw_entry<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        at: Point,
        region: &FirmwareRegion,
        is_selected: bool,
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        let marked = TextStyle::new(styles.title.font, theme.ground, theme.accent);
        let (dim, text) = match is_selected {
            true => (&marked, &marked),
            false => (&styles.dim, &styles.text),
        };
        widgets::swatch(surface, styles, at, theme.region(region.kind))?;
        let right = |cells: usize| at + Size::new(cells as u32 * self.unit, 0);
        let address = format_args!("{:#010x}", region.start.as_u64());
        let size = Bytes(region.bytes);
        let rest = self.cells.saturating_sub(SWATCH);
        let address_cells = width(address).min(rest);
        dim.draw(surface, Slot::left(right(SWATCH), address_cells), address)?;
        let slot = Slot::right(right(SWATCH + address_cells), rest - address_cells);
        text.draw(surface, slot, size)
    }
}

/// The least text cells of a line.
fn entry_cells(region: &FirmwareRegion) -> usize {
    let address = format_args!("{:#010x}", region.start.as_u64());
    SWATCH + width(address) + 1 + width(Bytes(region.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::Theme;
    use mm::memory_map::MemoryKind;
    use proptest::prelude::*;
    use x86_64::PhysAddr;

    fn regions(count: usize) -> Vec<FirmwareRegion> {
        let region = |number| FirmwareRegion {
            start: PhysAddr::new(number as u64 * 0x1_2345_6000),
            bytes: 4096u64 << (number % 30),
            kind: MemoryKind::ALL[number % MemoryKind::ALL.len()],
        };
        (0..count).map(region).collect()
    }

    proptest! {
        /// Each region is on one page, at a position of its own inside the rectangle, and a click
        /// there finds it.
        #[test]
        fn every_region_can_be_reached(count in 1usize..200, width in 200u32..1900, height in 20u32..900) {
            let styles = Styles::new(Theme::ALL[0], 16);
            let area = Rectangle::new(Point::new(5, 7), Size::new(width, height));
            let regions = regions(count);
            let list = List::new(&styles, area, &regions);
            let mut next = 0;
            for page in 0..list.pages() {
                let numbers = list.numbers(page);
                prop_assert_eq!(numbers.start, next);
                prop_assert!(page == 0 || !numbers.is_empty());
                next = numbers.end;
                for (position, number) in numbers.enumerate() {
                    prop_assert_eq!(list.page_of(number), page);
                    let at = list.place(position);
                    let inside = at + Size::new(1, 1);
                    prop_assert_eq!(list.number_at(page, inside), (list.lines > 0).then_some(number));
                    let end = at + Size::new(list.cells as u32 * styles.unit() - 1, 2 * styles.unit() - 1);
                    prop_assert!(list.lines == 0 || area.contains(end), "{} at {}", number, at);
                }
            }
            prop_assert_eq!(next, count);
        }
    }
}
