//! The caption below a figure: the question, its choices, the answer, and a reason.
//!
//! ```text
//! ▌ The child writes to this page. What does the kernel do?            question
//! ▌ (A end the child)  (B copy all frames)  (C copy this frame ✓)      choices
//! ▌ The CPU faults, and the handler copies this one frame.             answer, large
//! ▌ Not B: the other frames are not written.                           reason
//! ```
//! While a question stands, it is large and nothing stands below its choices. If the answer does
//! not fit, the reason is left out, then the question, then the choices.

use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::graphics::wrap::wrap_fitting;
use crate::view::caption::{Caption, Part};
use crate::widgets::shapes::{edged_box, rectangle, round_box};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The letters of the choices.
const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// Draws the caption.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    caption: Option<&Caption>,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    surface.fill_solid(&area, theme.ground)?;
    let Some(caption) = caption else {
        return Ok(());
    };
    let length = |pixels| styles.scale.length(pixels);
    let margin = area.size.width / 80;
    let bar = rectangle(
        area.top_left.x + margin as i32,
        area.top_left.y,
        length(4),
        area.size.height,
    );
    surface.fill_solid(&bar, theme.accent)?;
    let left = bar.top_left.x + length(20) as i32;
    let inside = Rectangle::new(
        Point::new(left, area.top_left.y),
        Size::new(
            (area.top_left.x + (area.size.width - margin) as i32 - left).max(0) as u32,
            area.size.height,
        ),
    );
    let is_question = caption.part == Part::Question;
    let question = caption.question.as_deref().filter(|_| !is_question);
    let large = styles.words(Role::Caption, theme.text, theme.ground);
    let title = styles.words(Role::Title, theme.dim, theme.ground);
    let small = styles.words(Role::Label, theme.dim, theme.ground);
    let pills = Pills { styles, caption };
    let mut pills_height = pills.height(inside.size.width);
    let because = match (is_question, caption.because) {
        (false, because) => because,
        (true, _) => "",
    };
    let room = area.size.height;
    let of = |style: &LabelStyle, words: &str| height(style, words, inside.size.width);
    let answer = of(&large, &caption.words);
    let answer = if answer + pills_height <= room {
        large
    } else {
        title_in_text(styles)
    };
    let has_pills = is_question || of(&answer, &caption.words) + pills_height <= room;
    pills_height *= u32::from(has_pills);
    let mut left_over = room.saturating_sub(of(&answer, &caption.words) + pills_height);
    let mut fits = |height: u32| {
        let is_room = height <= left_over;
        left_over -= if is_room { height } else { 0 };
        is_room
    };
    let question = question.filter(|words| fits(of(&title, words)));
    let because = Some(because).filter(|words| !words.is_empty() && fits(of(&small, words)));
    let parts = 1 + u32::from(question.is_some()) + u32::from(because.is_some());
    let gap = left_over / (parts + 1).max(2);
    let mut y = area.top_left.y + (gap.min(length(8))) as i32;
    let gap = gap.min(length(6));
    let put = |surface: &mut S, style: &LabelStyle, words: &str, y: &mut i32| {
        for line in wrap_fitting(words, |line| style.width(line) <= inside.size.width) {
            style.left(surface, Point::new(left, *y), line)?;
            *y += style.face.line_height() as i32;
        }
        *y += gap as i32;
        Ok(())
    };
    if is_question {
        put(surface, &answer, &caption.words, &mut y)?;
        return pills.draw(surface, Point::new(left, y), inside.size.width);
    }
    if let Some(question) = question {
        put(surface, &title, question, &mut y)?;
    }
    if has_pills {
        pills.draw(surface, Point::new(left, y), inside.size.width)?;
    }
    y += pills_height as i32;
    put(surface, &answer, &caption.words, &mut y)?;
    if let Some(because) = because {
        put(surface, &small, because, &mut y)?;
    }
    Ok(())
}

fn title_in_text(styles: &Styles) -> LabelStyle {
    styles.words(Role::Title, styles.theme.text, styles.theme.ground)
}

/// The height of words in lines of this width.
fn height(style: &LabelStyle, words: &str, width: u32) -> u32 {
    let lines = wrap_fitting(words, |line| style.width(line) <= width).count();
    lines as u32 * style.face.line_height()
}

/// The choices of a question in pills; the right one is filled once the answer is shown.
struct Pills<'c> {
    styles: &'c Styles,
    caption: &'c Caption,
}

impl Pills<'_> {
    /// The height of all rows of pills, with a gap below.
    fn height(&self, width: u32) -> u32 {
        if self.caption.choices.is_empty() {
            return 0;
        }
        let mut rows = 0;
        self.each(Point::zero(), width, |at, _, _, _| {
            rows = rows.max(at.y as u32 / self.pitch() + 1);
            Ok::<(), core::convert::Infallible>(())
        })
        .unwrap_or_else(|never| match never {});
        rows * self.pitch()
    }

    /// The distance between two rows.
    fn pitch(&self) -> u32 {
        self.pill_height() + self.styles.scale.length(6)
    }

    fn pill_height(&self) -> u32 {
        let theme = self.styles.theme;
        let style = self.styles.words(Role::Label, theme.text, theme.ground);
        style.face.line_height() + self.styles.scale.length(6)
    }

    /// Calls `put` with position, width, letter and words of each pill.
    fn each<E>(
        &self,
        at: Point,
        room: u32,
        mut put: impl FnMut(Point, u32, usize, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let words = styles.names(Role::Label, theme.text, theme.ground);
        let padding = styles.scale.length(12);
        let mut corner = at;
        for (index, choice) in self.caption.choices.iter().enumerate() {
            let inside = words.width(format_args!("{}  {choice} ✓", LETTERS[index]));
            let width = inside + 2 * padding;
            if corner.x > at.x && corner.x + width as i32 > at.x + room as i32 {
                corner = Point::new(at.x, corner.y + self.pitch() as i32);
            }
            put(corner, width, index, choice)?;
            corner.x += (width + styles.scale.length(10)) as i32;
        }
        Ok(())
    }

    fn draw<S: Surface>(&self, surface: &mut S, at: Point, room: u32) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let height = self.pill_height();
        let is_answered = self.caption.part == Part::Answer;
        self.each(at, room, |at, width, index, choice| {
            let area = Rectangle::new(at, Size::new(width, height));
            let is_right = is_answered && index == self.caption.right;
            let inside = at + Size::new(styles.scale.length(12), styles.scale.length(3));
            let letter = LETTERS[index];
            let (style, mark) = if is_right {
                round_box(surface, area, height / 2, theme.accent)?;
                let style = styles.names(Role::Label, theme.on_accent, theme.accent);
                (style, " ✓")
            } else {
                edged_box(surface, area, height / 2, 1, theme.edge, theme.ground)?;
                (styles.words(Role::Label, theme.dim, theme.ground), "")
            };
            style.left(surface, inside, format_args!("{letter}  {choice}{mark}"))?;
            Ok(())
        })
    }
}
