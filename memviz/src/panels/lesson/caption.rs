//! The caption of a lesson: the question, its choices, the answer, and a reason.
//!
//! ```text
//! ▌ The child writes to this page. What does the kernel do?            question
//! ▌ (A end the child)  (B copy all frames)  (C copy this frame ✓)      choices
//! ▌ The CPU faults, and the handler copies this one frame.             answer, large
//! ▌ Not B: the other frames are not written.                           reason
//! ```
//! An open question is large, with nothing below its choices. If the answer does not fit, the
//! reason is omitted, then the question with its choices: choices are meaningless without their
//! question.

use super::pills::Pills;
use super::pointed_words::PointedWords;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::graphics::wrap::wrap_fitting;
use crate::view::ballot::Ballot;
use crate::view::caption::{Caption, Part};
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// Draws the caption below a figure, with its bar.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    caption: Option<&Caption>,
    ballot: Ballot,
) -> Result<(), S::Error> {
    surface.fill_solid(&area, styles.theme.ground)?;
    let Some(caption) = caption else {
        return Ok(());
    };
    let margin = (area.size.width / 80) as i32;
    let left = area.top_left.x + margin;
    let width = styles.scale.length(4);
    let bar = rectangle(left, area.top_left.y, width, area.size.height);
    surface.fill_solid(&bar, styles.theme.accent)?;
    CaptionWords::below_figure(styles, area, caption, ballot).draw(surface)
}

/// Returns the choice at a point of the caption below a figure.
pub fn choice_at(
    styles: &Styles,
    area: Rectangle,
    caption: &Caption,
    ballot: Ballot,
    point: Point,
) -> Option<u8> {
    CaptionWords::below_figure(styles, area, caption, ballot).choice_at(point)
}

/// Returns the words of a caption below a figure: right of the bar.
fn inside(styles: &Styles, area: Rectangle) -> Rectangle {
    let margin = area.size.width / 80;
    let left = margin + styles.scale.length(20);
    let width = area.size.width.saturating_sub(left + margin);
    let at = area.top_left + Size::new(left, 0);
    Rectangle::new(at, Size::new(width, area.size.height))
}

/// The words of a caption in a rectangle.
pub struct CaptionWords<'c> {
    /// The text styles.
    pub styles: &'c Styles,
    /// The rectangle.
    pub area: Rectangle,
    /// The colour of the rectangle.
    pub ground: Rgb888,
    /// The caption.
    pub caption: &'c Caption,
    /// The choice and the votes of the viewers.
    pub ballot: Ballot,
}

/// The vertical positions of the parts that fit.
struct Plan {
    question: Option<i32>,
    pills: Option<i32>,
    words: (LabelStyle, i32),
    because: Option<i32>,
}

impl<'c> CaptionWords<'c> {
    /// Returns the words below a figure.
    pub fn below_figure(
        styles: &'c Styles,
        area: Rectangle,
        caption: &'c Caption,
        ballot: Ballot,
    ) -> CaptionWords<'c> {
        CaptionWords {
            styles,
            area: inside(styles, area),
            ground: styles.theme.ground,
            caption,
            ballot,
        }
    }

    /// Returns whether both show the same parts, with the answer in the same size.
    pub fn is_like(&self, other: &CaptionWords<'_>) -> bool {
        let parts = |plan: &Plan| {
            let Plan {
                question,
                pills,
                words,
                because,
            } = plan;
            let size = words.0.face.size();
            (question.is_some(), pills.is_some(), because.is_some(), size)
        };
        parts(&self.plan()) == parts(&other.plan())
    }

    /// Draws the words.
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let plan = self.plan();
        if let (Some(question), Some(y)) = (&self.caption.question, plan.question) {
            self.put(surface, &self.question_style(), question, y)?;
        }
        if let Some(y) = plan.pills {
            self.pills().draw(surface, self.at(y))?;
        }
        let (style, y) = plan.words;
        self.put(surface, &style, &self.caption.words, y)?;
        match plan.because {
            Some(y) => self.put_reason(surface, y),
            None => Ok(()),
        }
    }

    /// Returns the choice at a point of the screen.
    pub fn choice_at(&self, point: Point) -> Option<u8> {
        let y = self.plan().pills?;
        self.pills().choice_at(self.at(y), point)
    }

    fn plan(&self) -> Plan {
        let is_question = self.caption.part == Part::Question;
        let [asked, pills] = self.question_and_choices();
        let style = self.words_style(asked + pills);
        let words = self.height(&style, &self.caption.words);
        let mut room = self.area.size.height.saturating_sub(words);
        let mut fits = |height: u32| {
            let is_room = height > 0 && height <= room;
            room -= if is_room { height } else { 0 };
            is_room.then_some(height)
        };
        let (question, pills) = (fits(asked), fits(pills));
        // The reason names a choice.
        let because = match is_question || pills.is_none() {
            true => None,
            false => fits(self.height(&self.reason_style(), self.caption.because)),
        };
        let all = [question, pills, because];
        let parts = 1 + all.iter().flatten().count() as u32;
        let gap = (room / (parts + 1)).min(self.styles.scale.length(8));
        let mut y = self.area.top_left.y + gap as i32;
        let mut next = |height: u32| {
            let at = y;
            y += (height + gap) as i32;
            at
        };
        match is_question {
            true => Plan {
                words: (style, next(words)),
                pills: pills.map(next),
                question: None,
                because: None,
            },
            false => Plan {
                question: question.map(&mut next),
                pills: pills.map(&mut next),
                words: (style, next(words)),
                because: because.map(next),
            },
        }
    }

    /// Returns the height of the question above an answer, and of the choices. Above an answer they
    /// are 0 unless there is room for both.
    fn question_and_choices(&self) -> [u32; 2] {
        let pills = self.pills().height();
        if self.caption.part == Part::Question {
            return [0, pills];
        }
        let Some(question) = &self.caption.question else {
            return [0; 2];
        };
        let style = self.question_style();
        let asked = self.height(&style, question);
        let answer = self.height(&style, &self.caption.words);
        match asked + pills + answer <= self.area.size.height {
            true => [asked, pills],
            false => [0; 2],
        }
    }

    /// Returns the style of the question or the answer: large if it fits beside its choices.
    fn words_style(&self, pills: u32) -> LabelStyle {
        let theme = self.styles.theme;
        let roles = [Role::Caption, Role::Title, Role::Label];
        let style = |role| self.styles.words(role, theme.text, self.ground);
        let fits = |role: &Role| {
            self.height(&style(*role), &self.caption.words) + pills <= self.area.size.height
        };
        style(roles.into_iter().find(fits).unwrap_or(Role::Title))
    }

    fn question_style(&self) -> LabelStyle {
        let dim = self.styles.theme.dim;
        self.styles.words(Role::Title, dim, self.ground)
    }

    fn reason_style(&self) -> LabelStyle {
        let dim = self.styles.theme.dim;
        self.styles.words(Role::Label, dim, self.ground)
    }

    fn pills(&self) -> Pills<'_> {
        Pills {
            styles: self.styles,
            ground: self.ground,
            caption: self.caption,
            ballot: self.ballot,
            width: self.area.size.width,
        }
    }

    /// Returns the height of words in lines of this width.
    fn height(&self, style: &LabelStyle, words: &str) -> u32 {
        self.lines(style, words).count() as u32 * style.face.line_height()
    }

    fn lines<'w>(&self, style: &LabelStyle, words: &'w str) -> impl Iterator<Item = &'w str> {
        let (style, width) = (*style, self.area.size.width);
        wrap_fitting(words, move |line| self.pointed(style).width(line) <= width)
    }

    fn pointed(&self, style: LabelStyle) -> PointedWords<'c> {
        let styles = self.styles;
        PointedWords { styles, style }
    }

    fn at(&self, y: i32) -> Point {
        Point::new(self.area.top_left.x, y)
    }

    fn put<S: Surface>(
        &self,
        surface: &mut S,
        style: &LabelStyle,
        words: &str,
        mut y: i32,
    ) -> Result<(), S::Error> {
        // Words that do not fit are cut at a whole line.
        let end = (self.area.top_left + self.area.size).y;
        let line_height = style.face.line_height() as i32;
        let room = (end - y).max(0) / line_height;
        for line in self.lines(style, words).take(room as usize) {
            self.pointed(*style).draw(surface, self.at(y), line)?;
            y += line_height;
        }
        Ok(())
    }

    /// Draws the reason. Its first words, up to a colon, are bold.
    fn put_reason<S: Surface>(&self, surface: &mut S, y: i32) -> Result<(), S::Error> {
        let style = self.reason_style();
        let reason = self.caption.because;
        let (head, rest) = match reason.split_once(':') {
            Some((head, rest)) if self.lines(&style, reason).count() == 1 => (head, rest),
            _ => return self.put(surface, &style, reason, y),
        };
        let theme = self.styles.theme;
        let bold = self.styles.names(Role::Label, theme.text, self.ground);
        let drawn = bold.left(surface, self.at(y), format_args!("{head}:"))?;
        let after = self.at(y) + Size::new(drawn.size.width, 0);
        style.left(surface, after, rest).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::DARK;
    use crate::testing::captions;
    use crate::view::caption::Words;

    /// Choices are never shown without their question, at any height.
    #[test]
    fn an_answer_has_its_choices_with_the_question_or_not_at_all() {
        let words = |text: &str| Words::try_from(text).unwrap();
        let caption = Caption {
            words: words("None: both processes map the same frames."),
            question: Some(words("How many frames are copied?")),
            choices: &["None", "All"],
            because: "Not B: nothing has written yet.",
            ..captions::caption(1, Part::Answer)
        };
        let styles = Styles::new(&DARK, 16);
        let mut shown = std::collections::BTreeSet::new();
        for height in 20..160 {
            let area = rectangle(0, 0, 1200, height);
            let words = CaptionWords::below_figure(&styles, area, &caption, Ballot::default());
            let plan = words.plan();
            assert_eq!(plan.question.is_some(), plan.pills.is_some(), "{height}");
            assert!(plan.pills.is_some() || plan.because.is_none(), "{height}");
            shown.insert(plan.pills.is_some());
        }
        assert_eq!(shown.len(), 2, "both cases occur");
    }
}
