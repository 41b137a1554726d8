//! The memory map to scale: memory in one bar, its small regions enlarged, and far regions behind
//! breaks. The table of the regions and the sum of each kind are below.
//!
//! ```text
//! first 7.1 MiB   [ usable ][.][kernel 6.1 MiB ]
//! memory          [█|      usable 248.6 MiB   |█] // [screen 3.9 MiB] // [reserved 256 KiB]
//! last 308 KiB    [kernel 148 KiB][ ][reserved 128 KiB]
//! ```
//! Each bar is to scale in itself. The breaks say that the boxes after them are not.

mod bars;
mod plan;
mod region;
mod table;

use super::parts;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use bars::Bars;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;
use table::RegionTable;

/// The panel, and what is on the screen.
#[derive(Clone, Debug)]
pub struct MemoryMapPanel {
    area: Rectangle,
    /// What the picture on the screen shows: the selected region, and what changed in the step.
    shown: Option<(Option<usize>, [i64; 6])>,
}

impl Panel for MemoryMapPanel {
    const NAME: &'static str = "memory map to scale";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: MEMORY MAP TO SCALE"),
        Word(
            "first …",
            "the regions before the first large one, enlarged",
        ),
        Word("last …", "the regions after the last large one, enlarged"),
        Word(
            "//",
            "a break in the scale: the regions after it lie far away",
        ),
        Word("hatched", "memory that the kernel must not use"),
    ];

    fn new(setup: &Setup<'_>) -> MemoryMapPanel {
        MemoryMapPanel {
            area: setup.area,
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
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let shown = Some((selected(scene), scene.step.balance()));
        if extent == Extent::Changed && self.shown == shown && !changes.panels.firmware_map {
            return Ok(());
        }
        self.shown = shown;
        let (styles, map) = (scene.styles, &scene.model.firmware_map);
        let count = Count(map.all().len() as u64);
        let title = "The memory map of the firmware";
        let detail = format_args!("{count} regions; each bar is to scale in itself");
        parts::panel(surface, styles, self.area, title, detail, scene.step)?;
        let (bars, table) = self.places(styles, scene);
        bars.draw(surface, styles, map.all(), selected(scene))?;
        table.draw(surface, styles, map, selected(scene))
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        let regions = scene.model.firmware_map.all();
        let (bars, table) = self.places(scene.styles, scene);
        let in_table = || table.number_at(regions.len(), selected(scene), point);
        let number = bars.number_at(regions, point).or_else(in_table)?;
        Some(Selection::FirmwareRegion(number))
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        let last = scene.model.firmware_map.all().len().checked_sub(1)?;
        let next = match (selected(scene), arrow) {
            (None, _) => 0,
            (Some(number), Arrow::Up | Arrow::Left) => number.saturating_sub(1),
            (Some(number), Arrow::Down | Arrow::Right) => number + 1,
        };
        Some(Selection::FirmwareRegion(next.min(last)))
    }
}

impl MemoryMapPanel {
    /// Returns the bars, and the table below them.
    fn places(&self, styles: &Styles, scene: &Scene<'_, '_>) -> (Bars, RegionTable) {
        let regions = scene.model.firmware_map.all();
        let length = |pixels| styles.scale.length(pixels);
        let content = parts::content(styles, self.area);
        let upper = Size::new(content.size.width, content.size.height * 45 / 100);
        let bars = Bars::new(
            styles,
            Rectangle::new(content.top_left, upper),
            length(40),
            regions,
        );
        let top = bars.bottom + length(20) as i32;
        let end = content.top_left.y + content.size.height as i32;
        let below = Size::new(content.size.width, (end - top).max(0) as u32);
        let at = Point::new(content.top_left.x, top);
        (bars, RegionTable::new(styles, Rectangle::new(at, below)))
    }
}

/// The number of the selected region.
fn selected(scene: &Scene<'_, '_>) -> Option<usize> {
    let regions = scene.model.firmware_map.all().len();
    match scene.selection {
        Some(Selection::FirmwareRegion(number)) if number < regions => Some(number),
        _ => None,
    }
}
