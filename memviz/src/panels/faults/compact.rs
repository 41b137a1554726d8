//! The faults in few columns, for a narrow panel, and the sum of each cause in one line.
//!
//! ```text
//!   time address        cause    frame       cost
//! 10.117 0x10000005f000 copy     0x7704000 6.2 µs    without a frame: what the handler did
//! …
//! zero 4,525   copy 102   stack 90   refused 23
//! ```
//! The address of the kernel's half lacks the digits that all of them share. Where there is no
//! room, the cost drops out first, then the time, then the frame.

use super::causes::short;
use super::words::{Cost, Outcome, Touched};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{TextStyle, width};
use crate::graphics::type_scale::Role;
use crate::model::{Fault, FaultLog};
use crate::widgets::{Column, Table};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::FaultCause;
use mm::units::Count;

static COLUMNS: [Column; 5] = [
    Column::right("time", 6).drops(2),
    Column::left("address", 14),
    Column::left("cause", 8),
    Column::left("frame", 11).narrow(9).drops(3).grows(),
    Column::right("cost", 6).drops(1),
];

/// Returns a table with as many columns as fit.
pub fn table(styles: &Styles, area: Rectangle) -> Table<5> {
    Table::new(styles, area, &COLUMNS)
}

/// Draws a fault over the previous one of the row.
pub fn draw_row<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    table: &Table<5>,
    row: usize,
    before: Option<&Fault>,
    now: Option<&Fault>,
) -> Result<(), S::Error> {
    let (text, dim) = (&styles.text, &styles.dim);
    let Some(now) = now else {
        return table.draw_whole_row(surface, text, row, "");
    };
    let [time, address, cause, frame, cost] = table.row(row);
    let seconds = |fault: &Fault| Seconds(fault.time, time.cells);
    dim.update(surface, time, before.map(seconds), seconds(now))?;
    let touched = |fault: &Fault| Near(fault.address.as_u64());
    text.update(surface, address, before.map(touched), touched(now))?;
    if before.map(|fault| fault.cause) != Some(now.cause) {
        cause_style(styles, now.cause).draw(surface, cause, short(now.cause))?;
    }
    let led_to = |fault: &Fault| LedTo::of(fault, frame.cells);
    if before.map(led_to) != Some(led_to(now)) {
        let style = if now.frame.is_some() { text } else { dim };
        style.draw(surface, frame, led_to(now))?;
    }
    let price = |fault: &Fault| Cost::of(fault, cost.cells);
    dim.update(surface, cost, before.map(price), price(now))
}

/// Text in the colour of a cause: a refused access stands out.
fn cause_style(styles: &Styles, cause: FaultCause) -> &TextStyle {
    match is_resolved(cause) {
        true => &styles.text,
        false => &styles.warning,
    }
}

/// Returns whether the kernel resolves faults of this cause.
fn is_resolved(cause: FaultCause) -> bool {
    RESOLVED.contains(&cause)
}

/// The causes that the kernel resolves, in the order of their sums.
const RESOLVED: [FaultCause; 4] = [
    FaultCause::DemandZero,
    FaultCause::CopyOnWrite,
    FaultCause::StackGrowth,
    FaultCause::Swapped,
];

/// The sums on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    resolved: [u64; RESOLVED.len()],
    refused: u64,
}

impl Sums {
    /// Returns the sums of these faults.
    pub fn of(faults: &FaultLog) -> Sums {
        let causes = FaultCause::ALL.iter();
        let refused = causes.filter(|&&cause| !is_resolved(cause));
        Sums {
            resolved: RESOLVED.map(|cause| faults.by_cause(cause)),
            refused: refused.map(|&cause| faults.by_cause(cause)).sum(),
        }
    }

    /// Draws the sums in a line below a rule, as many as fit.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let theme = styles.theme;
        surface.fill_solid(&area, theme.panel)?;
        let rule = Rectangle::new(area.top_left, Size::new(area.size.width, 1));
        surface.fill_solid(&rule, theme.outline)?;
        let swap = self.resolved.len() - 1;
        let resolved = RESOLVED.iter().zip(self.resolved).enumerate();
        let resolved = resolved.filter(|&(at, (_, count))| at < swap || count > 0);
        let all = resolved.map(|(_, (&cause, count))| (short(cause), count, theme.text));
        let ink = if self.refused > 0 {
            theme.warning
        } else {
            theme.text
        };
        let gap = styles.scale.length(12) as i32;
        let right = area.top_left.x + area.size.width as i32;
        let mut left = area.top_left.x;
        for (name, count, ink) in all.chain([("refused", self.refused, ink)]) {
            let words = styles.words(Role::Small, theme.dim, theme.panel);
            let number = styles.names(Role::Small, ink, theme.panel);
            let between = words.width(" ") as i32;
            let count = Count(count);
            let wide = words.width(name) as i32 + between + number.width(count) as i32;
            if left + wide > right {
                break;
            }
            let spare = area.size.height as i32 - words.face.line_height() as i32;
            let top = area.top_left.y + spare / 2 + 1;
            let drawn = words.left(surface, Point::new(left, top), name)?;
            let at = Point::new(left + drawn.size.width as i32 + between, top);
            number.left(surface, at, count)?;
            left += wide + gap;
        }
        Ok(())
    }
}

/// Formats a time in seconds, with as many decimals as fit, up to three.
#[derive(PartialEq)]
struct Seconds(u64, usize);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000_000_000;
        let decimals = self.1.saturating_sub(width(seconds) + 1).min(3);
        match decimals {
            0 => write!(f, "{seconds}"),
            _ => {
                let part = self.0 % 1_000_000_000 / 10u64.pow(9 - decimals as u32);
                write!(f, "{seconds}.{part:0decimals$}")
            }
        }
    }
}

/// Formats an address in at most 14 text cells.
#[derive(PartialEq)]
struct Near(u64);

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> 48 {
            0 => write!(f, "{:#x}", self.0),
            _ => Touched(self.0, false).fmt(f),
        }
    }
}

/// The frame that the handler mapped, or what it did instead.
#[derive(PartialEq)]
struct LedTo {
    frame: Option<u64>,
    outcome: Outcome,
    cells: usize,
}

impl LedTo {
    fn of(fault: &Fault, cells: usize) -> LedTo {
        LedTo {
            frame: fault.frame.map(|frame| frame.as_u64()),
            outcome: Outcome::in_a_word(fault),
            cells,
        }
    }
}

impl fmt::Display for LedTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(frame) = self.frame else {
            return self.outcome.fmt(f);
        };
        let digits = width(format_args!("{frame:x}"));
        match self.cells {
            cells if digits + 4 <= cells => write!(f, "→ {frame:#x}"),
            cells if digits + 2 <= cells => write!(f, "{frame:#x}"),
            _ => write!(f, "{frame:x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::Theme;

    /// Returns the text cells of each column.
    fn layout(room: u32) -> [usize; 5] {
        let styles = Styles::new(Theme::ALL[0], 12);
        let area = Rectangle::new(Point::zero(), Size::new(room * styles.unit(), 100));
        table(&styles, area).row(0).map(|slot| slot.cells)
    }

    #[test]
    fn columns_drop_out_by_priority() {
        assert_eq!(layout(49), [6, 14, 8, 11, 6]);
        assert_eq!(layout(47), [6, 14, 8, 9, 6]);
        assert_eq!(layout(46), [6, 14, 8, 15, 0]);
        assert_eq!(layout(39), [0, 14, 8, 15, 0]);
        assert_eq!(layout(32), [0, 14, 8, 0, 0]);
    }

    #[test]
    fn every_field_fits_its_column() {
        for seconds in [0, 9, 99, 999, 9_999, 99_999] {
            let time = Seconds(seconds * 1_000_000_000 + 999_999_999, 6);
            assert!(width(&time) <= 6, "{time}");
        }
        assert_eq!(Seconds(14_651_999_999, 6).to_string(), "14.651");
        for address in [0, 0x7fff_ffff_ffff, 0xffff_9000_0000_6000] {
            assert!(width(Near(address)) <= 14);
        }
        for &cause in FaultCause::ALL {
            assert!(short(cause).len() <= 8, "{cause:?}");
        }
        let led_to = |frame, cells| LedTo {
            frame: Some(frame),
            outcome: Outcome::in_a_word(&Fault::default()),
            cells,
        };
        let words = |frame, cells| led_to(frame, cells).to_string();
        assert_eq!(words(0x770_4000, 11), "→ 0x7704000");
        assert_eq!(words(0x770_4000, 9), "0x7704000");
        assert_eq!(words(0x1_2345_6000, 9), "123456000");
    }
}
