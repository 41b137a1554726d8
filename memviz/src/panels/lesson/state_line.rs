//! The line below a caption: the state and the time of the picture, the cost of recording and
//! drawing, and whether the picture agrees with the machine.
//!
//! ```text
//! ▶ LIVE     10.1 s  55,174 events  1.2 k/s  60 fps  163.8 µs/frame          ✓ same as the machine
//! ◀ REPLAY    9.8 s  –312 events                                                          the past
//! ```
//! A figure has the line without the costs. Only values that changed are drawn again, so an
//! unchanged picture costs almost nothing.

use crate::graphics::font::Weight;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::graphics::type_scale::Role;
use crate::graphics::wrap::wrap_fitting;
use crate::panels::figures::parts;
use crate::view::meter::Figures;
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Payload;
use mm::units::{Count, Moment, Nanoseconds, Rate};

/// Text cells of the time.
const TIME: usize = 11;
/// Text cells of the number of events.
const EVENTS: usize = 17;
/// Text cells of the rate of events, of the rate of pictures, and of the cost of a picture.
const COSTS: [usize; 3] = [10, 9, 14];

/// The state of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PictureState {
    /// True if the workload or the replay is paused.
    pub paused: bool,
    /// Events between the picture and the present.
    pub behind: u64,
    /// The time of the picture, in nanoseconds since boot; shown to the tenth of a second.
    pub time: u64,
    /// Events applied.
    pub events: u64,
    /// Events that the ring lost.
    pub lost: u64,
    /// The number of mismatches between the picture and the machine.
    pub mismatches: u64,
    /// Rates and costs.
    pub figures: Figures,
    /// True if the picture is saved: then it has no rates and costs of drawing.
    pub is_still: bool,
    /// The last event of the picture, while time is paused.
    pub event: Option<Payload>,
}

impl PictureState {
    /// Draws the values that differ from `before`, or all of them without it.
    pub fn draw<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
        before: Option<&PictureState>,
        costs: Costs,
    ) -> Result<(), S::Error> {
        let before = before
            .filter(|before| before.words() == self.words() && before.is_still == self.is_still);
        let theme = styles.theme;
        if before.is_none() {
            surface.fill_solid(&area, theme.ground)?;
        }
        let margin = area.size.width as i32 / 80;
        let names = styles.names(Role::Small, theme.text, theme.ground);
        let at = |x| Point::new(x, top(area, names.face.line_height()));
        let left = area.top_left.x + margin;
        if before.is_none() {
            names.left(surface, at(left), self.words())?;
        }
        let widest = WORDS.map(|words| names.width(words)).into_iter().max();
        let right = area.top_left.x + area.size.width as i32 - margin;
        let mut line = Line {
            surface,
            text: styles.digits(Role::Small, Weight::Regular, theme.text, theme.ground),
            dim: styles.digits(Role::Small, Weight::Regular, theme.dim, theme.ground),
            area,
            left: left + widest.unwrap_or_default() as i32 + styles.scale.length(10) as i32,
        };
        let tenths = |state: &PictureState| Tenths(state.time / 100_000_000);
        line.field(TIME, before.map(tenths), tenths(self), true)?;
        if costs == Costs::Shown || self.behind > 0 {
            line.field(EVENTS, before.map(Events::of), Events::of(self), false)?;
        }
        if costs == Costs::Shown {
            let [rate, pictures, cost] = COSTS;
            line.field(rate, before.map(EventRate::of), EventRate::of(self), false)?;
            let now = Pictures::of(self);
            line.field(pictures, before.map(Pictures::of), now, false)?;
            line.field(cost, before.map(Cost::of), Cost::of(self), false)?;
        }
        let left = line.left.min(right);
        self.draw_verdict(surface, styles, area, (left, right), before)
    }

    /// Draws between these edges whether picture and machine agree, and the event at the position.
    fn draw_verdict<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        area: Rectangle,
        (left, right): (i32, i32),
        before: Option<&PictureState>,
    ) -> Result<(), S::Error> {
        let at = |x| {
            let line = styles.names(Role::Small, styles.theme.text, styles.theme.ground);
            Point::new(x, top(area, line.face.line_height()))
        };
        let verdict = Verdict::of(self);
        let event = self.event;
        if before.map(|state| (Verdict::of(state), state.event)) == Some((verdict, event)) {
            return Ok(());
        }
        let rest = Rectangle::new(
            Point::new(left, area.top_left.y),
            Size::new((right - left) as u32, area.size.height),
        );
        surface.fill_solid(&rest, styles.theme.ground)?;
        let style = verdict.style(styles);
        // Beside large words, a warning is reduced to a sign.
        let fits = |words: &str| style.width(words) <= rest.size.width;
        let words = parts::text::<64>(verdict);
        let words = [words.as_str(), "▲"].into_iter().find(|words| fits(words));
        let mut end = right;
        if let Some(words) = words.filter(|&words| words != "▲" || verdict.is_warning()) {
            end = style.right(surface, at(right), words)?.top_left.x;
        }
        match event {
            Some(event) => draw_event(surface, styles, at(left), end, &event),
            None => Ok(()),
        }
    }

    /// Returns the state in a word.
    fn words(&self) -> &'static str {
        match (self.behind > 0, self.paused) {
            (true, _) => WORDS[0],
            (false, true) => WORDS[1],
            (false, false) => WORDS[2],
        }
    }

    /// Returns whether the machine runs and the picture shows the present.
    fn is_running(&self) -> bool {
        self.behind == 0 && !self.paused && !self.is_still
    }
}

const WORDS: [&str; 3] = ["◀ REPLAY", "■ HELD", "▶ LIVE"];

/// The visibility of the costs of recording and drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Costs {
    /// The line shows the costs.
    Shown,
    /// The line is below a figure.
    Hidden,
}

/// Draws the last event of the picture, as much of it as fits.
fn draw_event<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    at: Point,
    end: i32,
    event: &Payload,
) -> Result<(), S::Error> {
    let style = styles.words(Role::Small, styles.theme.dim, styles.theme.ground);
    let room = end - at.x - styles.scale.length(16) as i32;
    let words = parts::text::<128>(event);
    let mut lines = wrap_fitting(&words, |line| style.width(line) as i32 <= room);
    match lines.next().filter(|line| style.width(line) as i32 <= room) {
        Some(line) => style.left(surface, at, line).map(drop),
        None => Ok(()),
    }
}

/// Returns the top of a line of text of this height in the middle of an area.
fn top(area: Rectangle, height: u32) -> i32 {
    area.top_left.y + (area.size.height.saturating_sub(height) / 2) as i32
}

/// Fields from left to right.
struct Line<'s, S> {
    surface: &'s mut S,
    text: TextStyle,
    dim: TextStyle,
    area: Rectangle,
    left: i32,
}

impl<S: Surface> Line<'_, S> {
    /// Draws a field of this many cells, if it changed.
    fn field<T: Display + PartialEq>(
        &mut self,
        cells: usize,
        before: Option<T>,
        now: T,
        is_bright: bool,
    ) -> Result<(), S::Error> {
        let style = if is_bright { &self.text } else { &self.dim };
        let cell = style.font.cell();
        let end = self.area.top_left.x + self.area.size.width as i32;
        let room = (end - self.left).max(0) as usize / cell.width as usize;
        let at = Point::new(self.left, top(self.area, cell.height));
        self.left += cells as i32 * cell.width as i32;
        if room < cells {
            return Ok(());
        }
        style.update(self.surface, Slot::left(at, cells), before, now)
    }
}

/// A time in tenths of a second.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tenths(u64);

impl Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", Moment(self.0 * 100_000_000))
    }
}

/// The events applied, or the events between the picture and the present.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Events {
    number: u64,
    is_past: bool,
}

impl Events {
    fn of(state: &PictureState) -> Events {
        match state.behind {
            0 => Events {
                number: state.events,
                is_past: false,
            },
            number => Events {
                number,
                is_past: true,
            },
        }
    }
}

impl Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_past { "–" } else { "" };
        write!(f, "{sign}{} events", Count(self.number))
    }
}

/// Events a second. The meter counts events of the present only.
#[derive(Clone, Copy, PartialEq, Eq)]
struct EventRate(Option<u64>);

impl EventRate {
    fn of(state: &PictureState) -> EventRate {
        EventRate(state.is_running().then_some(state.figures.event_rate))
    }
}

impl Display for EventRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |rate| Rate(rate).fmt(f))
    }
}

/// Pictures a second.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pictures(Option<u64>);

impl Pictures {
    fn of(state: &PictureState) -> Pictures {
        Pictures(state.is_running().then_some(state.figures.frame_rate))
    }
}

impl Display for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |rate| write!(f, "{rate} fps"))
    }
}

/// The mean cost of a picture.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cost(Option<u64>);

impl Cost {
    fn of(state: &PictureState) -> Cost {
        let cost = state.figures.frame_nanoseconds;
        Cost(state.is_running().then_some(cost))
    }
}

impl Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cost = self.0.map(Nanoseconds);
        cost.map_or(Ok(()), |cost| write!(f, "{cost}/frame"))
    }
}

/// The agreement of picture and machine. The past cannot be compared with the present machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Same,
    Past,
    Lost(u64),
    Differs(u64),
}

impl Verdict {
    fn of(state: &PictureState) -> Verdict {
        match *state {
            PictureState { lost: 1.., .. } => Verdict::Lost(state.lost),
            PictureState { behind: 1.., .. } => Verdict::Past,
            PictureState {
                mismatches: 1.., ..
            } => Verdict::Differs(state.mismatches),
            _ => Verdict::Same,
        }
    }

    fn is_warning(self) -> bool {
        matches!(self, Verdict::Lost(_) | Verdict::Differs(_))
    }

    fn style(self, styles: &Styles) -> LabelStyle {
        let theme = styles.theme;
        match self.is_warning() {
            false => styles.words(Role::Small, theme.dim, theme.ground),
            true => styles.names(Role::Small, theme.warning, theme.ground),
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Verdict::Same => f.write_str("✓ same as the machine"),
            Verdict::Past => f.write_str("the past"),
            Verdict::Lost(events) => write!(f, "▲ {} events lost", Count(events)),
            Verdict::Differs(1) => f.write_str("▲ 1 mismatch"),
            Verdict::Differs(places) => write!(f, "▲ {} mismatches", Count(places)),
        }
    }
}
