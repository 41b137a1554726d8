//! The legend beside the cells: an entry below the other.
//!
//! ```text
//! high panel            low panel
//! [K] kernel            [K] kernel        (+12) 1,363
//!     1,363  (+12)      [P] page table             58
//! [P] page table        …
//! ```
//! A change that does not fit beside its number stands beside the name, or is left out.

use super::entries::{LegendEntry, MOST_ENTRIES, entries, note};
use crate::graphics::font::Weight;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot, TextStyle};
use crate::graphics::type_scale::Role;
use crate::graphics::wrap::wrap_fitting;
use crate::panels::frame_map::look;
use crate::panels::memo::Memo;
use crate::panels::panel::Scene;
use crate::view::extent::Extent;
use crate::widgets;
use crate::widgets::badges::{Change, delta, delta_height, delta_width};
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// The longest names.
const NAMES: [&str; 3] = ["page table", "not usable", "references"];
/// Lines below the entries, for the note or for the frames that differ.
const REST: u32 = 1;
/// Numbers on the screen: frames and change of each entry, frames that differ, the note.
const NUMBERS: usize = 2 * MOST_ENTRIES + 2;

/// Returns whether the entries fit into this height.
pub fn fits(styles: &Styles, height: u32) -> bool {
    height / (MOST_ENTRIES as u32 + REST) >= line(styles).max(delta_height(styles))
}

/// Returns the width of a legend in a panel of this height, for this many frames.
pub fn width(styles: &Styles, height: u32, frames: usize) -> u32 {
    let (names, digits) = (names(styles), digits(styles));
    let name = NAMES
        .iter()
        .map(|name| names.width(name))
        .max()
        .unwrap_or(0);
    let number = text::width(Count(frames as u64)) as u32 * digits.font.cell().width;
    let change = gap(styles) + delta_width(styles, "+999");
    indent(styles)
        + match is_double(styles, height) {
            true => name.max(number + change),
            false => name + change + gap(styles) + number,
        }
}

/// Returns whether names and numbers have a line each.
fn is_double(styles: &Styles, height: u32) -> bool {
    let lines = line(styles) + digits(styles).font.cell().height;
    height / (MOST_ENTRIES as u32 + REST) > lines
}

fn names(styles: &Styles) -> LabelStyle {
    styles.words(Role::Body, styles.theme.text, styles.theme.panel)
}

fn digits(styles: &Styles) -> TextStyle {
    styles.digits(
        Role::Small,
        Weight::Regular,
        styles.theme.dim,
        styles.theme.panel,
    )
}

fn line(styles: &Styles) -> u32 {
    names(styles)
        .face
        .line_height()
        .max(styles.text.font.cell().height)
}

/// Pixels from the left edge of the swatch to the name.
fn indent(styles: &Styles) -> u32 {
    3 * styles.unit()
}

fn gap(styles: &Styles) -> u32 {
    styles.scale.length(6)
}

/// The legend and the numbers on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    area: Rectangle,
    memo: Memo<NUMBERS>,
}

impl Beside {
    /// Returns a legend in this rectangle.
    pub fn new(area: Rectangle) -> Beside {
        Beside {
            area,
            memo: Memo::default(),
        }
    }

    /// Draws the legend of a view, or the entries that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let all = extent == Extent::All;
        if all {
            self.memo.forget();
        }
        let Scene {
            styles,
            model,
            mode,
            ..
        } = *scene;
        let entries = entries(model, scene.step, mode, styles.theme);
        for (number, entry) in entries.iter().enumerate() {
            let before = self.memo.replace(2 * number, entry.frames);
            let is_changed = self.memo.is_new(2 * number + 1, entry.delta as u64);
            let place = Place::new(styles, self.area, number as u32);
            let width = |frames| text::width(Count(frames));
            match before {
                Some(before) if before == entry.frames && !is_changed => {}
                Some(before) if width(before) == width(entry.frames) && !is_changed => {
                    place.update_number(surface, styles, before, entry.frames)?;
                }
                _ => place.draw(surface, styles, entry, all)?,
            }
        }
        let (differing, words) = (model.frames.differing(), note(model, mode));
        let is_new = self.memo.is_new(NUMBERS - 2, differing);
        let is_changed = self.memo.is_new(NUMBERS - 1, words.len() as u64);
        if is_new || is_changed {
            let from = Place::new(styles, self.area, entries.len() as u32)
                .area
                .top_left
                .y;
            self.draw_rest(surface, styles, from, differing, words)?;
        }
        Ok(())
    }

    /// Draws the number of frames that differ, if there are any, and the note below it.
    fn draw_rest<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        from: i32,
        differing: u64,
        note: &str,
    ) -> Result<(), S::Error> {
        let Rectangle { top_left, size } = self.area;
        let height = (top_left.y - from)
            .saturating_add_unsigned(size.height)
            .max(0) as u32;
        let rest = rectangle(top_left.x, from, size.width, height);
        let theme = styles.theme;
        surface.fill_solid(&rest, theme.panel)?;
        let names = names(styles);
        let mut top = from;
        if differing > 0 && line(styles) <= height {
            let swatch = Size::new(2 * styles.unit(), styles.text.font.cell().height);
            widgets::hatch(
                surface,
                Rectangle::new(rest.top_left, swatch),
                theme.warning,
                theme.panel,
            )?;
            let at = Point::new(top_left.x.saturating_add_unsigned(indent(styles)), top);
            names.left(surface, at, format_args!("differs {}", Count(differing)))?;
            top += line(styles) as i32;
        }
        let words = styles.words(Role::Axis, theme.dim, theme.panel);
        for text in wrap_fitting(note, |text| words.width(text) <= size.width) {
            let below = top.saturating_add_unsigned(words.face.line_height());
            if below > from.saturating_add_unsigned(height) {
                break;
            }
            words.left(surface, Point::new(top_left.x, top), text)?;
            top = below;
        }
        Ok(())
    }
}

/// The place of an entry.
struct Place {
    area: Rectangle,
    /// Names and numbers have a line each.
    is_double: bool,
}

impl Place {
    fn new(styles: &Styles, area: Rectangle, number: u32) -> Place {
        let Size { width, height } = area.size;
        let pitch = height / (MOST_ENTRIES as u32 + REST);
        Place {
            area: Rectangle::new(
                area.top_left + Size::new(0, number * pitch),
                Size::new(width, pitch),
            ),
            is_double: is_double(styles, height),
        }
    }

    /// Draws the entry over the previous one, with its swatch if nothing is there yet. A change may
    /// reach into the line of the name, so the name is drawn again.
    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        entry: &LegendEntry,
        all: bool,
    ) -> Result<(), S::Error> {
        let Rectangle { top_left, size } = self.area;
        if all {
            self.draw_swatch(surface, styles, entry)?;
        }
        let names = names(styles);
        let indent = indent(styles).min(size.width);
        let words = Size::new(size.width - indent, size.height);
        let words = Rectangle::new(top_left + Size::new(indent, 0), words);
        surface.fill_solid(&words, styles.theme.panel)?;
        let below = (line(styles) - names.face.line_height()) as i32 / 2;
        let at = words.top_left + Point::new(0, below);
        let name = names.left(surface, at, entry.swatch.words)?;
        let name_end = at.x + name.size.width as i32;
        let number = self.draw_number(surface, styles, entry.frames)?;
        match entry.delta {
            0 => Ok(()),
            change => self.draw_change(surface, styles, name_end, number, Change(change)),
        }
    }

    fn draw_swatch<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        entry: &LegendEntry,
    ) -> Result<(), S::Error> {
        let size = Size::new(2 * styles.unit(), styles.text.font.cell().height);
        let below = (line(styles) - size.height) as i32 / 2;
        let at = self.area.top_left + Point::new(0, below);
        widgets::swatch(surface, styles, at, entry.swatch)?;
        if entry.swatch.letter == look::EMPTY {
            // Nearly the colour of the panel.
            widgets::outline(surface, Rectangle::new(at, size), 1, styles.theme.edge)?;
        }
        Ok(())
    }

    /// Draws the digits that changed in a number of the same width.
    fn update_number<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        before: u64,
        frames: u64,
    ) -> Result<(), S::Error> {
        let at = self.number(styles, frames).top_left;
        let slot = Slot::left(at, text::width(Count(frames)));
        digits(styles).update(surface, slot, Some(Count(before)), Count(frames))
    }

    /// Draws the number of frames. Returns its rectangle.
    fn draw_number<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        frames: u64,
    ) -> Result<Rectangle, S::Error> {
        let (area, count) = (self.number(styles, frames), Count(frames));
        let slot = Slot::left(area.top_left, text::width(count));
        digits(styles).draw(surface, slot, count)?;
        Ok(area)
    }

    /// Returns the rectangle of a number of frames.
    fn number(&self, styles: &Styles, frames: u64) -> Rectangle {
        let Rectangle { top_left, size } = self.area;
        let (count, digits) = (Count(frames), digits(styles));
        let left = top_left.x + indent(styles) as i32;
        let (cell, cells) = (digits.font.cell(), text::width(count));
        let size_of_number = Size::new(cells as u32 * cell.width, cell.height);
        let right = top_left.x + size.width as i32;
        let at = match self.is_double {
            true => Point::new(left, top_left.y + line(styles) as i32),
            false => Point::new(
                right - size_of_number.width as i32,
                top_left.y + (line(styles) - cell.height) as i32 / 2,
            ),
        };
        Rectangle::new(at, size_of_number)
    }

    /// Draws the change where it fits. Nothing of it may be outside of the entry: the entry could
    /// not erase it.
    fn draw_change<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        name_end: i32,
        number: Rectangle,
        change: Change,
    ) -> Result<(), S::Error> {
        let Rectangle { top_left, size } = self.area;
        let right = top_left.x + size.width as i32;
        let (wide, gap) = (delta_width(styles, change) as i32, gap(styles) as i32);
        let beside = number.top_left.y + number.size.height as i32 / 2;
        let beside_name = top_left.y + line(styles) as i32 / 2;
        let number_end = number.top_left.x + number.size.width as i32;
        // The name ends before the change, the number before it or after it.
        let (from, middle) = match self.is_double {
            true if number_end + gap + wide <= right => (right - wide, beside),
            true => (right - wide, beside_name),
            false => (number.top_left.x - gap - wide, beside),
        };
        if from < name_end + gap && !(self.is_double && middle == beside) {
            return Ok(());
        }
        let height = delta_height(styles) as i32;
        let top = top_left.y + height / 2;
        let bottom = top_left.y + size.height as i32 - (height - height / 2);
        delta(surface, styles, from, middle.min(bottom).max(top), change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::Theme;
    use crate::graphics::type_scale::TypeScale;

    /// An entry has room for a change at each size of the screen at which the legend is beside the
    /// cells.
    #[test]
    fn a_change_is_as_high_as_its_entry_at_most() {
        for (height, text) in [(600, 12), (800, 16), (1080, 20), (2160, 40)] {
            for projector in [false, true] {
                let scale = TypeScale::new(height, projector);
                let styles = Styles::new(Theme::ALL[0], text).with_scale(scale);
                for legend in (0..height).filter(|&height| fits(&styles, height)) {
                    let area = Rectangle::new(Point::zero(), Size::new(200, legend));
                    let entry = Place::new(&styles, area, 0);
                    assert!(delta_height(&styles) <= entry.area.size.height, "{legend}");
                }
            }
        }
    }
}
