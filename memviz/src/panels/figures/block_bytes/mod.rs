//! The bytes of one heap block: its redzone or poison, the bytes that are wrong, and its life.
//!
//! ```text
//!         +0 +1 … +7   +8 …  +f                 ▲ out-of-bounds write
//! …4f80  [44][4d]…    [00] … [00]  ┐ 100 bytes    expected bb, found 09
//! …4fe0  [00]…[09]    ░bb░ … ░bb░  ┐ 28 bytes     ○ allocated          careless_driver
//! …4ff0  ░bb░ …                    ┘ redzone      ▲ byte 100 written
//! in the heap  [free][K …4f00][D this block][K …]  ● freed              careless_cleanup
//! ```
//! The block is the one that the kernel watches: see
//! [`WatchedBytes`](crate::model::WatchedBytes). If a corruption was reported in this step, the
//! bytes are those that the check found.

mod bytes;
mod content;
mod digits;
mod draw;
mod life;
mod story;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::names::Names;
use content::Content;
use draw::Drawing;
use embedded_graphics::primitives::Rectangle;

/// The panel of the bytes of a block.
pub type BlockBytesFigure = FigurePanel<Content>;

impl Figure for Content {
    const NAME: &'static str = "bytes of a block";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: BYTES OF A BLOCK"),
        Word("+0 … +f", "16 bytes in a row, in hexadecimal"),
        Word(
            "bb, hatched",
            "redzone: unused bytes past the end, all bb while nothing overwrites them",
        ),
        Word(
            "6b, hatched",
            "poison: bytes of a freed block in quarantine",
        ),
        Word("▲", "a byte that differs from its pattern, or a report"),
        Word(
            "The life of…",
            "allocation, writes to the pattern, frees and reports, with call sites",
        ),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Content::new(scene.model, scene.timeline, scene.step)
    }

    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        names: &Names,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let drawing = Drawing {
            styles: scene.styles,
            names,
            model: scene.model,
            step: scene.step,
            content: self,
        };
        drawing.draw(surface, area)
    }
}
