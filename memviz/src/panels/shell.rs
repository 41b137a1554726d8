//! The shell, over the bottom of the board: its last output, and the line that is being typed.
//!
//! ```text
//! ┌ SHELL  "help" lists the commands ───── PgUp PgDn older, newer   Esc closes ┐
//! │ memviz> memstat                                                            │  entered: accent
//! │ frames: 65,403 usable, …                                                   │  answered
//! │ [MM] page fault 12 …                                                       │  the log: dim; alarms stand out
//! │ memviz> pagem▁                                                             │
//! └────────────────────────────────────────────────────────────────────────────┘
//! ```
//! The output is drawn whole when it grows, the input line whenever it changes.

use crate::graphics::charset;
use crate::graphics::styles::Styles;
use crate::graphics::surface::{Ramp, Surface};
use crate::graphics::text::{Slot, TextStyle};
use crate::view::terminal::{Line, MOST_COLUMNS, Terminal, Voice};
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

const TITLE: &str = "Shell";
const NOTE: &str = "PgUp PgDn older, newer   Esc closes";
const SHORT_NOTE: &str = "Esc closes";

/// The panel, and the part of the terminal that is on the screen.
#[derive(Clone, Debug)]
pub struct ShellPanel {
    area: Rectangle,
    /// Rows between the newest one and the lowest that is shown.
    back: usize,
    /// The amount of output and the scroll position on the screen.
    drawn: Option<(u64, usize)>,
    drawn_line: Line,
}

impl ShellPanel {
    /// Creates a panel in this rectangle, with nothing on the screen.
    pub fn new(area: Rectangle) -> ShellPanel {
        ShellPanel {
            area,
            back: 0,
            drawn: None,
            drawn_line: Line::default(),
        }
    }

    /// Returns the rectangle of the panel.
    pub fn area(&self) -> Rectangle {
        self.area
    }

    /// Moves the panel, or forces it to be drawn again.
    pub fn place(&mut self, area: Rectangle) {
        self.area = area;
        self.drawn = None;
    }

    /// Scrolls by this many rows.
    pub fn scroll(&mut self, older: i32) {
        self.back = self.back.saturating_add_signed(older as isize);
    }

    /// Returns the rows of a page. One row of the previous page stays visible.
    pub fn page(&self, styles: &Styles) -> i32 {
        (self.rows(styles) as i32 - 1).max(1)
    }

    /// Draws the changes.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        terminal: &Terminal,
    ) -> Result<(), S::Error> {
        let content = widgets::content(styles, self.area);
        let columns = (content.size.width / styles.unit()) as usize;
        let is_new = self.drawn.is_none();
        if is_new {
            let wide = self.area.size.width / styles.unit() > 90;
            let note = if wide { NOTE } else { SHORT_NOTE };
            let hint = "\"help\" lists the commands";
            widgets::panel(surface, styles, self.area, TITLE, hint, note)?;
        }
        let line = terminal.line();
        let typed = *line != self.drawn_line;
        if typed {
            // Typing scrolls to the newest row.
            self.back = 0;
        }
        let now = (terminal.written(), self.back);
        if self.drawn != Some(now) {
            self.draw_text(surface, styles, terminal, columns)?;
            self.drawn = Some((terminal.written(), self.back));
        }
        if typed || is_new {
            self.drawn_line = line.clone();
            let below = self.rows(styles) as u32 * pitch(styles);
            let at = content.top_left + Size::new(0, below);
            draw_line(surface, styles, line, at, columns)?;
        }
        Ok(())
    }

    /// Returns the rows of output, above the input line.
    fn rows(&self, styles: &Styles) -> usize {
        let height = widgets::content(styles, self.area).size.height;
        (height / pitch(styles)).saturating_sub(1) as usize
    }

    /// Draws the last rows, from the bottom up, and limits the scroll position.
    fn draw_text<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        terminal: &Terminal,
        columns: usize,
    ) -> Result<(), S::Error> {
        let rows = self.rows(styles);
        let mut there = 0;
        terminal.rows(columns, |_, _| {
            there += 1;
            there < self.back + rows
        });
        self.back = self.back.min(there.saturating_sub(rows));

        let content = widgets::content(styles, self.area);
        let mut free = rows;
        let mut result = Ok(());
        let mut skip = self.back;
        terminal.rows(columns, |voice, cells| {
            if skip > 0 {
                skip -= 1;
                return true;
            }
            let Some(row) = free.checked_sub(1) else {
                return false;
            };
            free = row;
            let at = content.top_left + Size::new(0, row as u32 * pitch(styles));
            let style = match voice {
                Voice::Person => &styles.accent,
                Voice::Answer => &styles.text,
                Voice::Log => &styles.dim,
                Voice::Alarm => &styles.warning,
            };
            result = draw_row(surface, style, at, cells, columns);
            result.is_ok()
        });
        result?;
        let above = Size::new(content.size.width, free as u32 * pitch(styles));
        let above = Rectangle::new(content.top_left, above);
        surface.fill_solid(&above, styles.theme.panel)
    }
}

/// Returns the row pitch.
fn pitch(styles: &Styles) -> u32 {
    styles.text.font.cell().height
}

/// Draws a row of this many columns.
fn draw_row<S: Surface>(
    surface: &mut S,
    style: &TextStyle,
    at: Point,
    cells: &[u8],
    columns: usize,
) -> Result<(), S::Error> {
    let cell = style.font.cell();
    surface.draw_cells(at, style.font, cells, &style.ramp)?;
    let left = cells.len() as u32 * cell.width;
    let rest = Size::new(columns as u32 * cell.width - left, cell.height);
    let rest = Rectangle::new(at + Size::new(left, 0), rest);
    surface.fill_solid(&rest, style.ramp.background())
}

/// Draws the input line and the cursor, a cell in reverse. A line that is too long shows its end.
fn draw_line<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    line: &Line,
    at: Point,
    columns: usize,
) -> Result<(), S::Error> {
    let columns = columns.clamp(1, MOST_COLUMNS);
    let hidden = (line.cursor + 1).saturating_sub(columns);
    let mut cells = [0; MOST_COLUMNS];
    let shown = line.text.chars().skip(hidden).take(columns);
    let mut count = 0;
    for (cell, character) in cells.iter_mut().zip(shown) {
        *cell = charset::cell(character) as u8;
        count += 1;
    }
    draw_row(surface, &styles.text, at, &cells[..count], columns)?;
    let place = line.cursor - hidden;
    let theme = styles.theme;
    let reverse = TextStyle {
        font: styles.text.font,
        ramp: Ramp::new(theme.panel, theme.accent),
    };
    let at = at + Size::new(place as u32 * styles.unit(), 0);
    let under = line.text[line.cursor.min(line.text.len())..].chars().next();
    reverse.draw(surface, Slot::left(at, 1), under.unwrap_or(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::canvas::Canvas;
    use crate::graphics::theme::DARK;
    use embedded_graphics::geometry::Size;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const SCREEN: Size = Size::new(400, 160);

    fn painted(work: impl FnOnce(&mut Canvas)) -> Vec<u32> {
        let (mut pixels, mut marks) = (vec![1; 400 * 160], vec![0; 160]);
        work(&mut Canvas::new(&mut pixels, &mut marks, SCREEN).unwrap());
        pixels
    }

    #[derive(Clone, Debug)]
    enum Step {
        Say(String),
        Type(String, usize),
        Scroll(i32),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            "(\\[MM\\] (error: )?)?[a-z ]{0,70}".prop_map(Step::Say),
            ("[a-z]{0,120}", 0usize..121)
                .prop_map(|(text, at)| Step::Type(text.clone(), at.min(text.len()))),
            (-9..9i32).prop_map(Step::Scroll),
        ]
    }

    proptest! {
        #[test]
        fn drawing_changes_equals_a_full_redraw(steps in vec(vec(step(), 0..4), 1..10)) {
            let styles = Styles::new(&DARK, 16);
            let area = Rectangle::new(Point::zero(), SCREEN);
            let mut terminal = Terminal::new("memviz> ");
            let mut panel = ShellPanel::new(area);
            let changes = painted(|canvas| {
                for steps in &steps {
                    for step in steps {
                        match step {
                            Step::Say(line) => terminal.write(format_args!("{line}\n")),
                            Step::Type(text, cursor) => terminal.set_line(text, *cursor),
                            Step::Scroll(rows) => panel.scroll(*rows),
                        }
                    }
                    let Ok(()) = panel.draw(canvas, &styles, &terminal);
                }
            });
            let whole = painted(|canvas| {
                panel.place(area);
                let Ok(()) = panel.draw(canvas, &styles, &terminal);
            });
            prop_assert!(!whole.contains(&1), "not all of it was painted");
            prop_assert!(changes == whole);
        }
    }
}
