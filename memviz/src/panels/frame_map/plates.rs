//! Plates: names on the large areas of one owner.
//!
//! ```text
//! ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓   an area: successive rows in which most of some samples are the
//! ▓▓ cache  58.8 MiB ▓▓▓▓▓▓▓   owner's, high enough for a plate;
//! ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓   the size is that of all frames of the owner, as in the legend
//! ```
//! Plates follow from the cells, so they are the same after any sequence of changes. A plate covers
//! cells; before it moves, the cells below it are marked to be drawn.

use super::grid::Grid;
use super::look;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::{Model, OWNERS};
use crate::view::dirty::DirtySet;
use crate::view::map::{Cell, Cells};
use crate::view::map_mode::MapMode;
use crate::widgets::shapes::round_box;
use core::fmt;
use core::ops::Range;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::tag::Tag;
use mm::units::Bytes;

/// The cells of a row that are looked at.
const SAMPLES: usize = 8;
/// The samples of a row that must be of one owner.
const MAJORITY: usize = 5;
/// The contents that can have a plate: the owners, and free frames.
const CONTENTS: usize = OWNERS + 1;
/// The rows whose contents are kept: more than fit on any screen.
const ROWS: usize = 512;
/// The number of free frames among them.
const FREE: usize = OWNERS;

/// A name on an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plate {
    words: PlateWords,
    area: Rectangle,
}

/// The plates on the screen, by content.
#[derive(Clone, Copy, Debug)]
pub struct Plates {
    /// The content of most samples of each row. Only rows with changed cells are read again.
    rows: [Option<u8>; ROWS],
    shown: [Option<Plate>; CONTENTS],
    /// What to draw of each plate.
    due: [Due; CONTENTS],
}

/// What to draw of a plate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Due {
    #[default]
    Nothing,
    /// The size, which is as wide as the one on the screen.
    Size,
    All,
}

impl Default for Plates {
    fn default() -> Plates {
        Plates {
            rows: [None; ROWS],
            shown: [None; CONTENTS],
            due: [Due::Nothing; CONTENTS],
        }
    }
}

impl Plates {
    /// Finds the plates of these cells. Marks the cells below a plate that moves, and remembers
    /// which plates must be drawn.
    pub fn follow(
        &mut self,
        styles: &Styles,
        grid: &Grid,
        model: &Model,
        cells: &mut Cells,
        mode: MapMode,
        all: bool,
    ) {
        let columns = grid.columns;
        for (row, content) in self.rows[..grid.rows.min(ROWS)].iter_mut().enumerate() {
            if all || cells.dirty.contains_any(row * columns..(row + 1) * columns) {
                let found = content_of_row(grid, cells.all(), mode, row);
                *content = found.map(|content| content as u8);
            }
        }
        let rows = areas(&self.rows[..grid.rows.min(ROWS)]);
        for (content, rows) in rows.into_iter().enumerate() {
            let words = PlateWords::new(styles, model, mode, content);
            let now = rows.and_then(|rows| Plate::over(styles, grid, rows, words));
            let before = core::mem::replace(&mut self.shown[content], now).filter(|_| !all);
            let area = |plate: Option<Plate>| plate.map(|plate| plate.area);
            if let Some(before) = before.filter(|_| area(before) != area(now)) {
                for cells_of_row in grid.below(before.area) {
                    cells_of_row.for_each(|cell| cells.dirty.insert(cell));
                }
            }
            let same_name = |plate: Option<Plate>| plate.map(|plate| plate.words.name);
            self.due[content] = match before == now {
                _ if all => Due::All,
                true => Due::Nothing,
                false if area(before) == area(now) && same_name(before) == same_name(now) => {
                    Due::Size
                }
                false => Due::All,
            };
        }
    }

    /// Finds the plates over `dirty` cells: they are drawn again after these cells.
    pub fn find_covered(&mut self, grid: &Grid, dirty: &DirtySet) {
        for (plate, due) in self.shown.iter().zip(&mut self.due) {
            let Some(plate) = plate.filter(|_| *due != Due::All) else {
                continue;
            };
            if grid
                .below(plate.area)
                .any(|cells| dirty.contains_any(cells))
            {
                *due = Due::All;
            }
        }
    }

    /// Draws the plates that are due, over their cells.
    pub fn draw<S: Surface>(&mut self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        let due = core::mem::take(&mut self.due);
        let due = self.shown.iter().zip(due);
        due.filter_map(|(plate, due)| plate.map(|plate| (plate, due)))
            .try_for_each(|(plate, due)| plate.draw(surface, styles, due))
    }
}

impl Plate {
    /// Returns the plate over an area of these rows, if the area is high enough.
    fn over(styles: &Styles, grid: &Grid, rows: Range<usize>, words: PlateWords) -> Option<Plate> {
        let (name, size) = styles_of(styles);
        let padding = styles.scale.length(8);
        let gap = size.width("  ");
        let height = name.face.line_height() + padding / 2;
        let width = name.width(words.name) + gap + size.width(words) + 2 * padding;
        let (top, end) = (grid.top(rows.start), grid.top(rows.end));
        let left = styles.scale.length(40);
        if 4 * height > 3 * (end - top) || left + width > grid.area.size.width {
            return None;
        }
        // In the middle, in steps: a plate stays where it is while its area grows a little.
        let step = height / 2;
        let middle = (top + end - height) / 2 / step * step;
        let at = grid.area.top_left + Size::new(left, middle.clamp(top, end - height));
        let area = Rectangle::new(at, Size::new(width, height));
        Some(Plate { words, area })
    }

    fn draw<S: Surface>(&self, surface: &mut S, styles: &Styles, due: Due) -> Result<(), S::Error> {
        let (name, size) = styles_of(styles);
        let padding = styles.scale.length(8);
        let at = self.area.top_left + Size::new(padding, padding / 4);
        match due {
            Due::Nothing => return Ok(()),
            Due::Size => {}
            Due::All => {
                let radius = styles.scale.length(4);
                round_box(surface, self.area, radius, styles.theme.panel)?;
                name.left(surface, at, self.words.name)?;
            }
        }
        let width = name.width(self.words.name) + size.width("  ");
        let at = at + Size::new(width, 0);
        size.left(surface, at, self.words)?;
        Ok(())
    }
}

fn styles_of(styles: &Styles) -> (LabelStyle, LabelStyle) {
    let theme = styles.theme;
    (
        styles.names(Role::Body, theme.text, theme.panel),
        styles.words(Role::Body, theme.dim, theme.panel),
    )
}

/// The words on a plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PlateWords {
    name: &'static str,
    frames: u64,
    /// What the frames are for, where the name does not say it.
    meaning: &'static str,
}

/// The owners whose names need words beside them.
const MEANINGS: [(Tag, &str); 2] = [
    (Tag::MEMVIZ, ", this dashboard"),
    (Tag::CACHE, ", freed on demand"),
];

impl PlateWords {
    fn new(styles: &Styles, model: &Model, mode: MapMode, content: usize) -> PlateWords {
        let (theme, frames) = (styles.theme, &model.frames);
        let (swatch, frames) = match (content, mode) {
            (FREE, _) => (look::empty(mode, theme), model.free_frames()),
            (owner, MapMode::Tags) => (theme.owner(owner), frames.by_owner(owner)),
            _ => (look::used(theme), frames.used()),
        };
        let is_this = |(tag, _): &&(Tag, &str)| tag.owners().trailing_zeros() as usize == content;
        let meaning = match mode {
            MapMode::Tags => MEANINGS.iter().find(is_this).map_or("", |found| found.1),
            _ => "",
        };
        PlateWords {
            name: swatch.words,
            frames,
            meaning,
        }
    }
}

impl fmt::Display for PlateWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Bytes(self.frames * FRAME_BYTES).fmt(f)?;
        f.write_str(self.meaning)
    }
}

/// Returns the highest area of each content.
fn areas(rows: &[Option<u8>]) -> [Option<Range<usize>>; CONTENTS] {
    let mut highest = [const { None }; CONTENTS];
    let (mut start, mut before) = (0, None);
    for (row, &now) in rows.iter().chain([&None]).enumerate() {
        if now == before {
            continue;
        }
        if let Some(content) = before {
            let area: &mut Option<Range<usize>> = &mut highest[usize::from(content)];
            if area.as_ref().is_none_or(|area| area.len() < row - start) {
                *area = Some(start..row);
            }
        }
        (start, before) = (row, now);
    }
    highest
}

/// Returns the content of most samples of a row.
fn content_of_row(grid: &Grid, cells: &[Cell], mode: MapMode, row: usize) -> Option<usize> {
    let mut counts = [0; CONTENTS];
    for sample in 0..SAMPLES {
        let column = (2 * sample + 1) * grid.columns / (2 * SAMPLES);
        let cell = cells.get(row * grid.columns + column);
        if let Some(content) = cell.and_then(|cell| content_of(cell, mode)) {
            counts[content] += 1;
        }
    }
    counts.iter().position(|&count| count >= MAJORITY)
}

/// What a cell shows, if that can have a plate.
fn content_of(cell: &Cell, mode: MapMode) -> Option<usize> {
    match mode {
        MapMode::Heat | MapMode::References => None,
        _ if cell.usable() == 0 => None,
        _ if cell.used == 0 => Some(FREE),
        MapMode::State => Some(0),
        MapMode::Tags => cell.main_owner(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_several_areas_has_the_plate() {
        let (a, b) = (Some(0), Some(8));
        let rows = [a, a, b, None, a, a, a, b, b];
        let areas = areas(&rows);
        assert_eq!(
            (areas[0].clone(), areas[8].clone()),
            (Some(4..7), Some(7..9))
        );
        assert_eq!(areas[1], None);
    }
}
