//! The page walk of an address: of the selected page or fault, or else of the last page fault in an
//! existing address space.
//!
//! ```text
//! ┌ PAGE WALK  last fault ───────────────────────────────────────────────────────────────────────────────┐
//! │ 0x00007fffefffff88  process 3, stack                                → 0x1f8f88, by a page of 4 KiB   │
//! │ 47 011111111 39     38 111111111 30     29 101111111 21     20 111111111 12     11 111110001000 0    │
//! │ ┌ PML4 ───── 255 ┐  ┌ PDPT ───── 511 ┐  ┌ PD ─────── 383 ┐  ┌ PT ─────── 511 ┐  ┌ page ─────── 4 KiB ┐ │
//! │ │ at 0x1a3000    │ →│ at 0x1a4000    │ →│ at 0x1a5000    │ →│ at 0x1a6000    │ →│ at 0x1f8000        │ │
//! │ │ writable       │  │ writable       │  │ writable       │  │ writable       │  │ writable, user     │ │
//! │ └────────────────┘  └────────────────┘  └────────────────┘  └────────────────┘  └────────────────────┘ │
//! └──────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! A narrow panel has a row for each level instead of a box: see [`rows`]. An entry that is not
//! present ends the walk. A large page ends the walk early: the remaining bits are part of its
//! offset.

mod boxes;
mod rows;
mod translation;
mod words;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::model::Model;
use crate::model::walk::Walk;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::widgets;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use translation::Translation;

pub use translation::address_of;

const TITLE: &str = "Page walk";
/// Text cells of the detail in the title.
const DETAIL: usize = 17;
/// The minimum text cells of a row of boxes.
const BOXES: usize = 5 * 19;

/// The panel and the walk on the screen.
#[derive(Clone, Copy, Debug)]
pub struct WalkPanel {
    area: Rectangle,
    names: Names,
    translation: Option<Translation>,
}

impl Panel for WalkPanel {
    const NAME: &'static str = "page walk";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: PAGE WALK"),
        Word("47 … 39", "bit numbers of the address; then the bits"),
        Word("PML4  64", "a table, and the index of its entry, 0 to 511"),
        Word("at 0x…", "physical address of the table or page"),
        Word(
            "present …",
            "access rights of the entry; a page has the rights that every level grants",
        ),
        Word("combining", "write-combining: the CPU merges writes"),
        Word("→ 0x…", "physical address of the access"),
    ];

    fn new(setup: &Setup<'_>) -> WalkPanel {
        let (area, names) = (setup.area, setup.names);
        let translation = None;
        WalkPanel {
            area,
            names,
            translation,
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
        let Scene {
            styles,
            model,
            selection,
            ..
        } = *scene;
        let translation = Translation::of(model, selection);
        if extent == Extent::All {
            let note = widgets::note_beside(styles, self.area, TITLE, DETAIL, "bits, tables, page");
            widgets::panel(surface, styles, self.area, TITLE, "", note)?;
        } else if translation == self.translation {
            return Ok(());
        }
        self.translation = translation;
        let source = translation.map_or("", |translation| translation.source.words());
        let slot = widgets::detail_slot(styles, self.area, TITLE, DETAIL);
        styles.dim.draw(surface, slot, source)?;
        let content = widgets::content(styles, self.area);
        if extent == Extent::Changed {
            surface.fill_solid(&content, styles.theme.panel)?;
        }
        let Some(translation) = translation else {
            let cells = (content.size.width / styles.unit()) as usize;
            let slot = crate::graphics::text::Slot::left(content.top_left, cells);
            let nothing = "select a page or a frame, or wait for a fault";
            return styles.dim.draw(surface, slot, nothing);
        };
        let cells = (content.size.width / styles.unit()) as usize;
        let names = &self.names;
        match cells >= BOXES {
            true => boxes::draw(surface, styles, content, &translation, names),
            false => rows::draw(surface, styles, content, &translation, names),
        }
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}

impl WalkPanel {
    /// Returns the walk on the screen.
    pub fn walk(model: &Model, selection: Option<Selection>) -> Option<Walk> {
        Translation::of(model, selection).map(|translation| translation.walk)
    }
}
