//! Draws the words of the bitmap, and the two searches below them.

use super::content::{Bit, Content, Done, ROW, ROWS, Search};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use crate::model::OWNERS;
use crate::panels::figures::parts;
use crate::view::step::StepChanges;
use crate::widgets::hatch;
use crate::widgets::shapes::{edged_box, rectangle, ring, round_box};
use core::fmt::{self, Display};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::units::Count;

/// Lines of words below the bits.
const LINES: i32 = 4;

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub step: &'d StepChanges,
    pub content: &'d Content,
}

/// The places of the bits.
struct Places {
    left: i32,
    top: i32,
    /// From one bit to the next, and from one row to the next.
    pitch: i32,
    row: i32,
}

impl Places {
    fn bit(&self, at: usize, height: i32) -> Rectangle {
        let (row, column) = ((at / ROW) as i32, (at % ROW) as i32);
        // A gap after each eight bits.
        let left = self.left + column * self.pitch + column / 8 * (self.pitch / 3);
        rectangle(
            left,
            self.top + row * self.row,
            (self.pitch - 2) as u32,
            height as u32,
        )
    }
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, content) = (self.styles, self.content);
        let title = "The bitmap: one bit for each frame";
        let subtitle = "1: free, 0: in use; a frame has 4 KiB, and a row is a word of 64 bits";
        let inside = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        let digits = styles.digits(
            Role::Axis,
            Weight::Regular,
            styles.theme.dim,
            styles.theme.panel,
        );
        let cell = digits.font.cell();
        let address = 11 * cell.width as i32;
        let line = self.line();
        let above = line + self.length(4);
        let below = LINES * (line + self.length(8)) + self.length(18);
        let wide = inside.size.width as i32 - address;
        // 64 bits and seven gaps of a third of a bit.
        let places = Places {
            left: inside.top_left.x + address,
            top: inside.top_left.y + above,
            pitch: wide * 3 / (3 * ROW as i32 + 7),
            row: (inside.size.height as i32 - above - below) / ROWS as i32,
        };
        self.draw_ticks(surface, &places, inside.top_left.y)?;
        let height = (places.row - self.length(14)).min(places.pitch * 2);
        for row in 0..content.bits.len().div_ceil(ROW) {
            let address = (content.first + row * ROW) as u64 * FRAME_BYTES;
            let top = places.top + row as i32 * places.row;
            let at = Point::new(inside.top_left.x, top + (height - cell.height as i32) / 2);
            digits.draw(surface, Slot::left(at, 10), format_args!("{address:#x}"))?;
        }
        for at in 0..content.bits.len() {
            self.draw_bit(surface, places.bit(at, height), at)?;
        }
        self.draw_marks(surface, &places, height)?;
        self.draw_words(
            surface,
            inside,
            inside.top_left.y + inside.size.height as i32 - below,
        )
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn line(&self) -> i32 {
        let words = self
            .styles
            .words(Role::Label, self.styles.theme.text, self.styles.theme.panel);
        words.face.line_height() as i32
    }

    /// Draws the number of each eighth bit.
    fn draw_ticks<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        top: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let small = self.styles.words(Role::Axis, theme.dim, theme.panel);
        for column in (0..ROW).step_by(8) {
            let left = places.bit(column, 1).top_left.x;
            small.left(surface, Point::new(left, top), format_args!("bit {column}"))?;
        }
        Ok(())
    }

    fn draw_bit<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        at: usize,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let (ink, ground, digit) = match self.content.bits[at] {
            Bit::Free => {
                edged_box(surface, area, 2, 1, theme.edge, theme.free)?;
                (theme.text, theme.free, '1')
            }
            Bit::Used(owner) => {
                let color = theme.owner(owner.into()).color;
                round_box(surface, area, 2, color)?;
                (theme.ink_on(color), color, '0')
            }
            Bit::NotUsable => return hatch(surface, area, theme.outline, theme.panel),
        };
        let style = self.styles.digits(Role::Axis, Weight::Bold, ink, ground);
        let cell = style.font.cell();
        if cell.width + 2 <= area.size.width && cell.height + 2 <= area.size.height {
            let inside = area.top_left + (area.size - cell) / 2;
            style.draw(surface, Slot::left(inside, 1), digit)?;
        }
        if self.content.changed[at / ROW] >> (at % ROW) & 1 == 1 {
            let below = area.top_left.y + area.size.height as i32 + 1;
            let mark = rectangle(
                area.top_left.x,
                below,
                area.size.width,
                self.length(3) as u32,
            );
            surface.fill_solid(&mark, theme.accent)?;
        }
        Ok(())
    }

    /// Draws the ring of the selected frame, and where each search finds the next frame.
    fn draw_marks<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        height: i32,
    ) -> Result<(), S::Error> {
        let (content, theme) = (self.content, self.styles.theme);
        let shown = |frame: usize| {
            let at = frame.checked_sub(content.first)?;
            (at < content.bits.len()).then(|| places.bit(at, height))
        };
        if let Some(area) = content.selected.and_then(shown) {
            ring(surface, area, 1, self.length(2) as u32, theme.accent)?;
        }
        if content.hides_searches {
            return Ok(());
        }
        let fits = [(Some(content.first_fit), "1st"), (content.next_fit, "next")];
        let words = self.styles.names(Role::Axis, theme.text, theme.panel);
        let same = content.next_fit.map(|search| search.found) == Some(content.first_fit.found);
        for (search, name) in fits {
            let Some(area) = search.and_then(|search| search.found).and_then(shown) else {
                continue;
            };
            let name = if same { "both" } else { name };
            self.draw_pointer(surface, area)?;
            let below = area.top_left.y + area.size.height as i32 + self.length(5);
            let at = Point::new(
                area.top_left.x + area.size.width as i32,
                below - self.length(3),
            );
            words.left(surface, at, name)?;
        }
        Ok(())
    }

    /// Draws a triangle below a bit.
    fn draw_pointer<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let size = self.length(6);
        let middle = area.center().x;
        let top = area.top_left.y + area.size.height as i32 + self.length(4);
        for row in 0..size {
            let half = row * 2 / 3;
            let line = rectangle(middle - half, top + row, 2 * half as u32 + 1, 1);
            surface.fill_solid(&line, self.styles.theme.text)?;
        }
        Ok(())
    }

    /// Draws the sums, what this step did, and the two searches.
    fn draw_words<S: Surface>(
        &self,
        surface: &mut S,
        inside: Rectangle,
        top: i32,
    ) -> Result<(), S::Error> {
        let (content, theme) = (self.content, self.styles.theme);
        let rule = rectangle(inside.top_left.x, top, inside.size.width, 1);
        surface.fill_solid(&rule, theme.outline)?;
        let pitch = self.line() + self.length(8);
        let row = |line: i32| top + self.length(12) + line * pitch;
        let (usable, free) = (Count(content.usable), Count(content.free));
        let runs = Count(content.free_runs as u64);
        let sums = format_args!(
            "{usable} usable frames, {free} bits are 1; here, {runs} free {}",
            if content.free_runs == 1 {
                "run"
            } else {
                "runs"
            },
        );
        self.put(surface, inside, row(0), "all bits", sums)?;
        self.draw_owners(surface, inside, row(0))?;
        self.draw_step(surface, inside, row(1))?;
        if content.hides_searches {
            let words = "starts at the lowest frame that is not kept for devices";
            self.put(surface, inside, row(2), "first fit", words)?;
            let words = "starts after the frame that was allocated last";
            return self.put(surface, inside, row(3), "next fit", words);
        }
        self.put(
            surface,
            inside,
            row(2),
            "first fit",
            Finds(content.first_fit, "the lowest frame not kept for devices"),
        )?;
        match content.next_fit {
            Some(search) => {
                let words = Finds(search, "after the frame allocated last");
                self.put(surface, inside, row(3), "next fit", words)
            }
            None => Ok(()),
        }
    }

    /// Says what this step did with frames.
    fn draw_step<S: Surface>(
        &self,
        surface: &mut S,
        inside: Rectangle,
        top: i32,
    ) -> Result<(), S::Error> {
        let done = [
            ("allocated", self.content.allocated),
            ("freed", self.content.freed),
        ];
        let [(_, allocated), (_, freed)] = done;
        let words = |at: usize| Words(done[at].0, done[at].1);
        match (allocated.frames, freed.frames) {
            (0, 0) => self.put(surface, inside, top, self.step.words(), "no bit changed"),
            (_, 0) => self.put(surface, inside, top, self.step.words(), words(0)),
            (0, _) => self.put(surface, inside, top, self.step.words(), words(1)),
            _ => {
                let both = format_args!("{}; {}", words(0), words(1));
                self.put(surface, inside, top, self.step.words(), both)
            }
        }
    }

    /// Draws the owners of the bits, right-aligned.
    fn draw_owners<S: Surface>(
        &self,
        surface: &mut S,
        inside: Rectangle,
        top: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let dim = self.styles.words(Role::Small, theme.dim, theme.panel);
        let side = self.length(12);
        let mut right = inside.top_left.x + inside.size.width as i32;
        for owner in (0..OWNERS).rev() {
            if !self.content.bits.contains(&Bit::Used(owner as u8)) {
                continue;
            }
            let swatch = theme.owner(owner);
            let drawn = dim.right(surface, Point::new(right, top), swatch.words)?;
            let left = drawn.top_left.x - side - self.length(6);
            let middle = top + dim.face.line_height() as i32 / 2;
            let area = rectangle(left, middle - side / 2, side as u32, side as u32);
            round_box(surface, area, 2, swatch.color)?;
            right = left - self.length(14);
        }
        Ok(())
    }

    /// Draws a line: a name, and words after it.
    fn put<S: Surface>(
        &self,
        surface: &mut S,
        inside: Rectangle,
        top: i32,
        name: &str,
        words: impl Display,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let bold = self.styles.names(Role::Label, theme.text, theme.panel);
        let dim = self.styles.words(Role::Label, theme.dim, theme.panel);
        bold.left(surface, Point::new(inside.top_left.x, top), name)?;
        let left = inside.top_left.x + self.length(92);
        dim.left(surface, Point::new(left, top), words)?;
        Ok(())
    }
}

/// Formats what a step did with frames.
struct Words(&'static str, Done);

impl Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words(what, done) = *self;
        let address = |frame: usize| frame as u64 * FRAME_BYTES;
        let (lowest, highest) = (address(done.lowest), address(done.highest));
        match done.frames {
            1 => write!(f, "1 frame {what}, {lowest:#x}"),
            frames => write!(
                f,
                "{} frames {what}, {lowest:#x} to {highest:#x}",
                Count(frames)
            ),
        }
    }
}

/// Formats a search for the next frame.
struct Finds(Search, &'static str);

impl Display for Finds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finds(search, start) = *self;
        let address = |frame: usize| frame as u64 * FRAME_BYTES;
        write!(f, "starts at {:#x}, {start}, ", address(search.start))?;
        match search.found {
            Some(found) if found == search.start => f.write_str("finds that frame"),
            Some(found) => write!(
                f,
                "skips {} bits, finds {:#x}",
                Count((found - search.start) as u64),
                address(found)
            ),
            None => f.write_str("finds none there"),
        }
    }
}
