//! Draws the walk: five columns under five bit fields.

use super::content::{Content, ENTRIES};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::graphics::type_scale::Role;
use crate::model::Entry;
use crate::model::walk::{End, Walk, WalkStep};
use crate::panels::figures::parts;
use crate::view::names::Names;
use crate::view::step::StepChanges;
use crate::widgets::badges;
use crate::widgets::shapes::{
    ArrowStyle, dashed_box, down_arrow, edged_box, level_arrow, rectangle, ring, round_box,
};
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::paging::{Access, PageSize};

/// Four tables and the page.
const COLUMNS: usize = 5;
const NAMES: [&str; COLUMNS] = ["PML4", "PDPT", "PD", "PT", "frame"];

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub step: &'d StepChanges,
    pub content: Content,
}

/// Where the parts of the figure stand.
struct Places {
    content: Rectangle,
    /// The left edge of the first column, and the distance to the next.
    left: i32,
    step: i32,
    width: u32,
    /// The tops of the bits, of the names of the tables, and of their bodies, and the end of these.
    bits: i32,
    heads: i32,
    bodies: i32,
    end: i32,
}

impl Places {
    fn new(styles: &Styles, content: Rectangle) -> Places {
        let length = |pixels| styles.scale.length(pixels) as i32;
        let wide = content.size.width as i32;
        let (first, gap) = (wide * 12 / 100, length(14));
        let step = (wide - first + gap) / COLUMNS as i32;
        let top = content.top_left.y;
        let below = top + content.size.height as i32;
        Places {
            content,
            left: content.top_left.x + first,
            step,
            width: (step - gap) as u32,
            bits: top + length(20),
            heads: top + length(98),
            bodies: top + length(124),
            end: below - length(104),
        }
    }

    fn column(&self, column: usize) -> i32 {
        self.left + self.step * column as i32
    }

    fn body(&self, column: usize) -> Rectangle {
        let height = (self.end - self.bodies).max(0) as u32;
        rectangle(self.column(column), self.bodies, self.width, height)
    }
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = "The walk of one address";
        let Some(walk) = self.content.walk else {
            let content = parts::panel(surface, styles, area, title, "", self.step)?;
            let style = styles.words(Role::Body, theme.dim, theme.panel);
            let nothing = "Nothing selected: select a page or a frame, or wait for a fault.";
            style.left(surface, content.top_left, nothing)?;
            return Ok(());
        };
        let owner = Owner(&walk, self.names);
        let content = parts::panel(surface, styles, area, title, owner, self.step)?;
        let places = Places::new(styles, content);
        self.draw_address(surface, &places, &walk)?;
        if self.content.is_concealed {
            return self.draw_concealed(surface, &places);
        }
        for column in 0..COLUMNS {
            self.draw_bits(surface, &places, &walk, column)?;
            self.draw_column(surface, &places, &walk, column)?;
        }
        self.draw_result(surface, &places, &walk)
    }

    fn length(&self, pixels: u32) -> u32 {
        self.styles.scale.length(pixels)
    }

    fn digits(&self, role: Role, ink: Rgb888, ground: Rgb888) -> TextStyle {
        self.styles.digits(role, Weight::Regular, ink, ground)
    }

    /// Draws the whole address and CR3 at the left.
    fn draw_address<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        walk: &Walk,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let left = places.content.top_left.x;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let bold = styles.names(Role::Small, theme.text, theme.panel);
        small.left(
            surface,
            Point::new(left, places.content.top_left.y),
            "virtual address",
        )?;
        let digits = self.digits(Role::Small, theme.text, theme.panel);
        let cell = digits.font.cell();
        let room = (places.left - left) as u32 / cell.width;
        let words = format_args!("{:#x}", walk.address);
        // A long address has two lines.
        let fits = (width(words) as u32) < room;
        let text = parts::text::<24>(words);
        let (first, second) = text.split_at(if fits { text.len() } else { 2 + 8 });
        for (line, part) in (0..).zip([first, second]) {
            let at = Point::new(left, places.bits + line * cell.height as i32);
            digits.draw(surface, Slot::left(at, part.len()), part)?;
        }
        if self.content.is_concealed {
            return Ok(());
        }
        let cr3 = walk.steps().first().map(|step| step.table);
        let line = bold.face.line_height() as i32;
        let middle = places.heads + self.length(11) as i32;
        let drawn = bold.left(surface, Point::new(left, middle - line / 2), "CR3")?;
        if let Some(table) = cr3 {
            let at = Point::new(left, middle + line / 2 + 2);
            let words = format_args!("{table:#x}");
            digits.draw(surface, Slot::left(at, width(words)), words)?;
        }
        let style = ArrowStyle {
            color: theme.text,
            thickness: 1,
            head: self.length(8),
            dashed: false,
        };
        let from = left + drawn.size.width as i32 + self.length(8) as i32;
        level_arrow(surface, from, places.left - 3, middle, style)
    }

    /// Draws empty columns: the question asks for what they show.
    fn draw_concealed<S: Surface>(&self, surface: &mut S, places: &Places) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        for column in 0..COLUMNS {
            let body = places.body(column);
            dashed_box(surface, body, self.length(6), theme.edge)?;
            let style = self.styles.names(Role::Caption, theme.edge, theme.panel);
            let centre = body.center() - Size::new(0, style.face.line_height() / 2);
            style.centre(surface, centre, "?")?;
        }
        Ok(())
    }

    /// Draws the bits that select an entry, and their value.
    fn draw_bits<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        walk: &Walk,
        column: usize,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let (high, low) = bit_range(column);
        let left = places.column(column);
        let axis = self.digits(Role::Axis, theme.dim, theme.panel);
        let cell = axis.font.cell();
        let top = places.content.top_left.y;
        let slot = Slot::left(Point::new(left, top), 2);
        axis.draw(surface, slot, high)?;
        let right = left + (places.width - 2 * cell.width) as i32;
        axis.draw(surface, Slot::right(Point::new(right, top), 2), low)?;
        let height = self.length(30);
        let area = rectangle(left, places.bits, places.width, height);
        round_box(surface, area, 3, theme.cell)?;
        let is_offset = column >= walk.steps().len() && is_mapped(walk);
        let color = match (is_offset, column) {
            (true, _) | (_, 4) => theme.text,
            (false, level) => theme.level(level),
        };
        let under = Size::new(places.width, self.length(4));
        let line = area.top_left + Size::new(0, height);
        surface.fill_solid(&Rectangle::new(line, under), color)?;
        let bits = Bits {
            bits: walk.address.as_u64(),
            high,
            low,
        };
        let style = self.digits(Role::Body, theme.text, theme.cell);
        let cell = style.font.cell();
        let cells = width(bits);
        let inside = area.center() - Size::new(cells as u32 * cell.width, cell.height) / 2;
        style.draw(surface, Slot::left(inside, cells), bits)?;
        let middle = left + places.width as i32 / 2;
        let below = Point::new(middle, line.y + self.length(8) as i32);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let value = walk.address.as_u64() >> low & ((1 << (high - low + 1)) - 1);
        match (column, is_offset) {
            (4, _) => small.centre(surface, below, format_args!("offset {value:#x}"))?,
            (_, true) => small.centre(surface, below, "part of the offset")?,
            (_, false) => small.centre(surface, below, format_args!("index {value}"))?,
        };
        let from = below.y + small.face.line_height() as i32 + 2;
        let style = ArrowStyle {
            color: theme.rule,
            thickness: 1,
            head: self.length(6),
            dashed: false,
        };
        match column < walk.steps().len() || column == 4 && is_mapped(walk) {
            true => down_arrow(surface, middle, from, places.heads - 3, style),
            false => Ok(()),
        }
    }

    /// Draws a table with its entry, the frame, or the place of a table that is not reached.
    fn draw_column<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        walk: &Walk,
        column: usize,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        if let Some(step) = walk.steps().get(column) {
            return self.draw_table(surface, places, column, step);
        }
        match walk.end {
            End::Mapped { physical, size, .. } if column + 1 == COLUMNS => {
                self.draw_frame(surface, places, physical.align_down(size.bytes()).as_u64())
            }
            End::Mapped { .. } => Ok(()),
            End::NotPresent | End::NoRoot => {
                let body = places.body(column);
                dashed_box(surface, body, self.length(6), theme.edge)?;
                let words = match column + 1 < COLUMNS {
                    true => "not reached",
                    false => "no frame",
                };
                let style = self.styles.words(Role::Small, theme.dim, theme.panel);
                let at = body.center() - Size::new(0, style.face.line_height() / 2);
                style.centre(surface, at, words)?;
                Ok(())
            }
        }
    }

    /// Draws the name of a column and an address, on a bar.
    fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        column: usize,
        fill: Rgb888,
        address: u64,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let area = rectangle(
            places.column(column),
            places.heads,
            places.width,
            self.length(22),
        );
        round_box(surface, area, 3, fill)?;
        let ink = theme.ink_on(fill);
        let bold = self.styles.names(Role::Body, ink, fill);
        let padding = self.length(8);
        let line = bold.face.line_height();
        let above = area.size.height.saturating_sub(line) / 2;
        bold.left(
            surface,
            area.top_left + Size::new(padding, above),
            NAMES[column],
        )?;
        let digits = self.digits(Role::Small, ink, fill);
        let words = format_args!("{address:#x}");
        let cell = digits.font.cell();
        let size = Size::new(width(words) as u32 * cell.width, cell.height);
        let right = area.size.width.saturating_sub(size.width + padding);
        let above = area.size.height.saturating_sub(cell.height) / 2;
        let at = area.top_left + Size::new(right, above);
        digits.draw(surface, Slot::left(at, width(words)), words)
    }

    fn draw_table<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        column: usize,
        step: &WalkStep,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let color = theme.level(column);
        self.draw_head(surface, places, column, color, step.table.as_u64())?;
        let body = places.body(column);
        edged_box(surface, body, self.length(4), 1, theme.edge, theme.panel)?;
        let padding = self.length(10);
        let axis = self.digits(Role::Axis, theme.dim, theme.panel);
        let cell = axis.font.cell();
        let scale = self.draw_entries(surface, body, column, step)?;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let count = format_args!("{} of {ENTRIES} present", self.content.count(column));
        let corner = body.top_left + body.size;
        let end = Point::new(
            corner.x - padding as i32,
            corner.y - (small.face.line_height() + 4) as i32,
        );
        small.right(surface, end, count)?;
        let left = scale.top_left.x + (scale.size.width + self.length(14)) as i32;
        let entry_width = (corner.x - padding as i32 / 2 - left).max(0) as u32;
        let top = body.top_left.y + (cell.height + self.length(22)) as i32;
        let area = rectangle(left, top, entry_width, self.length(104));
        self.draw_entry(surface, area, step)?;
        // A line joins the index in the bar to the entry.
        let index = i32::from(step.position.index());
        let at = scale.top_left.y + index * scale.size.height as i32 / ENTRIES as i32;
        let middle = top + self.length(16) as i32;
        let (from, bend) = (scale.top_left.x + scale.size.width as i32, left - 6);
        surface.fill_solid(
            &rectangle(from, at, (bend - from).max(0) as u32, 1),
            theme.text,
        )?;
        let (high, low) = (at.min(middle), at.max(middle));
        surface.fill_solid(
            &rectangle(bend, high, 1, (low - high + 1) as u32),
            theme.text,
        )?;
        surface.fill_solid(
            &rectangle(bend, middle, (left - bend) as u32, 1),
            theme.text,
        )?;
        if step.entry.is_some() {
            let style = ArrowStyle {
                color: theme.text,
                thickness: 1,
                head: self.length(6),
                dashed: false,
            };
            // It ends at the head of the next column.
            let edge = area.top_left.x + area.size.width as i32;
            let x = corner.x + (places.step - places.width as i32) / 2;
            let to = places.heads + self.length(11) as i32;
            surface.fill_solid(&rectangle(edge, middle, (x - edge) as u32, 1), theme.text)?;
            surface.fill_solid(&rectangle(x, to, 1, (middle - to + 1) as u32), theme.text)?;
            let is_table = step.entry.is_some_and(|entry| entry.is_table);
            let next = if is_table { column + 1 } else { COLUMNS - 1 };
            level_arrow(surface, x, places.column(next) - 1, to, style)?;
        }
        Ok(())
    }

    /// Draws all entries of a table to scale. Returns the bar.
    fn draw_entries<S: Surface>(
        &self,
        surface: &mut S,
        body: Rectangle,
        column: usize,
        step: &WalkStep,
    ) -> Result<Rectangle, S::Error> {
        let theme = self.styles.theme;
        let axis = self.digits(Role::Axis, theme.dim, theme.panel);
        let cell = axis.font.cell();
        let at = body.top_left + Size::new(self.length(8), self.length(4));
        axis.draw(surface, Slot::left(at, 1), 0)?;
        let margin = cell.height + self.length(6);
        let height = body.size.height.saturating_sub(2 * margin);
        let bar = Rectangle::new(
            body.top_left + Size::new(self.length(10), margin),
            Size::new(self.length(8), height),
        );
        surface.fill_solid(&bar, theme.cell)?;
        let below = Point::new(at.x, bar.top_left.y + (height + 2) as i32);
        axis.draw(surface, Slot::left(below, 3), ENTRIES - 1)?;
        let line = |index: usize| {
            let y = bar.top_left.y + (index * height as usize / ENTRIES) as i32;
            rectangle(bar.top_left.x, y, bar.size.width, 1)
        };
        for index in 0..ENTRIES {
            if self.content.present[column][index / 64] >> (index % 64) & 1 != 0 {
                surface.fill_solid(&line(index), theme.dim)?;
            }
        }
        let own = line(usize::from(step.position.index()));
        let own = Rectangle::new(own.top_left, Size::new(own.size.width, 2));
        surface.fill_solid(&own, theme.text)?;
        Ok(bar)
    }

    /// Draws an entry: index, frame, bits, and what it allows.
    fn draw_entry<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        step: &WalkStep,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let warns = step.entry.is_none();
        let edge = if warns { theme.warning } else { theme.dim };
        edged_box(surface, area, self.length(4), 1, edge, theme.panel)?;
        let padding = self.length(8);
        let line = area.size.height / 3;
        let digits = self.digits(Role::Small, theme.text, theme.panel);
        let cell = digits.font.cell();
        let row = |number: u32| {
            let above = number * line + line.saturating_sub(cell.height) / 2;
            area.top_left + Size::new(padding, above)
        };
        let index = format_args!("[{}]", step.position.index());
        digits.draw(surface, Slot::left(row(0), width(index)), index)?;
        let Some(entry) = step.entry else {
            let style = styles.names(Role::Small, theme.warning, theme.panel);
            style.left(surface, row(1), "▲ not present")?;
            let style = self.digits(Role::Small, theme.dim, theme.panel);
            return style.draw(surface, Slot::left(row(2), 2), "P0");
        };
        let frame = format_args!("{:#x}", entry.frame);
        let cells = width(frame);
        let right = area
            .size
            .width
            .saturating_sub(padding + cells as u32 * cell.width);
        let at = Point::new(area.top_left.x + right as i32, row(0).y);
        digits.draw(surface, Slot::left(at, cells), frame)?;
        let flags = EntryBits(entry, step.position.depth);
        let room = (area.size.width.saturating_sub(2 * padding) / cell.width) as usize;
        let style = self.digits(Role::Small, theme.dim, theme.panel);
        style.draw(surface, Slot::left(row(1), width(flags).min(room)), flags)?;
        self.draw_allowed(
            surface,
            area,
            row(2).y + cell.height as i32 / 2,
            entry.access,
        )
    }

    /// Draws which rings an entry lets in, and its access rights, around the level `middle`.
    fn draw_allowed<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        middle: i32,
        access: Access,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let padding = self.length(8) as i32;
        let rights = badges::rights_width(styles) as i32;
        let end = area.top_left.x + area.size.width as i32 - padding - rights;
        badges::rights(surface, styles, end, middle, access, theme.panel)?;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let left = area.top_left.x + padding;
        let ring = ring_words(access);
        if left + (small.width(ring) as i32) < end {
            let top = middle - small.face.line_height() as i32 / 2;
            small.left(surface, Point::new(left, top), ring)?;
        }
        Ok(())
    }

    /// Draws the frame at the end of the walk, and the offset in it.
    fn draw_frame<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        frame: u64,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let Some(Walk {
            address,
            end: End::Mapped { size, .. },
            ..
        }) = self.content.walk
        else {
            return Ok(());
        };
        let column = COLUMNS - 1;
        let owner = theme.tag(self.content.owner);
        self.draw_head(surface, places, column, owner.color, frame)?;
        let body = places.body(column);
        let fill = theme.tint(owner.color);
        edged_box(surface, body, self.length(4), 1, owner.color, fill)?;
        let offset = address.as_u64() & (size.bytes() - 1);
        let part = offset * u64::from(body.size.height) / size.bytes();
        let at = body.top_left + Size::new(0, part as u32);
        surface.fill_solid(
            &Rectangle::new(at, Size::new(body.size.width, 2)),
            theme.text,
        )?;
        let digits = self.digits(Role::Small, theme.text, fill);
        let cell = digits.font.cell();
        let padding = self.length(8);
        let is_low = part as u32 + cell.height + 8 < body.size.height;
        let below = match is_low {
            true => at + Size::new(padding, 4),
            false => at + Point::new(padding as i32, -(cell.height as i32) - 4),
        };
        let words = format_args!("{offset:#x}");
        let cells = width(words);
        digits.draw(surface, Slot::left(below, cells), words)?;
        let text = Rectangle::new(below, Size::new(cells as u32 * cell.width, cell.height));
        ring(surface, text, 2, 2, theme.accent)?;
        let small = styles.words(Role::Small, theme.dim, fill);
        let line = small.face.line_height();
        let corner = body.top_left + body.size;
        let end = Point::new(corner.x - padding as i32, corner.y - line as i32 - 4);
        if (part as u32) + 3 * line < body.size.height {
            let size = mm::units::Bytes(size.bytes());
            small.right(surface, end, format_args!("{}, {size}", owner.words))?;
        }
        Ok(())
    }

    /// Draws what all tables allow together, and the physical address.
    fn draw_result<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        walk: &Walk,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let left = places.content.top_left.x;
        let bold = styles.names(Role::Body, theme.text, theme.panel);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let top = places.end + self.length(16) as i32;
        let line = bold.face.line_height() as i32;
        let End::Mapped {
            physical,
            size,
            access,
        } = walk.end
        else {
            let style = styles.names(Role::Body, theme.warning, theme.panel);
            let words = "▲ The walk ends here: an access causes a page fault.";
            style.left(surface, Point::new(left, top), words)?;
            return Ok(());
        };
        bold.left(surface, Point::new(left, top), "All tables together")?;
        let last = places.column(COLUMNS - 1);
        let middle = top + line / 2;
        badges::rights(surface, styles, last, middle, access, theme.panel)?;
        let behind = last + badges::rights_width(styles) as i32 + self.length(10) as i32;
        small.left(surface, Point::new(behind, top + 1), ring_words(access))?;
        let style = ArrowStyle {
            color: theme.rule,
            thickness: 1,
            head: self.length(8),
            dashed: false,
        };
        let from = left + bold.width("All tables together") as i32 + self.length(12) as i32;
        level_arrow(surface, from, last - 6, middle, style)?;

        let next = middle + self.length(18) as i32;
        let rule = rectangle(left, next, places.content.size.width, 1);
        surface.fill_solid(&rule, theme.outline)?;
        let top = next + self.length(14) as i32;
        bold.left(surface, Point::new(left, top), "Physical address")?;
        self.draw_physical(
            surface,
            Point::new(places.left, top - 2),
            physical.as_u64(),
            size,
        )
    }

    /// Draws the physical address, divided into frame and offset if the division is between two
    /// hexadecimal digits.
    fn draw_physical<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        physical: u64,
        size: PageSize,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let small = self.styles.words(Role::Small, theme.dim, theme.panel);
        let digits = self.digits(Role::Title, theme.text, theme.panel);
        let cell = digits.font.cell();
        let offset_digits = (size.bytes().trailing_zeros() / 4) as usize;
        let offset = physical & (size.bytes() - 1);
        let parts = match size {
            PageSize::Size4KiB => [
                (
                    parts::text::<24>(format_args!("{:#x}", physical >> 12)),
                    "frame",
                ),
                (
                    parts::text::<24>(format_args!("{offset:0offset_digits$x}")),
                    "offset",
                ),
            ],
            _ => [
                (
                    parts::text::<24>(format_args!("{physical:#x}")),
                    "page + offset",
                ),
                (heapless::String::new(), ""),
            ],
        };
        let mut x = at.x;
        for (words, name) in parts.iter().filter(|(words, _)| !words.is_empty()) {
            let wide = words.len() as u32 * cell.width;
            digits.draw(surface, Slot::left(Point::new(x, at.y), words.len()), words)?;
            let under = at.y + cell.height as i32;
            surface.fill_solid(&rectangle(x, under, wide, 1), theme.rule)?;
            small.centre(surface, Point::new(x + wide as i32 / 2, under + 3), name)?;
            x += (wide + self.length(8)) as i32;
        }
        let words = "The offset passes through unchanged.";
        let at = Point::new(x + self.length(40) as i32, at.y + 4);
        small.left(surface, at, words)?;
        Ok(())
    }
}

fn is_mapped(walk: &Walk) -> bool {
    matches!(walk.end, End::Mapped { .. })
}

fn ring_words(access: Access) -> &'static str {
    match access.contains(Access::USER) {
        true => "rings 0 and 3",
        false => "ring 0 only",
    }
}

/// The address bits of a column.
fn bit_range(column: usize) -> (u32, u32) {
    match column {
        0..4 => (47 - 9 * column as u32, 39 - 9 * column as u32),
        _ => (11, 0),
    }
}

/// Formats bits in groups of three, or of four for the offset.
#[derive(Clone, Copy)]
struct Bits {
    bits: u64,
    high: u32,
    low: u32,
}

impl Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.high - self.low + 1;
        let group = if count == 9 { 3 } else { 4 };
        for bit in (self.low..=self.high).rev() {
            write!(f, "{}", self.bits >> bit & 1)?;
            if bit > self.low && (bit - self.low).is_multiple_of(group) {
                f.write_str(" ")?;
            }
        }
        Ok(())
    }
}

/// Formats the bits of an entry as the Intel manual names them.
#[derive(Clone, Copy)]
struct EntryBits(Entry, u8);

impl Display for EntryBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryBits(entry, depth) = self;
        let bit = |flag| u8::from(entry.access.contains(flag));
        let (write, user) = (bit(Access::WRITE), bit(Access::USER));
        let no_execute = 1 - bit(Access::EXECUTE);
        write!(f, "P1 W{write} U{user} NX{no_execute}")?;
        match !entry.is_table && *depth < 4 {
            true => f.write_str(" PS1"),
            false => Ok(()),
        }
    }
}

/// Formats whose address it is.
struct Owner<'w>(&'w Walk, &'w Names);

impl Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Owner(walk, names) = self;
        match walk.space {
            0 => f.write_str("kernel")?,
            number => write!(f, "process {number}")?,
        }
        match (names.area)(walk.address.as_u64()) {
            "" => Ok(()),
            area => write!(f, ", {area}"),
        }
    }
}
