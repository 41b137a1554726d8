//! Draws the two statements side by side, the place below them, and the cost of watching.

use super::finding::{AROUND, Finding, Findings};
use crate::graphics::font::Weight;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use crate::model::heap::FRAME_BYTES;
use crate::panels::figures::parts;
use crate::truth::event::{CACHED, FREE, LIVE};
use crate::view::step::StepChanges;
use crate::widgets::hatch;
use crate::widgets::shapes::{edged_box, rectangle, ring, round_box};
use core::fmt::{self, Display};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::event::MismatchKind;
use mm::paging::Access;
use mm::tag::{Owners, Tag};
use mm::units::{Bytes, Count, Moment};

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub step: &'d StepChanges,
    pub findings: &'d Findings,
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let title = "Picture and machine";
        let last = self.findings.last.as_ref();
        let subtitle = match last {
            Some(finding) => parts::text::<96>(format_args!(
                "mismatch found at {}{}",
                Moment(finding.time),
                if finding.on_purpose {
                    ", made on purpose"
                } else {
                    ""
                }
            )),
            None => parts::text::<96>("compared once a second"),
        };
        let inside = parts::panel(surface, self.styles, area, title, subtitle, self.step)?;
        let below = self.draw_statements(surface, inside)?;
        let bottom = inside.top_left.y + inside.size.height as i32;
        let costs = bottom - self.length(24);
        if let Some(finding) = last {
            self.draw_place(surface, finding, inside, below + self.length(22), costs)?;
        }
        self.draw_costs(surface, Point::new(inside.top_left.x, costs))
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn words(&self, role: Role) -> LabelStyle {
        let theme = self.styles.theme;
        self.styles.words(role, theme.dim, theme.panel)
    }

    /// Draws what both say, with a sign between them. Returns the end of the boxes.
    fn draw_statements<S: Surface>(
        &self,
        surface: &mut S,
        inside: Rectangle,
    ) -> Result<i32, S::Error> {
        let theme = self.styles.theme;
        let (left, wide) = (inside.top_left.x, inside.size.width as i32);
        let gap = self.length(90);
        let width = (wide - gap) / 2;
        let share = match self.findings.last.as_ref() {
            Some(finding) if !finding.around.is_empty() => 38,
            _ => 56,
        };
        let height = inside.size.height as i32 * share / 100;
        let top = inside.top_left.y + self.length(6);
        let last = self.findings.last.as_ref();
        let differs = last.is_some_and(|finding| finding.ended.is_none());
        let shown = last.map(|finding| match differs {
            true => [finding.picture, finding.machine],
            false => [finding.machine, finding.machine],
        });
        let heads = [
            ("The picture says", "from the events"),
            ("The machine says", self.source()),
        ];
        for (side, (head, source)) in heads.into_iter().enumerate() {
            let x = left + side as i32 * (width + gap);
            let area = rectangle(x, top, width as u32, height as u32);
            self.draw_box(surface, area, head, source, differs)?;
            let middle = Point::new(x + width / 2, top + height * 62 / 100);
            let number = shown.map(|numbers| numbers[side]);
            self.draw_statement(surface, middle, number)?;
        }
        let sign = match (differs, last) {
            (true, _) => "≠",
            (false, _) => "=",
        };
        let ink = if differs { theme.warning } else { theme.text };
        let large = self.styles.names(Role::Caption, ink, theme.panel);
        let line = large.face.line_height() as i32;
        let at = Point::new(left + wide / 2, top + height * 62 / 100 - line / 2);
        large.centre(surface, at, sign)?;
        Ok(top + height)
    }

    /// Draws a box with its head, and the source of what it says.
    fn draw_box<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        head: &str,
        source: &str,
        differs: bool,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let edge = if differs { theme.warning } else { theme.edge };
        let thickness = self.styles.scale.length(if differs { 3 } else { 1 });
        edged_box(surface, area, 6, thickness, edge, theme.panel)?;
        let name = self.styles.names(Role::Title, theme.text, theme.panel);
        let at = area.top_left + Point::new(self.length(18), self.length(14));
        let drawn = name.left(surface, at, head)?;
        let small = self.words(Role::Small);
        let beside = at.x + drawn.size.width as i32 + self.length(10);
        let end = area.top_left.x + area.size.width as i32 - self.length(12);
        if beside + (small.width(source) as i32) < end {
            let lower = name.face.line_height() as i32 - small.face.line_height() as i32;
            small.left(surface, Point::new(beside, at.y + lower - 1), source)?;
        }
        Ok(())
    }

    /// Draws what one side says around a point; without a mismatch, both say the same.
    fn draw_statement<S: Surface>(
        &self,
        surface: &mut S,
        middle: Point,
        number: Option<u32>,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let large = self.styles.names(Role::Caption, theme.text, theme.panel);
        let line = large.face.line_height() as i32;
        let at = middle - Point::new(0, line / 2);
        let kind = self.findings.last.as_ref().map(|finding| finding.kind);
        let (Some(kind), Some(number)) = (kind, number) else {
            large.centre(surface, at, "the same")?;
            return Ok(());
        };
        let words = parts::text::<64>(Statement(kind, number));
        let drawn = large.centre(surface, at, words)?;
        if kind == MismatchKind::Owner {
            let tag = Tag::from_bits_truncate(number as u16);
            let size = self.styles.scale.length(22);
            let left = drawn.top_left.x - size as i32 - self.length(12);
            let swatch = rectangle(left, middle.y - size as i32 / 2, size, size);
            round_box(surface, swatch, 2, theme.tag(tag).color)?;
        }
        Ok(())
    }

    /// The data of the machine that the comparison read.
    fn source(&self) -> &'static str {
        match self.findings.last.as_ref().map(|finding| finding.kind) {
            Some(MismatchKind::Owner | MismatchKind::References) => "from the frame allocator",
            Some(MismatchKind::Entry | MismatchKind::Rights) => "from the page tables in memory",
            Some(MismatchKind::Block) => "from the headers of the heap",
            Some(MismatchKind::Heat | MismatchKind::Other) | None => "from its own data",
        }
    }

    /// Draws the place of the mismatch, down to a level.
    fn draw_place<S: Surface>(
        &self,
        surface: &mut S,
        finding: &Finding,
        inside: Rectangle,
        top: i32,
        bottom: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let (left, mut y) = (inside.top_left.x, top);
        let label = self.styles.words(Role::Label, theme.text, theme.panel);
        let line = label.face.line_height() as i32 + self.length(6);
        if finding.kind != MismatchKind::Other {
            let words = format_args!("{} at {:#x}", finding.kind.words(), finding.place);
            label.left(surface, Point::new(left, y), words)?;
            y += line;
        }
        if let Some(cause) = &finding.cause
            && y + line < bottom
        {
            let words = parts::text::<120>(format_args!(
                "last event there: {} at {}",
                cause.payload,
                Moment(cause.time)
            ));
            if label.width(&words) < inside.size.width {
                label.left(surface, Point::new(left, y), words)?;
                y += line;
            }
        }
        let state = match finding.ended {
            Some(time) => parts::text::<96>(format_args!(
                "corrected: both agree since the comparison at {}",
                Moment(time)
            )),
            None => parts::text::<96>("not corrected yet"),
        };
        if y + line < bottom {
            self.words(Role::Label)
                .left(surface, Point::new(left, y), state)?;
            y += line;
        }
        self.draw_frames(surface, finding, inside, y + self.length(8), bottom)
    }

    /// Draws the frames around the place in a row.
    fn draw_frames<S: Surface>(
        &self,
        surface: &mut S,
        finding: &Finding,
        inside: Rectangle,
        top: i32,
        bottom: i32,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let small = self.words(Role::Small);
        let line = small.face.line_height() as i32 + self.length(4);
        let pitch = inside.size.width as i32 / AROUND as i32;
        let side = (pitch - self.length(6)).min(bottom - top - 2 * line - self.length(8));
        if finding.around.is_empty() || side < self.length(14) {
            return Ok(());
        }
        let place = finding.place as usize / FRAME_BYTES;
        for (at, frame) in finding.around.iter().enumerate() {
            let x = inside.top_left.x + at as i32 * pitch + self.length(3);
            let area = rectangle(x, top, side as u32, side as u32);
            let owner = theme.tag(frame.tag());
            let is_place = finding.first + at == place;
            match is_place && finding.ended.is_none() {
                true => hatch(surface, area, theme.warning, theme.panel)?,
                false => {
                    round_box(surface, area, 2, owner.color)?;
                    let ink = theme.ink_on(owner.color);
                    let letter = self
                        .styles
                        .digits(Role::Body, Weight::Bold, ink, owner.color);
                    let cell = letter.font.cell();
                    let inside = area.top_left + (area.size - cell) / 2;
                    letter.draw(surface, Slot::left(inside, 1), owner.letter)?;
                }
            }
            if is_place {
                ring(surface, area, 1, self.styles.scale.length(2), theme.accent)?;
                let address = format_args!("{:#x}", finding.place);
                let below = Point::new(x + side / 2, top + side + self.length(6));
                small.centre(surface, below, address)?;
            }
        }
        Ok(())
    }

    fn draw_costs<S: Surface>(&self, surface: &mut S, at: Point) -> Result<(), S::Error> {
        let frames = self.findings.own_frames;
        let words = parts::text::<160>(format_args!(
            "Cost of watching: {} events of 32 B so far; the dashboard uses {} frames, {}",
            Count(self.findings.events),
            Count(frames),
            Bytes(frames * FRAME_BYTES as u64)
        ));
        self.words(Role::Small).left(surface, at, words)?;
        Ok(())
    }
}

/// What a number of a mismatch says: see [`crate::truth::event`].
struct Statement(MismatchKind, u32);

impl Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statement(kind, number) = *self;
        match kind {
            MismatchKind::Owner => match Tag::from_bits_truncate(number as u16) {
                tag if tag.is_empty() => f.write_str("the frame is free"),
                tag => write!(f, "owner: {}", Owners(tag)),
            },
            MismatchKind::References => match number {
                1 => f.write_str("1 reference"),
                _ => write!(f, "{} references", Count(number.into())),
            },
            MismatchKind::Heat => write!(f, "heat {number}"),
            MismatchKind::Entry => match number {
                0 => f.write_str("no entry"),
                _ => write!(f, "frame {:#x}", u64::from(number) * FRAME_BYTES as u64),
            },
            MismatchKind::Rights => {
                let access = Access::from_bits_truncate(number as u8);
                let letter = |bit, letter| if access.contains(bit) { letter } else { '-' };
                let (write, execute) = (letter(Access::WRITE, 'w'), letter(Access::EXECUTE, 'x'));
                write!(f, "rights: r{write}{execute}")
            }
            MismatchKind::Block => match number {
                FREE => f.write_str("a free block"),
                CACHED => f.write_str("freed, in the cache"),
                _ => write!(f, "live: {}", Bytes((number - LIVE).into())),
            },
            MismatchKind::Other => f.write_str("see the log"),
        }
    }
}
