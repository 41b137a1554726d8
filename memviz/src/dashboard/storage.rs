//! The buffers of a dashboard, which the caller supplies, and their lengths.

use super::info::DashboardError;
use super::shown::most_cells;
use crate::graphics::styles::Styles;
use crate::graphics::theme::Theme;
use crate::model::samples::{self, Sample};
use crate::model::{ModelNeeds, ModelStorage};
use crate::view::changes::{ChangesNeeds, ChangesStorage};
use crate::view::layout::Layout;
use embedded_graphics::geometry::Size;

/// The buffers of a dashboard. All-zero content is valid. The lengths are those of [`needs`]; that
/// of `matches` follows from the history.
#[expect(missing_docs, reason = "each is described where it is used")]
pub struct DashboardStorage<'m> {
    pub model: ModelStorage<'m>,
    pub changes: ChangesStorage<'m>,
    pub samples: &'m mut [Sample],
    /// A bit for each event of the history, for the search.
    pub matches: &'m mut [u64],
}

/// The number of elements of each buffer of [`DashboardStorage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in DashboardStorage")]
pub struct DashboardNeeds {
    pub model: ModelNeeds,
    pub changes: ChangesNeeds,
    pub samples: usize,
}

/// Returns the lengths for this many frames from address 0, a heap of at most this many bytes, and
/// this screen.
///
/// # Errors
/// [`DashboardError::ScreenTooSmall`].
pub fn needs(
    frames: usize,
    heap_bytes: usize,
    screen: Size,
) -> Result<DashboardNeeds, DashboardError> {
    let styles = |layout: &Layout| Styles::new(Theme::ALL[0], layout.text);
    let cells = most_cells(screen, styles);
    let cells = cells.ok_or(DashboardError::ScreenTooSmall(screen))?;
    // A cell is a frame or more.
    let cells = cells.min(frames);
    Ok(DashboardNeeds {
        model: ModelNeeds::new(frames, heap_bytes),
        changes: ChangesNeeds::new(frames, heap_bytes, cells),
        samples: samples::KEPT,
    })
}
