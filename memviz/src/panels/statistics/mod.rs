//! Memory in numbers: used frames, refused requests, mapped pages, live processes.
//!
//! A wide panel has [all numbers](table), a narrow one a [summary]. The legend of the frame map
//! shows the owners.

mod curve;
mod summary;
mod table;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use summary::Summary;
use table::Numbers;

/// The minimum text cells of a panel with all numbers.
const WIDE: u32 = 46;

/// The panel and the numbers on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Statistics {
    area: Rectangle,
    content: Content,
}

/// What the panel shows.
#[derive(Clone, Copy, Debug)]
enum Content {
    All(Numbers),
    Summary(Summary),
}

impl Panel for Statistics {
    const NAME: &'static str = "frames";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: FRAMES (4 KiB EACH)"),
        Word("usable", "all frames of the allocator: 100 %"),
        Word("at boot", "reserved before the allocator started"),
        Word("since boot", "allocated and not freed"),
        Word("free", "without an owner"),
        Word("refused", "requests that failed"),
        Word("shared frames", "with more than one reference"),
        Word(
            "guard regions",
            "ranges that are never mapped, to detect overruns",
        ),
        Word("mapped pages", "in all address spaces, of all sizes"),
        Word("of 2 MiB …", "mapped pages of the larger sizes"),
        Word("writable", "pages with write access"),
        Word("executable", "pages with execute access"),
        Word("of ring 3", "pages that ring 3 may access"),
        Word("both W and X", "writable and executable: should be 0"),
    ];

    fn new(setup: &Setup<'_>) -> Statistics {
        let area = setup.area;
        let content = match area.size.width >= WIDE * setup.styles.unit() {
            true => Content::All(Numbers::default()),
            false => Content::Summary(Summary::default()),
        };
        Statistics { area, content }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let changed = changes.panels;
        match &mut self.content {
            Content::Summary(summary) => summary.draw(surface, scene, self.area, extent),
            Content::All(_)
                if extent == Extent::Changed && !(changed.frames || changed.mappings) =>
            {
                Ok(())
            }
            Content::All(numbers) => numbers.draw(surface, scene, self.area, changed, extent),
        }
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}
