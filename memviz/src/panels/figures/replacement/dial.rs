//! Draws the clock of CLOCK: the frames in a circle, and the hand.
//!
//! ```text
//!        ╭ 4 │ A 1 ╮
//!      ╱      │      ╲           hand: the frame that the policy looks at first
//!     │       │       │          A 1 → 0: the hand has passed and cleared the bit
//! [ 3 │ A 0 ]─┴─[ 2 │ A 1 → 0 ]
//! ```
//! The first frame is at the top; the hand goes clockwise. While a question is open, the last
//! changes are not marked.

use super::log::{FRAMES, Run, Step, put};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::TextStyle;
use crate::graphics::type_scale::Role;
use crate::panels::figures::lines::Lines;
use crate::panels::figures::marks::centred;
use crate::widgets::shapes::{disc, edged_box};
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The clock of a replay after its last reference.
pub struct Dial<'d> {
    styles: &'d Styles,
    frames: [Frame; FRAMES],
    count: usize,
    /// The frame of the hand.
    hand: usize,
    last: Step,
}

/// A frame of the circle, before and after the last reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Frame {
    page: Option<u32>,
    page_before: Option<u32>,
    bit: bool,
    bit_before: bool,
}

/// A value, with the value before it if that was another one.
struct Changed<T>(T, T);

impl<T: Display + PartialEq> Display for Changed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 != self.1 {
            write!(f, "{}→", self.0)?;
        }
        self.1.fmt(f)
    }
}

impl<'d> Dial<'d> {
    /// Returns the clock of a replay, if its policy is CLOCK and all frames fit.
    pub fn of(styles: &'d Styles, run: &Run, is_question: bool) -> Option<Dial<'d>> {
        let is_clock = run.policy().is_some_and(|policy| policy.name() == "clock");
        let count = run.count.frames as usize;
        let (&last, earlier) = run.steps.split_last().filter(|_| is_clock)?;
        let hand = last.next.filter(|&next| (next as usize) < count)? as usize;
        if count > FRAMES {
            return None;
        }
        let mut held = run.before;
        earlier.iter().for_each(|&step| put(&mut held, step));
        let before = held;
        put(&mut held, last);
        let bits_before = earlier.last().map_or(last.accessed, |step| step.accessed);
        let frame = |at: usize| {
            let bit = |bits: u32| bits >> at & 1 == 1;
            let (page, bit_now) = (held[at], bit(last.accessed));
            Frame {
                page,
                page_before: if is_question { page } else { before[at] },
                bit: bit_now,
                bit_before: if is_question {
                    bit_now
                } else {
                    bit(bits_before)
                },
            }
        };
        Some(Dial {
            styles,
            frames: core::array::from_fn(frame),
            count,
            hand,
            last,
        })
    }

    /// The least height of a clock.
    pub fn least_height(styles: &Styles) -> i32 {
        styles.scale.length(210) as i32
    }

    /// Draws the clock in a rectangle, with words to its right.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let size = self.box_size();
        let high = (area.size.height as i32).min(self.length(330));
        let radius = (high - size.height as i32) / 2 - self.length(8);
        let centre = Point::new(
            area.top_left.x + self.length(8) + radius + size.width as i32 / 2,
            area.center().y,
        );
        disc(surface, centre, radius as u32, theme.edge)?;
        disc(surface, centre, radius as u32 - 2, theme.panel)?;
        for at in 0..self.count {
            let middle = centre + on_circle(at, self.count, radius);
            let corner = middle - Point::new(size.width as i32, size.height as i32) / 2;
            self.draw_frame(surface, at, Rectangle::new(corner, size))?;
        }
        self.draw_hand(surface, centre, radius)?;
        let left = centre.x + radius + size.width as i32 / 2 + self.length(32);
        let mut lines = Lines {
            surface,
            styles: self.styles,
            left,
            right: area.top_left.x + area.size.width as i32,
            y: centre.y - self.length(90),
            bottom: area.top_left.y + area.size.height as i32,
        };
        lines.strong("The frames in a circle")?;
        lines.text("hand: the frame that CLOCK looks at first")?;
        lines.text("A 1: accessed; the hand clears it and passes")?;
        lines.text("A 0: not accessed; the hand stops, and the page leaves")
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn box_size(&self) -> Size {
        Size::new(self.length(150) as u32, self.length(42) as u32)
    }

    /// Draws a frame: its page, and the accessed bit of the page.
    fn draw_frame<S: Surface>(
        &self,
        surface: &mut S,
        at: usize,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let (theme, frame) = (self.styles.theme, self.frames[at]);
        let is_loaded = self.last.fault && self.last.frame as usize == at;
        let (ink, fill) = match is_loaded {
            true => (theme.on_allowed, theme.allowed),
            false => (theme.text, theme.cell),
        };
        let radius = self.styles.scale.length(4);
        edged_box(surface, area, radius, 1, theme.edge, theme.cell)?;
        let page = Rectangle::new(
            area.top_left,
            Size::new(area.size.width / 2, area.size.height),
        );
        edged_box(surface, page, radius, 1, theme.edge, fill)?;
        let bit = Rectangle::new(page.top_left + Size::new(page.size.width, 0), page.size);
        let digits = |ink, fill| self.styles.digits(Role::Title, Weight::Bold, ink, fill);
        match (frame.page_before, frame.page) {
            (Some(before), Some(now)) => {
                in_middle(surface, &digits(ink, fill), page, Changed(before, now))?;
            }
            (_, Some(now)) => in_middle(surface, &digits(ink, fill), page, now)?,
            (_, None) => in_middle(surface, &digits(theme.dim, fill), page, "–")?,
        }
        let is_cleared = frame.bit_before && !frame.bit;
        let ink = match (is_cleared, frame.bit) {
            (true, _) => theme.accent,
            (_, true) => theme.text,
            (_, false) => theme.dim,
        };
        let now = u8::from(frame.bit);
        let before = if is_cleared { 1 } else { now };
        let words = format_args!("A {}", Changed(before, now));
        in_middle(surface, &digits(ink, theme.cell), bit, words)
    }

    /// Draws the hand from the centre to its frame.
    fn draw_hand<S: Surface>(
        &self,
        surface: &mut S,
        centre: Point,
        radius: i32,
    ) -> Result<(), S::Error> {
        let ink = self.styles.theme.accent;
        let size = self.box_size();
        // The hand ends before the box, which is wider than high.
        let way = on_circle(self.hand, self.count, 1000);
        let until = |half: u32, part: i32| half as i32 * 1000 / part.abs().max(1);
        let inside = until(size.width / 2, way.x).min(until(size.height / 2, way.y));
        let reach = radius - inside - self.length(6);
        let head = self.length(22);
        for at in (0..reach).step_by(2) {
            let left = reach - at;
            let thick = match left < head {
                true => left * self.length(7) / head,
                false => self.length(2),
            };
            let middle = centre + on_circle(self.hand, self.count, at);
            disc(surface, middle, thick.max(1) as u32, ink)?;
        }
        disc(surface, centre, self.styles.scale.length(7), ink)
    }
}

/// Draws words in the middle of a rectangle.
fn in_middle<S: Surface>(
    surface: &mut S,
    style: &TextStyle,
    area: Rectangle,
    words: impl Display,
) -> Result<(), S::Error> {
    let down = (area.size.height as i32 - style.font.cell().height as i32) / 2;
    let x = area.top_left.x + area.size.width as i32 / 2;
    centred(surface, style, Point::new(x, area.top_left.y + down), words)
}

/// Returns the point of one of `count` equal parts of a circle, clockwise from the top.
fn on_circle(at: usize, count: usize, radius: i32) -> Point {
    let degrees = 360 * at as i32 / count.max(1) as i32;
    Point::new(sine(degrees), -sine(degrees + 90)) * radius / 1000
}

/// Returns the sine of an angle in thousandths, by the approximation of Bhaskara.
fn sine(degrees: i32) -> i32 {
    let angle = degrees.rem_euclid(360);
    let half = angle % 180;
    let product = half * (180 - half);
    let sine = 4000 * product / (40_500 - product);
    if angle < 180 { sine } else { -sine }
}

#[cfg(test)]
mod tests {
    use super::super::log::Count;
    use super::*;
    use crate::graphics::theme::DARK;
    use heapless::Vec;
    use x86_64::VirtAddr;

    fn step(page: u32, frame: u32, next: u32, accessed: u32) -> Step {
        Step {
            page,
            frame,
            next: Some(next),
            accessed,
            write: false,
            fault: true,
        }
    }

    fn run(policy: &str) -> Run {
        let number = mm::reclaim::POLICIES
            .iter()
            .position(|one| one.name() == policy);
        let steps = [
            step(1, 0, 0, 0b001),
            step(2, 1, 0, 0b011),
            step(3, 2, 0, 0b111),
            step(4, 0, 1, 0b001),
        ];
        let count = Count {
            policy: number.unwrap() as u8,
            frames: 3,
            faults: 4,
            references: 4,
        };
        Run {
            count,
            process: 1,
            start: VirtAddr::zero(),
            steps: Vec::from_slice(&steps).unwrap(),
            before: [None; FRAMES],
        }
    }

    #[test]
    fn the_hand_clears_the_bits_that_it_passes() {
        let styles = Styles::new(&DARK, 16);
        let dial = Dial::of(&styles, &run("clock"), false).unwrap();
        let frame = |page, page_before, bit, bit_before| Frame {
            page: Some(page),
            page_before: Some(page_before),
            bit,
            bit_before,
        };
        let frames = [
            frame(4, 1, true, true),
            frame(2, 2, false, true),
            frame(3, 3, false, true),
        ];
        assert_eq!((&dial.frames[..dial.count], dial.hand), (&frames[..], 1));
        let asked = Dial::of(&styles, &run("clock"), true).unwrap();
        let shows_change =
            |frame: &Frame| (frame.page, frame.bit) != (frame.page_before, frame.bit_before);
        assert!(!asked.frames.iter().any(shows_change), "an open question");
        assert!(Dial::of(&styles, &run("fifo"), false).is_none());
    }

    #[test]
    fn frames_stand_on_the_circle_clockwise() {
        let at = |at| on_circle(at, 4, 100);
        let points = [(0, -100), (100, 0), (0, 100), (-100, 0)];
        assert_eq!(
            [at(0), at(1), at(2), at(3)],
            points.map(|(x, y)| Point::new(x, y))
        );
        let third = on_circle(1, 3, 1000);
        assert!(
            (third.x - 866).abs() < 3 && (third.y - 500).abs() < 3,
            "{third}"
        );
    }
}
