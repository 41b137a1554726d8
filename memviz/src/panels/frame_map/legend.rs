//! What the colours of the frame map mean, and how many frames have each.

use super::look;
use crate::input::MapMode;
use crate::model::Model;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::theme::Swatch;
use crate::units::Count;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// Cells of text that an entry takes, with the space behind it.
const ENTRY: usize = 25;
/// Entries of the longest legend: the owners, free, not usable.
const MOST_ENTRIES: usize = 10;

/// How many lines of text a legend of this width in pixels may take.
pub fn lines(styles: &Styles, width: u32) -> u32 {
    MOST_ENTRIES.div_ceil(columns(styles, width)) as u32
}

fn columns(styles: &Styles, width: u32) -> usize {
    ((width / styles.unit()) as usize / ENTRY).max(1)
}

/// Draws the legend of a view.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
    mode: MapMode,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let frames = &model.frames;
    let (used, pinned) = (frames.used(), frames.pinned());
    let not_usable = (frames.len() as u64).saturating_sub(model.regions.usable_frames());
    let free = (look::free(theme), model.free_frames());
    let not_usable = (look::not_usable(theme), not_usable);
    let mut legend = Legend {
        surface,
        styles,
        area,
        next: 0,
    };
    match mode {
        MapMode::State => {
            legend.entry((look::used(theme), used.saturating_sub(pinned)))?;
            legend.entry((look::boot(theme), pinned))?;
            legend.entry(free)?;
            legend.entry(not_usable)
        }
        MapMode::Tags => {
            for (owner, swatch) in look::owners(theme).into_iter().enumerate() {
                legend.entry((swatch, frames.by_owner(owner)))?;
            }
            legend.entry(free)?;
            legend.entry(not_usable)
        }
        MapMode::References => {
            let [one, two, three, more] = look::reference_swatches(theme);
            legend.entry((one, used - frames.shared()))?;
            for swatch in [two, three, more] {
                legend.plain(swatch)?;
            }
            legend.entry(free)?;
            legend.entry(not_usable)?;
            legend.sentence("Cells show the mean of their used frames, rounded up.")
        }
        MapMode::Heat => {
            for (words, level) in look::HEAT_STEPS {
                legend.plain(Swatch {
                    color: theme.heat(level),
                    letter: ' ',
                    words,
                })?;
            }
            legend.plain(Swatch {
                words: "never used",
                ..look::free(theme)
            })?;
            legend.plain(not_usable.0)?;
            legend.sentence("A use: allocated, shared or mapped. Cells show the mean since boot.")
        }
    }
}

/// Entries in columns.
struct Legend<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    area: Rectangle,
    next: usize,
}

impl<S: Surface> Legend<'_, S> {
    fn entry(&mut self, (swatch, frames): (Swatch, u64)) -> Result<(), S::Error> {
        let at = self.place();
        widgets::legend_entry(
            self.surface,
            self.styles,
            at,
            ENTRY - 2,
            swatch,
            Count(frames),
        )
    }

    fn plain(&mut self, swatch: Swatch) -> Result<(), S::Error> {
        let at = self.place();
        widgets::legend_entry(self.surface, self.styles, at, ENTRY - 2, swatch, "")
    }

    /// A sentence in a line of its own.
    fn sentence(&mut self, words: &str) -> Result<(), S::Error> {
        let unit = self.styles.unit();
        let columns = columns(self.styles, self.area.size.width);
        let line = self.next.div_ceil(columns) as u32;
        let at = self.area.top_left + Point::new(0, (line * self.styles.line()) as i32);
        if (line + 1) * self.styles.line() > self.area.size.height {
            return Ok(());
        }
        let cells = (self.area.size.width / unit) as usize;
        self.styles
            .dim
            .draw(self.surface, Slot::left(at, cells), words)
    }

    fn place(&mut self) -> Point {
        let columns = columns(self.styles, self.area.size.width);
        let (line, column) = (self.next / columns, self.next % columns);
        self.next += 1;
        let width = self.area.size.width / columns as u32;
        let offset = Size::new(column as u32 * width, line as u32 * self.styles.line());
        self.area.top_left + offset
    }
}
