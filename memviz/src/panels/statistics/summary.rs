//! The number of frames in use, its curve, and four counts with their changes in this step.
//!
//! ```text
//! ┌ Frames in use               27,602 ┐
//! │ ▁▁▁▂▃▃▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅ │
//! │ processes                   (+2) 4 │
//! │ …                                  │
//! └────────────────────────────────────┘
//! ```

use super::curve::Curve;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot};
use crate::graphics::type_scale::Role;
use crate::panels::memo::Memo;
use crate::panels::panel::Scene;
use crate::view::extent::Extent;
use crate::widgets;
use crate::widgets::badges::{Change, delta, delta_width};
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// The counts below the curve.
const COUNTS: usize = 4;
/// Numbers on the screen: the frames in use, each count and its change.
const NUMBERS: usize = 1 + 2 * COUNTS;
/// The title, and a shorter one.
const TITLES: [&str; 2] = ["Frames in use", "In use"];

/// What is on the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    memo: Memo<NUMBERS>,
    curve: Curve,
}

/// A count: its name, a shorter name, its value, and its change in this step.
struct Counted {
    names: [&'static str; 2],
    value: u64,
    delta: i64,
}

impl Summary {
    /// Draws everything, or what changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        area: Rectangle,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let styles = scene.styles;
        let used = scene.model.frames.used();
        let all = extent == Extent::All;
        if all {
            *self = Summary::default();
            let room = area
                .size
                .width
                .saturating_sub(number_slot(scene, area).1 + 3 * styles.unit());
            let fits = |title: &&&str| {
                let end = widgets::title_end(styles, area, title) - area.top_left.x;
                end as u32 <= room
            };
            let title = TITLES.iter().find(fits).unwrap_or(&TITLES[1]);
            widgets::panel(surface, styles, area, title, "", "")?;
        }
        if self.memo.is_new(0, used) {
            let (slot, _) = number_slot(scene, area);
            let theme = styles.theme;
            let style = styles.digits(Role::Title, Weight::Bold, theme.text, theme.panel);
            style.draw(surface, slot, Count(used))?;
        }
        let content = widgets::content(styles, area);
        let below = COUNTS as u32 * styles.line();
        let height = content
            .size
            .height
            .saturating_sub(below + styles.unit() / 2);
        let curve = Rectangle::new(content.top_left, Size::new(content.size.width, height));
        self.curve.draw(surface, scene, curve, extent)?;
        let top = content.size.height.saturating_sub(below);
        for (number, counted) in counted(scene).iter().enumerate() {
            let (value, change) = (1 + 2 * number, 2 + 2 * number);
            let is_new = self.memo.is_new(value, counted.value);
            if self.memo.is_new(change, counted.delta as u64) || is_new {
                let below = top + number as u32 * styles.line();
                let at = content.top_left + Size::new(0, below);
                let row = Rectangle::new(at, Size::new(content.size.width, styles.line()));
                draw_row(surface, styles, row, counted, all)?;
            }
        }
        Ok(())
    }
}

/// Returns the slot of the number in the title line, and its width.
fn number_slot(scene: &Scene<'_, '_>, area: Rectangle) -> (Slot, u32) {
    let (styles, theme) = (scene.styles, scene.styles.theme);
    let style = styles.digits(Role::Title, Weight::Bold, theme.text, theme.panel);
    let cell = style.font.cell();
    let cells = text::width(Count(scene.model.frames.len() as u64));
    let width = cells as u32 * cell.width;
    let right = area.top_left.x + (area.size.width - styles.unit()) as i32;
    let top = widgets::line_middle(styles, area) - cell.height as i32 / 2;
    (
        Slot::right(Point::new(right - width as i32, top), cells),
        width,
    )
}

/// Returns the counts. While a question stands, their changes could give its answer away.
fn counted(scene: &Scene<'_, '_>) -> [Counted; COUNTS] {
    let (model, step) = (scene.model, scene.step);
    let count = |names, value, delta| Counted {
        names,
        value,
        delta: if step.is_question { 0 } else { delta },
    };
    let both = model.mappings.writable_executable;
    [
        count(["processes"; 2], model.processes.live(), step.processes),
        count(["shared frames", "shared"], model.frames.shared(), 0),
        count(
            ["mapped pages", "mapped"],
            model.mappings.total(),
            step.pages,
        ),
        count(["writable and executable", "both W and X"], both, 0),
    ]
}

/// Draws a count and its change over the previous ones, with its name if nothing is there yet.
fn draw_row<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    row: Rectangle,
    counted: &Counted,
    all: bool,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let names = styles.words(Role::Small, theme.dim, theme.panel);
    let digits = styles.digits(Role::Small, Weight::Regular, theme.text, theme.panel);
    let cell = digits.font.cell();
    let gap = styles.scale.length(8) as i32;
    let Point { x: left, y: top } = row.top_left;
    let (width, height) = (row.size.width as i32, row.size.height as i32);
    // Room for a count of five digits.
    let room = row.size.width.saturating_sub(6 * cell.width);
    let [long, short] = counted.names;
    let name = if names.width(long) <= room {
        long
    } else {
        short
    };
    if all {
        let at = Point::new(left, top + (height - names.face.line_height() as i32) / 2);
        names.left(surface, at, name)?;
    }
    let begin = left + names.width(name) as i32;
    let rest = (left + width - begin).max(0) as u32;
    surface.fill_solid(&rectangle(begin, top, rest, row.size.height), theme.panel)?;
    let value = Count(counted.value);
    let cells = text::width(value);
    let number = left + width - (cells as u32 * cell.width) as i32;
    let at = Point::new(number, top + (height - cell.height as i32) / 2);
    digits.draw(surface, Slot::left(at, cells), value)?;
    let change = Change(counted.delta);
    let from = number - gap - delta_width(styles, change) as i32;
    match counted.delta != 0 && from >= begin + gap / 2 {
        true => delta(surface, styles, from, top + height / 2, change),
        false => Ok(()),
    }
}
