//! The list of lessons, which covers everything but the title line. One lesson is marked.
//!
//! ```text
//! Lessons   in the order of the demo                       [↑ ↓] choose  [Enter] start  [Esc] close
//!   1  A busy machine     processes, a page cache and a driver at work        10 steps   0:31
//! ▌ 2  The memory map     which memory the allocators may use                  6 steps   0:39
//! ```

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use crate::view::caption::LessonEntry;
use crate::widgets::badges;
use crate::widgets::shapes::{rectangle, round_box};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The keys of the list.
const KEYS: [(&str, &str); 3] = [("↑ ↓", "choose"), ("Enter", "start"), ("Esc", "close")];

/// Draws the list into the rectangle. `entry` returns each lesson by its number, from 0.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    entry: &dyn Fn(usize) -> Option<LessonEntry>,
    marked: usize,
) -> Result<(), S::Error> {
    surface.fill_solid(&area, styles.theme.panel)?;
    let rows = Rows::of(styles, area);
    draw_title(surface, styles, area, rows.left)?;
    let first = rows.first(marked);
    let names = styles.names(Role::Title, styles.theme.text, styles.theme.panel);
    let all = (0..).map_while(entry);
    let widest = all.map(|lesson| names.width(lesson.title)).max();
    for (row, number) in (0..rows.count).zip(first..) {
        let Some(lesson) = entry(number) else { break };
        let drawing = Row {
            styles,
            area: rows.row(row),
            goal: rows.left + (widest.unwrap_or(0) + styles.scale.length(64)) as i32,
            number,
            is_marked: number == marked,
        };
        drawing.draw(surface, &lesson)?;
    }
    Ok(())
}

/// Draws the title and the keys.
fn draw_title<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    left: i32,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let gap = styles.scale.length(20) as i32;
    let middle = area.top_left.y + styles.scale.length(24) as i32;
    let title = styles.names(Role::Title, theme.text, theme.panel);
    let small = styles.words(Role::Small, theme.dim, theme.panel);
    let top = |height: u32| middle - height as i32 / 2;
    let at = Point::new(left, top(title.face.line_height()));
    let drawn = title.left(surface, at, "Lessons")?;
    let behind = left + drawn.size.width as i32 + gap / 2;
    let drawn = small.left(
        surface,
        Point::new(behind, top(small.face.line_height())),
        "in the order of the demo",
    )?;
    let start = behind + drawn.size.width as i32 + gap;
    let mut x = area.top_left.x + area.size.width as i32 - gap;
    for (key, what) in KEYS.into_iter().rev() {
        x -= badges::key_width(styles, key, what) as i32;
        if x < start {
            break;
        }
        let at = Point::new(x, middle);
        badges::key(surface, styles, at, (key, what), theme.dim, theme.panel)?;
        x -= gap;
    }
    Ok(())
}

/// A row of the list.
struct Row<'s> {
    styles: &'s Styles,
    area: Rectangle,
    /// The left edge of the goals.
    goal: i32,
    number: usize,
    is_marked: bool,
}

impl Row<'_> {
    fn draw<S: Surface>(&self, surface: &mut S, lesson: &LessonEntry) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let length = |pixels| styles.scale.length(pixels);
        let ground = match self.is_marked {
            true => theme.cell,
            false => theme.panel,
        };
        if self.is_marked {
            round_box(surface, self.area, length(4), ground)?;
            let Point { x, y } = self.area.top_left;
            let bar = rectangle(x, y, length(4), self.area.size.height);
            surface.fill_solid(&bar, theme.accent)?;
        }
        let middle = self.area.top_left.y + self.area.size.height as i32 / 2;
        let top = |height: u32| middle - height as i32 / 2;
        let digits = styles.digits(Role::Label, Weight::Regular, theme.dim, ground);
        let cell = digits.font.cell();
        let mut x = self.area.top_left.x + length(12) as i32;
        let slot = |x, cells| Slot::right(Point::new(x, top(cell.height)), cells);
        digits.draw(surface, slot(x, 2), self.number + 1)?;
        x += (2 * cell.width + length(12)) as i32;
        let name = styles.names(Role::Title, theme.text, ground);
        name.left(
            surface,
            Point::new(x, top(name.face.line_height())),
            lesson.title,
        )?;
        let time = Minutes(lesson.seconds);
        let mut end = (self.area.top_left + self.area.size).x - length(12) as i32;
        end -= (5 * cell.width) as i32;
        digits.draw(surface, slot(end, 5), time)?;
        let words = styles.words(Role::Label, theme.dim, ground);
        let line = |x| Point::new(x, top(words.face.line_height()));
        let steps = format_args!("{} steps", lesson.steps);
        end -= length(12) as i32;
        words.right(surface, line(end), steps)?;
        end -= words.width("63 steps") as i32 + length(12) as i32;
        match self.goal + words.width(lesson.goal) as i32 <= end {
            true => words.left(surface, line(self.goal), lesson.goal).map(drop),
            false => Ok(()),
        }
    }
}

/// Seconds as minutes and seconds: `1:05`.
struct Minutes(u16);

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Returns the lesson at a point of the list in this rectangle. `marked` is the marked lesson.
pub fn number_at(styles: &Styles, area: Rectangle, marked: usize, point: Point) -> Option<usize> {
    let rows = Rows::of(styles, area);
    let row = usize::try_from((point.y - rows.top).div_euclid(rows.pitch)).ok()?;
    (row < rows.count && area.contains(point)).then(|| rows.first(marked) + row)
}

/// The rows of the list, in pixels.
struct Rows {
    left: i32,
    width: u32,
    top: i32,
    pitch: i32,
    count: usize,
}

impl Rows {
    fn of(styles: &Styles, area: Rectangle) -> Rows {
        let length = |pixels| styles.scale.length(pixels) as i32;
        let title = styles.names(Role::Title, styles.theme.text, styles.theme.panel);
        let pitch = title.face.line_height() as i32 + length(14);
        let top = area.top_left.y + length(48).max(pitch);
        let end = area.top_left.y + area.size.height as i32 - length(8);
        Rows {
            left: area.top_left.x + length(20),
            width: (area.size.width).saturating_sub(2 * length(20) as u32),
            top,
            pitch,
            count: ((end - top) / pitch).max(1) as usize,
        }
    }

    /// Returns the first lesson that is shown. The marked lesson is always visible.
    fn first(&self, marked: usize) -> usize {
        (marked + 1).saturating_sub(self.count)
    }

    fn row(&self, row: usize) -> Rectangle {
        let at = Point::new(self.left, self.top + row as i32 * self.pitch);
        Rectangle::new(at, Size::new(self.width, self.pitch as u32 - 2))
    }
}
