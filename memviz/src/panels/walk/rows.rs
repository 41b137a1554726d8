//! The page walk in a narrow panel: a row for each level.
//!
//! ```text
//! 0x00007fffefffff88  process 3, stack
//! ▌PML4 255  0x1a3000   write user exec
//! ▌PDPT 511  0x1a4000   write user exec
//! ▌PD   383  0x1a5000   write user exec
//! ▌PT   511  0x1a6000   write user NX
//! ▌page      0x1f8000   write user NX
//! → 0x1f8f88, a page of 4 KiB
//! ```
//! If no line is left for the result below the rows, it is at the right of the first line.

use super::translation::{AddressOwner, Translation, is_mapped};
use super::words::{ShortFlags, Verdict, table_name};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot, TextStyle};
use crate::model::Entry;
use crate::model::walk::End;
use crate::view::names::Names;
use crate::widgets::{Column, Table};
use core::fmt;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::units::Address;

/// Address, five rows, result.
const LINES: u32 = 7;
/// Table name, index of the entry, address of the table, flags of the entry.
static COLUMNS: [Column; 4] = [
    Column::left("", NAME),
    Column::right("", 3),
    Column::left("", 12).gap(2),
    Column::left("", 1).grows(),
];
const NAME: usize = 6;

/// Draws the walk.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    translation: &Translation,
    names: &Names,
) -> Result<(), S::Error> {
    let unit = styles.unit();
    let pitch = match area.size.height >= LINES * styles.line() {
        true => styles.line(),
        false => 2 * unit,
    };
    let levels = Levels {
        styles,
        table: Table::new(styles, area, &COLUMNS).with_rows(pitch, pitch),
    };
    levels.draw_title(surface, area, translation, names)?;
    let steps = translation.walk.steps();
    for (row, step) in steps.iter().enumerate() {
        let (name, index) = (table_name(step.position), step.position.index());
        let table = format_args!("{:#x}", step.table);
        levels.draw(surface, row, row, (name, index), table, step.entry)?;
    }
    if let End::Mapped {
        physical,
        size,
        access,
    } = translation.walk.end
    {
        let frame = physical.align_down(size.bytes());
        let (row, entry) = (steps.len(), Some(Entry::page(frame, access)));
        let frame = format_args!("{frame:#x}");
        levels.draw(surface, row, 4, ("page", ""), frame, entry)?;
    }
    Ok(())
}

/// A row for each level, and a row for the page.
struct Levels<'d> {
    styles: &'d Styles,
    table: Table<4>,
}

impl Levels<'_> {
    /// Draws the address, its owner, and where the walk ends: below the rows if there is room.
    fn draw_title<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        translation: &Translation,
        names: &Names,
    ) -> Result<(), S::Error> {
        const ADDRESS: usize = 18;
        let (styles, unit) = (self.styles, self.styles.unit());
        let cells = (area.size.width / unit) as usize;
        let address = Address(translation.walk.address.as_u64());
        let title = &styles.title;
        title.draw(surface, Slot::left(area.top_left, ADDRESS), address)?;
        let rest = cells.saturating_sub(ADDRESS + 2);
        let steps = translation.walk.steps();
        let at = |cell: usize| area.top_left + Size::new(cell as u32 * unit, 0);
        let below = steps.len() + usize::from(is_mapped(translation));
        let end = match below < self.table.rows() {
            true => Slot::left(self.table.row_start(below), cells),
            false => {
                let width = text::width(Verdict(translation)).min(rest);
                Slot::right(at(cells - width), width)
            }
        };
        let whose = match below < self.table.rows() {
            true => rest,
            false => rest.saturating_sub(end.cells + 2),
        };
        let slot = Slot::left(at(ADDRESS + 2), whose);
        styles
            .text
            .draw(surface, slot, AddressOwner(translation, names))?;
        let style = match is_mapped(translation) {
            true => &styles.accent,
            false => &styles.warning,
        };
        style.draw(surface, end, Verdict(translation))
    }

    /// Draws the name of a table, the index of the entry, the address of the table and the flags of
    /// the entry.
    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        row: usize,
        level: usize,
        (name, index): (&str, impl fmt::Display),
        table: impl fmt::Display,
        entry: Option<Entry>,
    ) -> Result<(), S::Error> {
        if row >= self.table.rows() {
            return Ok(());
        }
        let (styles, unit) = (self.styles, self.styles.unit());
        let [name_slot, index_slot, table_slot, flags] = self.table.row(row);
        let color = styles.theme.level(level);
        let size = Size::new(NAME as u32 * unit, 2 * unit);
        surface.fill_solid(&Rectangle::new(name_slot.at, size), color)?;
        let style = TextStyle::new(styles.title.font, styles.theme.ground, color);
        let slot = Slot::left(name_slot.at + Size::new(unit, 0), NAME - 2);
        style.draw(surface, slot, name)?;
        styles.text.draw(surface, index_slot, index)?;
        styles.dim.draw(surface, table_slot, table)?;
        match entry {
            Some(entry) => styles.text.draw(surface, flags, ShortFlags(entry)),
            None => styles.warning.draw(surface, flags, "not present"),
        }
    }
}
