//! All numbers of the panel, for a wide panel.
//!
//! ```text
//! ┌ FRAMES ────────────────────────────────────────┐
//! │ ▓▓▓▓▓▓▓▓▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ │  at boot, used, free
//! │   usable         62,301    243 MiB     100.0 % │
//! │ U used           12,004     47 MiB      19.3 % │
//! │ …                                              │
//! │ processes            2   shared frames      81 │
//! │ mapped pages     1,312   guard regions       4 │
//! └────────────────────────────────────────────────┘
//! ```

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::theme::Swatch;
use crate::model::Model;
use crate::panels::frame_map::look;
use crate::panels::memo::Memo;
use crate::panels::panel::Scene;
use crate::view::changed::Changed;
use crate::view::extent::Extent;
use crate::view::map_mode::MapMode;
use crate::widgets::{self, Column, Table};
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::event::Kind;
use mm::memory_map::FRAME_BYTES;
use mm::paging::RegionPolicy;
use mm::units::{Bytes, Count, Percent};

/// Numbers of the panel: the sums, the counts, and the total of the percentages.
const NUMBERS: usize = WHOLE + 1;
const WHOLE: usize = SUMS + COUNTS;
const SUMS: usize = 4;
const COUNTS: usize = 10;
/// Lines of text.
const LINES: u32 = (SUMS + COUNTS / 2) as u32;

/// The maximum text cells of a line. A longer line separates numbers from their labels.
const WIDEST: usize = 64;

/// Label, frames, bytes, percentage of the usable frames.
static SUM_COLUMNS: [Column; 4] = [
    Column::left("", 1).grows(),
    Column::right("", 11).gap(0),
    Column::right("", 12).gap(0),
    Column::right("", 9).gap(0),
];
/// Label and count. Two of these tables stand side by side.
static COUNT_COLUMNS: [Column; 2] = [Column::left("", 1).grows(), Column::right("", 7).gap(0)];

/// The numbers on the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers {
    memo: Memo<NUMBERS>,
}

impl Numbers {
    /// Draws the numbers, or those that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        area: Rectangle,
        changed: Changed,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let (styles, model) = (scene.styles, scene.model);
        let all = extent == Extent::All;
        if all {
            self.memo.forget();
            widgets::panel(surface, styles, area, "Frames", "of 4 KiB", "")?;
        }
        let content = widgets::content(styles, area);
        let unit = styles.unit();
        let frames = &model.frames;
        let (usable, used) = (model.firmware_map.usable_frames(), frames.used());
        let theme = styles.theme;
        let pinned = frames.pinned();
        let taken = used.saturating_sub(pinned);
        if all || changed.frames {
            let bar = Rectangle::new(content.top_left, Size::new(content.size.width, 2 * unit));
            let parts = [
                (pinned, look::boot(theme).color),
                (taken, look::used(theme).color),
            ];
            widgets::bar(surface, bar, usable, parts, theme.free)?;
        }
        let (sums, counts) = tables(styles, content);
        let whole_is_new = self.memo.is_new(WHOLE, usable);
        let free = look::empty(MapMode::State, theme);
        let lines = [
            (None, "usable", usable),
            (Some(look::boot(theme)), "at boot", pinned),
            (Some(look::used(theme)), "since boot", taken),
            (Some(free), "free", model.free_frames()),
        ];
        for (row, (swatch, label, frames)) in lines.into_iter().enumerate() {
            if all {
                let [slot, ..] = sums.row(row);
                draw_label(surface, styles, slot, swatch, label)?;
            }
            if self.memo.is_new(row, frames) | whole_is_new {
                draw_sum(surface, styles, sums.row(row), frames, usable)?;
            }
        }
        for (number, (label, count)) in counted(model).into_iter().enumerate() {
            let [label_slot, slot] = counts.row(number % 2 * (COUNTS / 2) + number / 2);
            if all {
                styles.dim.draw(surface, label_slot, label)?;
            }
            if self.memo.is_new(SUMS + number, count) {
                styles.text.draw(surface, slot, Count(count))?;
            }
        }
        Ok(())
    }
}

/// The tables of sums and of counts, one below the other.
fn tables(styles: &Styles, content: Rectangle) -> (Table<4>, Table<2>) {
    let unit = styles.unit();
    let above = 3 * unit;
    let pitch = match content.size.height >= above + LINES * styles.line() {
        true => styles.line(),
        false => 2 * unit,
    };
    let cells = ((content.size.width / unit) as usize).min(WIDEST);
    let area = |cells: usize| {
        let size = Size::new(cells as u32 * unit, content.size.height);
        Rectangle::new(content.top_left + Size::new(0, above), size)
    };
    let half = cells / 2 - 1;
    let sums = Table::new(styles, area(cells), &SUM_COLUMNS).with_rows(0, pitch);
    let counts = Table::new(styles, area(half), &COUNT_COLUMNS)
        .with_rows(SUMS as u32 * pitch, pitch)
        .side_by_side(2, COUNTS / 2, cells - half);
    (sums, counts)
}

/// The counts, row by row from the left.
fn counted(model: &Model) -> [(&'static str, u64); COUNTS] {
    let mappings = &model.mappings;
    let [_, large, huge] = mappings.pages;
    [
        ("processes", model.processes.live()),
        ("refused", model.totals[Kind::FrameRefuse as usize]),
        ("shared frames", model.frames.shared()),
        ("guard regions", mappings.regions(RegionPolicy::Guard)),
        ("mapped pages", mappings.total()),
        ("of 2 MiB, 1 GiB", large + huge),
        ("writable", mappings.writable),
        ("executable", mappings.executable),
        ("of ring 3", mappings.user),
        ("both W and X", mappings.writable_executable),
    ]
}

fn draw_label<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    slot: Slot,
    swatch: Option<Swatch>,
    label: &str,
) -> Result<(), S::Error> {
    let at = slot.at + Size::new(3 * styles.unit(), 0);
    let rest = Slot::left(at, slot.cells.saturating_sub(3));
    styles.dim.draw(surface, rest, label)?;
    match swatch {
        Some(swatch) => widgets::swatch(surface, styles, slot.at, swatch),
        None => Ok(()),
    }
}

fn draw_sum<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    slots: [Slot; 4],
    frames: u64,
    usable: u64,
) -> Result<(), S::Error> {
    let [_, count, bytes, percent] = slots;
    styles.text.draw(surface, count, Count(frames))?;
    styles
        .text
        .draw(surface, bytes, Bytes(frames * FRAME_BYTES))?;
    let share = Percent {
        part: frames,
        whole: usable,
    };
    styles.dim.draw(surface, percent, share)
}
