//! The kernel's half, which all spaces share: a box for each part of it.
//!
//! ```text
//! kernel's half: the same tables in every space
//! direct map   heap         stacks       text
//! ■■■■■■■■■■   ■■■░░░░░░▒   ▒■■▒ ▒■■▒    ■■■■■■■■■■      each to a scale of its own
//! 256 MiB      16 MiB       288 KiB      1.2 MiB         what its windows span
//! ```
//! A cell is looked up at its first page.

use super::Lit;
use super::plan::Plan;
use super::strip::{Look, draw_cell, present};
use crate::model::Model;
use crate::model::regions::FRAME_BYTES;
use crate::panels::Names;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::units::Bytes;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use mm::paging::{Window, WindowPolicy};

/// Parts that there can be.
const MOST: usize = 10;

/// Windows of one name.
struct Part {
    name: &'static str,
    /// Bytes of all its windows.
    bytes: u64,
}

/// Draws the boxes, in a place where nothing is.
pub(super) fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    model: &Model,
    plan: &Plan,
    lit: &Lit,
    names: &Names,
) -> Result<(), S::Error> {
    let (area, unit) = (plan.kernel, styles.unit());
    if area.size.height == 0 {
        return Ok(());
    }
    let rule = Rectangle::new(area.top_left, Size::new(area.size.width, 1));
    surface.fill_solid(&rule, styles.theme.outline)?;
    let mut parts = Vec::<Part, MOST>::new();
    for window in model.windows.of(0) {
        let name = (names.area)(window.start.as_u64());
        match parts.iter_mut().find(|part| part.name == name) {
            Some(part) => part.bytes += window.bytes,
            None => {
                let bytes = window.bytes;
                // The kernel has fewer parts.
                let _ = parts.push(Part { name, bytes });
            }
        }
    }
    let cells = (area.size.width / unit) as usize;
    let head = area.top_left + Size::new(0, unit / 2);
    let words = "kernel's half: the same tables in every space";
    styles.dim.draw(surface, Slot::left(head, cells), words)?;
    let step = cells / parts.len().max(1);
    let line = |line: u32| unit / 2 + line * styles.line();
    for (number, part) in parts.iter().enumerate() {
        let at = area.top_left + Size::new((number * step) as u32 * unit, 0);
        let slot = |below: u32| Slot::left(at + Size::new(0, below), step - 1);
        styles.text.draw(surface, slot(line(1)), part.name)?;
        let bar = Rectangle::new(
            at + Size::new(0, line(2)),
            Size::new((step - 1) as u32 * unit, 2 * unit),
        );
        draw_bar(surface, styles, model, part, bar, lit, names)?;
        styles.dim.draw(surface, slot(line(3)), Bytes(part.bytes))?;
    }
    Ok(())
}

/// The windows of a part, to scale as far as their cells go.
fn draw_bar<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    model: &Model,
    part: &Part,
    bar: Rectangle,
    lit: &Lit,
    names: &Names,
) -> Result<(), S::Error> {
    let pitch = (styles.unit() / 2).max(3);
    let (columns, lines) = (bar.size.width / pitch, bar.size.height / pitch);
    let room = u64::from(columns * lines);
    let pages = part.bytes / FRAME_BYTES;
    let own = model.windows.of(0);
    let own = own.filter(|window| (names.area)(window.start.as_u64()) == part.name);
    // A guard page is a cell, whatever the scale.
    let guards = own
        .clone()
        .filter(|window| window.policy == WindowPolicy::Guard && window.bytes == FRAME_BYTES);
    let guards = (guards.count() as u64).min(room.saturating_sub(1));
    let windows = own.clone().count() as u64;
    let per_cell = (pages - guards)
        .div_ceil((room - guards).saturating_sub(windows).max(1))
        .max(1);
    let mut cell = 0;
    for window in own {
        let count = (window.bytes / FRAME_BYTES).div_ceil(per_cell);
        for number in 0..count {
            if cell >= room as u32 {
                return Ok(());
            }
            let look = look(styles, model, window, number * per_cell, lit);
            let at = Size::new(cell % columns, cell / columns) * pitch;
            draw_cell(surface, styles.theme, bar.top_left + at, pitch, look)?;
            cell += 1;
        }
    }
    Ok(())
}

/// How a cell looks that begins with this page of a window.
fn look(styles: &Styles, model: &Model, window: &Window, page: u64, lit: &Lit) -> Look {
    let address = window.start + page * FRAME_BYTES;
    let found = model.tables.page_of(0, address);
    if lit.has(0, address, found) {
        return Look::Lit;
    }
    match (found, window.policy) {
        (Some((_, entry)), _) => present(styles.theme, window, entry.access),
        (None, WindowPolicy::Guard) => Look::Guard,
        (None, _) => Look::Absent,
    }
}
