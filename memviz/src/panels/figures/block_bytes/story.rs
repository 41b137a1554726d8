//! Draws the report of this step, and the life of the block with its call sites.

use super::content::{Byte, Content, Report};
use super::digits::draw_digits;
use super::life::{Entry, Life, Moment};
use crate::graphics::font::Weight;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::view::names::{CODE, Names, fit_path};
use crate::widgets::shapes::{disc, rectangle};
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use mm::heap::corruption::CorruptionKind;
use mm::units;

/// The column beside the bytes.
pub struct Story<'d> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub content: &'d Content,
    pub life: &'d Life,
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

impl Story<'_> {
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let mut y = self.top;
        if let Some(report) = self.content.report {
            y = self.draw_report(surface, report, y)? + self.length(12);
        } else if self.life.reported() > 0 && !self.content.is_question {
            y = self.draw_reported(surface, y)? + self.length(12);
        }
        let theme = self.styles.theme;
        let head = self.styles.names(Role::Label, theme.text, theme.panel);
        head.left(surface, Point::new(self.left, y), "The life of the block")?;
        y += head.face.line_height() as i32 + self.length(8);
        let rest = &self.life.entries;
        for (at, entry) in rest.iter().enumerate() {
            let Some(next) = self.draw_entry(surface, entry, y, at + 1 < rest.len())? else {
                break;
            };
            y = next;
        }
        if self.content.is_past() && self.content.is_freed_now() {
            let small = self.styles.words(Role::Small, theme.dim, theme.panel);
            let words = "Bytes as reported. Now all are 6b.";
            if y + small.face.line_height() as i32 <= self.bottom {
                small.left(surface, Point::new(self.left, y), words)?;
            }
        }
        Ok(())
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn small(&self) -> LabelStyle {
        let theme = self.styles.theme;
        self.styles.words(Role::Small, theme.text, theme.panel)
    }

    /// Draws what was reported. Returns the level below.
    fn draw_report<S: Surface>(
        &self,
        surface: &mut S,
        report: Report,
        top: i32,
    ) -> Result<i32, S::Error> {
        let theme = self.styles.theme;
        let head = self.styles.names(Role::Title, theme.text, theme.panel);
        let line = head.face.line_height() as i32;
        self.draw_sign(
            surface,
            Point::new(self.left + self.length(8), top + line / 2),
        )?;
        let at = Point::new(self.left + self.length(24), top);
        head.left(surface, at, report.kind.words())?;
        let mut y = top + line + self.length(4);
        let small = self.small();
        let mut say = |words: &dyn Display| {
            let drawn = small.left(surface, Point::new(self.left, y), words);
            y += small.face.line_height() as i32;
            drawn.map(|_| ())
        };
        match (report.kind, self.content.wrong()) {
            (CorruptionKind::OutOfBounds | CorruptionKind::UseAfterFree, Some((offset, byte))) => {
                let Byte { value, pattern } = byte;
                let pattern = pattern.unwrap_or(0);
                say(&format_args!("expected {pattern:02x}, found {value:02x}"))?;
                match report.kind {
                    CorruptionKind::OutOfBounds if offset == self.life.requested => {
                        say(&format_args!("byte {offset}, the first past the end"))?;
                    }
                    _ => say(&format_args!("byte {offset} of the block"))?,
                }
            }
            (CorruptionKind::DoubleFree, _) => {
                say(&"refused: the block is in quarantine")?;
                say(&"the heap is unchanged")?;
            }
            (CorruptionKind::WildFree, _) => {
                say(&"refused: no block begins at")?;
                say(&format_args!("{:#x}", report.address))?;
            }
            _ => {}
        }
        Ok(y)
    }

    /// Draws how many corruptions were reported before this step. Returns the level below.
    fn draw_reported<S: Surface>(&self, surface: &mut S, top: i32) -> Result<i32, S::Error> {
        let theme = self.styles.theme;
        let head = self.styles.names(Role::Title, theme.text, theme.panel);
        let words = match self.life.reported() {
            1 => parts::text::<32>("1 corruption so far"),
            count => parts::text::<32>(format_args!("{count} corruptions so far")),
        };
        head.left(surface, Point::new(self.left, top), words)?;
        Ok(top + head.face.line_height() as i32)
    }

    /// Draws an entry and the line to the next one. Returns the level below, if there was room.
    fn draw_entry<S: Surface>(
        &self,
        surface: &mut S,
        entry: &Entry,
        top: i32,
        has_next: bool,
    ) -> Result<Option<i32>, S::Error> {
        let theme = self.styles.theme;
        let name = self.small();
        let line = name.face.line_height() as i32;
        let place = match entry.moment {
            Moment::Written { .. } => parts::text::<64>("no fault: the page is mapped"),
            _ => parts::text::<64>(self.function(entry.site)),
        };
        let height = 2 * line + self.length(8);
        if top + height > self.bottom {
            return Ok(None);
        }
        let dot = Point::new(self.left + self.length(8), top + line / 2);
        if has_next {
            let length = (height - self.length(12)).max(1) as u32;
            let down = rectangle(dot.x, dot.y + self.length(6), 1, length);
            surface.fill_solid(&down, theme.rule)?;
        }
        match entry.moment {
            Moment::Written { .. } | Moment::Reported(_) => self.draw_sign(surface, dot)?,
            _ => {
                disc(surface, dot, self.styles.scale.length(5), theme.text)?;
                disc(surface, dot, self.styles.scale.length(3), theme.panel)?;
            }
        }
        let x = self.left + self.length(24);
        let words = match entry.moment {
            Moment::Allocated => parts::text::<48>("allocated"),
            Moment::Freed => parts::text::<48>("freed"),
            Moment::Reported(kind) => parts::text::<48>(kind.words()),
            Moment::Written { offset, is_freed } => parts::text::<48>(format_args!(
                "byte {offset} written{}",
                if is_freed { " after free" } else { "" }
            )),
        };
        let drawn = name.left(surface, Point::new(x, top), words)?;
        let end = drawn.top_left.x + drawn.size.width as i32;
        self.draw_time(surface, entry.time, end, top + line / 2)?;
        let under = self.styles.words(Role::Small, theme.dim, theme.panel);
        under.left(surface, Point::new(x, top + line), place)?;
        Ok(Some(top + height))
    }

    /// Draws a time at the right, if there is room after `after`.
    fn draw_time<S: Surface>(
        &self,
        surface: &mut S,
        time: u64,
        after: i32,
        middle: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let digits = self
            .styles
            .digits(Role::Axis, Weight::Regular, theme.dim, theme.panel);
        let cell = digits.font.cell();
        let time = parts::text::<24>(units::Moment(time));
        let cells = width(&time);
        let x = self.right - (cells as u32 * cell.width) as i32;
        if x < after + self.length(6) {
            return Ok(());
        }
        let slot = Slot::left(Point::new(x, middle - cell.height as i32 / 2), cells);
        digits.draw(surface, slot, time)
    }

    /// Draws the sign of a warning.
    fn draw_sign<S: Surface>(&self, surface: &mut S, middle: Point) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let side = self.styles.scale.length(14);
        let half = side as i32 / 2;
        let area = rectangle(middle.x - half, middle.y - half, side, side);
        let ink = (theme.warning, theme.panel);
        draw_digits(
            surface,
            self.styles,
            area,
            Role::Body,
            Weight::Bold,
            ink,
            "▲",
        )
    }

    /// The function at a call site.
    fn function(&self, site: u32) -> &'static str {
        let known = match site {
            0 => None,
            _ => (self.names.function)(CODE | u64::from(site)),
        };
        let name = known.unwrap_or("unknown code");
        let small = self.small();
        let room = (self.right - self.left - self.length(24)) as u32;
        let both = fit_path(name, usize::MAX);
        match small.width(both) <= room {
            true => both,
            false => fit_path(name, 0),
        }
    }
}
