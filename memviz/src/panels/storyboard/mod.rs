//! A page fault in four boxes: the access, the walk, the decision, the outcome.
//!
//! ```text
//! ┌ FAULT STORY  fault 4,738 at 10.101 s ──────────────────────────────────────── ↑ ↓ in the table ┐
//! │ ┌ 1 ACCESS ──────────┐   ┌ 2 WALK ───────────────┐                                             │
//! │ │ ring 3 writes      │   │ PML4 [ 32]  → 0x1f000 │                                             │
//! │ │ 0x000010000005f000 │ ► │ PDPT [  0]  → 0x20000 │                                             │
//! │ │ P=1 W=1 U=1 …      │   │ PT   [ 95]  not pres. │                                             │
//! │ └────────────────────┘   └───────────────────────┘                                             │
//! │ ┌ 3 DECISION ────────┐   ┌ 4 OUTCOME ────────────┐     in one row if they fit                   │
//! └─────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! The panel shows the selected fault, or else the last one. The walk shows the page tables at the
//! time of the fault: see [`Then`](crate::timeline::then::Then). [`story`] collects the facts,
//! [`boxes`] draws them.

mod boxes;
mod frame;
mod story;
mod words;

pub use story::{Story, Which};
pub use words::{BITS, Touch, meaning};

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::input::keys::Arrow;
use crate::panels::faults::steer;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use frame::Frame;
use mm::units::{Count, Moment};

const TITLE: &str = "Fault story";
/// Text cells of a box, for four in a row.
const BOX: u32 = 34;
/// Text cells between two boxes, for an arrow.
const ARROW: u32 = 3;

/// The panel and the story on the screen.
#[derive(Clone, Copy, Debug)]
pub struct StoryboardPanel {
    area: Rectangle,
    names: Names,
    seen: Option<(u64, u64, Which)>,
    story: Option<Story>,
}

impl Panel for StoryboardPanel {
    const NAME: &'static str = "fault story";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: FAULT STORY"),
        Word("P W U R I", "the bits of the CPU's error code"),
        Word("[ 95]", "index of the entry in its table, 0 to 511"),
        Word(
            "rw ro",
            "writable, read-only; nx: no-execute; cow: copy-on-write",
        ),
        Word(
            "past the…",
            "bytes between the access and the guarded region",
        ),
    ];

    fn new(setup: &Setup<'_>) -> StoryboardPanel {
        let (area, names) = (setup.area, setup.names);
        StoryboardPanel {
            area,
            names,
            seen: None,
            story: None,
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
            timeline,
            ..
        } = *scene;
        let which = Which::new(scene.selection, scene.since);
        let seen = (timeline.cursor(), timeline.end(), which);
        if self.seen.replace(seen) == Some(seen) && extent == Extent::Changed {
            return Ok(());
        }
        let story = Story::of(model, timeline, which);
        if core::mem::replace(&mut self.story, story) == story && extent == Extent::Changed {
            return Ok(());
        }
        let Some(story) = story else {
            let detail = match model.faults.total() {
                0 => "none so far",
                _ => "none in this lesson so far",
            };
            return widgets::panel_anew(surface, styles, self.area, TITLE, detail, "", extent);
        };
        let (number, time) = (Count(story.number + 1), Moment(story.fault.time));
        let detail = format_args!("fault {number} at {time}");
        let note = "↑ ↓ in the table";
        widgets::panel_anew(surface, styles, self.area, TITLE, detail, note, extent)?;
        let content = widgets::content(styles, self.area);
        for (number, area) in places(styles, content).into_iter().enumerate() {
            let mut frame = Frame::new(surface, styles, area);
            match number {
                0 => frame.touch(&story, &self.names)?,
                1 => frame.walk(&story)?,
                2 => frame.decision(&story, self.names)?,
                _ => frame.outcome(&story, &self.names)?,
            }
            if number < 3 {
                arrow(surface, styles, area, content)?;
            }
        }
        Ok(())
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        steer(arrow, &scene.model.faults, scene.selection)
    }
}

/// Draws four boxes in a row, or two by two.
fn places(styles: &Styles, content: Rectangle) -> [Rectangle; 4] {
    let unit = styles.unit();
    let columns = match content.size.width / unit {
        cells if cells >= 4 * BOX + 3 * ARROW => 4,
        _ => 2,
    };
    let rows = 4 / columns;
    let width = (content.size.width - (columns - 1) * ARROW * unit) / columns;
    let gap = unit / 2;
    let height = (content.size.height - (rows - 1) * gap) / rows;
    core::array::from_fn(|number| {
        let (column, row) = (number as u32 % columns, number as u32 / columns);
        let left = column * (width + ARROW * unit);
        let top = row * (height + gap);
        Rectangle::new(
            content.top_left + Size::new(left, top),
            Size::new(width, height),
        )
    })
}

/// Draws the arrow from a box to the next one in its row.
fn arrow<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    content: Rectangle,
) -> Result<(), S::Error> {
    let right = area.top_left.x + area.size.width as i32;
    if right + styles.unit() as i32 > content.top_left.x + content.size.width as i32 {
        return Ok(());
    }
    let at = Point::new(
        right + styles.unit() as i32,
        area.top_left.y + area.size.height as i32 / 2 - styles.unit() as i32,
    );
    styles.accent.draw(surface, Slot::left(at, 1), "→")
}
