//! The legend of the frame map: the colours, the number of frames of each, and its change in this
//! step.
//!
//! ```text
//! beside the cells           below them, in a narrow panel
//! [K] kernel                 [K] kernel        368   [P] page table     45
//!     368       (+12)        [S] stack         128   [H] heap        1,024
//! [P] page table             …
//! ```
//! [`beside`] has the changes; [`below`] has no room for them.

mod below;
mod beside;
mod entries;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::panels::panel::Scene;
use crate::view::extent::Extent;
use below::Below;
use beside::Beside;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

pub use below::lines;
pub use beside::width;

/// The legend and what is on the screen.
#[derive(Clone, Copy, Debug)]
pub enum Legend {
    /// Below the cells.
    Below(Below),
    /// Beside the cells.
    Beside(Beside),
}

impl Legend {
    /// Returns a legend below the cells, in this rectangle.
    pub fn below(area: Rectangle) -> Legend {
        Legend::Below(Below::new(area))
    }

    /// Returns a legend beside the cells, in this rectangle.
    pub fn beside(area: Rectangle) -> Legend {
        Legend::Beside(Beside::new(area))
    }

    /// Draws the legend of a view, or the numbers that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        match self {
            Legend::Below(legend) => legend.draw(surface, scene, extent),
            Legend::Beside(legend) => legend.draw(surface, scene, extent),
        }
    }
}

/// Returns whether a legend of this many pixels beside the cells leaves most of a panel to them.
pub fn fits_beside(styles: &Styles, content: Size, width: u32) -> bool {
    content.width >= 96 * styles.unit()
        && 4 * width <= content.width
        && beside::fits(styles, content.height)
}
