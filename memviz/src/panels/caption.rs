//! The bar at the bottom: the lesson, its caption and the most important keys.
//!
//! ```text
//! ▌ Copy-on-write  4/9                             Space answer   [ ] step   l lessons   ? help
//! ▌ Predict: the child writes to a page that both have. What will the kernel do?
//! ▌
//! ```
//! The text is as large as two lines of it allow. A question has the accent colour. While keys go
//! to the shell, the bar shows only the key that closes it. A notice replaces the keys.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::graphics::wrap::wrap;
use crate::input::keyboard_layout::KeyboardLayout;
use crate::view::caption::{Caption, Part, WORDS_BYTES};
use crate::widgets;
use core::fmt::Write;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::{String, Vec};

/// Each key after Space, with its effect.
const KEYS: [(&str, &str); 3] = [("[ ]", "step"), ("l", "lessons"), ("?", "help")];
/// The key to show in the present.
const OUT: (&str, &str) = ("q", "power off");
/// The key to show in the past.
const BACK: (&str, &str) = ("End", "to now");
/// The key to show while keys go to the shell.
const SHELL: (&str, &str) = ("Esc", "closes the shell");
/// Which keys the bar shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Keys go to the shell.
    Shell,
    /// A notice, instead of the keys.
    Notice(Notice),
    /// Keys go to the dashboard.
    Dashboard {
        /// The effect of Space now.
        space: &'static str,
        /// The picture shows the past.
        is_past: bool,
    },
}

/// A fact about the keyboard that the bar shows until the next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The key that powers off was pressed once.
    Quit,
    /// The keyboard has another layout.
    Keyboard(KeyboardLayout),
    /// The machine has no keyboard that the kernel can use.
    NoKeyboard,
}

impl Notice {
    /// A key or a topic, and what it does or what holds.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Notice::Quit => ("q", "again powers off"),
            Notice::Keyboard(layout) => ("keyboard:", layout.words()),
            Notice::NoKeyboard => (
                "no PS/2 keyboard:",
                "type on the serial line (the terminal)",
            ),
        }
    }
}

/// The text before a question.
const PREDICT: &str = "Predict:";
/// The maximum lines of text in the bar.
const LINES: usize = 2;

/// Draws the caption and the keys.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    caption: Option<&Caption>,
    offer: Offer,
) -> Result<(), S::Error> {
    surface.fill_solid(&area, styles.theme.panel)?;
    widgets::outline(surface, area, 1, styles.theme.outline)?;
    let unit = styles.unit();
    let left = area.top_left.x + 2 * unit as i32;
    let right = area.top_left.x + (area.size.width - 2 * unit) as i32;
    let top = area.top_left.y + unit as i32 / 2;
    let keys = draw_keys(surface, styles, right, top, offer)?;
    let Some(caption) = caption else {
        return Ok(());
    };

    let is_question = caption.part == Part::Question;
    if is_question {
        let mark = Size::new(unit, area.size.height);
        surface.fill_solid(&Rectangle::new(area.top_left, mark), styles.theme.accent)?;
    }
    let cells = ((keys - left).max(0) as u32 / unit) as usize;
    draw_title(surface, styles, caption, Point::new(left, top), cells)?;

    let mut words = String::<{ WORDS_BYTES + PREDICT.len() + 1 }>::new();
    // Both fit.
    let _ = match is_question {
        true => write!(words, "{PREDICT} {}", caption.words),
        false => words.write_str(&caption.words),
    };
    // The text stands below the first line.
    let first = styles.text.font.cell().height + unit;
    let room = area.size.height.saturating_sub(first + unit / 2);
    let across = |style: &TextStyle| ((right - left) as u32 / style.font.cell().width) as usize;
    let fits = |style: &TextStyle| {
        let lines = wrap(&words, across(style)).count();
        lines <= LINES && lines as u32 * style.font.cell().height <= room
    };
    let (large, small) = match is_question {
        true => (&styles.large_accent, &styles.accent),
        false => (&styles.large, &styles.text),
    };
    let style = if fits(large) { large } else { small };
    let height = style.font.cell().height;
    let most = (room / height) as usize;
    let used = wrap(&words, across(style)).count().min(most) as u32;
    // Centres the lines vertically and spaces them evenly.
    let gap = (room - used * height) / (LINES as u32 + 1);
    let block = used * height + used.saturating_sub(1) * gap;
    let mut y = area.top_left.y + (first + (room - block) / 2) as i32;
    for line in wrap(&words, across(style)).take(most) {
        style.draw(
            surface,
            Slot::left(Point::new(left, y), across(style)),
            line,
        )?;
        y += (height + gap) as i32;
    }
    Ok(())
}

/// Draws the title of the lesson and the step number.
fn draw_title<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    caption: &Caption,
    at: Point,
    cells: usize,
) -> Result<(), S::Error> {
    let step = format_args!("{}/{}", caption.step, caption.steps);
    // The step number is always drawn; a long title is cut.
    let step_cells = match caption.part {
        Part::Between => 0,
        _ => width(step),
    };
    let title = width(caption.title).min(cells.saturating_sub(step_cells + 2));
    styles
        .title
        .draw(surface, Slot::left(at, title), caption.title)?;
    let at = at + Size::new((title as u32 + 2) * styles.unit(), 0);
    styles.dim.draw(surface, Slot::left(at, step_cells), step)
}

/// Draws the keys up to the right edge, as many as fit beside a title. Returns their left edge.
fn draw_keys<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    right: i32,
    top: i32,
    offer: Offer,
) -> Result<i32, S::Error> {
    let unit = styles.unit() as i32;
    let hints = hints(styles, right, offer);
    for hint in &hints {
        let key = Point::new(hint.left, top);
        let what = key + Point::new((width(hint.key) as i32 + 1) * unit, 0);
        let slot = |at, words| Slot::left(at, width(words));
        let (accent, dim) = (&styles.accent, &styles.dim);
        accent.draw(surface, slot(key, hint.key), hint.key)?;
        dim.draw(surface, slot(what, hint.what), hint.what)?;
    }
    Ok(hints.first().map_or(right, |hint| hint.left - 2 * unit))
}

/// The keys that the bar offers, each with its effect, the most important ones first.
pub fn keys(offer: Offer) -> Vec<(&'static str, &'static str), { KEYS.len() + 2 }> {
    match offer {
        Offer::Dashboard { space, is_past } => [("Space", space)]
            .into_iter()
            .chain(KEYS)
            .chain([if is_past { BACK } else { OUT }])
            .collect(),
        Offer::Shell => core::iter::once(SHELL).collect(),
        Offer::Notice(notice) => core::iter::once(notice.words()).collect(),
    }
}

type Hints = Vec<Hint, { KEYS.len() + 2 }>;

/// A key, its effect, and the left and right edge of its text.
#[derive(Clone, Copy)]
struct Hint {
    key: &'static str,
    what: &'static str,
    left: i32,
    right: i32,
}

/// The keys from left to right, up to the right edge.
fn hints(styles: &Styles, right: i32, offer: Offer) -> Hints {
    let unit = styles.unit() as i32;
    let hint = |(key, what)| Hint {
        key,
        what,
        left: 0,
        right: 0,
    };
    let mut hints: Hints = keys(offer).into_iter().map(hint).collect();
    let mut end = right;
    for hint in hints.iter_mut().rev() {
        let cells = width(hint.key) + 1 + width(hint.what);
        (hint.left, hint.right) = (end - cells as i32 * unit, end);
        end = hint.left - 2 * unit;
    }
    hints
}

/// The name of the key that is drawn at a point of the screen.
pub fn key_at(
    styles: &Styles,
    area: Rectangle,
    offer: Offer,
    point: Point,
) -> Option<&'static str> {
    let right = area.top_left.x + area.size.width as i32 - 2 * styles.unit() as i32;
    let top = area.top_left.y;
    let end = top + (styles.text.font.cell().height + styles.unit()) as i32;
    let is_line = (top..end).contains(&point.y);
    let mut hints = hints(styles, right, offer).into_iter();
    let hint = hints.find(|hint| is_line && (hint.left..hint.right).contains(&point.x))?;
    script_name(hint.key)
}

/// The name in a script of a key that the bar offers.
pub fn script_name(key: &str) -> Option<&'static str> {
    ["space", "l", "?", "q", "end"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(key))
}
