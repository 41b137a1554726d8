//! The walk of one address: bit fields, tables, entries, access rights, and the physical address.
//!
//! ```text
//!            47     39   38     30   29     21   20     12   11      0
//!           [111000000] [000000101] [000000111] [000001001] [0010…0100]
//!            index 448   index 5     index 7     index 9     offset 0x234
//! CR3 ────► PML4 ─────► PDPT ─────► PD ───────► PT ───────► frame
//!           │ [448]  │  │ [5]    │  │ [7]    │  │ [9]    │  │ owner  │
//! all tables together: r w –        physical address 0x1af4 234
//! ```
//! The address is that of the selected page, frame or fault, or else of the last page fault. The
//! bar beside an entry shows all 512 entries of its table to scale. An entry that is not present
//! ends the walk; a large page ends it early.

mod bits;
mod columns;
mod content;
mod draw;
mod drawing;
mod entry;
mod frame;
mod geometry;
mod result;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::names::Names;
use content::{Content, Shown};
use drawing::Drawing;
use embedded_graphics::primitives::Rectangle;

/// The panel of the walk.
pub type WalkFigure = FigurePanel<Shown>;

impl Figure for Shown {
    const NAME: &'static str = "walk of one address";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: WALK OF ONE ADDRESS"),
        Word(
            "47 … 39",
            "bit numbers; below them the bits, and their value",
        ),
        Word(
            "[448]",
            "the entry at this index, and the frame that it points to",
        ),
        Word(
            "P W U NX",
            "bits of the entry: present, writable, user, no-execute",
        ),
        Word("bar", "all 512 entries of the table; bright: present"),
        Word(
            "ring 0 only",
            "U is 0 at this level: ring 3 may not access the page",
        ),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Shown::new(scene.model, scene.step, scene.selection)
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
            step: scene.step,
            content: Content::of(scene.model, self),
        };
        drawing.draw(surface, area)
    }
}
