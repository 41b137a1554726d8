//! The bitmap of the frame allocator bit by bit, and the next frame of both searches.
//!
//! ```text
//!            bit 0            bit 8
//! 0x1000000  [0][0][0][1][0][1][0][1] …      a row is a word of 64 bits
//! 0x1040000  [1][1][1][1] …                  ▔ changed in this step   ▲ the next frame of a search
//! first fit  starts at 0x1000000, skips 3 bits, finds 0x1003000
//! next fit   starts at 0x1040000, after the frame allocated last, …
//! ```

mod content;
mod draw;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::names::Names;
use content::Content;
use draw::Drawing;
use embedded_graphics::primitives::Rectangle;

/// The panel of the bitmap.
pub type BitmapFigure = FigurePanel<Content>;

impl Figure for Content {
    const NAME: &'static str = "bitmap";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: BITMAP"),
        Word("1", "the frame is free"),
        Word("0", "the frame is in use; the colour is its owner"),
        Word("underlined", "the bit changed in this step"),
        Word("1st", "the frame that first fit returns next"),
        Word("next", "the frame that next fit returns next"),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Content::new(scene)
    }

    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &Names,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let drawing = Drawing {
            styles: scene.styles,
            step: scene.step,
            content: self,
        };
        drawing.draw(surface, area)
    }
}
