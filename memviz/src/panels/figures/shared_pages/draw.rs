//! Draws the two spaces and the frames between them.

use super::rows::{Page, Row, Shared};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::view::selection::Selection;
use crate::view::step::StepChanges;
use crate::widgets::badges;
use crate::widgets::shapes::{
    self, ArrowStyle, down_arrow, edged_box, level_arrow, rectangle, round_box,
};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::paging::Access;
use mm::units::Count;

/// The three columns and the rows of the figure.
struct Places {
    content: Rectangle,
    /// The left edge and the width of each column.
    columns: [(i32, u32); 3],
    /// The middle of the first row, and the distance from one row to the next.
    first: i32,
    pitch: i32,
    /// The height of a box.
    height: u32,
}

impl Places {
    fn new(styles: &Styles, shared: &Shared, content: Rectangle) -> Places {
        let wide = content.size.width;
        let (side, frame) = (wide * 27 / 100, wide * 24 / 100);
        let left = content.top_left.x;
        let head = styles.scale.length(38);
        let most = styles.scale.length(46);
        let rows = shared.rows.len().max(1) as u32;
        let foot = u32::from(shared.hidden > 0) * styles.scale.length(20);
        let pitch = (content.size.height.saturating_sub(head + foot) / rows).min(most);
        Places {
            content,
            columns: [
                (left, side),
                (left + ((wide - frame) / 2) as i32, frame),
                (left + (wide - side) as i32, side),
            ],
            first: content.top_left.y + (head + pitch / 2) as i32,
            pitch: pitch as i32,
            height: pitch.saturating_sub(styles.scale.length(8)).max(8),
        }
    }

    /// The middle of a row.
    fn middle(&self, row: usize) -> i32 {
        self.first + row as i32 * self.pitch
    }

    /// The box of a row in a column.
    fn area(&self, column: usize, row: usize) -> Rectangle {
        let (left, width) = self.columns[column];
        let top = self.middle(row) - self.height as i32 / 2;
        rectangle(left, top, width, self.height)
    }
}

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub shared: &'d Shared,
    pub step: &'d StepChanges,
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, shared) = (self.styles, self.shared);
        let count = Count(shared.pages as u64);
        let (title, subtitle) = match shared.spaces {
            [_, Some(_)] => ("Two address spaces, one set of frames", "region of"),
            _ => ("An address space and its frames", "region of"),
        };
        let noun = if shared.pages == 1 { "page" } else { "pages" };
        let subtitle = format_args!("{subtitle} {count} {noun}");
        let content = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        if shared.rows.is_empty() {
            let style = styles.words(Role::Body, styles.theme.dim, styles.theme.panel);
            let nothing = match shared.spaces[0] {
                Some(_) => "No page of this region has a frame yet.",
                None => "Nothing selected: select a page, or wait for a fault of a process.",
            };
            style.left(surface, content.top_left, nothing)?;
            return Ok(());
        }
        let places = Places::new(styles, shared, content);
        self.draw_heads(surface, &places)?;
        for (at, row) in shared.rows.iter().enumerate() {
            self.draw_row(surface, &places, at, row)?;
        }
        self.draw_copies(surface, &places)?;
        if shared.hidden > 0 {
            let style = styles.words(Role::Small, styles.theme.dim, styles.theme.panel);
            let end = places.middle(shared.rows.len()) - places.pitch / 4;
            let words = format_args!("{} more pages", Count(shared.hidden as u64));
            style.left(surface, Point::new(content.top_left.x, end), words)?;
        }
        Ok(())
    }

    /// Draws the heads of the columns.
    fn draw_heads<S: Surface>(&self, surface: &mut S, places: &Places) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let bold = styles.names(Role::Title, theme.text, theme.panel);
        let dim = styles.words(Role::Small, theme.dim, theme.panel);
        let top = places.content.top_left.y;
        let behind = styles.scale.length(8);
        let lower = (bold.face.baseline() - dim.face.baseline()) as i32;
        let head = |surface: &mut S, column: usize, name: &str, more: &str| {
            let (left, width) = places.columns[column];
            let drawn = bold.left(surface, Point::new(left, top), name)?;
            let rest = width.saturating_sub(drawn.size.width + behind);
            if dim.width(more) <= rest {
                let at = drawn.top_left + Size::new(drawn.size.width + behind, 0);
                dim.left(surface, at + Point::new(0, lower), more)?;
            }
            Ok(())
        };
        let [left, right] = self.shared.spaces;
        let running = |space: u32| self.shared.running == space;
        let has_both = right.is_some();
        for (column, space) in [(0, left), (2, right)] {
            let Some(space) = space else {
                continue;
            };
            let mut name = heapless::String::<32>::new();
            // A number of a process has at most ten digits.
            let _ = core::fmt::write(&mut name, format_args!("Process {space}"));
            let more = match (column, has_both, running(space)) {
                (0, true, true) => "parent, ran last",
                (0, true, false) => "parent",
                (2, _, true) => "child, ran last",
                (2, _, false) => "child",
                _ => "",
            };
            head(surface, column, &name, more)?;
        }
        head(surface, 1, "Physical frames", "references")
    }

    fn draw_row<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        at: usize,
        row: &Row,
    ) -> Result<(), S::Error> {
        self.draw_frame(surface, places.area(1, at), row)?;
        let [left, right] = self.shared.spaces;
        for (column, space, page) in [(0, left, row.left), (2, right, row.right)] {
            let (Some(space), Some(page)) = (space, page) else {
                continue;
            };
            let is_selected = self.shared.selected == Some((space, row.address));
            let area = places.area(column, at);
            self.draw_page(surface, area, row, page, is_selected && !page.is_past)?;
            self.draw_arrow(surface, places, at, column, page)?;
        }
        Ok(())
    }

    /// Draws a page of a space.
    fn draw_page<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        row: &Row,
        page: Page,
        is_selected: bool,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let scale = &styles.scale;
        let (name, ground) = match page.is_past {
            true => (
                styles.words(Role::Body, theme.dim, theme.panel),
                theme.panel,
            ),
            false => (styles.names(Role::Body, theme.text, theme.cell), theme.cell),
        };
        match page.is_past {
            true => shapes::dashed_box(surface, area, scale.length(4), theme.rule)?,
            false => edged_box(surface, area, scale.length(4), 1, theme.edge, ground)?,
        }
        let padding = scale.length(10) as i32;
        let middle = area.top_left.y + area.size.height as i32 / 2;
        let line = name.face.line_height() as i32;
        let at = Point::new(area.top_left.x + padding, middle - line / 2);
        let drawn = name.left(surface, at, format_args!("page {}", row.page))?;
        let mut x = at.x + drawn.size.width as i32 + padding;
        let rights = badges::rights_width(styles) as i32;
        let mut end = area.top_left.x + area.size.width as i32 - padding - rights;
        let is_granted = page.is_changed && !page.is_past && page.access.contains(Access::WRITE);
        let writable = badges::rights(surface, styles, end, middle, page.access, ground)?;
        if is_granted && !self.shared.is_question {
            shapes::ring(surface, writable, 0, 2, theme.accent)?;
        }
        let small = styles.words(Role::Axis, theme.dim, ground);
        let is_cow = page.access.contains(Access::COPY_ON_WRITE) || page.is_past;
        let address = styles.digits(Role::Small, Weight::Regular, theme.dim, ground);
        let cells = width(format_args!("{:#x}", row.address));
        let wide = cells as i32 * address.font.cell().width as i32;
        let cow = small.width("cow") as i32 + padding;
        end -= padding / 2;
        if x + wide < end {
            let top = middle - address.font.cell().height as i32 / 2;
            let slot = Slot::left(Point::new(x, top), cells);
            address.draw(surface, slot, format_args!("{:#x}", row.address))?;
            x += wide + padding / 2;
        }
        if is_cow && x + cow + padding / 2 < end {
            let line = small.face.line_height();
            let pill = rectangle(end - cow, middle - line as i32 / 2, cow as u32, line);
            shapes::dashed_box(surface, pill, 2, theme.rule)?;
            let at = pill.top_left + Size::new(padding as u32 / 2, 0);
            small.left(surface, at, "cow")?;
        }
        if is_selected {
            self.select(surface, area)?;
        }
        Ok(())
    }

    /// Draws the ring around the selected page. While a question stands it is dashed.
    fn select<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let accent = self.styles.theme.accent;
        match self.shared.is_question {
            true => {
                let around = shapes::grown(area, 4);
                shapes::dashed_box(surface, around, 6, accent)?;
                shapes::dashed_box(surface, shapes::shrunk(around, 1), 6, accent)
            }
            false => shapes::ring(surface, area, 2, 2, accent),
        }
    }

    /// Draws a frame: its owner, its address and its reference count.
    fn draw_frame<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        row: &Row,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let (scale, frame) = (&styles.scale, &row.frame);
        let owner = theme.tag(frame.tag);
        let middle = area.top_left.y + area.size.height as i32 / 2;
        let is_free = frame.references == 0;
        let (edge, fill) = match is_free {
            true => (theme.edge, theme.panel),
            false => (owner.color, theme.tint(owner.color)),
        };
        edged_box(surface, area, scale.length(4), 1, edge, fill)?;
        let field = Rectangle::new(area.top_left, Size::new(scale.length(28), area.size.height));
        if !is_free {
            round_box(surface, field, scale.length(4), owner.color)?;
            let letter = styles.digits(
                Role::Body,
                Weight::Bold,
                theme.ink_on(owner.color),
                owner.color,
            );
            let cell = letter.font.cell();
            let at = field.top_left + (field.size.saturating_sub(cell)) / 2;
            letter.draw(surface, Slot::left(at, 1), owner.letter)?;
        }
        let radius = scale.length(12) as i32;
        let centre = Point::new(
            area.top_left.x + area.size.width as i32 - radius - scale.length(8) as i32,
            middle,
        );
        let digits = styles.digits(Role::Title, Weight::Regular, theme.text, fill);
        let words = format_args!("{:#x}", frame.frame);
        let cell = digits.font.cell();
        let at = Point::new(
            field.top_left.x + (field.size.width + scale.length(10)) as i32,
            middle - cell.height as i32 / 2,
        );
        digits.draw(surface, Slot::left(at, width(words)), words)?;
        let accent = styles.digits(Role::Small, Weight::Bold, theme.accent, fill);
        if is_free {
            let small = styles.words(Role::Small, theme.dim, fill);
            let line = small.face.line_height() as i32;
            small.right(surface, centre + Point::new(radius, -line / 2), "free")?;
        } else {
            badges::references(surface, styles, centre, frame.references.into())?;
        }
        if let Some(before) = frame.before.filter(|_| !is_free) {
            let cell = accent.font.cell();
            let words = format_args!("{before} →");
            let cells = width(words);
            let wide = (cells as u32 * cell.width) as i32;
            let at = centre - Point::new(radius + wide + 4, cell.height as i32 / 2);
            accent.draw(surface, Slot::left(at, cells), words)?;
        }
        if frame.is_copy {
            shapes::ring(surface, area, 2, 2, theme.accent)?;
        }
        Ok(())
    }

    /// Draws the arrow from a page to its frame.
    fn draw_arrow<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        at: usize,
        column: usize,
        page: Page,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let scale = &self.styles.scale;
        let is_new = page.is_changed && !page.is_past;
        let style = ArrowStyle {
            color: if is_new { theme.accent } else { theme.rule },
            thickness: if is_new { 2 } else { 1 },
            head: scale.length(9),
            dashed: page.is_past,
        };
        let (left, width) = places.columns[column];
        let (frame, frame_width) = places.columns[1];
        let gap = 6;
        let (from, to) = match column {
            0 => (left + width as i32 + gap, frame - gap),
            _ => (left - gap, frame + frame_width as i32 + gap),
        };
        level_arrow(surface, from, to, places.middle(at), style)?;
        if page.is_past {
            let small = self.styles.words(Role::Small, theme.dim, theme.panel);
            let line = small.face.line_height() as i32;
            let above = Point::new(i32::midpoint(from, to), places.middle(at) - line - 2);
            small.centre(surface, above, "until now")?;
        }
        Ok(())
    }

    /// Draws an arrow from a frame to the copy below it.
    fn draw_copies<S: Surface>(&self, surface: &mut S, places: &Places) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        for (at, pair) in self.shared.rows.windows(2).enumerate() {
            let [old, new] = pair else {
                continue;
            };
            let is_copied = new.frame.is_copy && old.page == new.page;
            let (above, below) = (places.area(1, at), places.area(1, at + 1));
            if !is_copied {
                continue;
            }
            let style = ArrowStyle {
                color: theme.accent,
                thickness: 2,
                head: self.styles.scale.length(7),
                dashed: false,
            };
            let x = above.top_left.x + self.styles.scale.length(14) as i32;
            let from = above.top_left.y + above.size.height as i32;
            down_arrow(surface, x, from, below.top_left.y - 4, style)?;
        }
        // The words stand beside the copy, in the free field of its row.
        let copy = self.shared.rows.iter().position(|row| row.frame.is_copy);
        if let Some((at, row)) = copy.map(|at| (at, &self.shared.rows[at]))
            && at > 0
            && self.shared.rows[at - 1].page == row.page
        {
            let words = self.styles.names(Role::Small, theme.accent, theme.panel);
            let line = words.face.line_height() as i32;
            let (frame, width) = places.columns[1];
            let top = Point::new(0, places.middle(at) - line / 2);
            let bytes = format_args!("{} bytes copied", Count(FRAME_BYTES));
            let gap = self.styles.scale.length(12) as i32;
            match row.left.is_none() {
                true => words.right(surface, top + Point::new(frame - gap, 0), bytes)?,
                false => {
                    let x = frame + width as i32 + gap;
                    words.left(surface, top + Point::new(x, 0), bytes)?
                }
            };
        }
        Ok(())
    }
}

/// The page or the frame at a point of the screen.
pub fn selection_at(
    styles: &Styles,
    shared: &Shared,
    area: Rectangle,
    point: Point,
) -> Option<Selection> {
    let places = Places::new(styles, shared, parts::content(styles, area));
    for (at, row) in shared.rows.iter().enumerate() {
        for (column, space) in [(0, shared.spaces[0]), (2, shared.spaces[1])] {
            if places.area(column, at).contains(point) {
                let address = row.address;
                return space.map(|space| Selection::Page { space, address });
            }
        }
        if places.area(1, at).contains(point) {
            let first = (row.frame.frame.as_u64() / FRAME_BYTES) as usize;
            return Some(Selection::Frames { first, count: 1 });
        }
    }
    None
}
