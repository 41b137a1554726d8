//! The help: keys, numbers and colours. It covers the whole dashboard except the header.
//!
//! ```text
//! ┌ HELP  page 1 of 2   keyboard: US ─── Space next page   ? or Esc close ┐
//! │ KEYS                        │ FRAMES                                   │
//! │ Space      pause or resume  │ usable   all frames of the allocator     │
//! │ 1          state of each    │ shared   frames with more than one       │
//! │ …          frame            │          reference                       │
//! └────────────────────────────────────────────────────────────────────────┘
//! ```
//! The entries of [`words`] flow through columns and pages; the screen size determines their
//! number. An entry stays in one column, and a heading stays with the entry after it.

pub mod entry;
mod words;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::wrap::wrap;
use crate::input::keyboard_layout::KeyboardLayout;
use crate::widgets;
use core::convert::Infallible;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use entry::Entry;

/// The minimum text cells of a column, and the text cells between two columns.
const COLUMN: usize = 48;
const GAP: usize = 3;
/// Text cells of the label, and a space.
const LABEL: usize = 16;

/// The position of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    page: usize,
    column: usize,
    line: usize,
}

/// The columns of a screen.
#[derive(Clone, Copy, Debug)]
struct Pages {
    columns: usize,
    /// Lines of a column.
    lines: usize,
    /// Text cells of a column.
    cells: usize,
}

impl Pages {
    fn new(styles: &Styles, content: Size) -> Pages {
        let room = (content.width / styles.unit()) as usize;
        let columns = ((room + GAP) / (COLUMN + GAP)).max(1);
        Pages {
            columns,
            lines: ((content.height / styles.line()) as usize).max(1),
            cells: (room + GAP) / columns - GAP,
        }
    }

    fn text_cells(&self) -> usize {
        self.cells.saturating_sub(LABEL).max(1)
    }

    /// Returns the number of lines of an entry.
    fn height(&self, entry: &Entry) -> usize {
        wrap(entry.text(), self.text_cells()).count().max(1)
    }

    /// Assigns a position to each entry. Returns the number of pages.
    fn flow<E>(
        &self,
        styles: &Styles,
        mut put: impl FnMut(&Entry, Place) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut place = Place::default();
        words::each(styles.theme, |entry| {
            let heading = matches!(entry, Entry::Heading(_));
            // A blank line separates a heading from the previous entry. The entry after a heading
            // has at most three lines.
            let above = usize::from(heading && place.line > 0);
            let needed = above + self.height(&entry) + if heading { 3 } else { 0 };
            if place.line > 0 && place.line + needed > self.lines {
                place.line = 0;
                place.column += 1;
                if place.column == self.columns {
                    place.column = 0;
                    place.page += 1;
                }
            } else {
                place.line += above;
            }
            put(&entry, place)?;
            place.line += self.height(&entry);
            Ok(())
        })?;
        Ok(place.page + 1)
    }

    /// Returns the number of pages.
    fn count(&self, styles: &Styles) -> usize {
        let Ok(pages) = self.flow(styles, |_, _| Ok::<_, Infallible>(()));
        pages
    }
}

/// Returns the number of pages of the help in this area.
pub fn pages(styles: &Styles, area: Rectangle) -> usize {
    Pages::new(styles, widgets::content(styles, area).size).count(styles)
}

/// Draws a page, counted from 0, and the layout of the keyboard.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    page: usize,
    keyboard: KeyboardLayout,
) -> Result<(), S::Error> {
    let content = widgets::content(styles, area);
    let pages = Pages::new(styles, content.size);
    let detail = format_args!(
        "page {} of {}   keyboard: {}",
        page + 1,
        pages.count(styles),
        keyboard.words()
    );
    widgets::panel(surface, styles, area, "Help", detail, "")?;
    keys(surface, styles, area)?;
    let unit = styles.unit();
    pages.flow(styles, |entry, place| {
        if place.page != page {
            return Ok(());
        }
        let left = (place.column * (pages.cells + GAP)) as u32 * unit;
        let top = place.line as u32 * styles.line();
        let at = content.top_left + Size::new(left, top);
        draw_entry(surface, styles, at, entry, &pages)
    })?;
    Ok(())
}

/// Draws the keys of the help at the right end of the title.
fn keys<S: Surface>(surface: &mut S, styles: &Styles, area: Rectangle) -> Result<(), S::Error> {
    let unit = styles.unit();
    let parts = [
        (&styles.accent, "Space"),
        (&styles.dim, " next page   "),
        (&styles.accent, "?"),
        (&styles.dim, " or "),
        (&styles.accent, "Esc"),
        (&styles.dim, " close"),
    ];
    let cells: usize = parts.iter().map(|(_, words)| width(words)).sum();
    let left = area.size.width.saturating_sub((cells as u32 + 1) * unit);
    let mut at = area.top_left + Size::new(left, unit);
    for (style, words) in parts {
        let cells = width(words);
        style.draw(surface, Slot::left(at, cells), words)?;
        at += Size::new(cells as u32 * unit, 0);
    }
    Ok(())
}

fn draw_entry<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    at: Point,
    entry: &Entry,
    pages: &Pages,
) -> Result<(), S::Error> {
    let unit = styles.unit();
    let slot = Slot::left(at, LABEL - 1);
    let beside = Slot::left(at + Size::new(3 * unit, 0), LABEL - 4);
    match entry {
        Entry::Heading(words) => {
            let slot = Slot::left(at, pages.cells);
            styles.title.draw(surface, slot, words)?;
        }
        Entry::Key(keys, _) => draw_caps(surface, styles, at, keys)?,
        Entry::Word(word, _) => styles.text.draw(surface, slot, word)?,
        Entry::Color(swatch, _) => {
            widgets::swatch(surface, styles, at, *swatch)?;
            styles.text.draw(surface, beside, swatch.words)?;
        }
        Entry::Hatched(word, _) => {
            let area = Rectangle::new(at, Size::new(2 * unit, 2 * unit));
            let theme = styles.theme;
            widgets::hatch(surface, area, theme.warning, theme.panel)?;
            styles.text.draw(surface, beside, word)?;
        }
    }
    let cells = pages.text_cells();
    for (number, line) in wrap(entry.text(), cells).enumerate() {
        let offset = Size::new(LABEL as u32 * unit, number as u32 * styles.line());
        styles
            .dim
            .draw(surface, Slot::left(at + offset, cells), line)?;
    }
    Ok(())
}

/// Draws keys as key caps. Two spaces separate them.
fn draw_caps<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    at: Point,
    keys: &str,
) -> Result<(), S::Error> {
    let (unit, height) = (styles.unit(), styles.text.font.cell().height);
    let mut left = at;
    for key in keys.split("  ") {
        let cells = width(key);
        let cap = Rectangle::new(left, Size::new((cells as u32 + 1) * unit, height));
        widgets::outline(surface, cap, 1, styles.theme.rule)?;
        let inside = left + Size::new(unit / 2, 0);
        styles.text.draw(surface, Slot::left(inside, cells), key)?;
        widgets::outline(surface, cap, 1, styles.theme.rule)?;
        left += Size::new((cells as u32 + 2) * unit, 0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::Theme;
    use crate::view::layout::Layout;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn entries_keep_apart_and_inside(width in 800u32..=3840, height in 600u32..=2160) {
            let layout = Layout::new(Size::new(width, height), crate::view::layout::Arrangement::Five, false).unwrap();
            let styles = Styles::new(Theme::ALL[0], layout.text);
            let pages = Pages::new(&styles, widgets::content(&styles, layout.below_header()).size);
            let mut last = (0, 0, 0);
            let mut after_heading = false;
            let Ok(count) = pages.flow(&styles, |entry, place| {
                let Place { page, column, line } = place;
                assert!((page, column, line) >= last, "entries overlap");
                assert!(line + pages.height(entry) <= pages.lines, "an entry sticks out");
                assert!(column < pages.columns);
                assert!(!after_heading || line > 0, "a heading stands alone");
                after_heading = matches!(entry, Entry::Heading(_));
                last = (page, column, line + pages.height(entry));
                Ok::<_, Infallible>(())
            });
            prop_assert!((1..=8).contains(&count), "{} pages", count);
        }
    }

    #[test]
    fn labels_fit() {
        let styles = Styles::new(Theme::ALL[0], 16);
        let Ok(()) = words::each(styles.theme, |entry| {
            let (label, room) = match entry {
                Entry::Heading(words) => (words, COLUMN),
                Entry::Key(words, _) | Entry::Word(words, _) => (words, LABEL - 1),
                Entry::Hatched(words, _) => (words, LABEL - 4),
                Entry::Color(swatch, _) => (swatch.words, LABEL - 4),
            };
            assert!(width(label) <= room, "{label}");
            assert!(
                entry
                    .text()
                    .chars()
                    .all(|character| crate::graphics::charset::cell(character)
                        != crate::graphics::charset::MISSING)
            );
            Ok::<_, Infallible>(())
        });
    }
}
