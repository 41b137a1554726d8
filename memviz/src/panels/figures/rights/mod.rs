//! Mapped pages by their access rights: writable or not, executable or not.
//!
//! ```text
//!                      not executable              executable  741
//! writable 2,138     ╭ r w – ─────────────╮      ╎ r w x               ╎
//!                    │ 2,138  data        │      ╎ 0  none: W^X        ╎
//!                    ╰─▓▓▓▓▓▓▓▓▓▓▓▓▓──────╯
//! not writable       ╭ r – – ─────────────╮      ╭ r – x ─────────────╮
//!                    │ 61  constants      │      │ 741  code          │
//!                    ╰─▓──────────────────╯      ╰─▓▓▓▓───────────────╯
//! ```
//! Each page is in exactly one of the four boxes. The bars are shares of all pages.

mod counts;
mod draw;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::names::Names;
use counts::Rights;
use draw::Drawing;
use embedded_graphics::primitives::Rectangle;

/// The panel of the access rights.
pub type RightsFigure = FigurePanel<Rights>;

impl Figure for Rights {
    const NAME: &'static str = "access rights";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: ACCESS RIGHTS"),
        Word(
            "r w x",
            "the rights of the pages in a box; – is not granted",
        ),
        Word("bar", "the share of all mapped pages"),
        Word(
            "W^X",
            "no page is both writable and executable: what can be changed cannot be run",
        ),
        Word("ring 3", "pages that processes may access"),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Rights::new(&scene.model.mappings, scene.step)
    }

    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &Names,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let styles = scene.styles;
        Drawing {
            styles,
            rights: self,
        }
        .draw(surface, area)
    }
}
