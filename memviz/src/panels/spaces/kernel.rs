//! The kernel's half, which all address spaces share: a box for each part, or a row if there is no
//! process.
//!
//! ```text
//! kernel's half: the same tables in every space
//! direct map   heap        stacks      text
//! ■■■■■■■■■■   ■■■░░░░▒    ▒■■▒ ▒■■▒   ■■■■■■■■       each to its own scale
//! 256 MiB      16 MiB      288 KiB     1.2 MiB        the span of its regions
//!
//! stacks   0xffffd00000000000   288 KiB  ▒■■■▒▒■■■▒      a row
//! ```
//! The state of a cell is that of its first page. In a narrow panel, sizes have no decimals, and a
//! name of two words has its first word only: see [`Form`].

use super::highlighted::Highlighted;
use super::plan::Plan;
use super::strip::{Look, draw_cell, present};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot};
use crate::model::Model;
use crate::view::names::Names;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use mm::memory_map::FRAME_BYTES;
use mm::paging::{Region, RegionPolicy};
use mm::units::{Address, Bytes};
use x86_64::VirtAddr;

/// The maximum number of parts.
const MOST: usize = 10;

/// Text cells of a name, an address, a size, and the space between two columns of rows.
const NAME: usize = 12;
const ADDRESS: usize = 20;
const BYTES: usize = 10;
const GAP: usize = 3;

/// Regions of one name.
struct Part {
    name: &'static str,
    /// The start of the first region.
    start: VirtAddr,
    /// Bytes of all regions.
    bytes: u64,
}

/// The form of names and sizes, which depends on the width.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Whole names, and sizes with a decimal.
    Full,
    /// Whole names, and sizes without decimals.
    Rounded,
    /// First words of names, and sizes without decimals.
    Short,
}

impl Form {
    const ALL: [Form; 3] = [Form::Full, Form::Rounded, Form::Short];

    fn name(self, part: &Part) -> &'static str {
        let first = part.name.split([' ', '-']).next().unwrap_or(part.name);
        match self {
            Form::Full | Form::Rounded => part.name,
            Form::Short => first,
        }
    }

    /// Returns the text cells of name and size.
    fn cells(self, part: &Part) -> usize {
        let bytes = Bytes(part.bytes);
        let size = match self {
            Form::Full => text::width(bytes),
            Form::Rounded | Form::Short => text::width(format_args!("{bytes:.0}")),
        };
        text::width(self.name(part)).max(size)
    }

    fn draw_bytes<S: Surface>(
        self,
        surface: &mut S,
        styles: &Styles,
        slot: Slot,
        part: &Part,
    ) -> Result<(), S::Error> {
        let bytes = Bytes(part.bytes);
        match self {
            Form::Full => styles.dim.draw(surface, slot, bytes),
            Form::Rounded | Form::Short => {
                styles.dim.draw(surface, slot, format_args!("{bytes:.0}"))
            }
        }
    }
}

/// Draws all parts, on a blank rectangle.
pub(super) fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    model: &Model,
    plan: &Plan,
    highlighted: &Highlighted,
    names: &Names,
) -> Result<(), S::Error> {
    let (area, unit) = (plan.kernel, styles.unit());
    if area.size.height == 0 {
        return Ok(());
    }
    let half = Half {
        styles,
        model,
        area,
        highlighted,
        names,
    };
    let parts = half.parts();
    let cells = (area.size.width / unit) as usize;
    let words = "kernel's half: the same tables in every space";
    if plan.has_kernel_alone() {
        let head = Slot::left(area.top_left, cells);
        styles.dim.draw(surface, head, words)?;
        return half.rows(surface, &parts);
    }
    let rule = Rectangle::new(area.top_left, Size::new(area.size.width, 1));
    surface.fill_solid(&rule, styles.theme.outline)?;
    let head = area.top_left + Size::new(0, unit / 2);
    styles.dim.draw(surface, Slot::left(head, cells), words)?;
    half.boxes(surface, &parts)
}

/// The subject and the surface.
struct Half<'d> {
    styles: &'d Styles,
    model: &'d Model<'d>,
    area: Rectangle,
    highlighted: &'d Highlighted,
    names: &'d Names,
}

impl Half<'_> {
    fn parts(&self) -> Vec<Part, MOST> {
        let mut parts = Vec::<Part, MOST>::new();
        for region in self.model.regions.of(0) {
            let name = (self.names.area)(region.start.as_u64());
            match parts.iter_mut().find(|part| part.name == name) {
                Some(part) => part.bytes += region.bytes,
                None => {
                    let (start, bytes) = (region.start, region.bytes);
                    // This kernel has fewer parts than the limit.
                    let _ = parts.push(Part { name, start, bytes });
                }
            }
        }
        parts
    }

    /// Draws a box for each part, side by side.
    fn boxes<S: Surface>(&self, surface: &mut S, parts: &[Part]) -> Result<(), S::Error> {
        let (styles, unit) = (self.styles, self.styles.unit());
        let room = (self.area.size.width / unit) as usize;
        let line = |line: u32| unit / 2 + line * styles.line();
        let width_in =
            |form: Form| -> usize { parts.iter().map(|part| form.cells(part) + 1).sum() };
        let form = Form::ALL.into_iter().find(|&form| width_in(form) <= room);
        let form = form.unwrap_or(Form::Short);
        let spare = room.saturating_sub(width_in(form)) / parts.len().max(1);
        let mut left = 0;
        for part in parts {
            let cells = (form.cells(part) + spare).min(room.saturating_sub(left));
            let at = self.area.top_left + Size::new(left as u32 * unit, 0);
            let slot = |below: u32| Slot::left(at + Size::new(0, below), cells);
            styles.text.draw(surface, slot(line(1)), form.name(part))?;
            let size = Size::new(cells as u32 * unit, 2 * unit);
            self.bar(
                surface,
                part,
                Rectangle::new(at + Size::new(0, line(2)), size),
            )?;
            form.draw_bytes(surface, styles, slot(line(3)), part)?;
            left += cells + 1;
        }
        Ok(())
    }

    /// Draws a row for each part, in two columns if the height is too small for one.
    fn rows<S: Surface>(&self, surface: &mut S, parts: &[Part]) -> Result<(), S::Error> {
        let (styles, unit) = (self.styles, self.styles.unit());
        let Size { width, height } = self.area.size;
        let height = height.saturating_sub(styles.line());
        let count = parts.len().max(1);
        let columns = match height as usize / count >= 2 * unit as usize {
            true => 1,
            false => 2,
        };
        let lines = count.div_ceil(columns);
        let pitch = (height / lines as u32).min(6 * unit);
        let cells = ((width / unit) as usize - GAP * (columns - 1)) / columns;
        let address = match cells >= 2 * (NAME + ADDRESS + BYTES) {
            true => ADDRESS,
            false => 0,
        };
        for (number, part) in parts.iter().enumerate() {
            let (column, line) = (number / lines, (number % lines) as u32);
            let left = column * (cells + GAP);
            let place = |cell: usize| {
                let left = (left + cell) as u32 * unit;
                self.area.top_left + Size::new(left, styles.line() + line * pitch)
            };
            styles
                .text
                .draw(surface, Slot::left(place(0), NAME - 1), part.name)?;
            let start = Address(part.start.as_u64());
            styles
                .dim
                .draw(surface, Slot::left(place(NAME), address), start)?;
            let slot = Slot::right(place(NAME + address), BYTES);
            styles.dim.draw(surface, slot, Bytes(part.bytes))?;
            let before = NAME + address + BYTES + 1;
            let size = Size::new(
                cells.saturating_sub(before) as u32 * unit,
                pitch.saturating_sub(unit / 2).max(unit),
            );
            self.bar(surface, part, Rectangle::new(place(before), size))?;
        }
        Ok(())
    }

    /// Draws the regions of a part to scale. A cell is a page if all pages fit.
    fn bar<S: Surface>(
        &self,
        surface: &mut S,
        part: &Part,
        bar: Rectangle,
    ) -> Result<(), S::Error> {
        let unit = self.styles.unit();
        let pages = part.bytes / FRAME_BYTES;
        let columns_of = |pitch: u32| bar.size.width / pitch;
        let room_of = |pitch: u32| u64::from(columns_of(pitch) * (bar.size.height / pitch));
        let smallest = (unit / 2).max(3);
        let pitch = [2 * unit, 3 * unit / 2, unit]
            .into_iter()
            .find(|&pitch| room_of(pitch) >= pages)
            .unwrap_or(smallest);
        let (columns, room) = (columns_of(pitch), room_of(pitch));
        let own = self.model.regions.of(0);
        let own = own.filter(|region| (self.names.area)(region.start.as_u64()) == part.name);
        // A guard page is a cell at any scale.
        let guards = own
            .clone()
            .filter(|region| region.policy == RegionPolicy::Guard && region.bytes == FRAME_BYTES);
        let guards = (guards.count() as u64).min(room.saturating_sub(1));
        let regions = match room >= pages {
            true => 0,
            false => own.clone().count() as u64,
        };
        let per_cell = (pages - guards)
            .div_ceil((room - guards).saturating_sub(regions).max(1))
            .max(1);
        let mut cell = 0;
        for region in own {
            let count = (region.bytes / FRAME_BYTES).div_ceil(per_cell);
            for number in 0..count {
                if cell >= room as u32 {
                    return Ok(());
                }
                let look = look(
                    self.styles,
                    self.model,
                    region,
                    number * per_cell,
                    self.highlighted,
                );
                let at = Size::new(cell % columns, cell / columns) * pitch;
                draw_cell(surface, self.styles.theme, bar.top_left + at, pitch, look)?;
                cell += 1;
            }
        }
        Ok(())
    }
}

/// Returns the look of a cell that begins with this page of a region.
fn look(
    styles: &Styles,
    model: &Model,
    region: &Region,
    page: u64,
    highlighted: &Highlighted,
) -> Look {
    let address = region.start + page * FRAME_BYTES;
    let found = model.tables.page_of(0, address);
    if highlighted.has(0, address, found) {
        return Look::Highlighted;
    }
    match (found, region.policy) {
        (Some((_, entry)), _) => present(styles.theme, region, entry.access),
        (None, RegionPolicy::Guard) => Look::Guard,
        (None, _) => Look::Absent,
    }
}
