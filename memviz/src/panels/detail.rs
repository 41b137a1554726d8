//! All about what is selected.
//!
//! ```text
//! ┌ DETAIL  8 frames from 0x1f8000 ─────── Esc closes ┐
//! │ address             0x1f8000 to 0x1fffff          │
//! │ in use              3 of 8 frames                 │
//! └───────────────────────────────────────────────────┘
//! ```
//! It is drawn whole whenever what it tells has changed.

use super::Extent;
use crate::model::Model;
use crate::model::regions::FRAME_BYTES;
use crate::selection::Selection;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::widgets;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

/// What it tells of some frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    selection: Selection,
    used: usize,
}

/// The panel and what it tells.
#[derive(Clone, Copy, Debug)]
pub struct DetailPanel {
    area: Rectangle,
    told: Option<Told>,
}

impl DetailPanel {
    /// The panel in this place.
    pub fn new(area: Rectangle) -> DetailPanel {
        DetailPanel { area, told: None }
    }

    /// Draws the panel, if it has something else to tell.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        selection: Selection,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let used = match selection {
            Selection::Frames { first, count } => {
                let frames = model.frames.all();
                let end = (first + count).min(frames.len());
                let shown = frames.get(first..end).unwrap_or(&[]);
                shown.iter().filter(|frame| frame.owner().is_some()).count()
            }
            _ => 0,
        };
        let now = Told { selection, used };
        if self.told.replace(now) == Some(now) && extent == Extent::Changed {
            return Ok(());
        }
        widgets::panel(
            surface,
            styles,
            self.area,
            "DETAIL",
            selection,
            "Esc closes",
        )?;
        if let Selection::Frames { first, count } = selection {
            let content = widgets::content(styles, self.area);
            let cells = (content.size.width / styles.unit()) as usize;
            let (start, end) = (
                first as u64 * FRAME_BYTES,
                (first + count) as u64 * FRAME_BYTES - 1,
            );
            let addresses = format_args!("{start:#x} to {end:#x}");
            widgets::labelled_value(
                surface,
                styles,
                content.top_left,
                cells,
                "address",
                addresses,
            )?;
            let at = content.top_left + Point::new(0, styles.line() as i32);
            let in_use = format_args!("{used} of {count}");
            widgets::labelled_value(surface, styles, at, cells, "in use", in_use)?;
        }
        Ok(())
    }
}
