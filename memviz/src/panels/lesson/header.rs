//! The title line: the lesson, a dot for each step, and the most important keys or a notice.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::lesson::offer::{Offer, keys, script_name};
use crate::panels::lesson::{naming_line, search_line};
use crate::view::caption::{Caption, Part};
use crate::view::search::state::SearchLine;
use crate::widgets::badges;
use crate::widgets::shapes::{disc, rectangle};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;

/// The distance between two dots on a screen 800 pixels high.
const PITCH: u32 = 15;
/// The maximum number of keys in the line.
const KEYS: usize = 6;

/// Draws the line.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    caption: Option<&Caption>,
    offer: Offer,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    surface.fill_solid(&area, theme.ground)?;
    let keys = placed(styles, area, offer);
    let middle = middle(area);
    for key in &keys {
        let (at, words) = (Point::new(key.left, middle), (key.name, key.what));
        badges::key(surface, styles, at, words, theme.dim, theme.ground)?;
    }
    let mut end = keys.first().map_or(right(area), |key| key.left);
    if let Offer::Notice(notice) = offer
        && !notice.is_key()
    {
        let style = styles.words(Role::Label, theme.accent, theme.ground);
        let top = middle - style.face.line_height() as i32 / 2;
        let (topic, words) = notice.words();
        let at = Point::new(right(area), top);
        let drawn = style.right(surface, at, format_args!("{topic} {words}"))?;
        end = drawn.top_left.x;
    }
    let start = draw_name(surface, styles, area)?;
    match caption {
        Some(caption) => draw_title(surface, styles, caption, Point::new(start, middle), end),
        None => Ok(()),
    }
}

/// Draws the line of the search instead of the lesson.
pub fn draw_search<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    line: &SearchLine,
    offer: Offer,
) -> Result<(), S::Error> {
    draw(surface, styles, area, None, offer)?;
    let start = draw_name(surface, styles, area)?;
    let keys = placed(styles, area, offer);
    let end = keys.first().map_or(right(area), |key| key.left);
    let room = start..end - styles.scale.length(20) as i32;
    search_line::draw(surface, styles, middle(area), room, line)
}

/// Draws the line for the name of a bookmark instead of the lesson.
pub fn draw_naming<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    line: (&str, usize),
    offer: Offer,
) -> Result<(), S::Error> {
    draw(surface, styles, area, None, offer)?;
    let start = draw_name(surface, styles, area)?;
    let keys = placed(styles, area, offer);
    let end = keys.first().map_or(right(area), |key| key.left);
    let room = start..end - styles.scale.length(20) as i32;
    naming_line::draw(surface, styles, middle(area), room, line)
}

/// Draws the name of the program. Returns the left end of what follows.
fn draw_name<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
) -> Result<i32, S::Error> {
    let theme = styles.theme;
    let length = |pixels| styles.scale.length(pixels) as i32;
    let dim = styles.words(Role::Label, theme.dim, theme.ground);
    let above = |height: u32| middle(area) - height as i32 / 2;
    let left = area.top_left.x + margin(area);
    let at = Point::new(left, above(dim.face.line_height()));
    let drawn = dim.left(surface, at, "memviz")?;
    let x = left + drawn.size.width as i32 + length(12);
    let rule = rectangle(x, above(length(18) as u32), 1, length(18) as u32);
    surface.fill_solid(&rule, theme.outline)?;
    Ok(x + length(13))
}

/// Draws the title of a lesson and its steps, as far as they fit in front of `end`.
fn draw_title<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    caption: &Caption,
    Point { mut x, y: middle }: Point,
    end: i32,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let length = |pixels| styles.scale.length(pixels) as i32;
    let at = |x, height: u32| Point::new(x, middle - height as i32 / 2);
    let dim = styles.words(Role::Label, theme.dim, theme.ground);
    let title = styles.names(Role::Title, theme.text, theme.ground);
    let height = title.face.line_height();
    let drawn = title.left(surface, at(x, height), caption.title)?;
    x += drawn.size.width as i32 + length(18);
    if caption.part == Part::Between {
        return Ok(());
    }
    let words = format_args!("step {} of {}", caption.step, caption.steps);
    let dots = i32::from(caption.steps) * length(PITCH);
    let words_width = dim.width(words) as i32;
    if x + dots + length(10) + words_width < end {
        draw_dots(surface, styles, caption, Point::new(x, middle))?;
        x += dots + length(6);
    }
    if x + words_width < end {
        dim.left(surface, at(x, dim.face.line_height()), words)?;
    }
    Ok(())
}

/// Draws a dot for each step: done, current, or to come.
fn draw_dots<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    caption: &Caption,
    at: Point,
) -> Result<(), S::Error> {
    let (theme, radius) = (styles.theme, styles.scale.length(4));
    let mut centre = at + Size::new(radius, 0);
    for step in 1..=caption.steps {
        match step {
            now if now == caption.step => disc(surface, centre, radius + 1, theme.accent)?,
            done if done < caption.step => disc(surface, centre, radius, theme.dim)?,
            _ => {
                disc(surface, centre, radius, theme.edge)?;
                disc(surface, centre, radius - 1, theme.ground)?;
            }
        }
        centre.x += styles.scale.length(PITCH) as i32;
    }
    Ok(())
}

/// Returns the name of the key at a point of the screen.
pub fn key_at(
    styles: &Styles,
    area: Rectangle,
    offer: Offer,
    point: Point,
) -> Option<&'static str> {
    let keys = placed(styles, area, offer);
    let is_in = |key: &&Key| {
        Rectangle::new(
            Point::new(key.left, area.top_left.y),
            Size::new(key.width, area.size.height),
        )
        .contains(point)
    };
    keys.iter()
        .find(is_in)
        .and_then(|key| script_name(offer, key.name))
}

/// A key, its effect, and its position.
struct Key {
    name: &'static str,
    what: &'static str,
    left: i32,
    width: u32,
}

/// Returns the keys from left to right, up to the right edge. The last ones are omitted if the line
/// is short.
fn placed(styles: &Styles, area: Rectangle, offer: Offer) -> Vec<Key, KEYS> {
    let gap = styles.scale.length(20) as i32;
    let room = area.size.width as i32 / 2;
    let (mut all, mut total) = (Vec::<Key, KEYS>::new(), 0);
    for (name, what) in keys(offer) {
        let width = badges::key_width(styles, name, what);
        total += width as i32 + gap;
        if total > room {
            break;
        }
        let left = 0;
        // The caption offers at most as many keys.
        let _ = all.push(Key {
            name,
            what,
            left,
            width,
        });
    }
    let mut end = right(area);
    for key in all.iter_mut().rev() {
        key.left = end - key.width as i32;
        end = key.left - gap;
    }
    all
}

fn margin(area: Rectangle) -> i32 {
    area.size.width as i32 / 80
}

fn right(area: Rectangle) -> i32 {
    area.top_left.x + area.size.width as i32 - margin(area)
}

fn middle(area: Rectangle) -> i32 {
    area.top_left.y + area.size.height as i32 / 2
}
