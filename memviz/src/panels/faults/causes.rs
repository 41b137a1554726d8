//! The legend of the causes: letter, short name, and number of faults since boot.
//!
//! The legend takes as many lines as it needs. It is left out if fewer than [`LEAST_LINES`] would
//! be left for the faults.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::theme::Swatch;
use crate::model::FaultLog;
use crate::panels::memo::Memo;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::FaultCause;
use mm::units::Short;

const CAUSES: usize = FaultCause::ALL.len();
/// Text cells of an entry: swatch, space, name, count, space.
const ENTRY: usize = 3 + NAME + COUNT + 1;
const NAME: usize = 8;
const COUNT: usize = 5;
/// The minimum lines of the table.
const LEAST_LINES: u32 = 4;

/// The counts that are on the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Causes {
    memo: Memo<CAUSES>,
    drawn: bool,
}

/// The height of the legend in a panel with this content.
pub fn height(styles: &Styles, content: Size) -> u32 {
    let lines = CAUSES.div_ceil(columns(styles, content.width)) as u32 * styles.line();
    match lines + LEAST_LINES * styles.line() <= content.height {
        true => lines,
        false => 0,
    }
}

fn columns(styles: &Styles, width: u32) -> usize {
    ((width / styles.unit()) as usize / ENTRY).max(1)
}

/// A name of at most [`NAME`] letters.
pub fn short(cause: FaultCause) -> &'static str {
    match cause {
        FaultCause::Guard => "guard",
        FaultCause::Null => "null",
        FaultCause::DemandZero => "zero",
        FaultCause::CopyOnWrite => "copy",
        FaultCause::WriteReadOnly => "write",
        FaultCause::ExecuteNoExecute => "execute",
        FaultCause::UserTouchedKernel => "kernel",
        FaultCause::ReservedBit => "reserved",
        FaultCause::Unmapped => "unmapped",
        FaultCause::StackGrowth => "stack",
        FaultCause::KernelTouchedUser => "user",
        FaultCause::Swapped => "swap",
    }
}

impl Causes {
    /// Draws the legend, or the counts that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
        faults: &FaultLog,
    ) -> Result<(), S::Error> {
        if area.size.height == 0 {
            return Ok(());
        }
        let unit = styles.unit();
        let columns = columns(styles, area.size.width);
        let all = !core::mem::replace(&mut self.drawn, true);
        if all {
            let above = area.top_left - Point::new(0, unit as i32 / 4);
            let rule = Rectangle::new(above, Size::new(area.size.width, 1));
            surface.fill_solid(&rule, styles.theme.outline)?;
        }
        let pitch = (area.size.width / unit) as usize / columns;
        for (number, &cause) in FaultCause::ALL.iter().enumerate() {
            let cell = (number % columns * pitch) as u32 * unit;
            let line = (number / columns) as u32 * styles.line();
            let at = area.top_left + Size::new(cell, line);
            if all {
                let entry = Swatch {
                    words: short(cause),
                    ..styles.theme.fault(cause)
                };
                widgets::legend_entry(surface, styles, at, 3 + NAME, entry, "")?;
            }
            let count = faults.by_cause(cause);
            if self.memo.is_new(number, count) {
                let at = at + Size::new((3 + NAME) as u32 * unit, 0);
                let style = if count > 0 { &styles.text } else { &styles.dim };
                style.draw(surface, Slot::right(at, COUNT), Short(count))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_count_fits() {
        for &cause in FaultCause::ALL {
            assert!(short(cause).len() <= NAME, "{cause:?}");
        }
        assert!(crate::graphics::text::width(Short(999_999)) <= COUNT);
    }
}
