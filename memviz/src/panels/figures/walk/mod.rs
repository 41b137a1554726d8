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

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use content::{Content, Key};
use drawing::Drawing;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

/// The figure and what it shows.
#[derive(Clone, Debug)]
pub struct WalkFigure {
    area: Rectangle,
    names: Names,
    shown: Option<Key>,
}

impl Panel for WalkFigure {
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

    fn new(setup: &Setup<'_>) -> WalkFigure {
        WalkFigure {
            area: setup.area,
            names: setup.names,
            shown: None,
        }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let key = Key::of(scene.model, scene.step, scene.selection);
        if extent == Extent::Changed && self.shown == Some(key) {
            return Ok(());
        }
        self.shown = Some(key);
        let drawing = Drawing {
            styles: scene.styles,
            names: &self.names,
            step: scene.step,
            content: Content::of(scene.model, &key),
        };
        drawing.draw(surface, self.area)
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}
